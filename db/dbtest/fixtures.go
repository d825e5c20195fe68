package dbtest

import (
	"testing"
	"time"

	"tieline/db"
	"tieline/internal/account"
	"tieline/internal/id"
	"tieline/internal/integration"
	"tieline/internal/run"
)

// Tx runs fn in a transaction that must succeed.
func Tx(t testing.TB, d *db.DB, fn func(tx *db.Tx) error) {
	t.Helper()
	if err := d.Tx(t.Context(), fn); err != nil {
		t.Fatalf("transaction: %v", err)
	}
}

// Customer stores a customer with the slug.
func Customer(t testing.TB, d *db.DB, slug string) (c account.Customer) {
	t.Helper()
	Tx(t, d, func(tx *db.Tx) (err error) {
		c, err = tx.CreateCustomer(t.Context(), account.Customer{Slug: slug, Name: "Customer " + slug, Enabled: true})
		return err
	})
	return c
}

// Document is a plausible integration: a CRM with a look-up and a write.
func Document(name string) integration.Integration {
	return integration.Integration{
		Name: name, Label: "Label of " + name, Type: "crm",
		Parameters: []integration.Parameter{{Name: "ApiKey", Label: "API key", In: "header", Required: true, Secret: true}},
		Endpoints: []integration.Endpoint{
			{
				Name: "findContact", Type: "GetData", Method: "GET", URL: "https://{{host}}/crm/v3/contacts",
				Query:    []integration.Row{{Name: "phone", Value: "{{phone_number}}"}},
				Headers:  []integration.Row{{Name: "Accept", Value: "application/json"}},
				Params:   []string{"ApiKey"},
				Response: integration.Response{Type: "json", Key: "results.0.id"},
			},
			{
				Name: "saveCall", Type: "PostData", Method: "POST", URL: "https://{{host}}/crm/v3/calls",
				Body: integration.Body{Kind: "json", Content: `{"contact": "{{contact_id}}"}`},
			},
		},
	}
}

// Integration stores the integration of Document.
func Integration(t testing.TB, d *db.DB, name string) (in db.StoredIntegration) {
	t.Helper()
	Tx(t, d, func(tx *db.Tx) (err error) {
		in, err = tx.SaveIntegration(t.Context(), db.SaveIntegration{Document: Document(name), Author: "fixture"})
		return err
	})
	return in
}

// Integrator stores a customer's use of an integration.
func Integrator(t testing.TB, d *db.DB, in db.StoredIntegration, c account.Customer) (g integration.Integrator) {
	t.Helper()
	Tx(t, d, func(tx *db.Tx) (err error) {
		g, err = tx.CreateIntegrator(t.Context(), integration.Integrator{
			IntegrationID: in.ID, CustomerID: c.ID, Label: "Main", Host: "crm." + c.Slug + ".example",
			Auth: integration.Auth{Kind: "none"}, Fields: map[string]string{"Region": "eu"}, Enabled: true,
		})
		return err
	})
	return g
}

// NewRun is a plausible run of the first endpoint that ended well at a moment; change it, then store it with Run.
func NewRun(t testing.TB, d *db.DB, in db.StoredIntegration, g integration.Integrator, c account.Customer, at time.Time) run.Run {
	t.Helper()
	endpoint := in.Document.Endpoints[0]
	endpointID, err := d.EndpointID(t.Context(), account.Everything(), in.ID, endpoint.Name)
	if err != nil {
		t.Fatalf("endpoint: %v", err)
	}
	result := "51"
	return run.Run{
		ID: id.At(at), Status: run.Succeeded, Result: &result, Outputs: map[string]any{"id": "51"},
		IntegrationID: in.ID, Integration: in.Document.Name, Revision: in.Revision, EndpointID: endpointID, Endpoint: endpoint.Name,
		Method: "GET", IntegratorID: g.ID, IntegratorVersion: g.Version, Integrator: g.Label, CustomerID: c.ID, Customer: c.Slug,
		Trigger: "call", Key: "+15551234567", RecordType: "lead", RecordID: "1234567", HTTPStatus: 200,
		Duration: 42 * time.Millisecond, CreatedBy: "fixture", CreatedAt: at, FinishedAt: at.Add(42 * time.Millisecond),
		Attempts: []run.Attempt{{Number: 1, StartedAt: at, Exchanges: []run.Exchange{{
			Page: 1, StartedAt: at,
			Request: run.Request{Method: "GET", URL: "https://crm.example/crm/v3/contacts?phone=%2B15551234567", Headers: []run.Header{{Name: "Accept", Value: "application/json"}}},
			Response: &run.Response{
				Status: 200, Headers: []run.Header{{Name: "Content-Type", Value: "application/json"}},
				Body: []byte(`{"results":[{"id":"51","email":"lead@example.test"}]}`), Size: 53, Complete: true,
			},
			Timings: run.Timings{DNS: time.Millisecond, Connect: 2 * time.Millisecond, FirstByte: 30 * time.Millisecond, Total: 42 * time.Millisecond},
			Peer:    "192.0.2.10:443",
		}}}},
		Tokens: []run.TokenUse{{Name: "phone_number", Value: "+15551234567", Source: "event", Where: "url"}},
		Input:  []byte(`{"tokens":{"phone_number":"+15551234567"}}`),
	}
}

// Run stores a run as it is.
func Run(t testing.TB, d *db.DB, r run.Run) run.Run {
	t.Helper()
	p, err := db.PackRun(r)
	if err != nil {
		t.Fatalf("pack run: %v", err)
	}
	if err := d.Group(t.Context(), func(tx *db.Tx) error { return tx.InsertRun(t.Context(), p) }); err != nil {
		t.Fatalf("insert run: %v", err)
	}
	return r
}

// Analyze lets the engine learn how its values are spread, as it does by itself in the long run.
func Analyze(t testing.TB, d *db.DB) {
	t.Helper()
	if err := d.Optimize(t.Context()); err != nil {
		t.Fatalf("optimize: %v", err)
	}
}
