package db

import (
	"cmp"
	"context"

	"tieline/internal/account"
	"tieline/internal/fault"
	"tieline/internal/id"
)

const noAllowEntry = "There is no such outgoing address."

const allowColumns = `a.id, a.customer_id, a.target, a.ports, a.reason, a.added_by, a.created_at`

func scanAllow(s scanner) (account.AllowEntry, error) {
	var a account.AllowEntry
	var created int64
	err := s.Scan(&a.ID, &a.CustomerID, &a.Target, &a.Ports, &a.Reason, &a.AddedBy, &created)
	a.CreatedAt = moment(created)
	return a, err
}

// AllowEntries lists the outgoing addresses that are allowed to a customer, oldest first; with an empty customer
// id those of every customer in the scope.
func (r *Reader) AllowEntries(ctx context.Context, scope account.Scope, customerID string) ([]account.AllowEntry, error) {
	q := newQuery(`SELECT `+allowColumns+` FROM allow_entries a WHERE 1 = 1`).scope("a.customer_id", scope)
	if customerID != "" {
		q.and("a.customer_id =", customerID)
	}
	return all(ctx, r, q.add(` ORDER BY a.id`), scanAllow)
}

// AllowEntry finds an allow entry by id.
func (r *Reader) AllowEntry(ctx context.Context, scope account.Scope, entryID string) (account.AllowEntry, error) {
	q := newQuery(`SELECT `+allowColumns+` FROM allow_entries a WHERE a.id = $1`, entryID).scope("a.customer_id", scope)
	return one(ctx, r, q, noAllowEntry, scanAllow)
}

// CreateAllowEntry stores a new allow entry; the same target and ports twice for a customer is a Conflict.
func (tx *Tx) CreateAllowEntry(ctx context.Context, a account.AllowEntry) (account.AllowEntry, error) {
	a.ID = cmp.Or(a.ID, id.New())
	if a.CreatedAt.IsZero() {
		a.CreatedAt = stamp()
	}
	if _, err := tx.Customer(ctx, account.Everything(), a.CustomerID); err != nil {
		return a, err
	}
	tx.configured()
	_, err := tx.exec(ctx, `INSERT INTO allow_entries (id, customer_id, target, ports, reason, added_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		a.ID, a.CustomerID, a.Target, a.Ports, a.Reason, a.AddedBy, micros(a.CreatedAt))
	return a, named(err, fault.Conflict, "This address is allowed to the customer already.")
}

// DeleteAllowEntry removes an allow entry.
func (tx *Tx) DeleteAllowEntry(ctx context.Context, entryID string) error {
	tx.configured()
	n, err := tx.exec(ctx, `DELETE FROM allow_entries WHERE id = $1`, entryID)
	if err == nil && n == 0 {
		return fault.New(fault.NotFound, noAllowEntry)
	}
	return err
}
