package request

import (
	"slices"

	"tieline/internal/mapping"
	"tieline/internal/run"
	"tieline/internal/token"
)

// mappedQuery adds what the mapping made to the query string; rows, parameters and hard rows of a name win.
func (b *builder) mappedQuery(query bool) bool {
	if b.mapped == nil || b.p.mapped.where != "url" {
		return query
	}
	b.pairs("query string", b.p.query, atQuery, func() {
		b.joinQuery(query)
		query = true
	})
	return query
}

// mappedForm writes what the mapping made as fields of a form and gives their number.
func (b *builder) mappedForm() int {
	n := 0
	if b.mapped != nil {
		b.pairs("form", b.p.body.fields, atForm, func() {
			if n++; n > 1 {
				b.buf = append(b.buf, '&')
			}
		})
	}
	return n
}

// pairs writes every value that the mapping made as name=value, except where a row has the name; next is called
// before each.
func (b *builder) pairs(place string, rows []row, at position, next func()) {
	if !b.mapped.Opened().IsObject() {
		b.refuse(b.p.prefix+"mapping", shapeFailure(b.p.mapped.plan.Name, "a list or a single value", "a "+place))
		return
	}
	b.mapped.Flat(func(name string, v token.Value) {
		escaped := string(at.append(nil, name))
		for i := range rows {
			if rows[i].name == escaped && (!rows[i].optional || !b.absent(&rows[i])) {
				return
			}
		}
		s := token.Text(v.Data)
		if b.fail != nil || !b.room(b.mappedText(), at.size(s)+at.size(name)) {
			return
		}
		next()
		b.buf = append(append(b.buf, escaped...), '=')
		from := len(b.buf)
		if b.buf = at.append(b.buf, s); v.Secret {
			b.span(from)
		}
	})
}

// mappedText stands for the mapping where a template is asked for.
func (b *builder) mappedText() *text {
	return &text{field: b.p.prefix + "mapping", where: b.p.mapped.where}
}

func shapeFailure(name, made, place string) run.Failure {
	return run.Failure{
		Cause: run.MappingCause, Summary: "the mapping " + name + " makes " + made + ", which cannot be sent as " + place,
		Evidence: "Mapping " + name + ".",
		Hint:     "The mapping " + name + " makes " + made + ", and " + place + " has names with values. Take out the split or change the program, or send a JSON body.",
	}
}

// mappedJSON writes the JSON body: what the mapping made, then parameters and hard rows, then the JSON that is
// written in the endpoint's body, each over the one before.
func (b *builder) mappedJSON() {
	p := &b.p.body
	if b.mapped == nil {
		b.buf = append(b.buf, "{}"...)
	} else {
		b.buf = b.mapped.AppendJSON(b.buf, func(from, to int) { b.spanOf(from, to) })
	}
	if len(p.fields) > 0 && b.fail == nil {
		b.setFields()
	}
	if len(p.text.parts) == 0 || b.fail != nil {
		return
	}
	low := b.takePiece()
	b.text(p.text)
	b.compare()
	high := b.takePiece()
	m := merger{low: low, high: high, kept: b.keptFields()}
	m.merge()
	b.buf = m.out
	b.call.Spans = append(b.call.Spans, m.spans...)
}

// keptFields are the names of parameters and hard rows that the body's own JSON may not set, because its author
// did not write them: they would come from a client.
func (b *builder) keptFields() []string {
	var names []string
	for i := range b.p.body.fields {
		if name := b.p.body.fields[i].name; !slices.Contains(b.p.mapped.written, name) {
			names = append(names, name)
		}
	}
	return names
}

// mappedXML writes what the mapping made as XML: one root element, objects as elements below it, lists as
// repeated elements.
func (b *builder) mappedXML() {
	if b.mapped == nil {
		return
	}
	root := b.mapped.Opened()
	if !root.IsObject() || root.Len() != 1 {
		b.refuse(b.p.prefix+"mapping", shapeFailure(b.p.mapped.plan.Name, "more than one root element", "an XML body"))
		return
	}
	b.elements(root)
}

func (b *builder) elements(n *mapping.Node) {
	n.Each(func(name string, child *mapping.Node) {
		switch {
		case b.fail != nil:
		case !xmlName(name):
			b.refuse(b.p.prefix+"mapping", positionFailure(name, "the XML body", "The mapping names an element "+shownValue(token.Value{}, name)+", which is no name of XML: a letter first, then letters, digits, - and _."))
		case child.IsList():
			child.Each(func(_ string, item *mapping.Node) { b.element(name, item) })
		default:
			b.element(name, child)
		}
	})
}

func (b *builder) element(name string, n *mapping.Node) {
	b.buf = append(append(append(b.buf, '<'), name...), '>')
	if v, single := n.Leaf(); single {
		s, from := token.Text(v.Data), len(b.buf)
		if !b.allowed(b.mappedText(), &part{tok: &token.Token{Text: name}, at: atXMLText}, v, s) || !b.room(b.mappedText(), atXMLText.size(s)) {
			return
		}
		if b.buf = atXMLText.append(b.buf, s); v.Secret {
			b.span(from)
		}
	} else {
		b.elements(n)
	}
	b.buf = append(append(append(b.buf, "</"...), name...), '>')
}

func xmlName(s string) bool {
	if s == "" || len(s) > 100 || !isLetter(s[0]) && s[0] != '_' {
		return false
	}
	for i := range len(s) {
		if c := s[i]; !isLetter(c) && (c < '0' || c > '9') && c != '-' && c != '_' && c != '.' {
			return false
		}
	}
	return true
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
