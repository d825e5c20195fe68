package token

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// scanner reads the inside of one {{ }}.
type scanner struct {
	text string
	at   int
}

func (s *scanner) fail(offset int, message string) error {
	return &SyntaxError{Offset: offset, Message: message}
}

func (s *scanner) space() {
	for s.at < len(s.text) && strings.IndexByte(" \t\r\n", s.text[s.at]) >= 0 {
		s.at++
	}
}

// eat passes over a text if it stands here.
func (s *scanner) eat(text string) bool {
	if strings.HasPrefix(s.text[s.at:], text) {
		s.at += len(text)
		return true
	}
	return false
}

// token reads name, filters and the closing braces.
func (s *scanner) token(start int) (*Token, error) {
	s.space()
	name := s.name()
	if name == "" {
		return nil, s.fail(start, "A name is expected after {{. Write \\{{ for the braces themselves.")
	}
	tok, message := newToken(name)
	if message != "" {
		return nil, s.fail(start, message)
	}
	for {
		s.space()
		switch {
		case s.eat("}}"):
			if message := tok.check(); message != "" {
				return nil, s.fail(start, message)
			}
			return tok, nil
		case s.eat("|"):
			f, err := s.filter(start)
			if err != nil {
				return nil, err
			}
			tok.Filters = append(tok.Filters, f)
		case s.at >= len(s.text):
			return nil, s.fail(start, "The token {{"+name+" is not closed with }}.")
		default:
			return nil, s.fail(start, "The token {{"+name+" has "+quoteRune(s.text[s.at:])+" where | or }} is expected.")
		}
	}
}

// name reads a dotted name; letters of any script, digits, _ and - make its segments.
func (s *scanner) name() string {
	start := s.at
	for s.at < len(s.text) {
		r, size := utf8.DecodeRuneInString(s.text[s.at:])
		if r != '_' && r != '-' && r != '.' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			break
		}
		s.at += size
	}
	return s.text[start:s.at]
}

func (s *scanner) filter(start int) (Filter, error) {
	s.space()
	f := Filter{Name: s.name()}
	if f.Name == "" {
		return f, s.fail(start, "A filter name is expected after |.")
	}
	for {
		s.space()
		if s.at >= len(s.text) || s.text[s.at] != ':' && (s.text[s.at] != ',' || len(f.Args) == 0) {
			break
		}
		s.at++
		s.space()
		arg, ok := s.argument()
		if !ok {
			return f, s.fail(start, "The filter "+f.Name+" has an argument that is not closed: write "+f.Name+":\"…\".")
		}
		f.Args = append(f.Args, arg)
	}
	if message := f.bind(); message != "" {
		return f, s.fail(start, message)
	}
	return f, nil
}

// argument reads "text" or, inside JSON, \"text\", or one bare word or number. In quotes \" and \\ stand for
// the character itself; every other backslash stays, as date patterns need it.
func (s *scanner) argument() (string, bool) {
	var inner bool
	switch {
	case s.eat(`\"`):
		inner = true
	case s.eat(`"`):
	default:
		start := s.at
		for s.at < len(s.text) && (isWord(s.text[s.at]) || strings.IndexByte("+-./", s.text[s.at]) >= 0) {
			s.at++
		}
		return s.text[start:s.at], s.at > start
	}
	var out strings.Builder
	for {
		unit, ok := s.unit(inner)
		switch {
		case !ok:
			return "", false
		case unit == `"`:
			return out.String(), true
		case unit == `\`:
			next, more := s.unit(inner)
			if !more {
				return "", false
			}
			if next != `"` && next != `\` {
				out.WriteByte('\\')
			}
			out.WriteString(next)
		default:
			out.WriteString(unit)
		}
	}
}

// unit gives the next character. In JSON-escaped text one level of escapes is undone first.
func (s *scanner) unit(escaped bool) (string, bool) {
	if s.at >= len(s.text) {
		return "", false
	}
	rest := s.text[s.at:]
	if !escaped || rest[0] != '\\' || len(rest) < 2 {
		_, size := utf8.DecodeRuneInString(rest)
		s.at += size
		return rest[:size], true
	}
	s.at += 2
	switch rest[1] {
	case '"', '\\', '/':
		return rest[1:2], true
	case 'n':
		return "\n", true
	case 't':
		return "\t", true
	case 'r':
		return "\r", true
	case 'u':
		if len(rest) >= 6 {
			if n, err := strconv.ParseUint(rest[2:6], 16, 16); err == nil {
				s.at += 4
				return string(rune(n)), true
			}
		}
	}
	s.at--
	return `\`, true
}

func quoteRune(s string) string {
	r, _ := utf8.DecodeRuneInString(s)
	return strconv.QuoteRune(r)
}
