package request

import (
	"slices"
	"strings"

	"tieline/internal/run"
	"tieline/internal/token"
)

// signedParts are the names of what a signature may cover, beside header:<name>, templates and texts in quotes.
var signedParts = []string{
	"method", "path", "query", "query_sorted", "body", "body_sorted", "host", "url", "timestamp", "nonce", "key",
}

// signedPart is one line of what is signed: a name with filters, a header, a fixed text or a template.
type signedPart struct {
	line   string
	tok    *token.Token // of a name
	header string
	fixed  string
	text   *text // of a template
}

// signedLines reads the lines of what is signed. What is wrong with one is noted in the compiler.
func (c *compiler) signedLines(source string) []signedPart {
	var parts []signedPart
	for line := range strings.Lines(source) {
		if line = strings.TrimSpace(line); line != "" {
			parts = append(parts, c.signedLine(line))
		}
	}
	return parts
}

func (c *compiler) signedLine(line string) signedPart {
	p := signedPart{line: line}
	refuse := func(message string) { c.problem("auth.fields", run.TokenPosition, message) }
	switch {
	case len(line) > 1 && line[0] == '"' && line[len(line)-1] == '"':
		p.fixed = line[1 : len(line)-1]
		return p
	case strings.Contains(line, "{{") || strings.Contains(line, "${"):
		p.text = c.text("auth.fields", "signed text", line, atText)
		if p.text.usesAuth() {
			refuse("A signature cannot cover itself: {{auth.token}} cannot stand among what is signed.")
		}
		return p
	}
	if name, ok := strings.CutPrefix(line, "header:"); ok {
		p.header = strings.TrimSpace(name)
		if _, managed := Managed(p.header); managed {
			refuse("The header " + p.header + " is written when the request is sent, so it cannot be signed. Take host for the host.")
		} else if !ValidHeaderName(p.header) {
			refuse("“" + printable(p.header) + "” is not a header name.")
		}
		return p
	}
	name, _, _ := strings.Cut(line, "|")
	if name = strings.TrimSpace(name); !slices.Contains(signedParts, name) {
		message := "There is no “" + printable(name) + "” to sign."
		if near := token.Nearest(name, signedParts); near != "" {
			message += " Did you mean " + near + "?"
		}
		refuse(message + " A fixed text stands in quotes: \"" + printable(name) + "\".")
		return p
	}
	t, err := token.Parse("{{" + line + "}}")
	switch {
	case err != nil:
		refuse(syntaxMessage(err))
	case len(t.Parts) != 1 || t.Parts[0].Token == nil || t.Parts[0].Token.Raw():
		refuse("“" + printable(line) + "” cannot be read: a name, then filters, as in body|sha256.")
	default:
		p.tok = t.Parts[0].Token
	}
	return p
}

// printable shows a text of a person: short, without control characters.
func printable(s string) string {
	if r := []rune(s); len(r) > 60 {
		s = string(r[:60]) + "…"
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return '␣'
		}
		return r
	}, s)
}
