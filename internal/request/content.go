package request

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"mime"
	"strings"

	"tieline/internal/run"
	"tieline/internal/token"
)

// body writes the body and, where no row gives one, its content type.
func (b *builder) body() {
	p := &b.p.body
	if b.fail != nil || p.kind == "" {
		return
	}
	b.start("body", 0)
	before := b.unresolved
	b.unresolved = false
	contentType := p.contentType
	fills := b.p.mapped != nil && b.p.mapped.where == "body"
	switch {
	case p.kind == "form":
		b.form(fills)
	case p.kind == "multipart":
		contentType = b.multipart()
	case fills && p.kind == "json":
		b.mappedJSON()
	case fills && p.kind == "xml":
		b.mappedXML()
	default:
		b.text(p.text)
		b.compare()
		if p.kind == "json" && len(p.fields) > 0 && b.fail == nil {
			b.setFields()
		}
	}
	b.unresolved = b.unresolved || before
	b.call.Request.Body = bytes.Clone(b.buf)
	b.call.Request.Size = int64(len(b.buf))
	if len(b.buf) > 0 && b.fail == nil {
		b.contentType(contentType)
	}
}

// contentType adds the header where no row has it. A multipart row that lacks the boundary gets it.
func (b *builder) contentType(value string) {
	if value == "" {
		return
	}
	for i := range b.call.Request.Headers {
		h := &b.call.Request.Headers[i]
		if !strings.EqualFold(h.Name, "Content-Type") {
			continue
		}
		media, params, err := mime.ParseMediaType(h.Value)
		if b.p.body.kind == "multipart" && err == nil && strings.HasPrefix(media, "multipart/") && params["boundary"] == "" {
			_, boundary, _ := strings.Cut(value, ";")
			h.Value = strings.TrimRight(h.Value, "; ") + ";" + boundary
		}
		return
	}
	b.call.Request.Headers = append(b.call.Request.Headers, run.Header{Name: "Content-Type", Value: value})
	b.call.Added = append(b.call.Added, "Content-Type")
}

// compare reads the rendered text again and refuses it when it lost its template's structure: then a value got
// out of its place, and what would arrive is not what was written.
func (b *builder) compare() {
	p := &b.p.body
	if b.unresolved || b.fail != nil {
		return
	}
	whole := true
	switch {
	case p.json != nil && p.text.raw:
		whole = json.Valid(b.buf)
	case p.json != nil:
		whole = p.json.holds(b.buf)
	case p.xml != nil && p.text.raw:
		_, err := xmlShape(b.buf)
		whole = err == nil
	case p.xml != nil:
		whole = xmlHolds(p.xml, b.buf)
	case p.pairs && !p.text.raw:
		whole = b.pairsHold()
	}
	if !whole {
		b.refuse(p.text.field, run.Failure{
			Cause: run.TokenPosition, Summary: "a value would change the structure of the body",
			Evidence: "The finished body does not have the elements of its template.",
			Hint:     "Look at the tokens of the body: one of them stands where its value changes the structure around it. Nothing was sent.",
		})
	}
}

// pairsHold counts the separators of a form that was typed as text.
func (b *builder) pairsHold() bool {
	var ands, equals int
	for _, p := range b.p.body.text.parts {
		if p.tok == nil {
			ands += strings.Count(p.lit, "&")
			equals += strings.Count(p.lit, "=")
		}
	}
	return bytes.Count(b.buf, []byte("&")) == ands && bytes.Count(b.buf, []byte("=")) == equals
}

// form writes rows as application/x-www-form-urlencoded, behind what a mapping made where one fills the body.
func (b *builder) form(fills bool) {
	rows, raw := 0, false
	if fills {
		rows = b.mappedForm()
	}
	for i := range b.p.body.fields {
		r := &b.p.body.fields[i]
		if b.fail != nil || r.optional && b.absent(r) || b.unsigned && r.text.usesAuth() {
			continue
		}
		if rows > 0 {
			b.buf = append(b.buf, '&')
		}
		b.buf = append(append(b.buf, r.name...), '=')
		b.text(r.text)
		raw = raw || r.text.raw
		rows++
	}
	if b.fail == nil && !raw && !b.unresolved && bytes.Count(b.buf, []byte("&")) != max(rows-1, 0) {
		b.refuse(b.p.prefix+"body", positionFailure("a value", "the form", "A value would add a field to the form, and it was not sent. Look at the tokens of the body."))
	}
}

// setFields sets parameters and hard rows in a JSON object. They replace members of the same name, so that a
// client's body cannot override them; all other members keep their text.
func (b *builder) setFields() {
	t := b.p.body.text
	if len(bytes.TrimSpace(b.buf)) == 0 {
		b.buf = append(b.buf[:0], "{}"...)
	}
	members, ok := membersOf(b.buf)
	if !ok {
		if !b.unresolved {
			b.refuse(t.field, run.Failure{
				Cause: run.TokenPosition, Summary: "the body is not a JSON object",
				Evidence: "Parameters or hard rows are to be set in the body, and it does not start with { and end with }.",
				Hint:     "Parameters and hard rows go into the body, so the body must be a JSON object: { … }. Write it in such a way, or send an object.",
			})
		}
		return
	}
	old := b.buf
	spans := b.call.Spans
	b.call.Spans = nil
	b.buf = append(make([]byte, 0, len(old)+256), '{')
	for _, m := range members {
		if b.replaced(m.name) {
			continue
		}
		b.comma()
		move := len(b.buf) - m.from
		b.buf = append(b.buf, old[m.from:m.to]...)
		for _, s := range spans {
			if s.Where == "body" && s.From >= m.from && s.To <= m.to {
				s.From, s.To = s.From+move, s.To+move
				b.call.Spans = append(b.call.Spans, s)
			}
		}
	}
	for _, s := range spans {
		if s.Where != "body" {
			b.call.Spans = append(b.call.Spans, s)
		}
	}
	for i := range b.p.body.fields {
		b.setField(&b.p.body.fields[i])
	}
	b.buf = append(b.buf, '}')
}

