package request

import (
	"reflect"
	"strings"
	"testing"

	"tieline/internal/fault"
	"tieline/internal/integration"
)

func TestParametersComeFromTheirTextInItsOrder(t *testing.T) {
	t.Parallel()
	e := integration.Endpoint{URL: "/company/addressFormats/{id}", Path: []integration.Row{{Name: "id"}}}
	got, err := ParseParameters(`{"path":{"id":4},"query":{"type":"true","start":"0","a":[1,{{n}}],"t":"x {{a|default:"b"}}"},"payload":{}}`, e)
	if err != nil {
		t.Fatal(err)
	}
	wantPath := []integration.Row{{Name: "id", Value: "4"}}
	wantQuery := []integration.Row{
		{Name: "type", Value: "true"}, {Name: "start", Value: "0"}, {Name: "a", Value: "1"}, {Name: "a", Value: "{{n}}"}, {Name: "t", Value: `x {{a|default:"b"}}`},
	}
	if !reflect.DeepEqual(got.Path, wantPath) || !reflect.DeepEqual(got.Query, wantQuery) || got.Body.Kind != "" {
		t.Errorf("path %+v, query %+v, body %+v", got.Path, got.Query, got.Body)
	}
}

func TestParametersGoBothWays(t *testing.T) {
	t.Parallel()
	off := integration.Switch(false)
	e := integration.Endpoint{
		Path:  []integration.Row{{Name: "id", Value: "contact.id", Source: "ctx"}, {Name: "parentId", Value: "{{record.id}}"}},
		Query: []integration.Row{{Name: "conditions", Value: `name="a \" b" and x='{{q}}'`}, {Name: "n", Value: "1"}, {Name: "n", Value: "2"}, {Name: "off", Value: "x", Enabled: off}},
		Body:  integration.Body{Kind: "json", Content: "{\n  \"a\": {{record.data}},\n  \"b\": \"{{b|default:\\\"x\\\"}}\"\n}"},
	}
	text := ParametersText(e)
	if !strings.Contains(text, `"id": "{{ctx.contact.id}}"`) || strings.Contains(text, "off") || !strings.Contains(text, `"n": ["1", "2"]`) {
		t.Errorf("text:\n%s", text)
	}
	again, err := ParseParameters(text, e)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(again, e) {
		t.Errorf("again: %+v\nwant: %+v", again, e)
	}
}

func TestParametersThatCannotBeReadSayWhere(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"path":{"id":4},"body":{}}`:                                `Line 1, column 18: the key "body" is not known`,
		"{\n \"path\": {\"id\": {{record.id}}},\n \"querry\": {}\n}": "Line 3, column",
		"{\n \"path\": {\"id\": {{record.id}}},\n ]":                 "Line 3, column",
		`{"path":{"id":{"a":1}}}`:                                    "Line 1, column 15: the value of id must be",
		`{"path":{"id":1,"id":2}}`:                                   "Line 1, column 17: the name id stands twice",
		`{"path":[]}`:                                                "Line 1, column 9: an object",
		`{"query":{}`:                                                "ends too early",
		`{} x`:                                                       "behind the object",
		`{"query":{},"query":{}}`:                                    "stands twice",
		`{"path":{"id":"{{}}"}}`:                                     "Line 1, column 16:",
		``:                                                           "ends too early",
	} {
		_, err := ParseParameters(text, integration.Endpoint{})
		fields, _ := fault.FieldsOf(err)
		if !strings.Contains(fields["parameters"], want) {
			t.Errorf("%s\n gives %q\n want  %q", text, fields["parameters"], want)
		}
	}
	_, err := ParseParameters(`{"payload":{"a":1}}`, integration.Endpoint{Body: integration.Body{Kind: "form"}})
	if fields, _ := fault.FieldsOf(err); !strings.Contains(fields["parameters"], "choose JSON") {
		t.Errorf("a payload for a form: %v", err)
	}
}

// AL-05: rows become exactly this body, and the body becomes these rows again.
func TestPatchRowsGoBothWays(t *testing.T) {
	t.Parallel()
	for body, rows := range map[string][]PatchRow{
		`[{"op":"replace","path":"name","value":"X"}]`:                                                           {{"replace", "name", "X"}},
		`[{"op":"replace","path":"status","value":{"id":5}}]`:                                                    {{"replace", "status", `{"id":5}`}},
		`[{"op":"add","path":"budget","value":{{hours}}}]`:                                                       {{"add", "budget", "{{hours}}"}},
		`[{"op":"add","path":"n","value":"5"}]`:                                                                  {{"add", "n", `"5"`}},
		`[{"op":"remove","path":"note"}]`:                                                                        {{"remove", "note", ""}},
		`[{"op":"replace","path":"a","value":""}]`:                                                               {{"replace", "a", ""}},
		`[{"op":"replace","path":"summary","value":"Call {{record.id}} \"now\""}]`:                               {{"replace", "summary", `Call {{record.id}} "now"`}},
		"[\n  {\"op\":\"add\",\"path\":\"a\",\"value\":1},\n  {\"op\":\"add\",\"path\":\"b\",\"value\":true}\n]": {{"add", "a", "1"}, {"add", "b", "true"}},
	} {
		if got := PatchText(rows); got != body {
			t.Errorf("rows %+v give %s, want %s", rows, got, body)
		}
		got, ok := ParsePatch(body)
		if !ok || !reflect.DeepEqual(got, rows) {
			t.Errorf("%s gives %+v %v, want %+v", body, got, ok, rows)
		}
	}
	for _, other := range []string{`{"op":"add"}`, `[1]`, `[{"op":"move","path":"a","value":1}]`, `[{"op":"add","path":"a"}]`, `[{"op":"add","path":"a","value":1,"x":2}]`, `[`, `{{body}}`} {
		if rows, ok := ParsePatch(other); ok {
			t.Errorf("%s is read as %+v", other, rows)
		}
	}
}
