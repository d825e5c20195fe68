package db

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"tieline/internal/account"
	"tieline/internal/fault"
	"tieline/internal/integration"
)

const noIntegration = "There is no such integration."

// StoredIntegration is an integration as stored: the document of its newest revision. CustomerID is the customer
// that a private one belongs to, else "".
type StoredIntegration struct {
	ID         string
	CustomerID string
	Revision   int64
	Document   integration.Integration
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

const integrationColumns = `i.id, coalesce(i.customer_id, ''), i.revision, i.document, i.created_at, i.updated_at`

func scanIntegration(s scanner) (StoredIntegration, error) {
	var in StoredIntegration
	var document string
	var created, updated int64
	if err := s.Scan(&in.ID, &in.CustomerID, &in.Revision, &document, &created, &updated); err != nil {
		return in, err
	}
	in.CreatedAt, in.UpdatedAt = moment(created), moment(updated)
	return in, decode(document, &in.Document)
}

// decode reads a stored document.
func decode(document string, into any) error {
	if err := json.Unmarshal([]byte(document), into); err != nil {
		return fmt.Errorf("stored document: %w", err)
	}
	return nil
}

// encode writes a document for storing.
func encode(v any) (string, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return "", fault.Wrap(fault.Invalid, "The document cannot be stored.", err)
	}
	return string(b), nil
}

// visible adds the condition that an integration is shared, or private to a customer in the scope.
func (q *query) visible(s account.Scope) *query {
	switch {
	case s.All():
		return q
	case len(s.Customers()) == 0:
		return q.add(" AND 1 = 0")
	}
	return q.add(" AND (i.customer_id IS NULL OR i.customer_id IN (" + q.list(s.Customers()) + "))")
}

// Integration finds an integration by name. A private one of a customer outside the scope is NotFound.
func (r *Reader) Integration(ctx context.Context, scope account.Scope, name string) (StoredIntegration, error) {
	q := newQuery(`SELECT `+integrationColumns+` FROM integrations i WHERE i.name = $1`, name).visible(scope)
	return one(ctx, r, q, noIntegration, scanIntegration)
}

// IntegrationByID finds an integration by id, as Integration does.
func (r *Reader) IntegrationByID(ctx context.Context, scope account.Scope, integrationID string) (StoredIntegration, error) {
	q := newQuery(`SELECT `+integrationColumns+` FROM integrations i WHERE i.id = $1`, integrationID).visible(scope)
	return one(ctx, r, q, noIntegration, scanIntegration)
}

// AllIntegrations gives every integration in the scope with its document, by name.
func (r *Reader) AllIntegrations(ctx context.Context, scope account.Scope) ([]StoredIntegration, error) {
	q := newQuery(`SELECT ` + integrationColumns + ` FROM integrations i WHERE 1 = 1`).visible(scope)
	return all(ctx, r, q.add(` ORDER BY i.name`), scanIntegration)
}

// IntegrationFilter narrows a list of integrations. Text is looked for in name, label and description; with a
// CustomerID only those remain that this customer uses, or that are private to it. Limit is 100 where it is 0,
// at most 1000.
type IntegrationFilter struct {
	Text       string
	Type       string
	CustomerID string
	Limit      int
	Cursor     string
}

// IntegrationRow is one line of the list of integrations. Integrators, LastSuccessAt and the last failure are
// those of the integrators in the scope (and of the filter's customer).
type IntegrationRow struct {
	ID            string
	Name          string
	Label         string
	Type          string
	Description   string
	CustomerID    string // of a private one, else ""
	Enabled       bool
	Revision      int64
	Endpoints     int
	UpdatedAt     time.Time
	Integrators   int
	LastSuccessAt time.Time
	LastFailureAt time.Time
	LastCause     string
	LastRunID     string // of the last failure
}

// Visibility is shared or private.
func (row IntegrationRow) Visibility() string {
	if row.CustomerID != "" {
		return "private"
	}
	return "shared"
}

const integrationRowColumns = `i.id, i.name, i.label, i.type, i.description, coalesce(i.customer_id, ''), i.enabled, i.revision,
	(SELECT count(*) FROM endpoints e WHERE e.integration_id = i.id), i.updated_at`

func scanIntegrationRow(s scanner) (IntegrationRow, error) {
	var row IntegrationRow
	var updated int64
	err := s.Scan(&row.ID, &row.Name, &row.Label, &row.Type, &row.Description, &row.CustomerID, &row.Enabled, &row.Revision,
		&row.Endpoints, &updated)
	row.UpdatedAt = moment(updated)
	return row, err
}

// Integrations lists integrations by name, and gives the cursor of the next page, "" after the last.
func (r *Reader) Integrations(ctx context.Context, scope account.Scope, f IntegrationFilter) ([]IntegrationRow, string, error) {
	q := newQuery(`SELECT `+integrationRowColumns+` FROM integrations i WHERE 1 = 1`).visible(scope).
		contains(f.Text, "i.name", "i.label", "i.description")
	if f.Type != "" {
		q.and("i.type =", f.Type)
	}
	if f.CustomerID != "" {
		mark := q.arg(f.CustomerID)
		q.add(` AND (i.customer_id = ` + mark + ` OR EXISTS (SELECT 1 FROM integrators g WHERE g.integration_id = i.id AND g.customer_id = ` + mark + `))`)
	}
	if f.Cursor != "" {
		q.and("i.name >", f.Cursor)
	}
	limit := clamp(f.Limit, 100)
	list, err := all(ctx, r, q.add(" ORDER BY i.name LIMIT "+q.arg(limit+1)), scanIntegrationRow)
	if err != nil {
		return nil, "", err
	}
	next := ""
	if len(list) > limit {
		list = list[:limit]
		next = list[limit-1].Name
	}
	return list, next, r.use(ctx, scope, f.CustomerID, list)
}

// use fills in how the integrators of the listed integrations fare.
func (r *Reader) use(ctx context.Context, scope account.Scope, customerID string, list []IntegrationRow) error {
	at := make(map[string]*IntegrationRow, len(list))
	ids := make([]string, len(list))
	for i := range list {
		at[list[i].ID], ids[i] = &list[i], list[i].ID
	}
	if len(ids) == 0 {
		return nil
	}
	q := newQuery(`SELECT integration_id, last_success_at, last_failure_at, last_cause, last_run_id FROM integrators WHERE 1 = 1`)
	q.add(` AND integration_id IN (`+q.list(ids)+`)`).scope("customer_id", scope)
	if customerID != "" {
		q.and("customer_id =", customerID)
	}
	_, err := all(ctx, r, q, func(s scanner) (none struct{}, err error) {
		var integrationID, cause, runID string
		var ok, failed int64
		if err = s.Scan(&integrationID, &ok, &failed, &cause, &runID); err != nil {
			return none, err
		}
		row := at[integrationID]
		row.Integrators++
		if success := moment(ok); success.After(row.LastSuccessAt) {
			row.LastSuccessAt = success
		}
		if failure := moment(failed); failure.After(row.LastFailureAt) {
			row.LastFailureAt, row.LastCause, row.LastRunID = failure, cause, runID
		}
		return none, nil
	})
	return err
}
