package openapi

import (
	"slices"

	"tieline/internal/catalogue"
)

const (
	maxLeaves  = 60 // tokens in one body
	maxNesting = 6  // objects in each other in one body
)

// schema follows references, and takes the first of several forms that a value may have.
func (d *draft) schema(n *node, depth int) *node {
	for range 20 {
		d.steps++
		n = d.follow(n, d.at)
		var forms *node
		for _, word := range []string{"oneOf", "anyOf"} {
			if of := n.get(word); forms == nil && len(of.items) > 0 && n.get("properties") == nothing {
				forms = of
			}
		}
		if forms == nil || depth > maxNesting || d.spent() {
			return n
		}
		n = forms.items[0]
		for _, form := range forms.items {
			if form.get("type").scalar() != "null" {
				n = form
				break
			}
		}
	}
	return nothing
}

// spent tells whether the operation, or the document, has had its share of work; what is left has no shape.
func (d *draft) spent() bool {
	if d.steps < maxSteps && d.steps-d.began < maxOperationSteps {
		return false
	}
	if !d.told {
		d.told = true
		d.into.Note("", "The schemas of this document are too large to read all of them; some bodies are left to you.")
	}
	return true
}

// properties are the members of an object and of what it is composed of.
func (d *draft) properties(schema *node, depth int) (names []string, items []*node) {
	own := schema.get("properties")
	for i, name := range own.names {
		if !slices.Contains(names, name) {
			names, items = append(names, name), append(items, own.items[i])
		}
	}
	if depth > maxNesting || d.spent() {
		return names, items
	}
	for _, part := range schema.get("allOf").list() {
		more, values := d.properties(d.schema(part, depth+1), depth+1)
		for i, name := range more {
			if !slices.Contains(names, name) {
				names, items = append(names, name), append(items, values[i])
			}
		}
		if len(names) > 2000 {
			break
		}
	}
	return names, items
}

// required are the names that an object must have.
func (d *draft) required(schema *node) []string {
	var names []string
	for _, part := range append([]*node{schema}, schema.get("allOf").list()...) {
		part = d.schema(part, maxNesting)
		if required := part.get("required"); required.kind == isList {
			for _, name := range required.items {
				names = append(names, name.scalar())
			}
		}
	}
	return names
}

// typeOf is what a value is: object, array, string, number, integer, boolean, or "".
func (d *draft) typeOf(schema *node) string {
	for _, t := range schema.get("type").list() { // 3.1 has lists of types
		if t.scalar() != "" && t.scalar() != "null" {
			return t.scalar()
		}
	}
	switch {
	case schema.get("properties").kind == isObject, schema.get("allOf").kind == isList:
		return "object"
	case schema.get("items").kind == isObject:
		return "array"
	}
	return ""
}

// shape is a body with tokens for its values.
type shape struct {
	list    bool     // one item stands for all
	names   []string // of an object; nil for a value or a list
	items   []shape
	token   string // of a value
	literal string // of a value that can be nothing else
	quoted  bool   // a value that is a text
}

func (s shape) value() bool { return s.names == nil && !s.list }

// shaper makes the shape of one body within its bounds.
type shaper struct {
	*draft
	leaves int
	above  []*node // the schemas that this value is in
	only   bool    // only what is required
}

// ofSchema is the shape of a schema. ok is false for what does not fit.
func (s *shaper) ofSchema(n *node, path []string) (out shape, ok bool) {
	n = s.schema(n, len(path))
	if n.kind != isObject || slices.Contains(s.above, n) || len(path) > maxNesting || s.spent() {
		return shape{}, false
	}
	s.above = append(s.above, n)
	defer func() { s.above = s.above[:len(s.above)-1] }()
	switch s.typeOf(n) {
	case "object":
		return s.object(n, path)
	case "array":
		item, ok := s.ofSchema(n.get("items"), append(slices.Clone(path), "0"))
		if !ok || item.value() { // a list of plain values is one token, and so is one of what cannot be told
			if len(path) == 0 {
				path = []string{"items"}
			}
			return s.leaf(path, false)
		}
		return shape{list: true, items: []shape{item}}, true
	case "string":
		if only, ok := onlyValue(n); ok {
			return shape{literal: catalogue.Literal(only), quoted: true}, true
		}
		return s.leaf(path, true)
	}
	return s.leaf(path, false)
}

func (s *shaper) leaf(path []string, quoted bool) (shape, bool) {
	if s.leaves++; s.leaves > maxLeaves {
		return shape{}, false
	}
	if len(path) == 0 {
		path = []string{"body"}
	}
	return shape{token: catalogue.Token(path...), quoted: quoted}, true
}

func (s *shaper) object(n *node, path []string) (shape, bool) {
	names, items := s.properties(n, len(path))
	required := s.required(n)
	if len(names) == 0 {
		return s.leaf(path, false) // any object
	}
	out := shape{names: []string{}}
	for i, name := range names {
		must := slices.Contains(required, name)
		property := s.schema(items[i], len(path))
		switch {
		case property.get("readOnly").yes() || items[i].get("readOnly").yes():
			continue
		case s.only && len(required) > 0 && !must:
			continue
		case !must && len(path) > 1 && (s.typeOf(property) == "object" || s.typeOf(property) == "array"):
			continue // what hangs on what hangs on it is seldom needed
		}
		value, ok := s.ofSchema(items[i], append(slices.Clone(path), name))
		if ok {
			out.names, out.items = append(out.names, catalogue.Line(name, 200)), append(out.items, value)
		}
	}
	return out, len(out.names) > 0
}

// ofExample is the shape of an example: its structure, with tokens for its values.
func (s *shaper) ofExample(n *node, path []string) (shape, bool) {
	switch n.kind {
	case isObject:
		out := shape{names: []string{}}
		for i, name := range n.names {
			value, ok := s.ofExample(n.items[i], append(slices.Clone(path), name))
			if !ok {
				return shape{}, false
			}
			out.names, out.items = append(out.names, catalogue.Line(name, 200)), append(out.items, value)
		}
		return out, len(path) < maxNesting
	case isList:
		if len(n.items) > 0 && n.items[0].kind == isObject {
			item, ok := s.ofExample(n.items[0], append(slices.Clone(path), "0"))
			return shape{list: true, items: []shape{item}}, ok
		}
		if len(path) == 0 {
			path = []string{"items"}
		}
		return s.leaf(path, false)
	case isText:
		return s.leaf(path, true)
	case isNull, isBool, isNumber:
	}
	return s.leaf(path, false)
}
