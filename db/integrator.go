package db

import (
	"cmp"
	"context"
	"encoding/json"

	"tieline/internal/account"
	"tieline/internal/fault"
	"tieline/internal/id"
	"tieline/internal/integration"
)

const noIntegrator = "There is no such integrator."

const integratorColumns = `g.id, g.integration_id, g.customer_id, g.label, g.description, coalesce(g.callcenter_id, ''), g.host, g.base_url,
	g.allow_http, g.auth, g.fields, g.info, g.iframe, g.policy, g.enabled, g.version, g.last_success_at, g.last_failure_at,
	g.last_run_id, g.last_cause, g.created_at, g.updated_at`

func scanIntegrator(s scanner) (integration.Integrator, error) {
	var g integration.Integrator
	var auth, fields, info, iframe, policy string
	var success, failure, created, updated int64
	err := s.Scan(&g.ID, &g.IntegrationID, &g.CustomerID, &g.Label, &g.Description, &g.CallcenterID, &g.Host, &g.BaseURL,
		&g.AllowHTTP, &auth, &fields, &info, &iframe, &policy, &g.Enabled, &g.Version, &success, &failure,
		&g.LastRunID, &g.LastCause, &created, &updated)
	if err != nil {
		return g, err
	}
	g.LastSuccessAt, g.LastFailureAt = moment(success), moment(failure)
	g.CreatedAt, g.UpdatedAt = moment(created), moment(updated)
	if info != "" {
		g.Info = json.RawMessage(info)
	}
	if iframe != "" {
		g.Iframe = json.RawMessage(iframe)
	}
	for _, part := range []struct {
		text string
		into any
	}{{auth, &g.Auth}, {fields, &g.Fields}, {policy, &g.Policy}} {
		if err := decode(part.text, part.into); err != nil {
			return g, err
		}
	}
	return g, nil
}

// IntegratorFilter narrows a list of integrators; empty fields do not. Text is looked for in label,
// description, host and call-centre id.
type IntegratorFilter struct {
	IntegrationID string
	CustomerID    string
	CallcenterID  string
	EnabledOnly   bool
	Text          string
}

// Integrators lists integrators with their sealed secrets, oldest first.
func (r *Reader) Integrators(ctx context.Context, scope account.Scope, f IntegratorFilter) ([]integration.Integrator, error) {
	q := newQuery(`SELECT `+integratorColumns+` FROM integrators g WHERE 1 = 1`).scope("g.customer_id", scope)
	for _, c := range []struct{ column, v string }{
		{"g.integration_id =", f.IntegrationID}, {"g.customer_id =", f.CustomerID}, {"g.callcenter_id =", f.CallcenterID},
	} {
		if c.v != "" {
			q.and(c.column, c.v)
		}
	}
	if f.EnabledOnly {
		q.and("g.enabled =", true)
	}
	q.contains(f.Text, "g.label", "g.description", "g.host", "g.callcenter_id")
	list, err := all(ctx, r, q.add(` ORDER BY g.id`), scanIntegrator)
	if err != nil {
		return nil, err
	}
	return list, r.unlockInto(ctx, list)
}

// unlockInto fills in the sealed secrets of integrators.
func (r *Reader) unlockInto(ctx context.Context, list []integration.Integrator) error {
	const chunk = 500
	for start := 0; start < len(list); start += chunk {
		part := list[start:min(start+chunk, len(list))]
		ids := make([]string, len(part))
		for i, g := range part {
			ids[i] = g.ID
		}
		secrets, err := r.secretsOf(ctx, integratorSecrets, ids)
		if err != nil {
			return err
		}
		for i := range part {
			part[i].Secrets = secrets[part[i].ID]
		}
	}
	return nil
}

// Integrator finds an integrator by id, with its sealed secrets.
func (r *Reader) Integrator(ctx context.Context, scope account.Scope, integratorID string) (integration.Integrator, error) {
	q := newQuery(`SELECT `+integratorColumns+` FROM integrators g WHERE g.id = $1`, integratorID).scope("g.customer_id", scope)
	g, err := one(ctx, r, q, noIntegrator, scanIntegrator)
	if err != nil {
		return g, err
	}
	list := []integration.Integrator{g}
	err = r.unlockInto(ctx, list)
	return list[0], err
}

// FindIntegrators gives the enabled integrators of one customer for one integration, oldest first.
func (r *Reader) FindIntegrators(ctx context.Context, scope account.Scope, integrationID, customerID string) ([]integration.Integrator, error) {
	return r.Integrators(ctx, scope, IntegratorFilter{IntegrationID: integrationID, CustomerID: customerID, EnabledOnly: true})
}

// IntegratorByCallcenter finds the integrator of an integration that has a call-centre id.
func (r *Reader) IntegratorByCallcenter(ctx context.Context, scope account.Scope, integrationID, callcenterID string) (integration.Integrator, error) {
	if callcenterID == "" {
		return integration.Integrator{}, fault.New(fault.NotFound, noIntegrator)
	}
	list, err := r.Integrators(ctx, scope, IntegratorFilter{IntegrationID: integrationID, CallcenterID: callcenterID})
	if err == nil && len(list) == 0 {
		err = fault.New(fault.NotFound, noIntegrator)
	}
	if err != nil {
		return integration.Integrator{}, err
	}
	return list[0], nil
}

