package request

import (
	"slices"
	"strings"

	"tieline/internal/criteria"
	"tieline/internal/run"
	"tieline/internal/token"
)

// A condition is a query row in the filter language of ConnectWise PSA. What a value is must not change what is
// asked for: a text stays inside its quotes, a date inside its brackets, and elsewhere a value is one number or
// word. Vendor and version differ in how a quote inside quotes is escaped, so none is: a text is put into the
// quotes that it does not hold.

// isCondition tells whether a query row is a condition.
func (c *compiler) isCondition(name string) bool {
	return c.in.Preset == "connectwise" && slices.Contains(criteria.Params(), name)
}

// conditionText reads a condition and finds out where each of its tokens stands.
func (c *compiler) conditionText(field, where, source string) *text {
	parsed := c.parse(field, where, source)
	t := &text{field: parsed.field, where: parsed.where}
	place := atCondWord
	quote := byte(0)
	for _, p := range parsed.parts {
		if p.tok != nil {
			p.at = place
			t.parts = append(t.parts, p)
			continue
		}
		start := 0
		cut := func(end int) {
			if lit := p.lit[start:end]; place == atCondText && lit != "" {
				t.parts = append(t.parts, part{lit: lit, at: atCondText})
			} else if lit != "" {
				t.parts = append(t.parts, part{lit: string(atQuery.append(nil, lit)), at: atQuery})
			}
			start = end
		}
		for i := 0; i < len(p.lit); i++ {
			switch ch := p.lit[i]; {
			case place == atCondText && ch == '\\':
				i++
			case place == atCondText && ch == quote, place == atCondWord && (ch == '\'' || ch == '"'):
				cut(i)
				t.parts = append(t.parts, part{lit: string(ch), at: atCondQuote})
				start = i + 1
				if place == atCondText {
					place = atCondWord
				} else {
					place, quote = atCondText, ch
				}
			case place == atCondWord && ch == '[':
				place = atCondDate
			case place == atCondDate && ch == ']':
				place = atCondWord
			}
		}
		cut(len(p.lit))
	}
	if place == atCondText {
		c.problem(field, run.TokenPosition, "The quotes of this condition are opened and not closed.")
	}
	c.finish(t)
	return t
}

// condition writes a condition.
func (b *builder) condition(t *text) {
	for i := 0; i < len(t.parts) && b.fail == nil; i++ {
		if t.parts[i].at != atCondQuote {
			b.part(t, &t.parts[i])
			continue
		}
		end := i + 1
		for end < len(t.parts) && t.parts[end].at != atCondQuote {
			end++
		}
		b.quoted(t, t.parts[i].lit, t.parts[i+1:end])
		i = end
	}
}

// fragment is a part of a quoted text with its value.
type fragment struct {
	text   string
	secret bool
}

// quoted writes a text of a condition with its quotes.
func (b *builder) quoted(t *text, quote string, parts []part) {
	var pieces []fragment
	other := map[string]string{"'": `"`, `"`: "'"}[quote]
	held, blocked := false, false // a value holds the quote; something holds the other one
	for i := range parts {
		p := &parts[i]
		if p.tok == nil {
			pieces, blocked = append(pieces, fragment{text: p.lit}), blocked || strings.Contains(p.lit, other)
			continue
		}
		v, ok := b.resolve(t, p)
		if !ok {
			pieces = append(pieces, fragment{text: p.tok.Text})
			continue
		}
		one := fragment{token.Text(v.Data), v.Secret}
		if !p.raw {
			held, blocked = held || strings.Contains(one.text, quote), blocked || strings.Contains(one.text, other)
			if strings.HasSuffix(one.text, `\`) || held && blocked {
				b.refuse(t.field, quoteFailure(p.tok.Text, shownValue(v, one.text)))
			}
		}
		pieces = append(pieces, one)
	}
	if held {
		if blocked && b.fail == nil {
			b.refuse(t.field, quoteFailure("a token", "not shown"))
		}
		quote = other
	}
	b.buf = atCondQuote.append(b.buf, quote)
	for _, one := range pieces {
		if !b.room(t, atCondText.size(one.text)) {
			return
		}
		from := len(b.buf)
		b.buf = atCondText.append(b.buf, one.text)
		if one.secret {
			b.span(from)
		}
	}
	b.buf = atCondQuote.append(b.buf, quote)
}

// allowedInCondition tells whether a value is a date in brackets, or one number or word outside of quotes.
func (b *builder) allowedInCondition(t *text, p *part, v token.Value, s string) bool {
	more, what := ",", "a number, a word, or numbers with commas between them; a text belongs in quotes"
	if p.at == atCondDate {
		more, what = ": ", "a moment such as 2026-01-31T08:00:00Z"
	}
	fits := s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && !strings.ContainsRune("._+-"+more, r)
	})
	if !fits {
		b.refuse(t.field, run.Failure{
			Cause: run.TokenPosition, Summary: "the value of " + p.tok.Text + " cannot stand where it is in the condition",
			Evidence: "Value: " + shownValue(v, s) + ". It stands in " + t.place() + ".",
			Hint:     "What stands there must be " + what + ". Correct the value where it comes from, or the condition. Nothing was sent.",
		})
	}
	return fits
}

func quoteFailure(name, value string) run.Failure {
	return run.Failure{
		Cause: run.TokenPosition, Summary: "the value of " + name + " would break out of its quotes in the condition", Evidence: "Value: " + value + ".",
		Hint: "A text in a condition cannot hold both ' and \", nor end in a backslash. Correct the value where it comes from. Nothing was sent.",
	}
}
