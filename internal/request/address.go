package request

import (
	"strings"

	"tieline/internal/token"
)

// address writes the URL: base, path, query rows, and the API key where it belongs there.
func (b *builder) address() {
	p := b.p
	b.start("url", 0)
	if b.d.Page != nil && b.d.Page.URL != "" {
		b.linked(b.d.Page.URL)
		return
	}
	query := p.url.hasQuery
	if p.url.relative {
		query = b.base() || query
	}
	for i := range p.url.text.parts {
		if b.fail != nil {
			return
		}
		part := &p.url.text.parts[i]
		switch {
		case part.at == atBase && part.tok != nil:
			query = b.baseToken(part) || query
		case i == 1 && p.url.text.parts[0].at == atBase && strings.HasPrefix(part.lit, "/") && endsInSlash(b.buf):
			b.buf = append(b.buf, part.lit[1:]...)
		default:
			b.part(p.url.text, part)
		}
	}
	query = b.mappedQuery(query)
	for i := range p.query {
		query = b.queryRow(&p.query[i], query)
	}
	query = b.pageQuery(query)
	b.authQuery(query)
	b.call.Request.URL = string(b.buf)
	if b.fail == nil {
		b.checkURL()
	}
}

func endsInSlash(b []byte) bool { return len(b) > 0 && b[len(b)-1] == '/' }

