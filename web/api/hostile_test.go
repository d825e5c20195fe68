package api_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"tieline/db"
	"tieline/db/dbtest"
	"tieline/internal/account"
	"tieline/internal/id"
)

// target is a route with a body that it takes, and values of its fields that it must refuse there.
type target struct {
	method, path string
	body         map[string]any
	bad          map[string][]any // by field; a problem is expected at the field or below it
	optional     bool             // an empty body is fine
}

const long = "x"

func hostile(s scene, variable, user string) []target {
	control := "a\x00b\x1bc"
	huge := strings.Repeat("x", 200_000)
	return []target{
		{method: "POST", path: "/customers", body: map[string]any{"slug": "fresh", "name": "Fresh", "callcenter_id": "CC", "enabled": true, "notes": "n"}, bad: map[string][]any{
			"slug": {"Has Capitals", "a/b", "../x", huge, "é", "-a"}, "name": {"", huge, control, "  "}, "callcenter_id": {huge, control}, "notes": {huge, control},
		}},
		{method: "PUT", path: "/customers/" + s.customer, body: map[string]any{"slug": s.customer, "name": "Acme", "callcenter_id": "", "enabled": true, "notes": ""}, bad: map[string][]any{
			"slug": {"A B", huge}, "name": {"", control}, "callcenter_id": {huge}, "notes": {control},
		}},
		{method: "PATCH", path: "/customers/" + s.customer, body: map[string]any{"slug": s.customer, "name": "Acme", "callcenter_id": "", "enabled": true, "notes": ""}, bad: map[string][]any{
			"slug": {"A B", "", huge}, "name": {"", control}, "callcenter_id": {huge}, "notes": {control},
		}},
		{method: "PUT", path: "/integrations/" + s.name + "/endpoints/find", body: map[string]any{"endpoint": map[string]any{"name": "find", "url": "/contacts"}}, bad: map[string][]any{
			"endpoint": {nil},
		}},
		{method: "POST", path: "/integrations/" + s.name + "/mappings/any/test", body: map[string]any{"input": map[string]any{}, "definition": map[string]any{"rows": []any{map[string]any{"from": "a", "to": "b"}}}}, bad: map[string][]any{
			"input": {nil, 5, []any{}, "text"}, "definition": {5, []any{}, map[string]any{"rows": 7}, map[string]any{"nope": 1}, map[string]any{"rows": []any{map[string]any{"table": "x"}}}},
		}},
		{method: "POST", path: "/integrations/" + s.name + "/restore", body: map[string]any{"revision": 1, "endpoint": ""}, bad: map[string][]any{"revision": {0, -1, 1.5, json.Number("99999999999999999999")}}},
		{method: "POST", path: "/integrations/" + s.name + "/duplicate", optional: true, body: map[string]any{"name": "copy"}, bad: map[string][]any{"name": {"A B", s.name, huge, "../x"}}},
		{method: "POST", path: "/integrations/" + s.name + "/integrators", body: map[string]any{
			"customer": s.customer, "label": "l", "description": "d", "callcenter_id": "", "host": "a.example", "base_url": "", "allow_http": false,
			"auth": map[string]any{"kind": "none"}, "fields": map[string]any{}, "policy": map[string]any{}, "enabled": true,
		}, bad: map[string][]any{
			"customer": {"", "nobody", huge}, "label": {huge, control}, "callcenter_id": {huge, control}, "host": {"a b", "a@b", control, huge},
			"base_url": {"ftp://x", "nothing", "http://u:p@x", control}, "description": {huge, control},
			"auth": {
				map[string]any{"kind": "magic"},
				map[string]any{"kind": 7},
				map[string]any{"kind": "basic"},
				map[string]any{"kind": "bearer", "token": "a\nb"},
				map[string]any{"kind": "basic", "username": "a:b", "password": "p"},
				map[string]any{"kind": "none", "extra": "x"},
				map[string]any{"kind": "api_key_header", "name": "X Y", "value": "v"},
			},
			"fields": {map[string]any{"Nope": "x"}, map[string]any{"Region": 5}, map[string]any{"Region": []any{}}, map[string]any{"ApiKey": map[string]any{}}},
			"policy": {map[string]any{"timeout_s": -1}, map[string]any{"timeout_s": 1e6}, map[string]any{"extra_hosts": []any{"https://x/y"}}, map[string]any{"nope": 1}},
			"info":   {map[string]any{"a": 1}}, "iframe": {map[string]any{"a": 1}},
		}},
		{method: "PATCH", path: "/integrations/" + s.name + "/integrators/" + s.integrator, body: map[string]any{
			"customer": s.customer, "label": "l", "description": "d", "callcenter_id": "", "host": "", "base_url": nil, "allow_http": true,
			"auth": map[string]any{"kind": "none"}, "fields": map[string]any{}, "policy": map[string]any{}, "enabled": true,
		}, bad: map[string][]any{
			"customer": {"nobody"}, "label": {huge}, "host": {"a b"}, "base_url": {"ftp://x"}, "auth": {map[string]any{"kind": "magic"}}, "fields": {map[string]any{"Nope": "x"}},
		}},
		{method: "POST", path: s.path("find") + "/call", body: map[string]any{
			"customer": s.customer, "callcenter_id": "", "integrator": "", "tokens": map[string]any{}, "record": map[string]any{}, "correlation_id": "",
		}, bad: map[string][]any{
			"customer": {"", "nobody", control, huge}, "callcenter_id": {"nobody", control}, "integrator": {"nothing", id.New(), control},
			"record": {map[string]any{"id": huge}, map[string]any{"type": control}, map[string]any{"nope": 1}}, "correlation_id": {huge, control},
		}},
		{method: "POST", path: s.path("find") + "/test", body: map[string]any{
			"customer": s.customer, "callcenter_id": "", "integrator": "", "tokens": map[string]any{}, "record": map[string]any{}, "correlation_id": "", "definition": nil,
		}, bad: map[string][]any{
			"customer": {"", "nobody"}, "record": {map[string]any{"nope": 1}}, "definition": {map[string]any{"nope": 1}, map[string]any{"headers": []any{map[string]any{"valu": 1}}}},
		}},
		{method: "POST", path: "/runs/bulk", body: map[string]any{"ids": []string{}, "filter": map[string]any{"customer": s.customer}, "action": "dismiss", "note": "", "rate_per_min": 0}, bad: map[string][]any{
			"rate_per_min": {-1, 1_000_000},
			"action":       {"", "explode"}, "note": {huge}, "filter": {map[string]any{"status": []string{"nope"}}, map[string]any{"cause": []string{"nope"}}, map[string]any{"endpoint": "find"}, map[string]any{"from": "yesterday"}, map[string]any{"nope": 1}},
		}},
		{method: "POST", path: "/variables", body: map[string]any{"name": "FRESH", "customer": "", "value": "v", "encrypted": false}, bad: map[string][]any{
			"name": {"", "lower", "A-B", "1A", huge}, "customer": {"nobody"}, "value": {huge, control},
		}},
		{method: "PATCH", path: "/variables/" + variable, body: map[string]any{"name": "KNOWN", "value": "v", "encrypted": false}, bad: map[string][]any{"name": {"", "lower"}, "value": {huge, control}}},
		{method: "POST", path: "/outbound", body: map[string]any{"customer": s.customer, "target": "10.1.2.3", "ports": "443", "subject": "", "reason": ""}, bad: map[string][]any{
			"customer": {"", "nobody"}, "target": {"", "169.254.169.254", "0.0.0.0/0", "a b", "http://x", control, huge}, "ports": {"x", "0", "70000", "9-1", huge}, "reason": {huge},
		}},
		{method: "POST", path: "/users", body: map[string]any{"email": "fresh@acme.test", "name": "Fresh", "role": "support", "customers": []string{}, "password": "green-lamp-42-river"}, bad: map[string][]any{
			"email": {"", "x", "a@b@c", huge + "@x.test", "Name <a@b.test>"}, "name": {"", huge, control}, "role": {"", "king", "Owner"}, "customers": {[]any{"nobody"}, []any{""}}, "password": {"short", "password1234", huge},
		}},
		{method: "PATCH", path: "/users/" + user, body: map[string]any{"email": "known@acme.test", "name": "Known", "role": "support", "customers": []string{}, "enabled": true}, bad: map[string][]any{
			"email": {"", "x"}, "name": {"", control}, "role": {"king"}, "customers": {[]any{"nobody"}},
		}},
		{method: "POST", path: "/apikeys", body: map[string]any{"name": "fresh", "role": "support", "customers": []string{}, "expires_at": "2999-01-01T00:00:00Z"}, bad: map[string][]any{
			"name": {"", huge, control}, "role": {"", "king"}, "customers": {[]any{"nobody"}}, "expires_at": {"2001-01-01T00:00:00Z", "tomorrow"},
		}},
		{method: "PUT", path: "/settings/retention", body: map[string]any{"row_days": 90, "body_days": 30, "max_runs": 0, "max_mib": 0}, bad: map[string][]any{
			"row_days": {-1, 1_000_000}, "body_days": {-1, 100}, "max_runs": {-1}, "max_mib": {-1},
		}},
	}
}

