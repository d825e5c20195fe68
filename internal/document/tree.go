package document

import (
	"encoding"
	"encoding/json"
	"reflect"
	"sort"
	"strconv"
)

// tree is a Go value as a node, by the same names that Decode reads. Fields with omitempty or omitzero that
// hold nothing are left out; so are nil pointers, maps and lists.
func tree(v reflect.Value) node {
	if n, ok := specialTree(v); ok {
		return n
	}
	switch k := v.Kind(); {
	case k == reflect.Pointer || k == reflect.Interface:
		if v.IsNil() {
			return node{kind: isNull}
		}
		return tree(v.Elem())
	case k == reflect.Struct:
		return structTree(v)
	case k == reflect.Map:
		return mapTree(v)
	case k == reflect.Slice || k == reflect.Array:
		n := node{kind: isList}
		for i := range v.Len() {
			n.items = append(n.items, tree(v.Index(i)))
		}
		return n
	case k == reflect.String:
		return node{kind: isText, text: v.String()}
	case k == reflect.Bool:
		return node{kind: isBool, text: strconv.FormatBool(v.Bool())}
	case v.CanInt():
		return node{kind: isNumber, text: strconv.FormatInt(v.Int(), 10)}
	case v.CanUint():
		return node{kind: isNumber, text: strconv.FormatUint(v.Uint(), 10)}
	case v.CanFloat():
		return node{kind: isNumber, text: strconv.FormatFloat(v.Float(), 'g', -1, v.Type().Bits())}
	}
	panic("document: cannot encode " + v.Type().String())
}

// specialTree handles the types that have a form of their own.
func specialTree(v reflect.Value) (node, bool) {
	if !v.CanInterface() {
		return node{}, false
	}
	switch value := v.Interface().(type) {
	case json.RawMessage:
		n, bad := readJSON(value)
		if bad != nil { // not JSON: shown as the text that it is, never lost
			return node{kind: isText, text: string(value)}, true
		}
		return n, true
	case json.Number:
		return node{kind: isNumber, text: string(value)}, true
	case encoding.TextMarshaler:
		if v.Kind() == reflect.Pointer && v.IsNil() {
			return node{kind: isNull}, true
		}
		text, err := value.MarshalText()
		return node{kind: isText, text: string(text)}, err == nil
	}
	return node{}, false
}

func structTree(v reflect.Value) node {
	n := node{kind: isObject}
	for _, f := range fieldsOf(v.Type()) {
		value := v.FieldByIndex(f.index)
		if f.optional && nothing(value) {
			continue
		}
		n.members = append(n.members, member{name: f.name, value: tree(value)})
	}
	return n
}

func mapTree(v reflect.Value) node {
	n := node{kind: isObject}
	for entry := v.MapRange(); entry.Next(); {
		n.members = append(n.members, member{name: entry.Key().String(), value: tree(entry.Value())})
	}
	sort.Slice(n.members, func(i, j int) bool { return n.members[i].name < n.members[j].name })
	return n
}

// nothing tells whether an optional field is left out: its zero value, an empty list or an empty map.
func nothing(v reflect.Value) bool {
	if v.Kind() == reflect.Slice || v.Kind() == reflect.Map {
		return v.Len() == 0
	}
	return v.IsZero()
}

// json is the node as JSON: byte for byte where it came from JSON, else compact.
func (n *node) json() []byte {
	if n.raw != nil {
		return n.raw
	}
	return n.appendJSON(nil, "", "")
}

// appendJSON writes a node. With an indent every member stands on a line of its own, but a list or object of
// plain values that fits is kept on one line. Raw JSON is written as it is.
func (n *node) appendJSON(out []byte, margin, indent string) []byte {
	switch {
	case n.raw != nil:
		return append(out, n.raw...)
	case n.kind == isText:
		return appendQuoted(out, n.text)
	case n.kind == isNull:
		return append(out, "null"...)
	case n.kind == isBool || n.kind == isNumber:
		return append(out, n.text...)
	}
	brackets, count := "{}", len(n.members)
	if n.kind == isList {
		brackets, count = "[]", len(n.items)
	}
	inner, gap, colon := "", "", ":"
	if indent != "" {
		inner, gap, colon = "\n"+margin+indent, "\n"+margin, ": "
		if n.small() {
			inner, gap = " ", ""
		}
	}
	out = append(out, brackets[0])
	for i := range count {
		if i > 0 {
			out = append(out, ',')
		}
		if i > 0 || inner != " " {
			out = append(out, inner...)
		}
		if n.kind == isList {
			out = n.items[i].appendJSON(out, margin+indent, indent)
			continue
		}
		out = append(appendQuoted(out, n.members[i].name), colon...)
		out = n.members[i].value.appendJSON(out, margin+indent, indent)
	}
	if count > 0 {
		out = append(out, gap...)
	}
	return append(out, brackets[1])
}

// small tells whether a list or object reads better on one line.
func (n *node) small() bool {
	width := 0
	plain := func(v *node) bool {
		width += len(v.text) + 2
		return v.kind != isList && v.kind != isObject && v.raw == nil
	}
	for i := range n.items {
		if !plain(&n.items[i]) {
			return false
		}
	}
	for i := range n.members {
		width += len(n.members[i].name) + 2
		if !plain(&n.members[i].value) {
			return false
		}
	}
	return width <= 80
}
