package document

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"tieline/internal/fault"
	"tieline/internal/integration"
	"tieline/internal/secret"
)

type sample struct {
	Name    string            `json:"name"`
	Count   int               `json:"count"`
	Small   int8              `json:"small"`
	Ratio   float64           `json:"ratio"`
	On      *bool             `json:"on"`
	Off     bool              `json:"off"`
	List    []string          `json:"list"`
	Table   map[string]string `json:"table"`
	Any     any               `json:"any"`
	Raw     json.RawMessage   `json:"raw"`
	Number  json.Number       `json:"number"`
	At      time.Time         `json:"at"`
	Key     secret.Text       `json:"key"`
	Inner   *inner            `json:"inner"`
	Rows    []inner           `json:"rows"`
	Skipped string            `json:"-"`
	inner2
}

type inner struct {
	Value string `json:"value"`
}

type inner2 struct {
	Flat string `json:"flat"`
}

func TestDecodeFillsEveryKindOfField(t *testing.T) {
	t.Parallel()
	yes := true
	want := sample{
		Name: "a", Count: -3, Small: 127, Ratio: 1.5, On: &yes, Off: true, List: []string{"x", "y"},
		Table: map[string]string{"k": "v"}, Any: map[string]any{"n": json.Number("12345678901234567890"), "l": []any{nil, true}},
		Raw: json.RawMessage(`{"a":[1,2]}`), Number: "1e3", At: time.Date(2026, 11, 22, 10, 15, 0, 0, time.UTC),
		Inner: &inner{"i"}, Rows: []inner{{"r"}},
	}
	want.Flat = "f"
	texts := map[string]string{
		"json": `{"name":"a","count":-3,"small":127,"ratio":1.5,"on":true,"off":true,"list":["x","y"],"table":{"k":"v"},
			"any":{"n":12345678901234567890,"l":[null,true]},"raw":{"a":[1,2]},"number":1e3,"at":"2026-11-22T10:15:00Z",
			"key":"hush","inner":{"value":"i"},"rows":[{"value":"r"}],"flat":"f"}`,
		"yaml": "name: a\ncount: -3\nsmall: 127\nratio: 1.5\non: true\noff: true\nlist: [x, y]\ntable: {k: v}\n" +
			"any:\n  n: 12345678901234567890\n  l: [null, true]\nraw: {a: [1, 2]}\nnumber: 1e3\nat: 2026-11-22T10:15:00Z\n" +
			"key: hush\ninner: {value: i}\nrows:\n- value: r\nflat: f\n",
	}
	for name, text := range texts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got sample
			if err := Decode([]byte(text), &got); err != nil {
				t.Fatal(err)
			}
			if got.Key.Reveal() != "hush" {
				t.Errorf("key = %q", got.Key.Reveal())
			}
			got.Key = secret.Text{}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got  %#v\nwant %#v", got, want)
			}
		})
	}
}

