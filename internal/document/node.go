package document

import (
	"encoding/json"
	"strconv"
)

// kind says what a value in a document is, in the words of both syntaxes.
type kind int

const (
	isNull kind = iota
	isBool
	isNumber
	isText
	isList
	isObject
)

// word names a kind as a person would, for "expected text, got a list".
func (k kind) word() string {
	switch k {
	case isNull:
		return "null"
	case isBool:
		return "true or false"
	case isNumber:
		return "a number"
	case isText:
		return "text"
	case isList:
		return "a list"
	case isObject:
		return "an object"
	}
	return "nothing"
}

// node is one value of a document, the same for JSON, YAML and Go values. Text is the text of a text and the
// literal of a number or bool. Raw is the JSON text as it stood, where it came from JSON or a json.RawMessage.
type node struct {
	kind    kind
	text    string
	raw     []byte
	items   []node
	members []member
	twice   bool // a name stands twice in this object, or in one below
	secret  bool // text must not be shown; only for comparing
	pointed bool // a bool behind a pointer: a switch that is on where nothing is written
	at      spot
}

// member is one named value of an object.
type member struct {
	name  string
	at    spot
	value node
}

// spot is where something stands in the text: a line and column where they are known (YAML), else an offset.
type spot struct{ line, column, offset int }

// member finds a value of an object by name.
func (n *node) member(name string) (*node, bool) {
	for i := range n.members {
		if n.members[i].name == name {
			return &n.members[i].value, true
		}
	}
	return nil, false
}

// value is the node as plain data: nil, bool, json.Number, string, []any or map[string]any.
func (n *node) value() any {
	switch n.kind {
	case isNull:
		return nil
	case isBool:
		return n.text == "true"
	case isNumber:
		return json.Number(n.text)
	case isText:
		return n.text
	case isList:
		list := make([]any, len(n.items))
		for i := range n.items {
			list[i] = n.items[i].value()
		}
		return list
	case isObject:
		object := make(map[string]any, len(n.members))
		for i := range n.members {
			object[n.members[i].name] = n.members[i].value.value()
		}
		return object
	}
	return nil
}

// place is the dotted path of a value, built only when somebody asks for it.
type place struct {
	up    *place
	name  string
	index int
}

func (p *place) member(name string) *place { return &place{up: p, name: name, index: -1} }
func (p *place) item(index int) *place     { return &place{up: p, index: index} }

// String is the path as the keys of problems have it: "endpoints.0.headers.1.name"; the whole is "".
func (p *place) String() string {
	if p == nil {
		return ""
	}
	own := short(p.name)
	if p.index >= 0 {
		own = strconv.Itoa(p.index)
	}
	if up := p.up.String(); up != "" {
		return up + "." + own
	}
	return own
}

// short keeps a name that somebody sent fit for a message.
func short(name string) string {
	if r := []rune(name); len(r) > 80 {
		return string(r[:80]) + "…"
	}
	return name
}
