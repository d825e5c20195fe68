package views

import (
	"maps"
	"net/url"
	"slices"

	"tieline/internal/run"
	"tieline/views/href"
	"tieline/views/ui"
)

// PageSizes are the page sizes of lists.
func PageSizes() []int { return []int{20, 50, 100, 200, 500, 1000} }

// RunsView is one page of a list of runs. At is the address of the list, Query its state as in the address;
// Filter is the form above it (false inside other pages), Customers are the choices there.
type RunsView struct {
	Runs      []run.Run
	Next      string // cursor of the next page, "" at the end
	At        string
	Query     url.Values
	Size      int
	Problems  map[string]string
	Customers []ui.Option
	Hide      map[string]bool // columns that go without saying: "customer", "endpoint"
	KeyLabel  string          // what the key is called here; "Key" unless given
	Saved     *SavedViews     // the saved views above the list, nil inside other pages
}

func (v RunsView) problemNames() []string { return slices.Sorted(maps.Keys(v.Problems)) }

func (v RunsView) get(name string) string { return v.Query.Get(name) }

// filterNames are the names in an address that narrow a list of runs.
func filterNames() []string {
	return []string{"from", "to", "status", "cause", "customer", "integration", "endpoint", "test", "q"}
}

func (v RunsView) filtered() bool {
	for _, name := range filterNames() {
		if v.Query.Get(name) != "" {
			return true
		}
	}
	return false
}

func (v RunsView) pages() ui.Pages {
	p := ui.Pages{
		Size: v.Size, Sizes: PageSizes(), Shown: len(v.Runs), Noun: "runs",
		SizeAt: func(size int) string { return href.Limit(v.At, v.Query, size) },
	}
	if v.Next != "" {
		p.Next = href.Page(v.At, v.Query, "cursor", v.Next)
	}
	if v.Query.Get("cursor") != "" {
		p.First = href.Page(v.At, v.Query, "cursor", "")
	}
	return p
}

func (v RunsView) statuses() []ui.Option {
	options := []ui.Option{{Value: "", Label: "Every status"}}
	for _, s := range run.Statuses() {
		options = append(options, ui.Option{Value: string(s), Label: string(s)})
	}
	return options
}

func (v RunsView) causes() []ui.Option {
	options := []ui.Option{{Value: "", Label: "Every cause"}}
	for _, c := range run.Causes() {
		options = append(options, ui.Option{Value: string(c), Label: string(c)})
	}
	return options
}

func (v RunsView) customers() []ui.Option {
	return append([]ui.Option{{Value: "", Label: "Every customer"}}, v.Customers...)
}

func (v RunsView) tests() []ui.Option {
	return []ui.Option{{Value: "", Label: "Tests and calls"}, {Value: "no", Label: "Calls only"}, {Value: "yes", Label: "Tests only"}}
}

func (v RunsView) csvQuery() string {
	q := url.Values{}
	for name, values := range v.Query {
		if name != "cursor" && name != "limit" && name != "view" && len(values) > 0 && values[0] != "" {
			q[name] = values
		}
	}
	return q.Encode()
}

// shortID is the end of an id, which differs between neighbours; the beginning is the time.
func shortID(id string) string {
	if len(id) <= 8 {
		return id
	}
	return "…" + id[len(id)-7:]
}

func runLabel(r run.Run) string { return "View run " + shortID(r.ID) + " of " + r.Endpoint }

// moreFiltered tells whether one of the lesser filters is set, so that they show.
func (v RunsView) moreFiltered() bool {
	for _, name := range []string{"from", "to", "cause", "integration", "test"} {
		if v.Query.Get(name) != "" {
			return true
		}
	}
	return false
}
