// Package worker does what nobody waits for: it keeps runs within the retention, removes sessions and links
// whose time is over, and gives freed pages of the database file back. It works in small batches, so that
// calls under way never wait long for it.
package worker

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"tieline/db"
	"tieline/internal/control"
	"tieline/internal/pace"
)

// Options are what a Worker needs. Every is how often it looks (5 minutes when zero), Batch how many runs it
// removes in one transaction (200 when zero), Pause how long it rests between two batches (50 ms when zero).
// Now may be nil.
type Options struct {
	DB     *db.DB
	Logger *slog.Logger
	Now    func() time.Time
	Every  time.Duration
	Batch  int
	Pause  time.Duration
}

// Worker tidies the database in the background.
type Worker struct {
	Options

	stop context.CancelFunc
	over sync.WaitGroup
}

// New makes a Worker that does nothing yet.
func New(o Options) *Worker {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Every == 0 {
		o.Every = 5 * time.Minute
	}
	if o.Batch == 0 {
		o.Batch = 200
	}
	if o.Pause == 0 {
		o.Pause = 50 * time.Millisecond
	}
	return &Worker{Options: o}
}

// Start begins the work; it goes on until Stop or the end of ctx.
func (w *Worker) Start(ctx context.Context) {
	ctx, w.stop = context.WithCancel(ctx)
	w.over.Go(func() {
		for {
			w.round(ctx)
			if !pace.Sleep(ctx, w.Every) {
				return
			}
		}
	})
}

// Stop ends the work and waits for the batch under way. It may be called without Start.
func (w *Worker) Stop() {
	if w.stop != nil {
		w.stop()
	}
	w.over.Wait()
}

// round is one look at everything. A part that fails is tried again in the next round.
func (w *Worker) round(ctx context.Context) {
	removed, err := w.Tidy(ctx)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		w.Logger.ErrorContext(ctx, "tidying failed", slog.Any("error", err))
	case removed.Rows+removed.Bodies > 0:
		w.Logger.InfoContext(ctx, "runs removed by retention", slog.Int64("rows", removed.Rows), slog.Int64("bodies", removed.Bodies))
	}
}

// Tidy does one round and says what the retention removed.
func (w *Worker) Tidy(ctx context.Context) (db.Purged, error) {
	var total db.Purged
	err := w.DB.Tx(ctx, func(tx *db.Tx) error { return tx.DeleteExpired(ctx, w.Now().UTC()) })
	if err != nil {
		return total, err
	}
	keep, err := control.LoadRetention(ctx, w.DB)
	if err != nil {
		return total, err
	}
	for more := true; more; {
		removed, err := w.DB.Purge(ctx, keep.Policy(), w.Now().UTC(), w.Batch)
		if err != nil {
			return total, err
		}
		total.Rows += removed.Rows
		total.Bodies += removed.Bodies
		more = removed.More && pace.Sleep(ctx, w.Pause)
	}
	if total.Rows+total.Bodies == 0 {
		return total, ctx.Err()
	}
	for more := true; more; {
		if more, err = w.DB.IncrementalVacuum(ctx); err != nil {
			return total, err
		}
		more = more && pace.Sleep(ctx, w.Pause)
	}
	return total, ctx.Err()
}
