package request

import (
	"slices"
	"strings"
)

// paged tells whether the page at hand gives a query parameter its value. The name is escaped, as rows have it.
func (b *builder) paged(name string) bool {
	return b.d.Page != nil && slices.ContainsFunc(b.d.Page.Query, func(p Param) bool {
		return string(atQuery.append(nil, p.Name)) == name
	})
}

// pageQuery writes the parameters of the page at hand.
func (b *builder) pageQuery(query bool) bool {
	if b.d.Page == nil {
		return query
	}
	for _, p := range b.d.Page.Query {
		if !b.room(b.p.url.text, 3*(len(p.Name)+len(p.Value))+2) {
			return query
		}
		b.joinQuery(query)
		b.buf = append(atQuery.append(b.buf, p.Name), '=')
		b.buf = atQuery.append(b.buf, p.Value)
		query = true
	}
	return query
}

// pagedHeader tells whether the page at hand gives a header its value.
func (b *builder) pagedHeader(name string) bool {
	if b.d.Page == nil {
		return false
	}
	for _, h := range b.d.Page.Headers {
		if strings.EqualFold(h.Name, name) {
			return true
		}
	}
	return false
}

func (b *builder) pageHeaders() {
	if b.d.Page != nil {
		b.call.Request.Headers = append(b.call.Request.Headers, b.d.Page.Headers...)
	}
}

// linked writes an address that the vendor named. It is whole, but for what is secret: secret parameters are
// written by us at its end, whether the vendor repeated them or not, so that they are known where they stand.
func (b *builder) linked(link string) {
	link, _, _ = strings.Cut(link, "#")
	address, query, _ := strings.Cut(link, "?")
	kept := strings.Split(query, "&")
	drop := func(name string) {
		kept = slices.DeleteFunc(kept, func(part string) bool {
			key, _, _ := strings.Cut(part, "=")
			return key == name
		})
	}
	var own []row
	for _, r := range b.p.query {
		if b.secretRow(&r) {
			own = append(own, r)
			drop(r.name)
		}
	}
	if c, ok := b.placed(); ok && c.in == "query" {
		drop(string(atQuery.append(nil, c.name)))
	}
	kept = slices.DeleteFunc(kept, func(part string) bool { return part == "" })
	if !b.room(b.p.url.text, len(link)) {
		return
	}
	b.buf = append(b.buf, cleanURL(address)...)
	has := len(kept) > 0
	if has {
		b.buf = append(append(b.buf, '?'), cleanURL(strings.Join(kept, "&"))...)
	}
	for i := range own {
		has = b.queryRow(&own[i], has)
	}
	b.authQuery(has)
	b.call.Request.URL = string(b.buf)
	if b.fail == nil {
		b.checkURL()
	}
}

// secretRow tells whether a row of the query holds a secret, and leaves no other trace of having looked.
func (b *builder) secretRow(r *row) bool {
	if b.fail != nil || r.optional && b.absent(r) {
		return false
	}
	traced, secrets := len(b.call.Trace), len(b.call.Secrets)
	_, hidden, _ := b.plain(r.text)
	b.call.Trace = b.call.Trace[:traced]
	if !hidden {
		b.call.Secrets = b.call.Secrets[:secrets]
	}
	return hidden
}
