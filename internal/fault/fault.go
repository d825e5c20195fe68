// Package fault is the vocabulary of what can go wrong: a kind that decides how a face answers, a message
// fit for the person who caused it, and problems at named fields. It knows nothing of HTTP or SQL.
package fault

import (
	"cmp"
	"errors"
	"sort"
	"strings"
)

// Kind says what sort of trouble an error is; every face maps it to its own answer.
type Kind int

// The kinds. An error that is none of ours is Internal.
const (
	Internal        Kind = iota // we are broken; the text is for the log alone
	Invalid                     // the input is wrong; FieldsOf may say where
	NotFound                    // no such thing, or not yours to see
	Conflict                    // somebody else changed it, or it exists already
	Forbidden                   // you are known, and may not
	Unauthenticated             // we do not know who you are
	Limited                     // too many tries; come back later
	Unavailable                 // storage or a part of us cannot work just now
)

// String names the kind in lower case, for logs and tests.
func (k Kind) String() string {
	switch k {
	case Internal:
		return "internal"
	case Invalid:
		return "invalid"
	case NotFound:
		return "not found"
	case Conflict:
		return "conflict"
	case Forbidden:
		return "forbidden"
	case Unauthenticated:
		return "unauthenticated"
	case Limited:
		return "limited"
	case Unavailable:
		return "unavailable"
	}
	return "unknown"
}

// Problem is one thing wrong with one field. Field is the key as in the document or form ("url",
// "headers.2.name"); an empty Field speaks of the whole.
type Problem struct {
	Field   string
	Message string
}

// Error is an error with a kind. Message is a sentence for the person who caused it; Cause is for the log.
type Error struct {
	Kind     Kind
	Message  string
	Problems []Problem
	Cause    error
}

// Error gives the message and the cause; it is for logs, not for people.
func (e *Error) Error() string {
	var text strings.Builder
	text.WriteString(cmp.Or(e.Message, e.Kind.String()))
	for _, p := range e.Problems {
		text.WriteString("; " + p.Field + ": " + p.Message)
	}
	if e.Cause != nil {
		text.WriteString(": " + e.Cause.Error())
	}
	return text.String()
}

// Unwrap gives the cause to errors.Is and errors.As.
func (e *Error) Unwrap() error { return e.Cause }

// New makes an error of a kind with a sentence for people.
func New(kind Kind, message string) error { return &Error{Kind: kind, Message: message} }

// Wrap gives a cause a kind and a sentence for people. A nil cause stays nil.
func Wrap(kind Kind, message string, cause error) error {
	if cause == nil {
		return nil
	}
	return &Error{Kind: kind, Message: message, Cause: cause}
}

// At is an Invalid error about one field.
func At(field, message string) error {
	return &Error{Kind: Invalid, Message: "Please check the marked field.", Problems: []Problem{{field, message}}}
}

// KindOf is the kind of the outermost fault in err; Internal for every other error.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}

// MessageOf is the sentence for people in err, or "" where there is none to show.
func MessageOf(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Message
	}
	return ""
}

// FieldsOf gives the field problems of an Invalid error by field name; the first message of a field wins.
// It is false for every other error.
func FieldsOf(err error) (map[string]string, bool) {
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Kind != Invalid {
		return nil, false
	}
	fields := make(map[string]string, len(e.Problems))
	for _, p := range e.Problems {
		if _, seen := fields[p.Field]; !seen {
			fields[p.Field] = p.Message
		}
	}
	return fields, true
}

// Fields collects problems, so that a person hears of all of them at once. The zero value is ready.
type Fields struct{ problems []Problem }

// Add notes a problem at a field.
func (f *Fields) Add(field, message string) {
	f.problems = append(f.problems, Problem{field, message})
}

// Under adds the problems of another error below a prefix ("endpoints.0", or "" for none). Errors that are not field
// problems are noted at the prefix itself with their message.
func (f *Fields) Under(prefix string, err error) {
	if err == nil {
		return
	}
	e, ok := errors.AsType[*Error](err)
	if !ok || len(e.Problems) == 0 {
		f.Add(prefix, MessageOf(err))
		return
	}
	for _, p := range e.Problems {
		f.Add(strings.Trim(prefix+"."+p.Field, "."), p.Message)
	}
}

// Has tells whether anything was added.
func (f *Fields) Has() bool { return len(f.problems) > 0 }

// List gives the problems in the order they were added.
func (f *Fields) List() []Problem { return f.problems }

// Err is nil without problems, else one Invalid error that holds them all.
func (f *Fields) Err() error {
	if len(f.problems) == 0 {
		return nil
	}
	message := "Please check the marked fields."
	if len(f.problems) == 1 {
		message = "Please check the marked field."
	}
	return &Error{Kind: Invalid, Message: message, Problems: f.problems}
}

// Names gives the names of the fields in a map from FieldsOf in a stable order.
func Names(fields map[string]string) []string {
	names := make([]string, 0, len(fields))
	for name := range fields {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}
