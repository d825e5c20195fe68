package request

import (
	"strings"
	"testing"

	"tieline/internal/token"
)

// template reads a text as a body template.
func template(t *testing.T, source string) *text {
	t.Helper()
	parsed, err := token.Parse(source)
	if err != nil {
		t.Fatal(err)
	}
	var out text
	for _, p := range parsed.Parts {
		out.parts = append(out.parts, part{lit: p.Literal, tok: p.Token})
	}
	return &out
}

func TestAJSONBodyOfAnotherStructureIsNoticed(t *testing.T) {
	t.Parallel()
	shape := shapeOf(template(t, `{"a": "x{{v}}", "b": [{{v}}, 1.50, null], "k{{v}}": {}}`))
	if shape.valid != nil {
		t.Fatal(shape.valid)
	}
	for body, want := range map[string]bool{
		`{"a":"x1","b":[{"c":[1,"]"]},1.50,null],"k":{}}`: true,
		` {"a":"\u00e9","b":[-1.5e3,1.50,null],"kk":{}} `: true,
		`{"a":"x","b":[1,1.50,null],"k":{},"c":1}`:        false,
		`{"a":"x","b":[1,2,1.50,null],"k":{}}`:            false,
		`{"a":"x","b":[1,1.5,null],"k":{}}`:               false,
		`{"z":"x","b":[1,1.50,null],"k":{}}`:              false,
		`{"a":"x","b":[,1.50,null],"k":{}}`:               false,
		`{"a":"x\","b":[1,1.50,null],"k":{}}`:             false,
		`{"a":"x` + "\n" + `","b":[1,1.50,null],"k":{}}`:  false,
		`{"a":"x\q","b":[1,1.50,null],"k":{}}`:            false,
		`{"a":"x\u12g4","b":[1,1.50,null],"k":{}}`:        false,
		`{"a":"x","b":[01,1.50,null],"k":{}}`:             false,
		`{"a":"x","b":[{"c":},1.50,null],"k":{}}`:         false,
		`{"a":"x","b":[{"c"},1.50,null],"k":{}}`:          false,
		`{"a":"x","b":[[1 2],1.50,null],"k":{}}`:          false,
		`{"a":"x","b":[1,1.50,null],"k":{}}}`:             false,
		`{"a":"x","b":[1,1.50,null],"k":{}`:               false,
		`{"a":"x","b":[` + strings.Repeat("[", 600):       false,
		``: false,
	} {
		if got := shape.holds([]byte(body)); got != want {
			t.Errorf("%s: %t", body, got)
		}
	}
}

func TestTemplatesThatAreNoJSONAreNoticed(t *testing.T) {
	t.Parallel()
	for source, valid := range map[string]bool{
		`{{v}}`: true, `"{{v}}"`: true, `[{{v}},{{v}}]`: true, `{"a":"{{v}}{{v}}"}`: true, `{"{{v}}":1}`: true,
		`{{{v}}:1}`: false, `{"a":1{{v}}}`: false, `{"a":{{v}}1}`: false, `{"a":"\u00{{v}}"}`: false, `{"a":"{{v}}}`: false, `{"a" {{v}}}`: false,
	} {
		parsed, _ := token.Parse(source)
		var out text
		for _, p := range parsed.Parts {
			out.parts = append(out.parts, part{lit: p.Literal, tok: p.Token})
		}
		if got := shapeOf(&out).valid == nil; got != valid {
			t.Errorf("%s: valid %t", source, got)
		}
	}
}

func TestAnXMLBodyOfAnotherStructureIsNoticed(t *testing.T) {
	t.Parallel()
	source := template(t, `<r a="{{v}}" x:b="1"><!-- note --><t>{{v}}</t><t/><?go on?></r>`)
	shape, err := xmlTemplateShape(source)
	if err != nil || len(xmlPositions(source)) != 0 {
		t.Fatal(err)
	}
	for body, want := range map[string]bool{
		`<r a="1" x:b="2"><!-- note --><t><![CDATA[<t>]]></t><t></t><?go on?></r>`: true,
		`<r a="1" x:b="2"><!-- note --><t><b/></t><t/><?go on?></r>`:               false,
		`<r a="1" c="3" x:b="2"><!-- note --><t/><t/><?go on?></r>`:                false,
		`<r a="1" x:b="2"><!-- note --><t/><?go on?></r>`:                          false,
		`<r a="1" x:b="2"><!-- other --><t/><t/><?go on?></r>`:                     false,
		`<r a="1" x:b="2"><!-- note --><t/><t/><?go off?></r>`:                     false,
		`<r a="1" x:b="2"><!-- note --><t/><t/><?go on?></r><r/>`:                  false,
		`<r a="1" x:b="2"><!-- note --><t/><t/><?go on?></r>x`:                     false,
		`<r a="1" x:b="2"><!-- note --><t></u><t/><?go on?></r>`:                   false,
		`<r a="1" x:b="2"><!-- note --><t>&what;</t><t/><?go on?></r>`:             false,
	} {
		if got := xmlHolds(shape, []byte(body)); got != want {
			t.Errorf("%s: %t", body, got)
		}
	}
}

func TestTokensInXMLStandWhereValuesCan(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]int{
		`<a>{{v}}</a>`: 0, `<a b='"{{v}}'/>`: 0, `<a><![CDATA[<{{v}}]]></a>`: 0, `<!-- x --><a>{{v}}</a>`: 0,
		`<{{v}}/>`: 1, `<a {{v}}="1"/>`: 1, `<a b={{v}}/>`: 1, `<!-- {{v}} -->`: 1, `<?x {{v}}?>`: 1, `<!DOCTYPE {{v}}>`: 1,
	} {
		if got := xmlPositions(template(t, source)); len(got) != want {
			t.Errorf("%s: %q", source, got)
		}
	}
	if _, err := xmlTemplateShape(template(t, `<?xml version="1.0" encoding="ISO-8859-1"?><a>{{v}}</a>`)); err == nil || !strings.Contains(err.Error(), "UTF-8") {
		t.Errorf("another encoding: %v", err)
	}
}

func TestAnObjectIsCutIntoItsMembers(t *testing.T) {
	t.Parallel()
	body := ` { "a" : 1 , "b\"" : {"c":[1,2]},"a":"x" } `
	members, ok := membersOf([]byte(body))
	var found strings.Builder
	for _, m := range members {
		found.WriteString(m.name + "=" + body[m.from:m.to] + ";")
	}
	got := found.String()
	if want := `a="a" : 1;b"="b\"" : {"c":[1,2]};a="a":"x";`; !ok || got != want {
		t.Errorf("%s, %t", got, ok)
	}
	for _, body := range []string{"", "[]", "1", `{"a"}`, `{} x`, `{"a":1`, "{", " "} {
		if _, ok := membersOf([]byte(body)); ok {
			t.Errorf("%q is taken for an object", body)
		}
	}
}
