package openapi

import (
	"net/http"
	"slices"
	"strings"

	"tieline/internal/catalogue"
	"tieline/internal/fault"
	"tieline/internal/integration"
	"tieline/internal/redact"
)

// draft is an operation while it is read.
type draft struct {
	*reader
	op    *node
	at    string // where it stands, for notes
	out   catalogue.Operation
	route route
	call  *integration.Endpoint
	began int // the steps when it began
}

// note adds a note to the operation, and to the report of the whole.
func (d *draft) note(n *node, message string) {
	d.out.Notes = append(d.out.Notes, catalogue.Note{Place: n.place(d.at), Message: message})
	d.into.Note(n.place(d.at), message)
}

// operation reads one operation into the catalogue.
func (r *reader) operation(names catalogue.Taken, seen map[string]bool, path, method string, item, op *node) {
	d := &draft{reader: r, op: op, at: "paths." + catalogue.Line(path, 120) + "." + method, route: r.route(path), began: r.steps}
	for _, message := range d.route.notes {
		d.note(op, message)
	}
	d.out = catalogue.Operation{Group: groupOf(op, path), Method: strings.ToUpper(method), Path: catalogue.Line(path, 300)}
	d.call = &d.out.Endpoint
	d.naming(names, seen)
	d.call.Method, d.call.URL = d.out.Method, d.route.path
	d.call.Query = d.route.query
	d.parameters(item)
	d.pathRows()
	d.security()
	d.requestBody()
	d.kind()
	d.answer()
	if fields, bad := fault.FieldsOf(d.call.Validate(integration.Integration{Parameters: r.into.Parameters})); bad {
		for _, field := range fault.Names(fields) {
			d.note(op, "To be mended before it can be saved: "+field+" – "+fields[field])
		}
	}
	r.into.Operations = append(r.into.Operations, d.out)
}

// naming gives the endpoint a valid name that no other has, and a label.
func (d *draft) naming(names catalogue.Taken, seen map[string]bool) {
	id := d.op.get("operationId")
	identifier := id.scalar()
	if strings.ContainsAny(identifier, "\r\n") {
		d.note(id, "The operationId has a line break in it.")
	}
	switch {
	case identifier != "" && seen[identifier]:
		d.note(id, "The operationId "+catalogue.Line(identifier, 80)+" stands more than once; this endpoint's name has a number.")
	case identifier == "":
		d.note(d.op, "There is no operationId; the name was made of method and path.")
	}
	seen[identifier] = true
	d.call.Name = names.Free(catalogue.EndpointName(identifier, d.out.Method, d.out.Path))
	summary := d.op.get("summary")
	if strings.ContainsAny(strings.TrimSpace(summary.scalar()), "\r\n") {
		d.note(summary, "The summary has line breaks; they became spaces.")
	}
	d.out.Name = catalogue.Line(summary.scalar(), 120)
	d.call.Label = d.out.Name
	if d.out.Name == "" {
		d.out.Name = d.call.Name
	}
	d.call.Description = catalogue.Line(d.op.get("description").scalar(), 500)
	if d.op.get("deprecated").yes() {
		d.note(d.op, "The other side calls this operation deprecated.")
	}
}

// parameters reads the parameters of the path and those of the operation, which win.
func (d *draft) parameters(item *node) {
	var all []*node
	for _, list := range []*node{d.op.get("parameters"), item.get("parameters")} {
		if list.kind == isObject {
			d.note(list, "The parameters are no list.")
		}
		for _, p := range list.list() {
			p = d.follow(p, d.at, "parameters")
			same := func(o *node) bool {
				return o.get("name").scalar() == p.get("name").scalar() && o.get("in").scalar() == p.get("in").scalar()
			}
			if p != nothing && !slices.ContainsFunc(all, same) {
				all = append(all, p)
			}
		}
	}
	// Those that must be given come first, in their order.
	slices.SortStableFunc(all, func(a, b *node) int { return rank(a) - rank(b) })
	for i, p := range all {
		if i == maxParameters {
			d.note(p, "There are more parameters than an endpoint holds; the first 100 were taken.")
			return
		}
		d.parameter(p)
	}
}

func rank(p *node) int {
	if p.get("required").yes() {
		return 0
	}
	return 1
}

