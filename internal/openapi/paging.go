package openapi

import (
	"slices"
	"strings"

	"tieline/internal/integration"
)

// paging guesses how the next page of a list is asked for. It is said only where both halves are there: how a page
// is asked for, and how the next one is known. How many items a page shall have is left to the vendor: one that gives
// fewer than it is asked for would seem to be at its end.
func (d *draft) paging(answer *node) {
	size := d.queryNamed("pageSize", "page_size", "per_page", "perPage", "limit", "size", "count", "top", "$top", "maxResults", "max_results")
	var p integration.Pagination
	page := d.queryNamed("page", "pageNumber", "page_number", "pageNo", "page_no", "Page")
	offset := d.queryNamed("offset", "skip", "$skip", "startIndex", "start_index")
	cursor := d.queryNamed("after", "cursor", "page_token", "pageToken", "starting_after", "nextToken", "next_token", "page[after]")
	next := d.answerPath(answer, "next_page_token", "nextPageToken", "next_cursor", "nextCursor", "nextToken", "next_token", "after", "cursor", "after_cursor")
	link := d.answerPath(answer, "next_page_url", "next_page", "nextPage", "next_url", "nextUrl", "nextLink", "@odata.nextLink", "next")
	switch {
	case cursor != "" && next != "":
		p.Kind, p.CursorParam, p.CursorPath = "cursor", cursor, next
	case page != "":
		p.Kind, p.PageParam = "page", page
	case offset != "" && size != "":
		p.Kind, p.OffsetParam = "offset", offset
	case link != "" && (size != "" || strings.Contains(strings.ToLower(link), "next")):
		p.Kind, p.NextPath = "next_link", link
	default:
		return
	}
	d.out.Paginated = true
	d.call.Pagination = &p
	// The walk itself puts these into the query.
	d.call.Query = slices.DeleteFunc(d.call.Query, func(r integration.Row) bool {
		return !integration.On(r.Enabled) && (r.Name == p.PageParam || r.Name == p.OffsetParam || r.Name == p.CursorParam) && r.Name != ""
	})
}

// queryNamed finds a query parameter by one of its usual names.
func (d *draft) queryNamed(names ...string) string {
	for _, name := range names {
		for _, r := range d.call.Query {
			if strings.EqualFold(r.Name, name) {
				return r.Name
			}
		}
	}
	return ""
}

// answerPath finds a member of an answer by one of its usual names, at the top or within what usually tells of
// pages.
func (d *draft) answerPath(answer *node, usual ...string) string {
	names, items := d.properties(answer, 0)
	for _, name := range usual {
		if i := slices.Index(names, name); i >= 0 && d.typeOf(d.schema(items[i], 1)) != "object" {
			return name
		}
	}
	for _, holder := range []string{"paging", "pagination", "meta", "links", "_links", "page"} {
		i := slices.Index(names, holder)
		if i < 0 {
			continue
		}
		if inner := d.answerPath2(d.schema(items[i], 1), usual); inner != "" {
			return holder + "." + inner
		}
	}
	return ""
}

// answerPath2 looks one and two levels further down ("paging.next.after").
func (d *draft) answerPath2(n *node, usual []string) string {
	names, items := d.properties(n, 1)
	for _, name := range usual {
		if i := slices.Index(names, name); i >= 0 && d.typeOf(d.schema(items[i], 2)) != "object" {
			return name
		}
	}
	if i := slices.Index(names, "next"); i >= 0 {
		inner, values := d.properties(d.schema(items[i], 2), 2)
		for _, name := range usual {
			if k := slices.Index(inner, name); k >= 0 && d.typeOf(d.schema(values[k], 3)) != "object" {
				return "next." + name
			}
		}
	}
	return ""
}
