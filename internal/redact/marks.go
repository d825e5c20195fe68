package redact

import (
	"bytes"
	"cmp"
	"slices"
	"unicode/utf8"
)

// merge sorts marks, keeps them inside the text and joins those that touch.
func merge(marks []mark, size int) []mark {
	if len(marks) == 0 {
		return nil
	}
	slices.SortFunc(marks, func(a, b mark) int {
		return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(b.to, a.to))
	})
	out := marks[:0]
	for _, m := range marks {
		m.from, m.to = max(m.from, 0), min(m.to, size)
		if m.from >= m.to {
			continue
		}
		if n := len(out); n > 0 && m.from < out[n-1].to {
			if m.to > out[n-1].to {
				out[n-1].to = m.to
			}
			continue
		}
		out = append(out, m)
	}
	return out
}

// apply gives b with the marked places filled. The marks are merged ones.
func apply(b []byte, marks []mark) []byte { return applyWithin(b, marks, 0, len(b)) }

// applyWithin does the same for a part of b; a mark that straddles an edge counts as a whole.
func applyWithin(b []byte, marks []mark, from, to int) []byte {
	out := make([]byte, 0, to-from+16*len(marks))
	at := from
	for _, m := range marks {
		if m.to <= from {
			continue
		}
		if m.from >= to {
			break
		}
		if m.from > at {
			out = append(out, b[at:m.from]...)
		}
		out = append(out, m.text()...)
		at = m.to
	}
	if at < to {
		out = append(out, b[at:to]...)
	}
	return out
}

// keepFirst gives the redacted form of at most keep bytes of b, and whether something was left out.
func (r *Redactor) keepFirst(b []byte, known []mark, keep int) (kept []byte, cut bool) {
	if len(b) <= keep {
		marks := r.marks(b, known)
		if len(marks) == 0 {
			return b, false
		}
		return apply(b, marks), false
	}
	window := b[:min(len(b), keep+r.margin())]
	kept = applyWithin(window, r.marks(window, known), 0, keep)
	if len(kept) > keep {
		kept = wholeRunes(kept[:keep])
	}
	return bytes.Clone(kept), true
}

// wholeRunes drops an incomplete character at the end.
func wholeRunes(b []byte) []byte {
	for i := 1; i <= utf8.UTFMax && i <= len(b); i++ {
		if c := b[len(b)-i]; utf8.RuneStart(c) {
			if c >= utf8.RuneSelf && !utf8.FullRune(b[len(b)-i:]) {
				return b[:len(b)-i]
			}
			break
		}
	}
	return b
}