func (b *builder) comma() {
	if len(b.buf) > 1 {
		b.buf = append(b.buf, ',')
	}
}

// replaced tells whether a field takes the place of a member.
func (b *builder) replaced(name string) bool {
	for i := range b.p.body.fields {
		r := &b.p.body.fields[i]
		if r.name == name && (!r.optional || !b.absent(r)) {
			return true
		}
	}
	return false
}

// setField writes one member. A value that is one token keeps its type; text is a string.
func (b *builder) setField(r *row) {
	if b.fail != nil || r.optional && b.absent(r) {
		return
	}
	b.comma()
	b.buf = append(token.AppendJSONText(append(b.buf, '"'), r.name), `":`...)
	if len(r.text.parts) == 1 && r.text.parts[0].tok != nil {
		p := r.text.parts[0]
		p.at, p.raw = atJSONValue, false
		b.token(r.text, &p)
		return
	}
	from := len(b.buf)
	s, hidden, ok := b.plain(r.text)
	if !ok && b.fail != nil || !b.room(r.text, atJSONValue.size(s)) {
		return
	}
	b.buf = token.AppendJSON(b.buf, s)
	if hidden {
		b.span(from)
	}
}

// member is one name and value of a JSON object, with its place in the text.
type member struct {
	name     string
	from, to int
}

// membersOf cuts a JSON object into its members.
func membersOf(body []byte) ([]member, bool) {
	at := skipSpace(body, 0)
	if skipSpace(body, skipValue(body, at, 0)) != len(body) || body[at] != '{' {
		return nil, false
	}
	var members []member
	for at = skipSpace(body, at+1); body[at] != '}'; {
		from := at
		end := skipString(body, at)
		var name string
		if json.Unmarshal(body[at:end], &name) != nil {
			return nil, false
		}
		at = skipSpace(body, end) + 1
		at = skipValue(body, at, 0)
		members = append(members, member{name, from, at})
		if at = skipSpace(body, at); body[at] == ',' {
			at = skipSpace(body, at+1)
		}
	}
	return members, true
}

// multipart writes the parts. The boundary is made of the parts' own content, so that the same call gives the
// same bytes and no value can know it.
func (b *builder) multipart() string {
	const size = 40
	stand := strings.Repeat("-", size)
	var at []int
	mark := func() {
		b.buf = append(b.buf, "--"...)
		at = append(at, len(b.buf))
		b.buf = append(b.buf, stand...)
	}
	for i := range b.p.body.parts {
		p := &b.p.body.parts[i]
		if b.fail != nil || p.optional && b.absent(&row{text: p.text}) {
			continue
		}
		mark()
		b.partHead(p)
		b.text(p.text)
		b.buf = append(b.buf, "\r\n"...)
	}
	mark()
	b.buf = append(b.buf, "--\r\n"...)
	sum := sha256.Sum256(b.buf)
	boundary := "tieline-" + hex.EncodeToString(sum[:])[:size-len("tieline-")]
	for _, i := range at {
		copy(b.buf[i:], boundary)
	}
	if bytes.Count(b.buf, []byte(boundary)) != len(at) {
		b.refuse(b.p.prefix+"body", positionFailure("a value", "the multipart body", "A value would end its part of the body, and it was not sent. Look at the tokens of the body."))
	}
	return "multipart/form-data; boundary=" + boundary
}

// partHead writes the headers of one part.
func (b *builder) partHead(p *partPlan) {
	b.buf = append(b.buf, "\r\nContent-Disposition: form-data; name=\""+quoted.Replace(p.name)+`"`...)
	kind := p.contentType
	if p.file != nil {
		name, hidden, ok := b.plain(p.file)
		if ok && control(name) >= 0 {
			b.refuse(p.file.field, run.Failure{
				Cause: run.HeaderValue, Summary: "a file name cannot be sent",
				Evidence: "The file name of the part " + p.name + " holds a control character.",
				Hint:     "The file name holds a line break or another control character. Clean the value where it comes from.",
			})
		}
		b.buf = append(b.buf, `; filename="`...)
		from := len(b.buf)
		b.buf = append(append(b.buf, quoted.Replace(name)...), '"')
		if hidden {
			b.span(from)
		}
		if kind == "" {
			kind = "application/octet-stream"
		}
	}
	if kind != "" {
		b.buf = append(b.buf, "\r\nContent-Type: "+kind...)
	}
	b.buf = append(b.buf, "\r\n\r\n"...)
}

// quoted escapes a name for a quoted string of a part's header.
var quoted = strings.NewReplacer(`\`, `\\`, `"`, `\"`)
