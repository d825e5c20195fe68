package request

import (
	"errors"
	"slices"
	"strings"

	"tieline/internal/integration"
	"tieline/internal/mapping"
	"tieline/internal/redact"
	"tieline/internal/run"
	"tieline/internal/secret"
	"tieline/internal/token"
)

// builder fills one plan with one call's values. In a preview it goes on after a problem and leaves the token
// as it is written; else the first problem ends the work.
type builder struct {
	p          *Plan
	d          *Data
	call       Call
	buf        []byte
	used       int // bytes of finished parts
	region     redact.Span
	preview    bool
	unresolved bool
	own        credentials // what authQuery and authHeader place, worked out once
	owned      bool
	asked      bool
	made       *madeCredentials // the integrator's credentials, worked out once
	making     bool             // they are being worked out: they cannot hold themselves
	unsigned   bool             // what is signed is rendered: rows with {{auth.token}} are no part of it
	signature  secret.Text      // what {{auth.token}} stands for where the request is signed
	inHard     bool
	mute       bool          // a value is rendered for later use: no spans yet
	hidden     bool          // a secret was met while muted
	mapped     *mapping.Node // what the endpoint's mapping made; nil: it has none
	bound      bool          // a secret of the integrator is in the request
	keyed      bool          // a filter used a secret key for the token at hand
	fail       *run.Failure
	problems   []run.Problem
}

// Build makes the request, or says why it must not be sent: then the call holds the trace and the secrets so far,
// and no request.
func (p *Plan) Build(d Data) (Call, *run.Failure) {
	b := builder{p: p, d: &d, buf: make([]byte, 0, 512)}
	for _, problem := range p.problems {
		if Refuse(problem) {
			return Call{}, definitionFailure(problem)
		}
	}
	b.build()
	if b.fail != nil {
		return Call{Trace: b.call.Trace, Secrets: b.call.Secrets, Made: b.call.Made, Dropped: b.call.Dropped}, b.fail
	}
	return b.call, nil
}

// Preview makes the request as far as it can. Tokens without a value stay visible as written; every problem is
// told at its field, those of the definition first. Nothing of it may be sent.
func (p *Plan) Preview(d Data) (Call, []run.Problem) {
	b := builder{p: p, d: &d, preview: true, buf: make([]byte, 0, 512)}
	for _, problem := range p.problems {
		// What is missing in this very call is told by the call itself.
		if problem.Cause != run.UnknownToken {
			b.problems = append(b.problems, problem)
		}
	}
	b.build()
	return b.call, unique(b.problems)
}

// build goes through the request in the order in which it is written.
func (b *builder) build() {
	p := b.p
	if b.signAhead(); b.fail != nil {
		return
	}
	b.call.Request.Method = p.method
	b.call.Request.Headers = make([]run.Header, 0, len(p.headers)+3)
	b.call.Trace = make([]run.TokenUse, 0, 8)
	b.mapValues()
	b.address()
	for i := range p.headers {
		b.header(&p.headers[i])
	}
	b.pageHeaders()
	b.authHeader()
	b.clientHeader()
	b.body()
	b.sign()
	b.present()
	if b.fail == nil && b.bound {
		b.checkHost()
	}
}

// refuse ends a build, or notes the problem of a preview.
func (b *builder) refuse(field string, f run.Failure) {
	switch {
	case b.preview:
		b.unresolved = true
		b.problems = append(b.problems, run.Problem{Field: field, Cause: f.Cause, Message: f.Hint})
	case b.fail == nil:
		b.fail = &f
	}
}

// start begins a new part of the request.
func (b *builder) start(where string, index int) {
	b.used += len(b.buf)
	b.buf = b.buf[:0]
	b.region = redact.Span{Where: where, Index: index}
}

// text writes a template.
func (b *builder) text(t *text) {
	for i := range t.parts {
		if b.fail != nil {
			return
		}
		b.part(t, &t.parts[i])
	}
}

// part writes one piece of a template.
func (b *builder) part(t *text, p *part) {
	switch {
	case p.tok != nil:
		b.token(t, p)
	case p.slot != "":
		b.slot(t, p)
	case b.room(t, len(p.lit)):
		b.buf = append(b.buf, p.lit...)
	}
}

// token writes one token's value.
func (b *builder) token(t *text, p *part) {
	v, ok := b.resolve(t, p)
	if !ok {
		b.buf = append(b.buf, p.tok.Text...)
		return
	}
	b.value(t, p, v)
}

// resolve gives a token's value after its filters and notes it in the trace.
func (b *builder) resolve(t *text, p *part) (token.Value, bool) {
	var v token.Value
	var found bool
	if p.param != nil {
		v, found = b.fieldValue(p.param.Name, p.param.Transform)
	} else {
		v, found = b.lookup(p.tok)
	}
	if b.fail != nil {
		return v, false
	}
	v, err := b.filtered(p.tok, v, found, p.named, p.at != atBase)
	if err != nil {
		b.missing(t, p.tok, err)
		return v, false
	}
	if p.shown {
		b.trace(t, p.tok.Name, v)
	}
	return v, true
}

