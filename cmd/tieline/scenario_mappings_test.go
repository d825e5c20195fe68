package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// defineMapped is define with mappings.
func (d *desk) defineMapped(mappings, endpoints string) {
	d.t.Helper()
	d.define("")
	d.must(d.t, 200, "PUT", "/api/v1/integrations/crm", d.owner, `{"tieline":1,"integration":{"name":"crm","label":"CRM","type":"crm",
		"parameters":[{"name":"ApiKey","label":"API key","in":"header","required":true,"secret":true}],"mappings":[`+mappings+`],"endpoints":[`+endpoints+`]}}`)
}

const lead = `"record":{"type":"lead","id":"102","data":{"phone_number":"+15551234567","first_name":"Ann & Bo","email":"","status":"HU","big":12345678901234567890}}`

// CV-04: a field goes to several names and below others, in a form and in JSON; what is not mapped is absent.
func TestCV04FieldsAreMappedInFormsAndInJSON(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.defineMapped(`{"name":"lead","rows":[{"from":"phone_number","to":"phone_1,phone_2"},{"from":"first_name","to":"contact.first"}]}`,
		`{"name":"raw","type":"PostData","method":"POST","url":"/raw","mapping":"lead","body":{"kind":"form"}},
		{"name":"json","type":"PostData","method":"POST","url":"/json","mapping":"lead"}`)
	if o := d.call("raw", lead); o.Status != "succeeded" {
		t.Fatalf("%+v", o)
	}
	r, body := d.vendor.last(t)
	form, err := url.ParseQuery(body)
	if err != nil || r.Header.Get("Content-Type") != "application/x-www-form-urlencoded" || len(form) != 3 ||
		form.Get("phone_1") != "+15551234567" || form.Get("phone_2") != form.Get("phone_1") || form.Get("contact.first") != "Ann & Bo" {
		t.Errorf("the form was %s, %v", body, err)
	}
	o := d.call("json", lead)
	if r, body = d.vendor.last(t); body != `{"phone_1":"+15551234567","phone_2":"+15551234567","contact":{"first":"Ann & Bo"}}` || r.Header.Get("Content-Type") != "application/json" {
		t.Errorf("the JSON was %s (%s)", body, r.Header.Get("Content-Type"))
	}
	if words := d.open("/runs/" + o.RunID).words("main"); !strings.Contains(words, "rule 2 of the mapping lead, from first_name") {
		t.Errorf("the trace does not name the rule: %s", words)
	}
}

// CV-05: a default is sent where the field is empty, else the real value.
func TestCV05ADefaultStandsInForAnEmptyField(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.defineMapped(`{"name":"lead","rows":[{"from":"email","to":"email","default":"none@x.test"}]}`, `{"name":"push","type":"PostData","method":"POST","url":"/push","mapping":"lead"}`)
	for _, c := range []struct{ record, want string }{
		{`"record":{"data":{"email":""}}`, `{"email":"none@x.test"}`},
		{`"record":{"data":{"email":null}}`, `{"email":"none@x.test"}`},
		{`"tokens":{}`, `{"email":"none@x.test"}`},
		{`"record":{"data":{"email":"a@b.test"}}`, `{"email":"a@b.test"}`},
	} {
		d.call("push", c.record)
		if _, body := d.vendor.last(t); body != c.want {
			t.Errorf("%s sent %s", c.record, body)
		}
	}
}

// CV-12: the two shapes of HubSpot.
func TestCV12HubSpotsShapes(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.defineMapped(`{"name":"v3","envelope":"hubspot_v3","rows":[{"from":"email","to":"email"}]},{"name":"v1","envelope":"hubspot_v1","rows":[{"from":"email","to":"email"}]}`,
		`{"name":"three","type":"PostData","method":"POST","url":"/3","mapping":"v3"},{"name":"one","type":"PostData","method":"POST","url":"/1","mapping":"v1"}`)
	for endpoint, want := range map[string]string{"three": `{"properties":{"email":"a@b.test"}}`, "one": `{"properties":[{"property":"email","value":"a@b.test"}]}`} {
		d.call(endpoint, `"record":{"data":{"email":"a@b.test"}}`)
		if _, body := d.vendor.last(t); body != want {
			t.Errorf("%s sent %s", endpoint, body)
		}
	}
}

// CV-15: an endpoint that would post nothing is refused, on the page and over the API; a mapping is enough.
func TestCV15AnEndpointThatCarriesNothingIsRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.defineMapped(`{"name":"lead","rows":[{"from":"email","to":"email"}]}`, `{"name":"findContact","url":"/x"}`)
	for _, method := range []string{"POST", "PUT", "PATCH"} {
		a, err := d.ask("PUT", "/api/v1/integrations/crm/endpoints/push", d.owner, []byte(`{"endpoint":{"type":"PostData","method":"`+method+`","url":"/push"}}`))
		if err != nil || a.status != 422 || !strings.Contains(string(a.body), "choose a mapping or write a body") {
			t.Errorf("%s: %d %s %v", method, a.status, a.body, err)
		}
	}
	p := d.open("/integrations/crm/endpoints/new").form("#endpoint-form").set("name", "push", "type", "PostData", "method", "POST", "url", "/push").press("save")
	if p.status != 422 || !strings.Contains(p.words(".notice"), "choose a mapping or write a body") {
		t.Fatalf("the page answers %d: %s", p.status, p.words(".notice"))
	}
	p.form("#endpoint-form").set("mapping", "lead").press("save").is(200)
	if o := d.call("push", `"record":{"data":{"email":"a@b.test"}}`); o.Status != "succeeded" {
		t.Errorf("%+v", o)
	}
}

