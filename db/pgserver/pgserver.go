// Package pgserver runs a throw-away PostgreSQL for tests and measurements: in a folder of its own, on a socket
// in that folder, for whoever may read it. The server ends with the process that started it, however that ends.
// Its programs are found in PATH or where Debian puts them. What is in it is left to who asks for it.
package pgserver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

// ErrNone says that no PostgreSQL server is installed.
var ErrNone = errors.New("PostgreSQL is not installed")

// Server is a running server. Address names its database postgres, whose user may do everything.
type Server struct {
	Address string
	stop    func()
}

// keeper starts the server and ends it when its standard input ends, which it does with the process. Ctrl-C is
// for that process, so that the folder is removed after it too.
const keeper = `trap "" INT
"$0" -D "$1/data" -k "$1" -c listen_addresses= -c max_connections=400 -c fsync="$2" -c full_page_writes="$2" -c log_min_messages=fatal &
pid=$!
cat >/dev/null
kill -QUIT $pid
wait $pid
rm -rf "$1"`

// Start makes an empty server and waits until it answers; the context bounds the waiting alone. What is committed is on disk only where durable is
// asked for; a test is faster without, a measurement says nothing without.
func Start(ctx context.Context, durable bool) (*Server, error) {
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
	if durable {
		fsync = "on"
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
	s := &Server{Address: "postgres://postgres@/postgres?host=" + url.QueryEscape(dir), stop: sync.OnceFunc(func() { end(cmd, hold) })}
	return s, s.await(ctx, filepath.Join(bin, "pg_isready"), dir)
}

func end(cmd *exec.Cmd, hold io.Closer) {
	_ = hold.Close()
	_ = cmd.Wait()
}

// Stop ends the server and removes its folder. It may be called more than once.
func (s *Server) Stop() { s.stop() }

// await waits until the server answers.
func (s *Server) await(ctx context.Context, ready, dir string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		err := exec.CommandContext(ctx, ready, "-q", "-h", dir).Run() //nolint:gosec // the server's own program
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			s.Stop()
			return fmt.Errorf("PostgreSQL does not answer: %w", err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// programs is the folder of the newest PostgreSQL.
func programs() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		path, err = filepath.EvalSymlinks(path) // its fellows stand beside the program itself
		return filepath.Dir(path), err
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		return "", ErrNone
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
