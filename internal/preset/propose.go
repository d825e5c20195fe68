package preset

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"tieline/internal/integration"
)

// Propose makes an endpoint of an operation: method and path as they are, a row for every placeholder, a body where
// it takes one, and the reading that its kind of answer asks for. The name is none of those taken.
func (c *Catalogue) Propose(o Operation, taken func(name string) bool) integration.Endpoint {
	e := integration.Endpoint{
		Name: uniqueName(proposedName(o), taken), Label: labelOf(o), Method: o.Method,
		URL: constraint.ReplaceAllString(o.Path, "{$1}"), Response: integration.Response{Type: "json"},
	}
	for _, name := range Placeholders(e.URL) {
		e.Path = append(e.Path, integration.Row{Name: name})
	}
	switch {
	case c.accept != "" && !isDocument(o):
		e.Headers = append(e.Headers, integration.Row{Name: "Accept", Value: c.accept})
	case isDocument(o):
		e.Type, e.Response.Type = "Document", "binary"
	}
	if o.Method != http.MethodGet && o.Method != http.MethodHead {
		e.Type = "PostData"
	}
	if e.Body.Kind = o.Body; o.Body == "json" {
		e.Headers = append(e.Headers, integration.Row{Name: "Content-Type", Value: "application/json"})
	}
	if o.Paginated && o.Method == http.MethodGet {
		e.Contract, e.Response.Identifier, e.Pagination = "records", "id", c.pages
	}
	return e
}

// isDocument tells whether an operation answers a file.
func isDocument(o Operation) bool {
	end := o.Path[strings.LastIndexByte(o.Path, '/')+1:]
	return o.Method == http.MethodGet && (end == "pdf" || end == "download" || end == "thumbnail" || end == "image")
}

// constraint is a placeholder with the rule for its value behind the name, as the vendor's own routes have it; it
// may be broken off.
var constraint = regexp.MustCompile(`\{([A-Za-z][A-Za-z0-9_]*):[^/]*`)

// labelOf is the label of an operation, cut where a label must end.
func labelOf(o Operation) string {
	label := o.Label()
	return strings.TrimSpace(label[:min(len(label), 120)])
}

// proposedName is a name in camel case: listCompanies, getCompanyById, putAddressFormat.
func proposedName(o Operation) string {
	verb, rest, _ := strings.Cut(qualified.ReplaceAllString(o.Name, ""), " ")
	switch {
	case strings.HasPrefix(o.Name, "Get List of "):
		verb, rest = "list", o.Entity
	case strings.HasPrefix(o.Name, "Get Count of "):
		verb, rest = "count", o.Entity
	case rest == "":
		verb, rest = strings.ToLower(o.Method), o.Entity
	}
	var b strings.Builder
	b.WriteString(strings.ToLower(verb))
	for word := range strings.FieldsFuncSeq(rest, notInWord) {
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	name := strings.Map(func(r rune) rune {
		if r < 0x80 {
			return r
		}
		return -1
	}, b.String())
	return name[:min(len(name), 60)]
}

// uniqueName adds a number where a name is taken.
func uniqueName(name string, taken func(string) bool) string {
	if !taken(name) {
		return name
	}
	for n := 2; ; n++ {
		if next := name + strconv.Itoa(n); !taken(next) {
			return next
		}
	}
}
