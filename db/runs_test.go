package db_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"tieline/db"
	"tieline/db/dbtest"
	"tieline/internal/account"
	"tieline/internal/fault"
	"tieline/internal/id"
	"tieline/internal/integration"
	"tieline/internal/run"
)

func stampAgo(minutes int) time.Time {
	return time.Now().UTC().Truncate(time.Millisecond).Add(-time.Duration(minutes) * time.Minute)
}

func failed(r run.Run, cause run.Cause) run.Run {
	r.Status, r.Result = run.Failed, nil
	r.Failure = &run.Failure{Cause: cause, Summary: "it broke", Evidence: "the bytes", Hint: "mend it", Subject: "10.0.0.1:443"}
	return r
}

func TestAWholeRunComesBackAsItWasStored(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c, in := dbtest.Customer(t, d, "acme"), dbtest.Integration(t, d, "hubspot")
		r := failed(dbtest.NewRun(t, d, in, dbtest.Integrator(t, d, in, c), c, stampAgo(1)), run.Parse)
		r.Outputs = map[string]any{"n": json.Number("12345678901234567890"), "list": []any{"a", nil, true}}
		r.EventID, r.CorrelationID, r.ParentID, r.ReplayOf, r.Note, r.Count, r.Test = "ev", "call-88", "parent", "old", "note", 7, true
		x := &r.Attempts[0].Exchanges[0]
		x.Request.Body, x.Response.Body = []byte{0, 0xff, 0xfe, '"'}, bytes.Repeat([]byte("body "), 50_000)
		x.TLS = &run.TLS{Version: "TLS 1.3", Subject: "crm.example"}
		x.Hops = []run.Hop{{From: "https://a", Status: 302, To: "https://b"}}
		r.Attempts = append(r.Attempts, run.Attempt{Number: 2, StartedAt: r.CreatedAt, Failure: r.Failure, Exchanges: []run.Exchange{{Page: 1, Error: "refused"}}})
		dbtest.Run(t, d, r)
		back := must[run.Run](t)(d.Run(t.Context(), everything, r.ID))
		if !reflect.DeepEqual(back, r) {
			t.Fatalf("stored\n%+v\nwant\n%+v", back, r)
		}
		p, err := db.PackRun(r)
		if err != nil {
			t.Fatal(err)
		}
		wantKind(t, d.Group(t.Context(), func(tx *db.Tx) error { return tx.InsertRun(t.Context(), p) }), fault.Conflict)
		_, err = db.PackRun(run.Run{ID: "no id"})
		wantKind(t, err, fault.Invalid)
	})
}

func TestRowsTakeWhateverAVendorAnswered(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c, in := dbtest.Customer(t, d, "acme"), dbtest.Integration(t, d, "hubspot")
		g := dbtest.Integrator(t, d, in, c)
		for _, text := range hostile {
			r := failed(dbtest.NewRun(t, d, in, g, c, stampAgo(1)), run.Parse)
			r.Result, r.Key, r.RecordID, r.ResultNote, r.Failure.Summary, r.Failure.Evidence = &text, text, text, text, text, text
			r.Attempts[0].Exchanges[0].Response.Body = []byte(text)
			dbtest.Run(t, d, r)
			back := must[run.Run](t)(d.Run(t.Context(), everything, r.ID))
			if got := back.Attempts[0].Exchanges[0].Response.Body; string(got) != text {
				t.Errorf("%.20q: the body came back as %.20q", text, got)
			}
		}
		if list, _, err := d.Runs(t.Context(), everything, db.RunFilter{}); err != nil || len(list) != len(hostile) || len(*list[0].Result) > 600 {
			t.Errorf("%d rows, %v", len(list), err)
		}
	})
}

// world is two customers with mirrored data: the same integrations, runs of every kind at the same moments.
type world struct {
	in   []db.StoredIntegration
	c    []account.Customer
	g    [][]integration.Integrator
	runs []run.Run
}