// Each wrong document has exactly the problems listed, at their dotted paths.
func TestDecodeSaysWhatIsWrongAndWhere(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		want       map[string]string
	}{
		{"unknown with a near name", `{"namee":"a"}`, map[string]string{"namee": `There is no field "namee" here. Did you mean "name"?`}},
		{"unknown with nothing near", `{"zzzzzz":1}`, map[string]string{"zzzzzz": `There is no field "zzzzzz" here.`}},
		{"another letter case", `{"Name":"a"}`, map[string]string{"Name": `There is no field "Name" here. Did you mean "name"?`}},
		{"a hidden field", `{"Skipped":"a"}`, map[string]string{"Skipped": `There is no field "Skipped" here.`}},
		{"deep in a list", `{"rows":[{"value":"a"},{"valu":"b"}]}`, map[string]string{"rows.1.valu": `There is no field "valu" here. Did you mean "value"?`}},
		{"twice", `{"name":"a","name":"b"}`, map[string]string{"name": `The name "name" stands here twice.`}},
		{"twice, written differently", `{"name":"a","n\u0061me":"b"}`, map[string]string{"name": `The name "name" stands here twice.`}},
		{"twice inside any", `{"any":[{"k":1,"k":2}]}`, map[string]string{"any.0.k": `The name "k" stands here twice.`}},
		{"twice inside raw", `{"raw":{"k":1,"k":2}}`, map[string]string{"raw.k": `The name "k" stands here twice.`}},
		{"list for text", `{"name":["a"]}`, map[string]string{"name": "Expected text, got a list."}},
		{"number for text in JSON", `{"name":12}`, map[string]string{"name": "Expected text, got a number."}},
		{"bool for text in JSON", `{"name":true}`, map[string]string{"name": "Expected text, got true or false."}},
		{"text for number", `{"count":"3"}`, map[string]string{"count": "Expected a whole number, got text."}},
		{"fraction", `{"count":1.5}`, map[string]string{"count": "Expected a whole number, got 1.5."}},
		{"exponent", `{"count":1e3}`, map[string]string{"count": "Expected a whole number, got 1e3."}},
		{"too large", `{"small":128}`, map[string]string{"small": "This number is too large."}},
		{"far too large", `{"count":99999999999999999999}`, map[string]string{"count": "This number is too large."}},
		{"float too large", `{"ratio":1e999}`, map[string]string{"ratio": "This number is too large."}},
		{"text for bool", `{"off":"true"}`, map[string]string{"off": "Expected true or false, got text."}},
		{"number for bool", `{"on":1}`, map[string]string{"on": "Expected true or false, got a number."}},
		{"object for list", `{"list":{}}`, map[string]string{"list": "Expected a list, got an object."}},
		{"text for list", `{"list":"a"}`, map[string]string{"list": "Expected a list, got text."}},
		{"number in a list of text", `{"list":["a",1]}`, map[string]string{"list.1": "Expected text, got a number."}},
		{"null in a list of text", `{"list":[null]}`, map[string]string{"list.0": "A list holds values; null is none."}},
		{"list for table", `{"table":[]}`, map[string]string{"table": "Expected an object, got a list."}},
		{"number in a table", `{"table":{"k":1}}`, map[string]string{"table.k": "Expected text, got a number."}},
		{"text for object", `{"inner":"a"}`, map[string]string{"inner": "Expected an object, got text."}},
		{"text for json number", `{"number":"1"}`, map[string]string{"number": "Expected a number, got text."}},
		{"no moment", `{"at":"yesterday"}`, map[string]string{"at": "Expected a moment such as 2026-11-22T10:15:00Z."}},
		{"list for a secret", `{"key":["x"]}`, map[string]string{"key": "Expected text, got a list."}},
		{"list for everything", `[]`, map[string]string{"": "Expected an object, got a list."}},
		{"all at once", `{"count":"x","nope":1,"list":[1]}`, map[string]string{
			"count": "Expected a whole number, got text.", "nope": `There is no field "nope" here.`, "list.0": "Expected text, got a number.",
		}},
		{"yaml unquoted token", "name: {{phone}}", nil},
		{"yaml object for text", "name: {a: b}", map[string]string{"name": "Expected text, got an object; put a value that begins with { in quotes."}},
		{"yaml with lines", "count: 1\nnamee: a\n", map[string]string{"namee": `There is no field "namee" here (line 2, column 1). Did you mean "name"?`}},
		{"yaml twice", "name: a\nname: b\n", map[string]string{"name": `The name "name" stands here twice (line 2, column 1).`}},
		{"yaml word for bool", "off: sometimes", map[string]string{"off": "Expected true or false, got text."}},
		{"yaml hex for number", "count: 0x1F", map[string]string{"count": "Expected a whole number, got text."}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var into sample
			err := Decode([]byte(tt.text), &into)
			if got := fault.KindOf(err); err == nil || got != fault.Invalid {
				t.Fatalf("err = %v (%v), want an invalid fault", err, got)
			}
			got, _ := fault.FieldsOf(err)
			if len(tt.want) != 0 && !reflect.DeepEqual(got, tt.want) {
				t.Errorf("problems = %q\nwant %q", got, tt.want)
			}
		})
	}
}

