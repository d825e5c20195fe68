package views

import (
	"encoding/json"
	"time"

	"github.com/a-h/templ"

	"tieline/internal/account"
	"tieline/internal/audit"
	"tieline/internal/integration"
	"tieline/internal/run"
	"tieline/internal/secret"
	"tieline/views/ui"
)

func fixtureEndpoint() integration.Endpoint {
	return integration.Endpoint{
		Name: "findContact", Label: "Find contact", Type: "GetData", Method: "POST", URL: "https://{{host}}/objects/{id}/contacts",
		Description: "Looks a contact up by phone number when a call starts.",
		Headers: []integration.Row{
			{Name: "Accept", Value: "application/json"},
			{Name: "Content-Length", Value: "0"},
			{Name: "X-Trace", Value: "{{run.id}}", Enabled: integration.Switch(false)},
		},
		Query:  []integration.Row{{Name: "phone", Value: "phone_number", Source: "event"}},
		Path:   []integration.Row{{Name: "id"}},
		Params: []string{"ApiKey", "stranger"}, Body: integration.Body{Kind: "raw", Content: "{\n  \"phone\": \"{{phone_number}}\"\n}"},
		Hard: []integration.HardRow{{In: "query", Name: "source", Value: "tieline"}},
		Response: integration.Response{
			Type: "json", Key: "results.0.id", Outputs: []integration.Output{{Name: "id", Path: "results.0.id"}},
			Success: &integration.Success{Path: "ok", Op: "=", Value: "true"}, Statuses: []int{200, 201, 404},
		},
	}
}

func fixtureIntegration() integration.Integration {
	return integration.Integration{
		Name: "crm", Label: "Customer base", Type: "crm", Description: "Contacts and tickets.", Info: true, Iframe: true,
		Parameters: []integration.Parameter{
			{Name: "ApiKey", Label: "API key", Required: true, Secret: true, Help: "From Settings, private apps."},
			{Name: "tenant", Label: "Tenant", In: "path", Example: "eu1", Prefix: "https://", Suffix: ".example.test", Transform: "md5"},
		},
		Endpoints: []integration.Endpoint{
			fixtureEndpoint(),
			{Name: "createTicket", Type: "PostData", Method: "POST", URL: "/tickets"},
			{Name: "invoice", Type: "Document", URL: "/invoices/{{InvoiceNumber}}.pdf", Enabled: integration.Switch(false)},
		},
	}
}

func fixtureIntegrator() integration.Integrator {
	return integration.Integrator{
		ID: "i1", CustomerID: "c1", Host: "app.example.test", CallcenterID: "CC-1001", Enabled: true, LastSuccessAt: noon, LastFailureAt: noon.Add(time.Hour), LastCause: "unauthorized", LastRunID: "r1",
		Auth:    integration.Auth{Kind: "basic", Settings: map[string]string{"username": "acme"}},
		Secrets: map[string]secret.Sealed{"field.ApiKey": {Data: []byte("x"), Hint: "gckQ...taJ9", At: noon}},
		Fields:  map[string]string{"tenant": "eu1"}, Info: json.RawMessage(`{"renderTooltip": []}`), Policy: integration.Policy{ExtraHosts: []string{"files.example.test"}},
	}
}

func fixtureHistory() History {
	return History{
		Href: "/integrations/crm", Tab: "settings", Restore: "/integrations/crm/restore", What: "the integration crm", CanRestore: true, Compared: true, From: 2, To: 3,
		Revisions: []Revision{
			{N: 3, Author: "owner@msp.test", At: noon, Parts: []string{"endpoint findContact", "settings"}, Current: true},
			{N: 2, Author: "owner@msp.test", At: noon.Add(-time.Hour), Parts: []string{"settings"}},
			{N: 1, Author: "import", At: noon.Add(-2 * time.Hour), Parts: []string{"everything"}},
		},
		Diff: []audit.Field{{Path: "endpoints.findContact.url", Before: "/a", After: "/b"}, {Path: "label", After: "Customer base"}},
	}
}

func fixtureConflict() *Conflict {
	return &Conflict{What: "This endpoint", Theirs: "/theirs", Fields: []ConflictField{{Path: "url", Mine: "/a", Theirs: "/b"}, {Path: "label", Mine: "", Theirs: "x"}}}
}