// filtered is a value after a token's filters. A secret is remembered before and after; one of the integrator's
// own binds the request to its hosts, unless it stands for the host itself.
func (b *builder) filtered(tok *token.Token, v token.Value, found, named, binds bool) (token.Value, error) {
	bound := v.Secret && own(tok.Namespace)
	v.Secret = v.Secret || named
	if found && v.Secret {
		b.secret(token.Text(v.Data))
	}
	if !found || len(tok.Filters) > 0 {
		out, err := tok.Apply(v, found, token.Env{Now: b.d.Now, Key: b.key})
		if err != nil {
			return v, err
		}
		v = out
	}
	if v.Secret {
		b.secret(token.Text(v.Data))
		b.bound = b.bound || (bound || b.keyed) && binds
	}
	b.keyed = false
	return v, nil
}

// key gives the key of an HMAC.
func (b *builder) key(tok *token.Token) (token.Value, bool) {
	v, ok := b.lookup(tok)
	if ok && v.Secret {
		b.secret(token.Text(v.Data))
		b.keyed = true
	}
	return v, ok
}

// own tells whether the secrets of a namespace are the integrator's, and so bound to its hosts. What a call
// brings, such as the one-time token of a login, goes where the definition sends it.
func own(ns token.Namespace) bool {
	return ns == token.Field || ns == token.Var || ns == token.Auth
}

// missing says why a token has no value.
func (b *builder) missing(t *text, tok *token.Token, err error) {
	if e, ok := errors.AsType[*token.FilterError](err); ok {
		b.refuse(t.field, filterFailure(t, tok, e))
		return
	}
	b.refuse(t.field, b.unknown(t, tok))
}

// trace notes where a value came from; secrets are masked here and nowhere kept in clear.
func (b *builder) trace(t *text, name string, v token.Value) {
	use := run.TokenUse{Name: name, Source: v.Source, Shadowed: v.Shadowed, Where: t.where, Masked: v.Secret}
	shown := v.Data
	switch shown.(type) {
	case map[string]any, []any:
		shown = (*redact.Redactor)(nil).Value(shown)
	}
	use.Value = token.Text(shown)
	if v.Secret {
		use.Value = secret.Mask(use.Value)
	} else if len(use.Value) > traced {
		use.Value = strings.ToValidUTF8(use.Value[:traced], "") + "…"
	}
	b.call.Trace = append(b.call.Trace, use)
}

// traced is how many bytes of a value the trace keeps.
const traced = 1024

// secret remembers a value that must be hidden wherever it shows up.
func (b *builder) secret(value string) {
	if value != "" && !slices.Contains(b.call.Secrets, value) {
		b.call.Secrets = append(b.call.Secrets, value)
	}
}

// room refuses to write beyond the limit; it is asked before anything is written.
func (b *builder) room(t *text, n int) bool {
	if b.used+len(b.buf)+n <= limit {
		return true
	}
	b.refuse(t.field, tooLarge(t))
	return false
}

// value writes a value in the way of its position.
func (b *builder) value(t *text, p *part, v token.Value) {
	from := len(b.buf)
	if p.at == atJSONValue && !p.raw {
		b.jsonValue(t, v)
	} else {
		s := token.Text(v.Data)
		if !b.allowed(t, p, v, s) {
			b.buf = append(b.buf, p.tok.Text...)
			return
		}
		at := p.at
		if p.raw {
			at = atText
		}
		n := len(s)
		if b.used+from+24*n > limit {
			n = at.size(s)
		}
		if !b.room(t, n) {
			return
		}
		b.buf = at.append(b.buf, s)
	}
	if v.Secret {
		b.span(from)
	}
}

// span marks what was written since a position as secret.
func (b *builder) span(from int) {
	if b.mute {
		b.hidden = true
		return
	}
	b.spanOf(from, len(b.buf))
}

// spanOf marks a part of what was written as secret.
func (b *builder) spanOf(from, to int) {
	s := b.region
	s.From, s.To = from, to
	b.call.Spans = append(b.call.Spans, s)
}

// jsonValue writes a value where a JSON value stands.
func (b *builder) jsonValue(t *text, v token.Value) {
	if s, ok := v.Data.(string); ok {
		n := len(s)
		if b.used+len(b.buf)+6*n > limit {
			n = atJSONValue.size(s)
		}
		if !b.room(t, n) {
			return
		}
		b.buf = append(token.AppendJSONText(append(b.buf, '"'), s), '"')
		return
	}
	encoded := token.AppendJSON(nil, v.Data)
	if b.room(t, len(encoded)) {
		b.buf = append(b.buf, encoded...)
	}
}

// plain renders a text for later use, without spans. hidden tells whether a secret is in it.
func (b *builder) plain(t *text) (s string, hidden, ok bool) {
	buf, mute, was, open := b.buf, b.mute, b.hidden, b.unresolved
	b.buf, b.mute, b.hidden, b.unresolved = nil, true, false, false
	b.used += len(buf)
	b.text(t)
	s, hidden, ok = string(b.buf), b.hidden, !b.unresolved && b.fail == nil
	b.used -= len(buf)
	b.buf, b.mute, b.hidden, b.unresolved = buf, mute, was, open || b.unresolved
	return s, hidden, ok
}

// checkHost refuses secrets on their way to a host that is not the integrator's.
func (b *builder) checkHost() {
	scheme, host := splitURL(b.call.Request.URL)
	if !integration.HostMatches(b.d.Integrator.Hosts(), host, scheme) {
		b.refuse(b.p.url.text.field, secretHost(host, b.d.Integrator.Hosts(), b.integrator()))
	}
}
