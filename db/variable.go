package db

import (
	"cmp"
	"context"

	"tieline/internal/account"
	"tieline/internal/fault"
	"tieline/internal/id"
	"tieline/internal/secret"
)

const noVariable = "There is no such variable."

const variableColumns = `v.id, v.name, v.customer_id, v.value, v.encrypted, v.version, v.updated_at`

func scanVariable(s scanner) (account.Variable, error) {
	var v account.Variable
	var updated int64
	err := s.Scan(&v.ID, &v.Name, &v.CustomerID, &v.Value, &v.Encrypted, &v.Version, &updated)
	v.UpdatedAt = moment(updated)
	return v, err
}

func (r *Reader) variables(ctx context.Context, q *query) ([]account.Variable, error) {
	list, err := all(ctx, r, q.add(` ORDER BY v.name, v.customer_id`), scanVariable)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, v := range list {
		if v.Encrypted {
			ids = append(ids, v.ID)
		}
	}
	secrets, err := r.secretsOf(ctx, variableSecrets, ids)
	for i := range list {
		list[i].Secret = secrets[list[i].ID][variableSecret]
	}
	return list, err
}

// Variables gives what is in force for a customer: the installation's variables and the customer's own, which
// win by name. With an empty customer id only the installation's.
func (r *Reader) Variables(ctx context.Context, scope account.Scope, customerID string) ([]account.Variable, error) {
	q := newQuery(`SELECT ` + variableColumns + ` FROM variables v WHERE v.customer_id = ''`)
	if customerID != "" && scope.Holds(customerID) {
		q.add(` OR v.customer_id = ` + q.arg(customerID))
	}
	return r.variables(ctx, q)
}

// AllVariables lists the installation's variables and those of every customer in the scope, by name.
func (r *Reader) AllVariables(ctx context.Context, scope account.Scope) ([]account.Variable, error) {
	q := newQuery(`SELECT ` + variableColumns + ` FROM variables v WHERE (v.customer_id = '' OR (1 = 1`)
	return r.variables(ctx, q.scope("v.customer_id", scope).add(`))`))
}

// Variable finds a variable by id: one of the installation, or of a customer in the scope.
func (r *Reader) Variable(ctx context.Context, scope account.Scope, variableID string) (account.Variable, error) {
	q := newQuery(`SELECT `+variableColumns+` FROM variables v WHERE v.id = $1 AND (v.customer_id = '' OR (1 = 1`, variableID)
	list, err := r.variables(ctx, q.scope("v.customer_id", scope).add(`))`))
	if fault.KindOf(err) == fault.Invalid && err != nil || err == nil && len(list) == 0 {
		return account.Variable{}, fault.New(fault.NotFound, noVariable)
	}
	if err != nil {
		return account.Variable{}, err
	}
	return list[0], nil
}

func (tx *Tx) putVariableSecret(ctx context.Context, v account.Variable) error {
	var secrets map[string]secret.Sealed
	if v.Encrypted {
		secrets = map[string]secret.Sealed{variableSecret: v.Secret}
	}
	return tx.putSecrets(ctx, variableSecrets, v.ID, v.CustomerID, secrets)
}

// plain is what may stand readable in a variable's row: nothing of an encrypted one.
func plain(v account.Variable) string {
	if v.Encrypted {
		return ""
	}
	return v.Value
}

// CreateVariable stores a new variable; a name that the same customer (or the installation) has is a Conflict.
func (tx *Tx) CreateVariable(ctx context.Context, v account.Variable) (account.Variable, error) {
	v.ID = cmp.Or(v.ID, id.New())
	v.Version, v.UpdatedAt, v.Value = 1, stamp(), plain(v)
	if v.CustomerID != "" {
		if _, err := tx.Customer(ctx, account.Everything(), v.CustomerID); err != nil {
			return v, err
		}
	}
	tx.configured()
	_, err := tx.exec(ctx, `INSERT INTO variables (id, name, customer_id, value, encrypted, version, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		v.ID, v.Name, v.CustomerID, v.Value, v.Encrypted, v.Version, micros(v.UpdatedAt))
	if err != nil {
		return v, named(err, fault.Conflict, "There is a variable of this name already.")
	}
	return v, tx.putVariableSecret(ctx, v)
}

// UpdateVariable stores a changed variable; Conflict when its Version is not the stored one. The customer it
// belongs to stays.
func (tx *Tx) UpdateVariable(ctx context.Context, v account.Variable) (account.Variable, error) {
	before, err := tx.Variable(ctx, account.Everything(), v.ID)
	if err != nil {
		return v, err
	}
	v.CustomerID, v.UpdatedAt, v.Value = before.CustomerID, stamp(), plain(v)
	tx.configured()
	n, err := tx.exec(ctx, `UPDATE variables SET name = $1, value = $2, encrypted = $3, version = version + 1, updated_at = $4
		WHERE id = $5 AND version = $6`, v.Name, v.Value, v.Encrypted, micros(v.UpdatedAt), v.ID, v.Version)
	if err != nil {
		return v, named(err, fault.Conflict, "There is a variable of this name already.")
	}
	if n == 0 {
		return v, changed("variable")
	}
	v.Version++
	return v, tx.putVariableSecret(ctx, v)
}

// DeleteVariable removes a variable with its secret.
func (tx *Tx) DeleteVariable(ctx context.Context, variableID string) error {
	tx.configured()
	if err := tx.putSecrets(ctx, variableSecrets, variableID, "", nil); err != nil {
		return err
	}
	n, err := tx.exec(ctx, `DELETE FROM variables WHERE id = $1`, variableID)
	if err == nil && n == 0 {
		return fault.New(fault.NotFound, noVariable)
	}
	return err
}
