package request

import (
	"net/url"
	"strings"
	"testing"

	"tieline/internal/integration"
	"tieline/internal/run"
	"tieline/internal/secret"
)

// asked builds the query of one condition with one value and gives the condition as the vendor reads it.
func asked(t *testing.T, preset, condition string, value any) (string, *run.Failure) {
	t.Helper()
	in := integration.Integration{Name: "cw", Preset: preset, Endpoints: []integration.Endpoint{{
		Name: "list", URL: "/company/companies", Query: []integration.Row{{Name: "conditions", Value: condition}},
	}}}
	plan, err := Compile(in, "list")
	if err != nil {
		t.Fatal(err)
	}
	data := Data{Event: map[string]any{"x": value}, Integrator: integration.Integrator{Host: "api.example.test", Fields: map[string]string{}}, Secrets: map[string]secret.Text{}}
	call, failure := plan.Build(data)
	if failure != nil {
		return "", failure
	}
	u, err := url.Parse(call.Request.URL)
	if err != nil {
		t.Fatal(err)
	}
	if len(u.Query()) != 1 {
		t.Fatalf("the query became %s", u.RawQuery)
	}
	return u.Query().Get("conditions"), nil
}

// A value never changes what is asked for: it stays inside its quotes, whatever it holds.
func TestAValueDoesNotBreakOutOfACondition(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		condition string
		value     any
		want      string // "" where nothing may be sent
	}{
		{`name = '{{x}}'`, "ACME", `name = 'ACME'`},
		{`name = '{{x}}'`, "O'Neil", `name = "O'Neil"`},
		{`name = "{{x}}"`, `19" rack`, `name = '19" rack'`},
		{`name = '{{x}}' and closedFlag = False`, `a' or id > 0 or name = 'b`, `name = "a' or id > 0 or name = 'b" and closedFlag = False`},
		{`name = '{{x}}'`, `a' or "b`, ""},
		{`name = '{{x}} says "no"'`, `it's`, ""},
		{`name = 'the {{x}} "no"'`, `plain`, `name = 'the plain "no"'`},
		{`name = '{{x}}'`, `a\`, ""},
		{`name = '{{x}}'`, "", `name = ''`},
		{`name like '{{x}}%'`, "A&B=c", `name like 'A&B=c%'`},
		{`lastUpdated > [{{x}}]`, "2026-01-01T00:00:00Z", `lastUpdated > [2026-01-01T00:00:00Z]`},
		{`lastUpdated > [{{x}}]`, "2026-01-01] or id > [0", ""},
		{`id = {{x}}`, 17, `id = 17`},
		{`id = {{x}}`, "17 or id > 0", ""},
		{`id in ({{x}})`, "1,2,3", `id in (1,2,3)`},
		{`id in ({{x}})`, "1) or (id > 0", ""},
		{`id = {{x}}`, "", ""},
		{`name = 'it\'s {{x}}'`, "me", `name = 'it\'s me'`},
	} {
		got, failure := asked(t, "connectwise", c.condition, c.value)
		if c.want == "" {
			if failure == nil || failure.Cause != run.TokenPosition || !strings.Contains(failure.Hint, "Nothing was sent") {
				t.Errorf("%s with %v: sent %q, %+v", c.condition, c.value, got, failure)
			}
			continue
		}
		if failure != nil || got != c.want {
			t.Errorf("%s with %v: %q %+v, want %q", c.condition, c.value, got, failure, c.want)
		}
	}
	if _, failure := asked(t, "connectwise", `name = '{{x}}`, "a"); failure == nil {
		t.Error("quotes that do not close are sent")
	}
	if got, failure := asked(t, "", `name = '{{x}}'`, "O'Neil"); failure != nil || got != `name = 'O'Neil'` {
		t.Errorf("another vendor's query is changed: %q %+v", got, failure)
	}
}

func FuzzCondition(f *testing.F) {
	f.Add("a' or 'b")
	f.Add(`\"`)
	f.Fuzz(func(t *testing.T, value string) {
		got, failure := asked(t, "connectwise", `name = '{{x}}' and id = 1`, value)
		if failure != nil {
			return
		}
		inner, ok := strings.CutSuffix(strings.TrimPrefix(got, "name = "), " and id = 1")
		if !ok || len(inner) < 2 || inner[0] != inner[len(inner)-1] || strings.Contains(inner[1:len(inner)-1], inner[:1]) || strings.HasSuffix(inner[:len(inner)-1], `\`) {
			t.Errorf("%q became %s", value, got)
		}
	})
}
