package executor

import (
	"net/url"
	"strconv"
	"strings"

	"tieline/internal/outbound"
	"tieline/internal/request"
	"tieline/internal/run"
)

// following is what the page after the one that was read changes in the request.
func (c *call) following() (next *request.Page, then string, failure *run.Failure) {
	w := c.walk
	number := strconv.Itoa(w.page + 1)
	switch w.p.Kind {
	case "page":
		return w.with(w.p.Param(), strconv.Itoa(*w.p.Start+w.page)), "page " + number + " follows", nil
	case "offset":
		at := strconv.Itoa(*w.p.Start + len(w.items))
		return w.with(w.p.Param(), at), "page " + number + " follows, from offset " + at, nil
	case "cursor":
		if before, ok := w.visit("cursor", c.reading.Next); ok {
			return nil, "", w.loop("page "+strconv.Itoa(w.page)+" names the same next page as page "+strconv.Itoa(before), "Both give the cursor "+strconv.Quote(short(c.reading.Next))+".")
		}
		return w.with(w.p.Param(), c.reading.Next), "page " + number + " follows, by the cursor that was given", nil
	}
	return c.linked(number)
}

// with is the first page's request with another value of one parameter.
func (w *walk) with(name, value string) *request.Page {
	page := w.start()
	for i := range page.Query {
		if page.Query[i].Name == name {
			page.Query[i].Value = value
			return page
		}
	}
	page.Query = append(page.Query, request.Param{Name: name, Value: value})
	return page
}

// linked follows the link to the next page, on the same host only. A forward-only link names a page by its id,
// which is all that is taken from it.
func (c *call) linked(number string) (*request.Page, string, *run.Failure) {
	w := c.walk
	from := c.last.Request.URL
	if n := len(c.last.Hops); n > 0 {
		from = c.last.Hops[n-1].To
	}
	to, why := nextAddress(c.built.Request.URL, from, c.reading.Next)
	if w.p.Kind == "forward_only" && to != nil && to.Query().Get(w.p.Param()) != "" {
		id := to.Query().Get(w.p.Param())
		if before, ok := w.visit("cursor", id); ok {
			return nil, "", w.loop("page "+strconv.Itoa(w.page)+" names the same next page as page "+strconv.Itoa(before), "Both name the "+w.p.Param()+" "+strconv.Quote(short(id))+".")
		}
		return w.with(w.p.Param(), id), "page " + number + " follows, from " + w.p.Param() + " " + short(id), nil
	}
	if why != "" {
		return nil, "", &run.Failure{
			Cause: run.NextLinkBlocked, Summary: "the link to the next page was not followed: " + why,
			Evidence: "The page at " + withoutQuery(from) + " names " + strconv.Quote(short(outbound.WithoutUser(c.reading.Next))) + " as the next one.",
			Hint:     "Pages are only asked for where the first one came from, so that credentials go nowhere else. If the vendor really serves the list from there, make that host the integrator's own.",
		}
	}
	link := to.String()
	if w.page == 1 {
		w.visit("link", from)
	}
	if before, ok := w.visit("link", link); ok {
		return nil, "", w.loop("page "+strconv.Itoa(w.page)+" names the same next page as page "+strconv.Itoa(before), "The link is "+strconv.Quote(short(link))+".")
	}
	page := w.start()
	page.URL, page.Query = link, nil
	return page, "page " + number + " follows, by the link that was given", nil
}

// nextAddress reads a link against the page it stood on. It must stay on the host of the first request. A link to
// plain http from https is asked for by https: vendors behind a proxy often do not know better.
func nextAddress(first, from, link string) (to *url.URL, why string) {
	base, err := url.Parse(from)
	home, err2 := url.Parse(first)
	if err != nil || err2 != nil {
		return nil, "it cannot be read"
	}
	to, err = base.Parse(link)
	switch {
	case err != nil:
		return nil, "it cannot be read"
	case to.Scheme != "http" && to.Scheme != "https":
		return nil, "it is no web address"
	case to.User != nil:
		return nil, "it names a user"
	}
	to.Fragment, to.RawFragment = "", ""
	same := strings.EqualFold(strings.TrimSuffix(to.Hostname(), "."), strings.TrimSuffix(home.Hostname(), "."))
	plain := usualPort(to) && usualPort(home)
	switch {
	case !same, !plain && portOf(to) != portOf(home):
		return to, "it leads to another host (" + to.Host + ")"
	case home.Scheme == "https" && to.Scheme == "http" && !plain:
		return to, "it leads from https to plain http"
	case home.Scheme == "https":
		to.Scheme = "https"
	}
	if to.Scheme == home.Scheme {
		to.Host = home.Host
	}
	return to, ""
}

func usualPort(u *url.URL) bool {
	return u.Port() == "" || u.Scheme == "http" && u.Port() == "80" || u.Scheme == "https" && u.Port() == "443"
}

func portOf(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "http":
		return "80"
	}
	return "443"
}

func short(s string) string {
	if len(s) > 160 {
		return strings.ToValidUTF8(s[:160], "") + "…"
	}
	return s
}

func withoutQuery(address string) string {
	address, _, _ = strings.Cut(address, "?")
	return address
}
