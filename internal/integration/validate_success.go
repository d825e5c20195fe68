package integration

import (
	"slices"
	"strings"

	"tieline/internal/fault"
)

// Ops are the operators of conditions and success rules, in the order of the form.
func Ops() []string {
	return []string{
		"=", "!=", ">", ">=", "<", "<=", "in", "not in", "contains", "starts with", "matches", "is empty",
		"is not empty", "is numeric", "between", "changed",
	}
}

// SuccessOps are the operators that a success rule may use: an answer has nothing to have changed from.
func SuccessOps() []string {
	return slices.DeleteFunc(Ops(), func(op string) bool { return op == "changed" })
}

// OpNeedsValue tells whether an operator compares with a value.
func OpNeedsValue(op string) bool {
	switch op {
	case "is empty", "is not empty", "is numeric", "changed":
		return false
	}
	return true
}

// ParseSuccess reads the short text form of a success rule: "CodeResult=100", "status != error",
// "data.code in 100,200", "data.id is not empty". The operator that stands first ends the path; spaces around
// it do not matter. A path alone means that something must stand there (is not empty).
func ParseSuccess(text string) (Success, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return Success{}, fault.New(fault.Invalid, `Write a condition on the answer, such as "CodeResult=100" or "success=true".`)
	}
	at, op := firstOp(text)
	if op == "" {
		return Success{Path: text, Op: "is not empty"}, nil
	}
	rule := Success{Path: strings.TrimSpace(text[:at]), Op: strings.TrimSpace(op), Value: strings.TrimSpace(text[at+len(op):])}
	if rule.Op == "==" {
		rule.Op = "="
	}
	switch {
	case rule.Path == "":
		return Success{}, fault.New(fault.Invalid, "Name the place in the answer before the operator.")
	case OpNeedsValue(rule.Op) && rule.Value == "" && !strings.ContainsAny(rule.Op, "=<>"):
		return Success{}, fault.New(fault.Invalid, "Say what to compare with after “"+rule.Op+"”.")
	case !OpNeedsValue(rule.Op) && rule.Value != "":
		return Success{}, fault.New(fault.Invalid, "Nothing may follow “"+rule.Op+"”.")
	}
	return rule, nil
}

// firstOp finds the operator that stands first in a text; at one place the longest wins. Operators that are
// words must stand between spaces or at the end.
func firstOp(text string) (at int, op string) {
	at = len(text)
	consider := func(i int, candidate string) {
		if i >= 0 && (i < at || i == at && len(candidate) > len(op)) {
			at, op = i, candidate
		}
	}
	for _, symbol := range []string{"==", "!=", ">=", "<=", "=", ">", "<"} {
		consider(strings.Index(text, symbol), symbol)
	}
	lower := strings.ToLower(text)
	if len(lower) != len(text) {
		lower = text
	}
	for _, word := range SuccessOps() {
		if strings.ContainsAny(word, "=<>") {
			continue
		}
		consider(strings.Index(lower, " "+word+" "), " "+word+" ")
		if strings.HasSuffix(lower, " "+word) {
			consider(len(text)-len(word)-1, " "+word)
		}
	}
	return at, op
}

// FromShort fills the rule from its short text form.
func (s *Success) FromShort(text string) error {
	rule, err := ParseSuccess(text)
	if err != nil {
		return err
	}
	*s = rule
	return nil
}

// String is the short text form, as ParseSuccess reads it.
func (s *Success) String() string {
	op := s.Op
	if op == "" {
		op = "="
	}
	if strings.ContainsAny(op, "=<>") {
		if strings.HasPrefix(s.Value, "=") || strings.HasSuffix(s.Path, "!") {
			op = " " + op + " " // or two signs would read as one operator
		}
		return s.Path + op + s.Value
	}
	return strings.TrimSpace(s.Path + " " + op + " " + s.Value)
}
