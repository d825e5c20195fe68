package db_test

import (
	"testing"

	"tieline/db"
	"tieline/db/dbtest"
	"tieline/internal/account"
	"tieline/internal/fault"
)

var everything = account.Everything()

// wantKind checks the kind of an error that must be there.
func wantKind(t *testing.T, err error, want fault.Kind) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want %v", want)
	}
	if got := fault.KindOf(err); got != want {
		t.Fatalf("kind = %v, want %v (%v)", got, want, err)
	}
}

// must ends the test on an error.
func must[T any](t *testing.T) func(v T, err error) T {
	t.Helper()
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func TestEveryTableIsReachedOnBothEngines(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if err := d.Ping(t.Context()); err != nil {
			t.Fatal(err)
		}
		c := dbtest.Customer(t, d, "acme")
		in := dbtest.Integration(t, d, "hubspot")
		g := dbtest.Integrator(t, d, in, c)
		r := dbtest.Run(t, d, dbtest.NewRun(t, d, in, g, c, c.CreatedAt))
		back, err := d.Run(t.Context(), everything, r.ID)
		if err != nil || back.Result == nil || *back.Result != "51" || len(back.Attempts) != 1 {
			t.Fatalf("run = %+v, %v", back, err)
		}
		if err := d.Optimize(t.Context()); err != nil {
			t.Error(err)
		}
	})
}
