package document

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"

	"tieline/internal/fault"
	"tieline/internal/integration"
)

// anyText draws texts that are awkward in one syntax or the other.
func anyText() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.StringN(0, 30, 120),
		rapid.SampledFrom([]string{
			"", "null", "~", "true", "no", "on", "y", "0", "007", "1e3", "1_000", "0x1F", ".inf", "2026-01-01", "12:30:45", "- a", "? b",
			"{{phone | default:\"a: b\"}}", "${NAME}", "a: b", "a #b", "#", "*x", "&x", "!x", "|", ">", "%", "@", "`", "'", "\"", "\\", "=", "<<",
			"line one\nline two", "line\n", "\nline", "  indented\nline", "a\n\n\nb\n\n", "trailing \nspace", "tab\there", "\ttab\nfirst", "cr\r\nlf",
			"\u0000", "\u0085", "\u2028", "\ufeff", "é", "日本", "\U0001F600", " lead", "trail ", "---", "...", "a\n---\nb", "{\n  \"a\": \"{{b}}\"\n}\n",
		}),
	)
}

// anyIntegration draws a whole integration; it need not be valid, only of UTF-8 text.
func anyIntegration() *rapid.Generator[integration.Integration] {
	return rapid.Custom(func(t *rapid.T) integration.Integration {
		s := func(name string) string { return anyText().Draw(t, name) }
		flag := func(name string) *bool { return integration.Switch(rapid.Bool().Draw(t, name)) }
		rows := func(name string) []integration.Row {
			return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) integration.Row {
				return integration.Row{Name: anyText().Draw(t, "name"), Value: anyText().Draw(t, "value"), Source: anyText().Draw(t, "source"), Enabled: flag("enabled")}
			}), 0, 3).Draw(t, name)
		}
		in := integration.Integration{
			Name: s("name"), Label: s("label"), Type: s("type"), Description: s("description"), Info: rapid.Bool().Draw(t, "info"),
			Visibility: s("visibility"), Customer: s("customer"), Enabled: flag("enabled"),
		}
		for range rapid.IntRange(0, 2).Draw(t, "parameters") {
			in.Parameters = append(in.Parameters, integration.Parameter{Name: s("p"), Default: s("default"), Help: s("help"), Secret: rapid.Bool().Draw(t, "secret")})
		}
		for range rapid.IntRange(0, 2).Draw(t, "endpoints") {
			e := integration.Endpoint{
				Name: s("e"), URL: s("url"), Headers: rows("headers"), Query: rows("query"), Params: rapid.SliceOfN(anyText(), 0, 2).Draw(t, "params"),
				Body: integration.Body{Kind: s("kind"), Content: s("content")}, Response: integration.Response{Key: s("key"), Statuses: rapid.SliceOfN(rapid.Int(), 0, 3).Draw(t, "statuses")},
			}
			if rapid.Bool().Draw(t, "more") {
				e.Response.Success = &integration.Success{Path: s("path"), Op: s("op"), Value: s("v")}
				e.Policy = &integration.Policy{TimeoutS: rapid.Int().Draw(t, "timeout"), MaxResponseBytes: rapid.Int64().Draw(t, "bytes")}
				e.Triggers = []integration.Trigger{{Kind: s("kind"), On: s("on"), Scope: &integration.Scope{Customers: []string{s("customer")}}}}
			}
			in.Endpoints = append(in.Endpoints, e)
		}
		return in
	})
}

// normal turns empty lists into nil, since a document does not tell them apart.
func normal(in integration.Integration) integration.Integration {
	for i := range in.Endpoints {
		e := &in.Endpoints[i]
		for _, list := range []*[]integration.Row{&e.Headers, &e.Query} {
			if len(*list) == 0 {
				*list = nil
			}
		}
		if len(e.Params) == 0 {
			e.Params = nil
		}
		if len(e.Response.Statuses) == 0 {
			e.Response.Statuses = nil
		}
	}
	return in
}

func TestAnIntegrationSurvivesBothSyntaxes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := normal(anyIntegration().Draw(t, "integration"))
		for name, encode := range map[string]func(integration.Integration) ([]byte, error){"yaml": EncodeYAML, "json": EncodeJSON} {
			text, err := encode(in)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			got, err := DecodeIntegration(text)
			if err != nil {
				t.Fatalf("%s: %v in\n%s", name, err, text)
			}
			if !reflect.DeepEqual(got, in) {
				t.Fatalf("%s:\n%s\ngot  %#v\nwant %#v", name, text, got, in)
			}
			again, err := encode(got)
			if err != nil || !bytes.Equal(again, text) {
				t.Fatalf("%s is not canonical:\n%s\n%s", name, text, again)
			}
		}
	})
}

func TestCanonicalTextsAreGoodForOtherReaders(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := normal(anyIntegration().Draw(t, "integration"))
		text, err := EncodeJSON(in)
		if err != nil || !json.Valid(text) {
			t.Fatalf("not JSON: %v\n%s", err, text)
		}
		var fromJSON struct{ Integration integration.Integration }
		if err := json.Unmarshal(text, &fromJSON); err != nil || !reflect.DeepEqual(fromJSON.Integration, in) {
			t.Fatalf("encoding/json reads something else: %v", err)
		}
		if text, err = EncodeYAML(in); err != nil {
			t.Fatal(err)
		}
		var generic map[string]any
		if err := yaml.Unmarshal(text, &generic); err != nil {
			t.Fatalf("the library cannot read it: %v\n%s", err, text)
		}
		if got, _ := generic["integration"].(map[string]any)["name"].(string); got != in.Name {
			t.Fatalf("name = %q, want %q", got, in.Name)
		}
	})
}

