package control

import (
	"context"
	"fmt"
	"maps"
	"strconv"

	"tieline/db"
	"tieline/internal/account"
	"tieline/internal/fault"
	"tieline/internal/integration"
	"tieline/internal/secret"
)

// sealNew goes with a change of parameters: values of one that becomes secret are sealed in the same
// transaction; one that holds secrets cannot become readable.
func (p *Plane) sealNew(ctx context.Context, d *draft) error {
	hidden, shown := map[string]bool{}, map[string]int{}
	for i, next := range d.next.Parameters {
		before, ok := d.stored.Document.Parameter(next.Name)
		switch {
		case ok && next.Secret == before.Secret:
		case next.Secret:
			hidden[next.Name] = true
		default:
			shown[next.Name] = i // also a new one: integrators keep the values of one that was removed
		}
	}
	if len(hidden)+len(shown) == 0 {
		return nil
	}
	users, err := p.db.Integrators(ctx, account.System("parameters").Scope, db.IntegratorFilter{IntegrationID: d.stored.ID})
	if err != nil {
		return err
	}
	if err := stillSecret(users, shown); err != nil {
		return err
	}
	if len(hidden) > 0 {
		d.also = func(tx *db.Tx, saved db.StoredIntegration) error { return p.sealFields(ctx, tx, saved.ID, hidden) }
	}
	return nil
}

func stillSecret(users []integration.Integrator, shown map[string]int) error {
	var f fault.Fields
	for name, at := range shown {
		holders := 0
		for _, user := range users {
			if user.Secrets["field."+name].Set() {
				holders++
			}
		}
		if holders > 0 {
			f.Add("parameters."+strconv.Itoa(at)+".secret", fmt.Sprintf("Integrators that hold a secret value here: %d. A secret cannot be made readable: remove the values first, or add another parameter.", holders))
		}
	}
	return f.Err()
}

func (p *Plane) sealFields(ctx context.Context, tx *db.Tx, integrationID string, hidden map[string]bool) error {
	users, err := tx.Integrators(ctx, account.System("parameters").Scope, db.IntegratorFilter{IntegrationID: integrationID})
	if err != nil {
		return err
	}
	for _, user := range users {
		changed := false
		user.Fields, user.Secrets = maps.Clone(user.Fields), maps.Clone(user.Secrets)
		for name := range hidden {
			if user.Fields[name] == "" {
				continue
			}
			if user.Secrets == nil {
				user.Secrets = map[string]secret.Sealed{}
			}
			sealed, err := p.seal.Seal(user.SecretPlace("field."+name), secret.NewText(user.Fields[name]))
			if err != nil {
				return err
			}
			user.Secrets["field."+name] = sealed
			delete(user.Fields, name)
			changed = true
		}
		if !changed {
			continue
		}
		if _, err := tx.UpdateIntegrator(ctx, user); err != nil {
			return err
		}
	}
	return nil
}
