package token_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"tieline/internal/token"
)

var now = time.Date(2026, 11, 22, 10, 15, 0, 0, time.UTC)

// apply runs one chain of filters over a value.
func apply(t *testing.T, filters string, value any, found bool) (token.Value, error) {
	t.Helper()
	template, err := token.Parse("{{x|" + filters + "}}")
	if err != nil {
		t.Fatal(err)
	}
	return template.Parts[0].Token.Apply(token.Value{Data: value}, found, token.Env{Now: now, Key: func(k *token.Token) (token.Value, bool) {
		return token.Value{Data: "key", Secret: true}, k.Name == "field.ApiSecret"
	}})
}

func TestFiltersGiveWhatTheirNamesSay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		filters string
		in      any
		want    string
	}{
		{"upper", "äb", "ÄB"},
		{"lower", "ÄB", "äb"},
		{"trim", " \ta b\n", "a b"},
		{"digits", "+1 (555) 123-4567", "15551234567"},
		{"e164", "+1 (555) 123-4567", "+15551234567"},
		{"e164", "0031 20 123 4567", "+31201234567"},
		{`e164:"1"`, "(555) 123-4567", "+15551234567"},
		{`e164:"1"`, "1 555 123 4567", "+15551234567"},
		{`e164:"+31"`, "020 123 4567", "+31201234567"},
		{`e164:"44"`, "07700 900123", "+447700900123"},
		{`e164:"49"`, "491701234567", "+491701234567"},
		{`e164:"39"`, "06 1234 5678", "+390612345678"},
		{"e164", "", ""},
		{`default:"x"`, "", "x"},
		{`default:"x"`, nil, "x"},
		{`default:"x"`, []any{}, "x"},
		{`default:"x"`, "v", "v"},
		{`default:"x"`, json.Number("0"), "0"},
		{`trim|default:"x"|upper`, "  ", "X"},
		{"md5", "abc", "900150983cd24fb0d6963f7d28e17f72"},
		{"sha256", "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
		{`hmac_sha256:"field.ApiSecret"`, "The quick brown fox jumps over the lazy dog", "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8"},
		{`hmac_sha256:"field.ApiSecret","base64"`, "The quick brown fox jumps over the lazy dog", "97yD9DBThCSxMpjmqm+xQ+9NWaFJRhdZl0edvC0aPNg="},
		{`hmac_sha256:"key"`, "The quick brown fox jumps over the lazy dog", "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8"}, // the key as it is written
		{"base64", "a?b>", "YT9iPg=="},
		{`base64:"url"`, "a?b>", "YT9iPg"},
		{"urlencode", "a b/ü~", "a%20b%2F%C3%BC~"},
		{"json", "a\"b", `"a\"b"`},
		{"json", map[string]any{"b": json.Number("1.0"), "a": []any{nil, true}}, `{"a":[null,true],"b":1.0}`},
		{`lookup:"HU=Hung up, SALE = Sold"`, "SALE", "Sold"},
		{`lookup:"HU=Hung up,SALE=Sold"`, "sale", "sale"},
		{`lookup:"A=1,*=other"`, "Z", "other"},
		{`lookup:"*=other,A=1"`, "A", "1"},
		{`lookup:"a\,b=x\=y,\*=star"`, "a,b", "x=y"},
		{`lookup:"a\,b=x\=y,\*=star"`, "*", "star"},
		{"join", []any{"a", json.Number("1.50"), true}, "a,1.50,true"},
		{`join:" / "`, []any{"a", "b"}, "a / b"},
		{"join", "text", "text"},
		{"unix", "2024-03-15T16:35:20Z", "1710520520"},
		{`unix:"ms"`, "2024-03-15 16:35:20", "1710520520000"},
	} {
		got, err := apply(t, c.filters, c.in, true)
		if err != nil || token.Text(got.Data) != c.want {
			t.Errorf("%v|%s = %q, %v, want %q", c.in, c.filters, token.Text(got.Data), err, c.want)
		}
	}
}

