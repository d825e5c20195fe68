// Package mapping turns what a call knows into what is sent: it compiles a mapping's rows and its program once
// (Compile) and applies the rows to one call's values (Apply). It promises that values keep their text and are
// never expanded a second time, that what comes out is bounded in size and count, and that whatever cannot be
// done names its rule. Where names get their values from is the caller's business (Source), how the result is
// written into a request is request's; running a program is for whoever can bound its memory.
package mapping

import (
	"fmt"
	"strconv"
	"time"

	"tieline/internal/integration"
	"tieline/internal/token"
)

// The budgets of one application: bytes of all values that are set, records that a split makes, the highest
// list index, names below one another, and values that are traced.
const (
	MaxBytes = 2 << 20
	maxSplit = 1000
	maxIndex = 999
	maxDepth = 20
	maxTrace = 300
)

// Plan is a mapping whose rows are read. It is never changed after Compile and is safe for concurrent use.
type Plan struct {
	Name     string
	Program  string // "": none
	rows     []row
	envelope string
	patch    bool // its rows make a list of {op, path, value}
	unread   bool // the program cannot be read
	problems []Problem
}

// Problem is what is wrong with a mapping's definition, or worth a look. Field is keyed within the mapping
// ("rows.2.from"). A warning does not keep the mapping from being used.
type Problem struct {
	Field   string
	Message string
	Warning bool
}

// Source is where an application gets values from. Find gives what a name stands for before its filters; Finish
// applies the filters of a name to what Find gave. Names are the bare names that this very call carries, for
// spelling hints; Whole is the record for a mapping that has a program and no rows. Last is the JSON that was
// remembered under a key when the endpoint last succeeded; nil where nothing can have been.
type Source struct {
	Find   func(*token.Token) (token.Value, bool)
	Finish func(*token.Token, token.Value, bool) (token.Value, error)
	Names  func() []string
	Whole  func() any
	Last   func(key string) (value string, found bool, err error)
	Now    time.Time
}

// Field is one value that a rule set, for the trace.
type Field struct {
	Name  string
	Rule  int // from 1
	From  string
	Value token.Value
}

// Result is what the rows made: an object, or a list where they split the record or are a JSON patch. Dropped,
// where it is not empty, says why nothing is to be sent. Remember is what to keep under which key once the
// call succeeded.
type Result struct {
	Body     *Node
	Fields   []Field
	Dropped  string
	Remember map[string]string
}

// Error is a rule that could not be applied. Row counts from 0; Key is the part of the row that it is about.
// Message never holds a value that is secret.
type Error struct {
	Row     int
	Key     string
	About   string // "from email", "to contact.first"
	Message string
}

// Error names the rule.
func (e *Error) Error() string {
	if e.About == "" {
		return fmt.Sprintf("rule %d: %s", e.Row+1, e.Message)
	}
	return fmt.Sprintf("rule %d, %s: %s", e.Row+1, e.About, e.Message)
}

// Field is where the rule stands in the mapping.
func (e *Error) Field() string {
	if e.Key == "" {
		return "rows." + strconv.Itoa(e.Row)
	}
	return "rows." + strconv.Itoa(e.Row) + "." + e.Key
}

// Compile reads a mapping. It never fails: what is wrong is among Problems, and such a row is left out, so that
// a half-typed mapping can be looked at.
func Compile(m integration.Mapping) *Plan {
	p := &Plan{Name: m.Name, Program: m.Program, envelope: m.Envelope}
	for i := range m.Rows {
		c := compiler{plan: p, index: i}
		p.rows = append(p.rows, c.row(m.Rows[i]))
		p.patch = p.patch || m.Rows[i].Op == "json_patch"
	}
	if p.Program != "" {
		if err := CheckProgram(p.Program); err != nil {
			p.unread = true
			p.problems = append(p.problems, Problem{Field: "program", Message: err.Error()})
		}
	}
	return p
}

// Problems are what Compile found.
func (p *Plan) Problems() []Problem { return p.problems }

// Runs tells whether there is a program that can be run.
func (p *Plan) Runs() bool { return p.Program != "" && !p.unread }

// Tokens gives every name that the rows ask for, with the field of its rule.
func (p *Plan) Tokens(yield func(field string, t *token.Token)) {
	for i := range p.rows {
		r := &p.rows[i]
		field := (&Error{Row: i, Key: "from"}).Field()
		if r.name != nil {
			yield(field, r.name)
		}
		for _, t := range r.names {
			yield(field, t)
		}
		for _, part := range r.parts {
			if part.Token != nil {
				yield(field, part.Token)
			}
		}
		if r.when != nil {
			yield((&Error{Row: i, Key: "when.path"}).Field(), r.when)
		}
	}
}
