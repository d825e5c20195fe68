package web

import (
	"regexp"
	"slices"
	"strings"

	"tieline/internal/integration"
	"tieline/views"
)

// applyEndpointOp does what a button inside the endpoint form asks for without saving: rows, the choice of a
// tab, a picked key, a Content-Type row. It is false for buttons that are none of these. Edit as text needs
// the header parser and is done by the handler.
func applyEndpointOp(f *views.EndpointForm, op string) bool {
	if applyPatchOp(f, op) {
		return true
	}
	if row, ok := parseRowOp(op); ok {
		if list, count := endpointList(f.Endpoint, row.List); list != "" {
			f.Focus = at(list, row.focus(count), "name")
		}
		if applyEndpointRows(&f.Endpoint, row) {
			return true
		}
	}
	name, value, _ := strings.Cut(op, ":")
	switch name {
	case "tab":
		f.Tab, f.Moved = tabOf(value, f.New()), true
	case "pick":
		f.Endpoint.Response.Key = value
		f.Tab, f.Moved, f.Focus = "response", true, "response.key"
	case "output":
		f.Endpoint.Response.Outputs = append(f.Endpoint.Response.Outputs, integration.Output{Name: outputName(value), Path: value})
		f.Tab, f.Moved = "response", true
		f.Focus = at("response.outputs", len(f.Endpoint.Response.Outputs)-1, "name")
	case "content-type":
		setContentType(&f.Endpoint, value)
	case "query-named":
		f.Endpoint.Query = append(f.Endpoint.Query, integration.Row{Name: value})
		f.Focus = at("query", len(f.Endpoint.Query)-1, "value")
	case "change":
	default:
		return false
	}
	return true
}

// endpointList is the key and the length of the list that row buttons name.
func endpointList(e integration.Endpoint, word string) (key string, count int) {
	switch word {
	case "header":
		return "headers", len(e.Headers)
	case "query":
		return "query", len(e.Query)
	case "path":
		return "path", len(e.Path)
	case "hard":
		return "hard", len(e.Hard)
	case "field":
		return "body.rows", len(e.Body.Rows)
	case "output":
		return "response.outputs", len(e.Response.Outputs)
	}
	return "", 0
}

// applyEndpointRows does a row operation on the list that the button names.
func applyEndpointRows(e *integration.Endpoint, op rowOp) bool {
	switch op.List {
	case "header":
		e.Headers = applyRows(e.Headers, op, integration.Row{})
	case "query":
		e.Query = applyRows(e.Query, op, integration.Row{})
	case "path":
		e.Path = applyRows(e.Path, op, integration.Row{})
	case "hard":
		e.Hard = applyRows(e.Hard, op, integration.HardRow{})
	case "field":
		e.Body.Rows = applyRows(e.Body.Rows, op, integration.BodyRow{})
	case "output":
		e.Response.Outputs = applyRows(e.Response.Outputs, op, integration.Output{})
	default:
		return false
	}
	return true
}

// outputName makes a name for an output from its path: the last part that is no number.
func outputName(path string) string {
	parts := strings.Split(path, ".")
	for _, part := range slices.Backward(parts) {
		if name := notInName.ReplaceAllString(part, ""); name != "" && (name[0] < '0' || name[0] > '9') {
			return name
		}
	}
	return "value"
}

var notInName = regexp.MustCompile(`[^A-Za-z0-9_]`)

// contentTypes are what choosing a body kind adds as a visible row. A multipart body's type has a boundary
// that is made when it is sent, so it gets none.
var contentTypes = map[string]string{
	"json": "application/json",
	"form": "application/x-www-form-urlencoded",
	"xml":  "application/xml",
}

// settleEndpoint adds what the form shows by itself: a path row for every {placeholder} that has none, and a
// Content-Type row when the body kind was changed to one that has a type. before is the kind that the form
// was filled with.
func settleEndpoint(f *views.EndpointForm, before string) {
	e := &f.Endpoint
	for _, name := range e.Placeholders() {
		if !hasRow(e.Path, name) && !pathParameter(f, name) {
			e.Path = append(e.Path, integration.Row{Name: name})
		}
	}
	e.Path = dropEmptyPath(e.Path, e.Placeholders())
	if e.Mapping != "" && e.Mapping != f.Stored.Mapping && e.MapsBody() && (e.Body.Kind == "" || e.Body.Kind == "none") {
		e.Body.Kind = "json" // the mapping fills it, and its Content-Type shows as a row
	}
	if e.Body.Kind == before {
		return
	}
	if kind, ok := contentTypes[e.Body.Kind]; ok {
		replaceContentType(e, contentTypes[before], kind)
	}
}

func hasRow(rows []integration.Row, name string) bool {
	for _, r := range rows {
		if strings.EqualFold(r.Name, name) {
			return true
		}
	}
	return false
}

// pathParameter tells whether a ticked parameter of the integration fills a placeholder.
func pathParameter(f *views.EndpointForm, name string) bool {
	for _, p := range f.Parameters {
		if p.Name == name && p.In == "path" && f.HasParam(name) {
			return true
		}
	}
	return false
}

// dropEmptyPath leaves out rows that were made for a placeholder that is gone and never filled in.
func dropEmptyPath(rows []integration.Row, names []string) []integration.Row {
	var kept []integration.Row
	for _, r := range rows {
		if r.Name == "" || r.Value != "" || slices.Contains(names, r.Name) {
			kept = append(kept, r)
		}
	}
	return kept
}

// setContentType gives the endpoint a Content-Type row, or changes the one it has.
func setContentType(e *integration.Endpoint, value string) {
	for i, h := range e.Headers {
		if strings.EqualFold(h.Name, "Content-Type") {
			e.Headers[i].Value, e.Headers[i].Enabled = value, nil
			return
		}
	}
	e.Headers = append(e.Headers, integration.Row{Name: "Content-Type", Value: value})
}

// replaceContentType follows a change of the body kind, but leaves a Content-Type alone that a person wrote.
func replaceContentType(e *integration.Endpoint, old, fresh string) {
	for _, h := range e.Headers {
		if strings.EqualFold(h.Name, "Content-Type") && h.Value != old {
			return
		}
	}
	setContentType(e, fresh)
}
