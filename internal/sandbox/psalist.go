package sandbox

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// updated is when a record was changed last: record n on the n-th hour of 2026.
func updated(n int) string {
	return time.Date(2026, 1, 1, n, 0, 0, 0, time.UTC).Format(time.RFC3339)
}

// psaList answers a list of records 1 to count in pages, as ConnectWise does: a bare array, at most 1000 of it, 25
// where nothing is said. With the header pagination-type: forward-only a page is asked for by the id that its
// predecessor ended with (pageId), and the Link header is always there, empty on the last page.
func psaList(w http.ResponseWriter, r *http.Request, count int, record func(n int) object) {
	holds, problem := parseConditions(r.URL.Query().Get("conditions"))
	if problem != "" {
		psaError(w, http.StatusBadRequest, "InvalidObject", "conditions string is invalid", object{
			"code": "InvalidConditions", "message": problem, "resource": "conditions", "field": "conditions",
		})
		return
	}
	size := number(r, "pageSize", 25, 1000)
	forward := strings.EqualFold(r.Header.Get("pagination-type"), "forward-only")
	page, after := number(r, "page", 1, 1_000_000), number(r, "pageId", 0, 1_000_000)
	skip := (page - 1) * size
	if forward {
		skip = 0
	}
	list, more, last := []object{}, false, 0
	for n := 1; n <= count && faultOf(r) != "empty"; n++ {
		if forward && n <= after {
			continue
		}
		one := record(n)
		if !holds(one) {
			continue
		}
		if skip > 0 {
			skip--
			continue
		}
		if len(list) == size {
			more = true
			break
		}
		list, last = append(list, one), n
	}
	switch {
	case forward && more:
		w.Header().Set("Link", pageLink(r, "next", "pageId", strconv.Itoa(last), size))
	case forward:
		w.Header().Set("Link", "")
	case more:
		pages := (count + size - 1) / size
		w.Header().Set("Link", pageLink(r, "next", "page", strconv.Itoa(page+1), size)+", "+pageLink(r, "last", "page", strconv.Itoa(pages), size))
	}
	answer(w, http.StatusOK, list)
}

func pageLink(r *http.Request, rel, param, value string, size int) string {
	q := r.URL.Query()
	q.Set(param, value)
	q.Set("pageSize", strconv.Itoa(size))
	return "<http://" + r.Host + r.URL.Path + "?" + q.Encode() + `>; rel="` + rel + `"`
}

var comparison = regexp.MustCompile(`(?i)^\s*([a-z]\w*(?:/[a-z]\w*)*)\s*(=|!=|>=|<=|>|<|contains|like)\s*('[^']*'|"[^"]*"|\[[^\]]*\]|[\w.+-]+)\s*(and\s|$)`)

// parseConditions reads comparisons with "and" between them; the vendor's language has more.
func parseConditions(text string) (holds func(object) bool, problem string) {
	var tests []func(object) bool
	for rest := text; strings.TrimSpace(rest) != ""; {
		m := comparison.FindStringSubmatch(rest)
		if m == nil {
			return nil, fmt.Sprintf("String %q is not a valid condition here.", strings.TrimSpace(rest))
		}
		rest = rest[len(m[0]):]
		tests = append(tests, func(o object) bool {
			return compare(valueAt(o, m[1]), strings.ToLower(m[2]), strings.Trim(m[3], `'"[]`))
		})
	}
	return func(o object) bool {
		for _, test := range tests {
			if !test(o) {
				return false
			}
		}
		return true
	}, ""
}

// valueAt is a value by its path, as text.
func valueAt(o object, path string) string {
	var at any = o
	for part := range strings.SplitSeq(path, "/") {
		inner, ok := at.(object)
		if !ok {
			return ""
		}
		at = inner[part]
	}
	return fmt.Sprint(at)
}

func compare(got, op, want string) bool {
	order := strings.Compare(strings.ToLower(got), strings.ToLower(want))
	if a, err := strconv.Atoi(got); err == nil {
		if b, err := strconv.Atoi(want); err == nil {
			order = a - b
		}
	}
	switch op {
	case "=":
		return order == 0
	case "!=":
		return order != 0
	case ">":
		return order > 0
	case ">=":
		return order >= 0
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	}
	return strings.Contains(strings.ToLower(got), strings.ToLower(strings.Trim(want, "%")))
}
