// Package catalogue holds what was read from a foreign description of an API (an OpenAPI document, a collection, a
// recording, a command line): the operations that can be picked, each with the endpoint that it would become, the
// parameters and the authentication they ask for, and notes on what was not understood. It holds no secret: readers
// leave out every value that looks like one, and say so in a note.
package catalogue

import (
	"slices"
	"strings"

	"tieline/internal/integration"
)

// The bounds of a catalogue. What has more is refused, not cut.
const (
	MaxBytes      = 50 << 20 // of the text that a catalogue is read from
	MaxOperations = 20_000
	maxNotes      = 200
)

// The formats that can be read.
const (
	OpenAPI = "openapi"
	CURL    = "curl"
	Postman = "postman"
	HAR     = "har"
)

// Formats are the formats that can be read, in the order of the form.
func Formats() []string { return []string{OpenAPI, CURL, Postman, HAR} }

// Catalogue is what was read from one text. Servers are the addresses it names, the first of which the paths are
// joined to.
type Catalogue struct {
	Format     string                  `json:"format"`
	Title      string                  `json:"title"`
	Servers    []string                `json:"servers,omitempty"`
	Auth       []Auth                  `json:"auth,omitempty"`
	Parameters []integration.Parameter `json:"parameters,omitempty"`
	Notes      []Note                  `json:"notes,omitempty"`
	MoreNotes  int                     `json:"more_notes,omitempty"` // how many were not kept
	Operations []Operation             `json:"operations,omitempty"`
}

// Operation is one call that can be picked. Method and Path tell operations apart; names need not.
type Operation struct {
	Group     string               `json:"group"`
	Name      string               `json:"name"` // what people read
	Method    string               `json:"method"`
	Path      string               `json:"path"` // byte-exact
	Body      bool                 `json:"body,omitempty"`
	Paginated bool                 `json:"paginated,omitempty"` // it seems to answer a list in pages
	Endpoint  integration.Endpoint `json:"endpoint"`
	Notes     []Note               `json:"notes,omitempty"`
}

// Auth is a way to authenticate that the text asks for, as an integrator's auth kind with its plain settings.
type Auth struct {
	Kind     string            `json:"kind"` // of integration.AuthKinds
	Settings map[string]string `json:"settings,omitempty"`

	// Parameter is the integration's parameter that does it instead, where there is one.
	Parameter string `json:"parameter,omitempty"`
	Place     string `json:"place,omitempty"` // where the text says so
}

// Note says what was mended, left out or not understood, and where: a path in the document or a line.
type Note struct {
	Place   string `json:"place,omitempty"`
	Message string `json:"message"`
}

// Note adds a note to the report; from the 200th on they are only counted.
func (c *Catalogue) Note(place, message string) {
	note := Note{Place: cut(place, 200), Message: message}
	switch {
	case len(c.Notes) >= maxNotes:
		c.MoreNotes++
	case !slices.Contains(c.Notes, note):
		c.Notes = append(c.Notes, note)
	}
}

// AddAuth adds a way to authenticate, once.
func (c *Catalogue) AddAuth(a Auth) {
	for _, known := range c.Auth {
		if known.Kind == a.Kind && known.Settings["name"] == a.Settings["name"] {
			return
		}
	}
	c.Auth = append(c.Auth, a)
}

// AddParameter adds a parameter of the integration, once by its name.
func (c *Catalogue) AddParameter(p integration.Parameter) {
	for _, known := range c.Parameters {
		if known.Name == p.Name {
			return
		}
	}
	c.Parameters = append(c.Parameters, p)
}

// Words are what an operation is searched by, in lower case.
func (o Operation) Words() string {
	return strings.ToLower(strings.Join([]string{o.Group, o.Name, o.Endpoint.Name, o.Method, o.Path}, " "))
}

// Search gives the operations that have every word of a text in their group, name, method or path, whatever the letter
// case; all of them without a word.
func (c *Catalogue) Search(text string) []Operation {
	asked := strings.Fields(strings.ToLower(text))
	var found []Operation
	for _, o := range c.Operations {
		words, fits := o.Words(), true
		for _, word := range asked {
			fits = fits && strings.Contains(words, word)
		}
		if fits {
			found = append(found, o)
		}
	}
	return found
}

// Line writes a text from a foreign document as one line of at most so many characters.
func Line(text string, most int) string {
	fields := strings.FieldsFunc(text, func(r rune) bool { return r <= ' ' || r == 0x7f })
	return cut(strings.ToValidUTF8(strings.Join(fields, " "), ""), most)
}

func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	if r := []rune(text); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return text
}
