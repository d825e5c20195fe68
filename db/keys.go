package db

import "context"

// SecretKeys are the ids of the keys that the sealed values in the database were sealed with; none when it holds
// no sealed value.
func (r *Reader) SecretKeys(ctx context.Context) ([]string, error) {
	return all(ctx, r, newQuery(`SELECT DISTINCT key_id FROM secrets ORDER BY key_id`), value[string])
}
