package catalogue

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

const maxName = 64

var (
	opening   = regexp.MustCompile(`\\*(\{\{|\$\{)`)
	validName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,63}$`)
	version   = regexp.MustCompile(`^(?i)(api|rest|v[0-9][0-9._]*|[0-9][0-9._]*|[0-9]{4}-[0-9]{2}(-[0-9]{2})?)$`)
	number    = regexp.MustCompile(`^[0-9a-fA-F-]*[0-9][0-9a-fA-F-]*$`) // an id, also a UUID
)

// EndpointName makes a valid name of an endpoint from an identifier of a foreign document, or from method and path
// where that has none, or one that is itself a path.
func EndpointName(identifier, method, path string) string {
	identifier = strings.TrimSpace(identifier)
	if validName.MatchString(identifier) && identifier != "new" {
		return identifier
	}
	if name := camel(identifier); name != "" && !strings.Contains(identifier, "/") {
		return name
	}
	var words []string
	for segment := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		if name, ok := strings.CutPrefix(segment, "{"); ok {
			words = append(words, "by "+strings.Trim(name, "{}"))
		} else if !version.MatchString(segment) && !number.MatchString(segment) {
			words = append(words, segment)
		}
	}
	// "by" says something at the end; inside of a path it only makes the name longer.
	for i := range max(len(words)-1, 0) {
		if strings.HasPrefix(words[i], "by ") {
			words[i] = ""
		}
	}
	return camel(strings.ToLower(method) + " " + strings.Join(words, " "))
}

// camel joins the words of a text as aNameLikeThis.
func camel(text string) string {
	var b strings.Builder
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if b.Len() == 0 {
			if word = strings.TrimLeft(word, "0123456789"); word == "" {
				continue
			}
			if word == strings.ToUpper(word) {
				word = strings.ToLower(word)
			}
			b.WriteString(strings.ToLower(word[:1]) + word[1:])
			continue
		}
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	name := b.String()
	if name = name[:min(len(name), maxName)]; name == "new" {
		return "newOne"
	}
	return name
}

// Taken remembers the names that are in use.
type Taken map[string]bool

// Free gives a name that is not taken yet, by a number at its end, and takes it.
func (t Taken) Free(name string) string {
	if name == "" {
		name = "call"
	}
	free := name
	for n := 2; t[free]; n++ {
		end := strconv.Itoa(n)
		free = name[:min(len(name), maxName-len(end))] + end
	}
	t[free] = true
	return free
}

// Slug makes a valid name of an integration from a title.
func Slug(title string) string {
	var b strings.Builder
	for word := range strings.FieldsFuncSeq(strings.ToLower(title), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	}) {
		if b.Len() > 0 {
			b.WriteByte('-')
		}
		b.WriteString(word)
	}
	slug := b.String()
	if slug = strings.Trim(slug[:min(len(slug), 40)], "-"); slug == "" || slug == "new" || slug == "import" {
		return "imported"
	}
	return slug
}

// Segment makes a name that a {placeholder} or a token may have.
func Segment(name string) string {
	name = strings.Map(func(r rune) rune {
		if r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r)) || r == '_' {
			return r
		}
		return '_'
	}, name)
	for strings.Contains(name, "__") {
		name = strings.ReplaceAll(name, "__", "_")
	}
	name = strings.Trim(name, "_")
	if name == "" || name[0] >= '0' && name[0] <= '9' {
		name = "p" + name
	}
	return name[:min(len(name), maxName)]
}

// Token is the token of a value by its path, such as {{ticket.subject}}. It means a value of the event or the call,
// also where its first part is the name of a namespace.
func Token(path ...string) string {
	parts := make([]string, len(path))
	for i, part := range path {
		if _, err := strconv.Atoi(part); err == nil && i > 0 {
			parts[i] = part // an index of a list
			continue
		}
		parts[i] = Segment(part)
	}
	alone := []string{"now", "host", "input", "event"}
	below := []string{"field", "var", "auth", "hard", "ctx", "state", "steps", "run", "option"}
	if slices.Contains(alone, parts[0]) || len(parts) > 1 && slices.Contains(below, parts[0]) {
		parts = slices.Insert(parts, 0, "event")
	}
	return "{{" + strings.Join(parts, ".") + "}}"
}

// Literal writes a text of a foreign document so that a template means just this text. Backslashes right before a brace
// are lost: templates cannot say them.
func Literal(text string) string { return opening.ReplaceAllString(text, `\$1`) }

// Version tells whether a segment of a path says nothing about what it is for: "api", "v2", "3.0".
func Version(segment string) bool { return version.MatchString(segment) }
