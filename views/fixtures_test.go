package views

import (
	"net/url"
	"time"

	"github.com/a-h/templ"

	"tieline/internal/account"
	"tieline/internal/audit"
	"tieline/internal/run"
	"tieline/internal/secret"
	"tieline/views/ui"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func pageFor(role account.Role, title, section string) Page {
	return Page{
		Title: title, Section: section, Here: "/here?x=1", CSS: "app.css", JS: "app.js", HTMX: "htmx.min.js", Icon: "icon.svg",
		Actor: account.Actor{Kind: account.Person, ID: "u1", Name: "Olga Owner", Role: role, Scope: account.Everything()},
	}
}

func exchange(status int, mime, body string) run.Exchange {
	return run.Exchange{
		Page: 1, StartedAt: noon, Peer: "203.0.113.10:443",
		Request: run.Request{
			Method: "GET", URL: "https://crm.acme.example/v1/contacts?phone=%2B15551234567&limit=1",
			Headers: []run.Header{{Name: "Accept", Value: "application/json"}, {Name: "Authorization", Value: "Bearer ••••"}},
		},
		Response: &run.Response{
			Status: status, Headers: []run.Header{{Name: "Content-Type", Value: mime}, {Name: "Server", Value: "nginx"}},
			Body: []byte(body), Size: int64(len(body)), Complete: true, SHA256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
		},
		Timings: run.Timings{DNS: 3 * time.Millisecond, Connect: 12 * time.Millisecond, TLS: 31 * time.Millisecond, FirstByte: 84 * time.Millisecond, Total: 141 * time.Millisecond},
		TLS:     &run.TLS{Version: "TLS 1.3", Cipher: "TLS_AES_128_GCM_SHA256", Subject: "crm.acme.example", Issuer: "Example CA", Expires: noon.AddDate(0, 3, 0)},
	}
}

func tokenUses() []run.TokenUse {
	return []run.TokenUse{
		{Name: "phone_number", Value: "+15551234567", Source: "call data", Where: "url"},
		{Name: "field.ApiKey", Value: "gckQ...taJ9", Source: "integrator field", Where: "header Authorization", Masked: true, Shadowed: "default demo"},
	}
}

func goodRun() run.Run {
	return run.Run{
		ID: "019378aa-0000-7000-8000-000000000001", Status: run.Succeeded, Result: new("101"), Outputs: map[string]any{"id": "101", "owner": map[string]any{"name": "Sam"}},
		Integration: "hubspot", Revision: 4, EndpointID: "e1", Endpoint: "findContact", Method: "GET", Integrator: "Acme production", CustomerID: "c1", Customer: "acme",
		Trigger: "test", Test: true, Key: "+15551234567", RecordType: "lead", RecordID: "1234567", HTTPStatus: 200, Duration: 141 * time.Millisecond, CreatedBy: "Olga Owner",
		CreatedAt: noon, FinishedAt: noon.Add(141 * time.Millisecond), Tokens: tokenUses(), Input: []byte(`{"tokens":{"phone_number":"+15551234567"}}`),
		Attempts: []run.Attempt{{Number: 1, Exchanges: []run.Exchange{exchange(200, "application/json", `{"results":[{"id":101,"name":"Test <b>Person</b>"}],"total":1}`)}}},
	}
}

func badRun() run.Run {
	r := goodRun()
	r.ID, r.Status, r.Result, r.Outputs, r.Test, r.Trigger = "019378aa-0000-7000-8000-000000000002", run.Failed, nil, nil, false, "call"
	r.Failure = &run.Failure{
		Cause: run.LoginPage, Summary: "expected JSON, got a login page", Evidence: "HTTP 200, Content-Type: text/html\n<title>Sign in – Acme CRM</title>",
		Hint: "The vendor sent its sign-in page: the credentials are missing or have expired. Check the integrator’s authentication.",
	}
	x := exchange(200, "text/html", "<!doctype html><title>Sign in</title><form action=\"/login\"><input name=user></form>")
	x.Hops = []run.Hop{{From: "https://crm.acme.example/v1/contacts", Status: 302, To: "https://crm.acme.example/login"}}
	r.Attempts = []run.Attempt{{Number: 1, Exchanges: []run.Exchange{x}}, {Number: 2, Exchanges: []run.Exchange{x}}}
	return r
}

// pagedRun is a list of three pages, the second of which was asked for twice.
func pagedRun() run.Run {
	r := goodRun()
	r.Result, r.ResultNote, r.Count = nil, "2503 records on 3 pages.", 2503
	page := func(n, status, items int, then string, waits ...run.Wait) run.Exchange {
		x := exchange(status, "application/json", `[{"id":1}]`)
		x.Page, x.Waits = n, waits
		if items > 0 {
			x.Paging = &run.Paging{Items: items, Then: then}
		}
		return x
	}
	limited := run.Failure{Cause: run.RateLimited, Summary: "HTTP 429 Too Many Requests"}
	r.Attempts = []run.Attempt{
		{Number: 1, Failure: &limited, Exchanges: []run.Exchange{page(1, 200, 1000, "page 2 follows"), page(2, 429, 0, "")}},
		{Number: 2, Exchanges: []run.Exchange{
			page(2, 200, 1000, "page 3 follows", run.Wait{For: 2 * time.Second, Why: "Retry-After: 2"}),
			page(3, 200, 503, "the last page: fewer than 1000 items", run.Wait{For: 40 * time.Millisecond, Why: "at most 5 at a time"}),
		}},
	}
	return r
}

// heldRun is one of which nothing was sent.
func heldRun() run.Run {
	r := badRun()
	r.Failure = &run.Failure{Cause: run.BreakerOpen, Summary: "calls to crm.acme.example:443 are stopped since 10:14:00 UTC", Evidence: "10 requests in a row failed.", Hint: "Nothing was sent."}
	r.Attempts, r.HTTPStatus = []run.Attempt{{Number: 1, Failure: r.Failure}}, 0
	return r
}

func blockedRun() run.Run {
	r := badRun()
	r.ID = "019378aa-0000-7000-8000-000000000003"
	r.Failure = &run.Failure{Cause: run.BlockedAddress, Summary: "10.1.2.3:443 is a private address", Evidence: "psa.acme.example resolved to 10.1.2.3", Hint: "An owner can allow this address for the customer.", Subject: "10.1.2.3:443"}
	r.HTTPStatus, r.Duration = 0, 2*time.Millisecond
	r.Attempts = []run.Attempt{{Number: 1, Exchanges: []run.Exchange{{Page: 1, Request: exchange(0, "", "").Request, Error: "blocked"}}}}
	r.Tokens, r.Input = nil, nil
	return r
}

func someRuns() []run.Run {
	list := []run.Run{goodRun(), badRun(), blockedRun()}
	for i, s := range run.Statuses() {
		r := goodRun()
		r.ID, r.Status, r.Key = "019378aa-0000-7000-8000-0000000001"+string(rune('a'+i))+"0", s, "INV000000"+string(rune('0'+i))
		r.CreatedAt = noon.Add(-time.Duration(i) * time.Hour)
		list = append(list, r)
	}
	return list
}

// viewedRuns is the list under saved views, filtered otherwise than the current one.
func viewedRuns(form ViewForm) RunsView {
	v := runsView()
	v.Query = url.Values{"view": {"sv1"}, "status": {"failed"}, "customer": {"acme"}}
	mine := account.SavedView{ID: "sv1", Name: "Failed", Query: "status=failed", UserID: "u1"}
	v.Saved = &SavedViews{List: []account.SavedView{mine, {ID: "sv2", Name: "Unknown of everybody", Query: "status=unknown"}}, Current: mine, MayShare: true, Form: form}
	return v
}

func runsView() RunsView {
	return RunsView{
		Runs: someRuns(), Next: "next", At: "/runs", Query: url.Values{"status": {"failed"}, "limit": {"50"}}, Size: 50,
		Customers: []ui.Option{{Value: "acme", Label: "Acme Dental"}},
	}
}

func line(ok, failed int64, good, bad time.Time) IntegrationLine {
	return IntegrationLine{Name: "hubspot", Label: "HubSpot", Integrators: 1, Enabled: true, LastSuccessAt: good, LastFailureAt: bad, LastCause: run.LoginPage, LastRunID: "r1", OK: ok, Failed: failed}
}

func homeView() HomeView {
	v := HomeView{
		Failures: []run.Run{badRun(), blockedRun()}, MoreFailures: true, Customers: 2, Integrations: 3, Integrators: 4, Runs: true, Demo: true,
		Health: []HealthLine{
			{"acme", "Acme Dental", line(41, 2, noon.Add(-time.Hour), noon)},
			{"acme", "Acme Dental", line(12, 0, noon, time.Time{})},
			{"globex", "Globex", line(0, 0, noon.AddDate(0, 0, -3), time.Time{})},
			{"globex", "Globex", line(0, 0, time.Time{}, time.Time{})},
		},
	}
	for i := range 24 {
		v.Hours = append(v.Hours, Hour{noon.Add(time.Duration(i-23) * time.Hour), int64(i * i % 37), int64(i % 5)})
	}
	return v
}

func customer() account.Customer {
	return account.Customer{ID: "c1", Slug: "acme", Name: "Acme Dental", CallcenterID: "CC-1001", Enabled: true, Version: 3}
}

func people() []account.User {
	return []account.User{
		{ID: "u1", Email: "olga@msp.test", Name: "Olga Owner", Role: account.Owner, Enabled: true, LastLoginAt: noon},
		{ID: "u2", Email: "sam@msp.test", Name: "Sam Support", Role: account.Support, CustomerIDs: []string{"c1"}},
	}
}

func changes() []audit.Field {
	return []audit.Field{{Path: "endpoints.findContact.url", Before: "https://a.example", After: "https://b.example"}, {Path: "label", After: "HubSpot"}}
}

var byID = map[string]string{"c1": "Acme Dental", "u1": "Olga Owner"}

// fixtures render every component of this package by name, some in several states.
func fixtures() map[string][]templ.Component {
	own, sup, aud := pageFor(account.Owner, "Title", "runs"), pageFor(account.Support, "Title", "home"), pageFor(account.Auditor, "Title", "")
	problems := map[string]string{"name": "The name is needed.", "slug": "Taken.", "role": "Choose one.", "customers": "No.", "": "Something."}
	customers := []ui.Option{{Value: "c1", Label: "Acme Dental"}, {Value: "c2", Label: "Globex"}}
	whole := func(r run.Run) RunView { return RunView{Run: r, Bodies: true, Next: "/runs"} }
	with := own
	with.Notes = []ui.Note{{Tone: ui.Good, Text: "Saved."}, {Tone: ui.Bad, Text: "That did not work."}}
	variable := account.Variable{ID: "v1", Name: "CW_BASE", Encrypted: true, Secret: secret.Sealed{Data: []byte{1}, Hint: "gckQ...taJ9", At: noon}, Version: 2, UpdatedAt: noon}
	key := account.APIKey{ID: "k1", Name: "dialler", Hint: "tl_a...x9f2", Role: account.Builder, CreatedBy: "u1", CreatedAt: noon, LastUsedAt: noon}
	return map[string][]templ.Component{
		"Shell": {Shell(with)}, "Door": {Door(Page{})}, "Toasts": {Toasts(with)}, "MoreToasts": {MoreToasts(with.Notes)},
		"ErrorPage": {ErrorPage(own, 404, "There is no such page."), ErrorPage(Page{}, 500, "Something broke.")},
		"LoginPage": {LoginPage(Page{}, LoginView{}), LoginPage(Page{}, LoginView{Email: "a@b.test", Message: "That e-mail and password do not fit."})},
		"SetupPage": {SetupPage(Page{}, SetupView{Token: "t"}), SetupPage(Page{}, SetupView{Problems: map[string]string{"email": "This is not an e-mail address."}, Message: "Please check the marked field."})},
		"LinkPage":  {LinkPage(Page{}, LinkView{Token: "t", Email: "a@b.test", AskPassword: true}), LinkPage(Page{}, LinkView{Token: "t", Email: "a@b.test"})},
		"HomePage":  {HomePage(own, homeView()), HomePage(own, HomeView{Demo: true}), HomePage(own, HomeView{Customers: 1, Integrations: 1, Integrators: 1, Endpoints: 1, First: "hubspot", Endpoint: "findContact"}), HomePage(aud, HomeView{Runs: true})},
		"CustomersPage": {
			CustomersPage(own, CustomersView{Lines: []CustomerLine{{customer(), 3}, {account.Customer{Slug: "globex", Name: "Globex"}, 0}}, Size: 50, Query: url.Values{"cursor": {"x"}}, Next: "y"}),
			CustomersPage(own, CustomersView{}), CustomersPage(sup, CustomersView{Text: "nothing"}),
		},
		"NewCustomerPage": {NewCustomerPage(own, CustomerForm{}), NewCustomerPage(own, CustomerForm{Problems: problems, Message: "Please check the marked fields."})},
		"CustomerPage": {
			CustomerPage(own, CustomerView{Customer: customer(), Tab: "integrations", Lines: []IntegrationLine{line(1, 0, noon, time.Time{})}}),
			CustomerPage(own, CustomerView{Customer: customer(), Tab: "integrations"}),
			CustomerPage(own, CustomerView{Customer: customer(), Tab: "integrations", Offers: []Offer{{"hubspot", "HubSpot"}, {"sms", ""}}}),
			CustomerPage(own, CustomerView{Customer: customer(), Tab: "settings", Form: CustomerForm{Customer: customer(), Conflict: fixtureConflict()}}),
			CustomerPage(own, CustomerView{Customer: customer(), Tab: "runs", Runs: runsView()}),
			CustomerPage(own, CustomerView{Customer: customer(), Tab: "outbound", Names: byID, Entries: []account.AllowEntry{{ID: "a1", Target: "10.1.2.0/24", Ports: "443", Reason: "PSA", AddedBy: "u1", CreatedAt: noon}}}),
			CustomerPage(sup, CustomerView{Customer: customer(), Tab: "outbound"}),
			CustomerPage(own, CustomerView{Customer: customer(), Tab: "settings", Form: CustomerForm{Customer: customer()}}),
			CustomerPage(sup, CustomerView{Customer: customer(), Tab: "settings", Form: CustomerForm{Customer: customer()}}),
		},
		"RunsPage":  {RunsPage(own, runsView()), RunsPage(own, RunsView{At: "/runs"}), RunsPage(own, RunsView{At: "/runs", Query: url.Values{"q": {"x"}, "from": {"bad"}}, Problems: map[string]string{"from": "A date."}}), RunsPage(own, viewedRuns(ViewForm{})), RunsPage(sup, viewedRuns(ViewForm{Open: true, Name: "x", Problems: map[string]string{"name": "There is a view of this name already."}})), RunsPage(own, viewedRuns(ViewForm{ID: "sv1", Open: true, Problems: map[string]string{"name": "The name is needed."}}))},
		"RunsTable": {RunsTable(own, runsView()), RunsTable(own, RunsView{Runs: someRuns(), At: "/x", Hide: map[string]bool{"customer": true, "endpoint": true}})},
		"RunPage":   {RunPage(own, whole(pagedRun())), RunPage(own, whole(badRun())), RunPage(own, whole(goodRun())), RunPage(own, whole(blockedRun())), RunPage(aud, RunView{Run: badRun()})},
		"RunStatus": {RunStatus(run.Failed)}, "RunTestMark": {RunTestMark(goodRun())},
		"RunWhy":   {RunWhy(own, whole(badRun())), RunWhy(own, RunView{Run: blockedRun(), InForm: true}), RunWhy(own, whole(goodRun()))},
		"RunFacts": {RunFacts(own, whole(goodRun()))}, "RunStory": {RunStory(pagedRun()), RunStory(heldRun()), RunStory(goodRun())}, "RunTimeline": {RunTimeline(exchange(200, "text/plain", "x"))},
		"RunRequest":   {RunRequest(exchange(200, "", "").Request, "x"), RunRequest(run.Request{Method: "POST", URL: "/", Body: []byte("a=b"), Size: 3}, "x")},
		"RunResponse":  {RunResponse(exchange(200, "text/xml", "<a><b>1</b></a>"), "x"), RunResponse(run.Exchange{Error: "refused"}, "x"), RunResponse(exchange(200, "application/pdf", "%PDF-\x00"), "x")},
		"RunInput":     {RunInput(whole(goodRun())), RunInput(whole(blockedRun()))},
		"RunTokens":    {RunTokens(tokenUses()), RunTokens(nil)},
		"RunExchanges": {RunExchanges(whole(badRun())), RunExchanges(RunView{})},
		"AuditPage": {
			AuditPage(own, AuditView{Entries: []audit.Entry{{At: noon, ActorName: "Olga Owner", ActorKind: "person", Address: "203.0.113.7", Action: "update", Subject: "integration", Name: "hubspot", CustomerID: "c1", Changes: changes()}, {At: noon, ActorID: "x", Action: "sign in"}}, Size: 50, Customers: byID}),
			AuditPage(own, AuditView{Query: url.Values{"q": {"x"}}}),
		},
		"Changes":   {Changes(changes())},
		"UsersPage": {UsersPage(own, UsersView{Users: people(), Customers: byID})},
		"UserPage": {
			UserPage(own, UserForm{User: people()[1], Customers: customers, Chosen: map[string]bool{"c1": true}, Link: "https://portal.example/link/abc"}),
			UserPage(own, UserForm{Problems: problems, Message: "Please check the marked fields."}),
			UserPage(own, UserForm{User: people()[1], Conflict: fixtureConflict()}),
		},
		"APIKeysPage": {
			APIKeysPage(own, APIKeysView{Keys: []account.APIKey{key, {ID: "k2", Name: "old", RevokedAt: noon}, {ID: "k3", Name: "late", ExpiresAt: noon}}, Customers: byID, Names: byID, Fresh: "tl_abcdefghijklmnopqrstuvwxyz", FreshName: "dialler", Now: noon}),
			APIKeysPage(own, APIKeysView{}),
		},
		"APIKeyPage": {APIKeyPage(own, APIKeyForm{Customers: customers}), APIKeyPage(own, APIKeyForm{Problems: problems})},
		"AccountPage": {AccountPage(own, AccountView{User: people()[0], Current: "h1", Sessions: []account.Session{
			{Hash: "h1", Address: "203.0.113.7", Agent: "Mozilla/5.0 (X11; Linux x86_64) Chrome/150.0", CreatedAt: noon, SeenAt: noon}, {Hash: "h2", Agent: "curl/8.0", CreatedAt: noon, SeenAt: noon},
		}, Problems: map[string]string{"old_password": "That is not your password."}})},
		"VariablesPage": {VariablesPage(own, VariablesView{Variables: []account.Variable{variable, {ID: "v2", Name: "REGION", Value: "eu", CustomerID: "c1", UpdatedAt: noon}}, Customers: byID}), VariablesPage(sup, VariablesView{})},
		"VariablePage":  {VariablePage(own, VariableForm{Variable: variable, Customers: customers}), VariablePage(own, VariableForm{Problems: problems}), VariablePage(own, VariableForm{Variable: variable, Conflict: fixtureConflict()}), VariablePage(sup, VariableForm{Variable: variable})},
		"SettingsPage": {
			SettingsPage(own, SettingsView{Retention: RetentionForm{RowDays: "90", BodyDays: "30"}, Facts: []ui.Fact{{Label: "Version", Value: "1"}}, Preview: "This would remove 3 runs.", Demo: true, Addresses: []AddressLine{{"acme", "Acme Dental", "10.1.2.0/24", "", "PSA"}}}),
			SettingsPage(own, SettingsView{Retention: RetentionForm{RowDays: "-1", Problems: map[string]string{"row_days": "A whole number."}}}),
		},
	}
}
