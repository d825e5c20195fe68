package db

import (
	"context"
)

// Size is how much room the database takes. Free is the part of it that later writes will fill first.
type Size struct {
	Bytes int64
	Free  int64
}

// Size tells how much room the database takes now.
func (r *Reader) Size(ctx context.Context) (Size, error) {
	text := `SELECT (SELECT page_count FROM pragma_page_count) * (SELECT page_size FROM pragma_page_size),
		(SELECT freelist_count FROM pragma_freelist_count) * (SELECT page_size FROM pragma_page_size)`
	if r.engine == PostgreSQL {
		text = `SELECT pg_database_size(current_database()), CAST(0 AS BIGINT)`
	}
	return one(ctx, r, newQuery(text), "", func(s scanner) (z Size, err error) {
		err = s.Scan(&z.Bytes, &z.Free)
		return z, err
	})
}

// vacuumPages is how many free pages one call gives back, so that writers wait only shortly.
const vacuumPages = "2000"

// IncrementalVacuum gives some of the free room of a SQLite file back to the file system; More asks for another
// call. PostgreSQL does this itself.
func (d *DB) IncrementalVacuum(ctx context.Context) (more bool, err error) {
	if d.Engine() != SQLite {
		return false, nil
	}
	before, err := d.Size(ctx)
	if err != nil || before.Free == 0 {
		return false, err
	}
	err = d.Tx(ctx, func(tx *Tx) error {
		_, err := all(ctx, &tx.Reader, newQuery(`PRAGMA incremental_vacuum(`+vacuumPages+`)`), func(scanner) (struct{}, error) { return struct{}{}, nil })
		return err
	})
	if err != nil {
		return false, err
	}
	after, err := d.Size(ctx)
	return err == nil && after.Free > 0 && after.Free < before.Free, err
}

// Optimize lets the engine refresh what it knows about the spread of values. On PostgreSQL the server does this by
// itself; after a great change of data it may be asked for.
func (d *DB) Optimize(ctx context.Context) error {
	text := `PRAGMA optimize`
	if d.Engine() == PostgreSQL {
		text = `ANALYZE`
	}
	return d.Tx(ctx, func(tx *Tx) error {
		_, err := tx.exec(ctx, text)
		return err
	})
}
