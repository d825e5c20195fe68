package db_test

import (
	"os"
	"path/filepath"
	"testing"

	"tieline/db"
	"tieline/db/dbtest"
	"tieline/internal/account"
	"tieline/internal/fault"
)

func openFile(t *testing.T, path string) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), db.Options{URL: "sqlite:" + path})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestARestoredCopyHoldsWhatWasThereWhenItWasMadeAndNothingLater(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	path, backup := filepath.Join(t.TempDir(), "tieline.db"), filepath.Join(t.TempDir(), "copy.db")
	d := openFile(t, path)
	dbtest.Customer(t, d, "acme")
	if err := d.Backup(ctx, backup); err != nil {
		t.Fatal(err)
	}
	dbtest.Customer(t, d, "globex")
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	info, err := db.Verify(ctx, backup)
	if err != nil || info.Schema == 0 || info.Bytes == 0 {
		t.Fatalf("verify: %+v, %v", info, err)
	}
	if err := db.Restore(ctx, backup, path); err != nil {
		t.Fatal(err)
	}
	d = openFile(t, path)
	defer func() { _ = d.Close() }()
	if _, err := d.CustomerBySlug(ctx, account.Everything(), "acme"); err != nil {
		t.Errorf("acme: %v", err)
	}
	if _, err := d.CustomerBySlug(ctx, account.Everything(), "globex"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("globex: %v", err)
	}
	before := openFile(t, path+".before-restore")
	defer func() { _ = before.Close() }()
	if _, err := before.CustomerBySlug(ctx, account.Everything(), "globex"); err != nil {
		t.Errorf("what was there before is not kept whole: %v", err)
	}
}

func TestABrokenCopyIsRefusedAndTheDatabaseStays(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), "tieline.db")
	d := openFile(t, path)
	dbtest.Customer(t, d, "acme")
	backup := filepath.Join(t.TempDir(), "copy.db")
	if err := d.Backup(ctx, backup); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(backup)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{
		"garbage": []byte("this is no database"), "empty": nil, "half": whole[:len(whole)/2],
	} {
		bad := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(bad, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := db.Restore(ctx, bad, path); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := db.Verify(ctx, filepath.Join(t.TempDir(), "none")); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a missing file: %v", err)
	}
	d = openFile(t, path)
	defer func() { _ = d.Close() }()
	if _, err := d.CustomerBySlug(ctx, account.Everything(), "acme"); err != nil {
		t.Errorf("the database did not stay: %v", err)
	}
}

func TestRestoringTwiceLosesNothing(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	path, backup := filepath.Join(t.TempDir(), "tieline.db"), filepath.Join(t.TempDir(), "copy.db")
	d := openFile(t, path)
	if err := d.Backup(ctx, backup); err != nil {
		t.Fatal(err)
	}
	dbtest.Customer(t, d, "acme")
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := db.Restore(ctx, backup, path); err != nil {
			t.Fatal(err)
		}
	}
	first := openFile(t, path+".before-restore.1")
	defer func() { _ = first.Close() }()
	if _, err := first.CustomerBySlug(ctx, account.Everything(), "acme"); err != nil {
		t.Errorf("what was there before the first restore is lost: %v", err)
	}
	for _, name := range []string{path + "-wal", path + "-shm"} {
		if _, err := os.Stat(name); err == nil {
			t.Errorf("%s lies beside the copy", filepath.Base(name))
		}
	}
	if _, err := os.Stat(path + ".before-restore"); err != nil {
		t.Errorf("the last one is not kept: %v", err)
	}
}
