//go:build unix

package db

import (
	"errors"
	"os"
	"syscall"
)

func lockFile(f *os.File) error {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return errLocked
	}
	return err
}

// syncFolder puts a rename on disk.
func syncFolder(path string) error {
	f, err := os.Open(path) //nolint:gosec // the path is the operator's choice
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