// base writes the integrator's base URL before a relative one; true where it has a query already.
func (b *builder) base() bool {
	base := b.d.Integrator.Base()
	field := b.p.url.text.field
	if base == "https://" {
		b.refuse(field, b.unknown(b.p.url.text, &token.Token{Name: "host", Namespace: token.Host, Text: "{{host}}"}))
		base = "https://{{host}}"
	}
	in := b.d.Integrator
	if in.BaseURL == "" && !hostChars(in.Host) {
		b.refuse(field, noHost(b.hide(in.Host)))
	}
	if strings.ContainsAny(in.BaseURL, `?#\`) {
		b.refuse(field, badBase(in.BaseURL, "The base URL of the "+b.integrator()+" has a ?, # or \\, so nothing can be appended to it. Put queries into the endpoint."))
	}
	if strings.Contains(in.BaseURL, "{{") || strings.Contains(in.BaseURL, "${") {
		b.refuse(field, badBase(in.BaseURL, "The base URL of an integrator holds no tokens. Write the address itself there, or start the endpoint's URL with a var. or field. token."))
	}
	b.buf = append(b.buf, base...)
	return strings.Contains(base, "?")
}

// baseToken writes the token at the start of the URL, which may hold scheme, host and path.
func (b *builder) baseToken(p *part) bool {
	t := b.p.url.text
	v, ok := b.resolve(t, p)
	if !ok {
		b.buf = append(b.buf, p.tok.Text...)
		return false
	}
	s := strings.TrimSpace(token.Text(v.Data))
	scheme, _, found := strings.Cut(s, "://")
	switch {
	case !found:
		s = "https://" + s
	case !strings.EqualFold(scheme, "https") && !strings.EqualFold(scheme, "http"):
		b.refuse(t.field, positionFailure(p.tok.Text, "the URL", "The value of "+p.tok.Text+" starts the URL, so it must start with https:// or http://."))
	}
	if strings.Contains(s, "#") {
		b.refuse(t.field, positionFailure(p.tok.Text, "the URL", "The value of "+p.tok.Text+" holds a #, and what follows it would never be sent."))
	}
	if !b.room(t, len(s)) {
		return false
	}
	from := len(b.buf)
	b.buf = append(b.buf, cleanURL(s)...)
	if v.Secret {
		b.span(from)
	}
	return strings.Contains(s, "?")
}

// slot fills a {name} of the URL.
func (b *builder) slot(t *text, p *part) {
	source := b.p.path[p.slot]
	if source == nil {
		b.refuse(t.field, pathFailure(p.slot, "no path row or parameter gives it a value"))
		b.buf = append(b.buf, "{"+p.slot+"}"...)
		return
	}
	s, hidden, ok := b.slotValue(source, p.slot)
	switch {
	case !ok:
		b.buf = append(b.buf, "{"+p.slot+"}"...)
		return
	case s == "":
		b.refuse(source.field, pathFailure(p.slot, "its value is empty"))
		b.buf = append(b.buf, "{"+p.slot+"}"...)
		return
	case p.at == atPath && dots(s):
		b.refuse(source.field, dotsInPath("{"+p.slot+"}", shownValue(token.Value{Secret: hidden}, s)))
		b.buf = append(b.buf, "{"+p.slot+"}"...)
		return
	case !b.room(t, p.at.size(s)):
		return
	}
	from := len(b.buf)
	b.buf = p.at.append(b.buf, s)
	if hidden {
		b.span(from)
	}
}

// slotValue renders what fills a slot. A listed parameter without a value is a path parameter without a value.
func (b *builder) slotValue(source *text, slot string) (s string, hidden, ok bool) {
	if len(source.parts) == 1 && source.parts[0].param != nil {
		if _, found := b.fieldValue(slot, ""); !found {
			return "", false, true
		}
	}
	return b.plain(source)
}

// queryRow adds one row to the query string.
func (b *builder) queryRow(r *row, query bool) bool {
	if b.fail != nil || r.optional && b.absent(r) || b.unsigned && r.text.usesAuth() || b.paged(r.name) {
		return query
	}
	b.joinQuery(query)
	b.buf = append(append(b.buf, r.name...), '=')
	if r.condition {
		b.condition(r.text)
	} else {
		b.text(r.text)
	}
	return true
}

// joinQuery writes the ? or & before the next row.
func (b *builder) joinQuery(query bool) {
	switch {
	case !query:
		b.buf = append(b.buf, '?')
	case len(b.buf) > 0 && b.buf[len(b.buf)-1] != '?' && b.buf[len(b.buf)-1] != '&':
		b.buf = append(b.buf, '&')
	}
}

// absent tells whether an optional row's parameter has no value.
func (b *builder) absent(r *row) bool {
	p := r.text.parts[0].param
	if p == nil {
		return false
	}
	_, found := b.fieldValue(p.Name, "")
	return !found
}

// checkURL looks at the finished URL's host: whatever the values were, it must be a host and nothing else.
func (b *builder) checkURL() {
	scheme, host := splitURL(b.call.Request.URL)
	switch {
	case b.unresolved && (scheme == "" || strings.Contains(host, "{")):
		return
	case scheme != "http" && scheme != "https":
		b.refuse(b.p.url.text.field, positionFailure("the URL", "the URL", "The URL must start with https:// or http://, or be a path that starts with /."))
	case host == "" || host[0] == ':' || !hostChars(host) || !portOK(host):
		b.refuse(b.p.url.text.field, noHost(b.hide(host)))
	}
}

// hide masks what is secret in a text that is shown in a failure.
func (b *builder) hide(s string) string {
	for _, hidden := range b.call.Secrets {
		if len(hidden) > 2 {
			s = strings.ReplaceAll(s, hidden, "••••")
		}
	}
	return s
}

// portOK tells whether a host has no port or one of digits.
func portOK(host string) bool {
	if i := strings.LastIndexByte(host, ']'); i >= 0 {
		host = host[i+1:]
		if host == "" {
			return true
		}
	} else if strings.Count(host, ":") > 1 {
		return false
	}
	_, port, found := strings.Cut(host, ":")
	return !found || port != "" && len(port) <= 5 && strings.Trim(port, "0123456789") == ""
}

// splitURL cuts scheme and host (with its port) out of an absolute URL.
func splitURL(url string) (scheme, host string) {
	scheme, rest, ok := strings.Cut(url, "://")
	if !ok {
		return "", ""
	}
	if i := strings.IndexAny(rest, `/?#\`); i >= 0 {
		rest = rest[:i]
	}
	return strings.ToLower(scheme), rest
}
