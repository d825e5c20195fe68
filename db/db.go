// Package db remembers: everything Tieline stores goes through it, on SQLite or on PostgreSQL, with one SQL text
// for both. Reads hang on DB and Tx alike; writes only on Tx, so that every write is in a transaction by type.
// Every read of customers' data takes an account.Scope, and what lies outside of it is NotFound. Errors are
// faults with a sentence for people. What is written is decided above; the package adds times, versions and
// what it derives.
package db

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"tieline/internal/fault"
)

// The engines, as Engine names them.
const (
	SQLite     = "sqlite"
	PostgreSQL = "postgres"
)

// Options say which database to open. URL is "sqlite:/path/to/file.db" or "postgres://…".
type Options struct {
	URL    string
	Logger *slog.Logger
}

// DB is an open database. It is safe for concurrent use. Its own methods and those of Reader only read; writes
// go through Tx and Group.
type DB struct {
	Reader
	engine engine
	pool   *sql.DB
	writer *writer
	logger *slog.Logger
}

// engine is what the two engines do differently outside of SQL.
type engine interface {
	name() string
	// open gives connections for reading, for writing, or for a migration.
	open(use use) (*sql.DB, error)
	// file is the path of the database file, or "" where there is none.
	file() string
}

type use int

const (
	forReading use = iota
	forWriting
	forMigrating
)

// Open opens a database; it does not migrate. Close it after use.
func Open(ctx context.Context, o Options) (*DB, error) {
	e, err := engineOf(o.URL)
	if err != nil {
		return nil, err
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	// The writing side is opened first: on SQLite it makes the file, in the mode that readers rely on.
	writing, err := e.open(forWriting)
	if err != nil {
		return nil, err
	}
	if err := writing.PingContext(ctx); err != nil {
		_ = writing.Close()
		return nil, unavailable("The database cannot be opened.", err)
	}
	pool, err := e.open(forReading)
	if err != nil {
		_ = writing.Close()
		return nil, err
	}
	d := &DB{
		Reader: Reader{q: pool, engine: e.name()},
		engine: e,
		pool:   pool,
		logger: o.Logger,
	}
	d.writer = newWriter(context.WithoutCancel(ctx), writing, e.name(), o.Logger)
	return d, nil
}

func engineOf(url string) (engine, error) {
	switch scheme, rest, _ := strings.Cut(url, ":"); scheme {
	case "sqlite":
		if rest == "" {
			return nil, fault.At("database", "The path of the SQLite file is missing.")
		}
		return sqliteEngine{path: strings.TrimPrefix(rest, "//")}, nil
	case "postgres", "postgresql":
		return newPostgresEngine(url)
	}
	return nil, fault.At("database", "Use sqlite:PATH or postgres://….")
}

// Engine is SQLite or PostgreSQL.
func (d *DB) Engine() string { return d.Reader.engine }

// File is the path of the SQLite file; "" on PostgreSQL.
func (d *DB) File() string { return d.engine.file() }

// Ping tells whether the database answers reads and can begin a write, within the context.
func (d *DB) Ping(ctx context.Context) error {
	var one int
	if err := d.pool.QueryRowContext(ctx, "SELECT 1").Scan(&one); err != nil {
		return translate(err)
	}
	return d.Tx(ctx, func(*Tx) error { return nil })
}

// Close ends the writer after what it has accepted, and closes all connections.
func (d *DB) Close() error {
	err := d.writer.close()
	if poolErr := d.pool.Close(); err == nil {
		err = poolErr
	}
	if err != nil {
		return fmt.Errorf("close database: %w", err)
	}
	return nil
}

// Tx runs fn in a transaction and answers when it is durably committed, or nothing of it is. Statements in fn
// are not cut off by ctx; ctx only ends the wait for the turn. fn must not keep the Tx, call Tx itself, or
// wait for others.
func (d *DB) Tx(ctx context.Context, fn func(*Tx) error) error {
	return d.writer.alone(ctx, fn)
}

// Group is Tx for many small writes at once: fns of several callers share one commit, each of them undone
// alone when it fails. A fn may be run again after another's failure, so what it leaves behind outside of the
// transaction must be the same each time, and it does not see the runs that it stores. On SQLite Tx shares commits too, but runs its fn once.
func (d *DB) Group(ctx context.Context, fn func(*Tx) error) error {
	return d.writer.grouped(ctx, &job{ctx: ctx, fn: fn, again: true, reply: make(chan error, 1)})
}

// micros is the stored form of a time; 0 for the zero time.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// moment is the time of a stored form.
func moment(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

// stamp is the time now as precisely as it is stored.
func stamp() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
