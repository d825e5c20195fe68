package mapping

import (
	"slices"
	"strconv"
)

// at finds the node at some steps, or nil.
func (n *Node) at(steps []string) *Node {
	for _, step := range steps {
		if n = n.child(step); n == nil {
			return nil
		}
	}
	return n
}

func (n *Node) child(step string) *Node {
	switch n.kind {
	case object:
		if i := slices.Index(n.names, step); i >= 0 {
			return n.items[i]
		}
	case list:
		if i, ok := index(step); ok && i < len(n.items) {
			return n.items[i]
		}
	case single:
	}
	return nil
}

// index reads a step as the index of a list.
func index(step string) (int, bool) {
	i, err := strconv.Atoi(step)
	return i, err == nil && i >= 0 && strconv.Itoa(i) == step
}

// put sets a value at some steps and makes the objects and lists on the way: a step that is a number makes a
// list, or fills the one that is there. The message is empty when all went well.
func (n *Node) put(steps []string, value *Node) string {
	for len(steps) > 0 {
		if n.kind == single && n.value.Data != nil {
			*n = *open(n.value)
			if n.kind == single {
				return "there is a single value already, so nothing can stand below it"
			}
		}
		if message := n.widen(steps[0]); message != "" {
			return message
		}
		n = n.child(steps[0])
		steps = steps[1:]
	}
	*n = *value
	return ""
}

// widen makes room for a step: an empty node becomes a list or an object by it.
func (n *Node) widen(step string) string {
	i, numeric := index(step)
	if n.kind == single {
		n.kind = object
		if numeric {
			n.kind = list
		}
	}
	switch {
	case n.kind == object && !slices.Contains(n.names, step):
		n.names, n.items = append(n.names, step), append(n.items, &Node{})
	case n.kind == object:
	case !numeric:
		return "a list stands there, and " + step + " is no index"
	case i > maxIndex:
		return "a list has at most " + strconv.Itoa(maxIndex+1) + " items"
	default:
		for len(n.items) <= i {
			n.items = append(n.items, &Node{})
		}
	}
	return ""
}

// drop removes what stands at some steps, if anything does.
func (n *Node) drop(steps []string) {
	for {
		if n.kind == single {
			*n = *open(n.value)
		}
		i := slices.Index(n.names, steps[0])
		if number, ok := index(steps[0]); ok && n.kind == list && number < len(n.items) {
			i = number
		}
		switch {
		case i < 0:
			return
		case len(steps) > 1:
			n, steps = n.items[i], steps[1:]
			continue
		case n.kind == object:
			n.names = slices.Delete(n.names, i, i+1)
		}
		n.items = slices.Delete(n.items, i, i+1)
		return
	}
}
