package web_test

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"tieline/internal/integration"
)

// line is the key of a field's line in the form of a mapping.
func (p page) line(field, part string) string {
	p.k.t.Helper()
	for i := 0; ; i++ {
		if p.value(fmt.Sprintf("fields.%d.from", i)) == field {
			return fmt.Sprintf("fields.%d.%s", i, part)
		}
	}
}

// change submits the form as a select box does whose choice changes what else is asked.
func (f *form) change() page {
	f.page.k.t.Helper()
	f.values.Set("op", "change")
	return f.submit("", nil)
}

func (k *desk) mapping(name string) integration.Mapping {
	k.t.Helper()
	m, ok := k.stored("crm").Mapping(name)
	if !ok {
		k.t.Fatalf("there is no mapping %s", name)
	}
	return m
}

// withMapping stores a mapping in crm, and an endpoint that uses it.
func (k *desk) withMapping(m integration.Mapping) {
	k.t.Helper()
	k.crm()
	ctx := k.t.Context()
	if _, err := k.control.SaveMapping(ctx, k.owner, "crm", 0, "", m); err != nil {
		k.t.Fatal(err)
	}
	e := integration.Endpoint{Name: "saveLead", Type: "PostData", Method: "POST", URL: "/leads", Mapping: m.Name, Body: integration.Body{Kind: "json"}}
	if _, err := k.control.SaveEndpoint(ctx, k.owner, "crm", 0, "", e); err != nil {
		k.t.Fatal(err)
	}
}

// everything has a rule of every kind.
func everything() integration.Mapping {
	when, _ := integration.ParseSuccess("status in SALE,APPT")
	return integration.Mapping{Name: "lead", Envelope: "hubspot_v3", Program: ".", Rows: []integration.MapRow{
		{From: "phone_number", To: "phone"},
		{Op: "date", From: "created_at", To: "created", Format: "Y-m-d", Zone: "Europe/Amsterdam"},
		{Op: "number", From: "annual_revenue", To: "revenue"},
		{From: "shoe_size", To: "size", Default: "42"},
		{Op: "copy", From: "email", To: "mail"},
		{Op: "number", From: "length_in_sec", To: "seconds", Format: "0.00"},
		{From: "phone_number", To: "again"},
		{Op: "set", From: "from {{list_name}}", To: "source", When: &when},
		{Op: "default", To: "mail", Default: "none"},
		{Op: "lookup", From: "status", To: "status", Table: map[string]string{"HU": "Hung up", "a=b": "c=d", "*": "Other"}},
		{Op: "concat", From: "first_name,last_name", To: "name", Format: ", "},
		{Op: "remove", To: "again"},
		{From: "city", To: "city", When: &when},
		{Op: "filter", When: &when, Default: "not now"},
		{Op: "filter", Format: "unchanged", From: "record.id"},
		{Op: "split", From: "items"},
		{From: "sku", To: "sku"},
	}}
}

// A mapping is made line by line without scripts: only lines with a name count, and what is saved is what the page
// shows again.
func TestAMappingIsMadeByItsLines(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.crm()
	p := k.open("/integrations/crm?tab=mappings").must(http.StatusOK)
	if !strings.Contains(strings.Join(p.texts(".empty"), " "), "No mapping yet") {
		t.Errorf("the empty tab says %q", p.texts(".empty"))
	}
	p = k.open("/integrations/crm/mappings/new").must(http.StatusOK)
	p = p.form("#mapping-form").set("name", "lead", p.line("phone_number", "to"), "phone_1, phone_2", p.line("email", "to"), "mail", p.line("email", "default"), "none@x.test",
		p.line("city", "default"), "no name, so it does not count").press("add-custom").must(http.StatusOK)
	last := len(p.all(`[name^="fields."][name$=".from"]`)) - 1
	p = p.form("#mapping-form").set(fmt.Sprintf("fields.%d.from", last), "shoe_size", fmt.Sprintf("fields.%d.to", last), "size").press("add-rule").must(http.StatusOK)
	p = p.form("#mapping-form").set("rules.0.op", "lookup").change().must(http.StatusOK)
	p = p.form("#mapping-form").set("rules.0.from", "status", "rules.0.to", "status", "rules.0.table", "HU=Hung up\n*=Other").press("save").must(http.StatusOK)
	want := []integration.MapRow{
		{From: "phone_number", To: "phone_1, phone_2"},
		{From: "email", To: "mail", Default: "none@x.test"},
		{From: "shoe_size", To: "size"},
		{Op: "lookup", From: "status", To: "status", Table: map[string]string{"HU": "Hung up", "*": "Other"}},
	}
	if got := k.mapping("lead").Rows; !reflect.DeepEqual(got, want) {
		t.Fatalf("stored %+v", got)
	}
	if p.value(p.line("email", "default")) != "none@x.test" || p.value("rules.0.table") != "*=Other\nHU=Hung up" {
		t.Error("the page shows something else than what was saved")
	}
	row := strings.Join(k.open("/integrations/crm?tab=mappings").texts("tbody tr"), " ")
	if !strings.Contains(row, "lead 4 rules nothing yet") {
		t.Errorf("the list says %q", row)
	}
}

