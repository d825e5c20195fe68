package db

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"tieline/internal/fault"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrate brings the schema up to date; forward only. A schema newer than this program is refused with
// Unavailable and left alone. Before it changes a SQLite file that holds data it writes a backup of it into
// the folder "backups" beside the file.
func (d *DB) Migrate(ctx context.Context) error {
	pool, err := d.engine.open(forMigrating)
	if err != nil {
		return err
	}
	defer func() { _ = pool.Close() }()
	provider, newest, err := d.provider(pool)
	if err != nil {
		return err
	}
	version, err := schemaVersion(ctx, pool)
	switch {
	case err != nil:
		return fmt.Errorf("read schema version: %w", translate(err))
	case version > newest:
		return fault.New(fault.Unavailable, fmt.Sprintf("The database was made by a newer Tieline (schema %d, this program knows %d). Start the newer program, or restore a backup.", version, newest))
	case version == newest:
		return nil
	}
	if version > 0 && d.engine.file() != "" {
		if err := d.backupBefore(ctx, version); err != nil {
			return err
		}
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", translate(err))
	}
	return nil
}

func (d *DB) backupBefore(ctx context.Context, version int64) error {
	name := fmt.Sprintf("before-schema-%d-%s.db", version+1, time.Now().UTC().Format("20060102-150405"))
	path := filepath.Join(filepath.Dir(d.engine.file()), "backups", name)
	if err := d.Backup(ctx, path); err != nil {
		return fmt.Errorf("backup before migrating: %w", err)
	}
	d.logger.InfoContext(ctx, "backup made before migrating", "path", path)
	return nil
}

// provider holds the steps for the engine, and gives the number of the last.
func (d *DB) provider(pool *sql.DB) (*goose.Provider, int64, error) {
	steps, newest, err := steps(d.Engine())
	if err != nil {
		return nil, 0, err
	}
	options := []goose.ProviderOption{
		goose.WithGoMigrations(steps...), goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()),
	}
	dialect := goose.DialectSQLite3
	if d.Engine() == PostgreSQL {
		dialect = goose.DialectPostgres
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300))
		if err != nil {
			return nil, 0, fmt.Errorf("migration lock: %w", err)
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	p, err := goose.NewProvider(dialect, pool, nil, options...)
	if err != nil {
		return nil, 0, fmt.Errorf("migrations: %w", err)
	}
	return p, newest, nil
}

// steps are the migrations of an engine: NNNN_name.sql for both, NNNN_name.<engine>.sql for one.
func steps(engine string) ([]*goose.Migration, int64, error) {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return nil, 0, fmt.Errorf("migrations: %w", err)
	}
	var list []*goose.Migration
	var newest int64
	for _, file := range files {
		parts := strings.Split(filepath.Base(file), ".")
		if len(parts) == 3 && parts[1] != engine {
			continue
		}
		number, _, _ := strings.Cut(parts[0], "_")
		n, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return nil, 0, fmt.Errorf("migration %s: %w", file, err)
		}
		text, err := fs.ReadFile(migrations, file)
		if err != nil {
			return nil, 0, fmt.Errorf("migration %s: %w", file, err)
		}
		newest = max(newest, n)
		list = append(list, goose.NewGoMigration(n, &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, string(text))
			return err
		}}, nil))
	}
	return list, newest, nil
}

// schemaVersion is the number of the last migration in the database, 0 for a fresh one.
func schemaVersion(ctx context.Context, pool *sql.DB) (int64, error) {
	var version sql.NullInt64
	err := pool.QueryRowContext(ctx, `SELECT max(version_id) FROM goose_db_version WHERE is_applied`).Scan(&version)
	if err != nil && missingTable(err) {
		return 0, nil
	}
	return version.Int64, err
}

// missingTable tells whether a table is not there, on either engine.
func missingTable(err error) bool {
	return strings.Contains(err.Error(), "no such table") || strings.Contains(err.Error(), "42P01")
}
