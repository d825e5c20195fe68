package outbound

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"net/textproto"
	"sync/atomic"
	"time"

	"tieline/internal/run"
)

// Accept looks at the head of an answer and its first bytes and gives the writer that shall have the whole
// body, byte for byte; nil to keep the body as Do does; or a failure that ends the call.
type Accept func(head *run.Response, first []byte) (io.Writer, *run.Failure)

// Do sends a request and reads the whole answer. The exchange is complete as far as it went, also with a
// failure; an answer of any status from 200 up is not a failure here. A body that ended early is in the
// exchange with Complete false and no failure: what it is worth is the reader's judgement.
func (c *Client) Do(ctx context.Context, r run.Request, p Policy) (run.Exchange, *run.Failure) {
	return c.Stream(ctx, r, p, nil)
}

// Stream is Do for answers that go on to somebody else while they come. Of a streamed body KeptBytes are kept.
// A writer that fails is not written to again; the answer is read to its end all the same.
func (c *Client) Stream(ctx context.Context, r run.Request, p Policy, accept Accept) (run.Exchange, *run.Failure) {
	start := time.Now()
	ctx, cancel := context.WithTimeoutCause(ctx, p.total(), errTotal)
	defer cancel()
	e := &exchange{client: c, policy: p, pool: c.pool(p), start: start}
	e.x = run.Exchange{Page: 1, StartedAt: start.UTC(), Request: r}
	failure := e.pool.broken
	if failure == nil {
		failure = e.follow(ctx, r, accept)
	}
	e.x.Timings.Total = time.Since(start)
	if failure != nil {
		e.x.Error = failure.Summary
	}
	return e.x, failure
}

// exchange is one call under way.
type exchange struct {
	client *Client
	policy Policy
	pool   *pool
	start  time.Time
	target target
	wire   *wire
	body   []byte // of the request under way
	x      run.Exchange
}

// wire is what is known of one request on its connection. The transport reports from its own goroutines.
type wire struct {
	conn      atomic.Pointer[conn]
	base      atomic.Int64 // bytes written to the connection before this request
	readBase  atomic.Int64
	wroteAt   atomic.Int64 // nanoseconds since start
	firstAt   atomic.Int64
	blocked   atomic.Pointer[refusal]
	reused    atomic.Bool
	remote    atomic.Pointer[string]
	connected atomic.Pointer[tls.ConnectionState]
}

// sent tells whether any byte of the request left this program.
func (w *wire) sent() bool {
	c := w.conn.Load()
	return c != nil && c.written.Load() > w.base.Load()
}

// received is how many bytes of an answer came over the connection.
func (w *wire) received() int64 {
	if c := w.conn.Load(); c != nil {
		return c.read.Load() - w.readBase.Load()
	}
	return 0
}

// interimError ends an exchange whose answer has a status below 200.
type interimError int

func (interimError) Error() string { return "a status below 200" }

// trace listens to the transport. In GotConn the address of the connection is judged by the policy of now;
// a connection that is refused is closed before the request is written to it.
func (e *exchange) trace(w *wire) *httptrace.ClientTrace {
	t := e.target
	return &httptrace.ClientTrace{
		GotConn: func(info httptrace.GotConnInfo) {
			w.blocked.Store(nil)
			if c := connOf(info.Conn); c != nil {
				w.base.Store(c.written.Load())
				w.readBase.Store(c.read.Load())
				w.conn.Store(c)
			}
			w.reused.Store(info.Reused)
			e.judge(w, t, info.Conn)
		},
		WroteRequest:         func(httptrace.WroteRequestInfo) { w.wroteAt.Store(int64(time.Since(e.start))) },
		GotFirstResponseByte: func() { w.firstAt.Store(int64(time.Since(e.start))) },
		Got1xxResponse: func(code int, _ textproto.MIMEHeader) error {
			return interimError(code)
		},
	}
}

// judge checks the other end of a connection and remembers it.
func (e *exchange) judge(w *wire, t target, c net.Conn) {
	remote := c.RemoteAddr()
	tcp, ok := remote.(*net.TCPAddr)
	if !ok {
		w.blocked.Store(blockedForGood(t))
		_ = c.Close()
		return
	}
	at := tcp.AddrPort()
	shown := netip.AddrPortFrom(plain(at.Addr()), at.Port()).String()
	w.remote.Store(&shown)
	if secured, ok := c.(*tls.Conn); ok {
		state := secured.ConnectionState()
		w.connected.Store(&state)
	}
	if r := e.pool.guard.allow(t, at); r != nil {
		w.blocked.Store(r)
		_ = c.Close()
	}
}

