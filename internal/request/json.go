package request

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// jsonShape is the structure of a JSON template: what must come in which order, with tokens as openings.
type jsonShape struct {
	ops   []jsonOp
	valid error // why the template is no JSON, or nil
}

// jsonOp is one element: a structural character, 's' a literal string or number that must stand there as it
// is, 't' a string with tokens in it, 'v' any one value.
type jsonOp struct {
	kind byte
	text string
}

// shapeOf decides for every token of a JSON template whether it stands in quotes or bare, and reads the
// structure around them. Positions are set even when the template is broken.
func shapeOf(t *text) *jsonShape {
	s := &jsonShape{}
	var probe bytes.Buffer // the template with stand-ins of the tokens' length
	var run strings.Builder
	inString, escaped, holds := false, false, false
	flush := func() {
		if run.Len() > 0 {
			s.ops = append(s.ops, jsonOp{'s', run.String()})
			run.Reset()
		}
	}
	for i := range t.parts {
		p := &t.parts[i]
		if p.tok != nil {
			stand := "null"
			if p.at = atJSONValue; inString {
				p.at, holds, stand, escaped = atJSONText, true, "xxxx", false
			} else {
				flush()
				s.ops = append(s.ops, jsonOp{kind: 'v'})
			}
			probe.WriteString(stand + strings.Repeat(filler(inString), max(len(p.tok.Text)-4, 0)))
			continue
		}
		probe.WriteString(p.lit)
		for j := range len(p.lit) {
			c := p.lit[j]
			switch {
			case inString:
				run.WriteByte(c)
				switch {
				case escaped:
					escaped = false
				case c == '\\':
					escaped = true
				case c == '"':
					inString = false
					if holds {
						s.ops = append(s.ops, jsonOp{kind: 't'})
						run.Reset()
					}
					flush()
				}
			case c == '"':
				flush()
				inString, holds = true, false
				run.WriteByte(c)
			case strings.IndexByte("{}[]:,", c) >= 0:
				flush()
				s.ops = append(s.ops, jsonOp{kind: c})
			case strings.IndexByte(" \t\r\n", c) >= 0:
				flush()
			default:
				run.WriteByte(c)
			}
		}
	}
	flush()
	var whole json.RawMessage
	s.valid = json.Unmarshal(probe.Bytes(), &whole)
	return s
}

func filler(inString bool) string {
	if inString {
		return "x"
	}
	return " "
}

// jsonMessage says where a JSON text is broken.
func jsonMessage(source string, err error) string {
	e, ok := errors.AsType[*json.SyntaxError](err)
	if !ok {
		return err.Error()
	}
	offset := min(max(int(e.Offset)-1, 0), len(source))
	before := source[:offset]
	line := strings.Count(before, "\n") + 1
	column := offset - strings.LastIndexByte(before, '\n')
	return fmt.Sprintf("line %d, column %d: %s.", line, column, e.Error())
}

// holds tells whether a rendered body has the structure of its template: the same elements in the same order,
// the same literal keys and values, one value where a token stands.
func (s *jsonShape) holds(body []byte) bool {
	at := 0
	for _, op := range s.ops {
		at = skipSpace(body, at)
		end := -1
		switch op.kind {
		case 's':
			if bytes.HasPrefix(body[at:], []byte(op.text)) {
				end = at + len(op.text)
			}
		case 't':
			end = skipString(body, at)
		case 'v':
			end = skipValue(body, at, 0)
		default:
			if at < len(body) && body[at] == op.kind {
				end = at + 1
			}
		}
		if end < 0 {
			return false
		}
		at = end
	}
	return skipSpace(body, at) == len(body)
}

// deepest is how far values may be nested.
const deepest = 512

// skipValue gives the position behind one JSON value, or -1.
func skipValue(b []byte, at, depth int) int {
	at = skipSpace(b, at)
	if at >= len(b) || depth > deepest {
		return -1
	}
	switch b[at] {
	case '"':
		return skipString(b, at)
	case '{', '[':
		return skipList(b, at, depth)
	}
	end := at
	for end < len(b) && strings.IndexByte(" \t\r\n,]}:\"{[", b[end]) < 0 {
		end++
	}
	if end == at || !json.Valid(b[at:end]) {
		return -1
	}
	return end
}

// skipList gives the position behind an object or a list, or -1.
func skipList(b []byte, at, depth int) int {
	object, closing := b[at] == '{', b[at]+2
	at = skipSpace(b, at+1)
	if at < len(b) && b[at] == closing {
		return at + 1
	}
	for {
		if object {
			at = skipSpace(b, skipString(b, skipSpace(b, at)))
			if at < 0 || at >= len(b) || b[at] != ':' {
				return -1
			}
			at++
		}
		at = skipSpace(b, skipValue(b, at, depth+1))
		switch {
		case at < 0 || at >= len(b):
			return -1
		case b[at] == closing:
			return at + 1
		case b[at] != ',':
			return -1
		}
		at++
	}
}

// skipString gives the position behind a JSON string, or -1.
func skipString(b []byte, at int) int {
	if at < 0 || at >= len(b) || b[at] != '"' {
		return -1
	}
	for i := at + 1; i < len(b); i++ {
		switch c := b[i]; {
		case c == '"':
			return i + 1
		case c < ' ':
			return -1
		case c == '\\':
			i++
			if i >= len(b) || strings.IndexByte(`"\/bfnrtu`, b[i]) < 0 {
				return -1
			}
			if b[i] == 'u' {
				for range 4 {
					i++
					if i >= len(b) || !isHex(b[i]) {
						return -1
					}
				}
			}
		}
	}
	return -1
}

func skipSpace(b []byte, at int) int {
	if at < 0 {
		return -1
	}
	for at < len(b) && (b[at] == ' ' || b[at] == '\n' || b[at] == '\r' || b[at] == '\t') {
		at++
	}
	return at
}
