package web

import (
	"net/url"
	"slices"
	"testing"

	"tieline/internal/integration"
	"tieline/views"
)

func endpointValues() url.Values {
	return url.Values{
		"was": {"findContact"}, "base": {"7"}, "tab": {"request"},
		"name": {" findContact "}, "type": {"GetData"}, "method": {"POST"}, "url": {"/contacts/{id}"}, "enabled": {"on"},
		"headers.0.name": {"Accept"}, "headers.0.value": {"application/json"}, "headers.0.enabled": {"on"},
		"headers.1.name": {"X-Off"}, "headers.1.value": {"a b "},
		"query.0.name": {"phone"}, "query.0.value": {"phone_number"}, "query.0.source": {"event"}, "query.0.enabled": {"on"},
		"params":    {"ApiKey", ""},
		"body.kind": {"json"}, "body.content": {"{\r\n  \"a\": 1\r\n}"}, "body.rows.0.name": {"left"},
		"response.key": {"results.0.id"}, "response.statuses": {"200-202, 404"},
		"response.outputs.0.name": {"id"}, "response.outputs.0.path": {"results.0.id"},
		"response.success.path": {"CodeResult"}, "response.success.value": {"100"},
		"policy.timeout_s": {"12"},
	}
}

func TestEndpointFormGivesTheDefinitionAsTyped(t *testing.T) {
	t.Parallel()
	stored := integration.Endpoint{Triggers: []integration.Trigger{{Kind: "event", Event: "call.started"}}}
	f := decodeEndpoint(endpointValues(), stored)
	e := f.Endpoint
	if f.Was != "findContact" || f.Base != 7 || len(f.Problems) != 0 {
		t.Fatalf("was %q, base %d, problems %v", f.Was, f.Base, f.Problems)
	}
	if e.Name != "findContact" || e.URL != "/contacts/{id}" || !integration.On(e.Enabled) {
		t.Errorf("name %q, url %q, enabled %v", e.Name, e.URL, e.Enabled)
	}
	if len(e.Headers) != 2 || !integration.On(e.Headers[0].Enabled) || integration.On(e.Headers[1].Enabled) || e.Headers[1].Value != "a b " {
		t.Errorf("headers = %+v", e.Headers)
	}
	if len(e.Query) != 1 || e.Query[0].Source != "event" {
		t.Errorf("query = %+v", e.Query)
	}
	if !slices.Equal(e.Params, []string{"ApiKey"}) || !slices.Equal(e.Response.Statuses, []int{200, 201, 202, 404}) {
		t.Errorf("params %v, statuses %v", e.Params, e.Response.Statuses)
	}
	if e.Body.Content != "{\n  \"a\": 1\n}" || len(e.Body.Rows) != 1 || len(finishBody(e.Body).Rows) != 0 {
		t.Errorf("body = %+v", e.Body)
	}
	if e.Response.Success == nil || e.Response.Success.Path != "CodeResult" || e.Policy == nil || e.Policy.TimeoutS != 12 || e.Token != nil {
		t.Errorf("success %v, policy %v, token %v", e.Response.Success, e.Policy, e.Token)
	}
	if len(e.Triggers) != 1 {
		t.Error("triggers that the form does not show were lost")
	}
}

func TestWhatIsNoNumberComesBackAsTyped(t *testing.T) {
	t.Parallel()
	for key, typed := range map[string]string{
		"response.statuses":         "abc",
		"policy.ok_statuses":        "200-99999",
		"policy.timeout_s":          "12 s",
		"policy.connect_timeout_s":  "99999999999999999999",
		"policy.max_response_bytes": "ten",
		"token.expires_in":          "3e99",
	} {
		form := endpointValues()
		form.Set(key, typed)
		f := decodeEndpoint(form, integration.Endpoint{})
		if f.Problems[key] == "" {
			t.Errorf("%s = %q: no problem at the field", key, typed)
		}
		if f.Typed[key] != typed {
			t.Errorf("%s: shown again as %q, want %q", key, f.Typed[key], typed)
		}
	}
}

