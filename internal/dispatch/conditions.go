package dispatch

import (
	"strings"
	"time"
	"unicode/utf8"

	"tieline/internal/condition"
	"tieline/internal/integration"
	"tieline/internal/request"
	"tieline/internal/run"
	"tieline/internal/token"
)

// view is an event as conditions see it: its values under bare names, and option., ctx. and page. beside them.
type view struct {
	event   map[string]any
	facts   Facts
	payload run.Payload
}

// values are the bare names of an event.
func values(e run.Event) map[string]any {
	p := e.Payload
	return request.Event(p.Tokens, p.Data, p.Call, p.Record, p.Agent)
}

// value finds a field like a bare token.
func (v view) value(field string) (any, bool) {
	path := strings.Split(field, ".")
	roots := map[string]map[string]any{"option": v.payload.Options, "ctx": v.facts.Context, "page": v.payload.Page}
	if root, ok := roots[path[0]]; ok && len(path) > 1 {
		return token.Walk(root, path[1:])
	}
	if path[0] == "event" && len(path) > 1 {
		path = path[1:]
	}
	return token.Walk(v.event, path)
}

func (v view) text(field string) (string, bool) {
	value, there := v.value(field)
	if held, ok := value.(token.Value); ok {
		value = held.Data
	}
	return token.Text(value), there
}

// unmet is the first condition that does not hold, as a sentence, or "".
func (v view) unmet(conditions []integration.Condition) string {
	for _, c := range conditions {
		if why := v.fails(c); why != "" {
			return why
		}
	}
	return ""
}

func (v view) fails(c integration.Condition) string {
	got, there := v.text(c.Field)
	switch c.Op {
	case "changed":
		return v.unchanged(c.Field, got)
	case "within":
		return v.outside(c, got, there)
	}
	ok, trouble := condition.Holds(got, there, c.Op, c.Value)
	switch {
	case ok:
		return ""
	case trouble != "":
		return "the condition on " + c.Field + " cannot be applied: " + trouble
	case !there:
		return "the event has no " + c.Field + ", the condition wants " + wants(c)
	}
	return c.Field + " is " + shown(got) + ", the condition wants " + wants(c)
}

// unchanged holds a field against the last event of the same record. Where none is known, it counts as changed.
func (v view) unchanged(field, got string) string {
	before, known := token.Walk(v.facts.Earlier, strings.Split(field, "."))
	if known && token.Text(before) == got {
		return field + " is " + shown(got) + " as before, the condition wants a change"
	}
	return ""
}

func (v view) outside(c integration.Condition, got string, there bool) string {
	length, _ := integration.Duration(c.Value)
	at, ok := moment(got)
	switch {
	case !there:
		return "the event has no " + c.Field + ", the condition wants a moment within " + c.Value
	case !ok:
		return c.Field + " is " + shown(got) + ", which is no moment; the condition wants one within " + c.Value
	case v.facts.Now.Sub(at).Abs() > length:
		return c.Field + " is " + shown(got) + ", the condition wants a moment within " + c.Value
	}
	return ""
}

// moment reads the usual ways to write one; a text without a zone is UTC.
func moment(text string) (time.Time, bool) {
	for _, form := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02"} {
		if at, err := time.Parse(form, strings.TrimSpace(text)); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}

// wants is what a condition asks for, as part of a sentence.
func wants(c integration.Condition) string {
	switch c.Op {
	case "=":
		return shown(c.Value)
	case "!=":
		return "anything but " + shown(c.Value)
	case "in":
		return "one of " + strings.Trim(c.Value, "()[] ")
	case "not in":
		return "none of " + strings.Trim(c.Value, "()[] ")
	case "is empty":
		return "nothing"
	case "is not empty":
		return "a value"
	case "is numeric":
		return "a number"
	}
	return c.Op + " " + shown(c.Value)
}

// shown is a value in a sentence, cut where it is long.
func shown(s string) string {
	const most = 80
	if s == "" {
		return "empty"
	}
	if utf8.RuneCountInString(s) > most {
		return string([]rune(s)[:most]) + "…"
	}
	return s
}
