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
	if b.p.noAuth || b.p.usesAuth || b.fail != nil {
		return credentials{}, false
	}
	switch kind {
	case "", "signature", "digest", "client_cert": // made when the request is finished, or not a part of it
		return credentials{}, false
	}
	told := len(b.problems)
	c, ok := b.credentials()
	if !ok && kind != "basic" && b.fail == nil && len(b.problems) == told {
		b.notFilledIn(kind)
	}
	return c, ok
}

// authQuery adds an API key to the query string.
func (b *builder) authQuery(query bool) {
	c, ok := b.placed()
	if !ok || c.in != "query" {
		return
	}
	pairs := c.pairs
	if len(pairs) == 0 {
		pairs = [][2]string{{c.name, c.value}}
	}
	for _, pair := range pairs {
		b.joinQuery(query)
		query = true
		b.buf = append(atQuery.append(b.buf, pair[0]), '=')
		from := len(b.buf)
		b.buf = atQuery.append(b.buf, pair[1])
		b.secret(pair[1])
		b.span(from)
	}
	b.noteAuth(c, "url")
}

// authHeader adds the credentials as a header.
func (b *builder) authHeader() {
	if c, ok := b.placed(); ok && c.in == "header" {
		b.addHeader(c)
	}
}

// addHeader sends credentials as a header. A row of the same name is what its author wants instead.
func (b *builder) addHeader(c credentials) {
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
	b.span(len(c.value) - len(withoutScheme(c.value)))
	b.call.Request.Headers = append(b.call.Request.Headers, run.Header{Name: c.name, Value: c.value})
	b.call.Added = append(b.call.Added, c.name)
}

func withoutScheme(value string) string {
	return strings.TrimPrefix(strings.TrimPrefix(value, "Bearer "), "Basic ")
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
	for _, once := range c.once {
		b.call.Made = append(b.call.Made, once)
		b.secret(once)
	}
	b.secret(c.bare)
	b.secret(withoutScheme(c.value))
	b.secret(c.joined)
}
