package views

import (
	"slices"
	"strconv"
	"strings"

	"tieline/internal/audit"
	"tieline/internal/catalogue"
	"tieline/internal/integration"
	"tieline/internal/run"
	"tieline/views/href"
	"tieline/views/ui"
)

// PickView is what was read from a foreign document: its operations, to pick some, and the report.
type PickView struct {
	ID     string
	Head   catalogue.Catalogue // without operations
	Count  int                 // of all operations
	Into   string              // the integration that is added to, "" for a new one
	Text   string              // what was searched for
	Rows   []PickRow
	Total  int   // how many were found
	Offset int   // of the first row
	Size   int   // rows on a page
	Picked []int // numbers of what is picked, shown or not
	Error  string
}

// PickRow is one operation that can be picked.
type PickRow struct {
	N                         int
	Group, Name, Method, Path string
	Body, Paginated           bool
}

// ReviewView is what was picked, before it is saved.
type ReviewView struct {
	ID       string
	Head     catalogue.Catalogue
	Into     string
	Targets  []ui.Option // integrations that can be added to
	Name     string
	Label    string
	Type     string
	Rows     []ReviewRow
	Problems map[string]string
	Warnings []run.Problem
	Diff     []audit.Field
}

// ReviewRow is one endpoint to be.
type ReviewRow struct {
	N         int
	Keep      bool
	Walk      bool // take the pagination that was guessed
	Operation catalogue.Operation
}

func (v PickView) picked(n int) bool { return slices.Contains(v.Picked, n) }

// unseen are the picked operations that no row shows.
func (v PickView) unseen() []int {
	var list []int
	for _, n := range v.Picked {
		if !slices.ContainsFunc(v.Rows, func(r PickRow) bool { return r.N == n }) {
			list = append(list, n)
		}
	}
	return list
}

func (v PickView) sub() string {
	return ui.Count(v.Count, "operation", "operations") + " from " + formatWord(v.Head.Format)
}

func (v PickView) found() string {
	last := v.Offset + len(v.Rows)
	switch {
	case v.Total == 0:
		return "Nothing found"
	case v.Total == len(v.Rows) && v.Text == "":
		return ui.Count(v.Total, "operation", "operations")
	case v.Total == len(v.Rows):
		return ui.Count(v.Total, "operation", "operations") + " found"
	}
	return strconv.Itoa(v.Offset+1) + "–" + strconv.Itoa(last) + " of " + strconv.Itoa(v.Total)
}

func (v PickView) review() string {
	if len(v.Picked) == 0 {
		return "Review what is picked"
	}
	return "Review what is picked (" + strconv.Itoa(len(v.Picked)) + " so far)"
}

func (r PickRow) id() string { return "pick-" + strconv.Itoa(r.N) }

func (r PickRow) about() string {
	var words []string
	if r.Body {
		words = append(words, "body")
	}
	if r.Paginated {
		words = append(words, "pages")
	}
	return strings.Join(words, ", ")
}

func formatWord(format string) string {
	for _, o := range importFormats {
		if o.Value == format {
			return o.Label
		}
	}
	return format
}

var importFormats = []ui.Option{
	{Value: "", Label: "Find out"},
	{Value: "tieline", Label: "Tieline document"},
	{Value: catalogue.OpenAPI, Label: "OpenAPI"},
	{Value: catalogue.CURL, Label: "cURL"},
	{Value: catalogue.Postman, Label: "Postman"},
	{Value: catalogue.HAR, Label: "HAR"},
}

func (v ReviewView) fields() ui.Form { return ui.Form{Problems: v.Problems} }

func (v ReviewView) title() string {
	if v.Into != "" {
		return "Add to " + v.Into
	}
	return "Review the import"
}

func (v ReviewView) targets() []ui.Option {
	return append([]ui.Option{{Value: "", Label: "A new integration"}}, v.Targets...)
}

func (v ReviewView) back(p Page) string {
	pairs := []string{"into", v.Into}
	for _, r := range v.Rows {
		pairs = append(pairs, "n", strconv.Itoa(r.N))
	}
	return href.With(p.To.Import(v.ID, ""), pairs...)
}

func (r ReviewRow) key(field string) string { return "e." + strconv.Itoa(r.N) + "." + field }

// contents says in a few words what the endpoint will hold.
func (r ReviewRow) contents() string {
	e := r.Operation.Endpoint
	var words []string
	count := func(n int, one, many string) {
		if n > 0 {
			words = append(words, ui.Count(n, one, many))
		}
	}
	count(len(e.Path), "path row", "path rows")
	on := 0
	for _, q := range e.Query {
		if integration.On(q.Enabled) {
			on++
		}
	}
	count(on, "query row", "query rows")
	count(len(e.Query)-on, "more query row, off", "more query rows, off")
	if e.Body.Kind != "" {
		words = append(words, e.Body.Kind+" body")
	}
	if e.Response.Type != "" {
		words = append(words, "answers "+e.Response.Type)
	}
	if e.Contract == "records" {
		words = append(words, "records at "+orDefault(e.Response.Items, "the top"))
	}
	if len(e.Params) > 0 {
		words = append(words, "sends "+strings.Join(e.Params, ", "))
	}
	if e.Auth == "none" {
		words = append(words, "no authentication")
	}
	return strings.Join(words, " · ")
}

func (r ReviewRow) walkLabel() string {
	p := r.Operation.Endpoint.Pagination
	how := map[string]string{"page": p.PageParam, "offset": p.OffsetParam, "cursor": p.CursorParam, "next_link": p.NextPath}[p.Kind]
	return "Fetch all pages (" + strings.ReplaceAll(p.Kind, "_", " ") + ": " + how + ")"
}

// checks are the notes of the operation and what a check found.
func (r ReviewRow) checks() []string {
	var list []string
	for _, n := range r.Operation.Notes {
		list = append(list, n.Message)
	}
	return list
}
