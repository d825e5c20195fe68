package db_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tieline/db"
	"tieline/db/dbtest"
	"tieline/internal/fault"
)

func TestMigratingTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		dbtest.Customer(t, d, "acme")
		for range 2 {
			if err := d.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := d.CustomerBySlug(t.Context(), everything, "acme"); err != nil {
			t.Fatal(err)
		}
	})
}

func TestAFreshFileIsMigratedWithSafePragmas(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "new folder", "tie?line#1.db")
	d, err := db.Open(t.Context(), db.Options{URL: "sqlite:" + path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	if err := d.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("file: %v, %v", info, err)
	}
	if entries, _ := os.ReadDir(filepath.Join(filepath.Dir(path), "backups")); len(entries) != 0 {
		t.Error("an empty database was backed up")
	}
	for pragma, want := range map[string]string{
		"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "trusted_schema": "0",
		"secure_delete": "1", "auto_vacuum": "2", "busy_timeout": "10000",
	} {
		if got := must[string](t)(db.Pragma(t.Context(), d, pragma)); got != want {
			t.Errorf("%s = %s, want %s", pragma, got, want)
		}
	}
}

func TestANewerSchemaIsRefused(t *testing.T) {
	t.Parallel()
	for engine, driver := range map[string]string{db.SQLite: "sqlite", db.PostgreSQL: "pgx"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			url := dbtest.URL(t, engine)
			raw, err := sql.Open(driver, strings.TrimPrefix(url, "sqlite:"))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := raw.Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)`); err != nil {
				t.Fatal(err)
			}
			_ = raw.Close()
			d, err := db.Open(t.Context(), db.Options{URL: url})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = d.Close() })
			err = d.Migrate(t.Context())
			wantKind(t, err, fault.Unavailable)
			if !strings.Contains(fault.MessageOf(err), "newer Tieline") {
				t.Errorf("message = %q", fault.MessageOf(err))
			}
		})
	}
}

func TestABackupIsMadeBeforeAnOlderFileIsMigrated(t *testing.T) {
	t.Parallel()
	url := dbtest.URL(t, db.SQLite)
	path := strings.TrimPrefix(url, "sqlite:")
	raw, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	// The state before the second step.
	for _, text := range []string{
		`DELETE FROM goose_db_version WHERE version_id >= 2`, `DROP TABLE runs`, `DROP TABLE run_details`, `DROP TABLE run_search`,
		`DROP TABLE auth_tokens`, `DROP TABLE connections`, `DROP TABLE state`,
		`DROP TABLE catalogue_operations`, `DROP TABLE catalogues`,
		`DROP TABLE saved_views`,
		`INSERT INTO settings (name, value, updated_at) VALUES ('kept', 'yes', 1)`,
	} {
		if _, err := raw.Exec(text); err != nil {
			t.Fatal(err)
		}
	}
	_ = raw.Close()
	d, err := db.Open(t.Context(), db.Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	if err := d.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	found, err := filepath.Glob(filepath.Join(filepath.Dir(path), "backups", "*.db"))
	if err != nil || len(found) != 1 {
		t.Fatalf("backups: %v, %v", found, err)
	}
	old, err := sql.Open("sqlite", found[0])
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = old.Close() }()
	var kept string
	if err := old.QueryRow(`SELECT value FROM settings WHERE name = 'kept'`).Scan(&kept); err != nil || kept != "yes" {
		t.Errorf("backup holds %q, %v", kept, err)
	}
	if _, ok := setting(t, d, "kept"); !ok {
		t.Error("the migration lost a setting")
	}
	if _, _, err := d.Runs(t.Context(), everything, db.RunFilter{}); err != nil {
		t.Error(err)
	}
}

func TestABackupIsWholeAndNeverOverwrites(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, db.SQLite)
	dbtest.Customer(t, d, "acme")
	path := filepath.Join(t.TempDir(), "backups", "one.db")
	if err := d.Backup(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	wantKind(t, d.Backup(t.Context(), path), fault.Conflict)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("file: %v, %v", info, err)
	}
	copied, err := db.Open(t.Context(), db.Options{URL: "sqlite:" + path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = copied.Close() })
	if _, err := copied.CustomerBySlug(t.Context(), everything, "acme"); err != nil {
		t.Error(err)
	}
	for _, quick := range []bool{true, false} {
		if err := copied.Check(t.Context(), quick); err != nil {
			t.Error(err)
		}
	}
}

func TestPostgreSQLSaysWhoBacksItUp(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, db.PostgreSQL)
	wantKind(t, d.Backup(t.Context(), filepath.Join(t.TempDir(), "x.db")), fault.Invalid)
}

func TestADamagedFileIsUnavailable(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "tieline.db")
	if err := os.WriteFile(path, []byte(strings.Repeat("this is no database ", 400)), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := db.Open(t.Context(), db.Options{URL: "sqlite:" + path})
	wantKind(t, err, fault.Unavailable)
}

func TestOneProcessServesADirectory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	release, err := db.Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.Lock(dir)
	wantKind(t, err, fault.Unavailable)
	release()
	release, err = db.Lock(dir)
	if err != nil {
		t.Fatalf("after release: %v", err)
	}
	release()
}

func TestWrongAddressesAreRefusedWithoutTheirPassword(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"", "sqlite:", "mysql://x", "postgres://user:hunter2hunter2@host:port/db"} {
		_, err := db.Open(t.Context(), db.Options{URL: url})
		wantKind(t, err, fault.Invalid)
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: the error shows the password", url)
		}
	}
	_, err := db.Open(t.Context(), db.Options{URL: "postgres://user:hunter2hunter2@127.0.0.1:1/db?sslmode=disable"})
	wantKind(t, err, fault.Unavailable)
	if strings.Contains(err.Error(), "hunter2") {
		t.Error("the error shows the password")
	}
}
