package db

import (
	"context"

	"tieline/internal/fault"
)

// Generation counts the changes of the configuration; it moves on in the transaction of each change. Whoever
// caches definitions compares it to notice what other processes changed.
func (r *Reader) Generation(ctx context.Context) (int64, error) {
	return one(ctx, r, newQuery(`SELECT generation FROM meta WHERE one = 1`), "There is no schema.", value[int64])
}

// Setting gives a setting of the installation; false where it was never set.
func (r *Reader) Setting(ctx context.Context, name string) (string, bool, error) {
	v, err := one(ctx, r, newQuery(`SELECT value FROM settings WHERE name = $1`, name), "There is no such setting.", value[string])
	if err != nil && fault.KindOf(err) == fault.NotFound {
		return "", false, nil
	}
	return v, err == nil, err
}

// SetSetting stores a setting of the installation.
func (tx *Tx) SetSetting(ctx context.Context, name, value string) error {
	tx.configured()
	_, err := tx.exec(ctx, `INSERT INTO settings (name, value, updated_at) VALUES ($1, $2, $3)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at`, name, value, micros(stamp()))
	return err
}

// DeleteSetting takes a setting back to its default; one that was never set is no error.
func (tx *Tx) DeleteSetting(ctx context.Context, name string) error {
	tx.configured()
	_, err := tx.exec(ctx, `DELETE FROM settings WHERE name = $1`, name)
	return err
}
