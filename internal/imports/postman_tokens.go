package imports

import (
	"regexp"
	"strings"

	"tieline/internal/catalogue"
	"tieline/internal/integration"
	"tieline/internal/redact"
)

var postmanToken = regexp.MustCompile(`\{\{\s*([^{}\s][^{}]*?)\s*\}\}`)

// tokens turns Postman's variables into ours: those of the collection are the integrator's to give, the others are
// values of the event. A variable that holds the address of the server is filled in.
func (r *postmanReader) tokens(text string) string {
	for range 3 { // a variable may hold another one
		before := text
		if name, rest, ok := strings.Cut(strings.TrimPrefix(text, "{{"), "}}"); ok && strings.HasPrefix(text, "{{") {
			if value := r.values[strings.TrimSpace(name)]; strings.Contains(value, "://") || strings.HasPrefix(value, "{{") {
				text = strings.TrimRight(value, "/") + "/" + strings.TrimLeft(rest, "/")
				if rest == "" {
					text = value
				}
			}
		}
		if text == before {
			break
		}
	}
	return postmanToken.ReplaceAllStringFunc(text, func(found string) string {
		return r.token(postmanToken.FindStringSubmatch(found)[1])
	})
}

func (r *postmanReader) token(name string) string {
	switch name {
	case "$guid", "$randomUUID":
		return "{{run.id}}"
	case "$timestamp":
		return "{{now | unix}}"
	case "$isoTimestamp":
		return "{{now}}"
	}
	value, known := r.values[name]
	own := catalogue.Segment(name)
	switch {
	case r.secret[name] || redact.Sensitive(name):
		r.into.AddParameter(integration.Parameter{Name: own, Label: catalogue.Line(name, 120), Secret: true, Required: true})
	case known && value != "" && !strings.Contains(value, "{{"):
		r.into.AddParameter(integration.Parameter{Name: own, Label: catalogue.Line(name, 120), Default: catalogue.Line(value, 500)})
	default:
		return catalogue.Token(own)
	}
	return "{{field." + own + "}}"
}
