package web_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"tieline/internal/control"
	"tieline/internal/integration"
)

const newPSA = "/integrations/psa/endpoints/new"

// psa is an integration of the preset ConnectWise with one integrator and no endpoint.
func (k *desk) psa() integration.Integrator {
	k.t.Helper()
	_, err := k.control.CreateIntegration(k.t.Context(), k.owner, integration.Integration{Name: "psa", Label: "PSA", Type: "psa", Preset: "connectwise"})
	if err != nil {
		k.t.Fatal(err)
	}
	saved, err := k.control.CreateIntegrator(k.t.Context(), k.owner, "psa", control.IntegratorInput{
		Integrator: integration.Integrator{CustomerID: k.customer("acme").ID, Host: k.vendor.host(), BaseURL: k.vendor.URL, AllowHTTP: true, Enabled: true},
	})
	if err != nil {
		k.t.Fatal(err)
	}
	return saved.Integrator
}

// pick opens the form of a new endpoint for an operation.
func (k *desk) pick(method, path string) page {
	k.t.Helper()
	return k.open(newPSA + "?" + url.Values{"method": {method}, "path": {path}}.Encode()).must(http.StatusOK)
}

// AL-03: the operation is listed first with its method and path, and choosing it fills the form.
func TestAL03AnOperationIsPickedFromTheList(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.psa()
	if !k.open(newPSA).has("form[role=search] input[name=q]") {
		t.Error("Add endpoint does not offer to pick an operation")
	}
	list := k.open("/integrations/psa/operations?q=addressformats+put").must(http.StatusOK)
	first := list.texts(".operation")
	if len(first) == 0 || !strings.Contains(first[0], "AddressFormats - Put AddressFormat") || !strings.Contains(first[0], "PUT") || !strings.Contains(first[0], "/company/addressFormats/{id}") {
		t.Fatalf("the list begins with %q", first)
	}
	part := k.region("/integrations/psa/operations?q=addressformats+put", "div#operations").must(http.StatusOK)
	if strings.Contains(part.text, "<html") || len(part.texts(".operation")) == 0 {
		t.Error("typing does not get the list alone")
	}
	p := k.open(attr(list.all(".operation")[0], "href")).must(http.StatusOK)
	method := attr(p.one(`select[name="method"] option[selected]`), "value")
	if method != "PUT" || p.value("url") != "/company/addressFormats/{id}" || !slices.Equal(p.names("path"), []string{"id"}) {
		t.Fatalf("%s %s with path rows %q", method, p.value("url"), p.names("path"))
	}
	if p.value("name") != "putAddressFormat" || p.value("label") != "AddressFormats - Put AddressFormat" || p.problem("name") != "" {
		t.Errorf("name %q, label %q", p.value("name"), p.value("label"))
	}
	if warned := strings.Join(p.texts(".notice"), " "); !strings.Contains(warned, "PUT") || !strings.Contains(warned, "empt") {
		t.Errorf("no warning that PUT empties what is left out: %q", warned)
	}
}

func TestAListIsProposedInPagesAndKeepsThemWhenSaved(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.psa()
	k.pick("GET", "/company/companies").form("#endpoint-form").press("save").must(http.StatusOK)
	for range 2 {
		e, _ := k.stored("psa").Endpoint("listCompanies")
		if e.Contract != "records" || e.Pagination == nil || e.Pagination.Kind != "forward_only" || e.Pagination.Size != 1000 {
			t.Fatalf("stored: %+v %+v", e, e.Pagination)
		}
		k.open("/integrations/psa/endpoints/listCompanies").form("#endpoint-form").set("description", "Once more.").press("save").must(http.StatusOK)
	}
	if again := k.pick("GET", "/company/companies"); again.value("name") != "listCompanies2" {
		t.Errorf("the second is called %q", again.value("name"))
	}
}

