package document

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"tieline/internal/audit"
	"tieline/internal/secret"
)

// Diff says field by field what differs between two values of one kind, in the order of the fields. Paths are
// dotted; things with a name are found by it wherever they stand ("endpoints.findContact.headers.Accept.value",
// the second of one name as "Accept#2"), so that a moved thing is only told as the new order of its list and a
// renamed one as its new name. A row that came or went is one line. What is secret says "set", "changed" or
// nothing; ids, counters and moments of bookkeeping are left out. Either side may be nil.
func Diff(before, after any) []audit.Field {
	var d diff
	old, fresh := plainTree(reflect.ValueOf(before)), plainTree(reflect.ValueOf(after))
	d.values("", &old, &fresh)
	return d.fields
}

// plainTree is a value as a node for comparing: without bookkeeping, and with secrets hidden.
func plainTree(v reflect.Value) node {
	pointed := false // to a bool: nil is on
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		if v.IsNil() {
			return node{kind: isNull}
		}
		pointed = v.Kind() == reflect.Pointer && v.Type().Elem().Kind() == reflect.Bool
		v = v.Elem()
	}
	if !v.IsValid() {
		return node{kind: isNull}
	}
	switch v.Interface().(type) {
	case secret.Sealed, secret.Text:
		return hidden(v)
	case time.Time:
		if v.IsZero() {
			return node{kind: isNull}
		}
		return tree(v)
	}
	switch k := v.Kind(); {
	case k == reflect.Struct:
		return plainStruct(v)
	case k == reflect.Map:
		n := node{kind: isObject}
		for entry := v.MapRange(); entry.Next(); {
			n.members = append(n.members, member{name: entry.Key().String(), value: plainTree(entry.Value())})
		}
		slices.SortFunc(n.members, func(a, b member) int { return strings.Compare(a.name, b.name) })
		return n
	case k == reflect.Slice && v.Type().Elem().Kind() != reflect.Uint8:
		n := node{kind: isList}
		for i := range v.Len() {
			n.items = append(n.items, plainTree(v.Index(i)))
		}
		return n
	}
	n := tree(v)
	n.pointed = pointed
	return n
}

func plainStruct(v reflect.Value) node {
	n := node{kind: isObject}
	for _, f := range fieldsOf(v.Type()) {
		if bookkeeping(f.name) {
			continue
		}
		value := v.FieldByIndex(f.index)
		if f.name == "password_hash" || f.name == "hash" {
			n.members = append(n.members, member{name: f.name, value: hidden(value)})
			continue
		}
		n.members = append(n.members, member{name: f.name, value: plainTree(value)})
	}
	return n
}

// bookkeeping tells whether a field says nothing that a person changed.
func bookkeeping(name string) bool {
	switch name {
	case "id", "integration_id", "customer_id", "version", "revision", "created_at", "updated_at", "created_by", "seen_at", "last_login_at",
		"last_used_at", "last_success_at", "last_failure_at", "last_run_id", "last_cause":
		return true
	}
	return false
}

// hidden is a secret as a node that can be told from another one without showing anything.
func hidden(v reflect.Value) node {
	n := node{kind: isNull}
	switch s := v.Interface().(type) {
	case secret.Sealed:
		n.text = string(s.Data)
	case secret.Text:
		n.text = s.Reveal()
	case string:
		n.text = s
	}
	n.secret = true
	return n
}

// diff collects the fields that differ.
type diff struct {
	fields []audit.Field
	whole  bool // a thing that came or went, all of whose fields are told
}

func (d *diff) add(path, before, after string) {
	d.fields = append(d.fields, audit.Field{Path: path, Before: before, After: after})
}

func under(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// values compares two values at one path. An empty value, an empty list and an absent one are the same.
func (d *diff) values(path string, old, fresh *node) {
	switch {
	case old.secret || fresh.secret:
		d.secrets(path, old, fresh)
	case old.empty() && fresh.empty() || old.same(fresh):
	case (old.kind == isObject || old.empty()) && (fresh.kind == isObject || fresh.empty()):
		d.objects(path, old, fresh)
	case (old.named() || old.empty()) && (fresh.named() || fresh.empty()):
		d.lists(path, old, fresh)
	default:
		d.add(path, d.words(old, fresh), d.words(fresh, old))
	}
}

func (d *diff) secrets(path string, old, fresh *node) {
	switch {
	case old.text == fresh.text:
	case old.text == "":
		d.add(path, "", "set")
	case fresh.text == "":
		d.add(path, "set", "")
	default:
		d.add(path, "set", "changed")
	}
}

// objects compares member by member, in the order of the newer one, then what is gone.
func (d *diff) objects(path string, old, fresh *node) {
	none := node{kind: isNull}
	for i := range fresh.members {
		m := &fresh.members[i]
		was, ok := old.member(m.name)
		if !ok {
			was = &none
		}
		d.values(under(path, m.name), was, &m.value)
	}
	for i := range old.members {
		if m := &old.members[i]; !fresh.has(m.name) {
			d.values(under(path, m.name), &m.value, &none)
		}
	}
}

// lists compares two lists of named things.
func (d *diff) lists(path string, old, fresh *node) {
	pairs := match(old.items, fresh.items)
	var wasOrder, isOrder []string
	for _, p := range pairs {
		switch {
		case p.old == nil:
			d.came(under(path, p.label), p.fresh, false)
		case p.fresh == nil:
			d.came(under(path, p.label), p.old, true)
		default:
			d.objects(under(path, p.label), p.old, p.fresh)
		}
	}
	for _, p := range byOld(pairs) {
		wasOrder = append(wasOrder, p.label)
	}
	for _, p := range pairs {
		if p.old != nil && p.fresh != nil {
			isOrder = append(isOrder, p.label)
		}
	}
	if !slices.Equal(wasOrder, isOrder) {
		d.add(path, strings.Join(wasOrder, ", "), strings.Join(isOrder, ", "))
	}
}

// came tells that a thing was added or, the other way round, removed: one line for a row, else every field.
func (d *diff) came(path string, thing *node, gone bool) {
	none := node{kind: isNull}
	words, row := thing.row()
	switch {
	case row && gone:
		d.add(path, words, "")
	case row:
		d.add(path, "", words)
	case gone:
		d.entire(path, thing, &none)
	default:
		d.entire(path, &none, thing)
	}
}

// entire tells every field of a thing that came or went.
func (d *diff) entire(path string, old, fresh *node) {
	outer := d.whole
	d.whole = true
	d.objects(path, old, fresh)
	d.whole = outer
}

// words is how one side of a difference reads. A switch that is on by default and not written is "true".
func (d *diff) words(n, other *node) string {
	if n.kind == isNull && other.pointed && !d.whole {
		return "true"
	}
	return n.words()
}

// number makes the label of the n-th thing of one name.
func number(name string, n int) string {
	if name == "" {
		name = "(no name)"
	}
	if n == 1 {
		return name
	}
	return name + "#" + strconv.Itoa(n)
}
