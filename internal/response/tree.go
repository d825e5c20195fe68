package response

import (
	"errors"
	"slices"
	"strconv"

	"tieline/internal/integration"
	"tieline/internal/run"
)

// Node is one value of an answer for the view in which a click on a value picks its path. Path is what to put
// into the response key. Kind is null, bool, number, text, list or object. More counts members that are not
// shown.
type Node struct {
	Key      string
	Path     string
	Kind     string
	Text     string
	Children []Node
	More     int
}

// The bounds of what is shown of an answer.
const (
	treeNodes = 2000
	treeText  = 200
)

// ErrNoTree is an answer in which nothing can be picked: it is empty, no data, or not valid.
var ErrNoTree = errors.New("there is nothing in this answer that a path could name")

// Tree reads a body in the way that def says. It shows at most 2,000 values and 200 characters of a text. The
// body is the stored, redacted one; one that was cut has no tree.
func Tree(body []byte, contentType string, def integration.Response) (Node, error) {
	r := newReader(run.Exchange{Response: &run.Response{
		Status: 200, Body: body, Size: int64(len(body)), Complete: true,
		Headers: []run.Header{{Name: "Content-Type", Value: contentType}},
	}}, Asked{Endpoint: integration.Endpoint{Response: integration.Response{Type: def.Type, Delimiter: def.Delimiter}}})
	r.decode()
	if r.blank() {
		return Node{}, ErrNoTree
	}
	if f := r.open(); f != nil || r.doc == nil {
		return Node{}, ErrNoTree
	}
	left := treeNodes
	return shown(r.doc, "", nil, &left), nil
}

func shown(n *node, key string, path []string, left *int) Node {
	*left--
	out := Node{Key: key, Path: joinPath(path), Kind: kindName(n.kind), Text: clip(n.text, treeText)}
	times := map[string]int{}
	if n.element {
		for i := range n.kids {
			times[n.kids[i].key]++
		}
	}
	seen := map[string]int{}
	for i := range n.kids {
		if *left <= 0 {
			out.More = len(n.kids) - i
			break
		}
		kid := &n.kids[i]
		name := kid.key
		if n.kind == kindList {
			name = strconv.Itoa(i)
		}
		steps := append(slices.Clip(path), name)
		if times[kid.key] > 1 {
			steps = append(steps, strconv.Itoa(seen[kid.key]))
			seen[kid.key]++
		}
		out.Children = append(out.Children, shown(kid, name, steps, left))
	}
	return out
}

func kindName(k kind) string {
	switch k {
	case kindNull:
		return "null"
	case kindBool:
		return "bool"
	case kindNumber:
		return "number"
	case kindText:
		return "text"
	case kindList:
		return "list"
	case kindObject:
		return "object"
	}
	return "text"
}