func (d *draft) parameter(p *node) {
	name, in := catalogue.Line(p.get("name").scalar(), 200), p.get("in").scalar()
	row := integration.Row{Name: name, Value: d.valueOf(name, p), Enabled: integration.Switch(p.get("required").yes())}
	switch {
	case in == "body" && d.old:
	case name == "":
		d.note(p, "A parameter has no name.")
	case in == "query":
		if !slices.ContainsFunc(d.call.Query, func(r integration.Row) bool { return r.Name == name }) && len(d.call.Query) < maxParameters {
			d.secretRow(&row, "query", p)
			d.call.Query = append(d.call.Query, row)
		}
	case in == "header":
		d.header(row, p)
	case in == "path":
		own, ok := d.route.called[name]
		if !ok {
			d.note(p, "The path has no {"+name+"} for this path parameter; it became a query row that is switched off.")
			row.Enabled = integration.Switch(false)
			if len(d.call.Query) < maxParameters {
				d.call.Query = append(d.call.Query, row)
			}
			return
		}
		row.Name, row.Enabled = own, nil
		d.call.Path = append(d.call.Path, row)
	case in == "cookie":
		d.note(p, "The cookie parameter "+name+" was left out; endpoints send no cookies.")
	case in == "formData" && d.old: // read with the body
	default:
		d.note(p, "The parameter "+name+" is to stand in \""+catalogue.Line(in, 30)+"\", which is nowhere; it was left out.")
	}
}

func (d *draft) header(row integration.Row, p *node) {
	switch strings.ToLower(row.Name) {
	case "accept", "content-type", "authorization":
		return // OpenAPI says that these are described elsewhere
	}
	if !integration.ValidHeaderName(row.Name) {
		d.note(p, "A header cannot be called "+row.Name+"; it was left out.")
		return
	}
	d.secretRow(&row, "header", p)
	own := integration.Parameter{Name: row.Name, Label: catalogue.Line(row.Name, 120), In: "header", Required: true, Help: catalogue.Line(p.get("description").scalar(), 300)}
	lower := strings.ToLower(row.Name)
	switch {
	case lower == "idempotency-key":
		row.Value = "{{run.id}}"
	case !integration.On(row.Enabled) || row.Source != "" || !strings.HasPrefix(row.Value, "{{") || strings.HasPrefix(lower, "if-") || own.Validate() != nil:
	default: // what every call must say in a header is the integrator's: a tenant, a client id
		d.into.AddParameter(own)
		d.call.Params = append(d.call.Params, own.Name)
		return
	}
	d.call.Headers = append(d.call.Headers, row)
}

// secretRow makes a credential that stands among the parameters a secret parameter of the integration.
func (d *draft) secretRow(row *integration.Row, in string, p *node) {
	if !redact.Sensitive(row.Name) {
		return
	}
	name := catalogue.Segment(row.Name)
	d.into.AddParameter(integration.Parameter{Name: name, Label: catalogue.Line(row.Name, 120), In: in, Secret: true, Required: integration.On(row.Enabled)})
	row.Value, row.Source = name, "field"
	d.note(p, row.Name+" looks like a credential and became a secret parameter of the integration.")
}

// valueOf is the value of a parameter: the only one that is allowed, else its token.
func (d *draft) valueOf(name string, p *node) string {
	schema := d.follow(p.get("schema"), d.at)
	if schema == nothing {
		schema = p
	}
	if only, ok := onlyValue(schema); ok {
		return catalogue.Literal(only)
	}
	return catalogue.Token(name)
}

// onlyValue is the one value that a schema allows.
func onlyValue(schema *node) (string, bool) {
	if fixed := schema.get("const"); fixed.scalar() != "" {
		return catalogue.Line(fixed.scalar(), 500), true
	}
	if enum := schema.get("enum"); enum.kind == isList && len(enum.items) == 1 && enum.items[0].scalar() != "" {
		return catalogue.Line(enum.items[0].scalar(), 500), true
	}
	return "", false
}

// pathRows gives every placeholder a row; one that the document has no parameter for is filled by its name.
func (d *draft) pathRows() {
	for _, name := range d.route.names {
		if !slices.ContainsFunc(d.call.Path, func(r integration.Row) bool { return r.Name == name }) {
			d.call.Path = append(d.call.Path, integration.Row{Name: name, Value: catalogue.Token(name)})
			if !strings.Contains(d.base, "{"+name+"}") {
				d.note(d.op, "The document has no parameter for {"+name+"} of the path; it became a row all the same.")
			}
		}
	}
	order := func(r integration.Row) int { return slices.Index(d.route.names, r.Name) }
	slices.SortStableFunc(d.call.Path, func(a, b integration.Row) int { return order(a) - order(b) })
	d.call.Path = slices.CompactFunc(d.call.Path, func(a, b integration.Row) bool { return a.Name == b.Name })
}

// kind sets the endpoint's type by what it does.
func (d *draft) kind() {
	switch d.out.Method {
	case http.MethodPost, http.MethodPut, http.MethodPatch:
		sends := d.out.Body || len(d.call.Path) > 0 || slices.ContainsFunc(d.call.Query, func(r integration.Row) bool { return integration.On(r.Enabled) })
		if sends {
			d.call.Type = "PostData"
		}
	case http.MethodDelete:
		d.call.Type = "PostData"
	}
}
