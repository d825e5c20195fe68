package web_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

const findContact = "/integrations/crm/endpoints/findContact"

// names are what the rows of a list are called on a page.
func (p page) names(list string) []string {
	var names []string
	for _, n := range p.all(`[name^="` + list + `."][name$=".name"]`) {
		names = append(names, attr(n, "value"))
	}
	return names
}

// CB-01 and CB-02: rows come and go by buttons without scripts, what was typed stays, and what is saved is sent.
func TestCB01CB02HeaderRowsWithoutScripts(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.crm()
	p := k.open(findContact).must(http.StatusOK)
	p = p.form("#endpoint-form").press("add-header").must(http.StatusOK)
	p = p.form("#endpoint-form").set("headers.0.name", "cache-control", "headers.0.value", "no-cache", "label", "typed meanwhile").press("add-header").must(http.StatusOK)
	if got := p.names("headers"); len(got) != 2 || got[0] != "cache-control" {
		t.Fatalf("rows = %q", got)
	}
	if p.value("headers.0.value") != "no-cache" || p.value("label") != "typed meanwhile" {
		t.Fatal("what was typed is gone")
	}
	if k.endpoint("findContact").Headers != nil {
		t.Fatal("a row was stored before Save")
	}
	p = p.form("#endpoint-form").press("delete-header:1").must(http.StatusOK)
	p.form("#endpoint-form").press("save").must(http.StatusOK)
	p = k.open(findContact).must(http.StatusOK)
	if got := p.names("headers"); !slices.Equal(got, []string{"cache-control"}) {
		t.Fatalf("after reload: %q", got)
	}
	p.form("#endpoint-form").press("test").must(http.StatusOK)
	if r, _ := k.vendor.last(t); r.Header.Get("Cache-Control") != "no-cache" {
		t.Errorf("the vendor got %v", r.Header)
	}
}

// CB-04: a token in the wrong letter case is a warning when saved, and a failed run that sends nothing.
func TestCB04UnknownTokenWarnsAndSendsNothing(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.crm()
	p := k.open(findContact).form("#endpoint-form").set("url", "http://{{host}}/inv/{{invoicenumber}}.pdf").press("save").must(http.StatusOK)
	if got := strings.Join(p.texts(".notice"), " "); !strings.Contains(got, "invoicenumber") || !strings.Contains(got, "InvoiceNumber") {
		t.Fatalf("after Save: %q", got)
	}
	if row := k.open("/integrations/crm?tab=endpoints").texts("#endpoint-findContact"); len(row) != 1 || !strings.Contains(row[0], "to look at") {
		t.Errorf("the list of endpoints does not say so: %q", row)
	}
	p = p.form("#endpoint-form").press("test")
	result := strings.Join(p.texts("#test-result"), " ")
	if !strings.Contains(result, "unknown_token") || !strings.Contains(result, "InvoiceNumber") {
		t.Fatalf("result = %q", result)
	}
	if k.vendor.hits() != 0 {
		t.Error("something was sent")
	}
}

// AL-15: a variable that does not exist is warned of at its field, and one in use is not deleted.
func TestAL15VariablesAreWarnedOfAndKeptWhileInUse(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.crm()
	variable := "/variables/" + k.variable("CW_BASE", "x")
	p := k.open(findContact).form("#endpoint-form").set("url", "http://{{host}}/${NOPE}/${CW_BASE}").press("save").must(http.StatusOK)
	if got := strings.Join(p.texts(".notice-warn li"), " "); !strings.Contains(got, "url") || !strings.Contains(got, "no variable NOPE") || strings.Contains(got, "CW_BASE") {
		t.Errorf("after Save: %q", got)
	}
	if got := strings.Join(k.open(findContact).texts(".token"), " "); strings.Count(got, "var.CW_BASE") != 1 {
		t.Errorf("the tokens to click in: %q", got)
	}
	refused := k.send("POST", variable+"/delete", nil, nil)
	if got := strings.Join(refused.texts(".toast-note"), " "); !strings.Contains(got, "in use: crm/findContact") {
		t.Errorf("deleting what is in use: %q", got)
	}
	if k.open(variable).status != http.StatusOK {
		t.Error("it is gone")
	}
}