func mirrored(t *testing.T, d *db.DB) *world {
	t.Helper()
	w := &world{}
	for _, name := range []string{"hubspot", "autotask"} {
		w.in = append(w.in, dbtest.Integration(t, d, name))
	}
	causes := []run.Cause{run.DNS, run.LoginPage, run.KeyMissing}
	for k, slug := range []string{"acme", "bolt"} {
		c := dbtest.Customer(t, d, slug)
		w.c = append(w.c, c)
		w.g = append(w.g, nil)
		for i, in := range w.in {
			g := dbtest.Integrator(t, d, in, c)
			w.g[k] = append(w.g[k], g)
			for n := range 30 {
				r := dbtest.NewRun(t, d, in, g, c, stampAgo(600-20*n-i))
				r.Key, r.RecordID, r.Test = fmt.Sprintf("+1 (555) 000-%04d", n), fmt.Sprintf("rec%03d", n), n%5 == 0
				if n%3 == 1 {
					r = failed(r, causes[n%len(causes)])
				}
				if n%10 == 9 {
					r.Status, r.Failure = run.Unknown, &run.Failure{Cause: run.OutcomeUnknown, Summary: "sent"}
				}
				w.runs = append(w.runs, dbtest.Run(t, d, r))
			}
		}
	}
	return w
}

// want are the runs that a check in plain Go finds, newest first.
func (w *world) want(ok func(r run.Run) bool) []string {
	var list []string
	for _, r := range w.runs {
		if ok(r) {
			list = append(list, r.ID)
		}
	}
	slices.Sort(list)
	slices.Reverse(list)
	return list
}

// walk reads all pages of a filter.
func walk(t *testing.T, d *db.DB, scope account.Scope, f db.RunFilter) []string {
	t.Helper()
	var list []string
	for {
		page, next, err := d.Runs(t.Context(), scope, f)
		if err != nil {
			t.Fatalf("%+v: %v", f, err)
		}
		for _, r := range page {
			list = append(list, r.ID)
		}
		if f.Cursor = next; next == "" {
			return list
		}
		if len(page) != f.Limit {
			t.Fatalf("a page of %d with %d asked and more to come", len(page), f.Limit)
		}
	}
}

