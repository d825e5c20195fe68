package integration

import (
	"slices"
	"strconv"
	"strings"

	"tieline/internal/fault"
)

// The bounds of mappings.
const (
	maxMappings = 200
	maxMapRows  = 300
	maxTable    = 1000
	maxProgram  = 16 << 10
)

// PatchOps are what a row of a JSON patch may do, as its format.
func PatchOps() []string { return []string{"replace", "add", "remove"} }

func (in Integration) validateMappings(f *fault.Fields) {
	if len(in.Mappings) > maxMappings {
		f.Add("mappings", "At most 200 mappings.")
		return
	}
	seen := map[string]bool{}
	for i, m := range in.Mappings {
		at := "mappings." + strconv.Itoa(i)
		f.Under(at, m.Validate())
		if seen[m.Name] && m.Name != "" {
			f.Add(at+".name", "Another mapping has this name.")
		}
		seen[m.Name] = true
	}
}

// Validate says everything that is wrong with a mapping but what its names, patterns and program mean, which is
// for the mapping package.
func (m Mapping) Validate() error {
	var f fault.Fields
	if !parameterForm.MatchString(m.Name) {
		f.Add("name", "A letter first, then letters, digits, underscores and hyphens, at most 64.")
	} else if m.Name == "new" {
		f.Add("name", ownWord)
	}
	oneOf(&f, "envelope", m.Envelope, Envelopes())
	text(&f, "program", m.Program, "The program", maxProgram)
	switch {
	case len(m.Rows) > maxMapRows:
		f.Add("rows", "At most 300 rules.")
		return f.Err()
	case len(m.Rows) == 0 && strings.TrimSpace(m.Program) == "":
		f.Add("rows", "Map a field to a name, add a rule, or write a program.")
	}
	patch := m.Patch()
	if patch && m.Envelope != "" && m.Envelope != "none" {
		f.Add("envelope", "A JSON patch is a list and has no envelope.")
	}
	splits := 0
	for i, r := range m.Rows {
		at := "rows." + strconv.Itoa(i)
		f.Under(at, r.Validate())
		switch {
		case patch && r.Op != "json_patch" && r.Op != "filter":
			f.Add(at+".op", "With JSON patch rules the result is a list of patches: beside them only filter is possible.")
		case r.Op == "split":
			if splits++; splits > 1 {
				f.Add(at+".op", "A mapping splits the record once.")
			}
		}
	}
	return f.Err()
}

// Patch tells whether the mapping makes a JSON patch.
func (m Mapping) Patch() bool {
	return slices.ContainsFunc(m.Rows, func(r MapRow) bool { return r.Op == "json_patch" })
}

// Validate says what is wrong with a rule by itself.
func (r MapRow) Validate() error {
	var f fault.Fields
	oneOf(&f, "op", r.Op, MapOps())
	text(&f, "from", r.From, "The source", maxValue)
	line(&f, "to", r.To, "The list of names", maxPath)
	text(&f, "default", r.Default, "The default", maxValue)
	line(&f, "format", r.Format, "The format", maxLabel)
	line(&f, "zone", r.Zone, "The time zone", maxLabel)
	if r.When != nil {
		f.Under("when", r.When.Validate())
	}
	needsTo := r.Op != "filter" && r.Op != "split"
	switch {
	case needsTo && strings.Trim(r.To, " ,") == "":
		f.Add("to", "Say what the value is sent as; several names with commas, dots for nesting.")
	case r.Op == "split" && r.To != "":
		f.Add("to", "A split makes one record of every item; the rules below it say what is sent.")
	}
	r.validateSource(&f)
	r.validateTable(&f)
	if r.Op == "json_patch" {
		oneOf(&f, "format", r.Format, PatchOps())
	}
	return f.Err()
}

// validateSource checks that a rule has what it works on.
func (r MapRow) validateSource(f *fault.Fields) {
	blank := strings.TrimSpace(r.From) == ""
	switch r.Op {
	case "", "copy", "lookup", "date", "number", "concat", "split":
		if blank {
			f.Add("from", "Name the value, such as email, or write a template such as {{first_name}} {{last_name}}.")
		}
	case "set":
		if blank && r.Default == "" {
			f.Add("from", "Write the text that is sent; it may hold {{tokens}}.")
		}
		oneOf(f, "format", r.Format, []string{"text", "json"})
	case "default":
		if blank && r.Default == "" {
			f.Add("default", "Say what is sent where there is nothing yet.")
		}
	case "json_patch":
		if blank && r.Default == "" && r.Format != "remove" {
			f.Add("from", "Name the new value, or write it as the default.")
		}
	case "filter":
		oneOf(f, "format", r.Format, []string{"unchanged"})
		if r.Format == "unchanged" && blank {
			f.Add("from", "Name the value that identifies the record, such as id.")
		}
		if r.Format != "unchanged" && r.When == nil {
			f.Add("when", "Say when the record is dropped.")
		}
	}
}

func (r MapRow) validateTable(f *fault.Fields) {
	switch {
	case r.Op != "lookup" && len(r.Table) > 0:
		f.Add("table", "Only a lookup has a table.")
	case r.Op == "lookup" && len(r.Table) == 0:
		f.Add("table", "Write the table: one value=other a line; * stands for every other value.")
	case len(r.Table) > maxTable:
		f.Add("table", "At most 1000 lines.")
	}
	for from, to := range r.Table {
		if len(from) > maxPath || len(to) > maxValue {
			f.Add("table", "A line of the table is too long.")
			return
		}
	}
}

// validateMapping checks that what an endpoint sends can be filled by its mapping.
func (e Endpoint) validateMapping(f *fault.Fields, of Integration) {
	if e.Mapping == "" {
		return
	}
	m, ok := of.Mapping(e.Mapping)
	if !ok {
		f.Add("mapping", "This integration has no mapping of that name.")
		return
	}
	if e.Inbound() || !e.MapsBody() {
		if m.Patch() {
			f.Add("mapping", "A JSON patch is the body of a POST, PUT or PATCH request.")
		}
		return
	}
	switch kind := e.Body.Kind; {
	case kind == "raw" || kind == "multipart":
		f.Add("body.kind", "A mapping fills a JSON, form or XML body. Choose one of these, or no mapping.")
	case m.Patch() && (kind == "form" || kind == "xml"):
		f.Add("body.kind", "A JSON patch is a JSON body.")
	case kind == "xml" && strings.TrimSpace(e.Body.Content) != "":
		f.Add("body.content", "The mapping writes this XML body. Empty the content, or choose no mapping.")
	case m.Patch() && strings.TrimSpace(e.Body.Content) != "":
		f.Add("body.content", "The mapping’s JSON patch is the whole body. Empty the content.")
	}
}

// MapsBody tells whether a mapping of the endpoint fills its body; else it fills the query string.
func (e Endpoint) MapsBody() bool {
	switch e.EffectiveMethod() {
	case "GET", "HEAD", "DELETE":
		return false
	}
	return true
}

// MappingUses are the names of the endpoints that use a mapping.
func (in Integration) MappingUses(name string) []string {
	var uses []string
	for _, e := range in.Endpoints {
		if e.Mapping == name {
			uses = append(uses, e.Name)
		}
	}
	return uses
}
