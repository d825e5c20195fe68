package web_test

import (
	"net/http"
	"strings"
	"testing"
)

const newIntegrator = "/integrations/crm/integrators/new"

// GC-02: a required secret parameter is asked for at its field, and then stored and masked.
func TestGC02RequiredParameterIsAskedForAndMasked(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.crm()
	k.customer("globex")
	p := k.open(newIntegrator).must(http.StatusOK)
	p = p.form("#integrator-form form").set("customer", "globex", "host", "app.globex.test", "label", "typed").press("save")
	if p.status != http.StatusUnprocessableEntity || p.problem("field.ApiKey") == "" || p.value("label") != "typed" {
		t.Fatalf("status %d, problem %q, label %q", p.status, p.problem("field.ApiKey"), p.value("label"))
	}
	const key = "canary-globex-0123456789-9f2c"
	p = p.form("#integrator-form form").set("field.ApiKey", key).press("save").must(http.StatusOK)
	if strings.Contains(p.text, key) || !strings.Contains(p.text, "cana...9f2c") {
		t.Error("the list does not mask the key")
	}
	shown := k.open(attr(p.one(`#tabpanel tbody tr:last-child .main-cell a`), "href")).must(http.StatusOK)
	if strings.Contains(shown.text, key) || shown.value("field.ApiKey") != "" {
		t.Error("the key is in the form")
	}
	if text := shown.texts(".secret-set"); len(text) != 1 || !strings.Contains(text[0], "Set on") || !strings.Contains(text[0], "…9f2c") {
		t.Errorf("what is said of the key: %q", text)
	}
}

// GC-03: a pasted scheme and slash are taken off the host, and the form says so.
func TestGC03PastedHostIsCleanedWithANotice(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.crm()
	k.customer("globex")
	p := k.open(newIntegrator).form("#integrator-form form").
		set("customer", "globex", "host", "https://app.gcalls.co/", "field.ApiKey", "some-key-of-globex-1234").press("save").must(http.StatusOK)
	if note := strings.Join(p.texts(".toast-note"), " "); !strings.Contains(note, "app.gcalls.co") {
		t.Errorf("notice = %q", note)
	}
	if !strings.Contains(strings.Join(p.texts(`td[data-label="Host"]`), " "), "app.gcalls.co") || strings.Contains(strings.Join(p.texts(`td[data-label="Host"]`), " "), "https") {
		t.Errorf("hosts = %q", p.texts(`td[data-label="Host"]`))
	}
	f := k.open(findContact).form("#endpoint-form").set("url", "https://{{host}}/api")
	for _, n := range f.page.all(`select[name="test.integrator"] option`) {
		if strings.Contains(textOf(n), "Globex") {
			f.set("test.integrator", attr(n, "value"))
		}
	}
	if text := strings.Join(f.press("preview").must(http.StatusOK).texts("#preview"), " "); !strings.Contains(text, "https://app.gcalls.co/api") {
		t.Errorf("preview = %q", text)
	}
}

func TestAuthFieldsFollowTheKindWithoutScripts(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.crm()
	f := k.open(newIntegrator).form("#integrator-form form").set("host", "typed.test", "auth.kind", "basic")
	f.values.Set("op", "change")
	p := f.submit("", nil).must(http.StatusOK)
	if !p.has(`[name="auth.username"]`) || !p.has(`[name="auth.password"][type="password"]`) || p.value("host") != "typed.test" {
		t.Fatal("the fields of basic are not there, or the host is gone")
	}
	if p.has(".notice-bad") {
		t.Errorf("choosing a kind complains: %q", p.texts(".notice-bad"))
	}
	part := f.submit("", http.Header{"Hx-Request": {"true"}, "Hx-Request-Type": {"partial"}, "Hx-Target": {"div#integrator-form"}}).must(http.StatusOK)
	if strings.Contains(part.text, "<html") || !part.has(`[name="auth.username"]`) {
		t.Error("the region is not the form alone")
	}
}

func TestSecretsAreKeptReplacedAndRemoved(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	in := k.crm()
	path := "/integrations/crm/integrators/" + in.ID
	k.open(path).form("#integrator-form form").set("label", "Main").press("save").must(http.StatusOK)
	if got := k.integrator(in.ID); !got.Secrets["field.ApiKey"].Set() || got.Label != "Main" || got.Secrets["field.ApiKey"].Hint != "gckQ...taJ9" {
		t.Fatalf("after an empty field: %+v", got.Secrets["field.ApiKey"].Hint)
	}
	k.open(path).form("#integrator-form form").set("field.ApiKey", "another-key-0123456789-zzzz").press("save").must(http.StatusOK)
	if got := k.integrator(in.ID).Secrets["field.ApiKey"].Ends(); got != "…zzzz" {
		t.Errorf("after a new value: %q", got)
	}
	f := k.open(path).form("#integrator-form form")
	f.values.Set("clear", "field.ApiKey")
	p := f.press("save")
	if p.status != http.StatusUnprocessableEntity || p.problem("field.ApiKey") == "" {
		t.Errorf("a required secret was removed: %d", p.status)
	}
	if !p.has(`[name="clear"][value="field.ApiKey"][checked]`) {
		t.Error("the box that was ticked came back empty")
	}
}

