package openapi

import (
	"strconv"
	"strings"
)

// The bounds of a document. They hold before memory is spent on what lies beyond them.
const (
	maxDepth  = 200
	maxValues = 1_500_000
)

// kind says what a value is. A document that leaves quotes out is read all the same, so numbers and booleans keep
// the text that they were written with.
type kind uint8

const (
	isNull kind = iota
	isBool
	isNumber
	isText
	isList
	isObject
)

// node is one value of the document. Values of objects stand in items beside their names. A YAML alias is the same
// node once more, so that a small text cannot grow into a large tree.
type node struct {
	kind  kind
	line  int32
	text  string
	names []string
	items []*node
	index map[string]*node // of a large object, made when it is first searched
}

// nothing is what a missing value reads as.
var nothing = &node{}

// get finds a value of an object by its name; nothing where there is none.
func (n *node) get(name string) *node {
	if n.kind != isObject {
		return nothing
	}
	if len(n.names) > 16 {
		if n.index == nil {
			n.index = make(map[string]*node, len(n.names))
			for i, own := range n.names {
				if n.index[own] == nil {
					n.index[own] = n.items[i]
				}
			}
		}
		if found := n.index[name]; found != nil {
			return found
		}
		return nothing
	}
	for i, own := range n.names {
		if own == name {
			return n.items[i]
		}
	}
	return nothing
}

// at follows names through objects.
func (n *node) at(names ...string) *node {
	for _, name := range names {
		n = n.get(name)
	}
	return n
}

// scalar is the text of a text, number or boolean, else "".
func (n *node) scalar() string {
	if n.kind == isText || n.kind == isNumber || n.kind == isBool {
		return n.text
	}
	return ""
}

func (n *node) yes() bool { return n.scalar() == "true" }

// list gives the items of a list; a single value is taken for a list of one.
func (n *node) list() []*node {
	switch n.kind {
	case isList:
		return n.items
	case isNull:
		return nil
	case isBool, isNumber, isText, isObject:
	}
	return []*node{n}
}

// first is the first value of an object or list, and its name.
func (n *node) first() (string, *node) {
	if len(n.items) == 0 {
		return "", nothing
	}
	if n.kind == isObject {
		return n.names[0], n.items[0]
	}
	return "", n.items[0]
}

// place names a spot of the document, with its line where that is known.
func (n *node) place(path ...string) string {
	where := strings.Join(path, ".")
	if n.line > 0 {
		where += " (line " + strconv.Itoa(int(n.line)) + ")"
	}
	return where
}
