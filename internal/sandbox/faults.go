package sandbox

import (
	"bytes"
	"io"
	"maps"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Fault is one way to fail, with what it looks like.
type Fault struct {
	Name string
	Does string
}

// Faults are the switches, given as ?fault=NAME or in the header X-Sandbox-Fault.
func Faults() []Fault {
	return []Fault{
		{"expired", "401 with WWW-Authenticate: the token has expired"},
		{"rate_limit", "429 with Retry-After: 30"},
		{"500", "500 with a JSON error"},
		{"hang", "takes the request and never answers"},
		{"login_page", "200 with an HTML sign-in page"},
		{"empty", "200 with an empty list, or with no body where there is no list"},
		{"renamed", "the key \"id\" is called \"identifier\", and \"results\" is called \"data\""},
		{"null", "the values a caller wants are null"},
		{"broken_pdf", "says application/pdf and sends an error text"},
		{"truncated", "stops half-way through the body"},
		{"wrong_type", "200 with an HTML page that is no sign-in"},
		{"reset", "resets the connection without an answer"},
		{"slow", "sends the answer in small pieces over about 3 s (or ?delay_ms=)"},
		{"too_large", "sends 40 MiB"},
		{"bad_gzip", "says gzip and sends plain text"},
		{"error_in_200", "200 with an error in the body"},
	}
}

// faultOf is the switch of a request, or "".
func faultOf(r *http.Request) string {
	if f := r.Header.Get(FaultHeader); f != "" {
		return f
	}
	return r.URL.Query().Get("fault")
}

// faulty makes the answers of a handler fail as the request asks. The faults that change the shape of the data
// are the handlers' own work; so is the index page, which is never faulty.
func faulty(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fault := faultOf(r)
		if r.URL.Path == "/" {
			fault = ""
		}
		switch fault {
		case "", "empty", "renamed", "null", "broken_pdf":
			next.ServeHTTP(w, r)
		case "expired":
			refuse(w, "The access token has expired")
		case "rate_limit":
			w.Header().Set("Retry-After", strconv.Itoa(RetryAfter))
			answer(w, http.StatusTooManyRequests, object{"error": object{"code": "rate_limit", "message": "Too many requests"}})
		case "500":
			answer(w, http.StatusInternalServerError, object{"error": object{"code": "E-500", "message": "An unexpected error occurred"}})
		case "hang":
			hang(w, r)
		case "login_page":
			page(w, loginPage)
		case "wrong_type":
			page(w, busyPage)
		case "error_in_200":
			answer(w, http.StatusOK, object{"success": false, "error": object{"code": "E-17", "message": "The record is locked by another process"}})
		case "bad_gzip":
			w.Header().Set("Content-Encoding", "gzip")
			answer(w, http.StatusOK, object{"id": KnownContact})
		case "too_large":
			tooLarge(w)
		case "reset":
			reset(w)
		case "truncated":
			truncated(w, record(next, r))
		case "slow":
			slow(w, r, record(next, r))
		default:
			answer(w, http.StatusBadRequest, object{"error": object{"code": "unknown_fault", "message": "There is no fault of this name. See /."}})
		}
	})
}

// recorded is an answer that is held back.
type recorded struct {
	header http.Header
	code   int
	body   bytes.Buffer
}

func (r *recorded) Header() http.Header         { return r.header }
func (r *recorded) Write(b []byte) (int, error) { return r.body.Write(b) }
func (r *recorded) WriteHeader(code int)        { r.code = code }

func record(h http.Handler, r *http.Request) *recorded {
	whole := &recorded{header: http.Header{}, code: http.StatusOK}
	h.ServeHTTP(whole, r)
	return whole
}

// copyHead writes status and headers with the length that the whole body has.
func copyHead(w http.ResponseWriter, from *recorded) {
	maps.Copy(w.Header(), from.header)
	w.Header().Set("Content-Length", strconv.Itoa(from.body.Len()))
	w.WriteHeader(from.code)
}

func truncated(w http.ResponseWriter, whole *recorded) {
	copyHead(w, whole)
	body := whole.body.Bytes()
	_, _ = w.Write(body[:len(body)/2])
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler) // the server's own way to break a connection
}

func slow(w http.ResponseWriter, r *http.Request, whole *recorded) {
	total := 3 * time.Second
	if ms, err := strconv.Atoi(r.URL.Query().Get("delay_ms")); err == nil && ms > 0 && ms <= 60_000 {
		total = time.Duration(ms) * time.Millisecond
	}
	const pieces = 10
	tick := time.NewTicker(total / pieces)
	defer tick.Stop()
	copyHead(w, whole)
	body := whole.body.Bytes()
	for i := range pieces {
		select {
		case <-tick.C:
		case <-r.Context().Done():
			return
		}
		_, _ = w.Write(body[len(body)*i/pieces : len(body)*(i+1)/pieces])
		_ = http.NewResponseController(w).Flush()
	}
}

// hang keeps silent until the caller goes away, or for some minutes. The body is read first: the server notices
// a closed connection only then.
func hang(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, http.MaxBytesReader(w, r.Body, bodyLimit))
	limit := time.NewTimer(5 * time.Minute)
	defer limit.Stop()
	select {
	case <-r.Context().Done():
	case <-limit.C:
	}
}

func tooLarge(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	block := strings.Repeat(`{"filler":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"},`, 1000)
	_, _ = io.WriteString(w, "[")
	for range (40 << 20) / len(block) {
		if _, err := io.WriteString(w, block); err != nil {
			return
		}
	}
	_, _ = io.WriteString(w, "{}]")
}

func reset(w http.ResponseWriter) {
	c, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = c.Close()
}

func page(w http.ResponseWriter, html string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = io.WriteString(w, html)
}

const loginPage = `<!doctype html><html lang="en"><head><title>Sign in</title></head><body>
<form method="post" action="/account/login"><h1>Sign in to continue</h1>
<label>User name <input name="username"></label><label>Password <input type="password" name="password"></label>
<button>Sign in</button></form></body></html>
`

const busyPage = `<!doctype html><html lang="en"><head><title>Planned maintenance</title></head>
<body><h1>We will be back soon</h1><p>The service is under maintenance.</p></body></html>
`
