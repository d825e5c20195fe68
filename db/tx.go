package db

import (
	"context"
	"database/sql"
)

// Tx is a transaction under way: it reads, sees its own writes, and writes. It is only valid inside the fn it
// was given to.
type Tx struct {
	Reader
	effects effects
	gather  bool // runs are written with those of the whole batch
}

// exec runs one statement and gives the number of rows it changed.
func (tx *Tx) exec(ctx context.Context, text string, args ...any) (int64, error) {
	if err := clean(args); err != nil {
		return 0, err
	}
	res, err := tx.q.ExecContext(ctx, text, args...)
	if err != nil {
		return 0, translate(err)
	}
	n, err := res.RowsAffected()
	return n, translate(err)
}

// configured notes that the configuration changed; the generation moves on with the commit.
func (tx *Tx) configured() { tx.effects.configured = true }

// line is the one connection that the writer works on. Statements are kept prepared, and no caller's context
// reaches the engine: an interrupt would undo the writes of others.
type line struct {
	conn  *sql.Conn
	keep  bool // prepare and keep statements here; PostgreSQL's driver does so itself
	stmts map[string]*sql.Stmt
}

// mostStatements bounds the kept statements; texts beyond it (those put together for a filter) run directly.
const mostStatements = 200

func (l *line) prepared(ctx context.Context, text string) (*sql.Stmt, error) {
	if s, ok := l.stmts[text]; ok {
		return s, nil
	}
	if !l.keep || len(l.stmts) >= mostStatements {
		return nil, nil
	}
	s, err := l.conn.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	l.stmts[text] = s
	return s, nil
}

// QueryContext runs a query that the context does not cut off.
func (l *line) QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	ctx = context.WithoutCancel(ctx)
	s, err := l.prepared(ctx, text) //nolint:sqlclosecheck // kept for the next time; close does it
	if err != nil || s == nil {
		return l.conn.QueryContext(ctx, text, args...)
	}
	return s.QueryContext(ctx, args...)
}

// ExecContext runs a statement that the context does not cut off.
func (l *line) ExecContext(ctx context.Context, text string, args ...any) (sql.Result, error) {
	ctx = context.WithoutCancel(ctx)
	s, err := l.prepared(ctx, text) //nolint:sqlclosecheck // kept for the next time; close does it
	if err != nil || s == nil {
		return l.conn.ExecContext(ctx, text, args...) // and gives the error at its place
	}
	return s.ExecContext(ctx, args...)
}

// forget closes the kept statements; it must happen while the connection is open.
func (l *line) forget() {
	for _, s := range l.stmts {
		_ = s.Close()
	}
	l.stmts = nil
}

func (l *line) close() {
	l.forget()
	_ = l.conn.Close()
}
