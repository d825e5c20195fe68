package web_test

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"tieline/internal/account"
	"tieline/internal/control"
	"tieline/internal/integration"
	"tieline/internal/secret"
)

// GC-01: the way from Customer → Integration to the tabs of a new integration.
func TestGC01AddIntegrationLeadsToItsTabs(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	home := k.open("/").must(http.StatusOK)
	if !home.has(`nav a[href="/integrations"]`) {
		t.Fatal("the menu has no Integration")
	}
	list := k.open("/integrations").must(http.StatusOK)
	if !strings.Contains(list.text, "No integration yet") {
		t.Error("the empty list does not say so")
	}
	add := k.open("/integrations/new").must(http.StatusOK)
	added := add.form("#settings-form form").set("name", "hubspot", "label", "HubSpot", "type", "crm", "info", "on").press("save").must(http.StatusOK)
	if added.url.Path != "/integrations" {
		t.Fatalf("after OK: %s", added.url)
	}
	list = added
	if row := list.texts("#integration-hubspot"); len(row) != 1 || !strings.Contains(row[0], "HubSpot") || !strings.Contains(row[0], "CRM") || !strings.Contains(row[0], "Never") {
		t.Fatalf("row = %q", row)
	}
	eye := list.one(`#integration-hubspot .cell-actions a[aria-label="Open HubSpot"]`)
	for _, step := range []struct{ path, current string }{
		{attr(eye, "href"), "Integrators"},
		{"/integrations/hubspot?tab=endpoints", "Endpoints"},
		{"/integrations/hubspot?tab=logs", "Logs"},
		{"/integrations/hubspot?tab=settings", "Settings"},
	} {
		p := k.open(step.path).must(http.StatusOK)
		if got := p.texts(`[role="tab"][aria-selected="true"]`); len(got) != 1 || !strings.HasPrefix(got[0], step.current) {
			t.Errorf("%s: current tab %q, want %s", step.path, got, step.current)
		}
	}
	if !k.open("/integrations/hubspot?tab=integrators").has(`a[href="/integrations/hubspot/integrators/new"]`) {
		t.Error("no Add integrator")
	}
	if !k.open("/integrations/hubspot?tab=endpoints").has(`a[href="/integrations/hubspot/endpoints/new"]`) {
		t.Error("no Add endpoint")
	}
}

// CB-15: Last Sync, the last failure, and the masked key in the list.
func TestCB15TheListSaysWhenItLastWorked(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	in := k.crm()
	row := func() string {
		t.Helper()
		return k.open("/integrations").must(http.StatusOK).texts("#integration-crm")[0]
	}
	if got := row(); !strings.Contains(got, "Never") || !strings.Contains(got, "gckQ...taJ9") {
		t.Fatalf("row before any run: %s", got)
	}
	test := func() {
		k.open("/integrations/crm/endpoints/findContact?tab=test").form("#endpoint-form").press("test").must(http.StatusOK)
	}
	test()
	if got := row(); strings.Contains(got, "Never") || strings.Contains(strings.ToLower(got), "last failure") {
		t.Fatalf("row after a success: %s", got)
	}
	first := k.integrator(in.ID).LastSuccessAt
	k.vendor.answer = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }
	test()
	list := k.open("/integrations")
	got := list.texts("#integration-crm")[0]
	if !strings.Contains(strings.ToLower(got), "last failure") || !strings.Contains(got, "Credentials refused") || !list.has(`#integration-crm .last-failure a[href^="/runs/"]`) {
		t.Fatalf("row after a failure: %s", got)
	}
	if now := k.integrator(in.ID).LastSuccessAt; !now.Equal(first) {
		t.Errorf("last success moved from %v to %v", first, now)
	}
	if strings.Contains(list.text, deskKey) {
		t.Error("the key stands in the list")
	}
}

