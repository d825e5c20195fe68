package web

import (
	"net/url"
	"strconv"
	"strings"

	"tieline/internal/integration"
	"tieline/views"
)

// maxLines is how many lines and rules a posted mapping may have.
const maxLines = 400

// decodeMapping reads the form of a mapping as it was typed. What cannot be read is among its problems.
func decodeMapping(form url.Values) views.MappingForm {
	v := newFields(form)
	f := views.MappingForm{
		Was: v.text("was"), Base: v.number("base"), Name: v.text("name"), Envelope: v.text("envelope"), Program: strings.TrimSpace(v.block("program")),
		Input: v.block("try.input"), Endpoint: v.text("try.endpoint"),
	}
	known := integration.Fields()
	for i := 0; i < maxLines && form.Has(at("fields", i, "from")); i++ {
		key := func(part string) string { return at("fields", i, part) }
		line := views.MappingField{
			Group: "Extra", Label: "Custom field", Custom: true,
			From: v.text(key("from")), To: v.text(key("to")), Default: v.form.Get(key("default")), Format: v.text(key("format")), Zone: v.text(key("zone")), At: -1,
		}
		if n, err := strconv.Atoi(v.text(key("at"))); err == nil {
			line.At = n
		}
		if i < len(known) && !v.is(key("custom")) {
			line.Group, line.Label, line.Kind, line.Custom = known[i].Group, known[i].Label, known[i].Kind, false
		}
		f.Fields = append(f.Fields, line)
	}
	for i := 0; i < maxLines && form.Has(at("rules", i, "op")); i++ {
		f.Rules = append(f.Rules, v.mapRule(i))
	}
	f.Problems = v.problems()
	return f
}

func (v *fields) mapRule(i int) views.MappingRule {
	key := func(part string) string { return at("rules", i, part) }
	r := views.MappingRule{
		Row: integration.MapRow{
			Op: v.text(key("op")), From: v.block(key("from")), To: v.text(key("to")), Default: v.form.Get(key("default")),
			Format: v.form.Get(key("format")), Zone: v.text(key("zone")),
		},
		Table: v.block(key("table")), When: v.text(key("when")),
	}
	if r.Row.Op == "copy" && v.is(key("plain")) {
		r.Row.Op = "" // it is what a rule does that says nothing
	}
	if r.When != "" {
		rule, err := integration.ParseSuccess(r.When)
		if err != nil {
			v.bad.Add(key("when"), err.Error())
		} else {
			r.Row.When = &rule
		}
	}
	r.Row.Table = v.table(key("table"))
	return r
}

// table reads lines of value=other; a backslash takes the next character of the value as it is.
func (v *fields) table(key string) map[string]string {
	table := map[string]string{}
	for line := range strings.SplitSeq(v.block(key), "\n") {
		if strings.TrimSpace(line) == "" {
			continue
		}
		var from strings.Builder
		i := 0
		for ; i < len(line) && line[i] != '='; i++ {
			if line[i] == '\\' && i+1 < len(line) {
				i++
			}
			from.WriteByte(line[i])
		}
		if i == len(line) {
			v.bad.Add(key, "The line “"+line+"” has no equals sign: write value=other.")
			continue
		}
		table[strings.TrimSpace(from.String())] = strings.TrimSpace(line[i+1:])
	}
	if len(table) == 0 {
		return nil
	}
	return table
}

// applyMappingOp does what a button inside the form asks for without saving; it is false for others.
func applyMappingOp(f *views.MappingForm, op string) bool {
	if op == "change" || op == "try" {
		return true
	}
	row, ok := parseRowOp(op)
	switch {
	case ok && row.List == "rule":
		f.Rules = applyRows(f.Rules, row, views.MappingRule{})
		f.Focus = at("rules", row.focus(len(f.Rules)-1), "from")
	case ok && row.List == "custom" && row.Verb == "add":
		f.Fields = append(f.Fields, views.MappingField{Group: "Extra", Label: "Custom field", Custom: true, At: -1})
		f.Focus = at("fields", len(f.Fields)-1, "from")
	default:
		return false
	}
	return true
}
