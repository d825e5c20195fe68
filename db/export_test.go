package db

import "context"

// Pragma reads a pragma of the writing connection, for tests.
func Pragma(ctx context.Context, d *DB, name string) (v string, err error) {
	err = d.Tx(ctx, func(tx *Tx) error {
		v, err = one(ctx, &tx.Reader, newQuery(`PRAGMA `+name), "", value[string])
		return err
	})
	return v, err
}

// The inner workings that tests look at.
var (
	SeqOf    = seqOf
	SeqFloor = seqFloor
	Split    = split
	Phone    = phone
	Fit      = fit
)

// KillOthers ends every other connection to the database, as a restart of the server would.
func KillOthers(ctx context.Context, tx *Tx) error {
	_, err := tx.exec(ctx, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`)
	return err
}
