package redact

import (
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"strings"
)

// needle is one form of a secret that is searched for as bytes. A base64 form is the part that does not
// depend on its neighbours; widen takes the two characters beside it along.
type needle struct {
	text  []byte
	start uint32
	widen bool
}

// appendForms adds the forms of one secret to search for: the value itself, its usual percent forms, hex and
// base64. Other escapes are undone before the search (layers).
func appendForms(list []needle, s string, seen map[string]bool) []needle {
	add := func(form string, widen bool) {
		if form == "" || seen[form] {
			return
		}
		seen[form] = true
		list = append(list, needle{text: []byte(form), widen: widen})
	}
	add(s, false)
	add(strings.ReplaceAll(s, " ", "+"), false) // a form writes a space as a plus
	add(strings.ToLower(s), false)              // a host name, or a vendor that folds keys
	add(strings.ToUpper(s), false)
	if trimmed := strings.TrimSpace(s); len(trimmed) >= shortest { // a header loses the spaces at its ends
		add(trimmed, false)
	}
	if one, ok := latin1(s); ok {
		add(one, false)
	}
	if query := url.QueryEscape(s); query != s { // found by undoing escapes too, save behind a stray percent sign
		add(query, false)
		add(url.PathEscape(s), false)
	}
	lower := hex.EncodeToString([]byte(s))
	add(lower, false)
	add(strings.ToUpper(lower), false)
	for shift := range 3 {
		core := base64Core(s, shift)
		add(core, true)
		if strings.ContainsAny(core, "+/") {
			add(strings.ReplaceAll(strings.ReplaceAll(core, "+", "-"), "/", "_"), true)
		}
	}
	return list
}

// base64Core is the part of the base64 of s that is the same whatever stands around it, when s begins at
// shift bytes after a group of three.
func base64Core(s string, shift int) string {
	padded := make([]byte, shift, shift+len(s))
	padded = append(padded, s...)
	text := base64.RawStdEncoding.EncodeToString(padded)
	first := (shift*8 + 5) / 6
	return text[first : len(padded)*8/6]
}

// widen grows a base64 mark by the neighbours that hold a few bits of the secret, and by the padding.
func widen(b []byte, m mark) mark {
	if m.from > 0 && inBase64(b[m.from-1]) {
		m.from--
	}
	if m.to < len(b) && inBase64(b[m.to]) {
		m.to++
	}
	for m.to < len(b) && b[m.to] == '=' {
		m.to++
	}
	return m
}

func inBase64(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' ||
		c == '+' || c == '/' || c == '-' || c == '_'
}

// latin1 is s in one byte a character, where that is possible and differs from UTF-8.
func latin1(s string) (string, bool) {
	out := make([]byte, 0, len(s))
	for _, r := range s {
		if r > 0xff {
			return "", false
		}
		out = append(out, byte(r&0xff))
	}
	return string(out), len(out) != len(s)
}