func TestOnlyIntegrationsWithACatalogueOfferOperations(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.crm()
	k.open("/integrations/crm/operations").must(http.StatusNotFound)
	if k.open("/integrations/crm/endpoints/new").has("form[role=search]") {
		t.Error("a picker without a catalogue")
	}
	if _, err := k.control.CreateIntegration(t.Context(), k.owner, integration.Integration{Name: "psa", Label: "PSA", Type: "psa", Preset: "connectwise"}); err != nil {
		t.Fatal(err)
	}
	k.open(newPSA + "?method=GET&path=/company/Companies").must(http.StatusNotFound)
	k.open("/integrations/psa/operations?q=" + strings.Repeat("x", 300)).must(http.StatusUnprocessableEntity)
	if p := k.open("/integrations/psa/operations?q=teleport").must(http.StatusOK); !strings.Contains(p.text, "Nothing fits") {
		t.Error("an empty list does not say so")
	}
}

// AL-04 from the form: the JSON view fills the rows, what is sent follows them in their order, and without the id
// nothing is sent.
func TestAL04RequestParametersAsJSON(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.psa()
	p := k.pick("GET", "/company/addressFormats/{id}").form("#endpoint-form").press("parameters-text").must(http.StatusOK)
	if text := p.value("parameters"); !strings.Contains(text, `"path"`) || !strings.Contains(text, `"query"`) || !strings.Contains(text, `"payload"`) {
		t.Fatalf("the text is %q", text)
	}
	bad := p.form("#endpoint-form").set("parameters", "{\n \"body\": {}\n}").press("parameters-apply").must(http.StatusUnprocessableEntity)
	if got := bad.problem("parameters"); !strings.Contains(got, "Line 2, column 2") || !strings.Contains(bad.value("parameters"), `"body"`) {
		t.Fatalf("problem %q", got)
	}
	p = bad.form("#endpoint-form").set("parameters", `{"path":{"id":4},"query":{"type":"true","start":"0"}}`).press("parameters-apply").must(http.StatusOK)
	if p.value("path.0.value") != "4" || !slices.Equal(p.names("query"), []string{"type", "start"}) {
		t.Fatalf("path %q, query %q", p.value("path.0.value"), p.names("query"))
	}
	p = p.form("#endpoint-form").press("save").must(http.StatusOK)
	p.form("#endpoint-form").press("test").must(http.StatusOK)
	if r, _ := k.vendor.last(t); r.URL.Path != "/company/addressFormats/4" || r.URL.RawQuery != "type=true&start=0" {
		t.Errorf("the vendor got %s", r.URL)
	}
	hits := k.vendor.hits()
	p = p.form("#endpoint-form").set("path.0.value", "").press("test")
	if result := strings.Join(p.texts("#test-result"), " "); k.vendor.hits() != hits || !strings.Contains(result, "path_param") || !strings.Contains(result, "id") {
		t.Errorf("without an id: %d calls, %q", k.vendor.hits()-hits, result)
	}
}

// AL-05: patch rows are exactly this body, DELETE has none, and both ways of writing a patch are one.
func TestAL05PatchRowsAndDelete(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.psa()
	p := k.pick("PATCH", "/company/companies/{id}").form("#endpoint-form").
		set("path.0.value", "4", "patch.0.name", "name", "patch.0.value", "X").press("save").must(http.StatusOK)
	p.form("#endpoint-form").press("test").must(http.StatusOK)
	if r, body := k.vendor.last(t); r.Method != http.MethodPatch || body != `[{"op":"replace","path":"name","value":"X"}]` {
		t.Fatalf("the vendor got %s %s", r.Method, body)
	}
	p = p.form("#endpoint-form").press("add-patch").must(http.StatusOK)
	p = p.form("#endpoint-form").set("patch.1.name", "company/identifier", "patch.1.value", "5").press("patch-text").must(http.StatusOK)
	if got := p.value("body.content"); !strings.Contains(got, `"path":"company/identifier","value":5`) {
		t.Errorf("as text: %q", got)
	}
	if warned := strings.Join(p.texts(".notice"), " "); !strings.Contains(warned, "company/identifier") {
		t.Errorf("no warning about a nested path: %q", warned)
	}
	p = p.form("#endpoint-form").press("patch-rows").must(http.StatusOK)
	if p.value("patch.1.name") != "company/identifier" || p.value("patch.1.value") != "5" {
		t.Errorf("as rows again: %q", p.value("patch.1.value"))
	}
	p = k.pick("DELETE", "/service/tickets/{id}").form("#endpoint-form").set("path.0.value", "9").press("save").must(http.StatusOK)
	p.form("#endpoint-form").press("test").must(http.StatusOK)
	if r, body := k.vendor.last(t); r.Method != http.MethodDelete || body != "" || r.Header.Get("Content-Type") != "" {
		t.Errorf("DELETE sent %q, %v", body, r.Header)
	}
}

