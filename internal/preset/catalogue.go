package preset

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"tieline/internal/integration"
)

// Catalogue is a list of operations that can be searched. It is never changed after it was made and is safe for
// concurrent use.
type Catalogue struct {
	all    []Operation
	words  []words                 // what is searched in, beside each operation
	accept string                  // the Accept header that pins the version, "" for none
	pages  *integration.Pagination // how its lists are read page by page; nil: not known
}

// words are the texts of an operation as the search reads them: every word in lower case with a blank on both
// sides, words in camel case both whole and cut up.
type words struct {
	entity, name, path string
	whole              string // the entity's name as one word, in singular
}

// NewCatalogue makes a catalogue of operations.
func NewCatalogue(all []Operation) *Catalogue {
	c := &Catalogue{all: all, words: make([]words, len(all))}
	entities, paths := map[string]string{}, map[string]string{}
	known := func(seen map[string]string, text string) string {
		folded, ok := seen[text]
		if !ok {
			folded = foldWords(text)
			seen[text] = folded
		}
		return folded
	}
	for i, o := range all {
		c.words[i] = words{
			entity: known(entities, o.Entity), name: foldWords(o.Method + " " + o.Name), path: known(paths, o.Group+" "+o.Path),
			whole: singular(strings.ToLower(o.Entity)),
		}
	}
	return c
}

// Len is how many operations there are.
func (c *Catalogue) Len() int { return len(c.all) }

// All gives every operation in its order; it must not be changed.
func (c *Catalogue) All() []Operation { return c.all }

// Find gives one operation by its method and path, which together are unique.
func (c *Catalogue) Find(method, path string) (Operation, bool) {
	for _, o := range c.all {
		if o.Path == path && o.Method == method {
			return o, true
		}
	}
	return Operation{}, false
}

// Search finds the operations that have every word of a query, in any order: whole words or their beginnings,
// whatever the letter case, in singular or plural; a method is a word too. The best come first, at most limit of
// them; total is how many there are. Without a word it finds all.
func (c *Catalogue) Search(query string, limit int) (found []Operation, total int) {
	type hit struct{ at, score int }
	asked := queryWords(query)
	var hits []hit
	for i := range c.words {
		if score, ok := c.words[i].score(asked); ok {
			hits = append(hits, hit{i, score})
		}
	}
	slices.SortFunc(hits, func(a, b hit) int {
		x, y := c.all[a.at], c.all[b.at]
		if len(asked) == 0 {
			return cmp.Compare(a.at, b.at)
		}
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(len(x.Entity), len(y.Entity)), cmp.Compare(len(x.Path), len(y.Path)), cmp.Compare(a.at, b.at))
	})
	for _, h := range hits[:min(len(hits), limit)] {
		found = append(found, c.all[h.at])
	}
	return found, len(hits)
}

// score says how well an operation fits the words; ok is false where one of them is missing.
func (w *words) score(asked [][]string) (score int, ok bool) {
	for _, forms := range asked {
		best := 0
		if forms[len(forms)-1][1:] == w.whole {
			score += 8
		}
		for i, form := range forms {
			for _, place := range [...]struct {
				text  string
				worth int
			}{{w.entity, 12}, {w.name, 10}, {w.path, 6}} {
				at := place.worth - i
				if at <= best || !strings.Contains(place.text, form) {
					continue
				}
				if best = at - 4; strings.Contains(place.text, form+" ") {
					best = at
				}
			}
		}
		if best == 0 {
			return 0, false
		}
		score += best
	}
	return score, true
}

// queryWords cuts a query into words, each with the forms that it is looked for in: as typed, and in singular.
// Each form has a blank before it, so that it is found at the beginning of words.
func queryWords(query string) [][]string {
	var asked [][]string
	for word := range strings.FieldsFuncSeq(strings.ToLower(query), notInWord) {
		forms := []string{" " + word}
		if one := singular(word); one != word {
			forms = append(forms, " "+one)
		}
		asked = append(asked, forms)
	}
	return asked
}

// singular is a word without the ending of a plural, as far as a search needs it: "statuses" gives "status".
func singular(word string) string {
	if s, ok := strings.CutSuffix(word, "ies"); ok && s != "" {
		return s + "y"
	}
	for _, ending := range []string{"sses", "uses", "xes", "ches"} {
		if strings.HasSuffix(word, ending) {
			return strings.TrimSuffix(word, "es")
		}
	}
	if s, ok := strings.CutSuffix(word, "s"); ok && len(s) > 1 && !strings.HasSuffix(s, "s") && !strings.HasSuffix(s, "u") {
		return s
	}
	return word
}

func notInWord(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }

// foldWords writes the words of a text in lower case between blanks; a word in camel case stands there whole, in
// its parts, and from each of its parts on, so that "formats" and "formatinfos" find AddressFormatInfos.
func foldWords(text string) string {
	var b strings.Builder
	b.WriteByte(' ')
	for word := range strings.FieldsFuncSeq(text, notInWord) {
		parts := camelParts(word)
		lower := strings.ToLower(word)
		b.WriteString(lower + " ")
		if one := singular(lower); one != lower {
			b.WriteString(one + " ")
		}
		if len(parts) == 1 {
			continue
		}
		at := 0
		for i, part := range parts {
			b.WriteString(strings.ToLower(part) + " ")
			if i > 0 && i < len(parts)-1 {
				b.WriteString(lower[at:] + " ")
			}
			at += len(part)
		}
	}
	return b.String()
}

// camelParts cuts a word before its capital letters: AddressFormat into Address and Format, SLAPriority into SLA
// and Priority.
func camelParts(word string) []string {
	var parts []string
	start := 0
	for i := 1; i < len(word); i++ {
		up := word[i] >= 'A' && word[i] <= 'Z'
		low := word[i-1] >= 'a' && word[i-1] <= 'z' || word[i-1] >= '0' && word[i-1] <= '9'
		next := i+1 < len(word) && word[i+1] >= 'a' && word[i+1] <= 'z'
		if up && (low || next) {
			parts = append(parts, word[start:i])
			start = i
		}
	}
	return append(parts, word[start:])
}
