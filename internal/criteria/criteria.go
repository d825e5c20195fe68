// Package criteria reads and writes the filter language of ConnectWise PSA, which its lists take in the query
// parameters conditions, childConditions and customFieldConditions:
//
//	company/identifier = 'ACME' and lastUpdated > [2026-01-01T00:00:00Z] and id in (1,2,3)
//
// Rows stand for what can be said comparison by comparison; everything else (parentheses around comparisons) stays
// text. Values may hold tokens; that a token's value stays inside its quotes when a call is made is the request
// package's work.
package criteria

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"tieline/internal/fault"
)

// Row is one comparison. Join is how it hangs on the one before: and, or.
type Row struct {
	Join  string
	Field string // "company/identifier"
	Op    string // one of Ops
	Kind  string // one of Kinds
	Value string // without quotes or brackets; of in, values with commas between them
}

// Params are the query parameters that hold conditions.
func Params() []string { return []string{"conditions", "childConditions", "customFieldConditions"} }

// Ops are the comparisons.
func Ops() []string {
	return []string{"=", "!=", ">", ">=", "<", "<=", "contains", "not contains", "like", "not like", "in", "not in"}
}

var (
	fieldForm  = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*(/[A-Za-z_][A-Za-z0-9_]*)*$`)
	numberForm = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)
	tokenForm  = regexp.MustCompile(`^(\{\{[^{}]*\}\}|\$\{[A-Z][A-Z0-9_]*\})$`)
	tokensForm = regexp.MustCompile(`\{\{[^{}]*\}\}|\$\{[A-Z][A-Z0-9_]*\}`)
)

// Text writes rows as a condition. Every row that cannot be written is a problem at conditions.<row>.<field>.
func Text(rows []Row) (string, error) {
	var f fault.Fields
	var out strings.Builder
	for i, r := range rows {
		written, field, problem := r.text()
		if problem != "" {
			f.Add("conditions."+strconv.Itoa(i)+"."+field, problem)
		}
		if out.Len() > 0 {
			join := "and"
			if r.Join == "or" {
				join = "or"
			}
			out.WriteString(" " + join + " ")
		}
		out.WriteString(written)
	}
	return out.String(), f.Err()
}

// text writes one row, or says what is wrong at which field.
func (r Row) text() (written, field, problem string) {
	value := strings.TrimSpace(r.Value)
	switch {
	case !fieldForm.MatchString(r.Field):
		return "", "name", "A field is a name such as status or company/identifier."
	case !slices.Contains(Ops(), r.Op):
		return "", "op", "Choose a comparison."
	case r.Kind == "null" && r.Op != "=" && r.Op != "!=":
		return "", "op", "Nothing can only be compared with = and !=."
	case r.Kind == "null":
		return r.Field + " " + r.Op + " null", "", ""
	case strings.HasSuffix(r.Op, "in"):
		return r.list()
	case (strings.HasSuffix(r.Op, "contains") || strings.HasSuffix(r.Op, "like")) && r.Kind != "text":
		return "", "kind", "This comparison needs a text."
	}
	if r.Kind == "text" {
		value = r.Value
	}
	written, problem = literal(r.Kind, value)
	return r.Field + " " + r.Op + " " + written, "value", problem
}

// list writes in and not in.
func (r Row) list() (written, field, problem string) {
	var items []string
	for item := range strings.SplitSeq(r.Value, ",") {
		one, problem := literal(r.Kind, strings.TrimSpace(item))
		if problem != "" {
			return "", "value", problem
		}
		items = append(items, one)
	}
	return r.Field + " " + r.Op + " (" + strings.Join(items, ",") + ")", "", ""
}

// literal writes one value.
func literal(kind, value string) (written, problem string) {
	switch kind {
	case "text":
		return quote(value)
	case "number":
		if numberForm.MatchString(value) || tokenForm.MatchString(value) {
			return value, ""
		}
		return "", "A number such as 12 or 12.5, or one token."
	case "date":
		if tokensForm.MatchString(value) && !strings.ContainsAny(tokensForm.ReplaceAllString(value, ""), "[]") || isDate(value) {
			return "[" + value + "]", ""
		}
		return "", "A moment such as 2026-01-31T08:00:00Z, or a token."
	case "bool":
		switch strings.ToLower(value) {
		case "true", "yes":
			return "True", ""
		case "false", "no":
			return "False", ""
		}
		if tokenForm.MatchString(value) {
			return value, ""
		}
		return "", "true or false."
	}
	return "", "Choose a kind of value."
}

// quote puts a text into the quotes that are not in it: 'ACME', "O'Neil". A text that has both kinds cannot be
// written, nor one whose last backslash would take the closing quote with it.
func quote(value string) (written, problem string) {
	plain := tokensForm.ReplaceAllString(value, "")
	if strings.HasSuffix(plain, `\`) {
		return "", "A text cannot end in a backslash."
	}
	for _, q := range []string{"'", `"`} {
		if !strings.Contains(plain, q) {
			return q + value + q, ""
		}
	}
	return "", "A text cannot hold both ' and \"."
}

func isDate(value string) bool {
	for _, form := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02"} {
		if _, err := time.Parse(form, value); err == nil {
			return true
		}
	}
	return false
}
