// Package ui holds the parts that pages are made of: buttons, fields, tables, tabs, rows, badges, dialogs. It
// knows no noun of ours; what it needs comes as plain values. Every htmx swap replaces the whole target.
package ui

import (
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
)

// Kind is how much a button asks to be pressed. The zero value is the everyday button.
type Kind string

// The kinds of buttons.
const (
	Plain   Kind = ""
	Primary Kind = "btn-primary"
	Ghost   Kind = "btn-ghost"
	Danger  Kind = "btn-danger"
)

// Tone colours badges and notices; there is always a word and an icon beside the colour.
type Tone string

// The tones.
const (
	Neutral Tone = "neutral"
	Info    Tone = "info"
	Good    Tone = "good"
	Warn    Tone = "warn"
	Bad     Tone = "bad"
)

// Btn describes a button. Without children it shows only the icon, and Label is its name. Type is "submit"
// unless given.
type Btn struct {
	Kind     Kind
	Small    bool
	Icon     templ.Component
	Label    string
	Type     string
	Name     string
	Value    string
	Disabled bool
	Attrs    templ.Attributes
}

// Lnk describes a link that looks like a button.
type Lnk struct {
	Href  string
	Kind  Kind
	Small bool
	Icon  templ.Component
	Label string
	Attrs templ.Attributes
}

func btnClass(kind Kind, small bool, label string) string {
	class := "btn"
	if kind != Plain {
		class += " " + string(kind)
	}
	if small {
		class += " btn-sm"
	}
	if label != "" {
		class += " btn-square"
	}
	return class
}

func orSubmit(kind string) string {
	if kind == "" {
		return "submit"
	}
	return kind
}

// ElementID makes an id for use in HTML and in selectors out of a field's name: dots become hyphens.
func ElementID(parts ...string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_':
			return r
		}
		return '-'
	}, strings.Join(parts, "-"))
}

// InDialog are the attributes of a link whose page opens in the dialog of the shell when scripts run. The page
// must have a fragment called "dialog".
func InDialog(href string) templ.Attributes {
	return templ.Attributes{"hx-get": href, "hx-target": "#dialog", "hx-swap": "innerHTML"}
}

// Swap are the attributes of a form or link that gets one region anew: verb is "get" or "post", region the id
// of the element and the name of its fragment.
func Swap(verb, href, region string) templ.Attributes {
	return templ.Attributes{"hx-" + verb: href, "hx-target": "#" + region, "hx-swap": "outerHTML"}
}

// And joins attributes; later ones win.
func And(all ...templ.Attributes) templ.Attributes {
	joined := templ.Attributes{}
	for _, attrs := range all {
		maps.Copy(joined, attrs)
	}
	return joined
}

// UTC is a moment as people read it without scripts.
func UTC(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05") + " UTC" }

// Milliseconds is a duration as people compare it: "0.4 ms", "38 ms", "2.15 s".
func Milliseconds(d time.Duration) string {
	ms := float64(d) / float64(time.Millisecond)
	switch {
	case d == 0:
		return "0 ms"
	case ms < 10:
		return strconv.FormatFloat(ms, 'f', 1, 64) + " ms"
	case ms < 1000:
		return strconv.FormatFloat(ms, 'f', 0, 64) + " ms"
	}
	return strconv.FormatFloat(ms/1000, 'f', 2, 64) + " s"
}

// Bytes is a size as people read it: "0 bytes", "1 byte", "12.4 KiB".
func Bytes(n int64) string {
	switch {
	case n == 1:
		return "1 byte"
	case n < 1024:
		return strconv.FormatInt(n, 10) + " bytes"
	case n < 1<<20:
		return strconv.FormatFloat(float64(n)/1024, 'f', 1, 64) + " KiB"
	case n < 1<<30:
		return strconv.FormatFloat(float64(n)/(1<<20), 'f', 1, 64) + " MiB"
	}
	return strconv.FormatFloat(float64(n)/(1<<30), 'f', 1, 64) + " GiB"
}

// Count is a number with its noun: "1 run", "3 runs".
func Count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}
