package document

import (
	"reflect"
	"strings"
	"sync"
	"unicode"
)

// field is one field of a struct as a document has it.
type field struct {
	name     string
	index    []int
	optional bool // left out when it holds nothing
}

// knownFields keeps the fields of every struct that was decoded so far.
var knownFields sync.Map

func (d *decoder) fieldsOf(t reflect.Type) []field {
	if known, ok := knownFields.Load(t); ok {
		return known.([]field) //nolint:forcetypeassert // nothing else is stored
	}
	found := fieldsOf(t)
	knownFields.Store(t, found)
	return found
}

// fieldsOf lists the exported fields of a struct in their order by their json names; a field without a tag is
// named in snake_case. Embedded structs without a name are flat. Fields with the tag "-" do not exist.
func fieldsOf(t reflect.Type) []field {
	fields := make([]field, 0, t.NumField())
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case name == "-" && options == "":
		case f.Anonymous && name == "" && f.Type.Kind() == reflect.Struct:
			for _, inner := range fieldsOf(f.Type) {
				inner.index = append([]int{i}, inner.index...)
				fields = append(fields, inner)
			}
		case f.IsExported():
			if name == "" {
				name = snake(f.Name)
			}
			fields = append(fields, field{name, []int{i}, strings.Contains(options, "omit")})
		}
	}
	return fields
}

// snake turns a Go name into the form that documents use: CallcenterID is callcenter_id.
func snake(name string) string {
	var b strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		if unicode.IsUpper(r) && i > 0 && (unicode.IsLower(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1])) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