// The switch of a row works without scripts, and changes only its row with them.
func TestTheSwitchOfARowChangesOnlyThatRow(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.crm()
	list := k.open("/integrations")
	f := list.form("#integration-crm form")
	f.values.Set("on", "")
	part := f.submit("", http.Header{"Hx-Request": {"true"}, "Hx-Request-Type": {"partial"}, "Hx-Target": {"tr#integration-crm"}}).must(http.StatusOK)
	if strings.Contains(part.text, "<html") || !strings.Contains(part.text, `aria-checked="false"`) || !strings.HasPrefix(strings.TrimSpace(part.text), "<tr") {
		t.Fatalf("answer = %.200s", part.text)
	}
	f = k.open("/integrations").form("#integration-crm form")
	f.values.Set("on", "1")
	whole := f.submit("", nil).must(http.StatusOK)
	if !whole.has(`#integration-crm [role="switch"][aria-checked="true"]`) {
		t.Error("the switch is not on again")
	}
}

func TestDuplicateDeleteAndExport(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.crm()
	yaml := k.open("/integrations/crm/export").must(http.StatusOK)
	if !strings.Contains(yaml.text, "findContact") || strings.Contains(yaml.text, deskKey) || !strings.Contains(yaml.header.Get("Content-Disposition"), "crm.yaml") {
		t.Errorf("export: %v %.300s", yaml.header, yaml.text)
	}
	for _, want := range []string{"crm-copy", "crm-copy-2"} {
		p := k.send(http.MethodPost, "/integrations/crm/duplicate", nil, nil).must(http.StatusOK)
		if p.url.Path != "/integrations/"+want {
			t.Errorf("copy at %s, want %s", p.url, want)
		}
	}
	k.send(http.MethodPost, "/integrations/crm-copy/delete", nil, nil).must(http.StatusOK)
	k.open("/integrations/crm-copy").must(http.StatusNotFound)
}

func TestImportShowsTheDifferenceBeforeItApplies(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.crm()
	doc := k.open("/integrations/crm/export").text
	changed := strings.Replace(doc, "label: CRM", "label: Customer base", 1)
	f := k.open("/integrations/import").form("form[action='/integrations/import']").set("document", changed)
	shown := f.press("show").must(http.StatusOK)
	if !strings.Contains(shown.text, "crm changes") || !strings.Contains(shown.text, "Customer base") {
		t.Fatalf("no difference: %q", shown.texts(".panel"))
	}
	if k.stored("crm").Label != "CRM" {
		t.Fatal("it was stored before Apply")
	}
	shown.form("form[action='/integrations/import']").press("apply").must(http.StatusOK)
	if got := k.stored("crm").Label; got != "Customer base" {
		t.Errorf("label = %q", got)
	}
	for _, bad := range []string{"", "{", "integration: [", "tieline: 1\nintegration:\n  name: x\n  labl: y\n", "\x00\xff", "a: &a [*a]"} {
		p := k.open("/integrations/import").form("form[action='/integrations/import']").set("document", bad).press("show")
		if p.status != http.StatusUnprocessableEntity || !p.has(".notice-bad") {
			t.Errorf("%q: status %d", bad, p.status)
		}
	}
}

// Hostile input in every field of the integration form: a message at the field, and nothing stored.
func TestHostileIntegrationFieldsAreRefusedAtTheField(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.customer("acme")
	long := strings.Repeat("x", 70_000)
	filled := k.open("/integrations/new").form("#settings-form form").press("add-parameter").form("#settings-form form").
		set("name", "fine", "parameters.0.name", "ApiKey")
	for field, bad := range map[string][]string{
		"name":                   {"", "Has Space", "UPPER", "a/b", "<script>", "-x", long, "ä", "new", "import"},
		"label":                  {long, "a\x00b", "\xff\xfe"},
		"type":                   {"nonsense"},
		"description":            {long, "\x01"},
		"visibility":             {"secret"},
		"parameters.0.name":      {"", "1x", "a b", "a.b", long},
		"parameters.0.label":     {long},
		"parameters.0.in":        {"body2"},
		"parameters.0.transform": {"rot13"},
		"parameters.0.default":   {long},
		"parameters.0.pattern":   {"(", "(a{0,1000}){0,1000}"},
	} {
		for _, value := range bad {
			p := filled.again().set(field, value).press("save")
			if p.status != http.StatusUnprocessableEntity || p.problem(field) == "" {
				t.Errorf("%s = %.30q: status %d, problem %q (%v)", field, value, p.status, p.problem(field), p.texts(".problem-list li"))
			}
		}
	}
	if list := k.open("/integrations"); !strings.Contains(list.text, "No integration yet") {
		t.Error("something was stored")
	}
	p := k.open("/integrations/new").form("#settings-form form").set("name", "fine", "visibility", "private").press("save")
	if p.status != http.StatusUnprocessableEntity || p.problem("customer") == "" {
		t.Errorf("private without a customer: %d %q", p.status, p.problem("customer"))
	}
}

