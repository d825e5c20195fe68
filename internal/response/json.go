package response

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// flaw is why a text cannot be parsed: where, what is wrong and what to do about it. A flaw of size (tooMuch)
// is a budget that was passed, not a mistake.
type flaw struct {
	offset  int
	what    string
	hint    string
	word    int // bytes at the place that are quoted where what and hint say theWord
	tooMuch bool
	ended   bool // the text stops too early
}

// theWord stands in a flaw for the text at its place, which is put in when secrets are hidden.
const theWord = "\x00"

// jsonParser reads RFC 8259 and nothing else, with the budgets of this package, and says exactly where a text
// differs from it.
type jsonParser struct {
	s     string
	at    int
	nodes int
}

// parseJSON reads a whole text.
func parseJSON(s string) (*node, *flaw) {
	p := &jsonParser{s: s}
	p.space()
	n, f := p.value(0)
	if f != nil {
		return nil, f
	}
	p.space()
	if p.at < len(s) {
		return &n, p.trailing()
	}
	return &n, nil
}

func (p *jsonParser) space() {
	for p.at < len(p.s) {
		switch p.s[p.at] {
		case ' ', '\t', '\r', '\n':
			p.at++
		default:
			return
		}
	}
}

func (p *jsonParser) value(depth int) (node, *flaw) {
	if p.nodes++; p.nodes > maxNodes {
		return node{}, &flaw{offset: p.at, what: "the answer holds more than 100,000 values", tooMuch: true}
	}
	if p.at >= len(p.s) {
		return node{}, p.end()
	}
	switch c := p.s[p.at]; c {
	case '{':
		return p.object(depth + 1)
	case '[':
		return p.list(depth + 1)
	case '"':
		s, f := p.string()
		return node{kind: kindText, text: s}, f
	case 't', 'f', 'n':
		return p.word()
	default:
		if c == '-' || c >= '0' && c <= '9' {
			return p.number()
		}
		return node{}, p.stray("a value")
	}
}

func (p *jsonParser) word() (node, *flaw) {
	for _, w := range []struct {
		word string
		kind kind
	}{{"true", kindBool}, {"false", kindBool}, {"null", kindNull}} {
		if rest, ok := strings.CutPrefix(p.s[p.at:], w.word); ok && (rest == "" || !isWord(rest[0])) {
			p.at += len(w.word)
			return node{kind: w.kind, text: w.word}, nil
		}
		if rest := p.s[p.at:]; rest != "" && strings.HasPrefix(w.word, rest) {
			p.at = len(p.s)
			return node{}, p.end()
		}
	}
	return node{}, p.stray("a value")
}

func (p *jsonParser) number() (node, *flaw) {
	start := p.at
	if p.s[p.at] == '-' {
		p.at++
	}
	whole := p.digits()
	leading := whole > 1 && p.s[p.at-whole] == '0'
	ok := whole > 0 && !leading
	if ok && p.at < len(p.s) && p.s[p.at] == '.' {
		p.at++
		ok = p.digits() > 0
	}
	if ok && p.at < len(p.s) && (p.s[p.at] == 'e' || p.s[p.at] == 'E') {
		p.at++
		if p.at < len(p.s) && (p.s[p.at] == '+' || p.s[p.at] == '-') {
			p.at++
		}
		ok = p.digits() > 0
	}
	if ok && p.at < len(p.s) && (isWord(p.s[p.at]) || p.s[p.at] == '.') {
		ok = false
	}
	if !ok {
		if p.at >= len(p.s) && !leading {
			return node{}, p.end()
		}
		p.at = start
		f := p.stray("a number")
		f.what = "this is not a number as JSON writes it"
		if leading {
			f.hint = "The vendor writes a number with leading zeros. It belongs in double quotes; tell the vendor, or read the answer as TEXT."
		}
		return node{}, f
	}
	return node{kind: kindNumber, text: p.s[start:p.at]}, nil
}

func (p *jsonParser) digits() int {
	start := p.at
	for p.at < len(p.s) && p.s[p.at] >= '0' && p.s[p.at] <= '9' {
		p.at++
	}
	return p.at - start
}

func (p *jsonParser) list(depth int) (node, *flaw) {
	if depth > maxDepth {
		return node{}, &flaw{offset: p.at, what: "the answer is nested deeper than 64 levels", tooMuch: true}
	}
	n := node{kind: kindList}
	p.at++
	for p.space(); ; p.space() {
		if p.at < len(p.s) && p.s[p.at] == ']' && len(n.kids) == 0 {
			p.at++
			return n, nil
		}
		kid, f := p.value(depth)
		if f != nil {
			return n, f
		}
		n.kids = append(n.kids, kid)
		closed, f := p.next(']')
		if f != nil || closed {
			return n, f
		}
	}
}

