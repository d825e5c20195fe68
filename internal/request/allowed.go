package request

import (
	"strconv"
	"strings"

	"tieline/internal/run"
	"tieline/internal/secret"
	"tieline/internal/token"
)

// allowed tells whether a value may stand at its position, and refuses it where it may not. The message names
// the place; the value is told only where it is no secret.
func (b *builder) allowed(t *text, p *part, v token.Value, s string) bool {
	name := p.tok.Text
	switch p.at {
	case atHost:
		if s == "" || !hostChars(s) {
			b.refuse(t.field, positionFailure(name, "the host of the URL", "The value of "+name+" cannot be part of a host: letters, digits, dots and - are allowed, without a scheme, path or user name."))
			return false
		}
	case atPath:
		if s == "" {
			b.refuse(t.field, emptyInPath(name))
			return false
		}
		if dots(s) {
			b.refuse(t.field, dotsInPath(name, shownValue(v, s)))
			return false
		}
	case atHeader:
		if i := control(s); i >= 0 {
			b.refuse(t.field, run.Failure{
				Cause: run.HeaderValue, Summary: "the value for " + t.where + " cannot be sent",
				Evidence: "Character " + strconv.Itoa(i+1) + " of the value of " + name + " is a control character (code " + strconv.Itoa(int(s[i])) + ").",
				Hint:     "The value of " + name + " holds a line break or another control character, which a header cannot carry. Clean the value where it comes from, or use the filter trim if it only ends in one.",
			})
			return false
		}
	case atXMLText, atXMLAttr, atCDATA:
		if !xmlChars(s) {
			b.refuse(t.field, positionFailure(name, "the XML body", "The value of "+name+" holds a character that XML cannot carry, such as a control character. Clean the value where it comes from."))
			return false
		}
	case atCondDate, atCondWord:
		return b.allowedInCondition(t, p, v, s)
	case atText, atBase, atQuery, atForm, atJSONText, atJSONValue, atCondQuote, atCondText:
	}
	return true
}

// shownValue is a value for evidence: quoted and short, or hidden.
func shownValue(v token.Value, s string) string {
	if v.Secret {
		return secret.Bullets
	}
	if len(s) > 80 {
		s = strings.ToValidUTF8(s[:80], "") + "…"
	}
	return strconv.Quote(s)
}

func emptyInPath(name string) run.Failure {
	return run.Failure{
		Cause: run.TokenPosition, Summary: "the value of " + name + " in the path is empty", Evidence: name + " stands in the path of the URL.",
		Hint: "The value of " + name + " is empty, and a part of the path cannot be. Fill it in where it comes from, or give it a default. Nothing was sent.",
	}
}

func dotsInPath(name, value string) run.Failure {
	return run.Failure{
		Cause: run.TokenPosition, Summary: "the value of " + name + " would lead to another path", Evidence: "Value: " + value + ".",
		Hint: "The value of " + name + " holds . or .. as a part of a path, which would lead to another address. Correct the value where it comes from. Nothing was sent.",
	}
}

// header writes one header row.
func (b *builder) header(r *row) {
	if b.fail != nil || r.optional && b.absent(r) || b.unsigned && r.text.usesAuth() || b.pagedHeader(r.name) {
		return
	}
	b.start("header", len(b.call.Request.Headers))
	b.text(r.text)
	// The HTTP client and the other side pass over blanks at both ends.
	value := strings.Trim(string(b.buf), " \t")
	if shift := len(b.buf) - len(strings.TrimLeft(string(b.buf), " \t")); shift > 0 || len(value) < len(b.buf) {
		b.shift(shift, len(value))
	}
	b.call.Request.Headers = append(b.call.Request.Headers, run.Header{Name: r.name, Value: value})
}

// shift moves the spans of the part that was just written by the blanks that were cut off.
func (b *builder) shift(left, length int) {
	for i := range b.call.Spans {
		s := &b.call.Spans[i]
		if s.Where == b.region.Where && s.Index == b.region.Index {
			s.From, s.To = min(max(s.From-left, 0), length), min(max(s.To-left, 0), length)
		}
	}
}