// CV-01: header text in pipe syntax becomes rows; the managed one says so, and the true length is sent.
func TestCV01HeaderTextInPipes(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.crm()
	p := k.open(findContact).form("#endpoint-form").press("headers-text").must(http.StatusOK)
	p = p.form("#endpoint-form").set("headers_text", "Content-length: 0|Content-type: application/json|Authorization: OAuth abc:def").press("headers-apply").must(http.StatusOK)
	if got := p.names("headers"); !slices.Equal(got, []string{"Content-length", "Content-type", "Authorization"}) {
		t.Fatalf("rows = %q", got)
	}
	if got := p.texts(".row-managed .field-help"); len(got) != 1 {
		t.Errorf("managed notes = %q", got)
	}
	p = p.form("#endpoint-form").set("method", "POST", "body.kind", "json").press("add-header").must(http.StatusOK)
	p = p.form("#endpoint-form").set("body.content", `{"a":1}`).press("delete-header:3").must(http.StatusOK)
	p.form("#endpoint-form").press("save").must(http.StatusOK)
	k.open(findContact).form("#endpoint-form").press("test").must(http.StatusOK)
	r, body := k.vendor.last(t)
	if r.Header.Get("Authorization") != "OAuth abc:def" || r.ContentLength != 7 || body != `{"a":1}` {
		t.Errorf("the vendor got %v, length %d, body %q", r.Header, r.ContentLength, body)
	}
	text := k.open(findContact).form("#endpoint-form").press("headers-text").value("headers_text")
	if !strings.Contains(text, "Authorization: OAuth abc:def") {
		t.Errorf("as text: %q", text)
	}
}

// CV-02: a part without a colon is named at the field, and nothing is stored.
func TestCV02HeaderTextThatCannotBeRead(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.crm()
	before := k.stored("crm")
	for _, op := range []string{"headers-apply", "save"} {
		p := k.open(findContact).form("#endpoint-form").press("headers-text").form("#endpoint-form").set("headers_text", "broken|X: 1").press(op)
		if p.status != http.StatusUnprocessableEntity || !strings.Contains(p.problem("headers_text"), "broken") || p.value("headers_text") != "\nbroken|X: 1" && p.value("headers_text") != "broken|X: 1" {
			t.Errorf("%s: status %d, problem %q, text %q", op, p.status, p.problem("headers_text"), p.value("headers_text"))
		}
	}
	if len(k.stored("crm").Endpoints[0].Headers) != len(before.Endpoints[0].Headers) {
		t.Error("something was stored")
	}
}

func TestSwitchedOffRowsOutliveEditingAsText(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.crm()
	p := k.open(findContact).form("#endpoint-form").press("add-header").form("#endpoint-form").set("headers.0.name", "X-On", "headers.0.value", "1").press("add-header")
	p = p.form("#endpoint-form").set("headers.1.name", "X-Off", "headers.1.value", "2", "headers.1.enabled", "").press("headers-text")
	p = p.form("#endpoint-form").press("headers-apply").must(http.StatusOK)
	if got := p.names("headers"); !slices.Equal(got, []string{"X-On", "X-Off"}) || p.has(`[name="headers.1.enabled"][checked]`) {
		t.Errorf("rows = %q", got)
	}
}

func TestTabsKeepWhatWasTyped(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.crm()
	p := k.open(findContact).form("#endpoint-form").set("label", "half-typed").press("tab:response").must(http.StatusOK)
	if p.value("label") != "half-typed" || p.url.Query().Get("tab") != "response" {
		t.Fatalf("label %q at %s", p.value("label"), p.url)
	}
	if got := p.texts(`[role="tab"][aria-selected="true"]`); !slices.Equal(got, []string{"Response"}) {
		t.Errorf("current tab %q", got)
	}
	p = p.form("#endpoint-form").press("tab:test").must(http.StatusOK)
	if p.value("label") != "half-typed" {
		t.Error("the label is gone on the second tab")
	}
	part := k.open(findContact).form("#endpoint-form").swap("tab:response", "div#editor").must(http.StatusOK)
	if got := part.header.Get("Hx-Push-Url"); got != findContact+"?tab=response" {
		t.Errorf("address = %q", got)
	}
}

func TestANewEndpointIsTestedBeforeItIsSaved(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.crm()
	p := k.open("/integrations/crm/endpoints/new").must(http.StatusOK)
	p = p.form("#endpoint-form").set("name", "echo", "url", "http://{{host}}/kinds/1").press("test").must(http.StatusOK)
	if result := strings.Join(p.texts("#test-result"), " "); !strings.Contains(result, "succeeded") || !strings.Contains(result, "HTTP 200") {
		t.Fatalf("result = %q", result)
	}
	if _, ok := k.stored("crm").Endpoint("echo"); ok {
		t.Fatal("the test stored the endpoint")
	}
	p = p.form("#endpoint-form").press("save").must(http.StatusOK)
	if p.url.Path != "/integrations/crm/endpoints/echo" {
		t.Errorf("after Save: %s", p.url)
	}
}

