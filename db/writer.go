package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"log/slog"
	"sync"

	"tieline/internal/fault"
)

// mostGrouped bounds how many writes share a commit.
const mostGrouped = 256

// writer runs writes. On SQLite everything goes through its one goroutine and connection, which takes whatever
// waits into one transaction: fsync is paid once for all. On PostgreSQL that serves grouped writes; others
// have a transaction of their own from the pool.
type writer struct {
	pool   *sql.DB
	engine string
	logger *slog.Logger
	queue  chan *job
	done   chan struct{}

	closing sync.RWMutex // held for reading while a write is handed over
	closed  bool

	line *line // of the goroutine alone, as is last
	last int   // how many writes the batch before had
}

// job is one write that waits. Whoever takes it out of the state "waiting" owns it: the goroutine, or the
// caller that gave up.
type job struct {
	ctx   context.Context
	fn    func(*Tx) error
	again bool // fn may be done more than once
	reply chan error
	mu    sync.Mutex
	taken bool
}

func (j *job) take() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.taken {
		return false
	}
	j.taken = true
	return true
}

func newWriter(ctx context.Context, pool *sql.DB, engine string, logger *slog.Logger) *writer {
	w := &writer{
		pool: pool, engine: engine, logger: logger,
		queue: make(chan *job, mostGrouped), done: make(chan struct{}),
	}
	go w.loop(ctx)
	return w
}

// alone runs fn in a transaction that no other caller's failure can touch.
func (w *writer) alone(ctx context.Context, fn func(*Tx) error) error {
	if w.engine == SQLite {
		return w.grouped(ctx, &job{ctx: ctx, fn: fn, reply: make(chan error, 1)})
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	conn, err := w.pool.Conn(ctx)
	if err != nil {
		return translate(err)
	}
	own := &writer{pool: w.pool, engine: w.engine, logger: w.logger, line: &line{conn: conn}}
	defer func() {
		if own.line != nil {
			own.line.close()
		}
	}()
	j := &job{ctx: ctx, fn: fn, reply: make(chan error, 1)}
	(&batch{w: own, jobs: []*job{j}}).run(context.WithoutCancel(ctx))
	return <-j.reply
}

// grouped hands a job to the goroutine and waits for the commit. A caller whose context ends while it waits for
// its turn leaves without a trace; once it runs, the caller learns how it ended.
func (w *writer) grouped(ctx context.Context, j *job) error {
	if err := w.submit(ctx, j); err != nil {
		return err
	}
	select {
	case err := <-j.reply:
		return err
	case <-ctx.Done():
		if j.take() {
			return ctx.Err()
		}
		return <-j.reply
	}
}

func (w *writer) submit(ctx context.Context, j *job) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	w.closing.RLock()
	defer w.closing.RUnlock()
	if w.closed {
		return fault.New(fault.Unavailable, "Tieline is stopping.")
	}
	select {
	case w.queue <- j:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// close lets what was accepted finish.
func (w *writer) close() error {
	w.closing.Lock()
	already := w.closed
	w.closed = true
	w.closing.Unlock()
	if !already {
		close(w.queue)
	}
	<-w.done
	return w.pool.Close()
}

// loop takes what waits, commits it, and answers. A fn that ends its goroutine (as a failing test does) ends
// this one: the batch is answered and another goroutine goes on.
func (w *writer) loop(ctx context.Context) {
	normal := false
	defer func() {
		if !normal {
			go w.loop(ctx)
			return
		}
		if w.line != nil {
			w.line.close()
		}
		close(w.done)
	}()
	for first := range w.queue {
		b := &batch{w: w}
		b.add(first)
		b.run(ctx)
	}
	normal = true
}

// ready gives the connection, made anew where it was lost.
func (w *writer) ready(ctx context.Context) (*line, error) {
	if w.line != nil {
		return w.line, nil
	}
	conn, err := w.pool.Conn(ctx)
	if err != nil {
		return nil, err
	}
	w.line = &line{conn: conn, keep: w.engine == SQLite, stmts: map[string]*sql.Stmt{}}
	return w.line, nil
}

// drop forgets the connection after trouble, so that the next batch starts on a sound one.
func (w *writer) drop() {
	if w.line != nil {
		w.line.forget()
		// A connection in doubt must not go back to the pool: this word makes the pool close it.
		_ = w.line.conn.Raw(func(any) error { return driver.ErrBadConn })
		w.line.close()
		w.line = nil
	}
}

// panicked is a panic in a fn as an error.
func panicked(v any) error { return fmt.Errorf("panic in a transaction: %v", v) }
