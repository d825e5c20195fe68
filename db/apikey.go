package db

import (
	"cmp"
	"context"
	"time"

	"tieline/internal/account"
	"tieline/internal/id"
)

const noAPIKey = "There is no such API key."

const apiKeyColumns = `k.id, k.name, k.hash, k.hint, k.role, k.created_by, k.created_at, k.expires_at, k.last_used_at, k.revoked_at` //nolint:gosec // names of columns, no credentials

func scanAPIKey(s scanner) (account.APIKey, error) {
	var k account.APIKey
	var created, expires, used, revoked int64
	err := s.Scan(&k.ID, &k.Name, &k.Hash, &k.Hint, &k.Role, &k.CreatedBy, &created, &expires, &used, &revoked)
	k.CreatedAt, k.ExpiresAt, k.LastUsedAt, k.RevokedAt = moment(created), moment(expires), moment(used), moment(revoked)
	return k, err
}

// APIKeys lists all API keys, the newest first, revoked ones too.
func (r *Reader) APIKeys(ctx context.Context) ([]account.APIKey, error) {
	list, err := all(ctx, r, newQuery(`SELECT `+apiKeyColumns+` FROM api_keys k ORDER BY k.id DESC`), scanAPIKey)
	if err != nil {
		return nil, err
	}
	bound, err := r.bindings(ctx, "api_key_customers", "api_key_id")
	for i := range list {
		list[i].CustomerIDs = bound[list[i].ID]
	}
	return list, err
}

func (r *Reader) apiKey(ctx context.Context, column, v string) (account.APIKey, error) {
	k, err := one(ctx, r, newQuery(`SELECT `+apiKeyColumns+` FROM api_keys k WHERE k.`+column+` = $1`, v), noAPIKey, scanAPIKey)
	if err != nil {
		return k, err
	}
	k.CustomerIDs, err = all(ctx, r, newQuery(`SELECT customer_id FROM api_key_customers WHERE api_key_id = $1 ORDER BY customer_id`, k.ID), value[string])
	return k, err
}

// APIKey finds an API key by id.
func (r *Reader) APIKey(ctx context.Context, keyID string) (account.APIKey, error) {
	return r.apiKey(ctx, "id", keyID)
}

// APIKeyByHash finds an API key by the hash of its text; whether it is still good is for the caller to say.
func (r *Reader) APIKeyByHash(ctx context.Context, hash string) (account.APIKey, error) {
	return r.apiKey(ctx, "hash", hash)
}

// CreateAPIKey stores a new API key.
func (tx *Tx) CreateAPIKey(ctx context.Context, k account.APIKey) (account.APIKey, error) {
	k.ID = cmp.Or(k.ID, id.New())
	if k.CreatedAt.IsZero() {
		k.CreatedAt = stamp()
	}
	tx.configured()
	_, err := tx.exec(ctx, `INSERT INTO api_keys (id, name, hash, hint, role, created_by, created_at, expires_at, last_used_at, revoked_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		k.ID, k.Name, k.Hash, k.Hint, string(k.Role), k.CreatedBy, micros(k.CreatedAt), micros(k.ExpiresAt), micros(k.LastUsedAt), micros(k.RevokedAt))
	if err != nil {
		return k, err
	}
	return k, tx.bind(ctx, "api_key_customers", "api_key_id", k.ID, k.CustomerIDs)
}

// RevokeAPIKey ends an API key for good; the first moment stays when it is revoked again.
func (tx *Tx) RevokeAPIKey(ctx context.Context, keyID string, at time.Time) error {
	tx.configured()
	n, err := tx.exec(ctx, `UPDATE api_keys SET revoked_at = CASE WHEN revoked_at = 0 THEN $1 ELSE revoked_at END WHERE id = $2`, micros(at), keyID)
	return gone(n, err, noAPIKey)
}

// TouchAPIKey notes when an API key was last used.
func (tx *Tx) TouchAPIKey(ctx context.Context, keyID string, at time.Time) error {
	n, err := tx.exec(ctx, `UPDATE api_keys SET last_used_at = $1 WHERE id = $2`, micros(at), keyID)
	return gone(n, err, noAPIKey)
}
