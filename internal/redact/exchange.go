package redact

import (
	"bytes"
	"compress/gzip"
	"io"
	"strings"

	"tieline/internal/run"
	"tieline/internal/secret"
)

// Span is a place where a secret stands in a request, so that one too short to be searched for is hidden by
// its position. Where is "url", "header" or "body" of the request, or "answer" for the body of the response;
// Index counts the headers of the request; From and To are bytes of the URL, the header's value or the body.
type Span struct {
	Where    string
	Index    int
	From, To int
}

// Exchange gives x with every secret hidden in the request, the answer, the redirects and the error, and then
// both bodies cut to keep bytes (Truncated says so). x itself is not changed.
func (r *Redactor) Exchange(x run.Exchange, spans []Span, keep int) run.Exchange {
	x.Request = r.request(x.Request, spans, keep)
	if x.Response != nil {
		answer := *x.Response
		var cut bool
		answer.Headers = r.Headers(answer.Headers)
		answer.Body, cut = r.keepFirst(r.packed(answer.Body), placed(spans, "answer", 0), keep)
		answer.Truncated = answer.Truncated || cut
		x.Response = &answer
	}
	if len(x.Hops) > 0 {
		hops := make([]run.Hop, len(x.Hops))
		for i, h := range x.Hops {
			hops[i] = run.Hop{From: r.URL(h.From), Status: h.Status, To: r.URL(h.To)}
		}
		x.Hops = hops
	}
	x.Error = r.Text(x.Error)
	return x
}

// packed gives bullets for a gzip body that holds a secret (a vendor may pack without saying so), and every
// other body as it is.
func (r *Redactor) packed(body []byte) []byte {
	if r == nil || len(r.needles) == 0 || !bytes.HasPrefix(body, []byte{0x1f, 0x8b}) {
		return body
	}
	zip, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return body
	}
	plain, _ := io.ReadAll(io.LimitReader(zip, unpackMost)) // what came before an error counts
	if len(r.search(plain, nil, 0)) > 0 || len(plain) == unpackMost {
		return []byte(secret.Bullets)
	}
	return body
}

// unpackMost is how much of a packed body is looked at; one that holds more is not kept at all.
const unpackMost = 4 << 20

func (r *Redactor) request(q run.Request, spans []Span, keep int) run.Request {
	q.URL = r.url(q.URL, placed(spans, "url", 0))
	headers := make([]run.Header, len(q.Headers))
	for i, h := range q.Headers {
		headers[i] = r.header(h, placed(spans, "header", i))
	}
	q.Headers = headers
	var cut bool
	q.Body, cut = r.keepFirst(q.Body, placed(spans, "body", 0), keep)
	q.Truncated = q.Truncated || cut
	return q
}

// placed picks the spans of one place.
func placed(spans []Span, where string, index int) []mark {
	var marks []mark
	for _, s := range spans {
		if s.Where == where && (where != "header" || s.Index == index) {
			marks = append(marks, mark{from: s.From, to: s.To})
		}
	}
	return marks
}

// Headers gives the header lines with secrets hidden by value and by the header's name; the scheme of an
// Authorization value and the names of cookies stay. Order and number stay as they are.
func (r *Redactor) Headers(headers []run.Header) []run.Header {
	if headers == nil {
		return nil
	}
	out := make([]run.Header, len(headers))
	for i, h := range headers {
		out[i] = r.header(h, nil)
	}
	return out
}

func (r *Redactor) header(h run.Header, known []mark) run.Header {
	if len(known) > 0 || !r.quiet(h.Value) {
		b := []byte(h.Value)
		if marks := r.marks(b, known); len(marks) > 0 {
			h.Value = string(apply(b, marks))
		}
	}
	h.Name = r.Text(h.Name)
	if sensitiveHeader(h.Name) {
		h.Value = maskHeader(h.Name, h.Value)
	}
	return h
}

func maskHeader(name, value string) string {
	switch {
	case value == "" || isTemplate([]byte(value)):
		return value
	case strings.EqualFold(name, "Cookie"):
		parts := strings.Split(value, ";")
		for i, p := range parts {
			parts[i] = maskCookie(p)
		}
		return strings.Join(parts, ";")
	case strings.EqualFold(name, "Set-Cookie"):
		first, rest, more := strings.Cut(value, ";")
		if more {
			return maskCookie(first) + ";" + rest
		}
		return maskCookie(first)
	}
	if scheme, rest, ok := strings.Cut(value, " "); ok && rest != "" && isScheme(scheme) {
		if isTemplate([]byte(rest)) {
			return value
		}
		return scheme + " " + secret.Bullets
	}
	return secret.Bullets
}

func maskCookie(pair string) string {
	name, value, ok := strings.Cut(pair, "=")
	if !ok {
		return secret.Bullets
	}
	if value == "" {
		return pair
	}
	return name + "=" + secret.Bullets
}

// isScheme tells whether a word is the name of a way to authenticate, and no secret itself.
func isScheme(word string) bool {
	switch strings.ToLower(word) {
	case "basic", "bearer", "digest", "oauth", "token", "apikey", "negotiate", "ntlm", "hawk", "aws4-hmac-sha256", "key":
		return true
	}
	return false
}

// URL gives an address with secrets hidden by value, by the name of a query parameter and as the password of
// a user.
func (r *Redactor) URL(address string) string { return r.url(address, nil) }

func (r *Redactor) url(address string, known []mark) string {
	if from, to, ok := userinfo(address); ok {
		known = append(known, mark{from: from, to: to})
	}
	b := []byte(address)
	marks := r.marks(b, known)
	if len(marks) == 0 {
		return address
	}
	return string(apply(b, marks))
}

// userinfo is where the password of https://user:password@host stands, or the user where there is no password.
func userinfo(address string) (from, to int, ok bool) {
	scheme := strings.Index(address, "://")
	if scheme < 0 {
		return 0, 0, false
	}
	start := scheme + 3
	end := len(address)
	if i := strings.IndexAny(address[start:], "/?#"); i >= 0 {
		end = start + i
	}
	at := strings.LastIndexByte(address[start:end], '@')
	if at <= 0 {
		return 0, 0, false
	}
	if colon := strings.IndexByte(address[start:start+at], ':'); colon >= 0 {
		return start + colon + 1, start + at, colon+1 < at
	}
	return start, start + at, true
}
