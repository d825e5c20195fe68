package db_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"tieline/db"
	"tieline/db/dbtest"
	"tieline/internal/id"
	"tieline/internal/run"
)

// history stores a run for each day of the last days, oldest first: every fourth failed, the oldest still queued.
func history(t *testing.T, d *db.DB, days int) []run.Run {
	t.Helper()
	c, in := dbtest.Customer(t, d, "acme"), dbtest.Integration(t, d, "hubspot")
	g := dbtest.Integrator(t, d, in, c)
	var list []run.Run
	for n := days - 1; n >= 0; n-- {
		r := dbtest.NewRun(t, d, in, g, c, stampAgo(n*24*60+30))
		if n%4 == 0 {
			r = failed(r, run.DNS)
		}
		if n == days-1 {
			r.Status, r.Failure, r.FinishedAt = run.Queued, nil, time.Time{}
		}
		body := make([]byte, 4096)
		rnd := rand.New(rand.NewPCG(uint64(n), 1))
		for i := range body {
			body[i] = byte(rnd.Uint32())
		}
		r.Attempts[0].Exchanges[0].Response.Body = body
		list = append(list, dbtest.Run(t, d, r))
	}
	return list
}

func purge(t *testing.T, d *db.DB, p db.Policy, batch int) (rows, bodies int64) {
	t.Helper()
	for range 1000 {
		done, err := d.Purge(t.Context(), p, time.Now(), batch)
		if err != nil {
			t.Fatal(err)
		}
		rows, bodies = rows+done.Rows, bodies+done.Bodies
		if !done.More {
			return rows, bodies
		}
	}
	t.Fatal("the purge does not end")
	return
}

const day = 24 * time.Hour

func TestRetentionByAgeRemovesRowsWithAllThatBelongsToThem(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		list := history(t, d, 40)
		policy := db.Policy{Rows: 30 * day}
		preview, err := d.PurgePreview(t.Context(), policy, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if left := walk(t, d, everything, db.RunFilter{Limit: 1000}); len(left) != 40 {
			t.Fatalf("a preview removed something: %d left", len(left))
		}
		rows, _ := purge(t, d, policy, 3)
		if rows != 9 || preview.Rows != 9 {
			t.Errorf("removed %d, preview %d, want 9", rows, preview.Rows)
		}
		left := walk(t, d, everything, db.RunFilter{Limit: 1000})
		if len(left) != 31 || !slices.Contains(left, list[0].ID) {
			t.Errorf("%d left; what is not over must stay", len(left))
		}
		if found := walk(t, d, everything, db.RunFilter{Text: "findcontact", Limit: 1000}); len(found) != 30 {
			t.Errorf("%d found by text, want 30", len(found))
		}
	})
}

func TestRetentionOfBodiesSparesFailedRunsThatNobodyHandled(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		list := history(t, d, 40)
		policy := db.Policy{Rows: 90 * day, Bodies: 20 * day}
		var dismissed string
		for _, r := range list {
			if r.Status == run.Failed {
				dismissed = r.ID
				break
			}
		}
		dbtest.Tx(t, d, func(tx *db.Tx) error { return tx.DismissRun(t.Context(), dismissed, "known", time.Now()) })
		preview, err := d.PurgePreview(t.Context(), policy, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		rows, bodies := purge(t, d, policy, 3)
		if rows != 0 || bodies != preview.Bodies || bodies == 0 {
			t.Errorf("removed %d rows and %d bodies, preview %d", rows, bodies, preview.Bodies)
		}
		limit := time.Now().Add(-20 * day)
		for _, r := range list {
			back := must[run.Run](t)(d.Run(t.Context(), everything, r.ID))
			spared := r.CreatedAt.After(limit) || r.Status == run.Queued || r.Status == run.Failed && r.ID != dismissed
			got := back.Attempts[0].Exchanges[0].Response.Body
			if spared != bytes.Equal(got, r.Attempts[0].Exchanges[0].Response.Body) || spared != (len(back.Input) > 0) {
				t.Errorf("%s of %s: %d bytes of the body left, spared %v", r.Status, r.CreatedAt.Format(time.DateOnly), len(got), spared)
			}
			if len(back.Attempts) != 1 || back.Attempts[0].Exchanges[0].Response.Status != 200 {
				t.Errorf("the run itself lost something: %+v", back)
			}
		}
		if _, bodies := purge(t, d, policy, 3); bodies != 0 {
			t.Errorf("a second purge removed %d bodies", bodies)
		}
	})
}

