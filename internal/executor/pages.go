package executor

import (
	"context"
	"crypto/sha256"
	"strconv"
	"time"

	"tieline/internal/integration"
	"tieline/internal/request"
	"tieline/internal/response"
	"tieline/internal/run"
	"tieline/internal/token"
)

// The bounds of a list that is read page by page. Beside them stand the bounds of every answer; of all pages
// together as much is stored as walkKept says, and a little of each in any case.
const (
	walkTime  = 2 * time.Minute
	walkItems = 100_000
	walkBytes = 16 << 20
	walkKept  = 1 << 20
	pageKept  = 4 << 10
	emptyMost = 10 // empty pages in a row, each with another one after it
)

// walk is the way through the pages of one list.
type walk struct {
	p     integration.Pagination
	page  int // the number of the page under way, from 1
	first response.Reading
	items []any
	bytes int64
	kept  int
	empty int // pages without items in a row
	seen  map[[sha256.Size]byte]int
	after bool // more pages may follow, and were not asked for
}

// newWalk begins before the first page; nil for an endpoint without pages.
func newWalk(p *integration.Pagination) *walk {
	if p == nil {
		return nil
	}
	return &walk{p: p.Filled(), page: 1, seen: map[[sha256.Size]byte]int{}}
}

// pages makes the request of each page, until one is the last or something is wrong. The first is built already.
func (c *call) pages(ctx context.Context) {
	for more := true; more; {
		if c.inTime() {
			c.try(ctx)
		}
		more = c.failure == nil && c.turn(ctx)
		if more {
			c.build()
			more = c.failure == nil
		}
	}
	c.gather()
}

// inTime gives the page under way its time, as far as the whole list has some left.
func (c *call) inTime() bool {
	now, over := c.e.options.Now(), c.began.Add(walkTime)
	c.until = now.Add(c.total())
	if c.late = c.until.After(over); c.late {
		c.until = over
	}
	if now.Before(over) {
		return true
	}
	c.failure = &run.Failure{
		Cause: run.ReadTimeout, Summary: "the list did not end within " + spell(walkTime), Evidence: "It has more pages.",
		Hint: "Ask for larger pages or for less, for example only what has changed since the last time.",
	}
	return false
}

// start is what the first page changes in the request.
func (w *walk) start() *request.Page {
	page := &request.Page{}
	switch w.p.Kind {
	case "page", "offset":
		page.Query = append(page.Query, request.Param{Name: w.p.Param(), Value: strconv.Itoa(*w.p.Start)})
	case "forward_only":
		page.Headers = []run.Header{{Name: "pagination-type", Value: "forward-only"}}
	}
	if w.p.SizeParam != "" {
		page.Query = append(page.Query, request.Param{Name: w.p.SizeParam, Value: strconv.Itoa(w.p.Size)})
	}
	return page
}

// turn takes in the page that was read and goes to the next one; false where there is none. What was decided is
// noted with the exchange.
func (c *call) turn(ctx context.Context) bool {
	w := c.walk
	if w.page == 1 {
		w.first = c.reading
	}
	next, then := c.decide(ctx)
	exchanges := c.attempts[len(c.attempts)-1].Exchanges
	exchanges[len(exchanges)-1].Paging = &run.Paging{Items: len(c.reading.Items), Then: c.hiding().Text(then)}
	if next == nil {
		return false
	}
	w.page++
	c.page = next
	return true
}

// decide adds the items of a page and says what the next page changes in the request, nil where it was the last;
// then says why, for people.
func (c *call) decide(ctx context.Context) (next *request.Page, then string) {
	w, n := c.walk, len(c.reading.Items)
	w.items = append(w.items, c.reading.Items...)
	if c.failure = c.within(ctx); c.failure != nil {
		return nil, c.failure.Summary
	}
	if w.empty++; n > 0 {
		w.empty = 0
	}
	if then = w.ended(n, c.reading); then != "" {
		return nil, then
	}
	if c.failure = w.again(c.reading); c.failure != nil {
		return nil, c.failure.Summary
	}
	next, then, c.failure = c.following()
	switch {
	case c.failure != nil:
		return nil, c.failure.Summary
	case w.page >= w.p.MaxPages:
		w.after = true
		return nil, "stopped here: at most " + strconv.Itoa(w.p.MaxPages) + " pages are asked for"
	}
	return next, then
}

