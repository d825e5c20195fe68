package db

import (
	"cmp"
	"context"
	"strings"

	"tieline/internal/account"
	"tieline/internal/fault"
	"tieline/internal/id"
)

const noCustomer = "There is no such customer."

const customerColumns = `c.id, c.slug, c.name, coalesce(c.callcenter_id, ''), c.enabled, c.notes, c.version, c.created_at, c.updated_at`

func scanCustomer(s scanner) (account.Customer, error) {
	var c account.Customer
	var created, updated int64
	err := s.Scan(&c.ID, &c.Slug, &c.Name, &c.CallcenterID, &c.Enabled, &c.Notes, &c.Version, &created, &updated)
	c.CreatedAt, c.UpdatedAt = moment(created), moment(updated)
	return c, err
}

func (r *Reader) customer(ctx context.Context, scope account.Scope, column, v string) (account.Customer, error) {
	q := newQuery(`SELECT `+customerColumns+` FROM customers c WHERE c.`+column+` = $1`, v).scope("c.id", scope)
	return one(ctx, r, q, noCustomer, scanCustomer)
}

// Customer finds a customer by id.
func (r *Reader) Customer(ctx context.Context, scope account.Scope, id string) (account.Customer, error) {
	return r.customer(ctx, scope, "id", id)
}

// CustomerBySlug finds a customer by slug.
func (r *Reader) CustomerBySlug(ctx context.Context, scope account.Scope, slug string) (account.Customer, error) {
	return r.customer(ctx, scope, "slug", slug)
}

// CustomerByCallcenter finds a customer by its call-centre id.
func (r *Reader) CustomerByCallcenter(ctx context.Context, scope account.Scope, callcenterID string) (account.Customer, error) {
	return r.customer(ctx, scope, "callcenter_id", callcenterID)
}

// CustomerFilter narrows a list of customers. Text is looked for in name, slug and call-centre id. Limit is 100
// where it is 0, at most 1000.
type CustomerFilter struct {
	Text    string
	Enabled *bool
	Limit   int
	Cursor  string
}

// CustomerRow is a customer with how many integrators it has.
type CustomerRow struct {
	account.Customer
	Integrators int
}

// Customers lists customers by name, and gives the cursor of the next page, "" after the last.
func (r *Reader) Customers(ctx context.Context, scope account.Scope, f CustomerFilter) ([]CustomerRow, string, error) {
	q := newQuery(`SELECT `+customerColumns+`, (SELECT count(*) FROM integrators i WHERE i.customer_id = c.id)
		FROM customers c WHERE 1 = 1`).scope("c.id", scope).contains(f.Text, "c.name_key", "c.slug", "c.callcenter_id")
	if f.Enabled != nil {
		q.and("c.enabled =", *f.Enabled)
	}
	if key, last, ok := strings.Cut(f.Cursor, "\n"); ok {
		q.add(" AND (c.name_key, c.id) > (" + q.arg(key) + ", " + q.arg(last) + ")")
	}
	limit := clamp(f.Limit, 100)
	q.add(" ORDER BY c.name_key, c.id LIMIT " + q.arg(limit+1))
	list, err := all(ctx, r, q, func(s scanner) (row CustomerRow, err error) {
		row.Customer, err = scanCustomer(with{s, []any{&row.Integrators}})
		return row, err
	})
	if err != nil || len(list) <= limit {
		return list, "", err
	}
	list = list[:limit]
	last := list[limit-1]
	return list, strings.ToLower(last.Name) + "\n" + last.ID, nil
}

// CustomersUsing lists the customers that have integrators of an integration, by name.
func (r *Reader) CustomersUsing(ctx context.Context, scope account.Scope, integrationID string) ([]account.Customer, error) {
	q := newQuery(`SELECT `+customerColumns+` FROM customers c
		WHERE EXISTS (SELECT 1 FROM integrators i WHERE i.customer_id = c.id AND i.integration_id = $1)`, integrationID).scope("c.id", scope)
	return all(ctx, r, q.add(` ORDER BY c.name_key, c.id`), scanCustomer)
}

// with is a row that has more columns than the scan function knows.
type with struct {
	scanner
	more []any
}

func (w with) Scan(dest ...any) error { return w.scanner.Scan(append(dest, w.more...)...) }