// integratorValues are the stored forms of what has no column of its own type.
func integratorValues(g integration.Integrator) (auth, fields, policy string, err error) {
	if auth, err = encode(g.Auth); err != nil {
		return
	}
	if g.Fields == nil {
		g.Fields = map[string]string{}
	}
	if fields, err = encode(g.Fields); err != nil {
		return
	}
	policy, err = encode(g.Policy)
	return
}

// CreateIntegrator stores a new integrator with its sealed secrets. A call-centre id that another integrator of
// the integration has is a Conflict, and so is a customer or an integration that is gone.
func (tx *Tx) CreateIntegrator(ctx context.Context, g integration.Integrator) (integration.Integrator, error) {
	g.ID = cmp.Or(g.ID, id.New())
	g.Version, g.UpdatedAt = 1, stamp()
	if g.CreatedAt.IsZero() {
		g.CreatedAt = g.UpdatedAt
	}
	auth, fields, policy, err := integratorValues(g)
	if err != nil {
		return g, err
	}
	if err := tx.integratorTaken(ctx, g); err != nil {
		return g, err
	}
	tx.configured()
	_, err = tx.exec(ctx, `INSERT INTO integrators (id, integration_id, customer_id, label, description, callcenter_id, host, base_url,
		allow_http, auth, fields, info, iframe, policy, enabled, version, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`,
		g.ID, g.IntegrationID, g.CustomerID, g.Label, g.Description, optional(g.CallcenterID), g.Host, g.BaseURL,
		g.AllowHTTP, auth, fields, string(g.Info), string(g.Iframe), policy, g.Enabled, g.Version,
		micros(g.CreatedAt), micros(g.UpdatedAt))
	if err != nil {
		return g, named(err, fault.Conflict, "The customer or the integration is gone.")
	}
	return g, tx.putSecrets(ctx, integratorSecrets, g.ID, g.CustomerID, g.Secrets)
}

func (tx *Tx) integratorTaken(ctx context.Context, g integration.Integrator) error {
	var f taken
	if g.CallcenterID != "" {
		f.check(ctx, tx, "Another integrator of this integration has this call-centre id.",
			`SELECT count(*) FROM integrators WHERE integration_id = $1 AND callcenter_id = $2 AND id <> $3`, g.IntegrationID, g.CallcenterID, g.ID)
	}
	return f.err
}

// UpdateIntegrator stores a changed integrator and exactly the secrets it holds; Conflict when its Version is
// not the stored one. Its integration and customer stay as they are, and so do last success and last failure.
func (tx *Tx) UpdateIntegrator(ctx context.Context, g integration.Integrator) (integration.Integrator, error) {
	before, err := tx.Integrator(ctx, account.Everything(), g.ID)
	if err != nil {
		return g, err
	}
	g.IntegrationID, g.CustomerID, g.CreatedAt = before.IntegrationID, before.CustomerID, before.CreatedAt
	auth, fields, policy, err := integratorValues(g)
	if err != nil {
		return g, err
	}
	if err := tx.integratorTaken(ctx, g); err != nil {
		return g, err
	}
	tx.configured()
	g.UpdatedAt = stamp()
	n, err := tx.exec(ctx, `UPDATE integrators SET label = $1, description = $2, callcenter_id = $3, host = $4, base_url = $5,
		allow_http = $6, auth = $7, fields = $8, info = $9, iframe = $10, policy = $11, enabled = $12,
		version = version + 1, updated_at = $13 WHERE id = $14 AND version = $15`,
		g.Label, g.Description, optional(g.CallcenterID), g.Host, g.BaseURL, g.AllowHTTP, auth, fields, string(g.Info),
		string(g.Iframe), policy, g.Enabled, micros(g.UpdatedAt), g.ID, g.Version)
	if err != nil {
		return g, err
	}
	if n == 0 {
		return g, changed("integrator")
	}
	g.Version++
	return g, tx.putSecrets(ctx, integratorSecrets, g.ID, g.CustomerID, g.Secrets)
}

// DeleteIntegrator removes an integrator with its secrets and its state. Its runs stay.
func (tx *Tx) DeleteIntegrator(ctx context.Context, integratorID string) error {
	tx.configured()
	if err := tx.putSecrets(ctx, integratorSecrets, integratorID, "", nil); err != nil {
		return err
	}
	if _, err := tx.exec(ctx, `DELETE FROM state WHERE integrator_id = $1`, integratorID); err != nil {
		return err
	}
	n, err := tx.exec(ctx, `DELETE FROM integrators WHERE id = $1`, integratorID)
	if err == nil && n == 0 {
		return fault.New(fault.NotFound, noIntegrator)
	}
	return err
}
