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
		Mappings: []integration.Mapping{{Name: "lead", Envelope: "hubspot_v3", Program: ".", Rows: []integration.MapRow{{From: "email", To: "mail"}}}, {Name: "unused"}},
		Endpoints: []integration.Endpoint{
			fixtureEndpoint(),
			{Name: "createTicket", Type: "PostData", Method: "POST", URL: "/tickets", Mapping: "lead"},
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

func fixtureOperations(p Page) OperationsView {
	return OperationsView{
		Page: p, Of: fixtureIntegration(), Text: "addressformats", Asked: true, Total: 9, All: 3100,
		Found: []FoundOperation{
			{Display: "AddressFormats - Get List of AddressFormat", Method: "GET", Path: "/company/addressFormats", Paginated: true},
			{Display: "AddressFormats - Put AddressFormat", Method: "PUT", Path: "/company/addressFormats/{id}"},
		},
	}
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
	asJSON := base(account.Builder, "request")
	asJSON.Form.AsJSON, asJSON.Form.ParametersText, asJSON.Form.Problems = true, "{\n}", map[string]string{"parameters": "Line 1, column 2: the key body is not known."}
	conditions := base(account.Builder, "request")
	conditions.Form.Conditional, conditions.Form.Conditions = true, &ConditionForm{Param: "conditions", Rows: []ConditionRow{
		{Field: "company/identifier", Op: "=", Kind: "text", Value: "ACME"}, {Join: "or", Field: "lastUpdated", Op: ">", Kind: "date", Value: "{{state.last_success_at}}"},
	}}
	offered := base(account.Builder, "request")
	offered.Form.Conditional, offered.Form.Problems = true, map[string]string{"conditions": "It has parentheses."}
	offered.Form.Endpoint.Method, offered.Form.Endpoint.Body, offered.Form.PatchText = "PATCH", integration.Body{Kind: "json", Content: "[]"}, true
	patch := base(account.Builder, "request")
	patch.Form.Endpoint.Method, patch.Form.Endpoint.Body = "PATCH", integration.Body{Kind: "json", Content: "[]"}
	patch.Form.Patch, patch.Form.Warnings = []PatchRow{{Op: "replace", Path: "company/identifier", Value: "X"}, {Op: "remove", Path: "note"}}, map[string]string{"body.content": "The path is nested."}
	patch.Form.Endpoint.Pagination = &integration.Pagination{Kind: "forward_only", SizeParam: "pageSize", Size: 1000}
	fresh := EndpointView{Page: pageFor(account.Builder, "Add endpoint", "integrations"), Of: of, Form: EndpointForm{Integration: "crm", Tab: "request"}, Preview: &Preview{Error: "Type a URL to see the request here."}}
	found := fixtureOperations(fresh.Page)
	fresh.Operations = &found
	var pages []templ.Component
	for _, v := range []EndpointView{good, bad, refused, asText, multipart, fresh, asJSON, conditions, offered, patch} {
		pages = append(pages, EndpointPage(v))
	}
	mapped := base(account.Owner, "mapping")
	mapped.Form.Endpoint.Mapping = "lead"
	pages = append(pages, EndpointPage(mapped))
	for _, kind := range integration.PaginationKinds() {
		paged := base(account.Owner, "response")
		paged.Form.Endpoint.Pagination = &integration.Pagination{Kind: kind, Start: new(0), Size: 100}
		paged.Form.Problems = map[string]string{"pagination.kind": "No.", "pagination.size": "No.", "pagination.start": "No."}
		paged.Result = &TestResult{Run: pagedRun()}
		pages = append(pages, EndpointPage(paged))
	}
	for _, tab := range []string{"request", "mapping", "response", "triggers", "logs", "history"} {
		pages = append(pages, EndpointPage(base(account.Support, tab)), EndpointPage(base(account.Owner, tab)))
	}
	return pages
}

// mappingPages are the editor of a mapping: with every operation, with problems, new, read only, and its history.
func mappingPages() []templ.Component {
	view := func(role account.Role) MappingView {
		v := MappingView{
			Page: pageFor(role, "lead", "integrations"), Of: fixtureIntegration(), History: fixtureHistory(),
			Form: MappingForm{
				Was: "lead", Base: 3, Name: "lead", Envelope: "hubspot_v3", Program: ".", Input: "{}", Endpoint: "createTicket", ReadOnly: role == account.Support,
				Fields: []MappingField{
					{Group: "Lead", Label: "Email", From: "email", To: "mail", Rule: 1, At: 0},
					{Group: "Lead", Label: "Created at", Kind: "datetime", From: "created_at", To: "created", Format: "Y-m-d", Zone: "UTC", Rule: 2, At: 1},
					{Group: "Call", Label: "Talk Time", Kind: "number", From: "length_in_sec", At: -1},
					{Group: "Extra", Label: "Custom field", Custom: true, From: "shoe_size", To: "size", Format: "number", Rule: 3, At: 2},
				},
			},
			Try: &MappingTryView{Output: "{}", Tokens: tokenUses(), Problems: []run.Problem{{Field: "rows.1.from", Message: "Rule 2: no."}}},
		}
		for i, op := range append(integration.MapOps(), "unheard-of") {
			v.Form.Rules = append(v.Form.Rules, MappingRule{Row: integration.MapRow{Op: op, From: "a", To: "b", Format: "x"}, Table: "a=b", When: "a=1", Rule: 4 + i})
		}
		return v
	}
	broken, fresh, history, request := view(account.Owner), view(account.Builder), view(account.Owner), view(account.Owner)
	broken.Form.Problems = map[string]string{"fields.2.to": "Rule 3: no.", "rules.0.table": "Rule 4: no.", "program": "Line 1, column 2: no.", "": "Nothing is mapped."}
	broken.Conflict, broken.Try = fixtureConflict(), &MappingTryView{Error: "The input is no JSON object."}
	fresh.Form = MappingForm{Base: 1, Input: "{}"}
	history.Tab = "history"
	request.Try.Request = &run.Request{Method: "POST", URL: "https://app.example.test/x", Body: []byte(`{"a":1}`)}
	return []templ.Component{MappingPage(view(account.Owner)), MappingPage(view(account.Support)), MappingPage(broken), MappingPage(fresh), MappingPage(history), MappingPage(request)}
}

// integrationPages are an integration's page on every tab, for those who edit and read.
func integrationPages() []templ.Component {
	var pages []templ.Component
	for _, role := range []account.Role{account.Owner, account.Support} {
		for _, tab := range []string{"integrators", "endpoints", "mappings", "logs", "settings"} {
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
		IntegrationPage(IntegrationView{Page: pageFor(account.Owner, "x", "integrations"), Tab: "mappings", Of: integration.Integration{Name: "x"}}),
		IntegrationPage(IntegrationView{Page: pageFor(account.Owner, "x", "integrations"), Tab: "settings", Of: integration.Integration{Name: "x"}, Settings: IntegrationForm{Was: "x"}}))
}

// integrationFixtures render every component of the integration pages by name.
// fixtureTrigger has every part of a trigger.
func fixtureTrigger() integration.Trigger {
	return integration.Trigger{
		Name: "Every five minutes", Kind: "schedule", Cron: "*/5 * * * *", TimeZone: "Europe/Amsterdam",
		Conditions: []integration.Condition{{Field: "status", Op: "in", Value: "SALE, APPT"}, {Field: "call.call_type", Op: "=", Value: "INBOUND"}},
		Scope:      &integration.Scope{Customers: []string{"acme"}}, Window: &integration.Window{Days: []string{"mon"}, From: "09:00", To: "17:00"},
		Percent: new(50), StopIf: &integration.Condition{Field: "status", Op: "=", Value: "DNC"},
	}
}

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
		"NewIntegrationPage": {NewIntegrationPage(owner, IntegrationForm{}), NewIntegrationPage(owner, IntegrationForm{Presets: []PresetCard{{Key: "psa", Label: "A PSA", Type: "psa", Summary: "Tickets.", Endpoints: []string{"a", "b"}}}}), NewIntegrationPage(owner, IntegrationForm{Integration: fixtureIntegration(), Problems: map[string]string{"name": "It is needed."}})},
		"TriggerPage": {
			TriggerPage(owner, TriggerForm{At: -1, Integration: "crm", Endpoint: "find", Trigger: integration.Trigger{Kind: "event"}}),
			TriggerPage(owner, TriggerForm{Integration: "crm", Endpoint: "find", Trigger: fixtureTrigger(), Due: []time.Time{noon}, Problems: map[string]string{"cron": "Five fields."}}),
			TriggerPage(support, TriggerForm{Integration: "crm", Endpoint: "find", Trigger: integration.Trigger{Kind: "endpoint", Source: "other", Enabled: new(false)}}),
		},
		"ConnectPage": {ConnectPage(owner, "Acme", "login.vendor.test", "https://login.vendor.test/authorize?state=x")},
		"IntegratorPage": {
			IntegratorPage(owner, IntegratorView{Form: form, Name: "Acme", Token: &TokenView{NeedsPerson: true, Redirect: "https://portal.test/oauth/callback"}}),
			IntegratorPage(owner, IntegratorView{Form: form, Name: "Acme", Token: fixtureToken(), Check: &CheckView{Tone: ui.Bad, Message: "Credentials refused.", Run: triedRun()}}),
			IntegratorPage(owner, IntegratorView{Form: form, Name: "Acme"}), IntegratorPage(owner, IntegratorView{Form: failed, Name: "Acme", Conflict: fixtureConflict()}),
			IntegratorPage(owner, IntegratorView{Form: form, Name: "Acme", Breakers: []integration.Breaker{
				{Host: "crm.acme.example:443"},
				{Host: "files.acme.example:443", Since: noon, Failures: 12, Last: "HTTP 503", LastAt: noon, NextProbe: noon},
				{Host: "old.acme.example:443", Since: noon, Held: true},
			}}),
			IntegratorPage(owner, IntegratorView{Form: fresh}), IntegratorPage(support, IntegratorView{Form: form, Name: "Acme"}),
		},
		"EndpointPage": endpointPages(),
		"MappingPage":  mappingPages(),
		"OperationsPage": {
			OperationsPage(fixtureOperations(owner)), OperationsPage(OperationsView{Page: owner, Of: fixtureIntegration(), Text: "zzz", Asked: true, All: 3100}),
		},
		"PickPage":   pickFixtures(owner),
		"ReviewPage": reviewFixtures(owner),
		"ImportPage": {
			ImportPage(owner, ImportView{}), ImportPage(owner, ImportView{Document: "{", Problems: map[string]string{"document": "line 1, column 2"}}),
			ImportPage(owner, ImportView{Document: "x", Plans: []ImportPlan{{Name: "crm", Created: true}, {Name: "sms", Changed: true, Diff: fixtureHistory().Diff, Warnings: []run.Problem{{Field: "endpoints.0.url", Message: "Unknown token."}}}, {Name: "psa"}}}),
		},
		"LogsTab":    {LogsTab(owner, RunsView{Runs: []run.Run{goodRun()}, At: "/x", Size: 50}, "logs", "/runs")},
		"Difference": {Difference(fixtureHistory().Diff, "none"), Difference(nil, "none")},
	}
}

func triedRun() *run.Run {
	r := badRun()
	return &r
}

func fixtureToken() *TokenView {
	now := time.Date(2026, 11, 22, 10, 15, 0, 0, time.UTC)
	return &TokenView{
		Current: true, Now: now, Tried: triedRun(),
		Kept: run.Grant{
			Access: secret.Sealed{Data: []byte("x")}, ObtainedAt: now.Add(-12 * time.Minute), ExpiresAt: now.Add(48 * time.Minute),
			RefreshedAt: now.Add(-12 * time.Minute), FailedAt: now.Add(-time.Hour),
		},
	}
}
