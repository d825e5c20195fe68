package db_test

import (
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"tieline/db"
	"tieline/db/dbtest"
	"tieline/internal/fault"
	"tieline/internal/run"
)

func TestRunsThatShareACommitAreStoredOrRefusedEachForItself(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c, in := dbtest.Customer(t, d, "acme"), dbtest.Integration(t, d, "hubspot")
		g := dbtest.Integrator(t, d, in, c)
		known := dbtest.Run(t, d, dbtest.NewRun(t, d, in, g, c, stampAgo(9)))
		var runs []run.Run
		for n := range 12 {
			r := dbtest.NewRun(t, d, in, g, c, stampAgo(1))
			r.Key = fmt.Sprintf("together%d", n)
			switch n {
			case 4:
				r.ID = known.ID // stored before
			case 7, 8:
				last, _ := strconv.ParseInt(runs[6].ID[35:], 16, 64)
				r.ID = runs[6].ID[:35] + strconv.FormatInt((last+int64(n))%16, 16) // the same moment: their rows move on
			case 9:
				r.ID = runs[5].ID // twice in this commit
			}
			runs = append(runs, r)
		}
		results := together(t, d, len(runs), func(tx *db.Tx, n int) error { return tx.InsertRun(t.Context(), packed(t, runs[n])) })
		for n, err := range results {
			if n == 4 || n == 9 {
				wantKind(t, err, fault.Conflict)
				continue
			}
			if err != nil {
				t.Errorf("run %d: %v", n, err)
				continue
			}
			back := must[run.Run](t)(d.Run(t.Context(), everything, runs[n].ID))
			found, _, err := d.Runs(t.Context(), everything, db.RunFilter{Text: runs[n].Key})
			if err != nil || len(found) != 1 || found[0].ID != runs[n].ID || back.Key != runs[n].Key || len(back.Attempts) != len(runs[n].Attempts) {
				t.Errorf("run %d came back as %+v, found as %+v, %v", n, back, found, err)
			}
		}
		if list, _, err := d.Runs(t.Context(), everything, db.RunFilter{}); err != nil || len(list) != 11 {
			t.Errorf("%d runs, %v", len(list), err)
		}
	})
}

func TestRunsThatEndInOneCommitEndEachForItself(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c, in := dbtest.Customer(t, d, "acme"), dbtest.Integration(t, d, "hubspot")
		g := dbtest.Integrator(t, d, in, c)
		var runs []run.Run
		var started []db.PackedRun
		for n := range 8 {
			r := dbtest.NewRun(t, d, in, g, c, stampAgo(1))
			r.Status, r.Result, r.Key = run.Running, nil, fmt.Sprintf("together%d", n)
			started = append(started, packed(t, r))
			err := d.Group(t.Context(), func(tx *db.Tx) error { return tx.InsertRun(t.Context(), started[n]) })
			if err != nil {
				t.Fatal(err)
			}
			if n == 3 {
				err := d.Tx(t.Context(), func(tx *db.Tx) error {
					return tx.SetRunStatus(t.Context(), r.ID, run.Cancelled, "by hand", stampAgo(0))
				})
				if err != nil {
					t.Fatal(err)
				}
			}
			r.Status, r.Note = run.Succeeded, "over"
			runs = append(runs, r)
		}
		results := together(t, d, len(runs), func(tx *db.Tx, n int) error {
			return tx.FinishRun(t.Context(), packed(t, runs[n]).Instead(started[n]))
		})
		for n, err := range results {
			back := must[run.Run](t)(d.Run(t.Context(), everything, runs[n].ID))
			if n == 3 {
				wantKind(t, err, fault.Conflict)
				if back.Status != run.Cancelled || back.Note != "by hand" {
					t.Errorf("run 3 became %s, %q", back.Status, back.Note)
				}
				continue
			}
			found, _, searching := d.Runs(t.Context(), everything, db.RunFilter{Text: runs[n].Key})
			if err != nil || back.Status != run.Succeeded || back.Note != "over" || searching != nil || len(found) != 1 {
				t.Errorf("run %d: %v; it is %s, %q; %d found, %v", n, err, back.Status, back.Note, len(found), searching)
			}
		}
	})
}

func packed(t *testing.T, r run.Run) db.PackedRun {
	t.Helper()
	return must[db.PackedRun](t)(db.PackRun(r))
}

// together does n grouped writes in their order in one commit.
func together(t *testing.T, d *db.DB, n int, write func(tx *db.Tx, n int) error) []error {
	t.Helper()
	wait, begun, first := make(chan bool), make(chan bool), make(chan error, 1)
	go func() {
		first <- d.Group(t.Context(), func(*db.Tx) error { close(begun); <-wait; return nil })
	}()
	<-begun // from now on the writes wait, and then share a commit
	results := make([]error, n)
	var all sync.WaitGroup
	for k := range n {
		all.Go(func() { results[k] = d.Group(t.Context(), func(tx *db.Tx) error { return write(tx, k) }) })
		time.Sleep(2 * time.Millisecond) // in this order
	}
	close(wait)
	all.Wait()
	if err := <-first; err != nil {
		t.Fatal(err)
	}
	return results
}
