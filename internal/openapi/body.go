package openapi

import (
	"slices"
	"strings"

	"tieline/internal/catalogue"
	"tieline/internal/integration"
)

// content is one kind of body: its media type with what it looks like.
type content struct {
	media   string
	schema  *node
	example *node
}

// requestBody gives the endpoint a body to start from: the shape of an example or of the schema, with a token for
// every value.
func (d *draft) requestBody() {
	body, required := d.contents()
	chosen, ok := choose(body)
	if !ok {
		if required {
			d.note(d.op.get("requestBody"), "The body has no content type; it is left to you.")
			d.setRaw("")
		}
		return
	}
	d.out.Body = true
	switch {
	case chosen.media == "application/x-www-form-urlencoded":
		d.call.Body.Kind = "form"
		d.formRows(chosen)
	case strings.HasPrefix(chosen.media, "multipart/"):
		d.call.Body.Kind = "multipart"
		d.formRows(chosen)
		return // its content type has a boundary that is made when it is sent
	case isJSON(chosen.media):
		d.call.Body = integration.Body{Kind: "json", Content: d.jsonBody(chosen)}
	case isXML(chosen.media):
		d.call.Body = integration.Body{Kind: "xml", Content: d.xmlBody(chosen)}
	default:
		d.setRaw(chosen.media)
		return
	}
	d.contentType(chosen.media)
}

func (d *draft) setRaw(media string) {
	d.out.Body = true
	d.call.Body = integration.Body{Kind: "raw", Content: "{{body}}"}
	d.contentType(media)
}

func (d *draft) contentType(media string) {
	if media != "" && !strings.Contains(media, "*") {
		d.call.Headers = append(d.call.Headers, integration.Row{Name: "Content-Type", Value: media})
	}
}

// contents are the kinds of bodies that the operation takes.
func (d *draft) contents() (all []content, required bool) {
	if d.old {
		return d.oldContents(), false
	}
	body := d.follow(d.op.get("requestBody"), d.at, "requestBody")
	types := body.get("content")
	for i, media := range types.names {
		all = append(all, d.content(media, types.items[i]))
	}
	return all, body.kind == isObject
}

func (d *draft) content(media string, n *node) content {
	media, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(media)), ";")
	example := n.get("example")
	if _, first := n.get("examples").first(); example == nothing && first != nothing {
		example = d.follow(first, d.at).get("value")
	}
	return content{strings.TrimSpace(media), n.get("schema"), example}
}

// oldContents are the bodies of version 2.0: a parameter in the body, or those of a form.
func (d *draft) oldContents() []content {
	consumes := d.op.get("consumes").list()
	if len(consumes) == 0 {
		consumes = d.root.get("consumes").list()
	}
	form := &node{kind: isObject}
	multipart := slices.ContainsFunc(consumes, func(n *node) bool { return strings.HasPrefix(n.scalar(), "multipart/") })
	for _, p := range d.op.get("parameters").list() {
		switch p = d.follow(p, d.at, "parameters"); p.get("in").scalar() {
		case "body":
			media := "application/json"
			if len(consumes) > 0 && consumes[0].scalar() != "" {
				media = consumes[0].scalar()
			}
			if slices.ContainsFunc(consumes, func(n *node) bool { return isJSON(n.scalar()) }) {
				media = "application/json"
			}
			return []content{{strings.ToLower(media), p.get("schema"), nothing}}
		case "formData":
			multipart = multipart || p.get("type").scalar() == "file"
			form.names, form.items = append(form.names, p.get("name").scalar()), append(form.items, p)
		}
	}
	if len(form.names) == 0 {
		return nil
	}
	media := "application/x-www-form-urlencoded"
	if multipart {
		media = "multipart/form-data"
	}
	return []content{{media, &node{kind: isObject, names: []string{"properties"}, items: []*node{form}}, nothing}}
}

// choose takes the kind of body that is easiest to fill: JSON, then a form, then XML, then whatever there is.
func choose(all []content) (content, bool) {
	for _, fits := range []func(string) bool{
		isJSON,
		func(m string) bool { return m == "application/x-www-form-urlencoded" },
		func(m string) bool { return strings.HasPrefix(m, "multipart/") },
		isXML,
		func(string) bool { return true },
	} {
		for _, c := range all {
			if fits(c.media) {
				if c.media == "*/*" || c.media == "application/*" {
					c.media = "application/json"
				}
				return c, true
			}
		}
	}
	return content{}, false
}

func isJSON(media string) bool {
	media = strings.ToLower(media)
	return strings.Contains(media, "json") || media == "*/*" || media == "application/*"
}

func isXML(media string) bool { return strings.Contains(strings.ToLower(media), "xml") }

// formRows makes a row of every field of a form; what need not be given is switched off.
func (d *draft) formRows(c content) {
	schema := d.schema(c.schema, 0)
	names, items := d.properties(schema, 0)
	required := d.required(schema)
	for i, name := range names {
		if len(d.call.Body.Rows) == maxParameters {
			d.note(c.schema, "The form has more fields than a body holds; the first 100 were taken.")
			return
		}
		p := d.schema(items[i], 0)
		must := slices.Contains(required, name) || items[i].get("required").yes()
		row := integration.BodyRow{Name: catalogue.Line(name, 200), Value: d.valueOf(name, p), Enabled: integration.Switch(must || len(required) == 0 && !d.old)}
		if format := p.get("format").scalar(); d.call.Body.Kind == "multipart" && (format == "binary" || format == "base64" || p.get("type").scalar() == "file") {
			row.FileName = catalogue.Token(name + "_name")
		}
		if row.Name != "" {
			d.call.Body.Rows = append(d.call.Body.Rows, row)
		}
	}
	if len(d.call.Body.Rows) == 0 {
		d.note(c.schema, "The form's fields are not described; they are left to you.")
		d.call.Body = integration.Body{Kind: "raw", Content: "{{body}}"}
	}
}