// endpointPages are the endpoint's page on every tab, with and without a result, for those who edit and read.
func endpointPages() []templ.Component {
	of := fixtureIntegration()
	base := func(role account.Role, tab string) EndpointView {
		v := EndpointView{
			Page: pageFor(role, "findContact", "integrations"), Of: of,
			Form: EndpointForm{
				Integration: "crm", Was: "findContact", Tab: tab, Endpoint: fixtureEndpoint(), Stored: fixtureEndpoint(), Parameters: of.Parameters, Others: []string{"createTicket"},
				Managed: map[int]string{1: "Managed automatically: the true length is sent."}, Hint: "application/json", ReadOnly: role == account.Support,
				Problems: map[string]string{}, Warnings: map[string]string{"query.0.value": "Unknown token phone_numbr, did you mean phone_number?"},
			},
			Test:   TestForm{Integrators: []ui.Option{{Value: "i1", Label: "Acme"}}, Integrator: "i1", RecordID: "102", Tokens: "{}"},
			Tokens: []TokenGroup{{Title: "Integrator", Tokens: []TokenHint{{Name: "host", Help: "The host."}, {Name: "field.ApiKey"}}}},
			Preview: &Preview{
				Request: run.Request{Method: "POST", URL: "https://app.example.test/x?y=1", Headers: []run.Header{{Name: "ApiKey", Value: "gckQ...taJ9"}}, Body: []byte(`{"a":1}`)},
				Tokens:  tokenUses(), Problems: []run.Problem{{Field: "path.0.value", Message: "The path value id is empty."}, {Message: "Something else."}},
			},
			History: fixtureHistory(),
			Logs:    LogsTab(pageFor(role, "", ""), RunsView{Runs: []run.Run{goodRun(), badRun()}, At: "/x", Size: 50}, "logs", "/runs"),
		}
		return v
	}
	good, bad, refused := base(account.Owner, "test"), base(account.Owner, "response"), base(account.Owner, "request")
	good.Result = &TestResult{Run: goodRun(), Tree: &Node{Kind: "object", Children: []Node{
		{Key: "results", Kind: "list", Path: "results", More: 3, Children: []Node{{Key: "0", Kind: "text", Path: "results.0", Text: "<b>x</b>"}}},
		{Key: "total", Kind: "number", Path: "total", Text: "1"},
	}}}
	blocked := badRun()
	blocked.Failure = &run.Failure{Cause: run.BlockedAddress, Summary: "10.1.2.3:443 is not allowed", Evidence: "10.1.2.3", Hint: "An owner can allow it.", Subject: "10.1.2.3:443"}
	bad.Result, bad.Conflict = &TestResult{Run: blocked}, fixtureConflict()
	refused.Result = &TestResult{Error: "This cannot be sent yet.", Problems: map[string]string{"url": "Must start with https:// or /."}}
	refused.Form.Problems = map[string]string{"url": "Must start with https:// or /.", "headers.0.name": "A name is needed.", "": "The whole is wrong."}
	asText := base(account.Builder, "request")
	asText.Form.AsText, asText.Form.HeadersText = true, "Accept: application/json"
	asText.Form.Endpoint.Type, asText.Form.Endpoint.Token = "Auth", &integration.Token{Path: "token", Place: &integration.TokenPlace{In: "query", Name: "t"}}
	multipart := base(account.Builder, "request")
	multipart.Form.Endpoint.Body = integration.Body{Kind: "multipart", Rows: []integration.BodyRow{{Name: "file", Value: "x", FileName: "a.txt", ContentType: "text/plain"}}}
	fresh := EndpointView{Page: pageFor(account.Builder, "Add endpoint", "integrations"), Of: of, Form: EndpointForm{Integration: "crm", Tab: "request"}, Preview: &Preview{Error: "Type a URL to see the request here."}}
	pages := []templ.Component{EndpointPage(good), EndpointPage(bad), EndpointPage(refused), EndpointPage(asText), EndpointPage(multipart), EndpointPage(fresh)}
	for _, tab := range []string{"request", "response", "logs", "history"} {
		pages = append(pages, EndpointPage(base(account.Support, tab)), EndpointPage(base(account.Owner, tab)))
	}
	return pages
}

