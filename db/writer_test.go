package db_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"tieline/db"
	"tieline/db/dbtest"
	"tieline/internal/fault"
)

func setting(t *testing.T, d *db.DB, name string) (string, bool) {
	t.Helper()
	v, ok, err := d.Setting(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return v, ok
}

func TestAFailedWriteUndoesItselfAndNobodyElse(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const writers = 64
		refused := errors.New("refused")
		results := make([]error, writers)
		var ready, wait sync.WaitGroup
		ready.Add(writers)
		for n := range writers {
			wait.Go(func() {
				ready.Done()
				ready.Wait()
				results[n] = d.Group(t.Context(), func(tx *db.Tx) error {
					if err := tx.SetSetting(t.Context(), fmt.Sprint("writer ", n), "here"); err != nil {
						return err
					}
					if n%9 == 4 {
						return refused
					}
					return nil
				})
			})
		}
		wait.Wait()
		for n, err := range results {
			_, stored := setting(t, d, fmt.Sprint("writer ", n))
			bad := n%9 == 4
			if bad != errors.Is(err, refused) || stored == bad {
				t.Errorf("writer %d: %v, stored %v", n, err, stored)
			}
		}
	})
}

func TestAnEngineErrorInAGroupHurtsOneCallerOnly(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		dbtest.Customer(t, d, "taken")
		var wait sync.WaitGroup
		results := make([]error, 20)
		for n := range results {
			wait.Go(func() {
				results[n] = d.Group(t.Context(), func(tx *db.Tx) error {
					if err := tx.SetSetting(t.Context(), fmt.Sprint("s", n), "x"); err != nil {
						return err
					}
					if n == 7 { // breaks a constraint inside the engine
						return tx.CreateLink(t.Context(), linkOf("same"))
					}
					if n == 8 {
						return tx.CreateLink(t.Context(), linkOf("same"))
					}
					return nil
				})
			})
		}
		wait.Wait()
		failed := 0
		for n, err := range results {
			if err != nil {
				failed++
				if fault.KindOf(err) != fault.Conflict || n != 7 && n != 8 {
					t.Errorf("writer %d: %v", n, err)
				}
			}
		}
		if failed != 1 {
			t.Errorf("%d writers failed, want 1", failed)
		}
	})
}

func TestAPanicInAWriteIsAnErrorAndTheWriterGoesOn(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for _, do := range []func(context.Context, func(*db.Tx) error) error{d.Tx, d.Group} {
			err := do(t.Context(), func(tx *db.Tx) error {
				_ = tx.SetSetting(t.Context(), "half", "done")
				panic("at the worst moment")
			})
			if err == nil {
				t.Fatal("a panic went unnoticed")
			}
			if _, ok := setting(t, d, "half"); ok {
				t.Error("half of a write is stored")
			}
			if err := do(t.Context(), func(tx *db.Tx) error { return tx.SetSetting(t.Context(), "after", "fine") }); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestAWriteThatEndsItsGoroutineDoesNotStopOthers(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		err := d.Group(t.Context(), func(tx *db.Tx) error {
			_ = tx.SetSetting(t.Context(), "half", "done")
			runtime.Goexit()
			return nil
		})
		wantKind(t, err, fault.Unavailable)
		if err := d.Group(t.Context(), func(tx *db.Tx) error { return tx.SetSetting(t.Context(), "after", "fine") }); err != nil {
			t.Fatal(err)
		}
		if _, ok := setting(t, d, "half"); ok {
			t.Error("half of a write is stored")
		}
	})
}

func TestACallerThatGaveUpLeavesNoTrace(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, cancel := context.WithCancel(t.Context())
		inside, leave := make(chan struct{}), make(chan struct{})
		var wait sync.WaitGroup
		wait.Go(func() {
			_ = d.Group(t.Context(), func(*db.Tx) error { close(inside); <-leave; return nil })
		})
		<-inside // the writer is busy: the next one has to wait for its turn
		gaveUp := make(chan error, 1)
		wait.Go(func() {
			gaveUp <- d.Group(ctx, func(tx *db.Tx) error { return tx.SetSetting(ctx, "late", "x") })
		})
		cancel()
		if err := <-gaveUp; !errors.Is(err, context.Canceled) {
			t.Errorf("error = %v, want canceled", err)
		}
		close(leave)
		wait.Wait()
		if err := d.Ping(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, ok := setting(t, d, "late"); ok {
			t.Error("a write of somebody who gave up is stored")
		}
	})
}

