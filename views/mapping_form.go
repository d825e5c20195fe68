package views

import (
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"tieline/internal/account"
	"tieline/internal/integration"
	"tieline/internal/run"
	"tieline/internal/token"
	"tieline/views/ui"
)

// MappingForm is a mapping as it stands in the form: first a line for every usual field, of which those with a
// name count, then the further rules. Rule numbers are those of the mapping, as it would be saved.
type MappingForm struct {
	Was      string // the stored name; "" for a new mapping
	Base     int64
	Name     string
	Envelope string
	Program  string
	Fields   []MappingField
	Rules    []MappingRule
	Problems map[string]string
	Focus    string
	Input    string // JSON, what the mapping is tried on
	Endpoint string // whose request is shown
	ReadOnly bool
}

// MappingField is the line of one field. At is its place among the stored rules, -1 where it has none. Format is a
// pattern of dates, a format of numbers, or "number"; Rule is its number where it counts, else 0.
type MappingField struct {
	Group, Label, Kind              string
	From, To, Default, Format, Zone string
	Custom                          bool
	At                              int
	Rule                            int
}

// MappingRule is one further rule; Table and When are as typed.
type MappingRule struct {
	Row         integration.MapRow
	Table, When string
	Rule        int
}

// MappingTryView is what came out of a try.
type MappingTryView struct {
	Output   string
	Request  *run.Request
	Tokens   []run.TokenUse
	Problems []run.Problem
	Error    string
}

// MappingView is everything on the page of one mapping.
type MappingView struct {
	Page
	Of       integration.Integration
	Form     MappingForm
	Try      *MappingTryView
	History  History
	Conflict *Conflict
	Tab      string // "", "history"
}

func (v MappingView) canEdit() bool { return v.May(account.EditIntegrations) }
func (v MappingView) canTest() bool { return v.May(account.Test) }
func (v MappingView) isNew() bool   { return v.Form.Was == "" }
func (v MappingView) fields() ui.Form {
	return ui.Form{Problems: v.Form.Problems, ReadOnly: v.Form.ReadOnly}
}

func (v MappingView) title() string {
	if v.isNew() {
		return "Add mapping"
	}
	return v.Form.Was
}

func (v MappingView) url(act string) string {
	name := v.Form.Was
	if name == "" {
		name = "new"
	}
	if act == "" {
		return v.To.Mapping(v.Of.Name, name)
	}
	return v.To.MappingDo(v.Of.Name, name, act)
}

func (v MappingView) crumbs() []ui.Crumb {
	return []ui.Crumb{{Label: "Integration", Href: v.To.Integrations()}, {Label: v.Of.Title(), Href: v.To.Integration(v.Of.Name, "mappings")}}
}

func (v MappingView) tabs() []ui.Tab {
	return []ui.Tab{
		{Label: "Rules", Href: v.url(""), Current: v.Tab == ""},
		{Label: "History", Href: v.url("") + "?tab=history", Current: v.Tab == "history"},
	}
}

func (v MappingView) tabLabel() string {
	if v.Tab == "history" {
		return "History"
	}
	return "Rules"
}

// onChange are the attributes of a select box whose choice changes what else is asked.
func (v MappingView) onChange() templ.Attributes {
	return templ.Attributes{
		"hx-post": v.url(""), "hx-trigger": "change", "hx-vals": `{"op":"change"}`, "hx-target": "#editor", "hx-swap": "outerHTML",
	}
}

// tryIt are the attributes of the button that tries the mapping.
func (v MappingView) tryIt() templ.Attributes {
	return ui.And(ui.Swap("post", v.url("preview"), "try"), templ.Attributes{"formaction": v.url("preview")})
}

func (v MappingView) focus(key string) templ.Attributes {
	if key == v.Form.Focus {
		return templ.Attributes{"autofocus": true}
	}
	return nil
}

// groups are the groups of fields that have one in the form, in the order of the catalogue.
func (v MappingView) groups() []string { return []string{"Lead", "Call", "Extra"} }

// mapped counts the lines of a group that count.
func (f MappingForm) mapped(group string) int {
	n := 0
	for _, field := range f.Fields {
		if field.Group == group && field.Rule > 0 {
			n++
		}
	}
	return n
}

func (f MappingForm) groupHint(group string) string {
	if n := f.mapped(group); n > 0 {
		return ui.Count(n, "field", "fields") + " mapped"
	}
	return "nothing mapped"
}

// broken tells whether a line of a group has a problem, so that it must not be folded away.
func (f MappingForm) broken(group string) bool {
	for i, field := range f.Fields {
		if field.Group != group {
			continue
		}
		for key := range f.Problems {
			if strings.HasPrefix(key, "fields."+strconv.Itoa(i)+".") {
				return true
			}
		}
	}
	return false
}

func (f MappingForm) open(group string) bool {
	return f.mapped(group) > 0 || f.broken(group) || group == "Lead" && len(f.Rules) == 0 || strings.HasPrefix(f.Focus, "fields.") && group == "Extra"
}

// endpointOptions are the endpoints whose request may be shown, those that use the mapping first.
func (v MappingView) endpointOptions() []ui.Option {
	options := []ui.Option{{Value: "", Label: "Only what the mapping makes"}}
	uses := v.Of.MappingUses(v.Form.Was)
	for _, e := range v.Of.Endpoints {
		if v.Form.Was != "" && slices.Contains(uses, e.Name) {
			options = append(options, ui.Option{Value: e.Name, Label: "The request of " + e.Title()})
		}
	}
	return options
}

