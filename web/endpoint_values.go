package web

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"

	"tieline/internal/fault"
	"tieline/internal/integration"
)

// fields reads the fields of one form by their keys in the document and collects what cannot be read.
type fields struct {
	form  url.Values
	typed map[string]string // number fields that must be shown again as typed
	bad   fault.Fields
}

func newFields(form url.Values) *fields {
	return &fields{form: form, typed: map[string]string{}}
}

// text gives a one-line field without the spaces around it.
func (v *fields) text(key string) string { return strings.TrimSpace(v.form.Get(key)) }

// block gives a field of many lines with the line ends that the browser adds undone.
func (v *fields) block(key string) string {
	return strings.ReplaceAll(v.form.Get(key), "\r\n", "\n")
}

// is tells whether a box is ticked.
func (v *fields) is(key string) bool { return v.form.Get(key) != "" }

// number gives a whole number, 0 for an empty field; else a problem is noted.
func (v *fields) number(key string) int64 {
	raw := v.text(key)
	if raw == "" {
		return 0
	}
	n, err := strconv.ParseInt(raw, 10, 64)
	if err != nil {
		v.typed[key] = raw
		v.bad.Add(key, "A whole number is needed.")
		return 0
	}
	return n
}

// small is number for fields that fit an int.
func (v *fields) small(key string) int {
	n := v.number(key)
	if n > 1<<31-1 || n < -(1<<31-1) {
		v.typed[key] = v.text(key)
		v.bad.Add(key, "This number is too large.")
		return 0
	}
	return int(n)
}

// optional is small for a field whose zero is not its default; nil where it is empty.
func (v *fields) optional(key string) *int {
	if v.text(key) == "" {
		return nil
	}
	n := v.small(key)
	return &n
}

// statuses gives a list of status codes such as "200-204, 404".
func (v *fields) statuses(key string) []int {
	raw := v.text(key)
	if raw == "" {
		return nil
	}
	codes, ok := parseStatuses(raw)
	v.typed[key] = raw
	if !ok {
		v.bad.Add(key, "Status codes with commas between them, such as 200-204, 404.")
	}
	return codes
}

func parseStatuses(raw string) ([]int, bool) {
	var codes []int
	for part := range strings.FieldsFuncSeq(raw, func(r rune) bool { return r == ',' || r == ';' || r == ' ' }) {
		from, to, ranged := strings.Cut(part, "-")
		first, err := strconv.Atoi(from)
		if err != nil {
			return nil, false
		}
		last := first
		if ranged {
			if last, err = strconv.Atoi(to); err != nil {
				return nil, false
			}
		}
		if first < 100 || last > 599 || last < first {
			return nil, false
		}
		for code := first; code <= last; code++ {
			codes = append(codes, code)
		}
	}
	return codes, true
}

// list gives a field of many lines as a list without empty lines.
func (v *fields) list(key string) []string {
	var lines []string
	for line := range strings.FieldsFuncSeq(v.form.Get(key), func(r rune) bool { return r == '\n' || r == '\r' || r == ',' }) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// raw gives a JSON field byte for byte; empty is nil.
func (v *fields) raw(key string) json.RawMessage {
	if v.text(key) == "" {
		return nil
	}
	return json.RawMessage(v.block(key))
}

// keep gives a chosen value, or "" where the stored form of the default is "" and the default was chosen: a
// form that nobody touched changes nothing.
func keep(chosen, stored, standard string) string {
	if stored == "" && chosen == standard {
		return ""
	}
	return chosen
}

// rows counts the rows of a list: "headers" has as many as there are headers.0.name, headers.1.name and so on.
func (v *fields) rows(list string) int {
	n := 0
	for n < maxRows && v.form.Has(list+"."+strconv.Itoa(n)+".name") {
		n++
	}
	return n
}

// at makes the key of a field in a row.
func at(list string, row int, field string) string {
	return list + "." + strconv.Itoa(row) + "." + field
}

// nameValueRows reads header, query and path rows.
func (v *fields) nameValueRows(list string) []integration.Row {
	var rows []integration.Row
	for i := range v.rows(list) {
		rows = append(rows, integration.Row{
			Name:    v.text(at(list, i, "name")),
			Value:   v.block(at(list, i, "value")),
			Source:  v.text(at(list, i, "source")),
			Enabled: integration.Switch(v.is(at(list, i, "enabled"))),
		})
	}
	return rows
}

// problems are what could not be read, by field; never nil.
func (v *fields) problems() map[string]string {
	if fields, ok := fault.FieldsOf(v.bad.Err()); ok {
		return fields
	}
	return map[string]string{}
}

// onFields keys the problems of lists that one field holds ("policy.extra_hosts.0") by that field.
func onFields(fields map[string]string) map[string]string {
	for _, list := range []string{
		"policy.extra_hosts", "policy.ok_statuses", "response.statuses", "params", "window.days",
		"scope.customers", "scope.campaigns", "scope.lists", "scope.queues", "scope.numbers", "scope.templates",
	} {
		for _, key := range fault.Names(fields) {
			if strings.HasPrefix(key, list+".") {
				if fields[list] == "" {
					fields[list] = fields[key]
				}
				delete(fields, key)
			}
		}
	}
	return fields
}
