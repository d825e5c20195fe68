package db

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
	"unicode/utf8"

	"tieline/internal/account"
	"tieline/internal/fault"
)

// querier is what a pool and a connection have in common.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// Reader has every read. DB and Tx embed it.
type Reader struct {
	q      querier
	engine string
}

// scanner is one row.
type scanner interface{ Scan(dest ...any) error }

// query is an SQL text under construction with its arguments.
type query struct {
	text strings.Builder
	args []any
}

func newQuery(text string, args ...any) *query {
	q := &query{args: args}
	q.text.WriteString(text)
	return q
}

// add appends text.
func (q *query) add(text string) *query {
	q.text.WriteString(text)
	return q
}

// arg notes an argument and gives its placeholder.
func (q *query) arg(v any) string {
	q.args = append(q.args, v)
	return "$" + strconv.Itoa(len(q.args))
}

// and adds a condition with one argument: "AND column op $n".
func (q *query) and(left string, v any) *query {
	return q.add(" AND " + left + " " + q.arg(v))
}

// scope adds the condition that a row's customer is in a scope.
func (q *query) scope(column string, s account.Scope) *query {
	switch {
	case s.All():
		return q
	case len(s.Customers()) == 0:
		return q.add(" AND 1 = 0")
	}
	return q.add(" AND " + column + " IN (" + q.list(s.Customers()) + ")")
}

// list notes arguments and gives their placeholders with commas between.
func (q *query) list(values []string) string {
	marks := make([]string, len(values))
	for i, v := range values {
		marks[i] = q.arg(v)
	}
	return strings.Join(marks, ", ")
}

// contains adds the condition that one of the columns has a text in it, in any letter case that the column
// keeps; % and _ stand for themselves.
func (q *query) contains(text string, columns ...string) *query {
	switch text = strings.ToLower(strings.TrimSpace(text)); {
	case text == "":
		return q
	case len(text) > 1000:
		return q.add(" AND 1 = 0") // longer than any name, and than SQLite's patterns may be
	}
	mark := q.arg("%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text) + "%")
	for i, c := range columns {
		columns[i] = "lower(" + c + ") LIKE " + mark + ` ESCAPE '\'`
	}
	return q.add(" AND (" + strings.Join(columns, " OR ") + ")")
}

// all reads every row.
func all[T any](ctx context.Context, r *Reader, q *query, scan func(scanner) (T, error)) ([]T, error) {
	if err := clean(q.args); err != nil {
		return nil, err
	}
	rows, err := r.q.QueryContext(ctx, q.text.String(), q.args...)
	if err != nil {
		return nil, translate(err)
	}
	defer rows.Close()
	var list []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, translate(err)
		}
		list = append(list, v)
	}
	return list, translate(rows.Err())
}

// one reads the first row; NotFound with the sentence where there is none.
func one[T any](ctx context.Context, r *Reader, q *query, missing string, scan func(scanner) (T, error)) (T, error) {
	var zero T
	list, err := all(ctx, r, q, scan)
	switch {
	case fault.KindOf(err) == fault.Invalid && err != nil:
		// Text that cannot be stored cannot be the name of anything.
		return zero, fault.New(fault.NotFound, missing)
	case err != nil:
		return zero, err
	case len(list) == 0:
		return zero, fault.New(fault.NotFound, missing)
	}
	return list[0], nil
}

// value reads one column of one row.
func value[T any](s scanner) (T, error) {
	var v T
	err := s.Scan(&v)
	return v, err
}

// clean refuses text that only one of the engines could keep.
func clean(args []any) error {
	for _, a := range args {
		if s, ok := a.(string); ok && (strings.IndexByte(s, 0) >= 0 || !utf8.ValidString(s)) {
			return fault.New(fault.Invalid, "The text has characters that cannot be stored.")
		}
	}
	return nil
}

// optional is NULL for an empty text, for columns that are unique only where they are set.
func optional(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// mostRows bounds a page of any list.
const mostRows = 1000

// clamp is a page size: the asked one within bounds, else usual.
func clamp(limit, usual int) int {
	if limit <= 0 {
		return usual
	}
	return min(limit, mostRows)
}
