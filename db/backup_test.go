package db

import (
	"os"
	"path/filepath"
	"testing"
)

// A copy holds everything that the database holds: nobody else may read it, not even while it is written.
func TestAnUnfinishedBackupIsReadableForNobodyElse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d, err := Open(t.Context(), Options{URL: "sqlite:" + filepath.Join(dir, "tieline.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	if err := d.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	part := filepath.Join(dir, "copy.db.part")
	if err := os.WriteFile(part, []byte("left by a backup that broke off"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := freshFile(part); err != nil {
		t.Fatal(err)
	}
	if err := d.vacuumInto(t.Context(), part); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(part); err != nil || info.Mode().Perm() != 0o600 || info.Size() == 0 {
		t.Errorf("the unfinished copy: %v, %v", info, err)
	}
	to := filepath.Join(dir, "whole.db")
	if err := d.Backup(t.Context(), to); err != nil {
		t.Fatal(err)
	}
	if info, err := Verify(t.Context(), to); err != nil || info.Schema == 0 {
		t.Errorf("the copy: %+v, %v", info, err)
	}
}
