package document

import (
	"slices"
	"strings"
)

// pair is one thing of two lists: in both, or in one only.
type pair struct {
	label      string
	old, fresh *node
	oldIndex   int
}

// match pairs the things of two lists: by name, those of one name in their order, and what is left by likeness,
// which is a renamed thing. The result has the order of the newer list, then what is gone.
func match(old, fresh []node) []pair {
	oldLabels, labels := labelsOf(old), labelsOf(fresh)
	where := make(map[string]int, len(old))
	for i, label := range oldLabels {
		where[label] = i
	}
	taken := make([]bool, len(old))
	pairs := make([]pair, 0, max(len(old), len(fresh)))
	for i := range fresh {
		p := pair{label: labels[i], fresh: &fresh[i], oldIndex: -1}
		if at, ok := where[labels[i]]; ok {
			p.old, p.oldIndex, taken[at] = &old[at], at, true
		}
		pairs = append(pairs, p)
	}
	for i := range pairs {
		if pairs[i].old != nil {
			continue
		}
		if at := mostLike(&fresh[i], i, old, taken); at >= 0 {
			pairs[i].old, pairs[i].oldIndex, taken[at] = &old[at], at, true
		}
	}
	for i := range old {
		if !taken[i] {
			pairs = append(pairs, pair{label: oldLabels[i], old: &old[i], oldIndex: i})
		}
	}
	return pairs
}

// byOld are the pairs that are in both lists, in the order of the older one.
func byOld(pairs []pair) []pair {
	both := slices.DeleteFunc(slices.Clone(pairs), func(p pair) bool { return p.old == nil || p.fresh == nil })
	slices.SortStableFunc(both, func(a, b pair) int { return a.oldIndex - b.oldIndex })
	return both
}

func labelsOf(items []node) []string {
	count := make(map[string]int, len(items))
	labels := make([]string, len(items))
	for i := range items {
		name := items[i].name()
		count[name]++
		labels[i] = number(name, count[name])
	}
	return labels
}

// mostLike finds the thing without a partner that became this one under another name: at least two of its
// members besides the name are set and at least half of all are the same. The same position wins a tie.
func mostLike(thing *node, at int, old []node, taken []bool) int {
	best, most := -1, 0
	for i := range old {
		if taken[i] {
			continue
		}
		same, all := likeness(&old[i], thing)
		score := same * 2
		if i == at {
			score++
		}
		if same >= 1 && same*2 >= all && score > most {
			best, most = i, score
		}
	}
	return best
}

// likeness counts the members besides the name that are set, and those of them that are the same.
func likeness(a, b *node) (same, all int) {
	for i := range a.members {
		m := &a.members[i]
		other, ok := b.member(m.name)
		if m.name == "name" || m.value.empty() && (!ok || other.empty()) {
			continue
		}
		all++
		if ok && m.value.same(other) {
			same++
		}
	}
	return same, all
}

// name is what a thing of a list is called: its name, else, for rules of a mapping, where their value goes, comes
// from, or what they do.
func (n *node) name() string {
	keys := []string{"to", "from", "op"}
	if n.has("name") {
		keys = []string{"name"}
	}
	for _, key := range keys {
		if m, ok := n.member(key); ok && m.kind == isText && m.text != "" {
			return m.text
		}
	}
	return ""
}

func (n *node) has(name string) bool {
	_, ok := n.member(name)
	return ok
}

// named tells whether a node is a list of objects.
func (n *node) named() bool {
	return n.kind == isList && !slices.ContainsFunc(n.items, func(item node) bool { return item.kind != isObject })
}

// empty tells whether a value says nothing: null, "", false, 0, and lists and objects of nothing.
func (n *node) empty() bool {
	switch n.kind {
	case isNull:
		return n.text == ""
	case isBool:
		return n.text == "true" == n.pointed
	case isNumber:
		return n.text == "0"
	case isText:
		return n.text == ""
	case isList:
		return len(n.items) == 0
	case isObject:
		return !slices.ContainsFunc(n.members, func(m member) bool { return !m.value.empty() })
	}
	return true
}

// same tells whether two nodes say the same.
func (n *node) same(other *node) bool {
	switch {
	case n.empty() && other.empty():
		return true
	case n.kind != other.kind || n.text != other.text || len(n.items) != len(other.items):
		return false
	}
	for i := range n.items {
		if !n.items[i].same(&other.items[i]) {
			return false
		}
	}
	for _, m := range n.members {
		if o, ok := other.member(m.name); ok && !m.value.same(o) || !ok && !m.value.empty() {
			return false
		}
	}
	return !slices.ContainsFunc(other.members, func(m member) bool { return !n.has(m.name) && !m.value.empty() })
}

// row gives a small thing in words; it is false for things that are more than a row of plain values.
func (n *node) row() (string, bool) {
	var parts []string
	for i := range n.members {
		m := &n.members[i]
		switch {
		case m.value.kind == isList && !m.value.empty() || m.value.kind == isObject && !m.value.empty():
			return "", false
		case m.name == "name" || m.value.empty():
		case m.name == "value":
			parts = append(parts, m.value.words())
		default:
			parts = append(parts, m.name+": "+m.value.words())
		}
	}
	if len(parts) == 0 {
		return "(empty)", true
	}
	return strings.Join(parts, ", "), len(parts) <= 4
}

// words is a value as it is shown: text as it is, everything else as JSON.
func (n *node) words() string {
	switch {
	case n.empty() && n.kind != isBool:
		return ""
	case n.kind == isText || n.kind == isBool || n.kind == isNumber:
		return n.text
	}
	if n.kind == isList && !slices.ContainsFunc(n.items, func(i node) bool { return i.kind == isList || i.kind == isObject }) {
		parts := make([]string, len(n.items))
		for i := range n.items {
			parts[i] = n.items[i].words()
		}
		return strings.Join(parts, ", ")
	}
	bare := node{kind: n.kind, text: n.text, items: n.items, members: n.members}
	return string(bare.appendJSON(nil, "", ""))
}
