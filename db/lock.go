package db

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"

	"tieline/internal/fault"
)

var errLocked = errors.New("locked by another process")

// Lock makes this process the only one that serves a data directory, until release or its end, however it
// ends. It is Unavailable when another process has it. Commands that do not serve need no lock.
func Lock(dir string) (release func(), err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, unavailable("The data directory cannot be made.", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, "tieline.lock"), os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // the path is the operator's choice
	if err != nil {
		return nil, unavailable("The lock file of the data directory cannot be opened.", err)
	}
	if err := lockFile(f); err != nil {
		_ = f.Close()
		if errors.Is(err, errLocked) {
			return nil, fault.Wrap(fault.Unavailable, "Another tieline already serves this data directory.", err)
		}
		return nil, unavailable("The data directory cannot be locked.", err)
	}
	// Who holds it is noted for people; the lock itself is the kernel's.
	if err := f.Truncate(0); err == nil {
		_, _ = f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
	return func() { _ = f.Close() }, nil
}
