package db

import (
	"cmp"
	"context"
	"strings"

	"tieline/internal/account"
	"tieline/internal/fault"
	"tieline/internal/id"
)

const (
	noView        = "There is no such view."
	viewNameTaken = "There is a view of this name already."
)

const viewColumns = `v.id, v.name, v.query, v.user_id, v.customer_id, v.created_at, v.updated_at`

func scanView(s scanner) (account.SavedView, error) {
	var v account.SavedView
	var created, updated int64
	err := s.Scan(&v.ID, &v.Name, &v.Query, &v.UserID, &v.CustomerID, &created, &updated)
	v.CreatedAt, v.UpdatedAt = moment(created), moment(updated)
	return v, err
}

// ownViews selects a person's views and those of everybody, as far as the scope holds what they narrow to.
func ownViews(scope account.Scope, userID string) *query {
	q := newQuery(`SELECT `+viewColumns+` FROM saved_views v WHERE v.user_id IN ('', $1) AND (v.customer_id = '' OR (1 = 1`, userID)
	return q.scope("v.customer_id", scope).add(`))`)
}

// SavedViews lists a person's views and those of everybody by name.
func (r *Reader) SavedViews(ctx context.Context, scope account.Scope, userID string) ([]account.SavedView, error) {
	return all(ctx, r, ownViews(scope, userID).add(` ORDER BY v.name_key, v.id`), scanView)
}

// SavedView finds one of them.
func (r *Reader) SavedView(ctx context.Context, scope account.Scope, userID, viewID string) (account.SavedView, error) {
	return one(ctx, r, ownViews(scope, userID).and("v.id =", viewID), noView, scanView)
}

// CreateSavedView stores a new view; a name that the same person (or everybody) has is a Conflict.
func (tx *Tx) CreateSavedView(ctx context.Context, v account.SavedView) (account.SavedView, error) {
	v.ID = cmp.Or(v.ID, id.New())
	v.CreatedAt = stamp()
	v.UpdatedAt = v.CreatedAt
	_, err := tx.exec(ctx, `INSERT INTO saved_views (id, name, name_key, query, user_id, customer_id, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		v.ID, v.Name, strings.ToLower(v.Name), v.Query, v.UserID, v.CustomerID, micros(v.CreatedAt), micros(v.UpdatedAt))
	return v, named(err, fault.Conflict, viewNameTaken)
}

// UpdateSavedView stores a changed view; a name that is taken is a Conflict.
func (tx *Tx) UpdateSavedView(ctx context.Context, v account.SavedView) (account.SavedView, error) {
	v.UpdatedAt = stamp()
	n, err := tx.exec(ctx, `UPDATE saved_views SET name = $1, name_key = $2, query = $3, user_id = $4, customer_id = $5, updated_at = $6 WHERE id = $7`,
		v.Name, strings.ToLower(v.Name), v.Query, v.UserID, v.CustomerID, micros(v.UpdatedAt), v.ID)
	return v, gone(n, named(err, fault.Conflict, viewNameTaken), noView)
}

// DeleteSavedView removes a view.
func (tx *Tx) DeleteSavedView(ctx context.Context, viewID string) error {
	n, err := tx.exec(ctx, `DELETE FROM saved_views WHERE id = $1`, viewID)
	return gone(n, err, noView)
}
