package response

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// clip cuts a text to so many characters; an ellipsis shows that it was cut.
func clip(s string, most int) string {
	if len(s) <= most {
		return s
	}
	n := 0
	for i := range s {
		if n == most {
			return s[:i] + "…"
		}
		n++
	}
	return s
}

// quote puts a text in double quotes, in one line, with what cannot be printed made visible.
func quote(s string) string { return `"` + visible(s) + `"` }

// visible makes line breaks and control characters visible.
func visible(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return r < ' ' || r > '~' }) < 0 {
		return s
	}
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD"):
			b.WriteString(`\x` + hexByte(s[i]))
		case r < utf8.RuneSelf && unicode.IsControl(r):
			b.WriteString(`\x` + hexByte(s[i]))
		case unicode.IsPrint(r):
			b.WriteRune(r)
		default:
			b.WriteString(`\u` + strconv.FormatInt(int64(r), 16))
		}
	}
	return b.String()
}

func hexByte(c byte) string {
	const digits = "0123456789abcdef"
	return string([]byte{digits[c>>4], digits[c&15]})
}

// oneLine folds white space, for texts of vendors that are quoted.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// plural counts things.
func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return thousands(int64(n)) + " " + thing + "s"
}

// thousands writes a number with commas.
func thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func firstRune(s string) string {
	_, n := utf8.DecodeRuneInString(s)
	return s[:n]
}

// lineColumn counts from 1; the column counts characters.
func lineColumn(s string, offset int) (line, column int) {
	before := s[:min(offset, len(s))]
	line = strings.Count(before, "\n") + 1
	if i := strings.LastIndexByte(before, '\n'); i >= 0 {
		before = before[i+1:]
	}
	return line, utf8.RuneCountInString(before) + 1
}

// names lists the members of an object for a person, at most twelve of them.
func (r *reader) names(n *node) string {
	var list []string
	seen := map[string]bool{}
	for i := range n.kids {
		if seen[n.kids[i].key] {
			continue
		}
		seen[n.kids[i].key] = true
		if len(list) == 12 {
			list = append(list, "… ("+strconv.Itoa(len(n.kids))+" in all)")
			break
		}
		list = append(list, clip(visible(r.hide(n.kids[i].key)), 40))
	}
	return strings.Join(list, ", ")
}

// sentence starts with a capital letter and ends with a full stop.
func sentence(s string) string {
	s = strings.TrimSpace(s)
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return ""
	}
	return stop(string(unicode.ToUpper(r)) + s[n:])
}

// stop ends a text with a full stop. It leaves the beginning alone, for texts that start with a name of the
// answer, in which every letter counts.
func stop(s string) string {
	if strings.HasSuffix(s, "…") || strings.HasSuffix(s, ".") || strings.HasSuffix(s, "!") || strings.HasSuffix(s, "?") {
		return s
	}
	return s + "."
}