func TestEveryNamedDatePatternIsKnownByNameAndByPattern(t *testing.T) {
	t.Parallel()
	if len(token.DatePatterns()) != 17 {
		t.Errorf("%d patterns, want 17", len(token.DatePatterns()))
	}
	const moment = "2024-03-15T14:30:00-07:00"
	for name, want := range map[string]string{
		"System default": moment, "Standard": "2024-03-15 14:30:00", "Date only": "2024-03-15", "US": "03/15/2024",
		"Short European": "15-03-24", "Compact numeric": "20240315", "Dotted short": "03.15.24",
		"US with time, 12 h": "03/15/24 2:30 pm", "US short": "03/15/24", "Full month name": "March 15, 2024, 2:30 pm",
		"Comma-separated": "15, 3, 2024", "ISO 8601": "2024-03-15T14:30:00", "Unix timestamp": "1710538200",
		"Current age": "2", "Compact UTC": "20240315T213000Z", "US with time, 24 h": "03/15/2024 14:30:00",
	} {
		got, err := apply(t, `date:"`+name+`"`, moment, true)
		if err != nil || got.Data != want {
			t.Errorf("%s = %v, %v, want %s", name, got.Data, err, want)
		}
		for _, p := range token.DatePatterns() {
			if p.Name == name && p.Pattern != "" {
				if got, err := apply(t, `date:"`+p.Pattern+`"`, moment, true); err != nil || got.Data != want {
					t.Errorf("%s = %v, %v, want %s", p.Pattern, got.Data, err, want)
				}
			}
		}
	}
	got, err := apply(t, `date:"Full verbose","America/Denver"`, "2024-03-15T21:30:00Z", true)
	if err != nil || got.Data != "Fri Mar 15 15:30:00 MDT 2024" {
		t.Errorf("Full verbose = %v, %v", got.Data, err)
	}
}

func TestDatesAreReadInManyFormsAndWrittenInAZone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ filter, in, want string }{
		{`date:"Y-m-d H:i","Europe/Amsterdam"`, "2024-07-01T10:00:00Z", "2024-07-01 12:00"},
		{`date:"Y-m-d H:i","UTC","America/Los_Angeles"`, "2024-07-01 10:00:00", "2024-07-01 17:00"},
		{`date:"Y-m-d H:i","-10m"`, "2024-07-01T00:05:00Z", "2024-06-30 23:55"},
		{`date:"Y-m-d H:i","Europe/Amsterdam","+1d"`, "2024-07-01T10:00:00Z", "2024-07-02 12:00"},
		{`date:"timestamp","-90s"`, "1710520520", "1710520430"},
		{`date:"2006-01-02"`, "03/15/2024", "2024-03-15"},
		{`date:"02 Jan 06"`, "20240315", "15 Mar 24"},
		{`date:"Y-m-d"`, "1710520520", "2024-03-15"},
		{`date:"Y-m-d"`, "1710520520123", "2024-03-15"},
		{`date:"N w z G t L W o v e U Z c"`, "2024-03-05T04:05:06.789Z", "2 2 64 4 31 1 10 2024 789 UTC 1709611506 0 2024-03-05T04:05:06+00:00"},
		{`date:"age"`, "1990-11-23", "35"},
		{`date:"age"`, "1990-11-22", "36"},
		{`date:"Y"`, "", ""},
		{`date:"YYYY-MM-DD"`, "2024-03-05T04:05:06Z", "2024-03-05"},
		{`date:"dd/MM/yyyy HH:mm:ss"`, "2024-03-05T14:05:06Z", "05/03/2024 14:05:06"},
		{`date:"YYYY-MM-DDTHH:mm:ssZ"`, "2024-03-05T04:05:06Z", "2024-03-05T04:05:06+00:00"},
	} {
		got, err := apply(t, c.filter, c.in, true)
		if err != nil || got.Data != c.want {
			t.Errorf("%s|%s = %v, %v, want %s", c.in, c.filter, got.Data, err, c.want)
		}
	}
}

