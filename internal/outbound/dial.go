package outbound

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync/atomic"
	"syscall"
	"time"
)

// stagger is how long one address may keep the next one waiting (RFC 8305).
const stagger = 250 * time.Millisecond

// dialer makes connections that its guard allows.
type dialer struct {
	guard       *guard
	timeout     time.Duration
	tls         *tls.Config
	certificate *tls.Certificate // shown to servers that ask; nil: none
}

// conn is a connection that remembers how it came about and how much was written to it.
type conn struct {
	net.Conn
	dns, connect, tls time.Duration
	written, read     atomic.Int64
	ended             atomic.Bool // the other side closed or reset it
	asked, shown      atomic.Bool // the server asked for a certificate, and got one
}

func (c *conn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	c.written.Add(int64(n))
	return n, err
}

func (c *conn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.read.Add(int64(n))
	if err != nil {
		c.ended.Store(true)
	}
	return n, err
}

// errConnectTimeout and errTLSTimeout say which part took too long.
var (
	errConnectTimeout = errors.New("no connection in time")
	errTLSTimeout     = errors.New("no TLS handshake in time")
)

// link connects to a target, with TLS where its scheme says so.
func (d *dialer) link(ctx context.Context, t target) (*link, error) {
	c, err := d.dial(ctx, t)
	if err != nil {
		return nil, err
	}
	l := &link{Conn: c, raw: c, target: t}
	l.reader = bufio.NewReader(l)
	tcp, ok := c.RemoteAddr().(*net.TCPAddr)
	if !ok {
		_ = c.Close()
		return nil, blockedForGood(t)
	}
	l.at = tcp.AddrPort()
	l.peer = netip.AddrPortFrom(plain(l.at.Addr()), l.at.Port()).String()
	if t.scheme == "https" {
		err = d.secure(ctx, l)
	}
	return l, err
}

// secure does the TLS handshake; a connection on which it fails is closed.
func (d *dialer) secure(ctx context.Context, l *link) error {
	config := d.tls.Clone()
	config.ServerName = l.target.host
	config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
		l.raw.asked.Store(true)
		if d.certificate == nil {
			return &tls.Certificate{}, nil
		}
		l.raw.shown.Store(true)
		return d.certificate, nil
	}
	start := time.Now()
	secured := tls.Client(l.raw, config)
	limited, cancel := context.WithTimeoutCause(ctx, tlsTimeout, errTLSTimeout)
	defer cancel()
	if err := secured.HandshakeContext(limited); err != nil {
		_ = l.raw.Close()
		return &handshakeError{
			err: err, timeout: errors.Is(context.Cause(limited), errTLSTimeout), asked: l.raw.asked.Load(), shown: l.raw.shown.Load(),
		}
	}
	l.raw.tls = time.Since(start)
	state := secured.ConnectionState()
	l.Conn, l.tls = secured, tlsFacts(&state)
	return nil
}

// handshakeError says that the connection was made and the TLS handshake failed.
type handshakeError struct {
	err     error
	timeout bool
	asked   bool // the server asked for a certificate
	shown   bool // and got one
}

func (e *handshakeError) Error() string { return "tls: " + e.err.Error() }
func (e *handshakeError) Unwrap() error { return e.err }

// dial resolves, checks and connects. The time limit covers look-up and connection together.
func (d *dialer) dial(ctx context.Context, t target) (*conn, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, d.timeout, errConnectTimeout)
	defer cancel()
	start := time.Now()
	addrs, err := d.guard.lookup(ctx, t)
	if err != nil {
		return nil, err
	}
	c := &conn{}
	if _, is := t.literal(); !is {
		c.dns = time.Since(start)
	}
	start = time.Now()
	c.Conn, err = d.race(ctx, t, addrs)
	if err != nil {
		if errors.Is(context.Cause(ctx), errConnectTimeout) {
			return nil, fmt.Errorf("%w: %w", errConnectTimeout, err)
		}
		return nil, err
	}
	c.connect = time.Since(start)
	return c, nil
}

type dialed struct {
	conn net.Conn
	err  error
}

// race tries the addresses one after the other, the next one when the last failed or keeps silent for a
// moment. The first connection wins, the others are closed.
func (d *dialer) race(ctx context.Context, t target, addrs []netip.Addr) (net.Conn, error) {
	if len(addrs) == 1 {
		return d.one(ctx, t, addrs[0])
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	results := make(chan dialed, len(addrs))
	next := time.NewTimer(0)
	defer next.Stop()
	var firstErr error
	for started, pending := 0, 0; started < len(addrs) || pending > 0; {
		wake := next.C
		if started == len(addrs) {
			wake = nil
		}
		select {
		case <-wake:
			go func(a netip.Addr) {
				c, err := d.one(ctx, t, a)
				results <- dialed{c, err}
			}(addrs[started])
			started++
			pending++
			next.Reset(stagger)
		case r := <-results:
			pending--
			if r.err == nil {
				go closeRest(results, pending)
				return r.conn, nil
			}
			if firstErr == nil {
				firstErr = r.err
			}
			next.Reset(0)
		}
	}
	return nil, firstErr
}

func closeRest(results <-chan dialed, pending int) {
	for range pending {
		if r := <-results; r.conn != nil {
			_ = r.conn.Close()
		}
	}
}

// one connects to one address. The guard is asked once more with the address the socket really gets.
func (d *dialer) one(ctx context.Context, t target, a netip.Addr) (net.Conn, error) {
	nd := net.Dialer{
		KeepAlive: 15 * time.Second,
		ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error {
			at, err := netip.ParseAddrPort(address)
			if err != nil {
				return blockedForGood(t)
			}
			if r := d.guard.allow(t, at); r != nil {
				return r
			}
			return nil
		},
	}
	return nd.DialContext(ctx, "tcp", netip.AddrPortFrom(a, t.port).String())
}
