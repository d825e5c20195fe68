package response

import (
	"slices"
	"strings"
)

// explore calls visit for every path near the top; of a list only the first item is looked at.
func explore(n *node, path []string, visits *int, visit func([]string, *node)) {
	if *visits++; *visits > 2000 || len(path) > 8 {
		return
	}
	if len(path) > 0 {
		visit(path, n)
	}
	seen := map[string]bool{}
	for i := range n.kids {
		name := n.kids[i].key
		switch {
		case n.kind == kindList && i > 0:
			return
		case n.kind == kindList:
			name = "0"
		case seen[name]:
			continue
		}
		seen[name] = true
		inner := append(slices.Clip(path), name)
		if n.element && n.repeats(i) {
			inner = append(inner, "0")
		}
		explore(&n.kids[i], inner, visits, visit)
	}
}

// repeats tells whether another element has the name of the member at a place.
func (n *node) repeats(i int) bool {
	return slices.ContainsFunc(n.kids[i+1:], func(k node) bool { return k.key == n.kids[i].key })
}

// rate says how near a path of the answer is to the one that was written, the reason in words.
func rate(path, want []string) candidate {
	have, asked := withoutPositions(path), withoutPositions(want)
	if len(have) == 0 || len(asked) == 0 {
		return candidate{}
	}
	exact := strings.Join(have, "\x00") == strings.Join(asked, "\x00")
	c := candidate{segments: path}
	switch {
	case exact && len(path) > len(want):
		c.score, c.why = 1, "there is a list on the way, and its items have positions that start at 0"
	case exact && len(path) == len(want):
		c.score, c.why = 1, "positions in lists start at 0"
	case exact:
		c.score, c.why = 2, "there is no list there, so no position is needed"
	case foldAll(have, asked):
		c.score, c.why = 3, spelling(have, asked)
		if len(path) > len(want) {
			c.why += ", and there is a list on the way whose items have positions"
		}
	case len(have) > len(asked) && foldAll(have[len(have)-len(asked):], asked):
		c.score, c.why = 10+len(have)-len(asked), "the value stands deeper in the answer"
		if tail := have[len(have)-len(asked):]; !slices.Equal(tail, asked) {
			c.why += ", and " + spelling(tail, asked)
		}
	case len(have) > len(asked) && within(asked, have):
		c.score, c.why = 20+len(have)-len(asked), "the value stands deeper in the answer"
	case len(have) < len(asked) && foldAll(asked[len(asked)-len(have):], have):
		c.score, c.why = 20+len(asked)-len(have), "the value stands higher up in the answer"
	case fold(have[len(have)-1]) == fold(asked[len(asked)-1]):
		c.score, c.why = 30+len(have), "a value of that name stands somewhere else in the answer"
	case len(have) == len(asked) && foldAll(have[:len(have)-1], asked[:len(asked)-1]):
		d := distance(fold(have[len(have)-1]), fold(asked[len(asked)-1]))
		if longest := max(len(have[len(have)-1]), len(asked[len(asked)-1])); d <= 2 && d*3 <= longest {
			c.score, c.why = 40+d, "the name is spelled differently"
		}
	}
	return c
}

// spelling says how names differ that mean the same.
func spelling(have, asked []string) string {
	if strings.EqualFold(strings.Join(have, "."), strings.Join(asked, ".")) {
		return "names are case-sensitive"
	}
	return "the name is spelled differently"
}

func withoutPositions(segments []string) []string {
	var kept []string
	for _, s := range segments {
		if _, ok := position(strings.TrimPrefix(s, "-")); !ok && s != "*" {
			kept = append(kept, s)
		}
	}
	return kept
}

// within tells whether all names of a stand in b in their order, and the last one last.
func within(a, b []string) bool {
	at := 0
	for _, name := range b {
		if at < len(a) && fold(name) == fold(a[at]) {
			at++
		}
	}
	return at == len(a) && fold(a[len(a)-1]) == fold(b[len(b)-1])
}

func foldAll(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if fold(a[i]) != fold(b[i]) {
			return false
		}
	}
	return true
}

// distance counts the letters to change, add or drop (Levenshtein); long names are not compared.
func distance(a, b string) int {
	if len(a) > 40 || len(b) > 40 {
		return 99
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		corner := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := corner
			if a[i] != b[j] {
				cost = 1 + min(corner, row[j], row[j+1])
			}
			corner, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
