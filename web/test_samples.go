package web

import (
	"strings"

	"tieline/internal/integration"
	"tieline/internal/token"
)

// sampleTokens is a start for the test's tokens: the bare names that the endpoint's templates ask for, with
// nothing in them, as JSON. It is "" where they ask for none.
func sampleTokens(e integration.Endpoint) string {
	var names []string
	seen := map[string]bool{}
	for _, source := range templatesOf(e) {
		parsed, err := token.Parse(source)
		if err != nil {
			continue
		}
		for _, part := range parsed.Parts {
			if part.Token == nil || part.Token.Namespace != token.Event || len(part.Token.Path) == 0 {
				continue
			}
			name := part.Token.Path[0]
			if name == "record" || seen[name] {
				continue
			}
			seen[name] = true
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("{\n")
	for i, name := range names {
		b.WriteString("  " + string(token.AppendJSON(nil, name)) + `: ""`)
		if i < len(names)-1 {
			b.WriteByte(',')
		}
		b.WriteByte('\n')
	}
	b.WriteByte('}')
	return b.String()
}

// templatesOf are all texts of an endpoint in which tokens may stand.
func templatesOf(e integration.Endpoint) []string {
	sources := []string{e.URL, finishBody(e.Body).Content}
	for _, rows := range [][]integration.Row{e.Query, e.Headers, e.Path} {
		for _, r := range rows {
			switch {
			case !integration.On(r.Enabled):
			case r.Source == "event":
				sources = append(sources, "{{"+r.Value+"}}")
			case r.Source == "":
				sources = append(sources, r.Value)
			}
		}
	}
	for _, r := range e.Hard {
		sources = append(sources, r.Value)
	}
	for _, r := range finishBody(e.Body).Rows {
		if integration.On(r.Enabled) {
			sources = append(sources, r.Value)
		}
	}
	return sources
}