// CreateCustomer stores a new customer; a slug or call-centre id that is taken is a Conflict.
func (tx *Tx) CreateCustomer(ctx context.Context, c account.Customer) (account.Customer, error) {
	now := stamp()
	c.ID = cmp.Or(c.ID, id.New())
	c.Version, c.UpdatedAt = 1, now
	if c.CreatedAt.IsZero() {
		c.CreatedAt = now
	}
	if err := tx.customerTaken(ctx, c); err != nil {
		return c, err
	}
	tx.configured()
	_, err := tx.exec(ctx, `INSERT INTO customers (id, slug, name, name_key, callcenter_id, enabled, notes, version, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		c.ID, c.Slug, c.Name, strings.ToLower(c.Name), optional(c.CallcenterID), c.Enabled, c.Notes, c.Version,
		micros(c.CreatedAt), micros(c.UpdatedAt))
	return c, err
}

// UpdateCustomer stores a changed customer; Conflict when its Version is not the stored one. The slug of a
// customer that a private integration names stays.
func (tx *Tx) UpdateCustomer(ctx context.Context, c account.Customer) (account.Customer, error) {
	if err := tx.customerTaken(ctx, c); err != nil {
		return c, err
	}
	before, err := tx.Customer(ctx, account.Everything(), c.ID)
	if err != nil {
		return c, err
	}
	if before.Slug != c.Slug {
		named, err := all(ctx, &tx.Reader, newQuery(`SELECT name FROM integrations WHERE customer_id = $1 ORDER BY name`, c.ID), value[string])
		if err != nil {
			return c, err
		}
		if len(named) > 0 {
			return c, fault.At("slug", "The private integration "+named[0]+" names this customer; the slug must stay.")
		}
	}
	tx.configured()
	at := stamp()
	n, err := tx.exec(ctx, `UPDATE customers SET slug = $1, name = $2, name_key = $3, callcenter_id = $4, enabled = $5,
		notes = $6, version = version + 1, updated_at = $7 WHERE id = $8 AND version = $9`,
		c.Slug, c.Name, strings.ToLower(c.Name), optional(c.CallcenterID), c.Enabled, c.Notes, micros(at), c.ID, c.Version)
	if err != nil {
		return c, err
	}
	if n == 0 {
		return c, changed("customer")
	}
	c.Version, c.CreatedAt, c.UpdatedAt = c.Version+1, before.CreatedAt, at
	return c, nil
}

// customerTaken says which of the unique values another customer has.
func (tx *Tx) customerTaken(ctx context.Context, c account.Customer) error {
	var f taken
	f.check(ctx, tx, "Another customer has this slug.", `SELECT count(*) FROM customers WHERE slug = $1 AND id <> $2`, c.Slug, c.ID)
	if c.CallcenterID != "" {
		f.check(ctx, tx, "Another customer has this call-centre id.", `SELECT count(*) FROM customers WHERE callcenter_id = $1 AND id <> $2`, c.CallcenterID, c.ID)
	}
	return f.err
}

// DeleteCustomer removes a customer with its integrators, their secrets and state, its variables and allow entries. Its
// runs stay, for whoever sees everything. A customer that a private integration names is a Conflict.
func (tx *Tx) DeleteCustomer(ctx context.Context, customerID string) error {
	tx.configured()
	for _, text := range []string{
		`DELETE FROM secrets WHERE customer_id = $1`,
		`DELETE FROM variables WHERE customer_id = $1`,
		`DELETE FROM state WHERE integrator_id IN (SELECT id FROM integrators WHERE customer_id = $1)`,
		`DELETE FROM integrators WHERE customer_id = $1`,
		`DELETE FROM saved_views WHERE customer_id = $1`,
	} {
		if _, err := tx.exec(ctx, text, customerID); err != nil {
			return err
		}
	}
	n, err := tx.exec(ctx, `DELETE FROM customers WHERE id = $1`, customerID)
	if err != nil {
		return named(err, fault.Conflict, "A private integration names this customer; delete or share that first.")
	}
	if n == 0 {
		return fault.New(fault.NotFound, noCustomer)
	}
	return nil
}

// changed is the conflict of two people who edit one thing.
func changed(what string) error {
	return fault.New(fault.Conflict, "Somebody else changed this "+what+" meanwhile.")
}

// taken finds out which unique value is in use, for a message that names it.
type taken struct{ err error }

func (t *taken) check(ctx context.Context, tx *Tx, message, text string, args ...any) {
	if t.err != nil {
		return
	}
	n, err := one(ctx, &tx.Reader, newQuery(text, args...), "", value[int64])
	switch {
	case err != nil && fault.KindOf(err) == fault.NotFound:
		t.err = fault.New(fault.Invalid, "The text has characters that cannot be stored.")
	case err != nil:
		t.err = err
	case n > 0:
		t.err = fault.New(fault.Conflict, message)
	}
}
