package outbound

import (
	"cmp"
	"context"
	"crypto/tls"
	"io"
	"net/http"
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
	uri    string // of the request under way
	wire   *wire
	x      run.Exchange
}

// wire is what is known of one request on its connection.
type wire struct {
	link           *link // nil: there was none
	reused         bool
	base, readBase int64        // bytes that went over the connection before
	wroteAt        atomic.Int64 // nanoseconds since the start of the exchange
	firstAt        time.Duration
}

// sent tells whether any byte of the request left this program.
func (w *wire) sent() bool { return w.link != nil && w.link.raw.written.Load() > w.base }

// received is how many bytes of an answer came over the connection.
func (w *wire) received() int64 {
	if w.link == nil {
		return 0
	}
	return w.link.raw.read.Load() - w.readBase
}

// interimError ends an exchange whose answer has a status below 200.
type interimError int

func (interimError) Error() string { return "a status below 200" }

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
	if failure := e.prepare(r); failure != nil {
		return nil, failure
	}
	resp, err := e.roundTrip(ctx, r)
	e.note(e.wire)
	if err != nil {
		return nil, e.explain(ctx, err)
	}
	if resp.StatusCode < http.StatusOK {
		drop(resp)
		return nil, e.explain(ctx, interimError(resp.StatusCode))
	}
	return resp, nil
}

// roundTrip sends a request. When a kept connection turns out to be dead, the request goes out on a new one: where
// a repeat could do harm, only if no byte of it was written. It is the only case in which anything is tried twice
// here.
func (e *exchange) roundTrip(ctx context.Context, r *run.Request) (*http.Response, error) {
	resp, err := e.try(ctx, r, false)
	if err == nil || !e.wire.reused || ctx.Err() != nil || refused(err) != nil {
		return resp, err
	}
	if e.wire.sent() && (e.policy.Unsafe || e.wire.received() > 0 || !isCut(err)) {
		return resp, err
	}
	return e.try(ctx, r, true)
}

// try sends a request on one connection. The address of the connection is judged by the policy of now, also where
// it was kept; one that is refused is closed before anything is written to it.
func (e *exchange) try(ctx context.Context, r *run.Request, fresh bool) (*http.Response, error) {
	w := &wire{}
	e.wire = w
	l, reused, err := e.pool.link(ctx, e.target, fresh)
	if err != nil {
		return nil, err
	}
	w.link, w.reused, w.base, w.readBase = l, reused, l.raw.written.Load(), l.raw.read.Load()
	if r := e.pool.guard.allow(e.target, l.at); r != nil {
		_ = l.Close()
		return nil, r
	}
	a := e.pool.watch(ctx, l)
	resp, err := e.converse(a, r)
	if err != nil {
		_ = a.Close()
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return nil, err
	}
	return resp, nil
}

// converse writes a request and reads the head of its answer. A large body is written while the answer is waited
// for: it may come before all of it was read.
func (e *exchange) converse(a *answer, r *run.Request) (*http.Response, error) {
	sent := make(chan error, 1)
	a.sent = sent
	w, request, uri := e.wire, *r, e.uri // the writing may outlive this try
	send := func() error {
		err := a.link.send(&request, uri)
		w.wroteAt.Store(int64(time.Since(e.start)))
		sent <- err
		return err
	}
	var broke error
	if len(r.Body) > together {
		go func() { _ = send() }()
	} else {
		broke = send()
	}
	resp, err := a.link.head(r.Method, func() { w.firstAt = time.Since(e.start) })
	switch {
	case err == nil:
	case isAlert(err): // it says why the writing broke
		return nil, err
	default:
		return nil, cmp.Or(broke, err)
	}
	a.body, resp.Body = resp.Body, a
	if resp.Close || resp.StatusCode < http.StatusOK {
		a.sent = nil // never again
	}
	return resp, nil
}

// note copies what the connection told into the exchange.
func (e *exchange) note(w *wire) {
	e.x.Timings, e.x.Peer, e.x.TLS = run.Timings{Reused: w.reused}, "", nil
	if w.link == nil {
		return
	}
	e.x.Peer, e.x.TLS = w.link.peer, w.link.tls
	if c := w.link.raw; !w.reused {
		e.x.Timings.DNS, e.x.Timings.Connect, e.x.Timings.TLS = c.dns, c.connect, c.tls
	}
	if w.firstAt > 0 {
		e.x.Timings.FirstByte = w.firstAt - min(time.Duration(w.wroteAt.Load()), w.firstAt)
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