// Two people saving the settings meet a page with both versions; both ways out work.
func TestSettingsConflictShowsBothVersions(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.crm()
	mine := k.open("/integrations/crm?tab=settings").form("#settings-form form").set("label", "Mine")
	k.open("/integrations/crm?tab=settings").form("#settings-form form").set("label", "Theirs").press("save").must(http.StatusOK)
	clash := mine.press("save").must(http.StatusConflict)
	if text := clash.texts("#conflict"); len(text) != 1 || !strings.Contains(text[0], "Mine") || !strings.Contains(text[0], "Theirs") {
		t.Fatalf("conflict = %q", text)
	}
	if k.stored("crm").Label != "Theirs" {
		t.Fatal("mine was stored")
	}
	clash.form("#settings-form form").press("save").must(http.StatusOK)
	if got := k.stored("crm").Label; got != "Mine" {
		t.Errorf("after Keep mine: %q", got)
	}
}

func TestSupportReadsAndChangesNothing(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	in := k.crm()
	k.person(account.Support)
	for _, path := range []string{
		"/integrations", "/integrations/crm", "/integrations/crm?tab=settings", "/integrations/crm/integrators/" + in.ID,
		"/integrations/crm/endpoints/findContact", "/integrations/crm/endpoints/findContact?tab=response", "/integrations/crm/endpoints/findContact?tab=history",
	} {
		p := k.open(path).must(http.StatusOK)
		if strings.Contains(p.text, deskKey) || p.has(`#content button[value="save"]`) || p.has(`#content button[value="test"]`) {
			t.Errorf("%s offers what support may not do", path)
		}
		for _, n := range p.all(`#content form[method="post"] input:not([type=hidden]), #content form[method="post"] select, #content form[method="post"] textarea`) {
			if !hasAttr(n, "disabled") {
				t.Errorf("%s: %s can be typed into", path, attr(n, "name"))
			}
		}
	}
	for _, path := range []string{
		"/integrations/new", "/integrations/crm", "/integrations/crm/enable", "/integrations/crm/delete", "/integrations/crm/integrators/" + in.ID,
		"/integrations/crm/endpoints/findContact", "/integrations/crm/endpoints/findContact/test", "/integrations/crm/endpoints/findContact/delete",
	} {
		if p := k.send(http.MethodPost, path, map[string][]string{"op": {"save"}}, nil); p.status != http.StatusForbidden {
			t.Errorf("POST %s: %d, want 403", path, p.status)
		}
	}
}

const deskKey = "gckQ-canary-0123456789-taJ9"

// crm is an integration with one endpoint and one integrator whose key is deskKey.
func (k *desk) crm() integration.Integrator {
	k.t.Helper()
	ctx := k.t.Context()
	acme := k.customer("acme")
	_, err := k.control.CreateIntegration(ctx, k.owner, integration.Integration{
		Name: "crm", Label: "CRM", Type: "crm", Info: true, Iframe: true,
		Parameters: []integration.Parameter{{Name: "ApiKey", Label: "API key", Required: true, Secret: true}},
		Endpoints: []integration.Endpoint{{
			Name: "findContact", Type: "GetData", Method: "GET", URL: "http://{{host}}/contacts",
			Query:  []integration.Row{{Name: "phone", Value: "{{phone_number|default:\"+15551234567\"}}"}},
			Params: []string{"ApiKey"}, Response: integration.Response{Type: "json", Key: "results.0.id"},
		}},
	})
	if err != nil {
		k.t.Fatal(err)
	}
	saved, err := k.control.CreateIntegrator(ctx, k.owner, "crm", control.IntegratorInput{
		Integrator: integration.Integrator{CustomerID: acme.ID, Host: k.vendor.host(), AllowHTTP: true, Enabled: true},
		Secrets:    map[string]secret.Text{"field.ApiKey": secret.NewText(deskKey)},
	})
	if err != nil {
		k.t.Fatal(err)
	}
	return saved.Integrator
}

