package api

import (
	"time"

	"tieline/internal/account"
	"tieline/internal/secret"
)

// moment is a time in RFC 3339, UTC, with milliseconds; "" for none.
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}

// secretJSON is all that is ever told of a secret.
type secretJSON struct {
	Set  bool   `json:"set"`
	Hint string `json:"hint,omitempty"`
	At   string `json:"at,omitempty"`
}

func showSecret(s secret.Sealed) secretJSON {
	if !s.Set() {
		return secretJSON{}
	}
	return secretJSON{Set: true, Hint: s.Ends(), At: moment(s.At)}
}

// names finds the slugs of customers by id, each once a request.
type names struct {
	s    *server
	c    call
	seen map[string]string
}

func (s *server) names(c call) *names { return &names{s: s, c: c, seen: map[string]string{}} }

// slug is a customer's slug, or "" for none and for one that the caller does not see.
func (n *names) slug(customerID string) string {
	if customerID == "" {
		return ""
	}
	if slug, ok := n.seen[customerID]; ok {
		return slug
	}
	found, err := n.s.db.Customer(n.c.ctx(), n.c.who.Scope, customerID)
	if err != nil {
		found = account.Customer{}
	}
	n.seen[customerID] = found.Slug
	return found.Slug
}

func (n *names) slugs(customerIDs []string) []string {
	slugs := make([]string, 0, len(customerIDs))
	for _, customerID := range customerIDs {
		slug := n.slug(customerID)
		if slug == "" {
			slug = customerID // of a customer that is gone: it still binds
		}
		slugs = append(slugs, slug)
	}
	return slugs
}
