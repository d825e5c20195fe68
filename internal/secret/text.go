// Package secret holds values that must not be seen. A Text prints, logs and encodes as bullets under every
// verb; a Sealed is the same value encrypted for one place in the database. Sealing is in keyring.go.
package secret

import (
	"fmt"
	"log/slog"
	"strings"
	"time"
	"unicode/utf8"
)

// Bullets is what a hidden value looks like everywhere.
const Bullets = "••••"

// Text is a secret in clear. The pointer keeps the value out of reach of %#v and reflection-based printers.
// The zero Text is empty.
type Text struct{ value *string }

// NewText wraps a value; an empty value gives the zero Text.
func NewText(value string) Text {
	if value == "" {
		return Text{}
	}
	return Text{&value}
}

// Reveal gives the value in clear. Every use must be easy to find and to defend.
func (t Text) Reveal() string {
	if t.value == nil {
		return ""
	}
	return *t.value
}

// Empty tells whether there is no value.
func (t Text) Empty() bool { return t.value == nil }

// Format writes bullets for every verb and flag.
func (t Text) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(Bullets)) }

// String gives bullets.
func (t Text) String() string { return Bullets }

// GoString gives bullets.
func (t Text) GoString() string { return Bullets }

// MarshalText gives bullets, for JSON, YAML and XML alike.
func (t Text) MarshalText() ([]byte, error) { return []byte(Bullets), nil }

// LogValue gives bullets to slog.
func (t Text) LogValue() slog.Value { return slog.StringValue(Bullets) }

// Sealed is a secret encrypted for one place. Data is opaque (key id, nonce, ciphertext); Hint is the masked
// value, which lists may show ("gckQ...taJ9" for long values, bullets for short ones; forms and the API show
// Ends); At is when it was set, UTC.
type Sealed struct {
	Data []byte
	Hint string
	At   time.Time
}

// Set tells whether there is a value.
func (s Sealed) Set() bool { return len(s.Data) > 0 }

// Ends is what a form and the API show of a stored secret: "…" and the last 4 characters of a long value, else
// bullets; empty where nothing is set.
func (s Sealed) Ends() string {
	if _, last, long := strings.Cut(s.Hint, "..."); long {
		return "…" + last
	}
	return s.Hint
}

// Mask is the one masking rule: first 4 ... last 4 for values of 20 characters and more, else bullets; empty
// stays empty.
func Mask(value string) string {
	if value == "" {
		return ""
	}
	if utf8.RuneCountInString(value) < 20 {
		return Bullets
	}
	r := []rune(value)
	return string(r[:4]) + "..." + string(r[len(r)-4:])
}
