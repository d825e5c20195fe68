package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"tieline/internal/secret"
)

// KeyPath is where the key file is: --key-file, else the data folder's name with .key beside it.
func (c Common) KeyPath() string {
	if c.KeyFile != "" {
		return c.KeyFile
	}
	dir := filepath.Clean(c.DataDir)
	if name := filepath.Base(dir); name == "." || name == ".." {
		if whole, err := filepath.Abs(dir); err == nil {
			dir = whole // "." would put the key into the data folder
		}
	}
	return dir + ".key"
}

// Keyring gives the keys that seal secrets. A key file is made only where none is configured, none exists and
// the database holds no ciphertext: a lost key must be noticed, never replaced.
func (c Common) Keyring(hasCiphertext bool) (*secret.Keyring, error) {
	if c.Key != "" {
		return secret.NewKeyring(c.Key)
	}
	path := c.KeyPath()
	content, err := os.ReadFile(path) //nolint:gosec // the operator names the file
	switch {
	case err == nil:
		return readKeyring(path, string(content))
	case !errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("key file: %w", err)
	case hasCiphertext:
		return nil, fmt.Errorf("the database holds sealed secrets, but there is no key file %s: put the key back, or name it with --key-file or TIELINE_KEY", path)
	case c.KeyFile != "":
		return nil, fmt.Errorf("there is no key file %s", path)
	}
	return makeKeyring(path)
}

func readKeyring(path, content string) (*secret.Keyring, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("key file %s can be read by others: chmod 600 it", path)
	}
	k, err := secret.NewKeyring(content)
	if err != nil {
		return nil, fmt.Errorf("key file %s: %w", path, err)
	}
	return k, nil
}

// makeKeyring writes a new key whole or not at all: the file appears under its name with its content in it.
func makeKeyring(path string) (*secret.Keyring, error) {
	key := secret.NewKey()
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".tieline-key-*") // 0600
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	defer func() { _ = os.Remove(f.Name()) }()
	_, err = f.WriteString(key + "\n")
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("key file: %w", err)
	}
	content, err := os.ReadFile(path) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	return readKeyring(path, string(content)) // ours, or that of a command that was quicker
}
