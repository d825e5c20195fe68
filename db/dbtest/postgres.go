package dbtest

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"net/url"
	"os"
	"sync"
	"sync/atomic"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"tieline/db"
	"tieline/db/pgserver"
)

// server is the one PostgreSQL of this process.
type server struct {
	admin string // address of the database that others are made from
	stop  func()
}

var (
	running   atomic.Pointer[server]
	databases atomic.Int64
	start     = sync.OnceValues(startServer)
)

const templateName = "tieline_template"

func stopServer() {
	if s := running.Load(); s != nil && s.stop != nil {
		s.stop()
	}
}

// postgresURL makes a database from the template.
func postgresURL(t testing.TB) string {
	t.Helper()
	s, err := start()
	if errors.Is(err, pgserver.ErrNone) && env("TIELINE_TEST_ENGINES") != "all" {
		t.Skip("PostgreSQL is not installed")
	}
	if err != nil {
		t.Fatalf("start PostgreSQL: %v", err)
	}
	name := fmt.Sprintf("tieline_%d_%d", os.Getpid(), databases.Add(1))
	if err := s.run(t.Context(), "CREATE DATABASE "+name+" TEMPLATE "+templateName); err != nil {
		t.Fatalf("create database: %v", err)
	}
	t.Cleanup(func() {
		if err := s.run(context.WithoutCancel(t.Context()), "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"); err != nil {
			t.Logf("drop database: %v", err)
		}
	})
	return s.database(name)
}

func (s *server) database(name string) string {
	u, err := url.Parse(s.admin)
	if err != nil {
		return ""
	}
	u.Path = "/" + name
	return u.String()
}

func (s *server) run(ctx context.Context, text string) error {
	pool, err := sql.Open("pgx", s.admin)
	if err != nil {
		return err
	}
	defer func() { _ = pool.Close() }()
	_, err = pool.ExecContext(ctx, text)
	return err
}

func migrate(address string) error {
	ctx := context.Background()
	d, err := db.Open(ctx, db.Options{URL: address})
	if err != nil {
		return err
	}
	return errors.Join(d.Migrate(ctx), d.Close())
}

// startServer starts or finds the server and makes the template. Benchmarks get one that keeps what is committed.
func startServer() (*server, error) {
	s := &server{admin: env("TIELINE_TEST_POSTGRES")}
	if s.admin == "" {
		bench := flag.Lookup("test.bench")
		made, err := pgserver.Start(context.Background(), bench != nil && bench.Value.String() != "")
		if err != nil {
			return nil, err
		}
		s.admin, s.stop = made.Address, made.Stop
	}
	running.Store(s)
	ctx := context.Background()
	if err := s.run(ctx, "DROP DATABASE IF EXISTS "+templateName); err != nil {
		return nil, err
	}
	if err := s.run(ctx, "CREATE DATABASE "+templateName+" TEMPLATE template0 ENCODING 'UTF8'"); err != nil {
		return nil, err
	}
	return s, migrate(s.database(templateName))
}

func env(name string) string {
	return os.Getenv(name) //nolint:forbidigo // tests alone choose their engines by the environment
}
