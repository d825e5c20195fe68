package web

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"tieline/internal/fault"
	"tieline/internal/signin"
	"tieline/views"
	"tieline/views/ui"
	"tieline/web/api"
)

// problems are the field problems of an error that a form can show; ok is false for every other error. Where
// an Invalid error names no field, its message stands for the whole form.
func problems(err error) (fields map[string]string, ok bool) {
	fields, ok = fault.FieldsOf(err)
	if ok && len(fields) == 0 {
		fields = map[string]string{"": fault.MessageOf(err)}
	}
	return fields, ok
}

// fail answers a failed request: it logs what is our trouble, once, and says what a person can use.
func (s *site) fail(err error, c echo.Context) {
	code, message := s.judge(err)
	r := c.Request()
	if code >= http.StatusInternalServerError && !errors.Is(err, context.Canceled) {
		s.Logger.ErrorContext(r.Context(), "request failed", "method", r.Method, "route", c.Path(), "status", code, "error", err.Error())
	}
	if c.Response().Committed {
		return
	}
	retryAfter(c, err)
	if code == http.StatusServiceUnavailable {
		c.Response().Header().Set("Retry-After", "5")
	}
	if writeErr := s.answer(c, code, message); writeErr != nil {
		s.Logger.ErrorContext(r.Context(), "answer failed", "route", c.Path(), "error", writeErr.Error())
	}
}

// retryAfter tells somebody who was limited how long to wait.
func retryAfter(c echo.Context, err error) {
	if wait, limited := signin.RetryAfter(err); limited {
		c.Response().Header().Set("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
	}
}

// judge finds the status and the sentence for people.
func (s *site) judge(err error) (code int, message string) {
	if he, ok := errors.AsType[*echo.HTTPError](err); ok {
		switch he.Code {
		case http.StatusNotFound:
			return he.Code, "There is no such page."
		case http.StatusMethodNotAllowed:
			return he.Code, "This page does not take that."
		case http.StatusRequestEntityTooLarge:
			return he.Code, "This is more than can be taken."
		}
		return he.Code, http.StatusText(he.Code) + "."
	}
	code = api.Status(fault.KindOf(err))
	if message = fault.MessageOf(err); message == "" || code == http.StatusInternalServerError {
		message = "Something broke on our side. It is in the log of the server."
	}
	return code, message
}

func (s *site) answer(c echo.Context, code int, message string) error {
	if session(c).User.ID == "" && code != http.StatusUnauthorized {
		_ = s.resume(c) // unknown pages have no guard: whoever is signed in still gets the menu
	}
	if code == http.StatusUnauthorized && session(c).User.ID == "" {
		return goTo(c, s.root.Login(s.wayBack(c)))
	}
	if partial(c) {
		c.Response().Header().Set(hxReswap, "none")
		var body bytes.Buffer
		if err := views.MoreToasts([]ui.Note{{Tone: ui.Bad, Text: message}}).Render(c.Request().Context(), &body); err != nil {
			return err
		}
		return send(c, code, body.Bytes())
	}
	p := s.page(c, message, "")
	return render(c, code, views.ErrorPage(p, code, message))
}

// wayBack is where to go after signing in: the page that was asked for.
func (s *site) wayBack(c echo.Context) string {
	r := c.Request()
	if r.Method != http.MethodGet || partial(c) || r.URL.Path == "/" {
		return ""
	}
	return string(s.root) + r.URL.RequestURI()
}
