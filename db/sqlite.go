package db

import (
	"database/sql"
	"net/url"
	"os"
	"path/filepath"
	"runtime"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"tieline/internal/fault"
)

// sqliteEngine opens one file. WAL with synchronous FULL: what is committed survives a power cut.
type sqliteEngine struct{ path string }

func (e sqliteEngine) name() string { return SQLite }

func (e sqliteEngine) file() string { return e.path }

func (e sqliteEngine) open(u use) (*sql.DB, error) {
	if err := e.prepare(); err != nil {
		return nil, err
	}
	d, err := sql.Open("sqlite", e.dsn(u))
	if err != nil {
		return nil, unavailable("The database cannot be opened.", err)
	}
	switch u {
	case forWriting:
		d.SetMaxOpenConns(1)
	case forMigrating:
		d.SetMaxOpenConns(2)
	case forReading:
		n := max(4, 2*runtime.GOMAXPROCS(0))
		d.SetMaxOpenConns(n)
		d.SetMaxIdleConns(n)
	}
	return d, nil
}

// prepare makes the folder and the file, for nobody else to read.
func (e sqliteEngine) prepare() error {
	if err := os.MkdirAll(filepath.Dir(e.path), 0o700); err != nil {
		return unavailable("The folder of the database cannot be made.", err)
	}
	f, err := os.OpenFile(e.path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return unavailable("The database file cannot be opened.", err)
	}
	return fault.Wrap(fault.Unavailable, "The database file cannot be opened.", f.Close())
}

// dsn names the file and the pragmas; the driver sets busy_timeout first and auto_vacuum before the first
// table.
func (e sqliteEngine) dsn(u use) string {
	q := url.Values{}
	q.Set("_busy_timeout", "10000")
	if info, err := os.Stat(e.path); err != nil || info.Size() == 0 {
		q.Set("_auto_vacuum", "INCREMENTAL") // on a file with tables it does nothing but wait for writers
	}
	q.Set("_dqs", "false")
	pragmas := []string{
		"synchronous(FULL)", "foreign_keys(ON)", "trusted_schema(OFF)",
		"secure_delete(ON)", "journal_size_limit(67108864)", "mmap_size(0)", "temp_store(MEMORY)",
	}
	switch u {
	case forReading:
		pragmas = append(pragmas, "query_only(ON)", "cache_size(-2048)")
	case forWriting, forMigrating:
		// A page that changes often is copied into the file once in 16 MB of log, not once in 4.
		pragmas = append(pragmas, "journal_mode(WAL)", "cache_size(-8192)", "wal_autocheckpoint(4000)")
		q.Set("_txlock", "immediate")
	}
	for _, p := range pragmas {
		q.Add("_pragma", p)
	}
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: e.path}).EscapedPath(), RawQuery: q.Encode()}).String()
}
