// Package document is the one text form of definitions: JSON and YAML in and out, strictly. Decode refuses what
// it does not know and says where; encoding is canonical, so that equal values have equal texts; Diff says field
// by field what differs. It leaves to integration what the values may be.
package document

import (
	"bytes"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"tieline/internal/fault"
)

// The bounds of a document. Whoever needs more sends several.
const (
	MaxBytes     = 1 << 20  // of one document
	MaxFileBytes = 16 << 20 // of a file with several documents
	MaxDepth     = 64       // of lists and objects in each other

	maxValues   = 200_000
	maxProblems = 100

	tooDeep = "lists and objects are nested deeper than 64 levels"
	tooMany = "there are too many values in one document"
)

// Decode reads a JSON or YAML document into a value by its json tags. A text that begins with { or [ is JSON.
// Unknown and repeated names, names in another letter case and values of a wrong kind are an Invalid fault with
// a problem at each dotted path ("endpoints.0.headers.1.name"); a text that cannot be read is one that says
// line and column. null is the same as absent. Numbers in an any are json.Number and keep their text; a
// json.RawMessage keeps its JSON byte for byte (from YAML it is made compact). In YAML, a number or true and
// false are taken as written where text is expected. After an error the value may be filled in part.
func Decode(data []byte, into any) error {
	root, err := read(data)
	if err != nil {
		return err
	}
	return newDecoder(data).run(&root, into)
}

// DecodeJSON is Decode for bodies that are JSON and nothing else.
func DecodeJSON(data []byte, into any) error {
	if len(data) > MaxBytes {
		return tooLarge(MaxBytes)
	}
	data = trim(data)
	root, bad := readJSON(data)
	if bad != nil {
		return unreadable("JSON", data, bad)
	}
	return newDecoder(data).run(&root, into)
}

// read gives the one document in a text.
func read(data []byte) (node, error) {
	if len(data) > MaxBytes {
		return node{}, tooLarge(MaxBytes)
	}
	documents, err := readAll(data)
	switch {
	case err != nil:
		return node{}, err
	case len(documents) == 0:
		return node{}, fault.New(fault.Invalid, "The document is empty.")
	case len(documents) > 1:
		return node{}, fault.New(fault.Invalid, "There is more than one document here; one is expected.")
	}
	return documents[0], nil
}

// readAll gives every document in a text: one for JSON, any number for YAML.
func readAll(data []byte) ([]node, error) {
	data = trim(data)
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, nil
	}
	if !IsJSON(data) {
		documents, bad := readYAML(data)
		if bad != nil {
			return nil, unreadable("YAML", data, bad)
		}
		return documents, nil
	}
	root, bad := readJSON(data)
	if bad != nil {
		return nil, unreadable("JSON", data, bad)
	}
	return []node{root}, nil
}

// IsJSON tells whether Decode would read a text as JSON: its first character is { or [.
func IsJSON(data []byte) bool {
	data = bytes.TrimLeft(trim(data), " \t\r\n")
	return len(data) > 0 && (data[0] == '{' || data[0] == '[')
}

// trim takes off the byte order mark that some editors write.
func trim(data []byte) []byte { return bytes.TrimPrefix(data, []byte("\ufeff")) }

func tooLarge(limit int) error {
	return fault.New(fault.Invalid, "The document is larger than "+strconv.Itoa(limit>>20)+" MiB.")
}

func unreadable(syntaxName string, data []byte, bad *syntax) error {
	return fault.New(fault.Invalid, "This is not valid "+syntaxName+" ("+bad.at.words(data)+"): "+bad.message+".")
}

// words says where a spot is.
func (s spot) words(data []byte) string {
	if s.line == 0 {
		s.line, s.column = LineColumn(data, s.offset)
	}
	if s.column == 0 {
		return "line " + strconv.Itoa(s.line)
	}
	return "line " + strconv.Itoa(s.line) + ", column " + strconv.Itoa(s.column)
}

// LineColumn says on which line and in which column (in characters, both from 1) a byte offset is.
func LineColumn(data []byte, offset int) (line, column int) {
	head := data[:min(max(offset, 0), len(data))]
	start := bytes.LastIndexByte(head, '\n') + 1
	return bytes.Count(head, []byte("\n")) + 1, len([]rune(string(head[start:]))) + 1
}

// decoder fills one Go value and collects what is wrong.
type decoder struct {
	data     []byte
	yaml     bool
	long     bool // more than one line, so that a line helps to find a problem
	problems fault.Fields
}

func newDecoder(data []byte) *decoder {
	data = trim(data)
	return &decoder{data: data, yaml: !IsJSON(data), long: bytes.IndexByte(bytes.TrimSpace(data), '\n') >= 0}
}

func (d *decoder) run(root *node, into any) error {
	target := reflect.ValueOf(into)
	if target.Kind() != reflect.Pointer || target.IsNil() {
		panic("document: Decode needs a pointer to fill")
	}
	if root.twice {
		d.repeated(root, nil)
	}
	d.assign(root, target.Elem(), nil)
	return d.problems.Err()
}

// repeated notes every name that stands twice.
func (d *decoder) repeated(n *node, at *place) {
	var seen names
	for i := range n.members {
		m := &n.members[i]
		if !seen.add(m.name) {
			d.refuse(at.member(m.name), m.at, fmt.Sprintf("The name %q stands here twice.", short(m.name)))
		}
		if m.value.twice {
			d.repeated(&m.value, at.member(m.name))
		}
	}
	for i := range n.items {
		if n.items[i].twice {
			d.repeated(&n.items[i], at.item(i))
		}
	}
}

// refuse notes a problem; the message gets the line where the document has more than one, before anything more.
func (d *decoder) refuse(at *place, where spot, message string, more ...string) {
	if len(d.problems.List()) >= maxProblems {
		return
	}
	if d.long {
		message = strings.TrimSuffix(message, ".") + " (" + where.words(d.data) + ")."
	}
	d.problems.Add(at.String(), strings.Join(append([]string{message}, more...), " "))
}

// expected notes a value of a wrong kind.
func (d *decoder) expected(n *node, at *place, want string) {
	message := fmt.Sprintf("Expected %s, got %s.", want, n.kind.word())
	if d.yaml && n.kind == isObject && want == isText.word() {
		message = "Expected text, got an object; put a value that begins with { in quotes."
	}
	d.refuse(at, n.at, message)
}
