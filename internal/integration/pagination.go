package integration

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"tieline/internal/fault"
)

// Pagination says how the next page of a list is asked for. Items are counted before any filter; next links stay
// on the host of the first page. An endpoint with pages has the contract records.
type Pagination struct {
	Kind        string `json:"kind"`                   // one of PaginationKinds
	PageParam   string `json:"page_param,omitempty"`   // page: the query parameter; default page
	Start       *int   `json:"start,omitempty"`        // the number of the first page (default 1) or the first offset (default 0)
	OffsetParam string `json:"offset_param,omitempty"` // offset: the query parameter; default offset
	SizeParam   string `json:"size_param,omitempty"`   // the query parameter that holds Size, where there is one; forward_only: default pageSize
	Size        int    `json:"size,omitempty"`         // items asked for in a page
	NextPath    string `json:"next_path,omitempty"`    // next_link: where in the answer the address of the next page stands
	CursorParam string `json:"cursor_param,omitempty"` // cursor: the query parameter that takes the cursor; forward_only: default pageId
	CursorPath  string `json:"cursor_path,omitempty"`  // cursor: where in the answer the next cursor stands
	MaxPages    int    `json:"max_pages,omitempty"`    // 1-1000; default 100
	Expected    int    `json:"expected,omitempty"`     // a page with fewer items than this is the last; page and offset: default Size
}

// PaginationKinds are the ways to ask for the next page.
func PaginationKinds() []string {
	return []string{"page", "offset", "next_link", "link_header", "cursor", "forward_only"}
}

// DefaultMaxPages is how many pages are asked for where nothing else is said.
const DefaultMaxPages = 100

const (
	mostPages = 1000
	mostSize  = 100_000
)

// Filled is the pagination with the defaults of its kind in place of what is not said.
func (p Pagination) Filled() Pagination {
	start := 0
	switch p.Kind {
	case "page":
		p.PageParam, start = cmp.Or(p.PageParam, "page"), 1
	case "offset":
		p.OffsetParam = cmp.Or(p.OffsetParam, "offset")
	case "forward_only":
		p.CursorParam = cmp.Or(p.CursorParam, "pageId")
		if p.Size > 0 {
			p.SizeParam = cmp.Or(p.SizeParam, "pageSize")
		}
	}
	if p.Start == nil {
		p.Start = &start
	}
	if p.Numbered() {
		p.Expected = cmp.Or(p.Expected, p.Size)
	}
	p.MaxPages = cmp.Or(p.MaxPages, DefaultMaxPages)
	return p
}

// Numbered tells whether pages are asked for by counting. Else the vendor names the next one, and no page is the
// last because it is short, unless Expected says so.
func (p Pagination) Numbered() bool { return p.Kind == "page" || p.Kind == "offset" }

// Param is the query parameter that says which page is asked for, "" where links lead on.
func (p Pagination) Param() string {
	p = p.Filled()
	switch p.Kind {
	case "page":
		return p.PageParam
	case "offset":
		return p.OffsetParam
	case "cursor", "forward_only":
		return p.CursorParam
	}
	return ""
}

