package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// GC-01: Customer → Integration → Add integration → the eye → tabs with addresses of their own.
func TestGC01AddIntegrationLeadsToItsTabs(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	if menu := d.open("/").words("nav"); !strings.Contains(menu, "Customer") || !strings.Contains(menu, "Integration") {
		t.Errorf("the menu is %q", menu)
	}
	p := d.open("/integrations/new").form("#settings-form form").set("name", "hubspot", "type", "crm").press("save").is(200)
	if p.url.Path != "/integrations" || !strings.Contains(p.words("#integration-hubspot"), "CRM") {
		t.Fatalf("at %s the row is %q", p.url, p.words("#integration-hubspot"))
	}
	eye := p.one("#integration-hubspot .cell-actions a[aria-label^=Open]")
	for path, want := range map[string]string{attr(eye, "href"): "Integrators", "/integrations/hubspot?tab=endpoints": "Endpoints"} {
		tab := d.open(path).is(200)
		if got := tab.words("[role=tab][aria-selected=true]"); !strings.HasPrefix(got, want) || len(tab.all("[role=tab][aria-selected=true]")) != 1 {
			t.Errorf("%s: the tab in use is %q", path, got)
		}
		for _, name := range []string{"integrators", "endpoints"} {
			if len(tab.all("[role=tab][href='/integrations/hubspot?tab="+name+"']")) != 1 {
				t.Errorf("%s: no tab leads to %s", path, name)
			}
		}
	}
}

// GC-02: a required secret is asked for at its field, then stored and masked.
func TestGC02ARequiredParameterIsAskedForAtItsField(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.define(`{"name":"findContact","url":"/contacts"}`)
	d.must(t, 201, "POST", "/api/v1/customers", d.owner, `{"slug":"globex","name":"Globex"}`)
	p := d.open("/integrations/crm/integrators/new").form("#integrator-form form").set("customer", "globex", "host", "app.globex.test", "label", "kept").press("save")
	if p.status != 422 || p.problem("field.ApiKey") == "" || p.value("label") != "kept" {
		t.Fatalf("status %d, problem %q, label %q", p.status, p.problem("field.ApiKey"), p.value("label"))
	}
	a := d.must(t, 422, "POST", "/api/v1/integrations/crm/integrators", d.owner, `{"customer":"globex","host":"app.globex.test"}`)
	var problem struct{ Fields map[string]string }
	if err := json.Unmarshal(a.body, &problem); err != nil || problem.Fields["fields.ApiKey"] == "" {
		t.Errorf("the API says %s", a.body)
	}
	const value = "canary-globex-0123456789-9f2c"
	p = p.form("#integrator-form form").set("field.ApiKey", value).press("save").is(200)
	a = d.must(t, 200, "GET", "/api/v1/integrations/crm/integrators?customer=globex", d.owner, "")
	if !strings.Contains(p.text, "cana...9f2c") || strings.Contains(p.text+string(a.body), value) || !strings.Contains(string(a.body), `"hint":"…9f2c"`) {
		t.Errorf("the page or %s", a.body)
	}
}

// GC-03: a pasted scheme and slash are taken off with a notice, and {{host}} works.
func TestGC03APastedHostIsCleanedWithANotice(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.define(`{"name":"findContact","url":"https://{{host}}/api"}`)
	d.must(t, 201, "POST", "/api/v1/customers", d.owner, `{"slug":"globex","name":"Globex"}`)
	p := d.open("/integrations/crm/integrators/new").form("#integrator-form form").
		set("customer", "globex", "host", "https://app.gcalls.co/", "field.ApiKey", "key-of-globex-0123456789").press("save").is(200)
	if note := p.words(".toast-note, .notice"); !strings.Contains(note, "app.gcalls.co") {
		t.Errorf("the notice is %q", note)
	}
	a := d.must(t, 200, "GET", "/api/v1/integrations/crm/integrators?customer=globex", d.owner, "")
	if !strings.Contains(string(a.body), `"host":"app.gcalls.co"`) {
		t.Errorf("stored: %s", a.body)
	}
	a = d.must(t, 200, "POST", "/api/v1"+findContact+"/test?preview=1", d.owner, `{"customer":"globex"}`)
	if !strings.Contains(string(a.body), `"https://app.gcalls.co/api"`) {
		t.Errorf("the preview: %s", a.body)
	}
}