// AL-05: PUT sends the payload rows, PATCH rows a list of patches, DELETE no body.
func TestAL05PayloadRowsPatchesAndDelete(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.defineMapped(`{"name":"payload","rows":[{"from":"first_name","to":"name"},{"from":"big","to":"number"}]},
		{"name":"patch","rows":[{"op":"json_patch","from":"name","to":"name"},{"op":"json_patch","format":"add","from":"big","to":"count"}]}`,
		`{"name":"put","type":"PostData","method":"PUT","url":"/companies/4","mapping":"payload"},
		{"name":"patch","type":"PostData","method":"PATCH","url":"/companies/4","mapping":"patch"},
		{"name":"merge","type":"PostData","method":"POST","url":"/companies","mapping":"payload","hard":[{"in":"body","name":"number","value":"7"}],"body":{"kind":"json","content":"{\"name\":\"written\",\"more\":{\"a\":1.50}}"}},
		{"name":"remove","method":"DELETE","url":"/companies/4","mapping":"payload"}`)
	for _, c := range []struct{ endpoint, want, query string }{
		{"put", `{"name":"Ann & Bo","number":12345678901234567890}`, ""},
		{"patch", `[{"op":"replace","path":"name","value":"X"},{"op":"add","path":"count","value":12345678901234567890}]`, ""},
		{"merge", `{"name":"written","number":"7","more":{"a":1.50}}`, ""},
		{"remove", "", "name=Ann%20%26%20Bo&number=12345678901234567890"},
	} {
		if o := d.call(c.endpoint, `"tokens":{"name":"X"},`+lead); o.Status != "succeeded" {
			t.Fatalf("%s: %+v", c.endpoint, o)
		}
		r, body := d.vendor.last(t)
		if body != c.want || r.URL.RawQuery != c.query {
			t.Errorf("%s sent %s to ?%s", c.endpoint, body, r.URL.RawQuery)
		}
	}
}

// AL-16: the tester follows an edited rule without a save, errors show the rule's number, and a program runs as it
// will when it is called.
func TestAL16TheMappingTesterFollowsAnEdit(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.defineMapped(`{"name":"lead","rows":[{"from":"first_name","to":"name"},{"from":"big","to":"n"}],"program":"{wrapped: .}"}`,
		`{"name":"push","type":"PostData","method":"POST","url":"/push","mapping":"lead"}`)
	d.call("push", lead)
	if _, body := d.vendor.last(t); body != `{"wrapped":{"n":12345678901234567890,"name":"Ann & Bo"}}` {
		t.Errorf("the program made %s", body)
	}
	before := string(d.must(t, 200, "GET", "/api/v1/integrations/crm", d.owner, "").body)
	p := d.open("/integrations/crm/mappings/lead").is(200)
	if input := p.value("try.input"); !strings.Contains(input, "Ann & Bo") {
		t.Errorf("the input is not the newest record: %s", input)
	}
	part := http.Header{"Hx-Request": {"true"}, "Hx-Request-Type": {"partial"}, "Hx-Target": {"div#try"}}
	out := p.form("#mapping-form").set("program", "{other: .name}").swap("try", part).is(200)
	if got := out.words("#try"); !strings.Contains(got, `{"other":"Ann & Bo"}`) {
		t.Errorf("after the edit the output is %s", got)
	}
	for program, want := range map[string]string{"{other: ": "Line 1, column", `"a"*1e9`: "the program took more than", "def f: f; f": "2 seconds", "error(\"no\")": "no"} {
		if got := p.form("#mapping-form").set("program", program).swap("try", part).is(200).words("#try"); !strings.Contains(got, want) {
			t.Errorf("%s: %s", program, got)
		}
	}
	var tried struct {
		Output   json.RawMessage
		Problems []struct{ Field, Message string }
	}
	a := d.must(t, 200, "POST", "/api/v1/integrations/crm/mappings/lead/test", d.owner, `{"input":{"first_name":"Eve"},"definition":{"rows":[{"from":"first_name","to":"name"},{"from":"emial","to":"e"}]}}`)
	if err := json.Unmarshal(a.body, &tried); err != nil || string(tried.Output) != `{"name":"Eve"}` || len(tried.Problems) != 1 ||
		!strings.Contains(string(a.body), "rule 2, from emial") || !strings.Contains(string(a.body), "did you mean email?") {
		t.Errorf("%s, %v", a.body, err)
	}
	if after := string(d.must(t, 200, "GET", "/api/v1/integrations/crm", d.owner, "").body); after != before {
		t.Error("the tester stored something")
	}
	if n := d.vendor.hits(); n != 1 {
		t.Errorf("the tester sent %d requests", n-1)
	}
}

// TestAHostileProgramFailsItsRunAndTheServerGoesOn calls an endpoint whose program wants all memory.
func TestAHostileProgramFailsItsRunAndTheServerGoesOn(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.defineMapped(`{"name":"lead","rows":[{"from":"first_name","to":"name"}],"program":"[range(1e9)]"},{"name":"env","program":"$ENV, env"}`,
		`{"name":"push","type":"PostData","method":"POST","url":"/push","mapping":"lead"},{"name":"env","type":"PostData","method":"POST","url":"/env","mapping":"env"}`)
	o := d.call("push", lead)
	if o.cause() != "mapping" || !strings.Contains(o.Summary, "the program took more than") || d.vendor.hits() != 0 {
		t.Errorf("%+v", o)
	}
	if o := d.call("env", lead); o.Status != "succeeded" {
		t.Errorf("%+v", o)
	} else {
		if _, body := d.vendor.last(t); body != `[{},{}]` {
			t.Errorf("the program saw %s", body)
		}
	}
	if !strings.Contains(string(d.must(t, 200, "GET", "/healthz", "", "").body), "ok") {
		t.Error("the server is not well")
	}
}
