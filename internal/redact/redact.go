// Package redact hides secrets before anything is stored or shown: by value, in every encoding a vendor or a
// template may give them, and by the name of the field they stand in. What it hides becomes bullets; no hint
// of the value is left. It decides nothing about who may see what.
package redact

import (
	"bytes"
	"unicode/utf8"

	"tieline/internal/secret"
)

// shortest is the length in characters from which a secret is searched for by value. Shorter ones would hide
// ordinary text; they are masked where they are known to stand (Span).
const shortest = 8

// Redactor hides a fixed set of secrets. It is safe for concurrent use; a nil Redactor hides by field name
// alone.
type Redactor struct {
	needles []needle
	longest int            // bytes of the longest secret
	starts  [starts]uint64 // a bit for every start of a needle, so that one pass over a text looks for all of them
}

// New makes a Redactor for the secrets of one call. Values shorter than 8 characters and repeated ones are
// passed over.
func New(secrets []string) *Redactor {
	r := &Redactor{}
	seen := make(map[string]bool, 8*len(secrets))
	for _, s := range secrets {
		if utf8.RuneCountInString(s) < shortest || seen[s] {
			continue
		}
		r.longest = max(r.longest, len(s))
		r.needles = appendForms(r.needles, s, seen)
	}
	for i := range r.needles {
		n := &r.needles[i]
		n.start = startOf(n.text)
		r.starts[n.start>>6] |= 1 << (n.start & 63)
	}
	return r
}

// Text gives s with every secret replaced by bullets. A text without any comes back as it is.
func (r *Redactor) Text(s string) string {
	if r.quiet(s) {
		return s
	}
	marks := r.marks([]byte(s), nil)
	if len(marks) == 0 {
		return s
	}
	return string(apply([]byte(s), marks))
}

// Bytes gives b with every secret replaced by bullets. Without any the same slice comes back; b is never
// changed.
func (r *Redactor) Bytes(b []byte) []byte {
	marks := r.marks(b, nil)
	if len(marks) == 0 {
		return b
	}
	return apply(b, marks)
}

// Cut gives the text between two positions of b with every secret hidden. A secret that straddles an edge is
// hidden whole, so that no part of it is left.
func (r *Redactor) Cut(b []byte, from, to int) string {
	from, to = max(from, 0), min(to, len(b))
	if from >= to {
		return ""
	}
	margin := r.margin()
	low, high := max(from-margin, 0), min(to+margin, len(b))
	window := b[low:high]
	return string(applyWithin(window, r.marks(window, nil), from-low, to-low))
}

// margin is how far beyond a cut one must look to see a whole secret in its longest encoding.
func (r *Redactor) margin() int {
	if r == nil {
		return 4096
	}
	return 4096 + 16*r.longest
}

// marks finds everything to hide in b, merged and in order; known are places found elsewhere.
func (r *Redactor) marks(b []byte, known []mark) []mark {
	found := fieldMarks(b, known)
	if r != nil && len(r.needles) > 0 {
		found = r.search(b, found, 0)
	}
	return merge(found, len(b))
}

// search adds the places of all needles in b, and in what b says once an escaping is undone.
func (r *Redactor) search(b []byte, found []mark, depth int) []mark {
	for i := 0; i+3 <= len(b); i++ {
		if start := startOf(b[i:]); r.starts[start>>6]&(1<<(start&63)) != 0 {
			found = r.at(b, i, start, found)
		}
	}
	if depth == deepest {
		return found
	}
	for _, undo := range layers {
		if !undo.present(b) {
			continue
		}
		plain, at := undo.decode(b)
		for _, m := range r.search(plain, nil, depth+1) {
			found = append(found, mark{from: at[m.from], to: at[m.to]})
		}
	}
	return found
}

// quiet tells that there is nothing in a text that could have to do with a secret: no start of a needle, no field
// and no escaping. Most texts are so, and most of them short.
func (r *Redactor) quiet(s string) bool {
	for i := range len(s) {
		switch s[i] {
		case ':', '=', '<', '%', '\\', '&', '\n', 0:
			return false
		}
		if r != nil && i+3 <= len(s) {
			if start := fold(s[i], s[i+1], s[i+2]); r.starts[start>>6]&(1<<(start&63)) != 0 {
				return false
			}
		}
	}
	return true
}

// starts is the size of the table in words of 64 bits.
const starts = 256

// startOf folds the first three bytes of a text into an index of the table.
func startOf(b []byte) uint32 {
	_ = b[2]
	return fold(b[0], b[1], b[2])
}

func fold(a, b, c byte) uint32 {
	return (uint32(a) | uint32(b)<<8 | uint32(c)<<16) * 0x9e3779b1 >> 18
}

// at adds the needles that begin at a place whose start is known to fit one of them.
func (r *Redactor) at(b []byte, i int, start uint32, found []mark) []mark {
	for k := range r.needles {
		n := &r.needles[k]
		if n.start != start || !bytes.HasPrefix(b[i:], n.text) {
			continue
		}
		m := mark{from: i, to: i + len(n.text)}
		if n.widen {
			m = widen(b, m)
		}
		found = append(found, m)
	}
	return found
}

// mark is one place to hide; fill is what stands there instead, bullets where it is empty.
type mark struct {
	from, to int
	fill     string
}

func (m mark) text() string {
	if m.fill == "" {
		return secret.Bullets
	}
	return m.fill
}
