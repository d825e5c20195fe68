package api

import (
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"tieline/internal/control"
	"tieline/internal/fault"
	"tieline/internal/signin"
)

// problem is an error as application/problem+json (RFC 9457); Fields are keyed as in the document.
type problem struct {
	Type   string            `json:"type"`
	Title  string            `json:"title"`
	Status int               `json:"status"`
	Detail string            `json:"detail,omitempty"`
	Fields map[string]string `json:"fields,omitempty"`
}

// errTooLarge is a body over the limit; errStale a failed If-Match. They have statuses of their own.
var (
	errTooLarge = errors.New("the body is too large")
	errStale    = fault.New(fault.Conflict, "It was changed meanwhile: If-Match names another version than the stored one.")
)

// Status is what a kind of trouble is called over HTTP, on both faces.
func Status(kind fault.Kind) int {
	switch kind {
	case fault.Internal:
		return http.StatusInternalServerError
	case fault.Invalid:
		return http.StatusUnprocessableEntity
	case fault.NotFound:
		return http.StatusNotFound
	case fault.Conflict:
		return http.StatusConflict
	case fault.Forbidden:
		return http.StatusForbidden
	case fault.Unauthenticated:
		return http.StatusUnauthorized
	case fault.Limited:
		return http.StatusTooManyRequests
	case fault.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// fieldsOf are the problems by the keys of the document, where an integrator's values stand under fields; the
// nouns call one of them field.<name>, as templates do.
func fieldsOf(err error) map[string]string {
	found, ok := fault.FieldsOf(err)
	if !ok {
		return nil
	}
	fields := make(map[string]string, len(found))
	for key, message := range found {
		if name, ok := strings.CutPrefix(key, "field."); ok {
			key = "fields." + name
		}
		fields[key] = message
	}
	return fields
}

// refuse answers with a problem. It is the one place where the API logs a failed request.
func (s *server) refuse(c echo.Context, err error) error {
	kind := fault.KindOf(err)
	status := Status(kind)
	switch {
	case errors.Is(err, errTooLarge):
		status = http.StatusRequestEntityTooLarge
	case errors.Is(err, errStale):
		status = http.StatusPreconditionFailed
	case errors.Is(err, control.ErrNotHere):
		status = http.StatusNotFound
	}
	p := problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: fault.MessageOf(err)}
	p.Fields = fieldsOf(err)
	s.headersOf(c, kind, err)
	if status >= http.StatusInternalServerError {
		s.log.ErrorContext(c.Request().Context(), "api request failed",
			slog.String("method", c.Request().Method), slog.String("route", c.Path()), slog.Int("status", status), slog.Any("error", err))
	}
	if kind == fault.Internal {
		p.Detail = "Something is broken on our side. The log says what."
	}
	if c.Response().Committed {
		return nil
	}
	body, err := encode(p)
	if err != nil {
		return err
	}
	c.Response().Header().Set("Content-Type", "application/problem+json")
	c.Response().WriteHeader(status)
	_, err = c.Response().Write(body)
	return err
}

func (s *server) headersOf(c echo.Context, kind fault.Kind, err error) {
	head := c.Response().Header()
	switch kind {
	case fault.Unauthenticated:
		head.Set("WWW-Authenticate", `Bearer realm="Tieline"`)
	case fault.Limited:
		after, ok := signin.RetryAfter(err)
		if !ok {
			after = time.Second
		}
		head.Set("Retry-After", strconv.Itoa(int(after/time.Second)))
	case fault.Unavailable:
		head.Set("Retry-After", "5")
	case fault.Internal, fault.Invalid, fault.NotFound, fault.Conflict, fault.Forbidden:
	}
}

// matched turns the conflict of a failed If-Match into its own status.
func matched(err error, guarded bool) error {
	if _, ok := errors.AsType[*control.ConflictError](err); ok && guarded {
		return errStale
	}
	return err
}
