package openapi

import (
	"encoding/json"
	"encoding/xml"
	"slices"
	"strconv"
	"strings"

	"tieline/internal/catalogue"
)

// shapeOf finds the shape of a body: what its schema requires, else its example, else all that its schema has.
func (d *draft) shapeOf(c content) (shape, bool) {
	schema := d.schema(c.schema, 0)
	if len(d.required(schema)) > 0 {
		s := shaper{draft: d, only: true}
		if out, ok := s.ofSchema(c.schema, nil); ok {
			d.others(schema, out)
			return out, true
		}
	}
	if example := d.example(c, schema); example != nothing {
		s := shaper{draft: d}
		if out, ok := s.ofExample(example, nil); ok {
			return out, true
		}
	}
	s := shaper{draft: d}
	out, ok := s.ofSchema(c.schema, nil)
	if s.leaves > maxLeaves {
		d.note(c.schema, "The body has more properties than are worth starting from; some were left out.")
	}
	return out, ok
}

// example is an object or a list that shows the body; many documents hold it as JSON in a text.
func (d *draft) example(c content, schema *node) *node {
	for _, n := range []*node{c.example, c.schema.get("example"), schema.get("example")} {
		if n.kind == isText && len(n.text) < 64<<10 && strings.HasPrefix(strings.TrimSpace(n.text), "{") {
			if inner, err := parseJSON([]byte(n.text)); err == nil {
				n = inner
			}
		}
		if n.kind == isObject && len(n.items) > 0 || n.kind == isList && len(n.items) > 0 && n.items[0].kind == isObject {
			return n
		}
	}
	return nothing
}

// others tells in the description what may be sent beside what must be.
func (d *draft) others(schema *node, out shape) {
	names, items := d.properties(schema, 0)
	var more []string
	for i, name := range names {
		if !slices.Contains(out.names, name) && !d.schema(items[i], 0).get("readOnly").yes() && len(more) < 60 {
			more = append(more, catalogue.Line(name, 60))
		}
	}
	if len(more) == 0 {
		return
	}
	text := "The body may also have: " + strings.Join(more, ", ") + "."
	if d.call.Description != "" {
		text = d.call.Description + "\n\n" + text
	}
	d.call.Description = text
}

// jsonBody is a JSON template of the body's shape.
func (d *draft) jsonBody(c content) string {
	out, ok := d.shapeOf(c)
	if !ok {
		d.note(c.schema, "The body is not described; it is left to you.")
		return "{{body}}"
	}
	var b strings.Builder
	writeJSON(&b, out, "")
	return b.String()
}

func writeJSON(b *strings.Builder, s shape, indent string) {
	switch {
	case s.list:
		b.WriteString("[")
		for _, item := range s.items {
			writeJSON(b, item, indent)
		}
		b.WriteString("]")
	case s.names != nil:
		b.WriteString("{")
		for i, name := range s.names {
			if i > 0 {
				b.WriteString(",")
			}
			b.WriteString("\n" + indent + "  " + quote(catalogue.Literal(name)) + ": ")
			writeJSON(b, s.items[i], indent+"  ")
		}
		b.WriteString("\n" + indent + "}")
	case s.token == "":
		b.WriteString(quote(s.literal))
	case s.quoted:
		b.WriteString(`"` + s.token + `"`)
	default:
		b.WriteString(s.token)
	}
}

// quote writes a text as JSON. A backslash before a brace, which makes it a literal one, stays single.
func quote(text string) string {
	written, err := json.Marshal(text)
	if err != nil {
		return strconv.Quote(text)
	}
	return strings.NewReplacer(`\\{{`, `\{{`, `\\${`, `\${`, `\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(written))
}

// xmlBody is an XML template of the body's shape.
func (d *draft) xmlBody(c content) string {
	out, ok := d.shapeOf(c)
	if !ok || out.names == nil {
		d.note(c.schema, "The body is not described; it is left to you.")
		return "{{body}}"
	}
	root := d.schema(c.schema, 0).at("xml", "name").scalar()
	if ref := c.schema.get("$ref").scalar(); root == "" && ref != "" {
		root = ref[strings.LastIndexByte(ref, '/')+1:]
	}
	var b strings.Builder
	writeXML(&b, out, element(root), "")
	return strings.TrimSuffix(b.String(), "\n")
}

// element is a name that an element may have.
func element(name string) string {
	if name = catalogue.Segment(name); name == "p" {
		return "body"
	}
	return name
}

func writeXML(b *strings.Builder, s shape, name, indent string) {
	switch {
	case s.list:
		for _, item := range s.items {
			writeXML(b, item, name, indent)
		}
		return
	case s.names != nil:
		b.WriteString(indent + "<" + name + ">\n")
		for i, inner := range s.names {
			writeXML(b, s.items[i], element(inner), indent+"  ")
		}
		b.WriteString(indent)
	default:
		b.WriteString(indent + "<" + name + ">" + s.token)
		_ = xml.EscapeText(b, []byte(s.literal)) // a strings.Builder never fails
	}
	b.WriteString("</" + name + ">\n")
}