func TestRowButtonsChangeOnlyTheirRow(t *testing.T) {
	t.Parallel()
	names := func(rows []integration.Row) []string {
		var out []string
		for _, r := range rows {
			out = append(out, r.Name)
		}
		return out
	}
	for op, want := range map[string][]string{
		"add-header":       {"a", "b", "c", ""},
		"delete-header:1":  {"a", "c"},
		"up-header:2":      {"a", "c", "b"},
		"up-header:0":      {"a", "b", "c"},
		"down-header:0":    {"b", "a", "c"},
		"down-header:2":    {"a", "b", "c"},
		"delete-header:9":  {"a", "b", "c"},
		"delete-header:-1": nil,
		"delete-header:x":  nil,
		"delete-nothing:0": nil,
		"add-header:1":     nil,
		"save":             nil,
		"":                 nil,
	} {
		f := views.EndpointForm{Endpoint: integration.Endpoint{Headers: []integration.Row{{Name: "a"}, {Name: "b"}, {Name: "c"}}}}
		done := applyEndpointOp(&f, op)
		if done != (want != nil) {
			t.Errorf("%q: taken = %v", op, done)
		}
		if want != nil && !slices.Equal(names(f.Endpoint.Headers), want) {
			t.Errorf("%q: rows = %v, want %v", op, names(f.Endpoint.Headers), want)
		}
	}
}

func TestChoosingABodyKindAddsItsContentTypeVisibly(t *testing.T) {
	t.Parallel()
	f := views.EndpointForm{Endpoint: integration.Endpoint{Body: integration.Body{Kind: "json"}}}
	settleEndpoint(&f, "none")
	if h := f.Endpoint.Headers; len(h) != 1 || h[0].Name != "Content-Type" || h[0].Value != "application/json" {
		t.Fatalf("headers = %+v", h)
	}
	f.Endpoint.Body.Kind = "form"
	settleEndpoint(&f, "json")
	if h := f.Endpoint.Headers; len(h) != 1 || h[0].Value != "application/x-www-form-urlencoded" {
		t.Fatalf("headers = %+v", h)
	}
	f.Endpoint.Headers[0].Value = "application/vnd.api+json"
	f.Endpoint.Body.Kind = "json"
	settleEndpoint(&f, "form")
	if h := f.Endpoint.Headers; len(h) != 1 || h[0].Value != "application/vnd.api+json" {
		t.Fatalf("a Content-Type that a person wrote was changed: %+v", h)
	}
}

func TestAPathRowAppearsForEveryPlaceholder(t *testing.T) {
	t.Parallel()
	f := views.EndpointForm{
		Parameters: []integration.Parameter{{Name: "tenant", In: "path"}},
		Endpoint: integration.Endpoint{
			URL: "/{tenant}/companies/{id}/{{ctx.kind}}", Params: []string{"tenant"},
			Path: []integration.Row{{Name: "gone"}, {Name: "kept", Value: "typed"}},
		},
	}
	settleEndpoint(&f, "")
	p := f.Endpoint.Path
	if len(p) != 2 || p[0].Name != "kept" || p[1].Name != "id" {
		t.Fatalf("path rows = %+v", p)
	}
}

func TestAPickedValueBecomesTheResponseKey(t *testing.T) {
	t.Parallel()
	f := views.EndpointForm{}
	if !applyEndpointOp(&f, "pick:results.0.properties.email") || f.Endpoint.Response.Key != "results.0.properties.email" || f.Tab != "response" {
		t.Fatalf("form = %+v", f)
	}
	applyEndpointOp(&f, "output:results.0.id")
	if o := f.Endpoint.Response.Outputs; len(o) != 1 || o[0].Name != "id" || o[0].Path != "results.0.id" {
		t.Fatalf("outputs = %+v", o)
	}
}

func TestStatusCodesReadTheSameBothWays(t *testing.T) {
	t.Parallel()
	for text, shown := range map[string]string{
		"200": "200", "200,201,202": "200-202", "200-204; 404": "200-204, 404", " 200  404 ": "200, 404",
	} {
		codes, ok := parseStatuses(text)
		if !ok || views.StatusText(codes) != shown {
			t.Errorf("%q -> %v %v, shown %q, want %q", text, codes, ok, views.StatusText(codes), shown)
		}
	}
	for _, text := range []string{"99", "600", "20x", "300-200", "200-", "-"} {
		if codes, ok := parseStatuses(text); ok {
			t.Errorf("%q was taken as %v", text, codes)
		}
	}
}
