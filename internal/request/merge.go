package request

import (
	"slices"

	"tieline/internal/redact"
)

// piece is a JSON text with the places of its secrets.
type piece struct {
	text  []byte
	spans []redact.Span
}

// takePiece cuts the body that was written so far out of the call.
func (b *builder) takePiece() piece {
	p := piece{text: b.buf}
	b.call.Spans = slices.DeleteFunc(b.call.Spans, func(s redact.Span) bool {
		if s.Where == "body" {
			p.spans = append(p.spans, s)
		}
		return s.Where == "body"
	})
	b.buf = nil
	return p
}

// merger lays one JSON text over another, member by member; all other text stays as it is. A list gets the
// object laid over each of its items.
type merger struct {
	low, high piece
	kept      []string // members of the lower object that stay
	out       []byte
	spans     []redact.Span
}

func (m *merger) merge() {
	low := m.low.text
	at := skipSpace(low, 0)
	if at >= len(low) || low[at] != '[' || !startsWith(m.high.text, '{') {
		m.values(0, len(low), 0, len(m.high.text), true)
		return
	}
	m.out = append(m.out, '[')
	for at = skipSpace(low, at+1); low[at] != ']'; {
		end := skipValue(low, at, 0)
		m.values(at, end, 0, len(m.high.text), true)
		if at = skipSpace(low, end); low[at] == ',' {
			m.out = append(m.out, ',')
			at = skipSpace(low, at+1)
		}
	}
	m.out = append(m.out, ']')
}

func startsWith(text []byte, c byte) bool {
	at := skipSpace(text, 0)
	return at < len(text) && text[at] == c
}

// values lays the upper value over the lower one: objects are merged, everything else is replaced.
func (m *merger) values(lowFrom, lowTo, highFrom, highTo int, top bool) {
	lows, ok := membersOf(m.low.text[lowFrom:lowTo])
	highs, ok2 := membersOf(m.high.text[highFrom:highTo])
	if !ok || !ok2 {
		m.copy(m.high, highFrom, highTo)
		return
	}
	if top {
		highs = slices.DeleteFunc(highs, func(h member) bool {
			return slices.Contains(m.kept, h.name) && slices.ContainsFunc(lows, func(l member) bool { return l.name == h.name })
		})
	}
	m.out = append(m.out, '{')
	first := true
	comma := func() {
		if !first {
			m.out = append(m.out, ',')
		}
		first = false
	}
	for _, l := range lows {
		comma()
		i := slices.IndexFunc(highs, func(h member) bool { return h.name == l.name })
		if i < 0 {
			m.copy(m.low, lowFrom+l.from, lowFrom+l.to)
			continue
		}
		lowValue, highValue := valueOf(m.low.text, lowFrom+l.from), valueOf(m.high.text, highFrom+highs[i].from)
		m.copy(m.low, lowFrom+l.from, lowValue)
		m.values(lowValue, lowFrom+l.to, highValue, highFrom+highs[i].to, false)
	}
	for _, h := range highs {
		if !slices.ContainsFunc(lows, func(l member) bool { return l.name == h.name }) {
			comma()
			m.copy(m.high, highFrom+h.from, highFrom+h.to)
		}
	}
	m.out = append(m.out, '}')
}

// valueOf is where the value of the member at a position starts.
func valueOf(text []byte, at int) int {
	return skipSpace(text, skipSpace(text, skipString(text, at))+1)
}

// copy takes a part of a piece over, with the secrets in it.
func (m *merger) copy(p piece, from, to int) {
	move := len(m.out) - from
	m.out = append(m.out, p.text[from:to]...)
	for _, s := range p.spans {
		if s.From >= from && s.To <= to {
			s.From, s.To = s.From+move, s.To+move
			m.spans = append(m.spans, s)
		}
	}
}

// rootNames are the names at the top of a JSON template that stand there without a token.
func (s *jsonShape) rootNames() []string {
	if s == nil {
		return nil
	}
	var names []string
	depth, key := 0, false
	for _, op := range s.ops {
		switch op.kind {
		case '{', '[':
			depth++
			key = depth == 1 && op.kind == '{'
		case '}', ']':
			depth--
		case ',':
			key = depth == 1
		case 's':
			if key && len(op.text) > 1 {
				names = append(names, op.text[1:len(op.text)-1])
			}
			key = false
		default:
			key = false
		}
	}
	return names
}
