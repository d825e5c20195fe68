package db

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"slices"
	"time"
)

// batch is the writes of one commit.
type batch struct {
	w       *writer
	jobs    []*job
	results []error // of jobs, as far as they have been done
	open    int     // the first job under the open savepoint
	opened  bool    // a savepoint is open that several jobs share
	careful bool    // one of them failed: from now on each has a savepoint of its own
	effects effects
	sole    bool      // there is one write and no other in sight: it needs no savepoint
	until   time.Time // how long to wait for more
	settled bool
}

// A batch waits for more writes only when they come in numbers: when the one before had many, or else the
// answer to a single write would be late for nothing. What that costs the few is given back to all, since the
// pages that every write changes are then written once.
const (
	many     = 3
	patience = 2 * time.Millisecond
)

func (b *batch) add(j *job) {
	if j.take() {
		b.jobs = append(b.jobs, j)
	}
}

// more takes the next write into the batch: one that waits by now or, while writes come in numbers, one that
// comes in a moment. Without that, the next batch gathers while this one is on its way to the disk.
func (b *batch) more() bool {
	for before := len(b.jobs); len(b.jobs) == before; {
		if b.sole || len(b.jobs) >= mostGrouped {
			return false
		}
		j, ok := b.next()
		if !ok {
			return false
		}
		b.add(j)
	}
	return true
}

func (b *batch) next() (*job, bool) {
	select {
	case j, ok := <-b.w.queue:
		return j, ok
	default:
	}
	left := time.Until(b.until)
	if b.w.last < many || left <= 0 {
		return nil, false
	}
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case j, ok := <-b.w.queue:
		return j, ok
	case <-timer.C:
		return nil, false
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
	b.until = time.Now().Add(patience)
	b.sole = len(b.w.queue) == 0 && b.w.last < many
	err := b.commit(ctx)
	b.settled = true
	b.w.last = len(b.jobs)
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
		case i < len(b.results) && b.results[i] != nil:
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
	for do := true; do; do = b.more() {
		if err := b.one(ctx, l); err != nil {
			return err
		}
	}
	if err := b.flush(ctx, l); err != nil {
		return err
	}
	kept := slices.Contains(b.results, nil)
	if !kept {
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

// one does the next write. The error it gives is trouble for the whole batch; the write's own is noted. Writes
// that may be done again share a savepoint, since seldom one of them fails; others have one of their own.
func (b *batch) one(ctx context.Context, l *line) error {
	j := b.jobs[len(b.results)]
	switch {
	case b.sole:
		_ = b.try(l, j) // noted; then there is nothing to commit
		return nil
	case !j.again || b.careful:
		return b.apart(ctx, l, j)
	}
	if err := b.share(ctx, l); err != nil {
		return err
	}
	if b.try(l, j) == nil {
		return nil
	}
	b.careful = true
	return b.redo(ctx, l)
}

// share opens the savepoint for the writes that follow.
func (b *batch) share(ctx context.Context, l *line) error {
	if b.opened {
		return nil
	}
	b.open, b.opened = len(b.results), true
	b.effects.mark()
	_, err := l.ExecContext(ctx, "SAVEPOINT shared")
	return err
}

// flush writes the runs that the writes under the savepoint left to it. When one of them cannot be written, all
// writes under the savepoint are done apart.
func (b *batch) flush(ctx context.Context, l *line) error {
	fresh, ended := b.effects.fresh, b.effects.ended
	if len(fresh)+len(ended) == 0 {
		return nil
	}
	b.effects.fresh, b.effects.ended = nil, nil
	tx := &Tx{Reader: Reader{q: l, engine: b.w.engine}}
	inserted, err := tx.whole(ctx, insertWhole, fresh)
	finished, err2 := tx.whole(ctx, finishWhole, ended)
	if errors.Join(err, err2) == nil && int(inserted) == len(fresh) && int(finished) == len(ended) {
		return nil
	}
	b.careful = true
	return b.redo(ctx, l)
}

// unshare closes it.
func (b *batch) unshare(ctx context.Context, l *line) error {
	if err := b.flush(ctx, l); err != nil {
		return err
	}
	if !b.opened {
		return nil
	}
	b.opened = false
	_, err := l.ExecContext(ctx, "RELEASE SAVEPOINT shared")
	return err
}

// redo undoes the writes that share a savepoint and does each of them apart.
func (b *batch) redo(ctx context.Context, l *line) error {
	// After a full disk SQLite has ended the transaction itself: then this fails, and all are told.
	if _, err := l.ExecContext(ctx, "ROLLBACK TO SAVEPOINT shared"); err != nil {
		return err
	}
	b.effects.back()
	again := b.jobs[b.open:len(b.results)]
	b.results = b.results[:b.open]
	for _, j := range again {
		if err := b.apart(ctx, l, j); err != nil {
			return err
		}
	}
	return nil
}

// apart does a write inside a savepoint of its own.
func (b *batch) apart(ctx context.Context, l *line, j *job) error {
	if err := b.unshare(ctx, l); err != nil {
		return err
	}
	if _, err := l.ExecContext(ctx, "SAVEPOINT one"); err != nil {
		return err
	}
	if b.try(l, j) != nil {
		// After a full disk SQLite has ended the transaction itself: then this fails, and all are told.
		if _, err := l.ExecContext(ctx, "ROLLBACK TO SAVEPOINT one"); err != nil {
			return err
		}
	}
	_, err := l.ExecContext(ctx, "RELEASE SAVEPOINT one")
	return err
}

// try does a write and notes how it went.
func (b *batch) try(l *line, j *job) error {
	tx := &Tx{Reader: Reader{q: l, engine: b.w.engine}}
	tx.gather = b.w.engine == PostgreSQL && b.opened
	err := b.call(j, tx)
	if err == nil {
		b.effects.join(tx.effects)
	}
	b.results = append(b.results, err)
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