// within holds the list against its bounds.
func (c *call) within(ctx context.Context) *run.Failure {
	w := c.walk
	if c.last.Response != nil {
		w.bytes += c.last.Response.Size
	}
	const hint = "Ask for less: a filter in the query, fewer fields, or fewer pages at once (max pages)."
	switch {
	case len(w.items) > walkItems:
		return &run.Failure{
			Cause: run.TooLarge, Summary: "the list has more than 100,000 records", Hint: hint,
			Evidence: strconv.Itoa(w.page) + " pages held " + strconv.Itoa(len(w.items)) + " records.",
		}
	case w.bytes > walkBytes:
		return &run.Failure{
			Cause: run.TooLarge, Summary: "the pages of the list are larger than 16 MiB together", Hint: hint,
			Evidence: strconv.Itoa(w.page) + " pages held " + strconv.FormatInt(w.bytes, 10) + " bytes.",
		}
	case w.bytes > walkFree && c.held == 0:
		ctx, cancel := context.WithTimeout(ctx, max(c.left(), 0))
		defer cancel()
		if c.room(ctx, walkBytes) != nil {
			return &run.Failure{
				Cause: run.ReadTimeout, Summary: "too many large lists came at once, and this one waited in vain",
				Evidence: "Tieline reads only some lists of more than 1 MiB at a time, to stay within its memory.",
				Hint:     "Try again in a moment, or ask the vendor for less data at once.",
			}
		}
	}
	return nil
}

// walkFree is how much the pages of a list may hold without asking for room.
const walkFree = 1 << 20

// ended says why the page that was read is the last one, "" where it need not be.
func (w *walk) ended(n int, reading response.Reading) string {
	switch {
	case n == 0 && (w.p.Numbered() || reading.Next == ""):
		return "the last page: it is empty"
	case w.p.Expected > 0 && n < w.p.Expected:
		return "the last page: fewer than " + strconv.Itoa(w.p.Expected) + " items"
	case !w.p.Numbered() && reading.Next == "" && reading.NoNext != "":
		return "the last page: " + reading.NoNext
	case !w.p.Numbered() && reading.Next == "":
		return "the last page: it names no next one"
	}
	return ""
}

// again finds out that the pages lead nowhere: the same items, or nothing at all, over and over.
func (w *walk) again(reading response.Reading) *run.Failure {
	if w.empty >= emptyMost {
		return w.loop(strconv.Itoa(emptyMost)+" pages in a row were empty", "Each of them names another page.")
	}
	if len(reading.Items) == 0 {
		return nil
	}
	if before, ok := w.visit("items", string(token.AppendJSON(nil, reading.Items))); ok {
		evidence := "Both hold the same " + strconv.Itoa(len(reading.Items)) + " records."
		if w.p.Param() != "" {
			evidence += " The vendor seems to pass over the parameter " + w.p.Param() + "."
		}
		return w.loop("page "+strconv.Itoa(w.page)+" is page "+strconv.Itoa(before)+" again", evidence)
	}
	return nil
}

// visit notes something a page is known by and tells on which page it was there before.
func (w *walk) visit(kind, text string) (before int, ok bool) {
	key := sha256.Sum256([]byte(kind + "\x00" + text))
	if before, ok = w.seen[key]; !ok {
		w.seen[key] = w.page
	}
	return before, ok
}

func (w *walk) loop(summary, evidence string) *run.Failure {
	return &run.Failure{
		Cause: run.PageLoop, Summary: "the pages go round in a circle: " + summary, Evidence: evidence,
		Hint: "Check how the vendor names the next page against the Pages part of the Response tab. If the definition is right, the vendor's list is broken: send them the addresses of these pages.",
	}
}

// gather makes one reading of all pages. A list that broke off in the middle has none of its records: half a list
// looks like a whole one.
func (c *call) gather() {
	w := c.walk
	if c.failure != nil {
		c.failure = w.named(c.failure)
		if w.page > 1 {
			c.reading = response.Reading{}
		}
		c.reading.Items, c.reading.Count = nil, 0
		return
	}
	all := w.first
	all.Items, all.Count = w.items, len(w.items)
	pages := strconv.Itoa(w.page) + " pages"
	if w.page == 1 {
		pages = "1 page"
	}
	all.Warnings = append(all.Warnings, strconv.Itoa(all.Count)+" records on "+pages+".")
	if w.after {
		all.Warnings = append(all.Warnings, "There may be more: at most "+strconv.Itoa(w.p.MaxPages)+" pages are asked for.")
	}
	c.reading = all
}

// named says in a failure on which page it came and what came before.
func (w *walk) named(f *run.Failure) *run.Failure {
	if w.page == 1 {
		return f
	}
	shown := *f
	shown.Summary = "page " + strconv.Itoa(w.page) + ": " + f.Summary
	before := "1 page"
	if w.page > 2 {
		before = strconv.Itoa(w.page-1) + " pages"
	}
	shown.Evidence += " Before it, " + before + " with " + strconv.Itoa(len(w.items)) + " records came."
	return &shown
}
