package db

import (
	"context"
	"maps"
	"slices"

	"tieline/internal/secret"
)

// The owners of sealed secrets, as their rows name them.
const (
	integratorSecrets = "integrators"
	variableSecrets   = "variables"
)

// variableSecret is the name of a variable's one secret.
const variableSecret = "value"

type ownedSecret struct {
	owner, name string
	sealed      secret.Sealed
}

func scanSecret(s scanner) (ownedSecret, error) {
	var o ownedSecret
	var at int64
	err := s.Scan(&o.owner, &o.name, &o.sealed.Data, &o.sealed.Hint, &at)
	o.sealed.At = moment(at)
	return o, err
}

// secretsOf gives the sealed secrets of some owners: owner id, then name.
func (r *Reader) secretsOf(ctx context.Context, table string, owners []string) (map[string]map[string]secret.Sealed, error) {
	found := map[string]map[string]secret.Sealed{}
	if len(owners) == 0 {
		return found, nil
	}
	q := newQuery(`SELECT owner_id, name, sealed, hint, set_at FROM secrets WHERE owner_table = $1`, table)
	list, err := all(ctx, r, q.add(` AND owner_id IN (`+q.list(owners)+`)`), scanSecret)
	for _, s := range list {
		if found[s.owner] == nil {
			found[s.owner] = map[string]secret.Sealed{}
		}
		found[s.owner][s.name] = s.sealed
	}
	return found, err
}

// putSecrets makes an owner's stored secrets exactly those given.
func (tx *Tx) putSecrets(ctx context.Context, table, owner, customerID string, secrets map[string]secret.Sealed) error {
	if _, err := tx.exec(ctx, `DELETE FROM secrets WHERE owner_table = $1 AND owner_id = $2`, table, owner); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(secrets)) {
		s := secrets[name]
		if !s.Set() {
			continue
		}
		_, err := tx.exec(ctx, `INSERT INTO secrets (owner_table, owner_id, name, customer_id, key_id, sealed, hint, set_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, table, owner, name, customerID, secret.KeyIDOf(s), s.Data, s.Hint, micros(s.At))
		if err != nil {
			return err
		}
	}
	return nil
}

// SecretKeyIDs names the keys that the stored secrets were sealed with. It is empty when there is no secret.
func (r *Reader) SecretKeyIDs(ctx context.Context) ([]string, error) {
	return all(ctx, r, newQuery(`SELECT DISTINCT key_id FROM secrets ORDER BY key_id`), value[string])
}