// wrong are values of a kind that no field takes, by the kind of value that it does take.
func wrong(value any) []any {
	switch value.(type) {
	case string:
		return []any{7, true, []any{"x"}, map[string]any{"x": 1}}
	case bool:
		return []any{"yes", 1, []any{}, map[string]any{}}
	case int:
		return []any{"7", true, []any{}, 1.5}
	case []string, []any:
		return []any{"x", 7, map[string]any{}}
	case map[string]any:
		return []any{"x", 7, []any{}}
	}
	return nil
}

// at tells whether a problem stands at a field or below it.
func at(fields map[string]any, field string) bool {
	for name, text := range fields {
		short := strings.TrimPrefix(strings.TrimPrefix(name, "field."), "auth.")
		if name == field || strings.HasPrefix(name, field+".") || field == "fields" && strings.HasPrefix(name, "field.") || short == field {
			return text != ""
		}
	}
	return false
}

func TestHostileValuesEndInAMessageAtTheFieldAndNothingStored(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPortal(t, d)
		s := p.scene(t)
		variable := p.owner(t, "POST", "/variables", map[string]any{"name": "KNOWN", "value": "v"}).want(t, 201).text("id")
		user := p.owner(t, "POST", "/users", map[string]any{"email": "known@acme.test", "name": "Known", "role": "support"}).want(t, 201).text("id")
		for _, target := range hostile(s, variable, user) {
			for field, standard := range target.body {
				for _, value := range append(wrong(standard), target.bad[field]...) {
					p.refused(t, target, field, value)
				}
			}
			for field, values := range target.bad {
				if _, ok := target.body[field]; !ok {
					for _, value := range values {
						p.refused(t, target, field, value)
					}
				}
			}
			p.refused(t, target, "nope", 1)
			p.refused(t, target, "Name", "in capitals")
		}
	})
}