func TestYAMLReadsAsAPersonWouldWriteIt(t *testing.T) {
	t.Parallel()
	off := false
	got, err := EncodeYAML(integration.Integration{
		Name: "hubspot", Label: "HubSpot", Type: "crm", Description: "Finds contacts.\nAnd saves calls.",
		Parameters: []integration.Parameter{{Name: "ApiKey", In: "header", Required: true, Secret: true}},
		Endpoints: []integration.Endpoint{{
			Name: "findContact", Method: "GET", URL: "https://{{host}}/contacts", Query: []integration.Row{{Name: "phone", Value: "{{phone_number}}"}},
			Headers: []integration.Row{{Name: "Accept", Value: "application/json", Enabled: &off}}, Params: []string{"ApiKey"},
			Body:     integration.Body{Kind: "json", Content: "{\n  \"a\": \"{{b}}\"\n}\n"},
			Response: integration.Response{Type: "json", Key: "results.0.id", Statuses: []int{200, 404}},
			Policy:   &integration.Policy{TimeoutS: 5},
		}},
	})
	want := `tieline: 1
integration:
  name: hubspot
  label: HubSpot
  type: crm
  description: |-
    Finds contacts.
    And saves calls.
  parameters:
    - {name: ApiKey, in: header, required: true, secret: true}
  endpoints:
    - name: findContact
      method: GET
      url: "https://{{host}}/contacts"
      query:
        - {name: phone, value: "{{phone_number}}"}
      headers:
        - {name: Accept, value: application/json, enabled: false}
      params: [ApiKey]
      body:
        kind: json
        content: |
          {
            "a": "{{b}}"
          }
      response:
        type: json
        key: results.0.id
        statuses: [200, 404]
      policy: {timeout_s: 5}
`
	if err != nil || string(got) != want {
		t.Errorf("err %v, got\n%s\nwant\n%s", err, got, want)
	}
}

func TestTheEnvelopeAndTheBareFormAreTheSame(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"name: x\nlabel: X\n", `{"name":"x","label":"X"}`, "tieline: 1\nintegration: {name: x, label: X}\n",
		`{"tieline":1,"revision":7,"integration":{"name":"x","label":"X"},"warnings":[{"field":"a","message":"b"}]}`,
	} {
		got, err := DecodeIntegration([]byte(text))
		if err != nil || got.Name != "x" || got.Label != "X" {
			t.Errorf("%s: got %+v, %v", text, got, err)
		}
	}
}

func TestProblemsOfAnEnvelopeAreKeyedWithinTheIntegration(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, field string }{
		{`{"tieline":1,"integration":{"name":"x","endpoints":[{"name":"a","urll":"/"}]}}`, "endpoints.0.urll"},
		{`{"name":"x","endpoints":[{"name":"a","urll":"/"}]}`, "endpoints.0.urll"},
		{`{"tieline":1,"integration":{"name":"x"},"extra":1}`, "extra"},
		{`{"tieline":2,"integration":{"name":"x"}}`, "tieline"},
		{`{"tieline":"1","integration":{"name":"x"}}`, "tieline"},
		{`{"integration":{"name":"x"}}`, "tieline"},
		{`{"tieline":1}`, "integration"},
		{`{"tieline":1,"integration":[]}`, "integration"},
		{`{"tieline":1,"integration":{"name":"x"},"integration":{"name":"y"}}`, "integration"},
	}
	for _, tt := range tests {
		_, err := DecodeIntegration([]byte(tt.text))
		fields, _ := fault.FieldsOf(err)
		if _, ok := fields[tt.field]; !ok || len(fields) != 1 {
			t.Errorf("%s: problems %q, want one at %s", tt.text, fields, tt.field)
		}
	}
}

func TestAFileHoldsSeveralIntegrations(t *testing.T) {
	t.Parallel()
	want := []integration.Integration{{Name: "a"}, {Name: "b", Label: "---"}, {Name: "c"}}
	text, err := EncodeAll(want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := DecodeAll(text)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v from\n%s", got, err, text)
	}
	if got, err = DecodeAll([]byte(`{"name":"a"}`)); err != nil || len(got) != 1 {
		t.Errorf("one JSON: %+v, %v", got, err)
	}
	got, err = DecodeAll([]byte("name: a\n---\nnam: b\n"))
	if fields, _ := fault.FieldsOf(err); len(fields) != 1 || !strings.Contains(fields["document 2.nam"], `"name"`) || got != nil {
		t.Errorf("got %+v, problems %q", got, fields)
	}
	if _, err = DecodeAll(nil); fault.KindOf(err) != fault.Invalid {
		t.Errorf("empty: %v", err)
	}
}

// The example of the format's description is read, valid, and only its trigger is worth a word.
func TestTheExampleOfTheFormatIsSound(t *testing.T) {
	t.Parallel()
	in, err := DecodeIntegration([]byte(`
tieline: 1
integration:
  name: hubspot
  label: HubSpot
  type: crm
  parameters:
    - {name: ApiKey, label: API key, in: header, required: true, secret: true}
  endpoints:
    - name: findContact
      type: GetData
      method: GET
      url: "https://{{host}}/crm/v3/objects/contacts"
      query: [{name: phone, value: "{{phone_number}}"}]
      headers: [{name: Accept, value: application/json}]
      params: [ApiKey]
      response: {type: json, key: results.0.id, outputs: [{name: id, path: results.0.id}]}
      triggers: [{kind: event, event: call.started, output: contact}]
`))
	if err != nil {
		t.Fatal(err)
	}
	if err := in.Validate(); err != nil {
		t.Errorf("not valid: %v", err)
	}
	if got := in.Warnings(); len(got) != 1 || got[0].Field != "endpoints.0.triggers" {
		t.Errorf("warnings %q", got)
	}
}
