package response

import "strings"

// nextLink is the target of the link with the relation "next" in Link headers (RFC 8288), "" where there is none.
// A target may hold commas and semicolons; what cannot be read is passed over.
func nextLink(headers []string) string {
	for _, header := range headers {
		for _, l := range parseLinks(header) {
			if l.has("next") && l.target != "" {
				return l.target
			}
		}
	}
	return ""
}

// link is one link of a Link header: its target as written, and its relations.
type link struct {
	target   string
	rel      string
	anchored bool // it speaks of another document than the answer
}

func (l *link) has(rel string) bool {
	if l.anchored {
		return false
	}
	for word := range strings.FieldsSeq(l.rel) {
		if strings.EqualFold(word, rel) {
			return true
		}
	}
	return false
}

// parseLinks reads the value of one Link header.
func parseLinks(s string) []link {
	var list []link
	for {
		open := strings.IndexByte(s, '<')
		if open < 0 {
			return list
		}
		end := strings.IndexByte(s[open:], '>')
		if end < 0 {
			return list
		}
		l := link{target: strings.TrimSpace(s[open+1 : open+end])}
		s = l.parameters(s[open+end+1:])
		list = append(list, l)
	}
}

// parameters reads what stands behind a target and gives what is left of the header: the next link.
func (l *link) parameters(s string) string {
	related := false
	for {
		s = strings.TrimLeft(s, " \t;")
		if s == "" || s[0] == ',' || s[0] == '<' {
			return s
		}
		name, rest := cutAny(s, "=;,<")
		value := ""
		if strings.HasPrefix(rest, "=") {
			value, rest = linkValue(strings.TrimLeft(rest[1:], " \t"))
		}
		switch name = strings.ToLower(strings.TrimSpace(name)); {
		case name == "rel" && !related: // of several, the first counts
			l.rel, related = value, true
		case name == "anchor" && value != "":
			l.anchored = true
		}
		s = rest
	}
}

// linkValue reads a word or a quoted text.
func linkValue(s string) (value, rest string) {
	if !strings.HasPrefix(s, `"`) {
		value, rest = cutAny(s, ";,<")
		return strings.TrimSpace(value), rest
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		case s[i] == '"':
			return b.String(), s[i+1:]
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String(), ""
}

// cutAny divides s before the first of some characters.
func cutAny(s, chars string) (before, rest string) {
	if i := strings.IndexAny(s, chars); i >= 0 {
		return s[:i], s[i:]
	}
	return s, ""
}
