package web

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"tieline/internal/fault"
)

// maxForm is how much a posted form may hold; a file for an import fits in.
const maxForm = 2 << 20

// values are the fields of the posted form, and of nothing else: the query string is left out.
func values(c echo.Context) (url.Values, error) {
	r := c.Request()
	r.Body = http.MaxBytesReader(c.Response(), r.Body, maxForm)
	var err error
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
		err = r.ParseMultipartForm(maxForm)
	} else {
		err = r.ParseForm()
	}
	if err == nil {
		return r.PostForm, nil
	}
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return nil, fault.New(fault.Invalid, "This is more than a form can hold (2 MiB).")
	}
	return nil, fault.Wrap(fault.Invalid, "The form could not be read.", err)
}

// text is a one-line field without the spaces around it.
func text(form url.Values, name string) string { return strings.TrimSpace(form.Get(name)) }

// block is a field of several lines with the line ends that browsers add undone.
func block(form url.Values, name string) string {
	return strings.ReplaceAll(form.Get(name), "\r\n", "\n")
}

// dayForms are how a moment may be typed: what date and time inputs send, and what addresses hold.
var dayForms = []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02"}

// moment reads a typed moment as UTC; ok is false where it is none. Empty is the zero moment.
func moment(typed string) (t time.Time, ok bool) {
	if typed = strings.TrimSpace(typed); typed == "" {
		return time.Time{}, true
	}
	for _, form := range dayForms {
		if t, err := time.Parse(form, typed); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}
