// Package id makes the identifiers of every row: UUID version 7 in text form (RFC 9562), so that the order of
// ids is the order of time and an id bound stands for a moment.
package id

import (
	"fmt"
	"time"

	"github.com/google/uuid"
)

// New is a fresh id. Ids made later by this process sort later.
func New() string { return uuid.Must(uuid.NewV7()).String() }

// Floor is the smallest id of the millisecond of t: ids made at or after t sort at or above it.
func Floor(t time.Time) string {
	h := fmt.Sprintf("%012x", max(t.UnixMilli(), 0))
	return h[:8] + "-" + h[8:12] + "-7000-8000-000000000000"
}

// At is a fresh id that sorts into the millisecond of t; it is for rows that are made for another time.
func At(t time.Time) string {
	fresh := uuid.Must(uuid.NewV7()).String()
	return Floor(t)[:14] + fresh[14:]
}

// Valid tells whether s has the form of an id.
func Valid(s string) bool {
	_, err := uuid.Parse(s)
	return err == nil && len(s) == 36
}
