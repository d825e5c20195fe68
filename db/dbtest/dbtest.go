// Package dbtest gives tests real databases: an empty one of their own on each engine, migrated, gone after the
// test. PostgreSQL runs as one throw-away server for each test process; it ends with the process, however that
// ends. The server's programs are found in PATH or where Debian puts them; without them tests on PostgreSQL are
// skipped, or fail where TIELINE_TEST_ENGINES is "all". TIELINE_TEST_POSTGRES names a running server instead
// ("postgres://user@host/db"), whose user may create databases.
package dbtest

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"tieline/db"
)

// Main runs the tests of a package and stops the server after them; call it in TestMain. Without it the server
// stops when the process ends.
func Main(m *testing.M) {
	code := m.Run()
	stopServer()
	os.Exit(code)
}

// Each runs a test on SQLite and on PostgreSQL, each with an empty database, in parallel.
func Each(t *testing.T, fn func(t *testing.T, d *db.DB)) {
	t.Helper()
	for _, engine := range []string{db.SQLite, db.PostgreSQL} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			fn(t, Open(t, engine))
		})
	}
}

// Open gives an empty, migrated database on an engine; it is closed and removed after the test.
func Open(t testing.TB, engine string) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), db.Options{URL: URL(t, engine)})
	if err != nil {
		t.Fatalf("open %s: %v", engine, err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

// URL gives the address of an empty, migrated database on an engine, for tests that open it themselves; it is
// removed after the test.
func URL(t testing.TB, engine string) string {
	t.Helper()
	if engine == db.PostgreSQL {
		return postgresURL(t)
	}
	empty, err := template()
	if err != nil {
		t.Fatalf("make a SQLite database: %v", err)
	}
	path := filepath.Join(t.TempDir(), "tieline.db")
	if err := os.WriteFile(path, empty, 0o600); err != nil {
		t.Fatal(err)
	}
	return "sqlite:" + path
}

// template is an empty migrated SQLite file.
var template = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "tieline-template")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "tieline.db")
	if err := migrate("sqlite:" + path); err != nil {
		return nil, err
	}
	return os.ReadFile(path) //nolint:gosec // the file was just made here
})
