package db

import (
	"cmp"
	"context"
	"strings"
	"time"

	"tieline/internal/account"
	"tieline/internal/audit"
	"tieline/internal/id"
)

const auditColumns = `a.id, a.at, a.actor_kind, a.actor_id, a.actor_name, a.address, a.action, a.subject, a.subject_id, a.name, a.customer_id, a.changes`

func scanAudit(s scanner) (audit.Entry, error) {
	var e audit.Entry
	var at int64
	var changes string
	err := s.Scan(&e.ID, &at, &e.ActorKind, &e.ActorID, &e.ActorName, &e.Address, &e.Action, &e.Subject, &e.SubjectID, &e.Name, &e.CustomerID, &changes)
	if err != nil {
		return e, err
	}
	e.At = moment(at)
	return e, decode(changes, &e.Changes)
}

// AuditFilter narrows the audit trail; empty fields do not. Actor is an actor's id or name; Text is looked for in
// actor, action, subject and name; From is the first moment, To the first one no longer. Limit is 100 where it
// is 0, at most 1000.
type AuditFilter struct {
	Actor     string
	Subject   string
	SubjectID string
	Action    string
	Text      string
	From      time.Time
	To        time.Time
	Limit     int
	Cursor    string
}

// AuditEntries lists the audit trail, newest first, and gives the cursor of the next page, "" after the last.
// Entries that belong to no customer are for scopes that hold everything.
func (r *Reader) AuditEntries(ctx context.Context, scope account.Scope, f AuditFilter) ([]audit.Entry, string, error) {
	q := newQuery(`SELECT `+auditColumns+` FROM audit_entries a WHERE 1 = 1`).scope("a.customer_id", scope)
	if f.Actor != "" {
		mark := q.arg(f.Actor)
		q.add(` AND (a.actor_id = ` + mark + ` OR a.actor_name = ` + mark + `)`)
	}
	for _, c := range []struct{ column, v string }{
		{"a.subject =", f.Subject}, {"a.subject_id =", f.SubjectID}, {"a.action =", f.Action}, {"a.id <", f.Cursor},
	} {
		if c.v != "" {
			q.and(c.column, c.v)
		}
	}
	if !f.From.IsZero() {
		q.and("a.id >=", id.Floor(f.From)).and("a.at >=", micros(f.From))
	}
	if !f.To.IsZero() {
		q.and("a.at <", micros(f.To))
	}
	q.contains(f.Text, "a.words")
	limit := clamp(f.Limit, 100)
	list, err := all(ctx, r, q.add(` ORDER BY a.id DESC LIMIT `+q.arg(limit+1)), scanAudit)
	if err != nil || len(list) <= limit {
		return list, "", err
	}
	return list[:limit], list[limit-1].ID, nil
}

// AddAudit stores an entry of the audit trail. There is no way to change one.
func (tx *Tx) AddAudit(ctx context.Context, e audit.Entry) error {
	if e.At.IsZero() {
		e.At = stamp()
	}
	e.ID = cmp.Or(e.ID, id.At(e.At))
	if e.Changes == nil {
		e.Changes = []audit.Field{}
	}
	changes, err := encode(e.Changes)
	if err != nil {
		return err
	}
	words := strings.ToLower(strings.Join([]string{e.ActorName, e.Action, e.Subject, e.Name, e.Address}, " "))
	_, err = tx.exec(ctx, `INSERT INTO audit_entries (id, at, actor_kind, actor_id, actor_name, address, action, subject, subject_id, name, customer_id, changes, words)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		e.ID, micros(e.At), e.ActorKind, e.ActorID, e.ActorName, e.Address, e.Action, e.Subject, e.SubjectID, e.Name, e.CustomerID, changes, words)
	return err
}