func TestEveryFilterGivesExactlyItsRunsPageByPage(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := mirrored(t, d)
		a, b := w.c[0].ID, w.c[1].ID
		endpoint := w.runs[0].EndpointID
		yes := true
		from, to := stampAgo(400), stampAgo(200)
		has := func(list []run.Status, s run.Status) bool { return slices.Contains(list, s) }
		for name, c := range map[string]struct {
			scope  account.Scope
			filter db.RunFilter
			ok     func(r run.Run) bool
		}{
			"all":                 {everything, db.RunFilter{}, func(run.Run) bool { return true }},
			"nobody":              {account.Scope{}, db.RunFilter{}, func(run.Run) bool { return false }},
			"scope a":             {account.Only(a), db.RunFilter{}, func(r run.Run) bool { return r.CustomerID == a }},
			"scope a and b":       {account.Only(a, b), db.RunFilter{}, func(run.Run) bool { return true }},
			"foreign customer":    {account.Only(a), db.RunFilter{CustomerID: b}, func(run.Run) bool { return false }},
			"customer":            {everything, db.RunFilter{CustomerID: b}, func(r run.Run) bool { return r.CustomerID == b }},
			"customer and status": {everything, db.RunFilter{CustomerID: b, Status: []run.Status{run.Failed, run.Unknown}}, func(r run.Run) bool { return r.CustomerID == b && r.Status != run.Succeeded }},
			"customer status time": {everything, db.RunFilter{CustomerID: a, Status: []run.Status{run.Failed}, From: from, To: to}, func(r run.Run) bool {
				return r.CustomerID == a && r.Status == run.Failed && !r.CreatedAt.Before(from) && r.CreatedAt.Before(to)
			}},
			"status":           {everything, db.RunFilter{Status: []run.Status{run.Failed}}, func(r run.Run) bool { return r.Status == run.Failed }},
			"status succeeded": {everything, db.RunFilter{Status: []run.Status{run.Succeeded, run.Failed}}, func(r run.Run) bool { return has([]run.Status{run.Succeeded, run.Failed}, r.Status) }},
			"cause": {everything, db.RunFilter{Cause: []run.Cause{run.LoginPage, run.OutcomeUnknown}}, func(r run.Run) bool {
				return r.Failure != nil && (r.Failure.Cause == run.LoginPage || r.Failure.Cause == run.OutcomeUnknown)
			}},
			"cause and status":   {everything, db.RunFilter{Cause: []run.Cause{run.OutcomeUnknown}, Status: []run.Status{run.Failed}}, func(run.Run) bool { return false }},
			"cause and customer": {everything, db.RunFilter{Cause: []run.Cause{run.LoginPage}, CustomerID: a}, func(r run.Run) bool { return r.CustomerID == a && r.Failure != nil && r.Failure.Cause == run.LoginPage }},
			"endpoint":           {everything, db.RunFilter{EndpointID: endpoint}, func(r run.Run) bool { return r.EndpointID == endpoint }},
			"endpoint in scope": {account.Only(b), db.RunFilter{EndpointID: endpoint, Status: []run.Status{run.Succeeded}}, func(r run.Run) bool {
				return r.EndpointID == endpoint && r.CustomerID == b && r.Status == run.Succeeded
			}},
			"integration":        {everything, db.RunFilter{IntegrationID: w.in[1].ID}, func(r run.Run) bool { return r.IntegrationID == w.in[1].ID }},
			"integration, scope": {account.Only(b), db.RunFilter{IntegrationID: w.in[1].ID}, func(r run.Run) bool { return r.IntegrationID == w.in[1].ID && r.CustomerID == b }},
			"integrator":         {everything, db.RunFilter{IntegratorID: w.g[1][0].ID}, func(r run.Run) bool { return r.IntegratorID == w.g[1][0].ID }},
			"foreign integrator": {account.Only(a), db.RunFilter{IntegratorID: w.g[1][0].ID}, func(run.Run) bool { return false }},
			"tests":              {everything, db.RunFilter{Test: &yes}, func(r run.Run) bool { return r.Test }},
			"open":               {everything, db.RunFilter{Open: true}, func(r run.Run) bool { return r.Status == run.Failed || r.Status == run.Unknown }},
			"word":               {everything, db.RunFilter{Text: "rec007"}, func(r run.Run) bool { return r.RecordID == "rec007" }},
			"words":              {everything, db.RunFilter{Text: "HUBSPOT  rec007"}, func(r run.Run) bool { return r.RecordID == "rec007" && r.Integration == "hubspot" }},
			"word in scope":      {account.Only(b), db.RunFilter{Text: "findContact"}, func(r run.Run) bool { return r.CustomerID == b }},
			"word and status":    {everything, db.RunFilter{Text: "autotask", Status: []run.Status{run.Unknown}}, func(r run.Run) bool { return r.Integration == "autotask" && r.Status == run.Unknown }},
			"beginning of words": {everything, db.RunFilter{Text: "rec00"}, func(r run.Run) bool { return strings.HasPrefix(r.RecordID, "rec00") }},
			"telephone number":   {everything, db.RunFilter{Text: "+15550000007"}, func(r run.Run) bool { return strings.HasSuffix(r.Key, "-0007") }},
			"number as written":  {everything, db.RunFilter{Text: "(555) 000-0007"}, func(run.Run) bool { return false }},
			"cause as a word":    {everything, db.RunFilter{Text: "login_page"}, func(r run.Run) bool { return r.Failure != nil && r.Failure.Cause == run.LoginPage }},
			"HTTP status":        {everything, db.RunFilter{Text: "200 rec001"}, func(r run.Run) bool { return r.RecordID == "rec001" }},
			"no such word":       {everything, db.RunFilter{Text: "nowhere"}, func(run.Run) bool { return false }},
			"only punctuation":   {everything, db.RunFilter{Text: "--- !"}, func(run.Run) bool { return false }},
			"run id":             {everything, db.RunFilter{Text: strings.ToUpper(w.runs[3].ID)}, func(r run.Run) bool { return r.ID == w.runs[3].ID }},
			"foreign run id":     {account.Only(b), db.RunFilter{Text: w.runs[3].ID}, func(run.Run) bool { return false }},
		} {
			want := w.want(c.ok)
			for _, limit := range []int{7, 1000} {
				c.filter.Limit = limit
				if got := walk(t, d, c.scope, c.filter); !slices.Equal(got, want) {
					t.Errorf("%s by %d: %d runs, want %d", name, limit, len(got), len(want))
				}
			}
		}
		_, _, err := d.Runs(t.Context(), everything, db.RunFilter{Cursor: "not a cursor!"})
		wantKind(t, err, fault.Invalid)
	})
}

func TestForeignRunsAreNotFound(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := mirrored(t, d)
		for _, r := range w.runs[:3] {
			if _, err := d.Run(t.Context(), account.Only(w.c[0].ID), r.ID); err != nil {
				t.Error(err)
			}
			_, err := d.Run(t.Context(), account.Only(w.c[1].ID), r.ID)
			wantKind(t, err, fault.NotFound)
		}
		_, err := d.Run(t.Context(), everything, id.New())
		wantKind(t, err, fault.NotFound)
	})
}

func TestARunUnderWayIsFinishedOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		c, in := dbtest.Customer(t, d, "acme"), dbtest.Integration(t, d, "hubspot")
		g := dbtest.Integrator(t, d, in, c)
		done := dbtest.NewRun(t, d, in, g, c, stampAgo(1))
		started := done
		started.Status, started.Result, started.Outputs, started.FinishedAt, started.Attempts = run.Running, nil, nil, time.Time{}, nil
		dbtest.Run(t, d, started)
		if list := walk(t, d, everything, db.RunFilter{Status: []run.Status{run.Running}, Limit: 10}); len(list) != 1 {
			t.Fatalf("%d running", len(list))
		}
		if g := must[integration.Integrator](t)(d.Integrator(ctx, everything, g.ID)); !g.LastSuccessAt.IsZero() {
			t.Error("a run under way counts as a success")
		}
		p, err := db.PackRun(done)
		if err != nil {
			t.Fatal(err)
		}
		finish := func() error { return d.Group(ctx, func(tx *db.Tx) error { return tx.FinishRun(ctx, p) }) }
		if err := finish(); err != nil {
			t.Fatal(err)
		}
		wantKind(t, finish(), fault.Conflict)
		if back := must[run.Run](t)(d.Run(ctx, everything, done.ID)); !reflect.DeepEqual(back, done) {
			t.Errorf("%+v", back)
		}
		if got := walk(t, d, everything, db.RunFilter{Text: "1234567", Limit: 10}); len(got) != 1 {
			t.Errorf("not found by text when over: %v", got)
		}
		if g := must[integration.Integrator](t)(d.Integrator(ctx, everything, g.ID)); !g.LastSuccessAt.Equal(done.FinishedAt) {
			t.Errorf("last success %v, want %v", g.LastSuccessAt, done.FinishedAt)
		}
		other := done
		other.ID = id.New()
		p, _ = db.PackRun(other)
		wantKind(t, finish(), fault.NotFound)
	})
}

func TestARestartEndsWhatWasUnderWay(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		c, in := dbtest.Customer(t, d, "acme"), dbtest.Integration(t, d, "hubspot")
		g := dbtest.Integrator(t, d, in, c)
		ids := map[string]string{}
		for _, method := range []string{"GET", "POST"} {
			r := dbtest.NewRun(t, d, in, g, c, stampAgo(5))
			r.Status, r.Method, r.Result, r.FinishedAt = run.Running, method, nil, time.Time{}
			ids[method] = dbtest.Run(t, d, r).ID
		}
		young := dbtest.NewRun(t, d, in, g, c, stampAgo(0))
		young.Status = run.Running
		dbtest.Run(t, d, young)
		dbtest.Tx(t, d, func(tx *db.Tx) error {
			if n, err := tx.SweepRunning(ctx, stampAgo(1)); err != nil || n != 2 {
				t.Errorf("swept %d, %v", n, err)
			}
			return nil
		})
		get, post := must[run.Run](t)(d.Run(ctx, everything, ids["GET"])), must[run.Run](t)(d.Run(ctx, everything, ids["POST"]))
		if get.Status != run.Failed || get.Failure.Cause != run.InternalFailure || get.FinishedAt.IsZero() || len(get.Attempts) != 1 {
			t.Errorf("read: %+v", get)
		}
		if post.Status != run.Unknown || post.Failure.Cause != run.OutcomeUnknown || post.Failure.Hint == "" {
			t.Errorf("write: %+v", post)
		}
		if r := must[run.Run](t)(d.Run(ctx, everything, young.ID)); r.Status != run.Running {
			t.Errorf("a young one is %s", r.Status)
		}
	})
}

