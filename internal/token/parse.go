package token

import (
	"fmt"
	"strings"
	"time"
)

// Template is a parsed text: literal pieces and tokens in their order. It is never changed after Parse and
// may be shared.
type Template struct {
	Source string
	Parts  []Part
}

// Part is a literal, or a token when Token is not nil.
type Part struct {
	Literal string
	Token   *Token
}

// Token is one {{ name | filter }} or ${NAME}. Name is canonical: bare names as they are ("phone_number",
// also for event.phone_number), others with their namespace ("field.ApiKey"). Path are the segments below the
// namespace. Text is the token as written, Offset its byte position in the source.
type Token struct {
	Name      string
	Namespace Namespace
	Path      []string
	Filters   []Filter
	Text      string
	Offset    int
}

// Filter is one filter with its arguments, checked when parsed.
type Filter struct {
	Name  string
	Args  []string
	spec  *filterSpec
	zones []*time.Location // of the date filter's second and third argument
}

// SyntaxError is a template that cannot be read. Offset is the byte position of the token in the source;
// Message is a sentence for the person who wrote it.
type SyntaxError struct {
	Offset  int
	Message string
}

// Error gives the position and the message.
func (e *SyntaxError) Error() string { return fmt.Sprintf("position %d: %s", e.Offset+1, e.Message) }

// Raw tells whether the token asks to be written without escaping.
func (t *Token) Raw() bool {
	for _, f := range t.Filters {
		if f.Name == "raw" {
			return true
		}
	}
	return false
}

// Parse reads a template. {{name|filter:"arg"}} and ${NAME} are tokens; \{{ and \${ are the literal text
// without the backslash, but an even number of backslashes before a token are themselves, so that the JSON
// text "C:\\{{dir}}" holds a token. The error is a *SyntaxError for the first token that cannot be read; the
// Template is usable even then, with that token as literal text, so that a half-typed text can be shown.
func Parse(source string) (Template, error) {
	t := Template{Source: source}
	if !strings.Contains(source, "{{") && !strings.Contains(source, "${") {
		if source != "" {
			t.Parts = []Part{{Literal: source}}
		}
		return t, nil
	}
	var first error
	var literal strings.Builder
	for at := 0; at < len(source); {
		start := opening(source, at)
		if start < 0 {
			literal.WriteString(source[at:])
			break
		}
		before := source[at:start]
		if slashes(before)%2 == 1 {
			literal.WriteString(before[:len(before)-1])
			literal.WriteString(source[start : start+2])
			at = start + 2
			continue
		}
		literal.WriteString(before)
		tok, end, err := read(source, start)
		if err != nil && first == nil {
			first = err
		}
		if tok == nil {
			literal.WriteString(source[start:end])
		} else {
			if literal.Len() > 0 {
				t.Parts = append(t.Parts, Part{Literal: literal.String()})
				literal.Reset()
			}
			t.Parts = append(t.Parts, Part{Token: tok})
		}
		at = end
	}
	if literal.Len() > 0 {
		t.Parts = append(t.Parts, Part{Literal: literal.String()})
	}
	return t, first
}

// opening finds the next "{{" or "${" at or after a position, or gives -1.
func opening(s string, from int) int {
	for i := from; i+1 < len(s); i++ {
		if s[i+1] == '{' && (s[i] == '{' || s[i] == '$') {
			return i
		}
	}
	return -1
}

func slashes(s string) int {
	return len(s) - len(strings.TrimRight(s, `\`))
}

// read takes the token that starts at a position. A nil token means that source[start:end] is literal text.
func read(source string, start int) (*Token, int, error) {
	if source[start] == '$' {
		return readVariable(source, start)
	}
	s := scanner{text: source, at: start + 2}
	tok, err := s.token(start)
	if err != nil {
		return nil, start + 2, err
	}
	tok.Text, tok.Offset = source[start:s.at], start
	return tok, s.at, nil
}

// readVariable takes ${NAME}. What is not of that form, such as a price in "${5}" or "${a.b}", is literal text.
func readVariable(source string, start int) (*Token, int, error) {
	end := start + 2
	for end < len(source) && (isWord(source[end]) && (end > start+2 || !isDigit(source[end]))) {
		end++
	}
	if end == start+2 || end >= len(source) || source[end] != '}' {
		return nil, start + 2, nil
	}
	name := source[start+2 : end]
	return &Token{
		Name: "var." + name, Namespace: Var, Path: []string{name},
		Text: source[start : end+1], Offset: start,
	}, end + 1, nil
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isWord(c byte) bool {
	return isDigit(c) || c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
