package mapping_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"tieline/internal/integration"
	"tieline/internal/mapping"
	"tieline/internal/token"
)

// record is a source with the values of one record.
func record(values map[string]any, last map[string]string) mapping.Source {
	now := time.Date(2026, 11, 22, 10, 15, 0, 0, time.UTC)
	return mapping.Source{
		Find: func(t *token.Token) (token.Value, bool) {
			if t.Namespace == token.Field {
				return token.Value{Data: "s3cret-" + t.Name, Secret: true}, true
			}
			data, ok := token.Walk(values, t.Path)
			return token.Value{Data: data, Source: "event"}, ok && t.Namespace == token.Event
		},
		Finish: func(t *token.Token, v token.Value, found bool) (token.Value, error) {
			return t.Apply(v, found, token.Env{Now: now})
		},
		Names: func() []string { return slices.Sorted(maps.Keys(values)) },
		Whole: func() any { return values },
		Last:  func(key string) (string, bool, error) { text, ok := last[key]; return text, ok, nil },
		Now:   now,
	}
}

func read(t *testing.T, text string) map[string]any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var values map[string]any
	if err := d.Decode(&values); err != nil {
		t.Fatal(err)
	}
	return values
}

func rows(rows ...integration.MapRow) integration.Mapping {
	return integration.Mapping{Name: "lead", Rows: rows}
}

func when(short string) *integration.Success {
	rule, err := integration.ParseSuccess(short)
	if err != nil {
		panic(err)
	}
	return &rule
}

const lead = `{"phone_number":"+15551234567","first_name":"Ann","last_name":"O'Hara","email":"","status":"HU",
	"call_date":"2024-03-15 14:30:00","annual_revenue":"1,234.505","big":12345678901234567890,"price":1.10,"null":null,
	"evil":"{{field.ApiKey}} \"},{\"x\":1 ${NAME}","items":[{"sku":"a","n":1},{"sku":"b","n":2},{"sku":"c","n":3}],
	"address":{"city":"Bergen","zip":"5003"},"First Name":"Ann"}`

