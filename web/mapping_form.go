package web

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"tieline/internal/integration"
	"tieline/views"
)

// mappingForm fills the form from a mapping: its leading plain rules become lines of the usual fields, or custom
// ones, the others further rules.
func mappingForm(m integration.Mapping) views.MappingForm {
	f := views.MappingForm{Was: m.Name, Name: m.Name, Envelope: m.Envelope, Program: m.Program}
	at := map[string]int{}
	var custom []views.MappingField
	n := 0
	for ; n < len(m.Rows) && plainRule(m.Rows[n]); n++ {
		row := m.Rows[n]
		if _, twice := at[row.From]; twice || !usual(row.From) {
			line := views.MappingField{Group: "Extra", Label: "Custom field", Custom: true}
			fillLine(&line, row, n)
			custom = append(custom, line)
			continue
		}
		at[row.From] = n
	}
	for _, field := range integration.Fields() {
		line := views.MappingField{Group: field.Group, Label: field.Label, Kind: field.Kind, From: field.Name, At: -1}
		if i, ok := at[field.Name]; ok {
			fillLine(&line, m.Rows[i], i)
		}
		f.Fields = append(f.Fields, line)
	}
	f.Fields = append(f.Fields, custom...)
	for i, row := range m.Rows[n:] {
		rule := views.MappingRule{Row: row, Table: tableText(row.Table), Rule: n + i + 1}
		if row.When != nil {
			rule.When = row.When.String()
		}
		f.Rules = append(f.Rules, rule)
	}
	return f
}

// plainRule tells whether a rule says no more than a line of a field can.
func plainRule(r integration.MapRow) bool {
	template := strings.Contains(r.From, "{{") || strings.Contains(r.From, "${")
	op := r.Op == "" || r.Op == "copy" || r.Op == "date" && r.Format != "" || r.Op == "number"
	return op && !template && r.When == nil && len(r.Table) == 0 && (r.Op == "date" || r.Zone == "") && (r.Op != "" && r.Op != "copy" || r.Format == "")
}

func usual(name string) bool {
	return slices.ContainsFunc(integration.Fields(), func(f integration.Field) bool { return f.Name == name })
}

func fillLine(line *views.MappingField, r integration.MapRow, at int) {
	line.From, line.To, line.Default, line.Format, line.Zone = r.From, r.To, r.Default, r.Format, r.Zone
	line.At, line.Rule = at, at+1
	if r.Op == "number" && r.Format == "" {
		line.Format = "number"
	}
}

// tableText is a lookup's table as lines of value=other.
func tableText(table map[string]string) string {
	var lines []string
	for _, from := range slices.Sorted(maps.Keys(table)) {
		lines = append(lines, strings.ReplaceAll(strings.ReplaceAll(from, `\`, `\\`), "=", `\=`)+"="+strings.ReplaceAll(table[from], "\n", " "))
	}
	return strings.Join(lines, "\n")
}

// numberFormats are the formats of a line that make its rule a number.
var numberFormats = []string{"number", "0", "0.00", "#,##0.00"}

// lineRule is the rule that a line stands for. stored is the rule that it was filled from.
func lineRule(f views.MappingField, stored []integration.MapRow) integration.MapRow {
	r := integration.MapRow{From: f.From, To: f.To, Default: f.Default}
	was := integration.MapRow{}
	if f.At >= 0 && f.At < len(stored) {
		was = stored[f.At]
	}
	switch {
	case f.Format == "":
		r.Op = keep("copy", was.Op, "copy")
		if was.Op != "copy" {
			r.Op = ""
		}
	case slices.Contains(numberFormats, f.Format) || was.Op == "number" && was.Format == f.Format:
		r.Op = "number"
		if f.Format != "number" {
			r.Format = f.Format
		}
	default:
		r.Op, r.Format, r.Zone = "date", f.Format, f.Zone
	}
	return r
}

// formMapping is the mapping that a form says, and where in the form each of its rules stands ("fields.3").
func formMapping(f *views.MappingForm, stored integration.Mapping) (integration.Mapping, []string) {
	m := integration.Mapping{Name: f.Name, Envelope: keep(f.Envelope, stored.Envelope, ""), Program: f.Program}
	var places []string
	lines := make([]int, 0, len(f.Fields))
	for i := range f.Fields {
		f.Fields[i].Rule = 0
		if f.Fields[i].To != "" {
			lines = append(lines, i)
		}
	}
	slices.SortStableFunc(lines, func(a, b int) int { return order(f.Fields[a].At) - order(f.Fields[b].At) })
	for _, i := range lines {
		m.Rows = append(m.Rows, lineRule(f.Fields[i], stored.Rows))
		places = append(places, "fields."+strconv.Itoa(i))
		f.Fields[i].Rule = len(m.Rows)
	}
	for i := range f.Rules {
		m.Rows = append(m.Rows, finishedRule(f.Rules[i].Row))
		places = append(places, "rules."+strconv.Itoa(i))
		f.Rules[i].Rule = len(m.Rows)
	}
	return m, places
}

// order puts lines that are new behind those that were there.
func order(at int) int {
	if at < 0 {
		return 1 << 20
	}
	return at
}

// finishedRule is a rule without what its operation has no use for; it was kept while another one was chosen.
func finishedRule(r integration.MapRow) integration.MapRow {
	parts := views.RuleParts(r.Op)
	clean := integration.MapRow{Op: r.Op, When: r.When}
	for _, p := range []struct {
		name string
		from string
		to   *string
	}{{"from", r.From, &clean.From}, {"to", r.To, &clean.To}, {"default", r.Default, &clean.Default}, {"format", r.Format, &clean.Format}, {"zone", r.Zone, &clean.Zone}} {
		if slices.Contains(parts, p.name) {
			*p.to = p.from
		}
	}
	if slices.Contains(parts, "table") {
		clean.Table = r.Table
	}
	return clean
}

// placed keys problems of a mapping as its form has them.
func placedProblems(fields map[string]string, places []string) map[string]string {
	keyed := make(map[string]string, len(fields))
	for key, message := range fields {
		rest, ok := strings.CutPrefix(key, "rows.")
		number, part, _ := strings.Cut(rest, ".")
		if i, err := strconv.Atoi(number); ok && err == nil && i < len(places) {
			if part == "" {
				part = "to"
			}
			key = places[i] + "." + strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(part, ".path"), ".op"), ".value")
			message = "Rule " + strconv.Itoa(i+1) + ": " + message
		} else if key == "rows" {
			key = ""
		}
		keyed[key] = message
	}
	return keyed
}
