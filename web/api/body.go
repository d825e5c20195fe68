package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"tieline/internal/document"
	"tieline/internal/fault"
)

// mostBytes is how large a body may be.
const mostBytes = 1 << 20

// read takes a whole body, at most mostBytes of it.
func (c call) read() ([]byte, error) { return c.readMost(mostBytes) }

// readMost takes a whole body of at most so many bytes.
func (c call) readMost(most int64) ([]byte, error) {
	r := c.Request()
	if r.ContentLength > most {
		return nil, tooLarge(most)
	}
	limited := http.MaxBytesReader(c.Response().Writer, r.Body, most)
	var data []byte
	var err error
	if r.ContentLength > 0 {
		data = make([]byte, r.ContentLength)
		_, err = io.ReadFull(limited, data)
	} else {
		data, err = io.ReadAll(limited)
	}
	if over := (*http.MaxBytesError)(nil); errors.As(err, &over) {
		return nil, tooLarge(most)
	}
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "The body broke off.", err)
	}
	return data, nil
}

func tooLarge(most int64) error {
	return fault.Wrap(fault.Invalid, "The body is larger than "+strconv.FormatInt(most>>20, 10)+" MiB.", errTooLarge)
}

// decode reads a body into a route's own struct, strictly. YAML is for definitions alone.
func decode[T any](c call) (T, error) {
	var into T
	data, err := c.read()
	if err != nil {
		return into, err
	}
	if len(strings.TrimSpace(string(data))) == 0 {
		return into, fault.New(fault.Invalid, "A JSON body is needed.")
	}
	return into, document.DecodeJSON(data, &into)
}

// decodeOptional is decode for routes whose body may be missing.
func decodeOptional[T any](c call) (T, error) {
	var into T
	data, err := c.read()
	if err != nil || len(strings.TrimSpace(string(data))) == 0 {
		return into, err
	}
	return into, document.DecodeJSON(data, &into)
}

// json answers with a value.
func (c call) json(status int, value any) error {
	body, err := encode(value)
	if err != nil {
		return err
	}
	c.Response().Header()["Content-Type"] = jsonType
	c.Response().WriteHeader(status)
	_, err = c.Response().Write(body)
	return err
}

// encode writes a value as one line of JSON, with < > & as they are.
func encode(value any) ([]byte, error) {
	var out bytes.Buffer
	out.Grow(512)
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return out.Bytes(), err
}

// none answers that it is done and there is nothing to say.
func (c call) none() error {
	c.Response().WriteHeader(http.StatusNoContent)
	return nil
}

// list is how every list is answered.
type list[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty"`
}

func listOf[T, R any](rows []R, next string, show func(R) T) list[T] {
	l := list[T]{Items: make([]T, 0, len(rows)), Next: next}
	for _, row := range rows {
		l.Items = append(l.Items, show(row))
	}
	return l
}

// etag names a version.
func (c call) etag(version int64) {
	c.Response().Header().Set("ETag", `"`+strconv.FormatInt(version, 10)+`"`)
}

// base is the version that If-Match names, 0 where it names none. Only what cannot match is refused here.
func (c call) base() (int64, error) {
	text := strings.TrimSpace(c.Request().Header.Get("If-Match"))
	if text == "" || text == "*" {
		return 0, nil
	}
	version, err := strconv.ParseInt(strings.Trim(strings.TrimPrefix(text, "W/"), `"`), 10, 64)
	if err != nil || version <= 0 {
		return 0, errStale
	}
	return version, nil
}

// query reads the query parameters of a route and refuses those that it does not know.
type query struct {
	c      call
	known  map[string]bool
	fields fault.Fields
}

func (c call) query() *query { return &query{c: c, known: map[string]bool{}} }

func (q *query) text(name string) string {
	q.known[name] = true
	return q.c.QueryParam(name)
}

func (q *query) flag(name string) bool {
	switch text := q.text(name); text {
	case "1", "true":
		return true
	case "", "0", "false":
	default:
		q.fields.Add(name, "Give 1 or 0.")
	}
	return false
}

// maybe is a switch that may be left out.
func (q *query) maybe(name string) *bool {
	if q.text(name) == "" {
		return nil
	}
	on := q.flag(name)
	return &on
}

func (q *query) number(name string, standard, most int64) int64 {
	text := q.text(name)
	if text == "" {
		return standard
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1 || n > most {
		q.fields.Add(name, "Give a number from 1 to "+strconv.FormatInt(most, 10)+".")
		return standard
	}
	return n
}

func (q *query) limit() int { return int(q.number("limit", 100, 1000)) }

func (q *query) moment(name string) time.Time {
	text := q.text(name)
	if text == "" {
		return time.Time{}
	}
	for _, form := range []string{time.RFC3339, "2006-01-02T15:04", time.DateOnly} {
		if at, err := time.Parse(form, text); err == nil {
			return at
		}
	}
	q.fields.Add(name, "Give a moment such as 2026-11-22T10:15:00Z.")
	return time.Time{}
}

// done says what was wrong with the query parameters.
func (q *query) done() error {
	for name := range q.c.QueryParams() {
		if !q.known[name] {
			q.fields.Add(name, "There is no such parameter here.")
		}
	}
	return q.fields.Err()
}
