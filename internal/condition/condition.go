// Package condition applies the operators of success rules, mapping rows and triggers to values. It compares as a
// person would: numbers by value and exactly, true and false in any letter case, everything else to the letter; a
// regular expression works within a fixed budget. It knows nothing of where the values come from.
package condition

import (
	"cmp"
	"math/big"
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"
)

// Holds tells whether a value meets what an operator of integration.Ops wants of it; there is false for a value that
// is missing. Trouble says, as part of a sentence, why the operator cannot be applied at all. The operators changed and
// within need more than one value and are not known here; no operator is =.
func Holds(got string, there bool, op, want string) (ok bool, trouble string) {
	blank := !there || strings.TrimSpace(got) == "" || got == "null" || got == "[]" || got == "{}"
	switch op = cmp.Or(op, "="); op {
	case "is empty":
		return blank, ""
	case "is not empty":
		return !blank, ""
	case "!=":
		return !there || !same(got, want), ""
	case "not in":
		return !there || !among(got, want), ""
	}
	if !there {
		return false, ""
	}
	switch op {
	case "=":
		return same(got, want), ""
	case "in":
		return among(got, want), ""
	case "contains":
		return strings.Contains(got, want), ""
	case "starts with":
		return strings.HasPrefix(got, want), ""
	case "is numeric":
		_, numeric := rational(got)
		return numeric, ""
	case "matches":
		return matches(got, want)
	case "between":
		return between(got, want)
	case ">", ">=", "<", "<=":
		return ordered(got, op, want)
	}
	return false, "the operator " + strconv.Quote(op) + " cannot be applied here"
}

// same compares as a person would: numbers by value, true and false in any letter case, everything else to
// the letter.
func same(got, want string) bool {
	got, want = strings.TrimSpace(got), strings.TrimSpace(want)
	if got == want {
		return true
	}
	if strings.EqualFold(got, want) && (strings.EqualFold(want, "true") || strings.EqualFold(want, "false") || strings.EqualFold(want, "null")) {
		return true
	}
	a, ok1 := rational(got)
	b, ok2 := rational(want)
	return ok1 && ok2 && a.Cmp(b) == 0
}

// rational reads a number exactly. Long ones and exponents are left alone, so that no answer makes a number
// of a million digits.
func rational(s string) (*big.Rat, bool) {
	s = strings.TrimSpace(s)
	if s == "" || len(s) > 64 || strings.ContainsAny(s, "eE/_xXpP") {
		return nil, false
	}
	return new(big.Rat).SetString(s)
}

func among(got, want string) bool {
	want = strings.Trim(strings.TrimSpace(want), "()[]")
	for item := range strings.SplitSeq(want, ",") {
		if same(got, strings.Trim(strings.TrimSpace(item), `"'`)) {
			return true
		}
	}
	return false
}

func ordered(got, op, want string) (ok bool, trouble string) {
	order := strings.Compare(got, want)
	a, ok1 := rational(got)
	b, ok2 := rational(want)
	if ok1 && ok2 {
		order = a.Cmp(b)
	} else if ok2 {
		return false, ""
	}
	switch op {
	case ">":
		return order > 0, ""
	case ">=":
		return order >= 0, ""
	case "<":
		return order < 0, ""
	}
	return order <= 0, ""
}

func between(got, want string) (ok bool, trouble string) {
	low, high, cut := strings.Cut(strings.ReplaceAll(want, " and ", ","), ",")
	if !cut {
		return false, "between needs two values with a comma"
	}
	above, _ := ordered(got, ">=", strings.TrimSpace(low))
	below, _ := ordered(got, "<=", strings.TrimSpace(high))
	return above && below, ""
}

// The budget of a regular expression: its instructions times the bytes it looks at.
const (
	maxMatchInput = 64 << 10
	maxMatchWork  = 20_000_000
)

func matches(got, pattern string) (ok bool, trouble string) {
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return false, "the pattern " + strconv.Quote(clip(pattern)) + " is not a regular expression"
	}
	prog, err := syntax.Compile(parsed.Simplify())
	if err != nil || len(got) > maxMatchInput || len(prog.Inst)*len(got) > maxMatchWork {
		return false, "the pattern is too costly for a text of this length"
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		return false, "the pattern is not a regular expression"
	}
	return re.MatchString(got), ""
}

// clip shortens a pattern for a sentence.
func clip(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
