package imports

import (
	"regexp"
	"slices"
	"strings"

	"tieline/internal/catalogue"
	"tieline/internal/integration"
	"tieline/internal/redact"
	"tieline/internal/token"
)

var (
	percentName = regexp.MustCompile(`%([A-Za-z][A-Za-z0-9_]{1,63})%`)
	uuid        = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
	opaque      = regexp.MustCompile(`^[A-Za-z0-9_+/=.~:-]{20,}$`)
	known       = regexp.MustCompile(`eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*|\b(sk|pk|rk|whsec)_[A-Za-z0-9_]{16,}|\bgh[pousr]_[A-Za-z0-9]{20,}|\bxox[abeoprs]-[A-Za-z0-9-]{10,}|\bAKIA[0-9A-Z]{16}\b|\bpat-[a-z0-9]+-[0-9a-f-]{30,}`)
	jsonText    = regexp.MustCompile(`"((?:[^"\\]|\\.){1,100})"(\s*:\s*)"((?:[^"\\]|\\.)*)"`)
	jsonNumber  = regexp.MustCompile(`"((?:[^"\\]|\\.){1,100})"(\s*:\s*)(-?[0-9][0-9.eE+-]*)`)
	xmlText     = regexp.MustCompile(`<([A-Za-z_][\w.:-]{0,99})([^<>]*)>([^<>]+)</`)
)

// tokens turns %name% of other products into {{name}}. A percent escape is no name: only names that events carry,
// or with an underscore, are taken.
func tokens(text string) string {
	if !strings.Contains(text, "%") {
		return text
	}
	return percentName.ReplaceAllStringFunc(text, func(found string) string {
		name := strings.Trim(found, "%")
		if strings.Contains(name, "_") || slices.Contains(token.KnownNames(), name) {
			return catalogue.Token(name)
		}
		return found
	})
}

// secretHeader tells whether a header of this name holds a credential.
func secretHeader(name string) bool {
	plain := strings.ToLower(strings.NewReplacer("-", "", "_", "").Replace(name))
	for _, part := range []string{"token", "secret", "password", "apikey", "credential", "signature", "authkey", "accesskey", "authorization", "sessionid"} {
		if strings.Contains(plain, part) {
			return true
		}
	}
	return redact.Sensitive(name)
}

// looksSecret tells whether a value looks like a key: one of a known form, or long, without blanks, and with
// capitals, small letters and digits mixed.
func looksSecret(value string) bool {
	switch {
	case strings.Contains(value, "{{"), len(value) > 8192:
		return false
	case known.MatchString(value):
		return true
	case !opaque.MatchString(value), uuid.MatchString(value), strings.Contains(value, "://"), strings.Contains(value, "/") && strings.Contains(value, "."):
		return false
	}
	digits, small, capital := 0, 0, 0
	for _, r := range value {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case r >= 'a' && r <= 'z':
			small++
		case r >= 'A' && r <= 'Z':
			capital++
		}
	}
	hex := len(value) >= 32 && digits >= 6 && strings.Trim(strings.ToLower(value), "0123456789abcdef") == ""
	return hex || digits >= 3 && small >= 3 && capital >= 3
}

func (d *draft) isSecret(name, value string) bool {
	if strings.HasPrefix(value, "{{field.") || value == "" {
		return false
	}
	return redact.Sensitive(name) && !looksToken(value) || looksSecret(value)
}

// looksToken tells whether a value is nothing but a token, which holds no secret itself.
func looksToken(value string) bool {
	return strings.HasPrefix(value, "{{") && strings.HasSuffix(value, "}}")
}

// secret makes a secret parameter of the integration and gives its token.
func (d *draft) secret(name, in string) string {
	own := catalogue.Segment(name)
	d.into.AddParameter(integration.Parameter{Name: own, Label: catalogue.Line(name, 120), In: in, Secret: true, Required: true})
	d.note("The value of " + catalogue.Line(name, 80) + " was left out: it is the secret parameter " + own + " now.")
	return "{{field." + own + "}}"
}

// secretRow is a row whose value the integrator gives.
func (d *draft) secretRow(name, in string) integration.Row {
	d.secret(name, in)
	return integration.Row{Name: catalogue.Line(name, 200), Value: catalogue.Segment(name), Source: "field"}
}

// hideJSON lifts the secrets out of a JSON text, by name and by look. The text may hold tokens or be broken.
func (d *draft) hideJSON(text string) string {
	text = jsonText.ReplaceAllStringFunc(text, func(found string) string {
		m := jsonText.FindStringSubmatch(found)
		if !d.isSecret(m[1], m[3]) {
			return found
		}
		return `"` + m[1] + `"` + m[2] + `"` + d.secret(m[1], "body") + `"`
	})
	return jsonNumber.ReplaceAllStringFunc(text, func(found string) string {
		m := jsonNumber.FindStringSubmatch(found)
		if !redact.Sensitive(m[1]) {
			return found
		}
		return `"` + m[1] + `"` + m[2] + d.secret(m[1], "body")
	})
}

// hideXML does the same for XML.
func (d *draft) hideXML(text string) string {
	return xmlText.ReplaceAllStringFunc(text, func(found string) string {
		m := xmlText.FindStringSubmatch(found)
		if !d.isSecret(m[1], strings.TrimSpace(m[3])) {
			return found
		}
		return "<" + m[1] + m[2] + ">" + d.secret(m[1], "body") + "</"
	})
}

// sweep looks once more over everything for keys of a known form, wherever they stand.
func (d *draft) sweep() {
	e := &d.out.Endpoint
	hide := func(text string) string {
		return known.ReplaceAllStringFunc(text, func(string) string { return d.secret("Secret", "body") })
	}
	e.URL, e.Label, e.Body.Content = hide(e.URL), known.ReplaceAllString(e.Label, "…"), hide(e.Body.Content)
	d.out.Path, d.out.Name = known.ReplaceAllString(d.out.Path, "…"), known.ReplaceAllString(d.out.Name, "…")
	for _, rows := range [][]integration.Row{e.Query, e.Headers} {
		for i := range rows {
			rows[i].Value = hide(rows[i].Value)
		}
	}
	for i := range e.Body.Rows {
		e.Body.Rows[i].Value = hide(e.Body.Rows[i].Value)
	}
}
