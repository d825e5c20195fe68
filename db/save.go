package db

import (
	"cmp"
	"context"
	"time"

	"tieline/internal/account"
	"tieline/internal/fault"
	"tieline/internal/id"
	"tieline/internal/integration"
)

// SaveIntegration is a change of an integration. ID is empty for a new one. Base is the revision that the change
// started from; another stored one is a Conflict (0: do not compare). Parts name what changed ("settings",
// "endpoint findContact"). Renames tell endpoints' former names (old name to new name), so that ids and with
// them logs stay.
type SaveIntegration struct {
	ID       string
	Document integration.Integration
	Base     int64
	Author   string
	Parts    []string
	Renames  map[string]string
}

// SaveIntegration stores a new revision of an integration, and derives its endpoints, in one go. A name that is
// taken is a Conflict; a private integration for a customer that does not exist is Invalid at "customer".
func (tx *Tx) SaveIntegration(ctx context.Context, s SaveIntegration) (StoredIntegration, error) {
	stored := StoredIntegration{ID: s.ID, Document: s.Document, Revision: 1, CreatedAt: stamp(), UpdatedAt: stamp()}
	if s.ID != "" {
		before, err := tx.IntegrationByID(ctx, account.Everything(), s.ID)
		if err != nil {
			return stored, err
		}
		if s.Base != 0 && s.Base != before.Revision {
			return stored, changed("integration")
		}
		stored.Revision, stored.CreatedAt = before.Revision+1, before.CreatedAt
	}
	var f taken
	f.check(ctx, tx, "Another integration has this name.", `SELECT count(*) FROM integrations WHERE name = $1 AND id <> $2`, s.Document.Name, s.ID)
	if f.err != nil {
		return stored, f.err
	}
	var err error
	if stored.CustomerID, err = tx.privateTo(ctx, s.Document); err != nil {
		return stored, err
	}
	document, err := encode(s.Document)
	if err != nil {
		return stored, err
	}
	tx.configured()
	if s.ID == "" {
		stored.ID = id.New()
		err = tx.insertIntegration(ctx, stored, document)
	} else {
		err = tx.updateIntegration(ctx, stored, document)
	}
	if err != nil {
		return stored, err
	}
	if err := tx.addRevision(ctx, stored, document, s); err != nil {
		return stored, err
	}
	return stored, tx.deriveEndpoints(ctx, stored, s.Renames)
}

func (tx *Tx) privateTo(ctx context.Context, in integration.Integration) (string, error) {
	if in.Visibility != "private" || in.Customer == "" {
		return "", nil
	}
	c, err := tx.CustomerBySlug(ctx, account.Everything(), in.Customer)
	if err != nil && fault.KindOf(err) == fault.NotFound {
		return "", fault.At("customer", "There is no customer with this slug.")
	}
	return c.ID, err
}

func (tx *Tx) insertIntegration(ctx context.Context, in StoredIntegration, document string) error {
	_, err := tx.exec(ctx, `INSERT INTO integrations (id, name, label, type, description, customer_id, enabled, revision, document, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		in.ID, in.Document.Name, in.Document.Label, in.Document.Type, in.Document.Description, optional(in.CustomerID),
		integration.On(in.Document.Enabled), in.Revision, document, micros(in.CreatedAt), micros(in.UpdatedAt))
	return err
}

// updateIntegration moves on from the revision before; when another transaction was faster it is a Conflict.
func (tx *Tx) updateIntegration(ctx context.Context, in StoredIntegration, document string) error {
	n, err := tx.exec(ctx, `UPDATE integrations SET name = $1, label = $2, type = $3, description = $4, customer_id = $5,
		enabled = $6, revision = $7, document = $8, updated_at = $9 WHERE id = $10 AND revision = $11`,
		in.Document.Name, in.Document.Label, in.Document.Type, in.Document.Description, optional(in.CustomerID),
		integration.On(in.Document.Enabled), in.Revision, document, micros(in.UpdatedAt), in.ID, in.Revision-1)
	if err == nil && n == 0 {
		return changed("integration")
	}
	return err
}

// DeleteIntegration removes an integration with its revisions, endpoints, integrators, their secrets and state.
// Its runs stay.
func (tx *Tx) DeleteIntegration(ctx context.Context, integrationID string) error {
	tx.configured()
	for _, text := range []string{
		`DELETE FROM secrets WHERE owner_table = 'integrators' AND owner_id IN (SELECT id FROM integrators WHERE integration_id = $1)`,
		`DELETE FROM state WHERE integrator_id IN (SELECT id FROM integrators WHERE integration_id = $1)`,
	} {
		if _, err := tx.exec(ctx, text, integrationID); err != nil {
			return err
		}
	}
	n, err := tx.exec(ctx, `DELETE FROM integrations WHERE id = $1`, integrationID)
	if err == nil && n == 0 {
		return fault.New(fault.NotFound, noIntegration)
	}
	return err
}

// EndpointRow is an endpoint of the newest revision as a row: what lists need, and the id that runs carry. The
// id stays through renames.
type EndpointRow struct {
	ID            string
	IntegrationID string
	Name          string
	Label         string
	Type          string
	Method        string
	Enabled       bool
	Position      int
}

const endpointColumns = `e.id, e.integration_id, e.name, e.label, e.type, e.method, e.enabled, e.position`

func scanEndpoint(s scanner) (EndpointRow, error) {
	var e EndpointRow
	err := s.Scan(&e.ID, &e.IntegrationID, &e.Name, &e.Label, &e.Type, &e.Method, &e.Enabled, &e.Position)
	return e, err
}

// Endpoints lists the endpoints of an integration in their order.
func (r *Reader) Endpoints(ctx context.Context, scope account.Scope, integrationID string) ([]EndpointRow, error) {
	q := newQuery(`SELECT `+endpointColumns+` FROM endpoints e JOIN integrations i ON i.id = e.integration_id WHERE i.id = $1`, integrationID)
	return all(ctx, r, q.visible(scope).add(` ORDER BY e.position`), scanEndpoint)
}

// EndpointID is the id of an endpoint by name.
func (r *Reader) EndpointID(ctx context.Context, scope account.Scope, integrationID, name string) (string, error) {
	q := newQuery(`SELECT e.id FROM endpoints e JOIN integrations i ON i.id = e.integration_id WHERE i.id = $1 AND e.name = $2`, integrationID, name)
	return one(ctx, r, q.visible(scope), "There is no such endpoint.", value[string])
}

// deriveEndpoints makes the rows equal to the document. They are written anew, since two may have swapped names.
func (tx *Tx) deriveEndpoints(ctx context.Context, in StoredIntegration, renames map[string]string) error {
	before, err := tx.Endpoints(ctx, account.Everything(), in.ID)
	if err != nil {
		return err
	}
	ids := map[string]string{}
	for _, e := range before {
		ids[e.Name] = e.ID
	}
	for _, e := range before {
		if now, ok := renames[e.Name]; ok && now != e.Name {
			ids[now] = e.ID
			if ids[e.Name] == e.ID {
				delete(ids, e.Name)
			}
		}
	}
	if _, err := tx.exec(ctx, `DELETE FROM endpoints WHERE integration_id = $1`, in.ID); err != nil {
		return err
	}
	for n, e := range in.Document.Endpoints {
		_, err := tx.exec(ctx, `INSERT INTO endpoints (id, integration_id, name, label, type, method, enabled, position) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			cmp.Or(ids[e.Name], id.New()), in.ID, e.Name, e.Label, e.Type, e.EffectiveMethod(), integration.On(e.Enabled), n)
		if err != nil {
			return named(err, fault.Conflict, "Two endpoints have the name "+e.Name+".")
		}
		delete(ids, e.Name)
	}
	return tx.forgetEndpoints(ctx, in.ID)
}