// integrationPages are an integration's page on every tab, for those who edit and read.
func integrationPages() []templ.Component {
	var pages []templ.Component
	for _, role := range []account.Role{account.Owner, account.Support} {
		for _, tab := range []string{"integrators", "endpoints", "logs", "settings"} {
			v := IntegrationView{
				Page: pageFor(role, "Customer base", "integrations"), Tab: tab, Of: fixtureIntegration(), Revision: 3,
				Integrators: []IntegratorRow{{Integrator: fixtureIntegrator(), CustomerSlug: "acme", CustomerName: "Acme", Mask: "gckQ...taJ9"}, {Integrator: integration.Integrator{ID: "i2", Label: "Second"}, CustomerName: "Globex"}},
				Settings:    IntegrationForm{Was: "crm", Warnings: map[string]string{"parameters.0.name": "Nothing uses it."}, Base: 3, Integration: fixtureIntegration(), Problems: map[string]string{"parameters.1.name": "Another parameter has this name.", "parameters.1.pattern": "This pattern cannot be read."}},
				History:     fixtureHistory(), Conflict: fixtureConflict(), Warned: map[string]int{"findContact": 2},
				Logs: LogsTab(pageFor(role, "", ""), RunsView{At: "/x", Size: 50}, "logs", "/runs"),
			}
			pages = append(pages, IntegrationPage(v))
		}
	}
	return append(pages, IntegrationPage(IntegrationView{Page: pageFor(account.Owner, "x", "integrations"), Tab: "integrators", Of: integration.Integration{Name: "x"}}),
		IntegrationPage(IntegrationView{Page: pageFor(account.Owner, "x", "integrations"), Tab: "endpoints", Of: integration.Integration{Name: "x"}}),
		IntegrationPage(IntegrationView{Page: pageFor(account.Owner, "x", "integrations"), Tab: "settings", Of: integration.Integration{Name: "x"}, Settings: IntegrationForm{Was: "x"}}))
}

// integrationFixtures render every component of the integration pages by name.
func integrationFixtures() map[string][]templ.Component {
	owner, support := pageFor(account.Owner, "Integration", "integrations"), pageFor(account.Support, "Integration", "integrations")
	rows := IntegrationsView{Text: "c", Next: "/more", Rows: []IntegrationRow{
		{Name: "crm", Label: "Customer base", Type: "crm", Integrators: 2, Enabled: true, LastSuccessAt: noon, LastFailureAt: noon.Add(time.Hour), LastCause: "unauthorized", LastRunID: "r1"},
		{Name: "sms", Type: "sms", Integrators: 1, Enabled: true, Mask: "gckQ...taJ9"},
		{Name: "psa", Visibility: "private", Customer: "Acme", LastFailureAt: noon, LastCause: "dns"},
	}}
	form := IntegratorForm{Of: fixtureIntegration(), Integrator: fixtureIntegrator(), Customer: "acme", Customers: []account.Customer{{Slug: "acme", Name: "Acme"}}, Info: "{}", Iframe: "{}"}
	failed := form
	failed.Problems, failed.Retype = map[string]string{"host": "Just the host.", "info": "line 1, column 2", "policy.timeout_s": "1 to 120."}, []string{"field.ApiKey"}
	failed.Integrator.AllowHTTP = true
	fresh := IntegratorForm{Of: fixtureIntegration(), Integrator: integration.Integrator{Enabled: true}}
	return map[string][]templ.Component{
		"IntegrationsPage":   {IntegrationsPage(owner, rows), IntegrationsPage(support, rows), IntegrationsPage(owner, IntegrationsView{}), IntegrationsPage(owner, IntegrationsView{Text: "none"})},
		"IntegrationPage":    integrationPages(),
		"NewIntegrationPage": {NewIntegrationPage(owner, IntegrationForm{}), NewIntegrationPage(owner, IntegrationForm{Integration: fixtureIntegration(), Problems: map[string]string{"name": "It is needed."}})},
		"IntegratorPage": {
			IntegratorPage(owner, IntegratorView{Form: form, Name: "Acme"}), IntegratorPage(owner, IntegratorView{Form: failed, Name: "Acme", Conflict: fixtureConflict()}),
			IntegratorPage(owner, IntegratorView{Form: fresh}), IntegratorPage(support, IntegratorView{Form: form, Name: "Acme"}),
		},
		"EndpointPage": endpointPages(),
		"PickPage":     pickFixtures(owner),
		"ReviewPage":   reviewFixtures(owner),
		"ImportPage": {
			ImportPage(owner, ImportView{}), ImportPage(owner, ImportView{Document: "{", Problems: map[string]string{"document": "line 1, column 2"}}),
			ImportPage(owner, ImportView{Document: "x", Plans: []ImportPlan{{Name: "crm", Created: true}, {Name: "sms", Changed: true, Diff: fixtureHistory().Diff, Warnings: []run.Problem{{Field: "endpoints.0.url", Message: "Unknown token."}}}, {Name: "psa"}}}),
		},
		"LogsTab":    {LogsTab(owner, RunsView{Runs: []run.Run{goodRun()}, At: "/x", Size: 50}, "logs", "/runs")},
		"Difference": {Difference(fixtureHistory().Diff, "none"), Difference(nil, "none")},
	}
}