// A definition that nobody touched is the same after Save.
func TestSavingAnUntouchedFormChangesNothing(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.crm()
	p := k.open(findContact).form("#endpoint-form").press("save").must(http.StatusOK)
	if got := strings.Join(p.texts(".toast-note"), " "); !strings.Contains(got, "Nothing had changed") {
		t.Errorf("message = %q", got)
	}
	p = k.open("/integrations/crm?tab=settings").form("#settings-form form").press("save").must(http.StatusOK)
	if rev, err := k.db.Integration(t.Context(), k.owner.Scope, "crm"); err != nil || rev.Revision != 1 {
		t.Errorf("revision %d, %v (%q)", rev.Revision, err, p.texts(".toast-note"))
	}
}

// Two people on one endpoint meet a page with both versions; two on different endpoints do not meet.
func TestEndpointConflictShowsBothVersions(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.crm()
	mine := k.open(findContact).form("#endpoint-form").set("url", "http://{{host}}/mine")
	other := k.open("/integrations/crm/endpoints/new").form("#endpoint-form").set("name", "second", "url", "http://{{host}}/second")
	k.open(findContact).form("#endpoint-form").set("url", "http://{{host}}/theirs").press("save").must(http.StatusOK)
	other.press("save").must(http.StatusOK)
	clash := mine.press("save").must(http.StatusConflict)
	if text := strings.Join(clash.texts("#conflict"), " "); !strings.Contains(text, "/mine") || !strings.Contains(text, "/theirs") {
		t.Fatalf("conflict = %q", text)
	}
	if clash.value("url") != "http://{{host}}/mine" || k.endpoint("findContact").URL != "http://{{host}}/theirs" {
		t.Fatal("the wrong version stands somewhere")
	}
	take := attr(clash.one("#conflict a"), "href")
	if got := k.open(take).must(http.StatusOK).value("url"); got != "http://{{host}}/theirs" {
		t.Errorf("Take theirs shows %q", got)
	}
	clash.form("#endpoint-form").press("save").must(http.StatusOK)
	if got := k.endpoint("findContact").URL; got != "http://{{host}}/mine" {
		t.Errorf("after Keep mine: %q", got)
	}
	if _, ok := k.stored("crm").Endpoint("second"); !ok {
		t.Error("the other endpoint is gone")
	}
}

// What somebody typed outlives the endpoint that somebody else deleted.
func TestAnEndpointDeletedMeanwhileIsAddedAnew(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.crm()
	mine := k.open(findContact).form("#endpoint-form").set("label", "typed")
	k.send(http.MethodPost, findContact+"/delete", nil, nil).must(http.StatusOK)
	p := mine.press("save").must(http.StatusConflict)
	if p.value("label") != "typed" || !strings.Contains(strings.Join(p.texts(".notice-bad"), " "), "meanwhile") {
		t.Fatalf("label %q, %q", p.value("label"), p.texts(".notice-bad"))
	}
	p.form("#endpoint-form").press("save").must(http.StatusOK)
	if got := k.endpoint("findContact").Label; got != "typed" {
		t.Errorf("stored label %q", got)
	}
	k.send(http.MethodPost, "/integrations/crm/endpoints/nobody", map[string][]string{"name": {"sneaked"}, "url": {"/x"}}, nil).must(http.StatusNotFound)
	if _, ok := k.stored("crm").Endpoint("sneaked"); ok {
		t.Error("an endpoint was added under another one's address")
	}
}

// Every region that scripts ask for comes alone, and is the one that was asked for.
func TestRegionsComeAlone(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	in := k.crm()
	for path, regions := range map[string][]string{
		findContact:                              {"editor", "preview", "test-result", "path-rows"},
		findContact + "?tab=logs":                {"runs"},
		"/integrations/crm/endpoints/new":        {"editor", "preview"},
		"/integrations/crm?tab=settings":         {"settings-form"},
		"/integrations/crm?tab=logs":             {"runs"},
		"/integrations/new":                      {"settings-form"},
		"/integrations/crm/integrators/" + in.ID: {"integrator-form"},
		newIntegrator:                            {"integrator-form"},
	} {
		for _, region := range regions {
			p := k.send(http.MethodGet, path, nil, http.Header{"Hx-Request": {"true"}, "Hx-Request-Type": {"partial"}, "Hx-Target": {"div#" + region}}).must(http.StatusOK)
			if start := strings.TrimSpace(p.text); !strings.HasPrefix(start, `<div id="`+region+`"`) || strings.Contains(start, "<html") || strings.Contains(start, "side-nav") {
				t.Errorf("%s %s: %.120s", path, region, start)
			}
		}
	}
}

