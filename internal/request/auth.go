package request

import (
	"strings"

	"tieline/internal/run"
	"tieline/internal/secret"
)

// placed tells whether the integrator's credentials are placed by us at all: not where the endpoint opts out,
// and not where a template names {{auth.token}}.
func (b *builder) placed() (credentials, bool) {
	if !b.asked {
		b.own, b.owned = b.place()
		b.asked = true
	}
	return b.own, b.owned && b.fail == nil
}

func (b *builder) place() (credentials, bool) {
	kind := kindOf(b.d.Integrator)
	if b.p.noAuth || b.p.usesAuth || kind == "" || b.fail != nil {
		return credentials{}, false
	}
	c, ok := b.credentials()
	if !ok && !strings.HasPrefix(kind, "basic") {
		b.refuse(b.p.prefix+"auth", run.Failure{
			Cause: run.UnknownToken, Summary: "the credentials are not filled in",
			Evidence: "Authentication of " + b.integrator() + ": " + kind + ".",
			Hint:     "Open the integrator and fill in its authentication, or choose None there. Nothing was sent.",
		})
	}
	return c, ok
}

// authQuery adds an API key to the query string.
func (b *builder) authQuery(query bool) {
	c, ok := b.placed()
	if !ok || c.in != "query" {
		return
	}
	b.joinQuery(query)
	b.buf = append(atQuery.append(b.buf, c.name), '=')
	from := len(b.buf)
	b.buf = atQuery.append(b.buf, c.value)
	b.noteAuth(c, "url")
	b.span(from)
}

// authHeader adds the credentials as a header. A row of the same name is what its author wants instead.
func (b *builder) authHeader() {
	c, ok := b.placed()
	if !ok || c.in != "header" {
		return
	}
	if b.p.rowNames[strings.ToLower(c.name)] {
		b.call.Trace = append(b.call.Trace, run.TokenUse{
			Name: "auth.token", Value: "not sent", Source: "the row " + c.name + " of the endpoint takes its place",
			Shadowed: c.source, Where: "header " + c.name,
		})
		return
	}
	if control(c.value) >= 0 || !ValidHeaderName(c.name) {
		b.refuse(b.p.prefix+"auth", run.Failure{
			Cause: run.HeaderValue, Summary: "the credentials cannot be sent in a header",
			Evidence: "Header " + c.name + ", " + c.source + ".",
			Hint:     "The value holds a line break or another control character, or the header name is none. Enter it again in the integrator.",
		})
		return
	}
	b.start("header", len(b.call.Request.Headers))
	b.buf = append(b.buf, c.value...)
	b.noteAuth(c, "header "+c.name)
	b.span(len(c.value) - len(strings.TrimPrefix(strings.TrimPrefix(c.value, "Bearer "), "Basic ")))
	b.call.Request.Headers = append(b.call.Request.Headers, run.Header{Name: c.name, Value: c.value})
	b.call.Added = append(b.call.Added, c.name)
}

// noteAuth keeps what must be known of credentials that were placed.
func (b *builder) noteAuth(c credentials, where string) {
	b.bound = true
	b.credentialSecrets(c)
	b.call.Trace = append(b.call.Trace, run.TokenUse{
		Name: "auth.token", Value: secret.Mask(c.value), Source: c.source, Masked: true, Where: where,
	})
}

// credentialSecrets remembers every form of the credentials: the secret itself and what is sent of it.
func (b *builder) credentialSecrets(c credentials) {
	b.secret(c.bare)
	sent := strings.TrimPrefix(strings.TrimPrefix(c.value, "Bearer "), "Basic ")
	b.secret(sent)
	if sent != c.value && strings.HasPrefix(c.value, "Basic ") {
		b.secret(b.setting("username") + ":" + b.setting("password"))
	}
}