// refused sends a body with one hostile value.
func (p *portal) refused(t *testing.T, target target, field string, value any) {
	t.Helper()
	body := maps.Clone(target.body)
	body[field] = value
	before, runs := p.stored(t)
	hits := p.vendorHits()
	a := p.owner(t, target.method, target.path, body)
	shown := long
	if text, err := json.Marshal(value); err == nil && len(text) < 100 {
		shown = string(text)
	}
	want := 422
	if text, ok := value.(string); ok && slices.Contains([]string{"customer", "callcenter_id", "integrator"}, field) && strings.Contains(target.path, "/endpoints/") && text != "" && len(text) < 60 && !strings.Contains(text, "\x00") {
		want = 404 // nobody of that name, for this caller
	}
	if a.status != want || !at(a.fields(), field) {
		t.Errorf("%s %s with %s = %s: %d %.300s", target.method, target.path, field, shown, a.status, a.body)
	}
	if after, now := p.stored(t); after != before || now != runs || p.vendorHits() != hits {
		t.Errorf("%s %s with %s = %s was refused and stored something", target.method, target.path, field, shown)
	}
}

// stored is the generation of the configuration, and whether there are runs.
func (p *portal) stored(t *testing.T) (int64, int) {
	t.Helper()
	generation, err := p.d.Generation(t.Context())
	must(t, err)
	runs, _, err := p.d.Runs(t.Context(), account.Everything(), db.RunFilter{Limit: 10})
	must(t, err)
	return generation, len(runs)
}

