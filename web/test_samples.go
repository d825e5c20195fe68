package web

import (
	"slices"
	"strings"

	"tieline/internal/integration"
	"tieline/internal/token"
)

// samples are values for names that events usually carry, so that a first test has something to send.
var samples = map[string]string{
	"phone_number": "+15551234567", "caller_id": "+15551234567", "first_name": "Test", "last_name": "Contact",
	"email": "contact@example.test", "agent_email": "agent@example.test", "call_log_id": "88", "lead_id": "1234567",
	"InvoiceNumber": "INV0000001", "authToken": "sample-token", "ipAddress": "203.0.113.7", "status": "SALE",
}

// sampleTokens is a start for the test's tokens, as JSON: those bare names of the endpoint's templates that
// have a usual value. A name that nobody knows is left out, so that a test of it fails by name. It is "" where
// there is nothing to fill in.
func sampleTokens(e integration.Endpoint) string {
	var names []string
	for _, source := range templatesOf(e) {
		parsed, err := token.Parse(source)
		if err != nil {
			continue
		}
		for _, part := range parsed.Parts {
			if part.Token == nil || part.Token.Namespace != token.Event || len(part.Token.Path) != 1 {
				continue
			}
			if name := part.Token.Path[0]; samples[name] != "" && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	if len(names) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("{\n")
	for i, name := range names {
		b.WriteString("  " + string(token.AppendJSON(nil, name)) + ": " + string(token.AppendJSON(nil, samples[name])))
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