// Conditions are rows for who wants them, and one query row for the vendor.
func TestConditionsAreEditedAsRows(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.psa()
	p := k.pick("GET", "/company/companies").form("#endpoint-form").press("conditions-open:conditions").must(http.StatusOK)
	p = p.form("#endpoint-form").set("conditions.0.name", "company/identifier", "conditions.0.value", "O'Neil").press("add-condition").must(http.StatusOK)
	p = p.form("#endpoint-form").set("conditions.1.name", "id", "conditions.1.op", "in", "conditions.1.kind", "number", "conditions.1.value", "1, x").press("conditions-apply").must(http.StatusUnprocessableEntity)
	if p.problem("conditions.1.value") == "" || p.value("conditions.0.value") != "O'Neil" {
		t.Fatalf("no message at the field: %q", p.texts(".problem-list li"))
	}
	p = p.form("#endpoint-form").set("conditions.1.value", "1, 2").press("conditions-since").must(http.StatusOK)
	p = p.form("#endpoint-form").press("conditions-apply").must(http.StatusOK)
	want := `company/identifier = "O'Neil" and id in (1,2) and lastUpdated > [{{state.last_success_at|default:"1970-01-01T00:00:00Z"}}]`
	if p.value("query.0.name") != "conditions" || p.value("query.0.value") != want {
		t.Fatalf("%s = %s", p.value("query.0.name"), p.value("query.0.value"))
	}
	p = p.form("#endpoint-form").press("save").must(http.StatusOK)
	p.form("#endpoint-form").press("test").must(http.StatusOK)
	r, _ := k.vendor.last(t)
	if got := r.URL.Query().Get("conditions"); got != `company/identifier = "O'Neil" and id in (1,2) and lastUpdated > [1970-01-01T00:00:00Z]` {
		t.Errorf("the vendor got %s", got)
	}
	p = p.form("#endpoint-form").press("conditions-open:conditions").must(http.StatusOK)
	if len(p.names("conditions")) != 3 || p.value("conditions.2.name") != "lastUpdated" {
		t.Errorf("read again: %q", p.names("conditions"))
	}
	p = p.form("#endpoint-form").press("conditions-cancel").must(http.StatusOK)
	p = p.form("#endpoint-form").set("query.0.value", "(a = 1 or b = 2) and c = 3").press("conditions-open:conditions").must(http.StatusOK)
	if p.has(`[name="conditions.param"]`) || !strings.Contains(strings.Join(p.texts("#conditions"), " "), "parentheses") || p.value("query.0.value") != "(a = 1 or b = 2) and c = 3" {
		t.Error("what rows cannot say is not left as it is")
	}
}

// A preset is chosen, changed and saved; its endpoints come along.
func TestAnIntegrationBeginsFromAPreset(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	card := k.open("/integrations/new").must(http.StatusOK).one(`a[href*="preset=connectwise"]`)
	p := k.open(attr(card, "href")).must(http.StatusOK)
	if p.value("name") != "connectwise" || p.value("label") != "ConnectWise PSA" {
		t.Fatalf("the form says %q, %q", p.value("name"), p.value("label"))
	}
	p.form("#settings-form form").set("name", "our-psa").submit("", nil).must(http.StatusOK)
	in := k.stored("our-psa")
	if _, ok := in.Endpoint("listChangedCompanies"); !ok || in.Preset != "connectwise" || in.Type != "psa" {
		t.Errorf("stored: %s with %d endpoints", in.Preset, len(in.Endpoints))
	}
	k.open("/integrations/new?preset=nothing").must(http.StatusNotFound)
	if !k.open("/integrations/our-psa/endpoints/new").has("form[role=search]") {
		t.Error("its Add endpoint does not offer operations")
	}
}
