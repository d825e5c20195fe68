package integration

import (
	"errors"
	"regexp/syntax"

	"tieline/internal/fault"
)

// patternWork bounds compiled instructions times bytes of input, since a match cannot be stopped once begun.
const patternWork = 20_000_000

// pattern checks a regular expression at a field.
func pattern(f *fault.Fields, field, expression string) {
	if problem := CheckPattern(expression); problem != "" {
		f.Add(field, problem)
	}
}

// CheckPattern says what is wrong with a regular expression (RE2) that is to run over at most 64 KiB of text,
// or "". It refuses those that would take long.
func CheckPattern(expression string) string {
	if len(expression) > maxPath {
		return "The pattern is longer than 1000 characters."
	}
	parsed, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		if e, ok := errors.AsType[*syntax.Error](err); ok {
			return "This is not a regular expression (RE2): " + e.Code.String() + "."
		}
		return "This is not a regular expression (RE2)."
	}
	program, err := syntax.Compile(parsed.Simplify())
	if err != nil || len(program.Inst)*maxValue > patternWork {
		return "This pattern would take too long; use fewer or smaller repeats."
	}
	return ""
}