func TestRetentionByCountAndBytesKeepsTheNewest(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		list := history(t, d, 40)
		newest := func(n int) []string {
			var ids []string
			for _, r := range list[len(list)-n:] {
				ids = append(ids, r.ID)
			}
			slices.Reverse(ids)
			return append(ids, list[0].ID)
		}
		purge(t, d, db.Policy{MaxRuns: 25}, 4)
		if left := walk(t, d, everything, db.RunFilter{Limit: 1000}); !slices.Equal(left, newest(25)) {
			t.Errorf("by count: %d left", len(left))
		}
		purge(t, d, db.Policy{MaxBytes: 60_000}, 4)
		left := walk(t, d, everything, db.RunFilter{Limit: 1000})
		// About 5.5 KB a run: some ten of them fill 60 KB.
		if n := len(left) - 1; n < 8 || n > 12 || !slices.Equal(left, newest(n)) {
			t.Errorf("by bytes: %d left", n)
		}
		purge(t, d, db.Policy{}, 4)
		if again := walk(t, d, everything, db.RunFilter{Limit: 1000}); !slices.Equal(left, again) {
			t.Error("a policy without bounds removed something")
		}
	})
}

func TestLastSuccessOutlivesTheRun(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		list := history(t, d, 10)
		purge(t, d, db.Policy{MaxRuns: 1}, 100)
		g, err := d.Integrator(t.Context(), everything, list[9].IntegratorID)
		if err != nil || !g.LastSuccessAt.Equal(list[8].FinishedAt) || !g.LastFailureAt.Equal(list[9].FinishedAt) || g.LastCause != "dns" {
			t.Errorf("%+v %v", g, err)
		}
	})
}

func TestAnEmptiedFileGivesItsRoomBack(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, db.SQLite)
	history(t, d, 400)
	full := must[db.Size](t)(d.Size(t.Context()))
	purge(t, d, db.Policy{MaxRuns: 1}, 100)
	emptied := must[db.Size](t)(d.Size(t.Context()))
	if emptied.Free == 0 {
		t.Fatalf("nothing was freed: %+v", emptied)
	}
	for more := true; more; {
		var err error
		if more, err = d.IncrementalVacuum(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if after := must[db.Size](t)(d.Size(t.Context())); after.Bytes >= full.Bytes || after.Free != 0 {
		t.Errorf("full %+v, after %+v", full, after)
	}
}

func TestTwoRunsOfOneMomentBothHaveTheirPlace(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c, in := dbtest.Customer(t, d, "acme"), dbtest.Integration(t, d, "hubspot")
		r := dbtest.NewRun(t, d, in, dbtest.Integrator(t, d, in, c), c, time.Now())
		first := id.New()
		for n := range 5 { // they differ only where the number of the row does not reach
			r.ID = first[:35] + strconv.Itoa(n)
			r.Key = fmt.Sprint("key", n)
			dbtest.Run(t, d, r)
		}
		for n := range 5 {
			if back := must[run.Run](t)(d.Run(t.Context(), everything, first[:35]+strconv.Itoa(n))); back.Key != fmt.Sprint("key", n) {
				t.Errorf("run %d is %s", n, back.Key)
			}
		}
		if list := walk(t, d, everything, db.RunFilter{Limit: 2}); len(list) != 5 {
			t.Errorf("%d in the list", len(list))
		}
		if list := walk(t, d, everything, db.RunFilter{Text: first[:35] + "3", Limit: 10}); len(list) != 1 {
			t.Errorf("%d found by id", len(list))
		}
	})
}

func TestRunsThatWereStoredUnderWayCountOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c, in := dbtest.Customer(t, d, "acme"), dbtest.Integration(t, d, "hubspot")
		g := dbtest.Integrator(t, d, in, c)
		input := func(n int) []byte {
			noise := make([]byte, 20<<10)
			rnd := rand.New(rand.NewPCG(uint64(n), 7))
			for i := range noise {
				noise[i] = byte(rnd.Uint32())
			}
			return fmt.Appendf(nil, `{"input":"%x"}`, noise)
		}
		for n := range 40 {
			r := dbtest.NewRun(t, d, in, g, c, stampAgo((40-n)*60))
			r.Input = input(n)
			begun := r
			begun.Status, begun.Attempts, begun.FinishedAt = run.Running, nil, time.Time{}
			dbtest.Run(t, d, begun)
			ended, err := db.PackRun(r)
			if err != nil {
				t.Fatal(err)
			}
			if err := d.Group(t.Context(), func(tx *db.Tx) error { return tx.FinishRun(t.Context(), ended) }); err != nil {
				t.Fatal(err)
			}
		}
		// About 42 KB a run: some thirty of them fill 1.3 MB, and fifteen would where each counted twice.
		purge(t, d, db.Policy{MaxBytes: 1_300_000}, 4)
		if n := len(walk(t, d, everything, db.RunFilter{Limit: 1000})); n < 25 || n > 32 {
			t.Errorf("%d runs are left", n)
		}
	})
}
