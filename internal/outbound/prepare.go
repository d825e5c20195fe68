package outbound

import (
	"net"
	"net/http"
	"net/netip"
	"net/textproto"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/http/httpguts"

	"tieline/internal/run"
)

// agent is the User-Agent of a request that names none.
const agent = "Tieline"

// framing are the header names that belong to the connection. A row of that name is never sent as typed: it
// would let a definition decide where a message ends.
var framing = map[string]bool{
	"host": true, "content-length": true, "transfer-encoding": true, "connection": true, "keep-alive": true,
	"te": true, "trailer": true, "upgrade": true, "expect": true, "accept-encoding": true,
}

func isFraming(lower string) bool { return framing[lower] || strings.HasPrefix(lower, "proxy-") }

// prepare completes r to what will really go over the wire: the URL in its escaped form and all headers, sorted by
// name; rows of one name keep their order.
func (e *exchange) prepare(r *run.Request) *run.Failure {
	u, t, failure := readURL(r.URL)
	if failure != nil {
		return failure
	}
	if failure := e.staticCheck(t); failure != nil {
		return failure
	}
	if !httpguts.ValidHeaderFieldName(r.Method) {
		return badURL("The method is not a word that HTTP knows.")
	}
	r.Size = int64(len(r.Body))
	if r.Headers, failure = lines(r, u.Host); failure != nil {
		return failure
	}
	e.target, e.uri = t, u.RequestURI()
	r.URL = u.Scheme + "://" + u.Host + e.uri
	return nil
}

// readURL parses a URL and fixes the bytes that go into the request line: what is not printable ASCII is
// percent-escaped, everything else stays as it was written.
func readURL(raw string) (*url.URL, target, *run.Failure) {
	u, err := url.Parse(raw)
	if err != nil {
		return nil, target{}, badURL("The URL cannot be read.")
	}
	if u.User != nil {
		return nil, target{}, badURL("The URL holds a user name or password; use the integrator's authentication instead.")
	}
	t, failure := targetOf(strings.ToLower(u.Scheme), u.Host)
	if failure != nil {
		return nil, target{}, failure
	}
	u.Fragment, u.RawFragment, u.ForceQuery = "", "", false
	u.Scheme = t.scheme
	u.Host = t.host
	if strings.Contains(t.host, ":") {
		u.Host = "[" + t.host + "]"
	}
	if t.port != 80 && t.scheme == "http" || t.port != 443 && t.scheme == "https" {
		u.Host = net.JoinHostPort(t.host, strconv.Itoa(int(t.port)))
	}
	u.RawQuery = printable(u.RawQuery)
	if path := printable(pathOf(raw)); path != u.EscapedPath() && strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "//") {
		u.Opaque = path
	}
	return u, t, nil
}

// pathOf cuts the path out of a URL as it was written.
func pathOf(raw string) string {
	_, rest, _ := strings.Cut(raw, "://")
	if i := strings.IndexAny(rest, "?#"); i >= 0 {
		rest = rest[:i]
	}
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		return rest[i:]
	}
	return ""
}

func printable(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return r <= ' ' || r > '~' }) < 0 {
		return s
	}
	var b strings.Builder
	for _, c := range []byte(s) {
		if c > ' ' && c <= '~' {
			b.WriteByte(c)
			continue
		}
		const hex = "0123456789ABCDEF"
		b.Write([]byte{'%', hex[c>>4], hex[c&15]})
	}
	return b.String()
}

// staticCheck judges what can be judged without a look-up, before anything is done.
func (e *exchange) staticCheck(t target) *run.Failure {
	if a, ok := t.literal(); ok {
		if r := e.pool.guard.allow(t, netip.AddrPortFrom(a, t.port)); r != nil {
			return &r.failure
		}
	}
	return nil
}

// lines are the header lines of a request. Names keep their letters; rows of framing names are left out.
func lines(r *run.Request, host string) ([]run.Header, *run.Failure) {
	list := append(make([]run.Header, 0, len(r.Headers)+4), run.Header{Name: "Host", Value: host}, run.Header{Name: "User-Agent", Value: agent})
	if r.Size > 0 || r.Method == http.MethodPost || r.Method == http.MethodPut || r.Method == http.MethodPatch {
		list = append(list, run.Header{Name: "Content-Length", Value: strconv.FormatInt(r.Size, 10)})
	}
	first, named := len(list), false
	for _, h := range r.Headers {
		lower := strings.ToLower(h.Name)
		if isFraming(lower) {
			continue
		}
		if !httpguts.ValidHeaderFieldName(h.Name) || !httpguts.ValidHeaderFieldValue(h.Value) {
			return nil, &run.Failure{
				Cause: run.HeaderValue, Summary: "header " + strconv.Quote(h.Name) + " holds characters that a header cannot carry",
				Hint: "Nothing was sent. Look for a line break or another control character in the value of this header.",
			}
		}
		h.Value = textproto.TrimString(h.Value)
		switch {
		case lower != "user-agent":
			list = append(list, h)
		case !named: // there is one of them
			list[1].Value, named = h.Value, true
		}
	}
	if r.Method != http.MethodHead {
		list = append(list, run.Header{Name: "Accept-Encoding", Value: "gzip"})
	}
	slices.SortStableFunc(list[first:], func(a, b run.Header) int { return strings.Compare(a.Name, b.Name) })
	if list[1].Value == "" {
		list = slices.Delete(list, 1, 2)
	}
	return list, nil
}
