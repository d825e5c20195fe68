// Package audit says who changed what: one entry a change, with the fields that differ before and after,
// secrets never among them.
package audit

import "time"

// Entry is one line of the audit trail.
type Entry struct {
	ID         string
	At         time.Time
	ActorKind  string
	ActorID    string
	ActorName  string
	Address    string
	Action     string // "create", "update", "delete", "restore", "enable", "sign in", …
	Subject    string // "customer", "integration", "endpoint", "integrator", "user", "api key", …
	SubjectID  string
	Name       string // what the subject was called
	CustomerID string // empty where it belongs to no customer
	Changes    []Field
}

// Field is one field that differs, by its dotted path. A secret's values are only "set", "changed" or "".
type Field struct {
	Path   string `json:"path"`
	Before string `json:"before"`
	After  string `json:"after"`
}
