package db

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"time"
)

// batch is the writes of one commit.
type batch struct {
	w       *writer
	jobs    []*job
	results []error
	effects effects
	settled bool
}

// A batch waits for more writes only when they come in numbers: when the one before had many, or else the
// answer to a single write would be late for nothing. What that costs the few is given back to all, since the
// pages that every write changes are then written once.
const (
	many     = 3
	patience = 2 * time.Millisecond
)

// fill takes the first write and whatever else waits by now or, while writes come in numbers, comes in a moment.
// Without that, the next batch gathers while one commit is on its way to the disk.
func (b *batch) fill(first *job) {
	b.add(first)
	open := b.takeWaiting()
	if open && b.w.last >= many {
		b.takeComing()
	}
	b.w.last = len(b.jobs)
}

// takeWaiting takes what waits by now; false when there is nothing more to come or no more room.
func (b *batch) takeWaiting() bool {
	for len(b.jobs) < mostGrouped {
		select {
		case j, ok := <-b.w.queue:
			if !ok {
				return false
			}
			b.add(j)
		default:
			return true
		}
	}
	return false
}

func (b *batch) takeComing() {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for len(b.jobs) < mostGrouped {
		select {
		case j, ok := <-b.w.queue:
			if !ok {
				return
			}
			b.add(j)
		case <-timer.C:
			return
		}
	}
}

func (b *batch) add(j *job) {
	if j.take() {
		b.jobs = append(b.jobs, j)
	}
}

// run does all writes and answers every caller, whatever happens.
func (b *batch) run(ctx context.Context) {
	if len(b.jobs) == 0 {
		return
	}
	defer func() {
		if !b.settled { // the goroutine is being ended from within a fn
			b.w.drop()
			b.answer(unavailable(storageTrouble, errors.New("a transaction ended its goroutine")))
		}
	}()
	b.results = make([]error, len(b.jobs))
	err := b.commit(ctx)
	b.settled = true
	if err != nil {
		b.w.drop()
		err = translate(err)
		b.w.logger.ErrorContext(ctx, "commit failed", slog.Any("error", err), slog.Int("writes", len(b.jobs)))
	}
	b.answer(err)
}

// answer tells every caller: of the trouble that hit all, else of its own outcome.
func (b *batch) answer(err error) {
	for i, j := range b.jobs {
		switch {
		case b.results != nil && b.results[i] != nil:
			j.reply <- b.results[i]
		default:
			j.reply <- err
		}
	}
}

// commit does the writes in one transaction. An error means that none of them is stored.
func (b *batch) commit(ctx context.Context) error {
	l, err := b.begin(ctx)
	if err != nil {
		return err
	}
	kept := 0
	for i, j := range b.jobs {
		trouble := b.one(ctx, l, j, i)
		if trouble != nil {
			return trouble
		}
		if b.results[i] == nil {
			kept++
		}
	}
	if kept == 0 {
		_, err := l.ExecContext(ctx, "ROLLBACK")
		return err
	}
	tx := &Tx{Reader: Reader{q: l, engine: b.w.engine}}
	if err := b.effects.write(ctx, tx); err != nil {
		return err
	}
	_, err = l.ExecContext(ctx, "COMMIT")
	return err
}

// mostDead bounds how many dead connections are passed over before a batch fails.
const mostDead = 32

// begin starts a transaction. A connection that died while it lay idle (the server was restarted) is no trouble:
// nothing was sent yet, and the next one serves.
func (b *batch) begin(ctx context.Context) (*line, error) {
	text := "BEGIN"
	if b.w.engine == SQLite {
		text = "BEGIN IMMEDIATE"
	}
	for tries := 0; ; tries++ {
		l, err := b.w.ready(ctx)
		if err != nil {
			return nil, err
		}
		_, err = l.ExecContext(ctx, text)
		if err == nil || !lost(err) || tries == mostDead {
			return l, err
		}
		b.w.drop()
	}
}

// one does one write inside a savepoint of its own. The error it gives is trouble for the whole batch; the
// write's own is noted.
func (b *batch) one(ctx context.Context, l *line, j *job, i int) error {
	single := len(b.jobs) == 1
	if !single {
		if _, err := l.ExecContext(ctx, "SAVEPOINT one"); err != nil {
			return err
		}
	}
	tx := &Tx{Reader: Reader{q: l, engine: b.w.engine}}
	b.results[i] = b.call(j, tx)
	switch {
	case b.results[i] == nil:
		b.effects.join(tx.effects)
		if single {
			return nil
		}
		_, err := l.ExecContext(ctx, "RELEASE SAVEPOINT one")
		return err
	case single:
		return nil
	}
	// After a full disk SQLite has ended the transaction itself: then this fails, and all are told.
	if _, err := l.ExecContext(ctx, "ROLLBACK TO SAVEPOINT one"); err != nil {
		return err
	}
	_, err := l.ExecContext(ctx, "RELEASE SAVEPOINT one")
	return err
}

func (b *batch) call(j *job, tx *Tx) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = panicked(v)
			b.w.logger.ErrorContext(j.ctx, "panic in a transaction", slog.Any("panic", v), slog.String("stack", string(debug.Stack())))
		}
	}()
	return translate(j.fn(tx))
}