func TestHistoryComparesAndRestores(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.crm()
	k.open(findContact).form("#endpoint-form").set("url", "http://{{host}}/second").press("save").must(http.StatusOK)
	p := k.open(findContact + "?tab=history&from=1&to=2").must(http.StatusOK)
	if text := strings.Join(p.texts(".panel"), " "); !strings.Contains(text, "url") || !strings.Contains(text, "/contacts") || !strings.Contains(text, "/second") || !strings.Contains(text, "Owner") {
		t.Fatalf("difference = %q", text)
	}
	p.form(`form[action="/integrations/crm/endpoints/findContact/restore"]`)
	k.send(http.MethodPost, findContact+"/restore", map[string][]string{"revision": {"1"}}, nil).must(http.StatusOK)
	if got := k.endpoint("findContact").URL; got != "http://{{host}}/contacts" {
		t.Errorf("restored url = %q", got)
	}
	whole := k.open("/integrations/crm?tab=settings&from=1&to=2").must(http.StatusOK)
	if !strings.Contains(strings.Join(whole.texts(".panel"), " "), "/second") {
		t.Error("the integration's history shows no difference")
	}
}

func TestAPathRowAppearsWithItsPlaceholder(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.crm()
	f := k.open(findContact).form("#endpoint-form").set("url", "http://{{host}}/contacts/{id}")
	f.values.Set("op", "change")
	part := f.submit("", http.Header{"Hx-Request": {"true"}, "Hx-Request-Type": {"partial"}, "Hx-Target": {"div#path-rows"}}).must(http.StatusOK)
	if strings.Contains(part.text, "<html") || !slices.Equal(part.names("path"), []string{"id"}) {
		t.Fatalf("region = %.300s", part.text)
	}
	if whole := f.press("").must(http.StatusOK); !slices.Equal(whole.names("path"), []string{"id"}) {
		t.Error("no path row without scripts")
	}
}

// Hostile input in every field of the endpoint form: a message, and nothing stored.
func TestHostileEndpointFieldsAreRefusedAtTheField(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.crm()
	long := strings.Repeat("x", 70_000)
	before := k.endpoint("findContact")
	prepare := func() *form {
		p := k.open(findContact).form("#endpoint-form").set("url", "http://{{host}}/a/{id}").press("add-header")
		for _, op := range []string{"add-query", "add-hard", "add-output"} {
			p = p.form("#endpoint-form").press(op)
		}
		return p.form("#endpoint-form").set("headers.0.name", "X-A", "query.1.name", "q", "path.0.value", "1", "hard.0.name", "h", "response.outputs.0.name", "o", "response.outputs.0.path", "o")
	}
	filled := prepare()
	for field, bad := range map[string][]string{
		"name":                      {"", "1a", "a b", "a/b", "<b>", "new", long},
		"label":                     {long, "\x00"},
		"description":               {long},
		"type":                      {"Nonsense"},
		"method":                    {"TRACE", "get"},
		"url":                       {"", "ftp://x/", "javascript:alert(1)", "http://user:pass@x/", "http://{{phone_number}}/", long},
		"headers.0.name":            {"", "a b", "a:b", "ä", "a\r\nb"},
		"headers.0.value":           {"a\r\nX: 1", "a\x00", long, "{{unclosed"},
		"headers.0.source":          {"nowhere"},
		"query.1.name":              {""},
		"path.0.name":               {""},
		"hard.0.name":               {""},
		"hard.0.in":                 {"cookie"},
		"auth":                      {"basic"},
		"repeat":                    {"sometimes"},
		"lookup":                    {"nobody"},
		"response.type":             {"yaml"},
		"response.key":              {long},
		"response.statuses":         {"abc", "99", "200-99999"},
		"response.outputs.0.name":   {"", "a b"},
		"response.outputs.0.path":   {""},
		"response.success.path":     {long},
		"contract":                  {"promise"},
		"policy.timeout_s":          {"0x10", "-1", "121", "99999999999999999999"},
		"policy.connect_timeout_s":  {"31", "x"},
		"policy.max_response_bytes": {"-5", "999999999999"},
		"policy.ok_statuses":        {"all"},
	} {
		for _, value := range bad {
			p := filled.again().set(field, value).press("save")
			if p.status != http.StatusUnprocessableEntity || len(p.texts(".problem-list li")) == 0 {
				t.Errorf("%s = %.30q: status %d", field, value, p.status)
				continue
			}
			if p.problem(field) == "" {
				t.Errorf("%s = %.30q: no message at the field, but %q", field, value, p.texts(".problem-list li"))
			}
		}
	}
	after := k.endpoint("findContact")
	if after.URL != before.URL || len(after.Headers) != 0 || after.Name != before.Name {
		t.Errorf("something was stored: %+v", after)
	}
}
