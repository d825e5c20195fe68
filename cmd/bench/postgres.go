package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"time"
)

// startPostgres starts a throw-away server with its files in the plant's folder, as its users have it: what is
// committed is on disk. It gives the address of an empty database. Where we are root, the server runs as the user
// postgres, since it refuses to be root.
func (p *plant) startPostgres(ctx context.Context) (string, error) {
	bin, err := postgresPrograms()
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "tieline-bench-pg-")
	if err != nil {
		return "", err
	}
	p.folders = append(p.folders, dir)
	as, err := notRoot(dir)
	if err != nil {
		return "", err
	}
	data := filepath.Join(dir, "data")
	initdb := append(as, filepath.Join(bin, "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
	if out, err := exec.CommandContext(ctx, initdb[0], initdb[1:]...).CombinedOutput(); err != nil { //nolint:gosec // the server's own program, in a folder made here
		return "", fmt.Errorf("initdb: %w: %s", err, out)
	}
	server := append(as, filepath.Join(bin, "postgres"), "-D", data, "-k", dir, "-c", "listen_addresses=", "-c", "log_min_messages=fatal")
	child := exec.CommandContext(ctx, server[0], server[1:]...) //nolint:gosec // the server's own program, in a folder made here
	child.Stderr = os.Stderr
	if err := child.Start(); err != nil {
		return "", err
	}
	p.children = append(p.children, child)
	address := "postgres://postgres@/postgres?host=" + url.QueryEscape(dir)
	return address, waitForPostgres(ctx, filepath.Join(bin, "pg_isready"), dir)
}

func waitForPostgres(ctx context.Context, ready, dir string) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	for {
		if exec.CommandContext(ctx, ready, "-q", "-h", dir).Run() == nil { //nolint:gosec // the server's own program
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.New("PostgreSQL does not answer")
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// notRoot is what goes before a command of the server; the folder becomes the user's.
func notRoot(dir string) ([]string, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	who, err := user.Lookup("postgres")
	if err != nil {
		return nil, err
	}
	uid, err1 := strconv.Atoi(who.Uid)
	gid, err2 := strconv.Atoi(who.Gid)
	if err := errors.Join(err1, err2, os.Chown(dir, uid, gid)); err != nil {
		return nil, err
	}
	return []string{"setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"}, nil
}

// postgresPrograms is the folder of an installed server.
func postgresPrograms() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		return "", errors.New("PostgreSQL is not installed: name a server with -database postgres://…")
	}
	return filepath.Dir(found[len(found)-1]), nil
}