// Validate says everything that is wrong with how pages are asked for.
func (p Pagination) Validate() error {
	var f fault.Fields
	if !slices.Contains(PaginationKinds(), p.Kind) {
		f.Add("kind", Choose(PaginationKinds()))
		return f.Err()
	}
	p.only(&f, "page_param", p.PageParam != "", "page")
	p.only(&f, "offset_param", p.OffsetParam != "", "offset")
	p.only(&f, "start", p.Start != nil, "page", "offset")
	p.only(&f, "next_path", p.NextPath != "", "next_link")
	p.only(&f, "cursor_param", p.CursorParam != "", "cursor", "forward_only")
	p.only(&f, "cursor_path", p.CursorPath != "", "cursor")
	for _, param := range [][2]string{
		{"page_param", p.PageParam}, {"offset_param", p.OffsetParam}, {"size_param", p.SizeParam}, {"cursor_param", p.CursorParam},
	} {
		if name := param[1]; name != "" && rowName(Row{Name: name}) != "" {
			f.Add(param[0], rowName(Row{Name: name}))
		}
	}
	line(&f, "next_path", p.NextPath, "The path", maxPath)
	line(&f, "cursor_path", p.CursorPath, "The path", maxPath)
	switch {
	case p.Kind == "next_link" && p.NextPath == "":
		f.Add("next_path", "Say where in the answer the address of the next page stands.")
	case p.Kind == "cursor" && p.CursorPath == "":
		f.Add("cursor_path", "Say where in the answer the next cursor stands.")
	}
	if p.Kind == "cursor" && p.CursorParam == "" {
		f.Add("cursor_param", "Name the query parameter that takes the cursor.")
	}
	p.validateNumbers(&f)
	return f.Err()
}

// only refuses a field that another kind has.
func (p Pagination) only(f *fault.Fields, field string, set bool, kinds ...string) {
	if set && !slices.Contains(kinds, p.Kind) {
		f.Add(field, "Only the kind "+strings.Join(kinds, " or ")+" has this.")
	}
}

func (p Pagination) validateNumbers(f *fault.Fields) {
	if p.Start != nil && (*p.Start < 0 || *p.Start > 1_000_000) {
		f.Add("start", "0 to 1000000.")
	}
	switch {
	case p.Size < 0 || p.Size > mostSize:
		f.Add("size", "1 to 100000 items.")
	case p.Size == 0 && p.SizeParam != "":
		f.Add("size", "Say how many items the parameter "+p.SizeParam+" asks for.")
	}
	if p.MaxPages < 0 || p.MaxPages > mostPages {
		f.Add("max_pages", "1 to 1000 pages.")
	}
	if p.Expected < 0 || p.Expected > mostSize {
		f.Add("expected", "1 to 100000 items.")
	}
	if first, second := p.Param(), p.Filled().SizeParam; first != "" && first == second {
		f.Add("size_param", "Another parameter of the pages has this name.")
	}
}

// validatePagination checks that an endpoint can have pages, and that nothing else fills their parameters.
func (e Endpoint) validatePagination(f *fault.Fields) {
	p := e.Pagination
	if p == nil {
		return
	}
	f.Under("pagination", p.Validate())
	const at = "pagination.kind"
	switch {
	case e.Inbound():
		f.Add(at, "Only an endpoint that sends requests has pages.")
	case slices.Contains([]string{"Auth", "Document", "Login"}, e.Type):
		f.Add(at, "An endpoint of type "+e.Type+" has no pages.")
	case e.Contract != "" && e.Contract != "records":
		f.Add("contract", "Pages hold records: choose the contract records, or no pages.")
	case e.EffectiveMethod() == "HEAD":
		f.Add(at, "HEAD has no body, and so no pages.")
	case e.EffectiveRepeat() != "safe":
		f.Add(at, "Pages take several requests, so the endpoint must be safe to repeat: use GET or, where a POST only searches, the repeat class safe.")
	}
	for _, name := range []string{p.Param(), p.Filled().SizeParam} {
		if name != "" && urlHasParam(e.URL, name) {
			f.Add("url", "The pages fill the parameter "+name+": take it out of the URL.")
		}
	}
	for i, r := range e.Query {
		if p.Kind == "forward_only" && On(r.Enabled) && equalFold(r.Name, "orderBy") {
			f.Add("query."+strconv.Itoa(i)+".name", "Forward-only pages come in the vendor's own order: take orderBy out.")
		}
	}
}

// urlHasParam tells whether a query parameter is written into a URL.
func urlHasParam(url, name string) bool {
	_, query, _ := strings.Cut(url, "?")
	query, _, _ = strings.Cut(query, "#")
	for part := range strings.SplitSeq(query, "&") {
		if key, _, _ := strings.Cut(part, "="); key == name {
			return true
		}
	}
	return false
}
