package worker_test

import (
	"crypto/rand"
	"log/slog"
	"testing"
	"time"

	"tieline/db"
	"tieline/db/dbtest"
	"tieline/internal/account"
	"tieline/internal/control"
	"tieline/internal/run"
	"tieline/internal/worker"
)

// heavy stores runs of 100 KB each, one an hour, the oldest first, and gives their ids.
func heavy(t *testing.T, d *db.DB, count int) []string {
	t.Helper()
	in, c := dbtest.Integration(t, d, "crm"), dbtest.Customer(t, d, "acme")
	g := dbtest.Integrator(t, d, in, c)
	var ids []string
	for n := range count {
		r := dbtest.NewRun(t, d, in, g, c, time.Now().UTC().Add(-time.Duration(count-n)*time.Hour))
		body := make([]byte, 100<<10)
		_, _ = rand.Read(body)
		r.Attempts[0].Exchanges[0].Response.Body = body
		if n < 2 {
			r.Status, r.FinishedAt = []run.Status{run.Running, run.Queued}[n], time.Time{}
		}
		ids = append(ids, dbtest.Run(t, d, r).ID)
	}
	return ids
}

// The whole way: what somebody sets in megabytes is what the worker keeps to, and what is not over yet stays
// whatever it takes.
func TestRunsGoByBytesAndNeverWhileTheyAreUnderWay(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ids := heavy(t, d, 40) // about 4 MB
		retain(t, d, control.Retention{MaxMiB: 2})
		w := worker.New(worker.Options{DB: d, Logger: slog.New(slog.DiscardHandler), Batch: 3, Pause: time.Millisecond})
		removed, err := w.Tidy(t.Context())
		must(t, err)
		left, _, err := d.Runs(t.Context(), account.Everything(), db.RunFilter{Limit: 100})
		must(t, err)
		// 2 MiB are some twenty runs; the two oldest are not over.
		if n := len(left) - 2; n < 17 || n > 21 || removed.Rows != int64(40-len(left)) {
			t.Fatalf("%d runs are left besides those under way, %d were removed", n, removed.Rows)
		}
		for n, r := range left[:len(left)-2] {
			if want := ids[len(ids)-1-n]; r.ID != want {
				t.Errorf("run %d of those left is %s, want %s: the newest stay", n, r.ID, want)
			}
		}
		if left[len(left)-1].ID != ids[0] || left[len(left)-2].ID != ids[1] {
			t.Error("a run under way is gone")
		}
		if whole, err := d.Run(t.Context(), account.Everything(), ids[0]); err != nil || len(bodyOf(whole)) == 0 {
			t.Errorf("a run under way has lost its bodies: %v", err)
		}
		if again, err := w.Tidy(t.Context()); err != nil || again.Rows+again.Bodies != 0 {
			t.Errorf("a second round removed %+v, %v", again, err)
		}
	})
}

func TestRunsUnderWayOutliveEveryBound(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		in, c := dbtest.Integration(t, d, "crm"), dbtest.Customer(t, d, "acme")
		g := dbtest.Integrator(t, d, in, c)
		pending := []run.Status{run.Queued, run.Running, run.Retrying, run.Waiting}
		for n, status := range append(pending, run.Succeeded, run.Succeeded) {
			r := dbtest.NewRun(t, d, in, g, c, time.Now().UTC().AddDate(0, 0, n-400))
			r.Status = status
			dbtest.Run(t, d, r)
		}
		retain(t, d, control.Retention{RowDays: 1, BodyDays: 1, MaxRuns: 1, MaxMiB: 1})
		w := worker.New(worker.Options{DB: d, Logger: slog.New(slog.DiscardHandler), Batch: 2, Pause: time.Millisecond})
		removed, err := w.Tidy(t.Context())
		must(t, err)
		left, _, err := d.Runs(t.Context(), account.Everything(), db.RunFilter{Limit: 100})
		must(t, err)
		if removed.Rows != 2 || len(left) != len(pending) {
			t.Fatalf("%d were removed and %d are left, want 2 and %d", removed.Rows, len(left), len(pending))
		}
		for _, r := range left {
			if whole, err := d.Run(t.Context(), account.Everything(), r.ID); err != nil || len(bodyOf(whole)) == 0 {
				t.Errorf("the run that is %s has lost its bodies: %v", r.Status, err)
			}
		}
	})
}