func TestRowsMakeWhatTheySay(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		of   integration.Mapping
		want string
	}{
		"several names and nesting": {rows(
			integration.MapRow{From: "phone_number", To: "phone_1, phone_2"}, integration.MapRow{From: "first_name", To: "contact.first"},
		), `{"phone_1":"+15551234567","phone_2":"+15551234567","contact":{"first":"Ann"}}`},
		"default where empty":           {rows(integration.MapRow{From: "email", To: "email", Default: "none@x.test"}), `{"email":"none@x.test"}`},
		"no default where filled":       {rows(integration.MapRow{From: "first_name", To: "n", Default: "none"}), `{"n":"Ann"}`},
		"a usual field that is missing": {rows(integration.MapRow{From: "city", To: "city"}, integration.MapRow{From: "email", To: "e"}), `{"e":""}`},
		"numbers keep their text":       {rows(integration.MapRow{From: "big", To: "b"}, integration.MapRow{From: "price", To: "p"}), `{"b":12345678901234567890,"p":1.10}`},
		"nothing is expanded twice":     {rows(integration.MapRow{From: "evil", To: "e"}), `{"e":"{{field.ApiKey}} \"},{\"x\":1 ${NAME}"}`},
		"a list by index":               {rows(integration.MapRow{From: "first_name", To: "people.0.name,people.1"}), `{"people":[{"name":"Ann"},"Ann"]}`},
		"a dot in a name":               {rows(integration.MapRow{From: "first_name", To: `a\.b`}), `{"a.b":"Ann"}`},
		"a key that is no token name":   {rows(integration.MapRow{From: "First Name", To: "n"}), `{"n":"Ann"}`},
		"into a whole object":           {rows(integration.MapRow{From: "address", To: "a"}, integration.MapRow{From: "first_name", To: "a.who"}), `{"a":{"city":"Bergen","zip":"5003","who":"Ann"}}`},
		"set a text":                    {rows(integration.MapRow{Op: "set", From: "from {{address.city|upper}}", To: "s"}), `{"s":"from BERGEN"}`},
		"set a constant":                {rows(integration.MapRow{Op: "set", From: "web", To: "s"}, integration.MapRow{Op: "set", Default: "d", To: "t"}), `{"s":"web","t":"d"}`},
		"set JSON":                      {rows(integration.MapRow{Op: "set", From: `{"a":[1.50,true]}`, Format: "json", To: "s"}), `{"s":{"a":[1.50,true]}}`},
		"default of what came out":      {rows(integration.MapRow{From: "email", To: "e"}, integration.MapRow{Op: "default", To: "e", From: "phone_number"}, integration.MapRow{Op: "default", To: "f.g", Default: "x"}), `{"e":"+15551234567","f":{"g":"x"}}`},
		"lookup":                        {rows(integration.MapRow{Op: "lookup", From: "status", To: "s", Table: map[string]string{"HU": "Hung up"}}), `{"s":"Hung up"}`},
		"lookup of another":             {rows(integration.MapRow{Op: "lookup", From: "first_name", To: "s", Table: map[string]string{"HU": "Hung up", "*": "Other"}}), `{"s":"Other"}`},
		"lookup without it":             {rows(integration.MapRow{Op: "lookup", From: "first_name", To: "s", Table: map[string]string{"HU": "Hung up"}}), `{"s":"Ann"}`},
		"concat":                        {rows(integration.MapRow{Op: "concat", From: "first_name,email,last_name", To: "n"}, integration.MapRow{Op: "concat", From: "last_name, first_name", Format: ", ", To: "m"}), `{"n":"Ann O'Hara","m":"O'Hara, Ann"}`},
		"remove":                        {rows(integration.MapRow{From: "address", To: "a"}, integration.MapRow{Op: "remove", To: "a.zip,b"}), `{"a":{"city":"Bergen"}}`},
		"number":                        {rows(integration.MapRow{Op: "number", From: "annual_revenue", To: "n"}, integration.MapRow{Op: "number", From: "annual_revenue", Format: "0.00", To: "m"}, integration.MapRow{Op: "number", From: "annual_revenue", Format: "#,##0", To: "k"}), `{"n":1234.505,"m":1234.51,"k":"1,235"}`},
		"condition":                     {rows(integration.MapRow{From: "first_name", To: "a", When: when("status=HU")}, integration.MapRow{From: "first_name", To: "b", When: when("status in SALE,APPT")}, integration.MapRow{From: "first_name", To: "c", When: when("nothing is empty")}), `{"a":"Ann","c":"Ann"}`},
		"split":                         {rows(integration.MapRow{From: "first_name", To: "who"}, integration.MapRow{Op: "split", From: "items"}, integration.MapRow{From: "sku", To: "line.sku"}, integration.MapRow{Op: "filter", When: when("n=2")}), `[{"who":"Ann","line":{"sku":"a"}},{"who":"Ann","line":{"sku":"c"}}]`},
		"JSON patch":                    {rows(integration.MapRow{Op: "json_patch", From: "first_name", To: "name"}, integration.MapRow{Op: "json_patch", Format: "add", Default: "x", To: "summary"}, integration.MapRow{Op: "json_patch", Format: "remove", To: "note"}), `[{"op":"replace","path":"name","value":"Ann"},{"op":"add","path":"summary","value":"x"},{"op":"remove","path":"note"}]`},
		"HubSpot v3":                    {integration.Mapping{Envelope: "hubspot_v3", Rows: []integration.MapRow{{From: "first_name", To: "firstname"}}}, `{"properties":{"firstname":"Ann"}}`},
		"HubSpot v1":                    {integration.Mapping{Envelope: "hubspot_v1", Rows: []integration.MapRow{{From: "first_name", To: "firstname"}}}, `{"properties":[{"property":"firstname","value":"Ann"}]}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := mapping.Compile(c.of)
			for _, problem := range p.Problems() {
				if !problem.Warning {
					t.Errorf("%s: %s", problem.Field, problem.Message)
				}
			}
			out, errs := p.Apply(record(read(t, lead), nil))
			if len(errs) > 0 {
				t.Fatal(errs[0])
			}
			if got := string(out.Body.AppendJSON(nil, nil)); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// TestADateIsWrittenByEachPattern goes through the named patterns: each gives its own example of one moment.
func TestADateIsWrittenByEachPattern(t *testing.T) {
	t.Parallel()
	for _, p := range token.DatePatterns() {
		zone, want := "", p.Example
		switch p.Pattern {
		case "":
			want = "2024-03-15T14:30:00"
		case "age":
			want = "2"
		case "timestamp":
			want = "1710513000"
		case "D M j G:i:s T Y":
			want = "Fri Mar 15 14:30:00 UTC 2024"
		}
		for _, format := range []string{p.Name, p.Pattern} {
			m := rows(integration.MapRow{Op: "date", From: "at", To: "d", Format: format, Zone: zone})
			out, errs := mapping.Compile(m).Apply(record(map[string]any{"at": "2024-03-15T14:30:00"}, nil))
			if len(errs) > 0 {
				t.Fatal(errs[0])
			}
			if got := string(out.Body.AppendJSON(nil, nil)); got != `{"d":"`+want+`"}` {
				t.Errorf("%s: got %s, want %s", p.Name, got, want)
			}
		}
	}
	out, _ := mapping.Compile(rows(integration.MapRow{Op: "date", From: "at", To: "d", Format: "Standard", Zone: "Europe/Amsterdam"})).Apply(record(map[string]any{"at": "2024-07-15T14:30:00Z"}, nil))
	if got := string(out.Body.AppendJSON(nil, nil)); got != `{"d":"2024-07-15 16:30:00"}` {
		t.Errorf("in Amsterdam: %s", got)
	}
}

func TestAnErrorNamesItsRuleAndItsValue(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		row  integration.MapRow
		want string
	}{
		{integration.MapRow{From: "emial", To: "e"}, "rule 2, from emial: this call has no value of that name, did you mean email?"},
		{integration.MapRow{From: "nothing.at.all", To: "e"}, "rule 2, from nothing.at.all: this call has no value of that name; give the rule a default"},
		{integration.MapRow{Op: "date", From: "first_name", To: "e", Format: "Y"}, "rule 2, from first_name: “Ann” is not a date"},
		{integration.MapRow{Op: "number", From: "first_name", To: "e"}, "rule 2, from first_name: “Ann” is not a number"},
		{integration.MapRow{Op: "number", From: "{{field.ApiKey}}", To: "e"}, "rule 2, from {{field.ApiKey}}: “••••” is not a number"},
		{integration.MapRow{From: "first_name", To: "a.b"}, "rule 2, to a.b: there is a single value already"},
		{integration.MapRow{From: "first_name", To: "l.5000"}, "rule 2, to l.5000: a list has at most 1000 items"},
		{integration.MapRow{Op: "set", From: "{", Format: "json", To: "x"}, "rule 2, from {: this is not one JSON value"},
	} {
		m := rows(integration.MapRow{From: "last_name", To: "a"}, c.row)
		out, errs := mapping.Compile(m).Apply(record(read(t, lead), nil))
		if len(errs) != 1 || !strings.HasPrefix(errs[0].Error(), c.want) {
			t.Errorf("got %v, want %s", errs, c.want)
		}
		if got := string(out.Body.AppendJSON(nil, nil)); !strings.HasPrefix(got, `{"a":"O'Hara"`) {
			t.Errorf("the other rules made %s", got)
		}
	}
}

func TestAFilterDropsTheRecordAndSaysWhy(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		row  integration.MapRow
		want string
	}{
		{integration.MapRow{Op: "filter", When: when("status in DNC,HU")}, "rule 1: status is HU"},
		{integration.MapRow{Op: "filter", When: when("status in DNC,HU"), Default: "not a sale"}, "rule 1: not a sale"},
		{integration.MapRow{Op: "filter", When: when("city is empty")}, "rule 1: city is missing"},
		{integration.MapRow{Op: "filter", When: when("status=SALE")}, ""},
		{integration.MapRow{Op: "split", From: "null"}, "rule 1: there is nothing to split: null is empty"},
	} {
		out, errs := mapping.Compile(rows(c.row)).Apply(record(read(t, lead), nil))
		if len(errs) > 0 || out.Dropped != c.want {
			t.Errorf("got %q, %v; want %q", out.Dropped, errs, c.want)
		}
	}
}

// TestAnUnchangedRecordIsDropped sends a record twice: the second time nothing has changed, then one field has.
func TestAnUnchangedRecordIsDropped(t *testing.T) {
	t.Parallel()
	p := mapping.Compile(rows(
		integration.MapRow{From: "email", To: "email"}, integration.MapRow{From: "status", To: "status"},
		integration.MapRow{Op: "filter", Format: "unchanged", From: "id"},
	))
	values := map[string]any{"id": "7", "email": "a@b.test", "status": "NEW"}
	first, errs := p.Apply(record(values, nil))
	if len(errs) > 0 || first.Dropped != "" || len(first.Remember) != 1 {
		t.Fatalf("first: %+v %v", first, errs)
	}
	if second, _ := p.Apply(record(values, first.Remember)); second.Dropped != "rule 3: nothing has changed for 7 since it was last sent" {
		t.Errorf("second: %q", second.Dropped)
	}
	values["status"] = "SALE"
	if third, _ := p.Apply(record(values, first.Remember)); third.Dropped != "" || third.Remember["mapping lead 7"] == first.Remember["mapping lead 7"] {
		t.Errorf("third: %q", third.Dropped)
	}
	delete(values, "id")
	if _, errs := p.Apply(record(values, nil)); len(errs) != 1 || !strings.Contains(errs[0].Error(), "no identifier") {
		t.Errorf("without an identifier: %v", errs)
	}
}

func TestBudgetsHold(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 1<<20)
	items := make([]any, 1001)
	for _, c := range []struct {
		of     integration.Mapping
		values map[string]any
		want   string
	}{
		{rows(integration.MapRow{From: "v", To: "a,b,c"}), map[string]any{"v": long}, "larger than 2 MiB"},
		{rows(integration.MapRow{Op: "set", From: "{{v}}{{v}}{{v}}", To: "a"}), map[string]any{"v": long}, "larger than 2 MiB"},
		{rows(integration.MapRow{Op: "split", From: "v"}), map[string]any{"v": items}, "at most 1000"},
		{rows(integration.MapRow{From: "w", To: "a"}, integration.MapRow{Op: "split", From: "v"}), map[string]any{"v": items[:900], "w": long[:4096]}, "larger than 2 MiB"},
	} {
		if _, errs := mapping.Compile(c.of).Apply(record(c.values, nil)); len(errs) == 0 || !strings.Contains(errs[0].Error(), c.want) {
			t.Errorf("got %v, want %s", errs, c.want)
		}
	}
}

func TestCompileSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		of   integration.Mapping
		want string
	}{
		{rows(integration.MapRow{From: "emial", To: "e"}), "rows.0.from: No field emial is known, did you mean email? Names are case-sensitive."},
		{rows(integration.MapRow{From: "{{email|uper}}", To: "e"}), "rows.0.from"},
		{rows(integration.MapRow{From: "email", To: "a..b"}), "rows.0.to: The name a..b has an empty part"},
		{rows(integration.MapRow{Op: "date", From: "call_date", To: "e", Format: "Qq"}), "rows.0.format: The date pattern has the letter Q"},
		{rows(integration.MapRow{Op: "date", From: "call_date", To: "e", Format: "Y", Zone: "Mars/One"}), `rows.0.zone: "Mars/One" is not a time zone`},
		{rows(integration.MapRow{Op: "number", From: "call_date", To: "e", Format: "0,0"}), "rows.0.format: A number is written"},
		{rows(integration.MapRow{Op: "json_patch", From: "email", To: "company/identifier"}), "rows.0.to: ConnectWise answers 200"},
		{integration.Mapping{Program: "{a: .b"}, "program: Line 1, column 7: The program cannot be read here: unexpected EOF."},
		{integration.Mapping{Program: "1 |\n  nope(.)"}, "program: Line 2, column 3: The program cannot be used: function not defined: nope/1."},
	} {
		problems := mapping.Compile(c.of).Problems()
		if len(problems) == 0 || !strings.HasPrefix(problems[0].Field+": "+problems[0].Message, c.want) {
			t.Errorf("got %v, want %s", problems, c.want)
		}
	}
}

// FuzzWhatComesOutIsJSONWithTheValuesUnchanged maps a hostile value to a hostile name: the result is valid JSON,
// and the value is found in it unchanged wherever the name could be set.
func FuzzWhatComesOutIsJSONWithTheValuesUnchanged(f *testing.F) {
	f.Add("email", "a.b.0", "copy")
	f.Add("{{x}}\"},{", `a\.b,c`, "set")
	f.Add("${X}\x00\xff", "0.0", "concat")
	f.Fuzz(func(t *testing.T, value, to, op string) {
		p := mapping.Compile(rows(integration.MapRow{Op: op, From: "{{v}}", To: to}, integration.MapRow{From: "v", To: "plain"}))
		out, _ := p.Apply(record(map[string]any{"v": value}, nil))
		text := out.Body.AppendJSON(nil, nil)
		if !json.Valid(text) {
			t.Fatalf("no JSON: %s", text)
		}
		var got map[string]any
		if json.Unmarshal(text, &got) != nil {
			return
		}
		if plain, ok := got["plain"].(string); ok && plain != strings.ToValidUTF8(value, "") && plain != replaced(value) {
			t.Fatalf("%q became %q", value, plain)
		}
	})
}

// replaced is a text as JSON can carry it.
func replaced(s string) string {
	var out []rune
	for _, r := range s {
		out = append(out, r)
	}
	return string(out)
}
