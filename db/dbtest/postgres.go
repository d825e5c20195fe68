package dbtest

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"tieline/db"
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
	errNone   = errors.New("PostgreSQL is not installed")
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
	if errors.Is(err, errNone) && env("TIELINE_TEST_ENGINES") != "all" {
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

// startServer starts or finds the server and makes the template.
func startServer() (*server, error) {
	s := &server{admin: env("TIELINE_TEST_POSTGRES")}
	if s.admin == "" {
		var err error
		if s, err = launch(); err != nil {
			return nil, err
		}
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

// keeper starts the server and ends it when its standard input ends, which it does with the process.
const keeper = `"$0" -D "$1/data" -k "$1" -c listen_addresses= -c max_connections=400 -c fsync="$2" -c full_page_writes="$2" -c log_min_messages=fatal &
pid=$!
cat >/dev/null
kill -QUIT $pid
wait $pid
rm -rf "$1"`

func launch() (*server, error) {
	bin, err := programs()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "tieline-pg")
	if err != nil {
		return nil, err
	}
	as, err := owner(dir)
	if err != nil {
		return nil, err
	}
	initdb := append(as, filepath.Join(bin, "initdb"), "-D", filepath.Join(dir, "data"), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
	if out, err := exec.Command(initdb[0], initdb[1:]...).CombinedOutput(); err != nil { //nolint:gosec,noctx // the server's own program, in a folder made here
		return nil, fmt.Errorf("initdb: %w: %s", err, out)
	}
	fsync := "off"
	if f := flag.Lookup("test.bench"); f != nil && f.Value.String() != "" {
		fsync = "on" // a benchmark of writes that are not on disk says nothing
	}
	args := append(as, "/bin/sh", "-c", keeper, filepath.Join(bin, "postgres"), dir, fsync)
	cmd := exec.Command(args[0], args[1:]...) //nolint:gosec,noctx // ends with its standard input
	hold, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &server{admin: "postgres://postgres@/postgres?host=" + url.QueryEscape(dir)}
	s.stop = sync.OnceFunc(func() {
		_ = hold.Close()
		_ = cmd.Wait()
	})
	return s, s.await()
}

// await waits until the server answers.
func (s *server) await() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := s.run(ctx, "SELECT 1")
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			s.stop()
			return fmt.Errorf("the server does not answer: %w", err)
		case <-tick.C:
		}
	}
}

// programs is the folder of the newest PostgreSQL.
func programs() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path), nil
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		return "", errNone
	}
	newest, most := "", 0
	for _, path := range found {
		version, err := strconv.Atoi(strings.Split(path, "/")[4])
		if err == nil && version > most {
			newest, most = filepath.Dir(path), version
		}
	}
	return newest, nil
}

// owner gives the folder to who may run the server, and the command that becomes that user: PostgreSQL does not
// run as root.
func owner(dir string) ([]string, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, errNone
	}
	uid, err1 := strconv.Atoi(u.Uid)
	gid, err2 := strconv.Atoi(u.Gid)
	if err := errors.Join(err1, err2, os.Chown(dir, uid, gid)); err != nil {
		return nil, err
	}
	return []string{"runuser", "-u", "postgres", "--"}, nil
}

func env(name string) string {
	return os.Getenv(name) //nolint:forbidigo // tests alone choose their engines by the environment
}
