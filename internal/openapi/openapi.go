// Package openapi reads OpenAPI 3.0, 3.1 and 2.0 documents, in JSON or YAML, into a catalogue of operations. Real
// documents are broken in many ways, so it reads what is there and takes nothing for granted: every fault is a note
// in the catalogue, and only what is no such document at all, or goes beyond the bounds, is refused. Nothing is
// ever fetched: a reference to another file or address is a note.
package openapi

import (
	"slices"
	"strconv"
	"strings"

	"tieline/internal/catalogue"
	"tieline/internal/fault"
)

const (
	maxSteps          = 2_000_000 // of looking at schemas, over the whole document
	maxOperationSteps = 20_000    // and for one operation
	maxParameters     = 100       // of one operation
)

// reader holds a document and the catalogue that is made of it.
type reader struct {
	root    *node
	old     bool // version 2.0
	into    *catalogue.Catalogue
	base    string // the path of the first server, without a slash at its end
	schemes map[string]scheme
	steps   int
	told    bool             // that there were too many steps
	named   map[string]*node // what references name, by their text
}

// Read reads a document. The error is an Invalid fault that says why it is refused.
func Read(data []byte) (catalogue.Catalogue, error) {
	root, err := parse(data)
	if err != nil {
		return catalogue.Catalogue{}, err
	}
	c := catalogue.Catalogue{Format: catalogue.OpenAPI}
	r := &reader{root: root, into: &c, named: map[string]*node{}}
	if err := r.version(); err != nil {
		return catalogue.Catalogue{}, err
	}
	r.info()
	r.servers()
	r.readSchemes()
	return c, r.paths()
}

// version finds out which version a document is written in. One that says nothing is guessed by what it holds.
func (r *reader) version() error {
	root := r.root
	if root.kind != isObject {
		return fault.New(fault.Invalid, "This is no OpenAPI document: it does not begin with names and values.")
	}
	three, two := root.get("openapi"), root.get("swagger")
	switch {
	case strings.HasPrefix(three.scalar(), "3"):
		r.unquoted("openapi", three)
	case strings.HasPrefix(two.scalar(), "2"):
		r.old = true
		r.unquoted("swagger", two)
	case two.scalar() != "":
		return fault.New(fault.Invalid, "This is a Swagger document of version "+catalogue.Line(two.scalar(), 10)+"; 2.0 and OpenAPI 3 are read.")
	case root.get("paths").kind != isObject:
		return fault.New(fault.Invalid, "This is no OpenAPI document: it has neither a version (openapi or swagger) nor paths.")
	default:
		r.old = root.get("definitions").kind == isObject || root.get("basePath").scalar() != ""
		r.into.Note("openapi", "The document does not say its version; it was read by what it holds.")
	}
	if paths := root.get("paths"); len(paths.items) > catalogue.MaxOperations {
		return fault.New(fault.Invalid, "The document has "+strconv.Itoa(len(paths.items))+" paths; at most "+strconv.Itoa(catalogue.MaxOperations)+" are read.")
	}
	return nil
}

// unquoted notes a version that was written as a number.
func (r *reader) unquoted(name string, n *node) {
	if n.kind == isNumber {
		r.into.Note(n.place(name), "The version "+catalogue.Line(n.text, 20)+" has no quotes and is a number; it was read as text.")
	}
}

func (r *reader) info() {
	info := r.root.get("info")
	r.into.Title = catalogue.Line(info.get("title").scalar(), 120)
	if r.into.Title == "" {
		r.into.Note("info.title", "The document has no title.")
	}
	r.unquoted("info.version", info.get("version"))
	if hooks := r.root.get("webhooks"); len(hooks.items) > 0 {
		r.into.Note(hooks.place("webhooks"), "Webhooks, which the other side calls, are not imported ("+strconv.Itoa(len(hooks.items))+").")
	}
}

// methods are what becomes an endpoint, in the order of a list.
func methods() []string { return []string{"get", "post", "put", "patch", "delete", "head"} }

// paths reads every operation.
func (r *reader) paths() error {
	paths := r.root.get("paths")
	if paths.kind != isObject || len(paths.items) == 0 {
		return fault.New(fault.Invalid, "The document has no paths, and so no operations to import.")
	}
	names := catalogue.Taken{}
	seen := map[string]bool{}
	for i, path := range paths.names {
		if strings.HasPrefix(path, "x-") {
			continue
		}
		item := r.follow(paths.items[i], "paths", path)
		if item.kind != isObject {
			r.into.Note(paths.items[i].place("paths", path), "This path holds no operations.")
			continue
		}
		for _, method := range methods() {
			if op := item.get(method); op.kind == isObject {
				if len(r.into.Operations) == catalogue.MaxOperations {
					return fault.New(fault.Invalid, "The document has more than "+strconv.Itoa(catalogue.MaxOperations)+" operations.")
				}
				r.operation(names, seen, path, method, item, op)
			}
		}
		for _, method := range []string{"options", "trace"} {
			if item.get(method).kind == isObject {
				r.into.Note(item.get(method).place("paths", path, method), "The method "+strings.ToUpper(method)+" is not called by endpoints.")
			}
		}
	}
	if len(r.into.Operations) == 0 {
		return fault.New(fault.Invalid, "The document's paths hold no operation that can be imported.")
	}
	return nil
}

// follow takes a reference within the document to what it names, through at most 20 of them. Others are not
// followed: a remote one is never fetched.
func (r *reader) follow(n *node, place ...string) *node {
	for range 20 {
		ref := n.get("$ref")
		if ref.kind != isText {
			return n
		}
		pointer, local := strings.CutPrefix(ref.text, "#/")
		if !local {
			r.into.Note(ref.place(place...), "The reference "+catalogue.Line(ref.text, 120)+" leads out of the document. It was not fetched.")
			return nothing
		}
		found, known := r.named[pointer]
		if !known {
			found = r.root
			for part := range strings.SplitSeq(pointer, "/") {
				found = found.step(unescape(part))
			}
			r.named[pointer] = found
		}
		if found == nothing {
			r.into.Note(ref.place(place...), "The reference "+catalogue.Line(ref.text, 120)+" names nothing in the document.")
			return nothing
		}
		n = found
	}
	r.into.Note(n.place(place...), "References lead in a circle here.")
	return nothing
}

// step finds a member of an object or an item of a list.
func (n *node) step(name string) *node {
	if n.kind == isList {
		if i, err := strconv.Atoi(name); err == nil && i >= 0 && i < len(n.items) {
			return n.items[i]
		}
		return nothing
	}
	return n.get(name)
}

// unescape undoes the escapes of a JSON pointer (RFC 6901) in a URL fragment.
func unescape(part string) string {
	if strings.Contains(part, "%") {
		if plain, err := pathUnescape(part); err == nil {
			part = plain
		}
	}
	return strings.NewReplacer("~1", "/", "~0", "~").Replace(part)
}

// groupOf is what an operation is listed under: its first tag, else the first word of its path.
func groupOf(op *node, path string) string {
	for _, tag := range op.get("tags").list() {
		if name := catalogue.Line(tag.scalar(), 60); name != "" {
			return name
		}
	}
	segments := strings.Split(strings.Trim(path, "/"), "/")
	at := slices.IndexFunc(segments, func(s string) bool { return s != "" && !strings.HasPrefix(s, "{") && !catalogue.Version(s) })
	if at < 0 {
		return "Other"
	}
	return catalogue.Line(segments[at], 60)
}