// A form that comes back never holds the secret that was typed, and says that it must be given again.
func TestATypedSecretIsNeverShownAgain(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.crm()
	const key = "canary-typed-0123456789"
	p := k.open(newIntegrator).form("#integrator-form form").set("host", "a/b c", "field.ApiKey", key).press("save")
	if p.status != http.StatusUnprocessableEntity || strings.Contains(p.text, key) {
		t.Fatalf("status %d, secret shown: %v", p.status, strings.Contains(p.text, key))
	}
	if !strings.Contains(strings.Join(p.texts(".notice"), " "), "once more") {
		t.Error("the form does not say that the secret must be typed again")
	}
}

func TestIntegratorConflictShowsBothVersions(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	in := k.crm()
	path := "/integrations/crm/integrators/" + in.ID
	mine := k.open(path).form("#integrator-form form").set("label", "Mine")
	k.open(path).form("#integrator-form form").set("label", "Theirs").press("save").must(http.StatusOK)
	clash := mine.press("save").must(http.StatusConflict)
	if text := strings.Join(clash.texts("#conflict"), " "); !strings.Contains(text, "Mine") || !strings.Contains(text, "Theirs") {
		t.Fatalf("conflict = %q", text)
	}
	for _, path := range clash.texts("#conflict td code") {
		if path != "label" {
			t.Errorf("the conflict names %s, which nobody typed", path)
		}
	}
	clash.form("#integrator-form form").press("save").must(http.StatusOK)
	if got := k.integrator(in.ID).Label; got != "Mine" {
		t.Errorf("after Keep mine: %q", got)
	}
}

func TestAnIntegratorOfAnotherIntegrationIsNotFound(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	in := k.crm()
	k.send(http.MethodPost, "/integrations/crm/duplicate", nil, nil).must(http.StatusOK)
	k.open("/integrations/crm-copy/integrators/" + in.ID).must(http.StatusNotFound)
	k.send(http.MethodPost, "/integrations/crm-copy/integrators/"+in.ID+"/delete", nil, nil).must(http.StatusNotFound)
}

// Hostile input in every field of the integrator form: a message at the field, and nothing stored.
func TestHostileIntegratorFieldsAreRefusedAtTheField(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.crm()
	k.customer("globex")
	long := strings.Repeat("x", 70_000)
	filled := k.open(newIntegrator).form("#integrator-form form").set("customer", "globex", "host", "app.globex.test", "field.ApiKey", "key-of-globex-123456")
	for field, bad := range map[string][]string{
		"customer":                  {"", "nobody", "' OR 1=1"},
		"label":                     {long, "a\x00b"},
		"description":               {long},
		"callcenter_id":             {long, "\x01"},
		"host":                      {"a b", "user:pass@host", "host:99999", long, "h\x00st"},
		"base_url":                  {"ftp://x", "not a url", "https://u:p@x/", long},
		"auth.kind":                 {"magic"},
		"info":                      {"{", `{"a":1,}`, "{\n \"a\": tru\n}"},
		"iframe":                    {"[1,", "\x00"},
		"policy.timeout_s":          {"0x1", "-1", "500", "1e9"},
		"policy.connect_timeout_s":  {"99"},
		"policy.max_response_bytes": {"-1", "99999999999"},
		"policy.ok_statuses":        {"20", "fine"},
		"policy.extra_hosts":        {"https://x/y", "a b"},
	} {
		for _, value := range bad {
			p := filled.again().set(field, value).press("save")
			if p.status != http.StatusUnprocessableEntity || p.problem(field) == "" {
				t.Errorf("%s = %.30q: status %d, problem %q (%v)", field, value, p.status, p.problem(field), p.texts(".problem-list li"))
			}
		}
	}
	p := k.open(newIntegrator).form("#integrator-form form").set("customer", "globex", "host", "h.test", "field.ApiKey", "k-123456789012", "info", "{\n \"a\": tru\n}").press("save")
	if got := p.problem("info"); !strings.Contains(got, "line 2") || !strings.Contains(got, "column") {
		t.Errorf("info: %q", got)
	}
	if rows := k.open("/integrations/crm").all("#tabpanel tbody tr"); len(rows) != 1 {
		t.Errorf("%d integrators are stored, want the one", len(rows))
	}
}