// formatOptions are the formats that fit the kind of a field.
func (f MappingField) formatOptions() []ui.Option {
	options := []ui.Option{{Value: "", Label: "As it is"}}
	if f.Kind == "datetime" || f.Custom {
		options = append(options, dateOptions()...)
	}
	if f.Kind == "number" || f.Kind == "currency" || f.Custom {
		options = append(options, ui.Option{Value: "number", Label: "Number"}, ui.Option{Value: "0", Label: "Number, 0"},
			ui.Option{Value: "0.00", Label: "Number, 0.00"}, ui.Option{Value: "#,##0.00", Label: "Number, #,##0.00"})
	}
	return with(options, f.Format)
}

// dated tells whether the line writes a date, which may ask for a time zone.
func (f MappingField) dated() bool {
	return slices.ContainsFunc(dateOptions(), func(o ui.Option) bool { return o.Value == f.Format }) || f.Zone != "" && f.Format != ""
}

func dateOptions() []ui.Option {
	var options []ui.Option
	for _, p := range token.DatePatterns() {
		if p.Pattern != "" {
			options = append(options, ui.Option{Value: p.Pattern, Label: p.Name + " (" + p.Example + ")"})
		}
	}
	return options
}

func (r MappingRule) formatOptions() []ui.Option {
	switch r.Row.Op {
	case "date":
		return with(append([]ui.Option{{Value: "", Label: "As it is"}}, dateOptions()...), r.Row.Format)
	case "set":
		return with([]ui.Option{{Value: "", Label: "Text"}, {Value: "json", Label: "JSON"}}, r.Row.Format)
	case "filter":
		return with([]ui.Option{{Value: "", Label: "Drop where the condition holds"}, {Value: "unchanged", Label: "Drop what has not changed since last time"}}, r.Row.Format)
	case "json_patch":
		return with([]ui.Option{{Value: "", Label: "replace"}, {Value: "add", Label: "add"}, {Value: "remove", Label: "remove"}}, r.Row.Format)
	}
	return nil
}

// asks tells whether a rule's operation has a use for a part of it.
func (r MappingRule) asks(part string) bool { return slices.Contains(RuleParts(r.Row.Op), part) }

// RuleParts are the parts of a rule that its operation has a use for.
func RuleParts(op string) []string {
	switch op {
	case "set":
		return []string{"from", "to", "format"}
	case "default":
		return []string{"to", "default", "from"}
	case "lookup":
		return []string{"from", "to", "default", "table"}
	case "date":
		return []string{"from", "to", "default", "format", "zone"}
	case "number", "concat", "json_patch":
		return []string{"from", "to", "default", "format"}
	case "remove":
		return []string{"to"}
	case "filter":
		return []string{"from", "to", "default", "format"}
	case "split":
		return []string{"from"}
	}
	return []string{"from", "to", "default"}
}

var ruleOptions = []ui.Option{
	{Value: "copy", Label: "Copy a value"},
	{Value: "set", Label: "Set a text"},
	{Value: "default", Label: "Fill what is empty"},
	{Value: "lookup", Label: "Look up in a table"},
	{Value: "date", Label: "Write a date"},
	{Value: "number", Label: "Write a number"},
	{Value: "concat", Label: "Join values"},
	{Value: "remove", Label: "Remove"},
	{Value: "filter", Label: "Drop the record"},
	{Value: "split", Label: "Split a list"},
	{Value: "json_patch", Label: "JSON patch"},
}

var envelopeOptions = []ui.Option{
	{Value: "", Label: "None"}, {Value: "hubspot_v1", Label: "HubSpot v1"}, {Value: "hubspot_v3", Label: "HubSpot v3"},
}

// fromLabel is what a rule's source is called.
func (r MappingRule) fromLabel() string {
	switch r.Row.Op {
	case "set":
		return "Text, with {{tokens}}"
	case "concat":
		return "Fields, with commas"
	case "split":
		return "List to split"
	case "filter":
		return "Identifier (for unchanged)"
	}
	return "Field or {{template}}"
}

func (r MappingRule) toLabel() string {
	switch r.Row.Op {
	case "json_patch":
		return "Paths"
	case "remove":
		return "Remove"
	case "filter":
		return "Compare only (for unchanged)"
	}
	return "Mapped To"
}

func (r MappingRule) defaultLabel() string {
	if r.Row.Op == "filter" {
		return "Reason"
	}
	return "Default"
}

func ruleKey(i int, part string) string  { return "rules." + strconv.Itoa(i) + "." + part }
func fieldKey(i int, part string) string { return "fields." + strconv.Itoa(i) + "." + part }

func (v IntegrationView) askDeleteMapping(m integration.Mapping) ui.Ask {
	return ui.Ask{
		ID: "ask-delete-mapping-" + ui.ElementID(m.Name), Label: "Delete", Icon: ui.IconTrash2(), InMenu: true,
		Title: "Delete the mapping " + m.Name + "?", Text: "An earlier revision can bring it back.",
		Href: v.To.MappingDo(v.Of.Name, m.Name, "delete"), Button: "Delete it",
	}
}

// mappingSummary says in words what a mapping holds.
func mappingSummary(m integration.Mapping) string {
	words := []string{ui.Count(len(m.Rows), "rule", "rules")}
	if m.Program != "" {
		words = append(words, "a program")
	}
	for _, o := range envelopeOptions {
		if o.Value == m.Envelope && o.Value != "" {
			words = append(words, o.Label)
		}
	}
	return strings.Join(words, ", ")
}
