package db

import (
	"database/sql"
	"maps"
	"runtime"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"tieline/internal/fault"
)

// postgresEngine connects to a server. Statements are prepared and kept by the driver.
type postgresEngine struct{ config pgx.ConnConfig }

func newPostgresEngine(url string) (engine, error) {
	c, err := pgx.ParseConfig(url)
	if err != nil {
		// The driver's error quotes the address with its password.
		return nil, fault.At("database", "This is not a PostgreSQL address.")
	}
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = 10 * time.Second
	}
	for name, value := range map[string]string{
		"application_name": "tieline", "timezone": "UTC", "statement_timeout": "60000",
		"lock_timeout": "20000", "idle_in_transaction_session_timeout": "60000",
		"synchronous_commit": "on", "client_encoding": "UTF8", "standard_conforming_strings": "on",
	} {
		if _, set := c.RuntimeParams[name]; !set {
			c.RuntimeParams[name] = value
		}
	}
	return postgresEngine{config: *c}, nil
}

func (e postgresEngine) name() string { return PostgreSQL }

func (e postgresEngine) file() string { return "" }

func (e postgresEngine) open(u use) (*sql.DB, error) {
	c := e.config
	switch u {
	case forWriting:
	case forReading:
		// Lists are planned for the values asked for: one plan for all values reads a hundred times too much.
		c.RuntimeParams = maps.Clone(c.RuntimeParams)
		c.RuntimeParams["plan_cache_mode"] = "force_custom_plan"
	case forMigrating:
		params := maps.Clone(c.RuntimeParams)
		params["statement_timeout"], params["lock_timeout"] = "0", "0"
		params["idle_in_transaction_session_timeout"] = "0"
		c.RuntimeParams = params
	}
	d := stdlib.OpenDB(c)
	n := max(8, 4*runtime.GOMAXPROCS(0))
	d.SetMaxOpenConns(n)
	d.SetMaxIdleConns(n)
	d.SetConnMaxIdleTime(5 * time.Minute)
	return d, nil
}

// columns turns rows into one array for each column, as PostgreSQL's unnest takes them. The first row says of which
// kind each column is; no bytes are NULL.
func columns(rows [][]any) []any {
	arrays := make([]any, len(rows[0]))
	for c, first := range rows[0] {
		switch first.(type) {
		case string:
			arrays[c] = column[string](rows, c)
		case int64:
			arrays[c] = column[int64](rows, c)
		case bool:
			arrays[c] = column[bool](rows, c)
		case []byte:
			arrays[c] = column[[]byte](rows, c)
		}
	}
	return arrays
}

func column[T any](rows [][]any, c int) []T {
	list := make([]T, len(rows))
	for i, row := range rows {
		list[i], _ = row[c].(T)
	}
	return list
}