func TestAMappingThatNobodyTouchedStaysAsItIs(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.withMapping(everything())
	before := k.mapping("lead")
	p := k.open("/integrations/crm/mappings/lead").must(http.StatusOK).form("#mapping-form").press("save").must(http.StatusOK)
	if got := strings.Join(p.texts(".toast, .notice"), " "); !strings.Contains(got, "Nothing had changed") {
		t.Errorf("the page says %q", got)
	}
	if after := k.mapping("lead"); !reflect.DeepEqual(after, before) {
		t.Errorf("it became\n%+v, it was\n%+v", after, before)
	}
	p = k.open("/integrations/crm/mappings/lead?tab=history").must(http.StatusOK)
	if !strings.Contains(strings.Join(p.texts("td"), " "), "mapping lead") {
		t.Errorf("the history says %q", p.texts("td"))
	}
}

func TestABadMappingComesBackAsTypedWithTheNumberOfItsRule(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.withMapping(integration.Mapping{Name: "lead", Rows: []integration.MapRow{{From: "email", To: "mail"}}})
	for _, c := range []struct {
		set, at, want string
	}{
		{"name=Has Spaces", "name", "A letter first"},
		{"name=new", "name", "The portal"},
		{"program={a: ", "program", "Line 1, column 4"},
		{"program=nope", "program", "function not defined"},
		{"rules.0.to=", "rules.0.to", "Rule 3: Say what"},
		{"rules.0.to=a..b", "rules.0.to", "Rule 3: The name a..b has an empty part"},
		{"rules.0.from={{email|uper}}", "rules.0.from", "Rule 3: There is no filter uper"},
		{"rules.0.when=status in", "rules.0.when", "Say what to compare with"},
		{"rules.0.op=lookup", "rules.0.table", "Rule 3: Write the table"},
		{"rules.0.table=no equals sign", "rules.0.table", "has no equals sign"},
		{"rules.0.op=split", "rules.0.from", "Rule 3: Name the value"},
	} {
		p := k.open("/integrations/crm/mappings/lead").form("#mapping-form").press("add-rule")
		name, value, _ := strings.Cut(c.set, "=")
		op := "copy"
		if c.at == "rules.0.table" {
			op = "lookup"
		}
		p = p.form("#mapping-form").set("rules.0.from", "city", "rules.0.to", "city", "rules.0.op", op).change()
		f := p.form("#mapping-form").set(p.line("phone_number", "to"), "typed meanwhile", name, value)
		if c.set == "rules.0.op=split" {
			f.set("rules.0.from", "")
		}
		p = f.press("save").must(http.StatusUnprocessableEntity)
		if got := p.problem(c.at); !strings.Contains(got, c.want) {
			t.Errorf("%s: at %s stands %q, want %q", c.set, c.at, got, c.want)
		}
		if p.value(p.line("phone_number", "to")) != "typed meanwhile" {
			t.Errorf("%s: what was typed is gone", c.set)
		}
	}
	if got := k.mapping("lead"); len(got.Rows) != 1 {
		t.Errorf("something was stored: %+v", got)
	}
}

