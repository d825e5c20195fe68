package imports

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// word is one argument of a command line.
type word struct {
	text string
	line int
}

// commands cuts a text into command lines and those into words, as bash, the Windows command prompt or PowerShell
// would. Nothing is expanded but quotes and escapes; $NAME becomes ${NAME}, which is a variable here too.
func commands(text string) [][]word {
	text = strings.ReplaceAll(strings.TrimPrefix(text, "\ufeff"), "\r\n", "\n")
	s := &shell{text: text, line: 1}
	switch {
	case strings.Contains(text, "^\n") || strings.Contains(text, `^"`):
		s.escape, s.prompt = '^', true
	case strings.Contains(text, "`\n"):
		s.escape = '`'
	default:
		s.escape = '\\'
	}
	for s.at < len(s.text) {
		s.step()
	}
	s.endCommand()
	return s.all
}

// shell cuts one text. escape is the character that makes the next one plain.
type shell struct {
	text    string
	at      int
	line    int
	escape  byte
	prompt  bool // the Windows command prompt: quotes are "…" alone
	now     strings.Builder
	begun   bool
	command []word
	all     [][]word
}

func (s *shell) endWord() {
	if s.begun && (strings.TrimSpace(s.now.String()) != "" || s.now.Len() == 0) {
		s.command = append(s.command, word{s.now.String(), s.line})
	}
	s.now.Reset()
	s.begun = false
}

func (s *shell) endCommand() {
	s.endWord()
	if len(s.command) > 0 {
		s.all = append(s.all, s.command)
	}
	s.command = nil
}

// put adds to the word under way.
func (s *shell) put(text string) {
	s.now.WriteString(text)
	s.begun = true
}

// step reads one character, or a quoted part, outside of quotes.
func (s *shell) step() {
	c := s.text[s.at]
	rest := s.text[s.at:]
	switch {
	case c == '\n':
		s.line++
		s.at++
		s.endCommand()
	case c == s.escape && len(rest) > 1 && rest[1] == '\n':
		s.line++
		s.at += 2
		s.endWord()
	case s.prompt && strings.HasPrefix(rest, `^"`):
		s.at++
		s.double()
	case c == s.escape && len(rest) > 1 && rest[1] == ' ' && !s.begun: // a line break that an input has swallowed
		s.at += 2
	case c == s.escape && len(rest) > 1:
		_, size := utf8.DecodeRuneInString(rest[1:])
		s.put(rest[1 : 1+size])
		s.at += 1 + size
	case c == ' ' || c == '\t':
		s.at++
		s.endWord()
	case c == ';' || c == '|' || c == '&' && s.now.Len() == 0:
		s.at++
		s.endCommand()
	case c == '\'' && !s.prompt:
		s.single()
	case strings.HasPrefix(rest, "$'") && s.escape == '\\':
		s.at++
		s.ansi()
	case c == '"':
		s.double()
	case c == '$':
		s.variable()
	default:
		s.put(rest[:1])
		s.at++
	}
}

// single reads '…'; PowerShell writes a quote in it twice.
func (s *shell) single() {
	s.put("")
	for s.at++; s.at < len(s.text); s.at++ {
		c := s.text[s.at]
		if c == '\'' {
			if s.escape == '`' && strings.HasPrefix(s.text[s.at:], "''") {
				s.at++
			} else {
				s.at++
				return
			}
		}
		s.newline(c)
		s.now.WriteByte(c)
	}
}

func (s *shell) newline(c byte) {
	if c == '\n' {
		s.line++
	}
}

// double reads "…" with its escapes.
func (s *shell) double() {
	s.put("")
	for s.at++; s.at < len(s.text); s.at++ {
		rest := s.text[s.at:]
		c := rest[0]
		switch {
		case s.prompt && (strings.HasPrefix(rest, `^\^"`) || strings.HasPrefix(rest, `\^"`)):
			s.now.WriteByte('"')
			s.at += strings.IndexByte(rest, '"')
		case s.prompt && strings.HasPrefix(rest, `\"`), s.escape == '\\' && len(rest) > 1 && c == '\\' && strings.IndexByte("\\\"$`", rest[1]) >= 0, s.escape == '`' && c == '`' && len(rest) > 1:
			s.now.WriteByte(rest[1])
			s.at++
		case s.escape == '`' && strings.HasPrefix(rest, `\"`), strings.HasPrefix(rest, `""`) && s.escape != '\\':
			s.now.WriteByte('"')
			s.at++
		case s.escape == '\\' && strings.HasPrefix(rest, "\\\n"):
			s.line++
			s.at++
		case s.prompt && strings.HasPrefix(rest, `^"`):
			s.at += 2
			return
		case s.prompt && c == '^' && len(rest) > 1:
			s.at++
			s.newline(rest[1])
			if rest[1] != '\n' {
				s.now.WriteByte(rest[1])
			}
		case c == '"':
			s.at++
			return
		case c == '$' && !s.prompt:
			s.variable()
			s.at--
		default:
			s.newline(c)
			s.now.WriteByte(c)
		}
	}
}

// variable reads $NAME as ${NAME}; any other dollar stands for itself.
func (s *shell) variable() {
	end := s.at + 1
	for end < len(s.text) && (s.text[end] >= 'A' && s.text[end] <= 'Z' || s.text[end] == '_' || end > s.at+1 && s.text[end] >= '0' && s.text[end] <= '9') {
		end++
	}
	if end == s.at+1 || s.escape != '\\' {
		s.put("$")
		s.at++
		return
	}
	s.put("${" + s.text[s.at+1:end] + "}")
	s.at = end
}

// ansi reads $'…' with the escapes of C.
func (s *shell) ansi() {
	s.put("")
	for s.at++; s.at < len(s.text); {
		c := s.text[s.at]
		switch {
		case c == '\'':
			s.at++
			return
		case c != '\\' || s.at+1 >= len(s.text):
			s.newline(c)
			s.now.WriteByte(c)
			s.at++
		default:
			s.at += s.escaped(s.text[s.at+1:])
		}
	}
}

// escaped writes what an escape stands for, and gives its length with the backslash.
func (s *shell) escaped(rest string) int {
	plain := map[byte]string{'n': "\n", 't': "\t", 'r': "\r", 'a': "\a", 'b': "\b", 'f': "\f", 'v': "\v", 'e': "\x1b", '\\': "\\", '\'': "'", '"': "\"", '?': "?"}
	if text, ok := plain[rest[0]]; ok {
		s.now.WriteString(text)
		return 2
	}
	most := map[byte]int{'x': 2, 'u': 4, 'U': 8}[rest[0]]
	end := 1
	for end < len(rest) && end <= most && strings.IndexByte("0123456789abcdefABCDEF", rest[end]) >= 0 {
		end++
	}
	code, err := strconv.ParseUint(rest[1:end], 16, 32)
	if err != nil {
		s.now.WriteByte('\\')
		return 1
	}
	if rest[0] == 'x' {
		s.now.WriteByte(byte(code)) //nolint:gosec // at most two digits
	} else {
		s.now.WriteRune(rune(code)) //nolint:gosec // at most 8 digits; what is no character becomes one that says so
	}
	return 1 + end
}
