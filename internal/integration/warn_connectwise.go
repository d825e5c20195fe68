package integration

import (
	"regexp"
	"strings"

	"tieline/internal/fault"
)

var patchPath = regexp.MustCompile(`"path"\s*:\s*"([^"]*)"`)

// connectWiseWarnings are what ConnectWise PSA does with a write and does not say: PUT empties what is left out, and
// a patch is answered 200 whether or not it changed anything.
func (e Endpoint) connectWiseWarnings(f *fault.Fields, at string) {
	switch e.EffectiveMethod() {
	case "PUT":
		f.Add(at+"method", "ConnectWise empties every field that a PUT leaves out. Send the whole record, or use PATCH for single fields.")
	case "PATCH":
		for _, m := range patchPath.FindAllStringSubmatch(e.Body.Content, -1) {
			if warning := patchWarning(m[1]); warning != "" {
				f.Add(at+"body.content", warning)
			}
		}
	}
	if e.Pagination != nil && e.Pagination.Kind == "forward_only" && e.hasQuery("orderBy") {
		f.Add(at+"query", "Forward-only pages come in the vendor's own order; leave orderBy out.")
	}
}

// patchWarning is what is odd about a path of a patch, "" where nothing is.
func patchWarning(path string) string {
	name, rest, nested := strings.Cut(path, "/")
	switch {
	case strings.HasPrefix(path, "/"):
		return "The path " + path + " begins with a slash; ConnectWise wants the field's name alone, such as summary."
	case strings.HasPrefix(name, "customFields"):
		return "Custom fields are sent whole: path customFields, and as value the list of all of them. What is left out is emptied."
	case nested:
		return "The path " + path + " is nested: ConnectWise answers 200 and changes nothing. Replace " + name + " as a whole, with value {\"" + rest + "\": …}."
	case name != "" && name[0] >= 'A' && name[0] <= 'Z':
		return "The path " + path + " begins with a capital letter. Paths are case-sensitive, and the vendor's fields begin with a small one."
	}
	return ""
}

func (e Endpoint) hasQuery(name string) bool {
	for _, r := range e.Query {
		if On(r.Enabled) && r.Name == name {
			return true
		}
	}
	return false
}
