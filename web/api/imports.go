package api

import (
	"net/http"
	"slices"
	"strconv"

	"tieline/internal/catalogue"
	"tieline/internal/document"
	"tieline/internal/fault"
	"tieline/internal/integration"
)

// importJSON is what a foreign description would become. Found is how many of the Count operations have every word of
// q; Integration is the document that the first 500 of them make, ready to be changed and put.
type importJSON struct {
	Format      string                  `json:"format"`
	Title       string                  `json:"title"`
	Servers     []string                `json:"servers"`
	Auth        []proposedAuth          `json:"auth"`
	Count       int                     `json:"count"`
	Found       int                     `json:"found"`
	Operations  []importedOperation     `json:"operations"`
	Report      []reportLine            `json:"report"`
	MoreReport  int                     `json:"more_report,omitempty"` // lines that were not kept
	Tieline     int                     `json:"tieline"`
	Integration integration.Integration `json:"integration"`
}

type proposedAuth struct {
	Kind      string            `json:"kind"`
	Settings  map[string]string `json:"settings,omitempty"`
	Parameter string            `json:"parameter,omitempty"` // the parameter that does it instead
}

type importedOperation struct {
	Endpoint  string       `json:"endpoint"`
	Group     string       `json:"group"`
	Name      string       `json:"name"`
	Method    string       `json:"method"`
	Path      string       `json:"path"`
	Body      bool         `json:"body"`
	Paginated bool         `json:"paginated"`
	Notes     []reportLine `json:"notes,omitempty"`
}

type reportLine struct {
	Place   string `json:"place,omitempty"`
	Message string `json:"message"`
}

func reportOf(notes []catalogue.Note) []reportLine {
	lines := make([]reportLine, 0, len(notes))
	for _, n := range notes {
		lines = append(lines, reportLine(n))
	}
	return lines
}

// imports reads a foreign description and answers what it would become. It stores nothing.
func (s *server) imports(c call) error {
	q := c.query()
	format, words := q.text("format"), q.text("q")
	if format != "" && !slices.Contains(catalogue.Formats(), format) {
		q.fields.Add("format", integration.Choose(catalogue.Formats()))
	}
	if err := q.done(); err != nil {
		return err
	}
	data, err := c.readMost(catalogue.MaxBytes)
	if err != nil {
		return err
	}
	read, err := s.control.ReadCatalogue(c.ctx(), c.who, format, data)
	if err != nil {
		return err
	}
	found := read.Search(words)
	if len(found) == 0 {
		return fault.At("q", "None of the "+strconv.Itoa(len(read.Operations))+" operations has all of these words.")
	}
	return c.json(http.StatusOK, showImport(read, found))
}

func showImport(read catalogue.Catalogue, found []catalogue.Operation) importJSON {
	out := importJSON{
		Format: read.Format, Title: read.Title, Servers: append([]string{}, read.Servers...), Auth: []proposedAuth{},
		Count: len(read.Operations), Found: len(found), Report: reportOf(read.Notes), MoreReport: read.MoreNotes, Tieline: document.Format,
	}
	for _, a := range read.Auth {
		out.Auth = append(out.Auth, proposedAuth{Kind: a.Kind, Settings: a.Settings, Parameter: a.Parameter})
	}
	for _, o := range found {
		out.Operations = append(out.Operations, importedOperation{
			Endpoint: o.Endpoint.Name, Group: o.Group, Name: o.Name, Method: o.Method, Path: o.Path, Body: o.Body, Paginated: o.Paginated, Notes: reportOf(o.Notes),
		})
	}
	out.Integration = read.Into(read.Fresh(), found[:min(len(found), integration.MaxEndpoints)])
	return out
}
