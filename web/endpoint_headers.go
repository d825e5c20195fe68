package web

import (
	"strings"

	"tieline/internal/fault"
	"tieline/internal/integration"
	"tieline/internal/request"
	"tieline/views"
)

// showHeaderText turns the header rows into text for editing.
func showHeaderText(f *views.EndpointForm) {
	f.HeadersText, f.AsText = request.HeaderText(f.Endpoint.Headers), true
	f.Focus = "headers_text"
}

// applyHeaderText makes rows of the text, and tells whether it cannot be read. Whatever button was pressed, the
// text counts; only going back drops it.
func applyHeaderText(f *views.EndpointForm, op string) (problem bool) {
	if op == "headers-cancel" {
		f.AsText = false
		return false
	}
	rows, err := request.ParseHeaderText(f.HeadersText)
	if err != nil {
		fields, _ := fault.FieldsOf(err)
		message := fields["headers"]
		if message == "" {
			message = fault.MessageOf(err)
		}
		f.Problems = map[string]string{"headers_text": message}
		return true
	}
	f.Endpoint.Headers = request.KeepRows(f.Endpoint.Headers, rows, sameHeader)
	f.AsText = false
	return false
}

// sameHeader tells whether a typed row is what a row with a source looks like as text.
func sameHeader(before, typed integration.Row) bool {
	if before.Source == "" {
		return false
	}
	lines, err := request.ParseHeaderText(request.HeaderText([]integration.Row{before}))
	return err == nil && len(lines) == 1 && strings.EqualFold(lines[0].Name, typed.Name) && lines[0].Value == typed.Value
}

// managed notes the header rows that Tieline writes itself, by row.
func managed(rows []integration.Row) map[int]string {
	notes := map[int]string{}
	for i, r := range rows {
		if note, ok := request.Managed(r.Name); ok {
			notes[i] = note
		}
	}
	return notes
}

// contentTypeHint is a Content-Type worth adding: the raw body has the shape of JSON and no row says so.
func contentTypeHint(e integration.Endpoint) string {
	if e.Body.Kind != "raw" {
		return ""
	}
	body := strings.TrimSpace(e.Body.Content)
	shaped := strings.HasPrefix(body, "{") && strings.HasSuffix(body, "}") && !strings.HasPrefix(body, "{{") ||
		strings.HasPrefix(body, "[") && strings.HasSuffix(body, "]")
	if !shaped {
		return ""
	}
	for _, h := range e.Headers {
		if strings.EqualFold(h.Name, "Content-Type") && integration.On(h.Enabled) {
			return ""
		}
	}
	return "application/json"
}
