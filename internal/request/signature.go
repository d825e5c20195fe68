package request

import (
	"slices"
	"strings"

	"tieline/internal/run"
	"tieline/internal/secret"
	"tieline/internal/sign"
	"tieline/internal/token"
)

func (b *builder) signs() bool {
	return b.d.Integrator.Auth.Kind == "signature" && !b.p.noAuth
}

// signAhead makes the signature before the request where a template names {{auth.token}}: it covers the request
// without the rows that carry it, so the request is rendered twice.
func (b *builder) signAhead() {
	if !b.signs() || !b.p.usesAuth || b.unsigned {
		return
	}
	first := builder{p: b.p, d: b.d, preview: b.preview, unsigned: true, buf: make([]byte, 0, 512)}
	first.build()
	if b.fail = first.fail; b.fail != nil {
		b.call = Call{Trace: first.call.Trace, Secrets: first.call.Secrets}
		return
	}
	b.signature = b.signatureOf(&first.call.Request)
}

// sign places the signature of the finished request, where no template has it.
func (b *builder) sign() {
	if !b.signs() || b.p.usesAuth || b.fail != nil {
		return
	}
	c := credentials{in: b.setting("in"), name: b.setting("name"), source: b.signatureSource(), bare: b.setting("key")}
	c.value = b.signatureOf(&b.call.Request).Reveal()
	switch {
	case c.value == "" || c.name == "":
		if b.fail == nil && !b.preview {
			b.notFilledIn("signature")
		}
		return
	case c.in == "header":
		b.addHeader(c)
		return
	}
	url := b.call.Request.URL
	b.start("url", 0)
	b.buf = append(b.buf, url...)
	b.joinQuery(strings.Contains(url, "?"))
	b.buf = append(atQuery.append(b.buf, c.name), '=')
	from := len(b.buf)
	b.buf = atQuery.append(b.buf, c.value)
	b.noteAuth(c, "url")
	b.span(from)
	b.call.Request.URL = string(b.buf)
}

func (b *builder) signatureSource() string {
	return "signature (" + b.setting("algorithm") + ") made for this request with the key of " + b.integrator()
}

// signatureOf signs a rendered request. It is empty where something is missing, which was told then.
func (b *builder) signatureOf(r *run.Request) secret.Text {
	key := b.setting("key")
	if key == "" {
		b.notFilledIn("signature")
		return secret.Text{}
	}
	c := compiler{plan: &Plan{}}
	var parts []string
	for _, p := range c.signedLines(b.setting("fields")) {
		value, ok := b.signedValue(p, r)
		if !ok {
			return secret.Text{}
		}
		parts = append(parts, value)
	}
	if len(c.plan.problems) > 0 && slices.ContainsFunc(c.plan.problems, Refuse) {
		b.notFilledIn("signature")
		return secret.Text{}
	}
	separator := strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\r`, "\r", `\t`, "\t", `\s`, " ").Replace(b.d.Integrator.Auth.Settings["separator"])
	algorithm := b.setting("algorithm")
	made := sign.Encode(b.setting("encoding"), sign.Sum(algorithm, key, []byte(strings.Join(parts, separator))))
	b.bound = true
	b.secret(made)
	b.call.Made = append(b.call.Made, made)
	return secret.NewText(made)
}

// signedValue is what one line stands for in a request.
func (b *builder) signedValue(p signedPart, r *run.Request) (string, bool) {
	switch {
	case p.text != nil:
		s, _, ok := b.plain(p.text)
		return s, ok
	case p.header != "":
		return b.signedHeader(p.header, r)
	case p.tok == nil:
		return p.fixed, true
	}
	v := token.Value{Data: b.signedPart(p.tok.Name, r)}
	out, err := p.tok.Apply(v, true, token.Env{Now: b.d.Now, Key: b.key})
	if err != nil {
		b.refuse(b.p.prefix+"auth", run.Failure{
			Cause: run.MappingCause, Summary: "what is signed cannot be made", Evidence: "The line " + p.line + " of what is signed.",
			Hint: "Open the integrator and correct the line " + p.line + " of its signature: " + err.Error() + ". Nothing was sent.",
		})
		return "", false
	}
	return token.Text(out.Data), true
}

// signedPart is a part of a request by its name.
func (b *builder) signedPart(name string, r *run.Request) string {
	scheme, host := splitURL(r.URL)
	target := strings.TrimPrefix(r.URL, scheme+"://"+host)
	path, query, _ := strings.Cut(target, "?")
	switch name {
	case "method":
		return r.Method
	case "path":
		return withSlash(path)
	case "query":
		return query
	case "query_sorted":
		return sorted(query)
	case "body":
		return string(r.Body)
	case "body_sorted":
		return sorted(string(r.Body))
	case "host":
		return wireHost(scheme, host)
	case "url":
		if query != "" {
			query = "?" + query
		}
		return scheme + "://" + wireHost(scheme, host) + withSlash(path) + query
	case "timestamp":
		return b.timestamp()
	case "nonce":
		return b.d.Nonce
	case "key":
		return b.setting("key")
	}
	return ""
}

// withSlash is a path as it is sent: an empty one is /.
func withSlash(path string) string {
	if path == "" {
		return "/"
	}
	return path
}

// wireHost is a host as the Host header names it: in lower case, without the scheme's own port.
func wireHost(scheme, host string) string {
	host = strings.ToLower(host)
	if scheme == "http" {
		return strings.TrimSuffix(host, ":80")
	}
	return strings.TrimSuffix(host, ":443")
}

// sorted puts the parameters of a query string or a form in the order of their names, then of their values, as they
// are written.
func sorted(query string) string {
	if query == "" {
		return ""
	}
	list := strings.Split(query, "&")
	slices.SortFunc(list, func(a, b string) int {
		nameA, valueA, _ := strings.Cut(a, "=")
		nameB, valueB, _ := strings.Cut(b, "=")
		if n := strings.Compare(nameA, nameB); n != 0 {
			return n
		}
		return strings.Compare(valueA, valueB)
	})
	return strings.Join(list, "&")
}

// signedHeader is a header of the request as the other side reads it; several of a name are joined by commas.
func (b *builder) signedHeader(name string, r *run.Request) (string, bool) {
	var values []string
	for _, h := range r.Headers {
		if strings.EqualFold(h.Name, name) {
			values = append(values, strings.TrimSpace(h.Value))
		}
	}
	if len(values) > 0 {
		return strings.Join(values, ","), true
	}
	b.refuse(b.p.prefix+"auth", run.Failure{
		Cause: run.UnknownToken, Summary: "the header " + name + " is to be signed, and the request has none",
		Evidence: "The signature of " + b.integrator() + " covers header:" + name + ".",
		Hint:     "Add a header row " + name + " to the endpoint, or take the line header:" + name + " out of the integrator's signature. Nothing was sent.",
	})
	return "", false
}