// Revision is one stored state of an integration. Parts name what changed against the one before.
type Revision struct {
	N         int64
	Author    string
	Parts     []string
	CreatedAt time.Time
	Document  integration.Integration // only filled by Reader.Revision
}

const revisionColumns = `v.n, v.author, v.parts, v.created_at`

func scanRevision(s scanner) (Revision, error) {
	var v Revision
	var parts string
	var created int64
	if err := s.Scan(&v.N, &v.Author, &parts, &created); err != nil {
		return v, err
	}
	v.CreatedAt = moment(created)
	return v, decode(parts, &v.Parts)
}

// Revisions lists the revisions of an integration, newest first, without their documents; with an endpoint's
// name only those in which this endpoint changed ("endpoint <name>" or "*" is among the parts). Limit is 100
// where it is 0, at most 1000.
func (r *Reader) Revisions(ctx context.Context, scope account.Scope, integrationID, endpoint string, limit int) ([]Revision, error) {
	q := newQuery(`SELECT `+revisionColumns+` FROM integration_revisions v JOIN integrations i ON i.id = v.integration_id WHERE i.id = $1`, integrationID)
	q.visible(scope)
	if endpoint != "" {
		part, err := encode("endpoint " + endpoint)
		if err != nil {
			return nil, err
		}
		q.add(` AND (`).contained("v.parts", part).add(` OR `).contained("v.parts", `"*"`).add(`)`)
	}
	return all(ctx, r, q.add(` ORDER BY v.n DESC LIMIT `+q.arg(clamp(limit, 100))), scanRevision)
}

// contained adds the condition that a text stands in a column just so.
func (q *query) contained(column, text string) *query {
	return q.add(`replace(` + column + `, ` + q.arg(text) + `, '') <> ` + column)
}

// Revision gives one revision with its document.
func (r *Reader) Revision(ctx context.Context, scope account.Scope, integrationID string, n int64) (Revision, error) {
	q := newQuery(`SELECT `+revisionColumns+`, v.document FROM integration_revisions v
		JOIN integrations i ON i.id = v.integration_id WHERE i.id = $1 AND v.n = $2`, integrationID, n)
	return one(ctx, r, q.visible(scope), "There is no such revision.", func(s scanner) (Revision, error) {
		var document string
		v, err := scanRevision(with{s, []any{&document}})
		if err != nil {
			return v, err
		}
		return v, decode(document, &v.Document)
	})
}

func (tx *Tx) addRevision(ctx context.Context, in StoredIntegration, document string, s SaveIntegration) error {
	parts := s.Parts
	if len(parts) == 0 {
		parts = []string{"*"}
	}
	text, err := encode(parts)
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, `INSERT INTO integration_revisions (integration_id, n, document, author, parts, created_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		in.ID, in.Revision, document, s.Author, text, micros(in.UpdatedAt))
	return named(err, fault.Conflict, "Somebody else changed this integration meanwhile.")
}
