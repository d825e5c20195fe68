package worker_test

import (
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

func TestMain(m *testing.M) { dbtest.Main(m) }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("error: %v", err)
	}
}

// aged stores runs of so many days ago and gives their ids.
func aged(t *testing.T, d *db.DB, days ...int) []string {
	t.Helper()
	in, c := dbtest.Integration(t, d, "crm"), dbtest.Customer(t, d, "acme")
	g := dbtest.Integrator(t, d, in, c)
	var ids []string
	for _, n := range days {
		r := dbtest.NewRun(t, d, in, g, c, time.Now().UTC().AddDate(0, 0, -n))
		ids = append(ids, dbtest.Run(t, d, r).ID)
	}
	return ids
}

func retain(t *testing.T, d *db.DB, r control.Retention) {
	t.Helper()
	p := control.New(control.Deps{DB: d, Logger: slog.New(slog.DiscardHandler)})
	must(t, p.SetRetention(t.Context(), account.System("test"), r))
}

func TestRunsGoByAgeAndBodiesBeforeThem(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ids := aged(t, d, 100, 40, 1)
		w := worker.New(worker.Options{DB: d, Logger: slog.New(slog.DiscardHandler), Batch: 1, Pause: time.Millisecond})
		removed, err := w.Tidy(t.Context())
		must(t, err)
		if removed.Rows != 1 || removed.Bodies != 1 {
			t.Errorf("removed %+v, want one run and the bodies of one", removed)
		}
		everything := account.Everything()
		if _, err := d.Run(t.Context(), everything, ids[0]); err == nil {
			t.Error("the run of 100 days ago is still there")
		}
		for _, c := range []struct {
			id     string
			bodies bool
		}{{ids[1], false}, {ids[2], true}} {
			r, err := d.Run(t.Context(), everything, c.id)
			must(t, err)
			if got := len(bodyOf(r)) > 0; got != c.bodies {
				t.Errorf("run %s has bodies = %v, want %v", c.id, got, c.bodies)
			}
		}
	})
}

func bodyOf(r run.Run) []byte {
	if len(r.Attempts) == 0 || len(r.Attempts[0].Exchanges) == 0 || r.Attempts[0].Exchanges[0].Response == nil {
		return nil
	}
	return r.Attempts[0].Exchanges[0].Response.Body
}

func TestRunsGoByNumber(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ids := aged(t, d, 5, 4, 3, 2, 1)
		retain(t, d, control.Retention{MaxRuns: 2})
		w := worker.New(worker.Options{DB: d, Logger: slog.New(slog.DiscardHandler), Batch: 2, Pause: time.Millisecond})
		_, err := w.Tidy(t.Context())
		must(t, err)
		left, _, err := d.Runs(t.Context(), account.Everything(), db.RunFilter{Limit: 10})
		must(t, err)
		if len(left) != 2 || left[0].ID != ids[4] || left[1].ID != ids[3] {
			t.Errorf("%d runs are left, want the newest two", len(left))
		}
	})
}

func TestSessionsAndLinksWhoseTimeIsOverGo(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		now := time.Now().UTC()
		var u account.User
		dbtest.Tx(t, d, func(tx *db.Tx) (err error) {
			if u, err = tx.CreateUser(t.Context(), account.User{Email: "a@acme.test", Name: "A", Role: account.Builder, Enabled: true}); err != nil {
				return err
			}
			for hash, ends := range map[string]time.Time{"old": now.Add(-time.Hour), "new": now.Add(time.Hour)} {
				if err := tx.CreateSession(t.Context(), account.Session{Hash: hash, UserID: u.ID, CreatedAt: now, SeenAt: now, ExpiresAt: ends}); err != nil {
					return err
				}
				if err := tx.CreateLink(t.Context(), account.Link{Hash: hash, Purpose: "login", UserID: u.ID, ExpiresAt: ends}); err != nil {
					return err
				}
			}
			return nil
		})
		w := worker.New(worker.Options{DB: d, Logger: slog.New(slog.DiscardHandler)})
		_, err := w.Tidy(t.Context())
		must(t, err)
		left, err := d.Sessions(t.Context(), u.ID)
		if err != nil || len(left) != 1 || left[0].Hash != "new" {
			t.Errorf("sessions = %+v, %v", left, err)
		}
		if _, err := d.Link(t.Context(), "old"); err == nil {
			t.Error("the old link is still there")
		}
		if _, err := d.Link(t.Context(), "new"); err != nil {
			t.Errorf("the new link is gone: %v", err)
		}
	})
}

func TestStopWaitsAndMayComeWithoutStart(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, db.SQLite)
	worker.New(worker.Options{DB: d}).Stop()
	ids := aged(t, d, 100)
	w := worker.New(worker.Options{DB: d, Logger: slog.New(slog.DiscardHandler), Every: time.Hour})
	w.Start(t.Context())
	deadline := time.NewTimer(20 * time.Second)
	defer deadline.Stop()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		if _, err := d.Run(t.Context(), account.Everything(), ids[0]); err != nil {
			break
		}
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatal("the worker removed nothing")
		}
	}
	w.Stop()
}
