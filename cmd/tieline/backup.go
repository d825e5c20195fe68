package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tieline/db"
	"tieline/internal/config"
)

// backupCommands care for copies of an SQLite database; PostgreSQL has its own tools (pg_dump, pg_restore).
type backupCommands struct {
	Create  backupCreate  `cmd:"" help:"Copy the database while it is in use; prints the file."`
	List    backupList    `cmd:"" help:"List the copies."`
	Verify  backupVerify  `cmd:"" help:"Read a copy through and say what is in it."`
	Restore backupRestore `cmd:"" help:"Put a copy in the database's place; nothing may be serving."`
}

type backupCreate struct {
	config.Common `embed:""`
	To            string `help:"File to write; by default a dated one in the data folder's backups." placeholder:"FILE"`
}

// Run copies the database and prints the file's path. Secrets in it stay sealed; the key is not in it.
func (b *backupCreate) Run(w *world) error {
	if err := sqliteOnly(b.Common); err != nil {
		return err
	}
	return command(w, b.Common, func(c *core) error {
		to := b.To
		if to == "" {
			to = filepath.Join(b.DataDir, "backups", "tieline-"+time.Now().UTC().Format("20060102-150405")+".db")
		}
		if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
			return err
		}
		if err := c.db.Backup(w.ctx, to); err != nil {
			return err
		}
		_, err := fmt.Fprintln(w.stdout, to)
		return err
	})
}

func sqliteOnly(c config.Common) error {
	if strings.HasPrefix(c.Database, "postgres") {
		return errors.New("a PostgreSQL database is backed up with pg_dump and restored with pg_restore; the key file is yours to keep beside it")
	}
	return nil
}

type backupList struct {
	config.Common `embed:""`
}

// Run prints one copy a line: size in bytes and path.
func (b *backupList) Run(w *world) error {
	files, err := filepath.Glob(filepath.Join(b.DataDir, "backups", "*.db"))
	if err != nil {
		return err
	}
	for _, file := range files {
		info, err := os.Stat(file)
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintf(w.stdout, "%12d  %s\n", info.Size(), file)
	}
	return nil
}

type backupVerify struct {
	config.Common `embed:""`
	File          string `arg:"" help:"The copy."`
}

// Run is nil when the copy is whole.
func (b *backupVerify) Run(w *world) error {
	info, err := db.Verify(w.ctx, b.File)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w.stdout, "%s is whole: %d bytes, schema %d, %d runs\n", b.File, info.Bytes, info.Schema, info.Runs)
	return err
}

type backupRestore struct {
	config.Common `embed:""`
	File          string `arg:"" help:"The copy."`
}

// Run checks the copy, keeps the present database beside it, and puts the copy in its place.
func (b *backupRestore) Run(w *world) error {
	if err := sqliteOnly(b.Common); err != nil {
		return err
	}
	if err := os.MkdirAll(b.DataDir, 0o700); err != nil {
		return err
	}
	release, err := db.Lock(b.DataDir)
	if err != nil {
		return fmt.Errorf("%s: %w", b.DataDir, err)
	}
	defer release()
	to := filepath.Join(b.DataDir, "tieline.db")
	if err = db.Restore(w.ctx, b.File, to); err == nil {
		_, err = fmt.Fprintf(w.stdout, "%s is now the database; what was there is kept as %s.before-restore\n", b.File, to)
	}
	return err
}
