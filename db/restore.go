package db

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"tieline/internal/fault"
)

// BackupInfo is what is in a copy of a SQLite database. Schema is the number of its last migration.
type BackupInfo struct {
	Bytes  int64
	Schema int64
	Runs   int64
}

// Verify reads a copy through, every page and index, and says what is in it. It is Invalid when the file is
// no whole database of Tieline, or is newer than this program.
func Verify(ctx context.Context, path string) (BackupInfo, error) {
	stat, err := os.Stat(path)
	if err != nil {
		return BackupInfo{}, fault.Wrap(fault.NotFound, "There is no such file.", err)
	}
	info := BackupInfo{Bytes: stat.Size()}
	pool, err := sqliteEngine{path}.open(forReading)
	if err != nil {
		return info, err
	}
	defer func() { _ = pool.Close() }()
	const broken = "The file is not a whole database of Tieline."
	var finding string
	if err := pool.QueryRowContext(ctx, `PRAGMA integrity_check(1)`).Scan(&finding); err != nil || finding != "ok" {
		return info, fault.Wrap(fault.Invalid, broken, errors.Join(err, errors.New("integrity check: "+finding)))
	}
	if info.Schema, err = schemaVersion(ctx, pool); err != nil || info.Schema == 0 {
		return info, fault.Wrap(fault.Invalid, broken, errors.Join(err, errors.New("it has no schema")))
	}
	_, newest, err := steps(SQLite)
	if err != nil {
		return info, err
	}
	if info.Schema > newest {
		return info, fault.New(fault.Invalid, "The file was made by a newer version of Tieline.")
	}
	if err := pool.QueryRowContext(ctx, `SELECT count(*) FROM runs`).Scan(&info.Runs); err != nil {
		return info, fault.Wrap(fault.Invalid, broken, err)
	}
	return info, nil
}

// Restore puts a copy in a database's place, after it was verified. What was there is kept as
// <to>.before-restore (what an earlier restore kept gets a number); its write-ahead log is folded into it first,
// and no old log is left beside the copy.
// The caller holds the Lock, so that nothing is serving.
func Restore(ctx context.Context, from, to string) error {
	if _, err := Verify(ctx, from); err != nil {
		return err
	}
	part := to + ".part"
	if err := copyFile(from, part); err != nil {
		return unavailable("The copy cannot be written.", err)
	}
	if err := setAside(ctx, to); err != nil {
		return errors.Join(err, os.Remove(part))
	}
	if err := settle(part, to); err != nil {
		return unavailable("The copy cannot be put in place.", err)
	}
	return nil
}

// setAside folds the log of the present database into its file and moves it away.
func setAside(ctx context.Context, path string) error {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if pool, err := (sqliteEngine{path}).open(forMigrating); err == nil {
		_, _ = pool.ExecContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`) // a damaged file is moved as it is
		_ = pool.Close()
	}
	aside := path + ".before-restore"
	if err := keepFormer(aside); err != nil {
		return unavailable("What an earlier restore set aside cannot be kept.", err)
	}
	if err := os.Rename(path, aside); err != nil {
		return unavailable("The present database cannot be set aside.", err)
	}
	// A log that could not be folded in goes along; one of the same name would be played into the copy.
	if err := os.Rename(path+"-wal", aside+"-wal"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return unavailable("An old log is in the way.", err)
	}
	if err := os.Remove(path + "-shm"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return unavailable("An old log is in the way.", err)
	}
	return nil
}

// keepFormer moves what an earlier restore set aside to a name with a number, so that nothing is ever lost by
// restoring twice.
func keepFormer(aside string) error {
	if _, err := os.Stat(aside); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for n := 1; ; n++ {
		free := aside + "." + strconv.Itoa(n)
		if _, err := os.Stat(free); err == nil {
			continue
		}
		if err := os.Rename(aside+"-wal", free+"-wal"); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return os.Rename(aside, free)
	}
}

func copyFile(from, to string) error {
	in, err := os.Open(filepath.Clean(from))
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	out, err := os.OpenFile(filepath.Clean(to), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}
