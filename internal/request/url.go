package request

import (
	"strings"

	"tieline/internal/run"
	"tieline/internal/token"
)

// urlPlan is the URL template. A relative one is appended to the integrator's base.
type urlPlan struct {
	text     *text
	relative bool
	hasQuery bool
}

// urlState is the part of the URL that the reader stands in.
type urlState int

const (
	inStart urlState = iota
	inHost
	behindBase // a token gave scheme, host and path
	inPath
	inQuery
	inFragment
)

// url reads the URL template and decides every token's position from its literal text alone.
func (c *compiler) url() {
	source := strings.TrimSpace(c.ep.URL)
	parsed := c.parse("url", "url", source)
	t := &text{field: parsed.field, where: "url"}
	u := urlReader{c: c, out: t}
	for i, p := range parsed.parts {
		if p.tok != nil {
			u.token(p.tok)
		} else {
			u.literal(p.lit, i == 0)
		}
	}
	switch {
	case source == "":
		c.problem("url", run.TokenPosition, "The URL is needed: https://… or a path that starts with /.")
	case u.state == inHost && !u.host:
		c.problem("url", run.TokenPosition, "The URL has no host.")
	case u.state == inFragment:
		c.problem("url", run.BadType, "What follows # is never sent; write %23 for the character itself.")
	}
	c.finish(t)
	c.plan.url = urlPlan{text: t, relative: u.relative, hasQuery: u.query}
}

type urlReader struct {
	c        *compiler
	out      *text
	state    urlState
	relative bool
	query    bool
	host     bool
	refused  bool
}

func (u *urlReader) refuse(message string) {
	if !u.refused {
		u.c.problem("url", run.TokenPosition, message)
	}
	u.refused = true
}

func (u *urlReader) token(tok *token.Token) {
	p := part{tok: tok}
	own := tok.Namespace == token.Field || tok.Namespace == token.Var || tok.Namespace == token.Host
	switch u.state {
	case inStart:
		p.at, u.state = atBase, behindBase
		if !own {
			u.refuse(tok.Text + " stands at the start of the URL, where only field., var. and host may stand: what a call brings must not choose the host.")
		}
	case inHost:
		p.at, u.host = atHost, true
		if !own {
			u.refuse(tok.Text + " stands in the host of the URL, where only field., var. and host may stand: what a call brings must not choose the host.")
		}
	case behindBase:
		u.refuse("A / must stand between the first token of the URL and " + tok.Text + ".")
		p.at = atPath
	case inPath:
		p.at = atPath
	case inQuery:
		p.at = atQuery
	case inFragment:
		return
	}
	u.out.parts = append(u.out.parts, p)
}

func (u *urlReader) literal(s string, first bool) {
	if first {
		s = u.start(s)
	}
	for s != "" {
		switch u.state {
		case inStart, inFragment:
			return
		case inHost, behindBase:
			s = u.authority(s)
		case inPath, inQuery:
			u.rest(s)
			return
		}
	}
}

// start takes the scheme, or finds a path.
func (u *urlReader) start(s string) string {
	if strings.HasPrefix(s, "/") && !strings.HasPrefix(s, "//") {
		u.relative, u.state = true, inPath
		return s
	}
	for _, scheme := range []string{"https://", "http://"} {
		if len(s) >= len(scheme) && strings.EqualFold(s[:len(scheme)], scheme) {
			u.add(scheme)
			u.state = inHost
			return s[len(scheme):]
		}
	}
	u.refuse("The URL must start with https:// or http://, or be a path that starts with /.")
	u.state = inHost
	return s
}

// authority takes the host up to the path.
func (u *urlReader) authority(s string) string {
	end := strings.IndexAny(s, "/?#")
	if end < 0 {
		end = len(s)
	}
	host := s[:end]
	switch {
	case host == "":
	case u.state == behindBase:
		u.refuse("A / must follow the first token of the URL.")
	case strings.Contains(host, "@"):
		u.refuse("A user name or password cannot stand in the URL. Choose the authentication of the integrator instead.")
	case !hostChars(host):
		u.refuse("The host of the URL has characters that a host cannot have.")
	}
	u.add(host)
	u.host = u.host || host != ""
	if end < len(s) {
		u.state = inPath
	}
	return s[end:]
}

// rest takes literal text of path and query with its {slots}.
func (u *urlReader) rest(s string) {
	start := 0
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '#':
			u.add(cleanURL(s[start:i]))
			u.state = inFragment
			return
		case s[i] == '?' && u.state == inPath:
			u.state, u.query = inQuery, true
		case s[i] == '{':
			name, ok := slotName(s[i:])
			if !ok {
				continue
			}
			u.add(cleanURL(s[start:i]))
			at := atPath
			if u.state == inQuery {
				at = atQuery
			}
			u.out.parts = append(u.out.parts, part{slot: name, at: at})
			i += len(name) + 1
			start = i + 1
		}
	}
	u.add(cleanURL(s[start:]))
}

func (u *urlReader) add(lit string) {
	if lit != "" {
		u.out.parts = append(u.out.parts, part{lit: lit})
	}
}

// slotName reads {name} at the start of s.
func slotName(s string) (string, bool) {
	end := strings.IndexByte(s, '}')
	if end < 2 {
		return "", false
	}
	if isHead := s[1] == '_' || s[1]|0x20 >= 'a' && s[1]|0x20 <= 'z'; !isHead {
		return "", false
	}
	for _, r := range s[1:end] {
		if r != '_' && r != '-' && r != '.' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') {
			return "", false
		}
	}
	return s[1:end], true
}

// cleanURL escapes what cannot stand in a URL and leaves everything that the author encoded.
func cleanURL(s string) string {
	var out strings.Builder
	for i := range len(s) {
		c := s[i]
		stray := c == '%' && (i+2 >= len(s) || !isHex(s[i+1]) || !isHex(s[i+2]))
		if stray || c <= ' ' || c >= 0x7f || strings.IndexByte("\"<>\\^`{|}", c) >= 0 {
			out.Write(token.AppendPercent(nil, s[i:i+1]))
		} else {
			out.WriteByte(c)
		}
	}
	return out.String()
}

// hostChars tells whether s can be (part of) a host with its port.
func hostChars(s string) bool {
	for i := range len(s) {
		c := s[i]
		ok := c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || strings.IndexByte(".-_:[]", c) >= 0
		if !ok {
			return false
		}
	}
	return true
}