func TestHostileDocumentsAreRefusedAtTheField(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPortal(t, d)
		fields := map[string]string{
			`{"name":"x","nope":1}`:                                   "nope",
			`{"name":"x","Label":"y"}`:                                "Label",
			`{"name":"x","name":"y"}`:                                 "name",
			`{"name":"A B"}`:                                          "name",
			`{"name":"x","type":"spaceship"}`:                         "type",
			`{"name":"x","visibility":"private"}`:                     "customer",
			`{"name":"x","visibility":"private","customer":"nobody"}`: "customer",
			`{"name":"x","parameters":[{"name":"a b"}]}`:              "parameters.0.name",
			`{"name":"x","parameters":[{"name":"a","pattern":"("}]}`:  "parameters.0.pattern",
			`{"name":"x","endpoints":[{"name":"a","url":"ftp://x"}]}`: "endpoints.0.url",
			`{"name":"x","endpoints":[{"name":"a","url":"/x","headers":[{"name":"A","valu":"b"}]}]}`:                                 "endpoints.0.headers.0.valu",
			`{"name":"x","endpoints":[{"name":"a","url":"/x","headers":[{"name":"A B"}]}]}`:                                          "endpoints.0.headers.0.name",
			`{"name":"x","endpoints":[{"name":"a","url":"/x","method":"BREW"}]}`:                                                     "endpoints.0.method",
			`{"name":"x","endpoints":[{"name":"a","url":"https://{{phone_number}}/x"}]}`:                                             "endpoints.0.url",
			`{"name":"x","endpoints":[{"name":"a","url":"/x","type":"PostData","method":"POST"}]}`:                                   "endpoints.0.body",
			`{"name":"x","endpoints":[{"name":"a","url":"/x"},{"name":"a","url":"/y"}]}`:                                             "endpoints.1.name",
			`{"name":"x","endpoints":[{"name":"a","url":"/x","response":{"statuses":[9]}}]}`:                                         "endpoints.0.response.statuses.0",
			`{"name":"x","endpoints":[{"name":"a","url":"/x","policy":{"timeout_s":999}}]}`:                                          "endpoints.0.policy.timeout_s",
			`{"name":"x","endpoints":[{"name":"a","url":"/x","body":{"kind":"json","content":"{\"a\": {{phone_number | nope}}}"}}]}`: "endpoints.0.body.content",
		}
		for text, field := range fields {
			before, _ := p.stored(t)
			for _, r := range []struct{ method, path string }{{"PUT", "/integrations/x"}, {"PUT", "/integrations/x?dry_run=1"}, {"POST", "/integrations"}} {
				a := p.owner(t, r.method, r.path, text)
				if a.status != 422 || !at(a.fields(), field) {
					t.Errorf("%s %s with %s: %d %s", r.method, r.path, text, a.status, a.body)
				}
			}
			if after, _ := p.stored(t); after != before {
				t.Errorf("%s was refused and stored", text)
			}
		}
	})
}

func TestUnknownQueryParametersAreRefusedByName(t *testing.T) {
	t.Parallel()
	p := newPortal(t, dbtest.Open(t, db.SQLite))
	s := p.scene(t)
	for path, field := range map[string]string{
		"/runs?nope=1": "nope", "/runs?limit=0": "limit", "/runs?limit=1001": "limit", "/runs?limit=x": "limit", "/runs?from=x": "from",
		"/runs?status=nope": "status", "/runs?cause=nope": "cause", "/runs?endpoint=find": "endpoint", "/runs?test=maybe": "test",
		"/customers?x=1": "x", "/customers?limit=-5": "limit", "/integrations?x=1": "x", "/integrations/" + s.name + "?format=xml": "format",
		"/integrations/" + s.name + "?revision=0": "revision", "/audit?x=1": "x", "/audit?to=never": "to", "/variables?x=1": "x", "/outbound?x=1": "x",
		"/users?x=1": "x", "/apikeys?x=1": "x", "/integrations/" + s.name + "/integrators?x=1": "x", "/integrations/" + s.name + "/revisions?limit=0": "limit",
	} {
		p.owner(t, "GET", path, nil).wantField(t, field)
	}
	for _, path := range []string{"/runs?cursor=!!!", "/customers?cursor=%00", "/integrations?cursor=x", "/audit?cursor=%F0%9F%98%80", "/runs?q=%00", "/runs?q=%27%22%28%2A", "/customers?q=%25_%5C"} {
		if a := p.owner(t, "GET", path, nil); a.status >= 500 {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
}