// A text that is no document is refused with its place in the message.
func TestDecodeSaysLineAndColumnOfASyntaxError(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"missing comma", "{\"a\":1\n \"b\":2}", `This is not valid JSON (line 2, column 2): expected a comma or }, found '"'.`},
		{"trailing comma", `{"name":"a",}`, `(line 1, column 13): expected a name in double quotes, found '}'.`},
		{"unquoted name", `{name:1}`, `(line 1, column 2): expected a name in double quotes, found 'n'.`},
		{"single quotes", `{'name':1}`, `found '\''.`},
		{"unclosed object", `{"name":"a"`, `expected a comma or }, found the end.`},
		{"unclosed list", `["a"`, `expected a comma or ], found the end.`},
		{"unclosed text", `{"name":"a`, `(line 1, column 9): this text has no closing quote.`},
		{"escaped end", `{"name":"a\`, `this text has no closing quote.`},
		{"bad escape", `{"name":"\x"}`, `this text has an escape that JSON does not know.`},
		{"raw line break", "{\"name\":\"a\nb\"}", `(line 1, column 11): a line break or control character must be escaped in text.`},
		{"leading zero", `{"count":01}`, `expected a comma or }, found '1'.`},
		{"plus", `{"count":+1}`, `expected a value, found '+'.`},
		{"bare minus", `{"count":-}`, `expected a digit, found '}'.`},
		{"bare point", `{"count":1.}`, `expected a digit, found '}'.`},
		{"NaN", `{"count":NaN}`, `expected a value, found 'N'.`},
		{"two documents", `{} {}`, `nothing may follow the end of the document, found '{'.`},
		{"not UTF-8", "{\"name\":\"\xff\"}", `(line 1, column 10): this byte is not UTF-8.`},
		{"column in characters", `{"näme":"a",}`, `(line 1, column 13)`},
		{"too deep", strings.Repeat("[", 70) + strings.Repeat("]", 70), tooDeep},
		{"far too deep", strings.Repeat("[", 500_000), tooDeep},
		{"too many", "[" + strings.Repeat("1,", 300_000) + "1]", tooMany},
		{"empty", "", "The document is empty."},
		{"only space", " \n\t ", "The document is empty."},
		{"too large", `"` + strings.Repeat("a", MaxBytes) + `"`, "The document is larger than 1 MiB."},
		{"yaml tab", "a:\n\t- b", "This is not valid YAML (line 2): found character that cannot start any token."},
		{"yaml alias", "name: &a x\nflat: *a", "This is not valid YAML (line 1, column 7): anchors (&) and aliases (*) are not read"},
		{"yaml merge", "<<: {name: a}", "merge keys (<<) and anchors (&) are not read"},
		{"yaml tag", "name: !!binary aGk=", "tags such as !!binary are not read"},
		{"yaml own tag", "name: !secret x", "tags such as !secret are not read"},
		{"yaml complex key", "? [a]\n: b", "a name must be text"},
		{"yaml several", "name: a\n---\nname: b\n", "There is more than one document here; one is expected."},
		{"yaml deep", strings.Repeat("- ", 70) + "a", tooDeep},
		{"yaml many", "a: [" + strings.Repeat("1,", 300_000) + "]", tooMany},
		{"yaml unclosed", "name: [a\nflat: b", "This is not valid YAML (line "},
		{"yaml bomb", "a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]", "anchors (&) and aliases (*) are not read"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var into sample
			err := Decode([]byte(tt.text), &into)
			if got := fault.KindOf(err); err == nil || got != fault.Invalid {
				t.Fatalf("err = %v, want an invalid fault", err)
			}
			if got := fault.MessageOf(err); !strings.Contains(got, tt.want) {
				t.Errorf("message = %q\nwant it to hold %q", got, tt.want)
			}
		})
	}
}

func TestNullIsTheSameAsAbsent(t *testing.T) {
	t.Parallel()
	got := sample{Name: "before", Count: 7}
	err := Decode([]byte(`{"name":null,"count":null,"on":null,"list":null,"table":null,"any":null,"inner":null,"at":null,"key":null,"number":null}`), &got)
	if err != nil || !reflect.DeepEqual(got, sample{Name: "before", Count: 7}) {
		t.Errorf("got %#v, %v", got, err)
	}
}

func TestRawJSONIsKeptByteForByte(t *testing.T) {
	t.Parallel()
	const raw = "{ \"b\" : [1 , 2.50],\n\t\"a\":\"\\u00e9 <&>\" }"
	var got sample
	if err := Decode([]byte(`{"raw": `+raw+` }`), &got); err != nil || string(got.Raw) != raw {
		t.Errorf("raw = %s, %v", got.Raw, err)
	}
}

func TestYAMLTakesLiteralsAsTextWhereTextIsExpected(t *testing.T) {
	t.Parallel()
	var got sample
	err := Decode([]byte("name: 0123\nflat: 1.50\nlist: [true, 7, 2026-01-02, 1_000, 0x1F, no]\nany: [007, 12, 1.50, 0x1F, yes, ~]"), &got)
	if err != nil {
		t.Fatal(err)
	}
	if got.Name != "0123" || got.Flat != "1.50" || strings.Join(got.List, " ") != "true 7 2026-01-02 1_000 0x1F no" {
		t.Errorf("got %q %q %q", got.Name, got.Flat, got.List)
	}
	want := []any{"007", json.Number("12"), json.Number("1.50"), "0x1F", "yes", nil}
	if !reflect.DeepEqual(got.Any, want) {
		t.Errorf("any = %#v\nwant  %#v", got.Any, want)
	}
}

func TestTheByteOrderMarkIsNoPartOfTheDocument(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"\ufeff{\"name\":\"a\"}", "\ufeffname: a"} {
		var got sample
		if err := Decode([]byte(text), &got); err != nil || got.Name != "a" {
			t.Errorf("%q: got %q, %v", text, got.Name, err)
		}
	}
}

func TestDecodeJSONTakesNoYAML(t *testing.T) {
	t.Parallel()
	var got sample
	if err := DecodeJSON([]byte("name: a"), &got); fault.KindOf(err) != fault.Invalid || err == nil {
		t.Errorf("err = %v, want invalid", err)
	}
	if err := DecodeJSON([]byte(`{"name":"a"}`), &got); err != nil || got.Name != "a" {
		t.Errorf("got %q, %v", got.Name, err)
	}
}

func TestASuccessRuleMayBeWrittenShort(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`{"success":"CodeResult=100"}`, "success: CodeResult=100", `{"success":{"path":"CodeResult","op":"=","value":"100"}}`} {
		var got integration.Response
		err := Decode([]byte(text), &got)
		if err != nil || got.Success == nil || *got.Success != (integration.Success{Path: "CodeResult", Op: "=", Value: "100"}) {
			t.Errorf("%s: got %+v, %v", text, got.Success, err)
		}
	}
	var got integration.Response
	fields, _ := fault.FieldsOf(Decode([]byte(`{"success":"=100"}`), &got))
	if fields["success"] == "" {
		t.Errorf("problems = %q, want one at success", fields)
	}
}

func TestProblemsAndNamesAreBounded(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString(`{"` + strings.Repeat("x", 100_000) + `":1`)
	for i := range 1000 {
		b.WriteString(`,"n` + strings.Repeat("i", i+1) + `":1`)
	}
	err := Decode([]byte(b.String()+"}"), &sample{})
	if got := len(err.Error()); got > 100_000 {
		t.Errorf("the error has %d bytes", got)
	}
}