func TestRunsAreDismissedAndChangedByHand(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		c, in := dbtest.Customer(t, d, "acme"), dbtest.Integration(t, d, "hubspot")
		g := dbtest.Integrator(t, d, in, c)
		bad := dbtest.Run(t, d, failed(dbtest.NewRun(t, d, in, g, c, stampAgo(2)), run.DNS))
		queued := dbtest.NewRun(t, d, in, g, c, stampAgo(1))
		queued.Status, queued.FinishedAt = run.Queued, time.Time{}
		dbtest.Run(t, d, queued)
		at := stampAgo(0)
		dbtest.Tx(t, d, func(tx *db.Tx) error {
			if err := tx.DismissRun(ctx, bad.ID, "known", at); err != nil {
				return err
			}
			return tx.SetRunStatus(ctx, queued.ID, run.Skipped, "not needed", at)
		})
		if list := walk(t, d, everything, db.RunFilter{Open: true, Limit: 10}); len(list) != 0 {
			t.Errorf("open: %v", list)
		}
		if r := must[run.Run](t)(d.Run(ctx, everything, bad.ID)); r.Note != "known" || !r.DismissedAt.Equal(at) || r.Failure.Evidence != "the bytes" {
			t.Errorf("%+v", r)
		}
		if r := must[run.Run](t)(d.Run(ctx, everything, queued.ID)); r.Status != run.Skipped || r.Note != "not needed" || !r.FinishedAt.Equal(at) {
			t.Errorf("%+v", r)
		}
		dbtest.Tx(t, d, func(tx *db.Tx) error { return tx.SetRunStatus(ctx, bad.ID, run.Cancelled, "n", at) })
		if r := must[run.Run](t)(d.Run(ctx, everything, bad.ID)); r.Status != run.Cancelled {
			t.Errorf("%+v", r)
		}
		wantKind(t, d.Tx(ctx, func(tx *db.Tx) error { return tx.DismissRun(ctx, id.New(), "", at) }), fault.NotFound)
	})
}

func TestTheFormOfATestTakesTheNewestRecord(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		c, in := dbtest.Customer(t, d, "acme"), dbtest.Integration(t, d, "hubspot")
		g := dbtest.Integrator(t, d, in, c)
		for n, record := range []string{"101", "102", ""} {
			r := dbtest.NewRun(t, d, in, g, c, stampAgo(10-n))
			r.RecordID, r.Key = record, ""
			dbtest.Run(t, d, r)
		}
		endpoint := must[string](t)(d.EndpointID(ctx, everything, in.ID, "findContact"))
		if r := must[run.Run](t)(d.NewestRunWithRecord(ctx, everything, endpoint)); r.RecordID != "102" || len(r.Input) == 0 {
			t.Errorf("%+v", r)
		}
		_, err := d.NewestRunWithRecord(ctx, account.Only("other"), endpoint)
		wantKind(t, err, fault.NotFound)
		if list := must[[]run.Run](t)(d.LatestRuns(ctx, everything, endpoint, g.ID, run.Succeeded, 2)); len(list) != 2 || list[0].RecordID != "" {
			t.Errorf("%+v", list)
		}
	})
}

func TestHealthFollowsEveryRun(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		w := mirrored(t, d)
		now := time.Now()
		rows := must[[]db.HealthRow](t)(d.Health(ctx, everything, now))
		if len(rows) != 4 || rows[0].Customer != "acme" || rows[0].Integration != "autotask" || rows[0].Integrators != 1 || !rows[0].Enabled {
			t.Fatalf("%+v", rows)
		}
		first := now.UTC().Truncate(time.Hour).Add(-23 * time.Hour)
		var ok, bad, okSeen, badSeen int64
		for _, r := range w.runs {
			if r.CreatedAt.Before(first) {
				continue
			}
			if r.Status == run.Succeeded {
				ok++
			} else {
				bad++
			}
		}
		for _, h := range rows {
			okSeen, badSeen = okSeen+h.OK, badSeen+h.Failed
		}
		if ok != okSeen || bad != badSeen {
			t.Errorf("health counts %d and %d, want %d and %d", okSeen, badSeen, ok, bad)
		}
		hours := must[[]db.HourCount](t)(d.RunCounts(ctx, everything, now))
		okSeen, badSeen = 0, 0
		for _, h := range hours {
			okSeen, badSeen = okSeen+h.OK, badSeen+h.Failed
		}
		if len(hours) != 24 || ok != okSeen || bad != badSeen {
			t.Errorf("%d hours with %d and %d, want %d and %d", len(hours), okSeen, badSeen, ok, bad)
		}
		if own := must[[]db.HealthRow](t)(d.Health(ctx, account.Only(w.c[1].ID), now)); len(own) != 2 || own[0].Customer != "bolt" {
			t.Errorf("%+v", own)
		}
		own := must[[]db.HourCount](t)(d.RunCounts(ctx, account.Scope{}, now))
		for _, h := range own {
			if h.OK+h.Failed > 0 {
				t.Errorf("somebody without customers sees %+v", h)
			}
		}
	})
}