func TestACancelledContextDoesNotCutOffAWriteUnderWay(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for _, do := range []func(context.Context, func(*db.Tx) error) error{d.Tx, d.Group} {
			ctx, cancel := context.WithCancel(t.Context())
			err := do(ctx, func(tx *db.Tx) error {
				cancel()
				for n := range 20 {
					if err := tx.SetSetting(ctx, fmt.Sprint("part ", n), "x"); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if _, ok := setting(t, d, "part 19"); !ok {
				t.Error("a committed write is not there")
			}
		}
	})
}

func TestATransactionSeesItsOwnWritesAndOthersDoNotYet(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		err := d.Tx(t.Context(), func(tx *db.Tx) error {
			if err := tx.SetSetting(t.Context(), "k", "v"); err != nil {
				return err
			}
			if v, ok, err := tx.Setting(t.Context(), "k"); err != nil || !ok || v != "v" {
				t.Errorf("inside: %q %v %v", v, ok, err)
			}
			if _, ok := setting(t, d, "k"); ok {
				t.Error("an uncommitted write is visible outside")
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if v, ok := setting(t, d, "k"); !ok || v != "v" {
			t.Errorf("after: %q %v", v, ok)
		}
	})
}

func TestTheGenerationMovesWithEachCommittedChangeOnly(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		gen := func() int64 { return must[int64](t)(d.Generation(t.Context())) }
		first := gen()
		dbtest.Customer(t, d, "acme")
		second := gen()
		if second <= first {
			t.Errorf("generation %d after %d", second, first)
		}
		_ = d.Tx(t.Context(), func(tx *db.Tx) error {
			_ = tx.SetSetting(t.Context(), "k", "v")
			return errors.New("no")
		})
		if got := gen(); got != second {
			t.Errorf("an undone change moved the generation: %d after %d", got, second)
		}
		if err := d.Ping(t.Context()); err != nil || gen() != second {
			t.Errorf("a check moved the generation (%v)", err)
		}
	})
}

func TestAClosedDatabaseRefusesWritesAndFinishesAccepted(t *testing.T) {
	t.Parallel()
	d, err := db.Open(t.Context(), db.Options{URL: dbtest.URL(t, db.SQLite)})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Tx(t.Context(), func(tx *db.Tx) error { return tx.SetSetting(t.Context(), "k", "v") }); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	wantKind(t, d.Tx(t.Context(), func(*db.Tx) error { return nil }), fault.Unavailable)
	again, err := db.Open(t.Context(), db.Options{URL: "sqlite:" + d.File()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = again.Close() })
	if v, ok := setting(t, again, "k"); !ok || v != "v" {
		t.Errorf("after reopening: %q %v", v, ok)
	}
}

func TestTwoProcessesWriteToOneFile(t *testing.T) {
	t.Parallel()
	one := dbtest.Open(t, db.SQLite)
	two, err := db.Open(t.Context(), db.Options{URL: "sqlite:" + one.File()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = two.Close() })
	var wait sync.WaitGroup
	for _, d := range []*db.DB{one, two} {
		for n := range 30 {
			wait.Go(func() {
				if err := d.Tx(t.Context(), func(tx *db.Tx) error {
					return tx.SetSetting(t.Context(), fmt.Sprint(filepath.Base(d.File()), n), "x")
				}); err != nil {
					t.Error(err)
				}
			})
		}
	}
	wait.Wait()
}

func TestARestartOfTheServerIsNotNoticedByLaterWrites(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, db.PostgreSQL)
	write := func(name string) error {
		return errors.Join(
			d.Group(t.Context(), func(tx *db.Tx) error { return tx.SetSetting(t.Context(), name+" group", "x") }),
			d.Tx(t.Context(), func(tx *db.Tx) error { return tx.SetSetting(t.Context(), name+" tx", "x") }))
	}
	if err := write("before"); err != nil {
		t.Fatal(err)
	}
	err := d.Group(t.Context(), func(tx *db.Tx) error { return db.KillOthers(t.Context(), tx) })
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Tx(t.Context(), func(tx *db.Tx) error { return db.KillOthers(t.Context(), tx) }); err != nil {
		t.Fatal(err)
	}
	if err := write("after"); err != nil {
		t.Fatal(err)
	}
	if _, ok := setting(t, d, "after group"); !ok {
		t.Error("a write got lost")
	}
}