func (p *jsonParser) object(depth int) (node, *flaw) {
	if depth > maxDepth {
		return node{}, &flaw{offset: p.at, what: "the answer is nested deeper than 64 levels", tooMuch: true}
	}
	n := node{kind: kindObject}
	p.at++
	for p.space(); ; p.space() {
		if p.at >= len(p.s) {
			return n, p.end()
		}
		if p.s[p.at] == '}' && len(n.kids) == 0 {
			p.at++
			return n, nil
		}
		kid, f := p.member(depth)
		if f != nil {
			return n, f
		}
		if n.kids == nil {
			n.kids = make([]node, 0, 4)
		}
		n.kids = append(n.kids, kid)
		closed, f := p.next('}')
		if f != nil || closed {
			return n, f
		}
	}
}

func (p *jsonParser) member(depth int) (node, *flaw) {
	if p.s[p.at] != '"' {
		return node{}, p.stray("a name in double quotes")
	}
	name, f := p.string()
	if f != nil {
		return node{}, f
	}
	p.space()
	if p.at >= len(p.s) {
		return node{}, p.end()
	}
	if p.s[p.at] != ':' {
		return node{}, p.stray("a colon")
	}
	p.at++
	p.space()
	n, f := p.value(depth)
	n.key = name
	return n, f
}

// next passes a comma, or the bracket that closes.
func (p *jsonParser) next(closing byte) (closed bool, f *flaw) {
	p.space()
	if p.at >= len(p.s) {
		return false, p.end()
	}
	switch p.s[p.at] {
	case closing:
		p.at++
		return true, nil
	case ',':
		comma := p.at
		p.at++
		p.space()
		if p.at < len(p.s) && p.s[p.at] == closing {
			return false, &flaw{
				offset: comma, what: "there is a comma behind the last item",
				hint: "The vendor's answer is not valid JSON: a comma too many. Send the vendor this position.",
			}
		}
		return false, nil
	}
	return false, p.stray("a comma or " + quote(string(closing)))
}

func (p *jsonParser) string() (string, *flaw) {
	start := p.at + 1
	for i := start; i < len(p.s); i++ {
		switch c := p.s[i]; {
		case c == '"':
			p.at = i + 1
			return p.s[start:i], nil
		case c == '\\':
			return p.escaped(start, i)
		case c < 0x20:
			p.at = i
			return "", p.control(c)
		}
	}
	p.at = len(p.s)
	return "", p.end()
}

// escaped reads the rest of a string from its first backslash.
func (p *jsonParser) escaped(start, i int) (string, *flaw) {
	out := []byte(p.s[start:i])
	for i < len(p.s) {
		switch c := p.s[i]; {
		case c == '"':
			p.at = i + 1
			return string(out), nil
		case c < 0x20:
			p.at = i
			return "", p.control(c)
		case c != '\\':
			out = append(out, c)
			i++
		default:
			var n int
			if out, n = unescape(out, p.s[i:]); n == 0 {
				if len(p.s)-i < 6 && !strings.ContainsAny(p.s[i+1:], `"`) {
					p.at = len(p.s)
					return "", p.end()
				}
				return "", &flaw{
					offset: i, what: "a backslash with a character that JSON does not know",
					hint: "A backslash in a JSON text must be written twice. The vendor's answer is not valid JSON; send the vendor this position.",
				}
			}
			i += n
		}
	}
	p.at = len(p.s)
	return "", p.end()
}

// unescape adds what an escape at the start of s stands for, and says how long it is; 0 where it is none.
func unescape(out []byte, s string) ([]byte, int) {
	if len(s) < 2 {
		return out, 0
	}
	if i := strings.IndexByte(`"\/bfnrt`, s[1]); i >= 0 {
		return append(out, "\"\\/\b\f\n\r\t"[i]), 2
	}
	r, ok := unit(s)
	if !ok {
		return out, 0
	}
	if utf16.IsSurrogate(r) {
		if low, ok := unit(s[6:]); ok {
			if whole := utf16.DecodeRune(r, low); whole != utf8.RuneError {
				return utf8.AppendRune(out, whole), 12
			}
		}
		r = utf8.RuneError
	}
	return utf8.AppendRune(out, r), 6
}

// unit reads \uXXXX.
func unit(s string) (rune, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	var r rune
	for _, c := range s[2:6] {
		switch {
		case c >= '0' && c <= '9':
			r = r<<4 | (c - '0')
		case c >= 'a' && c <= 'f':
			r = r<<4 | (c - 'a' + 10)
		case c >= 'A' && c <= 'F':
			r = r<<4 | (c - 'A' + 10)
		default:
			return 0, false
		}
	}
	return r, true
}

func isWord(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '$'
}
