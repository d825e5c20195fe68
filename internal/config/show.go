package config

import (
	"fmt"
	"io"
	"net/url"
	"slices"

	"github.com/alecthomas/kong"

	"tieline/internal/secret"
)

// Show writes the settings in force as lines of a settings file, secrets masked.
func Show(w io.Writer, flags []*kong.Flag) error {
	sorted := slices.Clone(flags)
	slices.SortFunc(sorted, func(a, b *kong.Flag) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	for _, flag := range sorted {
		if flag.Name == "help" || flag.Name == "config" {
			continue
		}
		value := fmt.Sprint(flag.Target.Interface())
		if _, err := fmt.Fprintf(w, "%s = %s\n", flag.Name, masked(flag.Tag.Get("secret"), value)); err != nil {
			return err
		}
	}
	return nil
}

// masked hides a secret value: "all" of it, or the password inside a "url".
func masked(kind, value string) string {
	switch kind {
	case "all":
		return secret.Mask(value)
	case "url":
		if u, err := url.Parse(value); err == nil {
			return u.Redacted()
		}
		return secret.Bullets
	}
	return value
}
