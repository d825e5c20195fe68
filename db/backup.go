package db

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"tieline/internal/fault"
)

// Backup writes a whole copy of a SQLite database to a new file while others read and write; what was committed
// before the call is in it. Secrets in it stay sealed. The file appears under its name only when it is
// complete and on disk. On PostgreSQL it is Invalid: pg_dump does this there.
func (d *DB) Backup(ctx context.Context, path string) error {
	if d.engine.file() == "" {
		return fault.New(fault.Invalid, "A PostgreSQL database is backed up with pg_dump.")
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return fault.New(fault.Conflict, "The backup file exists already.")
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return unavailable("The folder for the backup cannot be made.", err)
	}
	part := path + ".part"
	if err := freshFile(part); err != nil {
		return unavailable("An unfinished backup is in the way.", err)
	}
	if err := d.vacuumInto(ctx, part); err != nil {
		_ = os.Remove(part)
		return err
	}
	if err := settle(part, path); err != nil {
		return unavailable("The backup cannot be written.", err)
	}
	return nil
}

// freshFile makes an empty file that nobody else may read, in the place of what an unfinished backup left there.
// SQLite would make it readable for others until the copy is complete.
func freshFile(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // the path is the operator's choice
	if err != nil {
		return err
	}
	return f.Close()
}

func (d *DB) vacuumInto(ctx context.Context, path string) error {
	pool, err := d.engine.open(forMigrating)
	if err != nil {
		return err
	}
	defer func() { _ = pool.Close() }()
	if _, err := pool.ExecContext(ctx, `VACUUM INTO $1`, path); err != nil {
		return fmt.Errorf("backup: %w", translate(err))
	}
	return nil
}

// settle puts a finished file on disk under its final name.
func settle(part, path string) error {
	if err := os.Chmod(part, 0o600); err != nil {
		return err
	}
	if err := syncFile(part); err != nil {
		return err
	}
	if err := os.Rename(part, path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0) //nolint:gosec // the path is the operator's choice
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Check reads the database for damage: quickly, or every page and index. It is Unavailable with the first
// finding. On PostgreSQL the server looks after this, and Check finds nothing.
func (d *DB) Check(ctx context.Context, quick bool) error {
	if d.engine.file() == "" {
		return nil
	}
	text := `PRAGMA integrity_check(1)`
	if quick {
		text = `PRAGMA quick_check(1)`
	}
	var found string
	if err := d.pool.QueryRowContext(ctx, text).Scan(&found); err != nil {
		return translate(err)
	}
	if found != "ok" {
		return unavailable("The database file is damaged. Restore a backup.", errors.New(found))
	}
	return nil
}
