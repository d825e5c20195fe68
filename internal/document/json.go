package document

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// syntax is why a text is no document, and where.
type syntax struct {
	at      spot
	message string
}

func (e *syntax) Error() string { return e.message }

// jsonReader reads one JSON text (RFC 8259) into nodes. Unlike encoding/json it refuses
// invalid UTF-8, notices a name that stands twice, and bounds depth and the number of values.
type jsonReader struct {
	data  []byte
	pos   int
	count int
}

// readJSON reads a whole text.
func readJSON(data []byte) (node, *syntax) {
	r := &jsonReader{data: data}
	if i := invalidUTF8(data); i >= 0 {
		return node{}, &syntax{spot{offset: i}, "this byte is not UTF-8"}
	}
	n, err := r.value(0)
	if err != nil {
		return node{}, err
	}
	r.space()
	if r.pos < len(data) {
		return node{}, r.fail("nothing may follow the end of the document, found " + r.found())
	}
	return n, nil
}

// invalidUTF8 is the offset of the first byte that is not UTF-8, or -1.
func invalidUTF8(data []byte) int {
	if utf8.Valid(data) {
		return -1
	}
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}

func (r *jsonReader) fail(message string) *syntax {
	return &syntax{spot{offset: r.pos}, message}
}

// found names what stands at the reading point.
func (r *jsonReader) found() string {
	if r.pos >= len(r.data) {
		return "the end"
	}
	c, _ := utf8.DecodeRune(r.data[r.pos:])
	return fmt.Sprintf("%q", c)
}

func (r *jsonReader) space() {
	for r.pos < len(r.data) {
		switch r.data[r.pos] {
		case ' ', '\t', '\n', '\r':
			r.pos++
		default:
			return
		}
	}
}

// next skips space and gives the byte there, 0 at the end.
func (r *jsonReader) next() byte {
	r.space()
	if r.pos < len(r.data) {
		return r.data[r.pos]
	}
	return 0
}

func (r *jsonReader) value(depth int) (node, *syntax) {
	c := r.next()
	if depth > MaxDepth {
		return node{}, r.fail(tooDeep)
	}
	if r.count++; r.count > maxValues {
		return node{}, r.fail(tooMany)
	}
	start := r.pos
	n := node{at: spot{offset: start}}
	var err *syntax
	switch {
	case c == '{':
		n.kind = isObject
		n.members, n.twice, err = r.object(depth)
	case c == '[':
		n.kind = isList
		n.items, n.twice, err = r.list(depth)
	case c == '"':
		n.kind = isText
		n.text, err = r.text()
	case c == '-' || c >= '0' && c <= '9':
		n.kind = isNumber
		err = r.number()
		n.text = string(r.data[start:r.pos])
	default:
		n.kind, n.text, err = r.word()
	}
	n.raw = r.data[start:r.pos]
	return n, err
}

func (r *jsonReader) object(depth int) (members []member, twice bool, bad *syntax) {
	var seen names
	r.pos++
	for c := r.next(); c != '}'; c = r.next() {
		if len(members) > 0 {
			if c != ',' {
				return nil, false, r.fail("expected a comma or }, found " + r.found())
			}
			r.pos++
			c = r.next()
		}
		if c != '"' {
			return nil, false, r.fail("expected a name in double quotes, found " + r.found())
		}
		m := member{at: spot{offset: r.pos}}
		if m.name, bad = r.text(); bad != nil {
			return nil, false, bad
		}
		if r.next() != ':' {
			return nil, false, r.fail("expected a colon, found " + r.found())
		}
		r.pos++
		if m.value, bad = r.value(depth + 1); bad != nil {
			return nil, false, bad
		}
		twice = !seen.add(m.name) || m.value.twice || twice
		if members == nil {
			members = make([]member, 0, 4)
		}
		members = append(members, m)
	}
	r.pos++
	return members, twice, nil
}

func (r *jsonReader) list(depth int) (items []node, twice bool, bad *syntax) {
	r.pos++
	for c := r.next(); c != ']'; c = r.next() {
		if len(items) > 0 {
			if c != ',' {
				return nil, false, r.fail("expected a comma or ], found " + r.found())
			}
			r.pos++
		}
		item, bad := r.value(depth + 1)
		if bad != nil {
			return nil, false, bad
		}
		twice = twice || item.twice
		items = append(items, item)
	}
	r.pos++
	return items, twice, nil
}

// text reads a string in quotes.
func (r *jsonReader) text() (string, *syntax) {
	start, plain := r.pos, true
	for r.pos++; r.pos < len(r.data); r.pos++ {
		switch c := r.data[r.pos]; {
		case c == '"':
			r.pos++
			if plain {
				return string(r.data[start+1 : r.pos-1]), nil
			}
			var s string
			if err := json.Unmarshal(r.data[start:r.pos], &s); err != nil {
				return "", &syntax{spot{offset: start}, "this text has an escape that JSON does not know"}
			}
			return s, nil
		case c == '\\':
			plain = false
			r.pos++
		case c < ' ':
			return "", r.fail("a line break or control character must be escaped in text")
		}
	}
	return "", &syntax{spot{offset: start}, "this text has no closing quote"}
}

func (r *jsonReader) digits() bool {
	start := r.pos
	for r.pos < len(r.data) && r.data[r.pos] >= '0' && r.data[r.pos] <= '9' {
		r.pos++
	}
	return r.pos > start
}

// skip passes over one byte if it is one of the given.
func (r *jsonReader) skip(these string) bool {
	if r.pos >= len(r.data) || strings.IndexByte(these, r.data[r.pos]) < 0 {
		return false
	}
	r.pos++
	return true
}

// number passes over a number: -?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?
func (r *jsonReader) number() *syntax {
	r.skip("-")
	whole := r.skip("0") || r.digits()
	if whole && r.skip(".") {
		whole = r.digits()
	}
	if whole && r.skip("eE") {
		r.skip("+-")
		whole = r.digits()
	}
	if !whole {
		return r.fail("expected a digit, found " + r.found())
	}
	return nil
}

// word reads true, false or null.
func (r *jsonReader) word() (kind, string, *syntax) {
	start := r.pos
	for r.pos < len(r.data) && r.data[r.pos] >= 'a' && r.data[r.pos] <= 'z' {
		r.pos++
	}
	switch w := string(r.data[start:r.pos]); w {
	case "true", "false":
		return isBool, w, nil
	case "null":
		return isNull, w, nil
	}
	r.pos = start
	return isNull, "", r.fail("expected a value, found " + r.found())
}

// names remembers the names of an object. Few are searched in order, which is quicker than a map.
type names struct {
	few  []string
	many map[string]bool
}

// add is false when the name is there already.
func (s *names) add(name string) bool {
	if s.many != nil {
		known := s.many[name]
		s.many[name] = true
		return !known
	}
	if slices.Contains(s.few, name) {
		return false
	}
	if s.few == nil {
		s.few = make([]string, 0, 8)
	}
	if s.few = append(s.few, name); len(s.few) > 32 {
		s.many = make(map[string]bool, 64)
		for _, known := range s.few {
			s.many[known] = true
		}
	}
	return true
}