// AL-16: a rule is edited, and the output pane changes without a save; an error shows the number of its rule.
func TestAL16TheTesterFollowsWhatIsTyped(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.withMapping(integration.Mapping{Name: "lead", Rows: []integration.MapRow{{From: "email", To: "mail"}}})
	p := k.open("/integrations/crm/mappings/lead").must(http.StatusOK)
	f := p.form("#mapping-form").set("try.input", `{"email":"a@b.test","n":12345678901234567890}`, "try.endpoint", "")
	if got := f.again().swap("try", "div#try").texts("pre"); len(got) != 1 || !strings.Contains(got[0], `"mail": "a@b.test"`) {
		t.Fatalf("output = %q", got)
	}
	f.set(p.line("email", "to"), "contact.address")
	if got := f.again().swap("try", "div#try").texts("pre"); len(got) != 1 || !strings.Contains(got[0], `"contact": { "address": "a@b.test" }`) {
		t.Fatalf("after the edit: %q", got)
	}
	f.set(p.line("phone_number", "to"), "phone", p.line("city", "to"), "x.y", p.line("state", "to"), "x..y")
	region := f.again().swap("try", "div#try")
	if got := strings.Join(region.texts("li"), "\n"); !strings.Contains(got, "The name x..y has an empty part") {
		t.Errorf("problems = %q", got)
	}
	p = f.press("add-rule").must(http.StatusOK)
	f = p.form("#mapping-form").set("rules.0.from", "emial", "rules.0.to", "e")
	if got := strings.Join(f.again().swap("try", "div#try").texts("li"), "\n"); !strings.Contains(got, "rule 5, from emial: this call has no value of that name, did you mean email?") {
		t.Errorf("problems = %q", got)
	}
	f.set("try.input", "{not json")
	if got := strings.Join(f.again().swap("try", "div#try").texts("p"), "\n"); !strings.Contains(got, "The input is no JSON object") {
		t.Errorf("a broken input: %q", got)
	}
	if got := k.mapping("lead").Rows; len(got) != 1 || got[0].To != "mail" {
		t.Errorf("the tester stored %+v", got)
	}
}

func TestAMappingIsChosenOnTheEndpointAndItsRequestShown(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.crm()
	if _, err := k.control.SaveMapping(t.Context(), k.owner, "crm", 0, "", integration.Mapping{Name: "lead", Rows: []integration.MapRow{{From: "phone_number", To: "tel"}}}); err != nil {
		t.Fatal(err)
	}
	p := k.open("/integrations/crm/endpoints/new").form("#endpoint-form").set("name", "push", "type", "PostData", "method", "POST", "url", "/leads").press("save")
	if p.must(http.StatusUnprocessableEntity); !strings.Contains(strings.Join(p.texts(".notice"), " "), "choose a mapping or write a body") {
		t.Fatalf("CV-15: %q", p.texts(".notice"))
	}
	p = p.form("#endpoint-form").set("mapping", "lead", "test.tokens", `{"phone_number":"+15550001111"}`).change().must(http.StatusOK)
	if p.value("body.kind") != "json" || !slices.Contains(p.names("headers"), "Content-Type") {
		t.Errorf("body kind %q, headers %q", p.value("body.kind"), p.names("headers"))
	}
	if got := strings.Join(p.texts("#preview"), " "); !strings.Contains(got, `{"tel":"+15550001111"}`) {
		t.Errorf("the preview shows %q", got)
	}
	p.form("#endpoint-form").press("save").must(http.StatusOK)
	if k.endpoint("push").Mapping != "lead" {
		t.Fatal("the mapping was not stored")
	}
	k.open("/integrations/crm/endpoints/push").form("#endpoint-form").set("label", "Push").press("save").must(http.StatusOK)
	if e := k.endpoint("push"); e.Mapping != "lead" || e.Label != "Push" {
		t.Errorf("after another change: %+v", e)
	}
	p = k.send(http.MethodPost, "/integrations/crm/mappings/lead/delete", nil, nil)
	if got := strings.Join(p.texts(".toast, .notice"), " "); !strings.Contains(got, "used by push") {
		t.Errorf("deleting a mapping in use: %q", got)
	}
	k.send(http.MethodPost, "/integrations/crm/mappings/lead/duplicate", nil, nil).must(http.StatusOK)
	k.send(http.MethodPost, "/integrations/crm/mappings/lead-copy/delete", nil, nil).must(http.StatusOK)
	if len(k.stored("crm").Mappings) != 1 {
		t.Error("the copy is still there")
	}
}