func (k *desk) stored(name string) integration.Integration {
	k.t.Helper()
	in, err := k.db.Integration(k.t.Context(), account.Everything(), name)
	if err != nil {
		k.t.Fatal(err)
	}
	return in.Document
}

func (k *desk) integrator(id string) integration.Integrator {
	k.t.Helper()
	in, err := k.db.Integrator(k.t.Context(), account.Everything(), id)
	if err != nil {
		k.t.Fatal(err)
	}
	return in
}

// endpoint gives a stored endpoint of crm.
func (k *desk) endpoint(name string) integration.Endpoint {
	k.t.Helper()
	e, ok := k.stored("crm").Endpoint(name)
	if !ok {
		k.t.Fatalf("there is no endpoint %s", name)
	}
	return e
}

// An upload is read like a pasted document.
func TestImportTakesAFile(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.crm()
	doc := strings.Replace(k.open("/integrations/crm/export?format=json").text, `"crm"`, `"uploaded"`, 1)
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	part, err := w.CreateFormFile("file", "crm.json")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(part, doc)
	_ = w.WriteField("document", "")
	_ = w.WriteField("op", "show")
	_ = w.Close()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, k.server.URL+"/integrations/import", &body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", w.FormDataContentType())
	res, err := k.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, _ := io.ReadAll(res.Body)
	if res.StatusCode != http.StatusOK || !strings.Contains(string(text), "uploaded is new") {
		t.Fatalf("status %d: %.2000s", res.StatusCode, text)
	}
}

// Whoever sees one customer meets nothing of another: lists, forms, tests and addresses alike.
func TestACustomersBuilderSeesOnlyThatCustomer(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	theirs := k.crm()
	globex := k.customer("globex")
	mine, err := k.control.CreateIntegrator(t.Context(), k.owner, "crm", control.IntegratorInput{
		Integrator: integration.Integrator{CustomerID: globex.ID, Host: "globex-host.test", Enabled: true},
		Secrets:    map[string]secret.Text{"field.ApiKey": secret.NewText("key-of-globex-0123456789")},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.control.CreateIntegration(t.Context(), k.owner, integration.Integration{Name: "hidden", Type: "crm", Visibility: "private", Customer: "acme"}); err != nil {
		t.Fatal(err)
	}
	k.person(account.Builder, globex.ID)
	if list := k.open("/integrations").must(http.StatusOK); list.has("#integration-hidden") || !list.has("#integration-crm") {
		t.Error("the list shows another customer's private integration, or not the shared one")
	}
	k.open("/integrations/hidden").must(http.StatusNotFound)
	k.open("/integrations/crm/integrators/" + theirs.ID).must(http.StatusNotFound)
	k.send(http.MethodPost, "/integrations/crm/integrators/"+theirs.ID+"/enable", map[string][]string{"on": {""}}, nil).must(http.StatusNotFound)
	if text := k.open("/integrations/crm").text; strings.Contains(text, "Acme") || !strings.Contains(text, "globex-host.test") {
		t.Error("the integrators of another customer are listed")
	}
	if text := k.open("/integrations/crm/integrators/new").text; strings.Contains(text, "Acme") {
		t.Error("the form offers another customer")
	}
	p := k.open(findContact + "?tab=test").must(http.StatusOK)
	if p.value("test.integrator") != mine.Integrator.ID || len(p.all(`[name="test.integrator"] option`)) != 1 {
		t.Error("the test offers another customer's integrator")
	}
	for _, op := range []string{"test", "preview"} {
		got := p.form("#endpoint-form").set("test.integrator", theirs.ID).press(op)
		if strings.Contains(got.text, k.vendor.host()) || strings.Contains(got.text, "Acme") {
			t.Errorf("%s shows another customer's data", op)
		}
	}
	if k.vendor.hits() != 0 {
		t.Error("a test went out with another customer's credentials")
	}
}
