package ui

import (
	"time"

	"github.com/a-h/templ"
)

// Crumb is one step of the way to a page.
type Crumb struct {
	Label string
	Href  string
}

// Tab is one tab: a link to the same page with another ?tab=. Count shows behind the label where it is not "".
type Tab struct {
	Label   string
	Href    string
	Current bool
	Count   string
}

// Heading is the top of a page. Sub is a half sentence below the title; Back is the way to it.
type Heading struct {
	Title string
	Sub   string
	Back  []Crumb
}

// Box describes a panel: a framed part of a page with its own heading. Without a Title it has no heading row.
type Box struct {
	Title   string
	Hint    string
	ID      string
	Actions templ.Component
	Flush   bool // no padding: for tables
}

// Sample is a block of text in a fixed-width font, shown escaped. ID lets a copy button find it.
type Sample struct {
	ID    string
	Label string // what it is, for screen readers
	Text  string
	Wrap  bool
}

// Ask describes a question before something that cannot be undone. Href is where the form posts; Fields are
// more inputs for it.
type Ask struct {
	ID     string
	Label  string // of the button that opens the question
	Icon   templ.Component
	InMenu bool // the opening button stands in a kebab menu
	Small  bool
	Kind   Kind // of the opening button
	Title  string
	Text   string
	Href   string
	Name   string // of the submit button, where it matters
	Value  string
	Button string // the word on the button that does it
	Fields templ.Component
}

// Note is a message that shows once and can be put away.
type Note struct {
	Tone Tone
	Text string
}

// Pages is where a list stands: the addresses of the first and the next page ("" where there is none), the
// page sizes to choose from and the hidden fields that keep the rest of the state.
type Pages struct {
	First  string
	Next   string
	Size   int
	Sizes  []int
	SizeAt func(size int) string
	Shown  int
	Noun   string // "runs"
}

// Fact is one line of a list of facts.
type Fact struct {
	Label string
	Value string
	Mono  bool
	Part  templ.Component // instead of Value
}

// Bar is one part of a timeline. From and Width are in thousandths of the whole.
type Bar struct {
	Label string
	Took  time.Duration
	From  int
	Width int
	Tone  string // "a" to "e", the shade
}

func noteIcon(t Tone) templ.Component {
	switch t {
	case Good:
		return IconCircleCheck()
	case Warn:
		return IconTriangleAlert()
	case Bad:
		return IconCircleAlert()
	case Info, Neutral:
		return IconInfo()
	}
	return IconInfo()
}

func askKind(a Ask) Kind {
	if a.Kind == Plain {
		return Danger
	}
	return a.Kind
}
