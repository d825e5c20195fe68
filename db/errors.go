package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"tieline/internal/fault"
)

const storageTrouble = "The database cannot work just now. Nothing was changed; please try again."

func unavailable(message string, cause error) error {
	return fault.Wrap(fault.Unavailable, message, cause)
}

// translate gives an engine's error its kind; it is the only place that knows the engines' codes. Faults and
// errors of the caller's own pass through.
func translate(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sql.ErrNoRows):
		return fault.Wrap(fault.NotFound, "There is no such thing.", err)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	}
	if _, ok := errors.AsType[*fault.Error](err); ok {
		return err
	}
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return ofSQLite(e.Code(), err)
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return ofPostgres(e.Code, err)
	}
	if lost(err) {
		return unavailable(storageTrouble, err)
	}
	return err
}

func ofSQLite(code int, err error) error {
	switch code {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
		return fault.Wrap(fault.Conflict, "This exists already.", err)
	case sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
		return fault.Wrap(fault.Conflict, "Something else needs this, or what it names is gone.", err)
	}
	switch code & 0xff {
	case sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_TOOBIG:
		return fault.Wrap(fault.Invalid, "The database does not take this value.", err)
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY,
		sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_PROTOCOL,
		sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_ABORT:
		return unavailable(storageTrouble, err)
	}
	return err
}

func ofPostgres(code string, err error) error {
	switch code {
	case "23505":
		return fault.Wrap(fault.Conflict, "This exists already.", err)
	case "23503":
		return fault.Wrap(fault.Conflict, "Something else needs this, or what it names is gone.", err)
	case "40001", "40P01", "55P03", "57014", "25006", "25P03":
		return unavailable(storageTrouble, err)
	}
	switch code[:min(2, len(code))] {
	case "22", "23":
		return fault.Wrap(fault.Invalid, "The database does not take this value.", err)
	case "08", "53", "57", "58", "28", "3D", "F0", "XX":
		return unavailable(storageTrouble, err)
	}
	return err
}

// lost tells whether the connection went away, or was never made.
func lost(err error) bool {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return strings.HasPrefix(e.Code, "57P") || strings.HasPrefix(e.Code, "08")
	}
	if errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) || errors.Is(err, io.EOF) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) {
		return true
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	if _, ok := errors.AsType[*net.OpError](err); ok {
		return true
	}
	return strings.Contains(err.Error(), "conn closed") || strings.Contains(err.Error(), "database is closed")
}

// named puts a sentence of its own into a NotFound or Conflict fault.
func named(err error, kind fault.Kind, message string) error {
	if err != nil && fault.KindOf(err) == kind {
		return fault.Wrap(kind, message, err)
	}
	return err
}
