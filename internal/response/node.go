package response

import (
	"encoding/json"
	"strconv"
	"strings"
)

// The budgets of everything that is parsed.
const (
	maxParse = 2 << 20
	maxDepth = 64
	maxNodes = 100_000
)

type kind uint8

const (
	kindNull kind = iota
	kindBool
	kindNumber
	kindText
	kindList
	kindObject
)

// node is one value of an answer, whatever its format. text is the value as written; key is the member or
// element name. Members keep their order.
type node struct {
	key     string
	text    string
	kids    []node
	kind    kind
	element bool // XML: kids are elements and "@attributes", names may repeat
	row     bool // CSV: cells may be named by position too
}

// describe says what a value is, for a person; hide masks secrets before a text is cut.
func (n *node) describe(hide func(string) string) string {
	switch n.kind {
	case kindNull:
		return "null"
	case kindBool:
		return n.text
	case kindNumber:
		return "the number " + clip(hide(n.text), 40)
	case kindText:
		if n.text == "" {
			return "an empty text"
		}
		return "the text " + quote(clip(hide(n.text), 40))
	case kindList:
		return "a list of " + plural(len(n.kids), "item")
	case kindObject:
		return "an object with " + plural(len(n.kids), "member")
	}
	return "a value"
}

// scalar gives the text of a value that is not a list or an object.
func (n *node) scalar() (string, bool) {
	switch n.kind {
	case kindNull:
		return "null", true
	case kindBool, kindNumber, kindText:
		return n.text, true
	case kindList:
		return "", false
	case kindObject:
		if !n.element {
			return "", false
		}
		for i := range n.kids {
			if !strings.HasPrefix(n.kids[i].key, "@") {
				return "", false
			}
		}
		return n.text, true
	}
	return "", false
}

// value gives plain data: maps, lists, strings, json.Number, bools and nil.
func (n *node) value() any {
	switch n.kind {
	case kindNull:
		return nil
	case kindBool:
		return n.text == "true"
	case kindNumber:
		return json.Number(n.text)
	case kindText:
		return n.text
	case kindList:
		items := make([]any, len(n.kids))
		for i := range n.kids {
			items[i] = n.kids[i].value()
		}
		return items
	case kindObject:
		return n.members()
	}
	return nil
}

func (n *node) members() map[string]any {
	m := make(map[string]any, len(n.kids))
	for i := range n.kids {
		k := &n.kids[i]
		before, twice := m[k.key]
		switch {
		case !twice || !n.element:
			m[k.key] = k.value()
		default:
			if many, ok := before.(repeated); ok {
				m[k.key] = append(many, k.value())
			} else {
				m[k.key] = repeated{before, k.value()}
			}
		}
	}
	for name, v := range m {
		if many, ok := v.(repeated); ok {
			m[name] = []any(many)
		}
	}
	if n.element && strings.TrimSpace(n.text) != "" {
		m["#text"] = n.text
	}
	return m
}

// repeated are elements of one name while they are collected.
type repeated []any

// json writes a value as compact JSON, for results that are not plain.
func (n *node) json() string {
	b, err := json.Marshal(n.value())
	if err != nil {
		return ""
	}
	return string(b)
}

// step goes to a member, an element or a list position.
func (n *node) step(name string) (*node, bool) {
	switch n.kind {
	case kindList:
		if i, ok := position(name); ok && i < len(n.kids) {
			return &n.kids[i], true
		}
		return nil, false
	case kindObject:
		return n.member(name)
	case kindNull, kindBool, kindNumber, kindText:
	}
	return nil, false
}

func (n *node) member(name string) (*node, bool) {
	var same []int
	for i := range n.kids {
		if n.kids[i].key == name {
			same = append(same, i)
		}
	}
	switch {
	case len(same) == 1, len(same) > 1 && n.row:
		return &n.kids[same[0]], true
	case len(same) > 1 && !n.element:
		return &n.kids[same[len(same)-1]], true // as other readers of JSON do
	case len(same) > 1:
		all := &node{key: name, kind: kindList}
		for _, i := range same {
			all.kids = append(all.kids, n.kids[i])
		}
		return all, true
	case n.row:
		if i, ok := position(name); ok && i < len(n.kids) {
			return &n.kids[i], true
		}
	case n.element && name == "#text" && n.text != "":
		return &node{key: name, kind: kindText, text: n.text}, true
	case n.element:
		if _, local, ok := strings.Cut(name, ":"); ok && local != "" {
			return n.member(local)
		}
	}
	return nil, false
}

// position reads a list position.
func position(name string) (int, bool) {
	if name == "" || len(name) > 9 || name[0] < '0' || name[0] > '9' {
		return 0, false
	}
	i, err := strconv.Atoi(name)
	return i, err == nil && strconv.Itoa(i) == name
}