func TestAFilterSaysWhyItCannotWorkWithoutTheValue(t *testing.T) {
	t.Parallel()
	for _, filters := range []string{`date:"Y"`, "unix", "e164", `hmac_sha256:"field.Other"`} {
		_, err := apply(t, filters, "canary", true)
		e, ok := errors.AsType[*token.FilterError](err)
		if !ok || strings.Contains(e.Error(), "canary") {
			t.Errorf("%s: %v", filters, err)
		}
	}
}

func TestANationalNumberIsNotMadeInternationalByAPlusAlone(t *testing.T) {
	t.Parallel()
	for _, number := range []string{"(020) 123-4567", "07700 900123", "+0 20 1234567"} {
		if got, err := apply(t, "e164", number, true); err == nil || !strings.Contains(err.Error(), "country calling code") {
			t.Errorf("%s = %v, %v", number, got.Data, err)
		}
	}
}

func TestAMissingValueIsMissingUnlessADefaultStandsIn(t *testing.T) {
	t.Parallel()
	if _, err := apply(t, "upper|trim", nil, false); !errors.Is(err, token.ErrMissing) {
		t.Errorf("missing: %v", err)
	}
	got, err := apply(t, `upper|default:"d"`, nil, false)
	if err != nil || got.Data != "d" || got.Source != "default of the template" || got.Shadowed != "" {
		t.Errorf("default: %+v, %v", got, err)
	}
}

func TestWhatFiltersMakeOfASecretIsSecret(t *testing.T) {
	t.Parallel()
	template, err := token.Parse("{{x|md5|upper}}{{x|hmac_sha256:\"field.ApiSecret\"}}")
	if err != nil {
		t.Fatal(err)
	}
	env := token.Env{Key: func(*token.Token) (token.Value, bool) { return token.Value{Data: "k", Secret: true}, true }}
	for i, in := range []token.Value{{Data: "a", Secret: true}, {Data: "a"}} {
		if got, err := template.Parts[i].Token.Apply(in, true, env); err != nil || !got.Secret {
			t.Errorf("%+v, %v", got, err)
		}
	}
	if keys := template.Parts[1].Token.Keys(); len(keys) != 1 || keys[0].Name != "field.ApiSecret" {
		t.Errorf("keys %v", keys)
	}
}

func TestEveryFilterOfTheListExists(t *testing.T) {
	t.Parallel()
	if len(token.Filters()) != 17 {
		t.Errorf("%d filters", len(token.Filters()))
	}
	for _, name := range token.Filters() {
		if _, err := token.Parse("{{field.x|" + name + "}}"); err != nil && strings.Contains(err.Error(), "no filter") {
			t.Error(err)
		}
	}
}

func TestNumbersKeepTheirText(t *testing.T) {
	t.Parallel()
	for _, n := range []string{"12345678901234567890", "1.50", "-0", "1e400", "0.10E+5"} {
		if got := token.Text(json.Number(n)); got != n {
			t.Errorf("%s became %s", n, got)
		}
		if got := string(token.AppendJSON(nil, json.Number(n))); got != n {
			t.Errorf("%s became %s in JSON", n, got)
		}
	}
	for _, n := range []string{"", "NaN", "01", "1.", ".5", "1e", "+1", "1,2", "0x1"} {
		if got := string(token.AppendJSON(nil, json.Number(n))); got != `"`+n+`"` {
			t.Errorf("%s became %s in JSON", n, got)
		}
	}
}

func TestAChainOfFiltersCannotFillTheMemory(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		filters string
		value   any
	}{
		{strings.Repeat("json|trim|", 60) + "json", `"x"`},
		{strings.Repeat("base64|", 90) + "base64", "x"},
		{`join:"` + strings.Repeat("x", 8<<10) + `"`, make([]any, 100_000)},
	} {
		v, err := apply(t, c.filters, c.value, true)
		if _, ok := errors.AsType[*token.FilterError](err); !ok {
			t.Errorf("%.30s… gives %d bytes and %v", c.filters, len(token.Text(v.Data)), err)
		}
	}
}
