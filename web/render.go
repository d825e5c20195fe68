package web

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"tieline/views"
	"tieline/views/ui"
)

// Every string of htmx's protocol stands in this file.
const (
	hxRequest     = "HX-Request"
	hxRequestType = "HX-Request-Type"
	hxTarget      = "HX-Target"
	hxRedirect    = "HX-Redirect"
	hxLocation    = "HX-Location"
	hxCurrentURL  = "HX-Current-URL"
	hxReswap      = "HX-Reswap"
	hxRetarget    = "HX-Retarget"
	hxPushURL     = "HX-Push-Url"
)

// partial tells whether htmx asks for a region and not for a page.
func partial(c echo.Context) bool {
	h := c.Request().Header
	return h.Get(hxRequest) == "true" && h.Get(hxRequestType) == "partial"
}

// region is the id of the element that htmx wants to fill, or "".
func region(c echo.Context) string {
	if !partial(c) {
		return ""
	}
	_, id, _ := strings.Cut(c.Request().Header.Get(hxTarget), "#")
	return id
}

// render writes a page, or only the region of it that htmx asked for, where the page allows that region. The
// whole answer is made before its first byte is sent.
func render(c echo.Context, status int, page templ.Component, regions ...string) error {
	var body bytes.Buffer
	ctx := c.Request().Context()
	wanted := region(c)
	switch {
	case wanted == "":
		if err := page.Render(ctx, &body); err != nil {
			return err
		}
	case slices.Contains(regions, wanted):
		if err := templ.RenderFragments(ctx, &body, page, wanted); err != nil {
			return err
		}
		if err := views.MoreToasts(notesOf(c)).Render(ctx, &body); err != nil {
			return err
		}
	default: // the page has no such region: show it whole
		c.Response().Header().Set(hxRetarget, "body")
		c.Response().Header().Set(hxReswap, "innerHTML")
		if err := page.Render(ctx, &body); err != nil {
			return err
		}
	}
	return send(c, status, body.Bytes())
}

// send writes a page that is ready, compressed where the browser takes it.
func send(c echo.Context, status int, body []byte) error {
	h := c.Response().Header()
	h.Set("Cache-Control", "no-store")
	h.Add("Vary", "HX-Request, HX-Request-Type, HX-Target, Accept-Encoding")
	if len(body) > 1400 && strings.Contains(c.Request().Header.Get("Accept-Encoding"), "gzip") {
		var zipped bytes.Buffer
		z, err := gzip.NewWriterLevel(&zipped, gzip.BestSpeed)
		if err != nil {
			return err
		}
		if _, err := z.Write(body); err != nil {
			return err
		}
		if err := z.Close(); err != nil {
			return err
		}
		h.Set("Content-Encoding", "gzip")
		body = zipped.Bytes()
	}
	return c.Blob(status, "text/html; charset=utf-8", body)
}

// goTo leads the browser to another page, after a form was posted or a region was asked for.
func goTo(c echo.Context, href string) error {
	if c.Request().Header.Get(hxRequest) == "true" {
		c.Response().Header().Set(hxRedirect, href)
		return c.NoContent(http.StatusOK)
	}
	return c.Redirect(http.StatusSeeOther, href)
}

// done leads to another page with a message that shows once.
func (s *site) done(c echo.Context, message, href string) error {
	return s.tell(c, ui.Good, message, href)
}

func (s *site) tell(c echo.Context, tone ui.Tone, message, href string) error {
	if err := s.cookies.later(c.Response(), session(c).ID.Reveal(), ui.Note{Tone: tone, Text: message}); err != nil {
		return err
	}
	if partial(c) {
		return lead(c, href)
	}
	return goTo(c, href)
}

// lead has htmx fetch another page and put it in the place of this one, so that nothing is loaded anew. The
// page that one stands on already makes no second entry in the browser's history.
func lead(c echo.Context, href string) error {
	where := map[string]string{"path": href, "target": "body", "swap": "innerHTML"}
	if now, err := url.Parse(c.Request().Header.Get(hxCurrentURL)); err == nil && now.RequestURI() == href {
		where["replace"] = "true"
	}
	text, err := json.Marshal(where)
	if err != nil {
		return err
	}
	c.Response().Header().Set(hxLocation, string(text))
	return c.NoContent(http.StatusOK)
}

// page is what every page knows; title goes into the browser's tab, section lights an entry of the menu.
func (s *site) page(c echo.Context, title, section string) views.Page {
	in := session(c)
	if n, ok := s.cookies.take(c.Response(), c.Request(), in.ID.Reveal()); ok {
		toast(c, n.Tone, n.Text)
	}
	return views.Page{
		Title: title, Section: section, To: s.root, Here: s.here(c), Actor: in.Actor, Theme: theme(c), Notes: notesOf(c),
		CSS: s.files.Name("app.css"), JS: s.files.Name("app.js"), HTMX: s.files.Name("htmx.min.js"), Icon: s.files.Name("icon.svg"),
	}
}

// here is the address of this page for coming back to it: pages only, so a posted form leads to the start.
func (s *site) here(c echo.Context) string {
	r := c.Request()
	if r.Method != http.MethodGet {
		return s.root.Home()
	}
	return string(s.root) + r.URL.RequestURI()
}

func theme(c echo.Context) string {
	k, err := c.Cookie("tieline_theme")
	if err != nil || k.Value != "day" && k.Value != "night" {
		return ""
	}
	return k.Value
}
