package criteria

import (
	"slices"
	"strings"
)

// Parse reads a condition as rows; ok is false where rows cannot say it. An empty text has no rows.
func Parse(text string) (rows []Row, ok bool) {
	p := parser{words: lex(text)}
	if p.words == nil {
		return nil, strings.TrimSpace(text) == ""
	}
	for {
		row, ok := p.comparison()
		if !ok {
			return nil, false
		}
		if len(rows) > 0 {
			row.Join = p.join
		}
		rows = append(rows, row)
		if len(p.words) == 0 {
			return rows, true
		}
		p.join = strings.ToLower(p.next().text)
		if p.join != "and" && p.join != "or" {
			return nil, false
		}
	}
}

// word is one piece of a condition: a name, number or token as it is ('w'), an operator or a bracket by its own
// character ('o'), a text ('t') or a date ('d') without what stands around it.
type word struct {
	kind byte
	text string
}

// lex cuts a condition into words; nil where it cannot.
func lex(text string) []word {
	var words []word
	for i := 0; i < len(text); {
		c := text[i]
		var n int
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
			continue
		case c == '\'' || c == '"':
			n = behindQuote(text[i:])
			if n > 0 {
				words = append(words, word{'t', text[i+1 : i+n-1]})
			}
		case c == '[':
			n = strings.IndexByte(text[i:], ']') + 1
			if n > 0 {
				words = append(words, word{'d', text[i+1 : i+n-1]})
			}
		case strings.IndexByte("=!<>", c) >= 0:
			n = 1
			if i+1 < len(text) && text[i+1] == '=' {
				n = 2
			}
			words = append(words, word{'o', text[i : i+n]})
		case strings.IndexByte("(),", c) >= 0:
			n = 1
			words = append(words, word{'o', text[i : i+1]})
		default:
			n = bareLength(text[i:])
			words = append(words, word{'w', text[i : i+n]})
		}
		if n == 0 {
			return nil
		}
		i += n
	}
	return words
}

// behindQuote is the length of the quoted text at the beginning of s, 0 where it does not end. A backslash keeps
// the next character from ending it; quotes inside a token do not count.
func behindQuote(s string) int {
	for i := 1; i < len(s); i++ {
		if m := tokensForm.FindStringIndex(s[i:]); m != nil && m[0] == 0 {
			i += m[1] - 1
			continue
		}
		switch s[i] {
		case '\\':
			i++
		case s[0]:
			return i + 1
		}
	}
	return 0
}

// bareLength is the length of the name, number or token at the beginning of s.
func bareLength(s string) int {
	if m := tokensForm.FindStringIndex(s); m != nil && m[0] == 0 {
		return m[1]
	}
	end := strings.IndexAny(s, " \t\r\n'\"[]=!<>(),{$")
	switch {
	case end < 0:
		return len(s)
	case end == 0:
		return 0
	}
	return end
}

type parser struct {
	words []word
	join  string
}

// next takes the next word; a zero one at the end.
func (p *parser) next() word {
	if len(p.words) == 0 {
		return word{}
	}
	w := p.words[0]
	p.words = p.words[1:]
	return w
}

// comparison reads field, operator and value.
func (p *parser) comparison() (Row, bool) {
	field := p.next()
	if field.kind != 'w' || !fieldForm.MatchString(field.text) || strings.EqualFold(field.text, "not") {
		return Row{}, false
	}
	r := Row{Field: field.text, Op: p.operator()}
	if r.Op == "" {
		return Row{}, false
	}
	if strings.HasSuffix(r.Op, "in") {
		return p.list(r)
	}
	kind, text, ok := value(p.next())
	r.Kind, r.Value = kind, text
	return p.same(r, ok)
}

// same lets a row through only where it would be written with the same meaning again.
func (p *parser) same(r Row, ok bool) (Row, bool) {
	if !ok {
		return r, false
	}
	_, _, problem := r.text()
	return r, problem == ""
}

func (p *parser) operator() string {
	op := strings.ToLower(p.next().text)
	if op == "not" {
		op += " " + strings.ToLower(p.next().text)
	}
	if !slices.Contains(Ops(), op) {
		return ""
	}
	return op
}

// value reads one value with its kind.
func value(w word) (kind, text string, ok bool) {
	switch {
	case w.kind == 't':
		return "text", w.text, !strings.Contains(w.text, `\`)
	case w.kind == 'd':
		return "date", strings.TrimSpace(w.text), true
	case w.kind != 'w':
		return "", "", false
	case strings.EqualFold(w.text, "null"):
		return "null", "", true
	case strings.EqualFold(w.text, "true"), strings.EqualFold(w.text, "false"):
		return "bool", strings.ToLower(w.text), true
	}
	return "number", w.text, numberForm.MatchString(w.text) || tokenForm.MatchString(w.text)
}

// list reads the values of in.
func (p *parser) list(r Row) (Row, bool) {
	if p.next().text != "(" {
		return r, false
	}
	var items []string
	for {
		kind, text, ok := value(p.next())
		if !ok || kind == "null" || r.Kind != "" && r.Kind != kind || strings.Contains(text, ",") || text != strings.TrimSpace(text) {
			return r, false
		}
		r.Kind = kind
		items = append(items, text)
		switch p.next().text {
		case ",":
		case ")":
			r.Value = strings.Join(items, ", ")
			return p.same(r, true)
		default:
			return r, false
		}
	}
}
