package mapping

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"

	"tieline/internal/token"
)

// Node is one value of what a mapping makes: an object whose names keep the order in which they were set, a
// list, or a single value, which may be a whole object of the record that nothing looked into.
type Node struct {
	kind  kind
	names []string // of an object, beside items
	items []*Node
	value token.Value
}

type kind int

const (
	single kind = iota
	object
	list
)

// Leaf gives a single value.
func (n *Node) Leaf() (token.Value, bool) { return n.value, n.kind == single }

// IsList tells whether it is a list that the mapping itself made.
func (n *Node) IsList() bool { return n.kind == list }

// IsObject tells whether it is an object.
func (n *Node) IsObject() bool { return n.kind == object }

// Len is the number of members or items.
func (n *Node) Len() int { return len(n.items) }

// Each gives every member of an object with its name, or every item of a list with its index, in order.
func (n *Node) Each(yield func(name string, child *Node)) {
	for i, child := range n.items {
		name := strconv.Itoa(i)
		if n.kind == object {
			name = n.names[i]
		}
		yield(name, child)
	}
}

// Secret tells whether a secret value is anywhere in it.
func (n *Node) Secret() bool {
	return n.value.Secret || slices.ContainsFunc(n.items, (*Node).Secret)
}

// Opened is the node with a single value that is an object or a list taken apart into nodes, so that every
// value in it stands by itself.
func (n *Node) Opened() *Node {
	if n.kind == single {
		n = open(n.value)
	}
	if n.kind == single {
		return n
	}
	out := &Node{kind: n.kind, names: n.names, items: make([]*Node, len(n.items))}
	for i, child := range n.items {
		out.items[i] = child.Opened()
	}
	return out
}

// open takes one level of a value apart.
func open(v token.Value) *Node {
	inner := func(data any) *Node {
		if nested, ok := data.(token.Value); ok {
			data, v.Secret = nested.Data, v.Secret || nested.Secret
		}
		return &Node{value: token.Value{Data: data, Secret: v.Secret}}
	}
	switch data := v.Data.(type) {
	case map[string]any:
		n := &Node{kind: object}
		for _, name := range slices.Sorted(maps.Keys(data)) {
			n.names, n.items = append(n.names, name), append(n.items, inner(data[name]))
		}
		return n
	case []any:
		n := &Node{kind: list}
		for _, item := range data {
			n.items = append(n.items, inner(item))
		}
		return n
	}
	return &Node{value: v}
}

// AppendJSON appends the node as JSON; secret, where it is not nil, is told where secret values stand.
func (n *Node) AppendJSON(out []byte, secret func(from, to int)) []byte {
	if n.kind == single {
		from := len(out)
		out = token.AppendJSON(out, n.value.Data)
		if n.value.Secret && secret != nil {
			marks := 0
			if _, quoted := n.value.Data.(string); quoted {
				marks = 1
			}
			secret(from+marks, len(out)-marks)
		}
		return out
	}
	opening, closing := byte('{'), byte('}')
	if n.kind == list {
		opening, closing = '[', ']'
	}
	out = append(out, opening)
	for i, child := range n.items {
		if i > 0 {
			out = append(out, ',')
		}
		if n.kind == object {
			out = append(token.AppendJSONText(append(out, '"'), n.names[i]), `":`...)
		}
		out = child.AppendJSON(out, secret)
	}
	return append(out, closing)
}

// ReadNode reads one JSON value; numbers keep their text.
func ReadNode(text []byte) (*Node, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var data any
	if err := decoder.Decode(&data); err != nil {
		return nil, err
	}
	if decoder.More() {
		return nil, errors.New("more than one value")
	}
	return (&Node{value: token.Value{Data: data}}).Opened(), nil
}

func (n *Node) clone() *Node {
	out := *n
	out.names, out.items = slices.Clone(n.names), make([]*Node, len(n.items))
	for i, child := range n.items {
		out.items[i] = child.clone()
	}
	return &out
}

// Flat gives every single value with its dotted name, as forms and query strings want them. A list of single
// values repeats its name; objects in a list are told apart by their index.
func (n *Node) Flat(yield func(name string, v token.Value)) { n.Opened().flat("", yield) }

func (n *Node) flat(name string, yield func(name string, v token.Value)) {
	if n.kind == single {
		yield(name, n.value)
		return
	}
	n.Each(func(step string, child *Node) {
		switch {
		case n.kind == list && child.kind == single && name != "":
			step = name
		case name != "":
			step = name + "." + step
		}
		child.flat(step, yield)
	})
}

// Hide makes every value of the node secret: what was made of a secret is one.
func (n *Node) Hide() {
	n.value.Secret = n.kind == single
	for _, child := range n.items {
		child.Hide()
	}
}
