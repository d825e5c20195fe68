package response

import (
	"strings"

	"tieline/internal/integration"
)

// splitPath reads a dotted path. A backslash takes the next character as it is, so a name may hold a dot. The
// empty path has no segments and names the whole answer.
func splitPath(path string) []string {
	if path == "" {
		return nil
	}
	var segments []string
	var b strings.Builder
	for i := 0; i < len(path); i++ {
		switch c := path[i]; {
		case c == '\\' && i+1 < len(path):
			i++
			b.WriteByte(path[i])
		case c == '.':
			segments = append(segments, b.String())
			b.Reset()
		default:
			b.WriteByte(c)
		}
	}
	return append(segments, b.String())
}

// joinPath writes segments so that splitPath reads them back.
func joinPath(segments []string) string {
	var b strings.Builder
	for i, s := range segments {
		if i > 0 {
			b.WriteByte('.')
		}
		for j := range len(s) {
			if s[j] == '.' || s[j] == '\\' || s[j] == '=' {
				b.WriteByte('\\')
			}
			b.WriteByte(s[j])
		}
	}
	return b.String()
}

// keyRule is a response key: a path and, with "=expected" behind it, the value that makes a success.
type keyRule struct {
	path     string
	segments []string
	rule     *integration.Success
}

// parseKey reads a response key. "success=true", "count>0" and "status!=error" are rules; a backslash before
// the sign makes it part of the name.
func parseKey(key string) keyRule {
	key = strings.TrimSpace(key)
	for i := 0; i < len(key); i++ {
		switch key[i] {
		case '\\':
			i++
		case '=', '!', '<', '>':
			if op := signAt(key[i:]); op != "" {
				path, value := strings.TrimSpace(key[:i]), strings.TrimSpace(key[i+len(op):])
				if op == "==" {
					op = "="
				}
				return keyRule{path: path, segments: splitPath(path), rule: &integration.Success{Path: path, Op: op, Value: value}}
			}
		}
	}
	return keyRule{path: key, segments: splitPath(key)}
}

// signAt is the comparison at the start of s, "" where there is none; a lone "!" is part of a name.
func signAt(s string) string {
	for _, op := range []string{"!=", ">=", "<=", "==", "=", ">", "<"} {
		if strings.HasPrefix(s, op) {
			return op
		}
	}
	return ""
}

// resolution is how far a path led.
type resolution struct {
	node *node    // the value, or the last one that was found
	done []string // the segments that were found
	rest []string // those that were not; none: the path is there
}

func (r resolution) found() bool { return len(r.rest) == 0 }

// resolve follows a path. In XML the name of the root element may be left out.
func resolve(doc *node, segments []string) resolution {
	res := walk(doc, segments)
	if res.found() || !doc.element || len(doc.kids) == 0 {
		return res
	}
	if inner := walk(&doc.kids[0], segments); inner.found() || len(inner.done) > len(res.done) {
		return inner
	}
	return res
}

func walk(n *node, segments []string) resolution {
	for i, name := range segments {
		next, ok := n.step(name)
		if !ok && name == "0" && i > 0 && onlyOne(n) {
			next, ok = n, true // an element that might be repeated, and is not
		}
		if !ok {
			return resolution{n, segments[:i], segments[i:]}
		}
		n = next
	}
	return resolution{node: n, done: segments}
}

// onlyOne tells whether a node is a single element of XML, which position 0 names as well.
func onlyOne(n *node) bool { return n.element }
