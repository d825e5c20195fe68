package preset

import (
	"regexp"
	"strings"
)

// Operation is one thing that a third party's API can do, as far as a catalogue knows it: facts, no descriptions.
// Method and Path tell operations apart; names are not unique. Path is byte-exact: letter case and a slash at its
// end count.
type Operation struct {
	Group      string // "company"
	Entity     string // "AddressFormats"
	Name       string // "Put AddressFormat"
	Method     string
	Path       string      // "/company/addressFormats/{id}"
	Parameters []Parameter // path and query; shared between operations, not to be changed
	Body       string      // "", "json", "multipart": what it takes
	Paginated  bool        // it answers a list in pages
}

// Parameter is one value in the path or the query of an operation.
type Parameter struct {
	Name string
	In   string // path, query
}

// Display is the name by which an operation is picked: "AddressFormats - Put AddressFormat".
func (o Operation) Display() string { return o.Entity + " - " + o.Name }

// Label is the display name as people read it: the names of types without what they are qualified by.
func (o Operation) Label() string {
	return o.Entity + " - " + qualified.ReplaceAllString(o.Name, "")
}

// qualified is the part of a type's name before its own name: "ConnectWise.Apis.v3_0.".
var qualified = regexp.MustCompile(`([A-Za-z0-9_]+\.)+`)

var placeholder = regexp.MustCompile(`\{([^{}]+)\}`)

// Placeholders are the names in braces of a path, in their order, each once.
func Placeholders(path string) []string {
	var names []string
	for _, m := range placeholder.FindAllStringSubmatch(path, -1) {
		if !strings.Contains(" "+strings.Join(names, " ")+" ", " "+m[1]+" ") {
			names = append(names, m[1])
		}
	}
	return names
}
