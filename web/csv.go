package web

import (
	"encoding/csv"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"tieline/db"
	"tieline/internal/run"
)

// maxCSV is how many lines one file holds at most.
const maxCSV = 100_000

// safeCell keeps spreadsheets from taking a value for a formula: values that begin like one get an apostrophe
// (ASVS 1.2.10, with the full-width forms that some programs fold).
func safeCell(value string) string {
	if value == "" {
		return value
	}
	first, _ := strings.CutPrefix(value, "\ufeff")
	if first = strings.TrimLeft(first, " "); first != "" && strings.ContainsRune("=+-@\t\r\n\x00\uff1d\uff0b\uff0d\uff20", []rune(first)[0]) {
		value = "'" + value
	}
	return strings.ReplaceAll(value, "\x00", "")
}

// sheet streams a CSV file line by line.
type sheet struct{ w *csv.Writer }

func newSheet(c echo.Context, name string, columns ...string) (*sheet, error) {
	h := c.Response().Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	h.Set("Cache-Control", "no-store")
	c.Response().WriteHeader(http.StatusOK)
	s := &sheet{csv.NewWriter(c.Response())}
	return s, s.w.Write(columns)
}

func (s *sheet) line(cells ...string) error {
	for i := range cells {
		cells[i] = safeCell(cells[i])
	}
	return s.w.Write(cells)
}

func (s *sheet) flush() error {
	s.w.Flush()
	return s.w.Error()
}

// fill writes a list into a sheet page by page, and sends each page on its way. page reads what follows a cursor;
// "" is the beginning and comes back after the last.
func fill[T any](s *sheet, page func(cursor string) ([]T, string, error), write func(T) error) error {
	cursor := ""
	for written := 0; written < maxCSV; {
		list, next, err := page(cursor)
		if err != nil {
			return err
		}
		for _, item := range list {
			if err := write(item); err != nil {
				return err
			}
		}
		if err := s.flush(); err != nil || next == "" {
			return err
		}
		written += len(list)
		cursor = next
	}
	return nil
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func (h runs) csv(c echo.Context) error {
	f, err := h.runFilter(c, c.QueryParams(), db.RunFilter{})
	empty := errors.Is(err, errNothing)
	if err != nil && !empty {
		return err
	}
	s, err := newSheet(c, "runs.csv", "id", "date", "customer", "integration", "endpoint", "integrator", "key", "record", "trigger", "test", "http", "duration_ms", "status", "cause", "result")
	if err != nil {
		return err
	}
	if empty {
		return s.flush()
	}
	f.Limit = 1000
	return fill(s, func(cursor string) ([]run.Run, string, error) {
		f.Cursor = cursor
		return h.DB.Runs(c.Request().Context(), actor(c).Scope, f)
	}, func(r run.Run) error { return s.line(runCells(r)...) })
}

func runCells(r run.Run) []string {
	cause, code := "", ""
	if r.Failure != nil {
		cause = string(r.Failure.Cause)
	}
	if r.HTTPStatus != 0 {
		code = strconv.Itoa(r.HTTPStatus)
	}
	return []string{
		r.ID, stamp(r.CreatedAt), r.Customer, r.Integration, r.Endpoint, r.Integrator, r.Key, strings.TrimSpace(r.RecordType + " " + r.RecordID),
		r.Trigger, strconv.FormatBool(r.Test), code, strconv.FormatInt(r.Duration.Milliseconds(), 10), string(r.Status), cause, r.Summary(),
	}
}
