package ui

import (
	"maps"
	"slices"
	"time"

	"github.com/a-h/templ"
)

// Form is what every field of one form needs to know: the problems by field name, and whether the viewer may
// change anything. ID keeps the ids of two forms on one page apart. The zero value is an empty, writable form.
type Form struct {
	ID       string
	Problems map[string]string
	ReadOnly bool
}

// FieldID is the id of a field's input.
func (f Form) FieldID(name string) string { return ElementID(f.ID+"f", name) }

func (f Form) helpID(name string) string    { return f.FieldID(name) + "-help" }
func (f Form) problemID(name string) string { return f.FieldID(name) + "-problem" }

// describedBy names the elements that explain a field, or "".
func (f Form) describedBy(name, help string) string {
	ids := ""
	if f.Problems[name] != "" {
		ids = f.problemID(name)
	}
	if help != "" {
		if ids != "" {
			ids += " "
		}
		ids += f.helpID(name)
	}
	return ids
}

// state are the attributes that say what is wrong with a field and who explains it.
func (f Form) state(name, help string, disabled bool) templ.Attributes {
	attrs := templ.Attributes{}
	if ids := f.describedBy(name, help); ids != "" {
		attrs["aria-describedby"] = ids
	}
	if f.Problems[name] != "" {
		attrs["aria-invalid"] = "true"
	}
	if f.ReadOnly || disabled {
		attrs["disabled"] = true
	}
	return attrs
}

// Input describes a one-line field. Type is "text" unless given; Prefix and Suffix are drawn around the box.
type Input struct {
	Name         string
	Label        string
	Value        string
	Help         string
	Type         string
	Placeholder  string
	Prefix       string
	Suffix       string
	Autocomplete string // "off" unless given
	Required     bool
	Mono         bool
	Disabled     bool
	Attrs        templ.Attributes
}

// TextArea describes a field of several lines.
type TextArea struct {
	Name     string
	Label    string
	Value    string
	Help     string
	Lines    int // 5 unless given
	Mono     bool
	Required bool
	Disabled bool
	Attrs    templ.Attributes
}

// Option is one value of a Choice.
type Option struct {
	Value string
	Label string
}

// Choice describes a select box.
type Choice struct {
	Name     string
	Label    string
	Value    string
	Options  []Option
	Help     string
	Required bool
	Disabled bool
	Attrs    templ.Attributes
}

// Toggle describes a check box or switch. Value is "on" unless given.
type Toggle struct {
	Name     string
	Label    string
	On       bool
	Value    string
	Help     string
	Disabled bool
	Attrs    templ.Attributes
}

// SecretInput describes a value that is written and never shown. Clear names the check box that removes it,
// Cleared tells whether it is ticked; an empty input keeps what is stored.
type SecretInput struct {
	Name     string
	Label    string
	Set      bool
	Hint     string // "…9f2c"
	At       time.Time
	Help     string
	Clear    string
	Cleared  bool
	Prefix   string
	Suffix   string
	Lines    int // more than 0: the value has several lines
	Required bool
	Disabled bool
}

func inputType(kind string) string {
	if kind == "" {
		return "text"
	}
	return kind
}

func autocomplete(value string) string {
	if value == "" {
		return "off"
	}
	return value
}

func lines(n int) int {
	if n == 0 {
		return 5
	}
	return n
}

func onValue(value string) string {
	if value == "" {
		return "on"
	}
	return value
}

func mono(on bool) string {
	if on {
		return "mono"
	}
	return ""
}

// problemNames are the names of the fields with problems, in the order they should be mended as far as it is
// known: by name.
func (f Form) problemNames() []string { return slices.Sorted(maps.Keys(f.Problems)) }

func toggleSuffix(value string) string {
	if value == "" {
		return ""
	}
	return "-" + ElementID(value)
}

func secretNote(in SecretInput) string {
	if in.Set {
		return "set"
	}
	return in.Help
}