// follow sends the request, and again where a redirect may be followed, and reads the last answer.
func (e *exchange) follow(ctx context.Context, r run.Request, accept Accept) *run.Failure {
	for {
		resp, failure := e.send(ctx, &r)
		if len(e.x.Hops) == 0 {
			e.x.Request = r
		}
		if failure != nil {
			return failure
		}
		next, refusal := e.redirect(ctx, resp, r)
		if next == nil {
			failure := e.read(ctx, resp, accept)
			if refusal != nil {
				return refusal
			}
			return failure
		}
		drop(resp)
		r = *next
	}
}

// send writes one request and waits for the head of the answer. It completes r to what went over the wire.
func (e *exchange) send(ctx context.Context, r *run.Request) (*http.Response, *run.Failure) {
	req, failure := e.prepare(r)
	if failure != nil {
		return nil, failure
	}
	resp, err := e.roundTrip(ctx, req)
	w := e.wire
	e.note(w)
	if b := w.blocked.Load(); b != nil && err != nil {
		return nil, &b.failure
	}
	if err != nil {
		return nil, e.explain(ctx, err)
	}
	if resp.StatusCode < http.StatusOK {
		drop(resp)
		return nil, e.explain(ctx, interimError(resp.StatusCode))
	}
	return resp, nil
}

// roundTrip sends a request. When a kept connection turns out to be dead before a byte was written to it, the
// request goes out on another one; that is the only case in which anything is tried twice here.
func (e *exchange) roundTrip(ctx context.Context, req *http.Request) (resp *http.Response, err error) {
	for range 3 {
		w := &wire{}
		e.wire = w
		resp, err = e.pool.transport.RoundTrip(req.WithContext(httptrace.WithClientTrace(ctx, e.trace(w))))
		if err == nil || !e.policy.Unsafe || ctx.Err() != nil || w.sent() || w.blocked.Load() != nil || !w.reused.Load() {
			return resp, err
		}
		req.Body, _ = e.bodyReader(&run.Request{Method: req.Method, Body: e.body})
	}
	return resp, err
}

// note copies what the connection told into the exchange.
func (e *exchange) note(w *wire) {
	t := run.Timings{Reused: w.reused.Load()}
	if c := w.conn.Load(); c != nil && !t.Reused {
		t.DNS, t.Connect, t.TLS = c.dns, c.connect, c.tls
	}
	if wrote, first := w.wroteAt.Load(), w.firstAt.Load(); first > 0 {
		t.FirstByte = time.Duration(first - min(wrote, first))
	}
	e.x.Timings = t
	e.x.Peer, e.x.TLS = "", nil
	if remote := w.remote.Load(); remote != nil {
		e.x.Peer = *remote
	}
	if s := w.connected.Load(); s != nil {
		e.x.TLS = tlsFacts(s)
	}
}

func tlsFacts(s *tls.ConnectionState) *run.TLS {
	facts := &run.TLS{Version: tls.VersionName(s.Version), Cipher: tls.CipherSuiteName(s.CipherSuite)}
	if len(s.PeerCertificates) > 0 {
		leaf := s.PeerCertificates[0]
		facts.Subject, facts.Issuer = leaf.Subject.String(), leaf.Issuer.String()
		facts.Expires = leaf.NotAfter.UTC()
	}
	return facts
}

// drop gives up an answer without reading on. A small rest is read, so that the connection can be kept.
func drop(resp *http.Response) {
	if resp.StatusCode != http.StatusSwitchingProtocols {
		_, _ = io.CopyN(io.Discard, resp.Body, 4<<10)
	}
	_ = resp.Body.Close()
}

// bodyReader gives the body of a request, and how the transport may read it again. A call that is not safe to
// repeat gives no such way: the transport would send it again by itself when a kept connection breaks, and
// that also where a GET has no body at all.
func (e *exchange) bodyReader(r *run.Request) (io.ReadCloser, func() (io.ReadCloser, error)) {
	open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(r.Body)), nil }
	switch {
	case len(r.Body) == 0 && e.policy.Unsafe && usuallyBodiless(r.Method):
		return io.NopCloser(bytes.NewReader(nil)), nil
	case len(r.Body) == 0:
		return http.NoBody, func() (io.ReadCloser, error) { return http.NoBody, nil }
	}
	first, _ := open()
	if e.policy.Unsafe {
		return first, nil
	}
	return first, open
}

func usuallyBodiless(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodDelete, http.MethodOptions:
		return true
	}
	return false
}
