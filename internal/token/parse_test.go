package token_test

import (
	"errors"
	"strings"
	"testing"

	"tieline/internal/token"
)

func TestTemplatesAreCutIntoLiteralsAndTokens(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		"":                              "",
		"plain } {x} $x }}":             "plain } {x} $x }}",
		"a{{x}}b":                       "a<event x>b",
		"{{ event.x }}{{x_1-y.z}}":      "<event x><event x_1-y.z>",
		"{{field.ApiKey}}":              "<field field.ApiKey>",
		"${CW_BASE}/x":                  "<var var.CW_BASE>/x",
		"${5} ${a.b} ${} ${x $":         "${5} ${a.b} ${} ${x $",
		`\{{x}} \${X}`:                  "{{x}} ${X}",
		`\\{{x}}`:                       `\\<event x>`,
		`\\\{{x}}`:                      `\\{{x}}`,
		"{{state}}{{state.a}}":          "<event state><state state.a>",
		"{{event.state.a}}":             "<event event.state.a>",
		"{{event.host}}{{host}}":        "<event event.host><host host>",
		"{{input}}{{input.a.0}}":        "<input input><input input.a.0>",
		"{{x|upper|default:\"a}}b\"}}":  "<event x|upper|default(a}}b)>",
		`{{x|default:\"a \\\"b\\\"\"}}`: `<event x|default(a "b")>`,
		`{{x|date:"Y-m-d\TH:i","UTC"}}`: `<event x|date(Y-m-d\TH:i,UTC)>`,
		`{{x|e164:31}}`:                 `<event x|e164(31)>`,
		"{\"a\":{{x}}}":                 "{\"a\":<event x>}",
		"{{größe}}":                     "<event größe>",
	} {
		template, err := token.Parse(source)
		if err != nil {
			t.Errorf("Parse(%q): %v", source, err)
		}
		if got := show(template); got != want {
			t.Errorf("Parse(%q) = %q, want %q", source, got, want)
		}
	}
}

// show writes a template with its tokens in angle brackets.
func show(template token.Template) string {
	var out strings.Builder
	for _, p := range template.Parts {
		if p.Token == nil {
			out.WriteString(p.Literal)
			continue
		}
		out.WriteString("<" + string(p.Token.Namespace) + " " + p.Token.Name)
		for _, f := range p.Token.Filters {
			out.WriteString("|" + f.Name)
			if len(f.Args) > 0 {
				out.WriteString("(" + strings.Join(f.Args, ",") + ")")
			}
		}
		out.WriteString(">")
	}
	return out.String()
}

func TestBrokenTokensAreNamedWithTheirPlaceAndStayVisible(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		"ab{{":                        "name is expected",
		"ab{{}}":                      "name is expected",
		"ab{{x":                       "not closed",
		"ab{{x y}}":                   "'y'",
		"ab{{x|}}":                    "filter name",
		"ab{{x|uper}}":                "Did you mean upper?",
		"ab{{x|upper:\"a\"}}":         "written upper",
		"ab{{x|default}}":             "default:",
		"ab{{x|default:\"a}}":         "not closed",
		"ab{{a..b}}":                  "empty part",
		"ab{{host.x}}":                "event.host.x",
		"ab{{auth.password}}":         "{{auth.token}}",
		"ab{{run.x}}":                 "{{run.id}}",
		"ab{{x|raw}}":                 "raw is allowed",
		"ab{{input.x|raw}}":           "raw is allowed",
		"ab{{x|lookup:\"A\"}}":        "from=to",
		"ab{{x|date:\"Q\"}}":          "letter Q",
		"ab{{x|date:\"Y\",\"Mars\"}}": "time zone",
		"ab{{x|e164:\"abc\"}}":        "calling code",
		"ab{{x|hmac_sha256:\"\"}}":    "needs a key",
		"ab{{x|base64:\"hex\"}}":      "one of: url, std",
	} {
		template, err := token.Parse(source)
		e, ok := errors.AsType[*token.SyntaxError](err)
		if !ok || e.Offset != 2 || !strings.Contains(e.Message, want) || !strings.HasSuffix(e.Message, ".") && !strings.HasSuffix(e.Message, "?") {
			t.Errorf("Parse(%q): %v, want %q", source, err, want)
		}
		if got := show(template); got != source {
			t.Errorf("Parse(%q) shows %q", source, got)
		}
	}
}

func TestAfterABrokenTokenTheRestIsStillRead(t *testing.T) {
	t.Parallel()
	template, err := token.Parse("{{a b}} {{x}} {{")
	if err == nil || show(template) != "{{a b}} <event x> {{" {
		t.Errorf("%q, %v", show(template), err)
	}
}

func TestNearestFindsCaseUnderscoresAndSlips(t *testing.T) {
	t.Parallel()
	known := token.KnownNames()
	for name, want := range map[string]string{
		"invoicenumber": "InvoiceNumber", "phonenumber": "phone_number", "phone-number": "phone_number", "fisrt_name": "first_name",
		"emial": "email", "zzzzzz": "", "phone_number": "", "": "", "Authtoken": "authToken",
	} {
		if got := token.Nearest(name, known); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestWalkFollowsKeysAndIndexes(t *testing.T) {
	t.Parallel()
	root := map[string]any{"a": []any{map[string]any{"b.c": "x", "n": nil}}, "a.b": "dotted", "s": "text"}
	for path, want := range map[string]any{"a.0.b.c": "x", "a.0.n": nil, "a.b": "dotted", "a.1": false, "a.-1": false, "s.x": false, "A": false, "a.99999999999": false} {
		got, ok := token.Walk(root, strings.Split(path, "."))
		if want == false && ok || want != false && (!ok || got != want) {
			t.Errorf("Walk(%q) = %v, %t, want %v", path, got, ok, want)
		}
	}
}

// FuzzParse holds that reading never fails badly, and that a template puts its source together again.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"a{{x}}b", `\{{x}}`, `{{x|default:\"a\"}}`, "${A}", `{{x|lookup:"a=b,*=c"|date:"Y"}}`, "{{", "}}{{{{a}}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, source string) {
		template, err := token.Parse(source)
		if err != nil {
			if _, ok := errors.AsType[*token.SyntaxError](err); !ok {
				t.Fatalf("%v is no syntax error", err)
			}
		}
		length := 0
		for i, p := range template.Parts {
			if p.Token == nil {
				length += len(p.Literal)
				if p.Literal == "" || i > 0 && template.Parts[i-1].Token == nil {
					t.Errorf("part %d is empty or follows another literal", i)
				}
				continue
			}
			length += len(p.Token.Text)
			if got := source[p.Token.Offset : p.Token.Offset+len(p.Token.Text)]; got != p.Token.Text {
				t.Errorf("token %q stands at %d, where %q is", p.Token.Text, p.Token.Offset, got)
			}
			if again, err := token.Parse(p.Token.Text); err != nil || len(again.Parts) != 1 || again.Parts[0].Token.Name != p.Token.Name {
				t.Errorf("%q is not read again: %v", p.Token.Text, err)
			}
		}
		if length > len(source) || length < len(source)-strings.Count(source, `\`) {
			t.Errorf("%d bytes of %d are left of %q", length, len(source), source)
		}
	})
}
