package document

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"tieline/internal/secret"
	"tieline/internal/token"
)

// ShortForm is a value that may also be written as one text, such as the success rule "CodeResult=100". The
// error's text is shown at the field.
type ShortForm interface {
	FromShort(text string) error
}

// assign puts a node into a settable value. What does not fit becomes a problem and leaves the value alone.
func (d *decoder) assign(n *node, v reflect.Value, at *place) {
	if d.special(n, v, at) || n.kind == isNull {
		return
	}
	switch k := v.Kind(); {
	case k == reflect.Pointer:
		fresh := reflect.New(v.Type().Elem())
		d.assign(n, fresh.Elem(), at)
		v.Set(fresh)
	case k == reflect.Struct:
		d.structure(n, v, at)
	case k == reflect.Map:
		d.table(n, v, at)
	case k == reflect.Slice:
		d.list(n, v, at)
	case k == reflect.String:
		if text, ok := d.text(n, at); ok {
			v.SetString(text)
		}
	case k == reflect.Bool:
		if n.kind != isBool {
			d.expected(n, at, isBool.word())
			return
		}
		v.SetBool(n.text == "true")
	case v.CanInt():
		d.whole(n, v, at)
	case v.CanFloat():
		d.float(n, v, at)
	case k == reflect.Interface && v.NumMethod() == 0:
		v.Set(reflect.ValueOf(n.value()))
	default:
		panic("document: cannot decode into " + v.Type().String())
	}
}

// special handles the types that have a form of their own; it is false for all others.
func (d *decoder) special(n *node, v reflect.Value, at *place) bool {
	if v.Kind() != reflect.String && v.Kind() != reflect.Slice && v.Kind() != reflect.Struct {
		return false
	}
	switch target := v.Addr().Interface().(type) {
	case *json.RawMessage:
		*target = slices.Clone(n.json())
	case *json.Number:
		switch n.kind {
		case isNumber:
			*target = json.Number(n.text)
		case isNull:
		case isBool, isText, isList, isObject:
			d.expected(n, at, isNumber.word())
		}
	case *secret.Text:
		if text, ok := d.text(n, at); ok {
			*target = secret.NewText(text)
		}
	case *time.Time:
		d.moment(n, target, at)
	case ShortForm:
		if n.kind != isText {
			return false
		}
		if err := target.FromShort(n.text); err != nil {
			d.refuse(at, n.at, err.Error())
		}
	case encoding.TextUnmarshaler:
		text, ok := d.text(n, at)
		if ok && target.UnmarshalText([]byte(text)) != nil {
			d.refuse(at, n.at, "This value cannot be read.")
		}
	default:
		return false
	}
	return true
}

// text is a node as text. YAML does not ask for quotes around a number, so there its literal is taken.
func (d *decoder) text(n *node, at *place) (string, bool) {
	switch n.kind {
	case isText:
		return n.text, true
	case isNumber, isBool:
		if d.yaml {
			return n.text, true
		}
	case isNull:
		return "", false
	case isList, isObject:
	}
	d.expected(n, at, isText.word())
	return "", false
}

func (d *decoder) moment(n *node, target *time.Time, at *place) {
	text, ok := d.text(n, at)
	if !ok {
		return
	}
	moment, err := time.Parse(time.RFC3339, text)
	if err != nil {
		d.refuse(at, n.at, "Expected a moment such as 2026-11-22T10:15:00Z.")
		return
	}
	*target = moment
}

func (d *decoder) whole(n *node, v reflect.Value, at *place) {
	if n.kind != isNumber || strings.ContainsAny(n.text, ".eE") {
		got := n.kind.word()
		if n.kind == isNumber {
			got = n.text
		}
		d.refuse(at, n.at, "Expected a whole number, got "+got+".")
		return
	}
	number, err := strconv.ParseInt(n.text, 10, v.Type().Bits())
	if err != nil {
		d.refuse(at, n.at, "This number is too large.")
		return
	}
	v.SetInt(number)
}

func (d *decoder) float(n *node, v reflect.Value, at *place) {
	if n.kind != isNumber {
		d.expected(n, at, isNumber.word())
		return
	}
	number, err := strconv.ParseFloat(n.text, v.Type().Bits())
	if err != nil {
		d.refuse(at, n.at, "This number is too large.")
		return
	}
	v.SetFloat(number)
}

func (d *decoder) list(n *node, v reflect.Value, at *place) {
	if n.kind != isList {
		d.expected(n, at, isList.word())
		return
	}
	list := reflect.MakeSlice(v.Type(), len(n.items), len(n.items))
	for i := range n.items {
		item := &n.items[i]
		if item.kind == isNull && v.Type().Elem().Kind() != reflect.Interface {
			d.refuse(at.item(i), item.at, "A list holds values; null is none.")
			continue
		}
		d.assign(item, list.Index(i), at.item(i))
	}
	v.Set(list)
}

func (d *decoder) table(n *node, v reflect.Value, at *place) {
	if n.kind != isObject {
		d.expected(n, at, isObject.word())
		return
	}
	if plain, ok := reflect.TypeAssert[*map[string]any](v.Addr()); ok {
		*plain, _ = n.value().(map[string]any)
		return
	}
	if v.Type().Key().Kind() != reflect.String {
		panic("document: cannot decode into " + v.Type().String())
	}
	table := reflect.MakeMapWithSize(v.Type(), len(n.members))
	for i := range n.members {
		m := &n.members[i]
		value := reflect.New(v.Type().Elem()).Elem()
		d.assign(&m.value, value, at.member(m.name))
		table.SetMapIndex(reflect.ValueOf(m.name).Convert(v.Type().Key()), value)
	}
	v.Set(table)
}

func (d *decoder) structure(n *node, v reflect.Value, at *place) {
	if n.kind != isObject {
		d.expected(n, at, isObject.word())
		return
	}
	fields := d.fieldsOf(v.Type())
	for i := range n.members {
		m := &n.members[i]
		f := slices.IndexFunc(fields, func(f field) bool { return f.name == m.name })
		if f < 0 {
			d.unknown(at.member(m.name), m, fields)
			continue
		}
		d.assign(&m.value, v.FieldByIndex(fields[f].index), at.member(m.name))
	}
}

// unknown notes a name that no field has, with the field that was probably meant.
func (d *decoder) unknown(at *place, m *member, fields []field) {
	known := make([]string, len(fields))
	for i, f := range fields {
		known[i] = f.name
	}
	sentence := fmt.Sprintf("There is no field %q here.", short(m.name))
	if near := token.Nearest(short(m.name), known); near != "" {
		d.refuse(at, m.at, sentence, fmt.Sprintf("Did you mean %q?", near))
		return
	}
	d.refuse(at, m.at, sentence)
}
