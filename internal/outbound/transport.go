package outbound

import (
	"cmp"
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"tieline/internal/run"
)

const (
	tlsTimeout       = 5 * time.Second
	idleTimeout      = 50 * time.Second
	idlePerHost      = 128
	idlePerPool      = 512
	headerLimit      = 1 << 20
	poolsBeforeSweep = 256
	poolLife         = 10 * time.Minute
)

// pool is the connections of one policy: what one customer's entries opened is never used for another.
type pool struct {
	guard     *guard
	transport *http.Transport
	usedAt    time.Time
	broken    *run.Failure // why the policy's identity cannot be used
}

// pool finds or makes the connections for a policy.
func (c *Client) pool(p Policy) *pool {
	key := p.key()
	now := time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	found, ok := c.pools[key]
	if !ok {
		c.sweep(now)
		found = c.newPool(p)
		c.pools[key] = found
	}
	found.usedAt = now
	return found
}

// sweep forgets pools that nobody used for a while. It is called with the lock held.
func (c *Client) sweep(now time.Time) {
	if len(c.pools) < poolsBeforeSweep {
		return
	}
	for key, p := range c.pools {
		if now.Sub(p.usedAt) > poolLife {
			p.transport.CloseIdleConnections()
			delete(c.pools, key)
		}
	}
}

// key is everything of a policy that decides who may be connected to, and how.
func (p Policy) key() string {
	var b strings.Builder
	b.Grow(64)
	b.WriteString(p.CustomerID)
	b.WriteByte(0)
	b.WriteString(strconv.FormatBool(p.AllowHTTP))
	b.WriteString(strconv.FormatInt(int64(p.connect()), 36))
	for _, e := range p.Allow {
		b.WriteByte(0)
		b.WriteString(e.Target)
		b.WriteByte(1)
		b.WriteString(e.Ports)
	}
	b.WriteString(p.Identity.key())
	return b.String()
}

func (c *Client) newPool(p Policy) *pool {
	g := c.guardOf(p)
	known, broken := p.Identity.read()
	d := &dialer{guard: g, timeout: p.connect(), certificate: known.certificate, tls: &tls.Config{
		RootCAs:            cmp.Or(known.authorities, c.options.RootCAs),
		MinVersion:         tls.VersionTLS12,
		NextProtos:         []string{"http/1.1"},
		ClientSessionCache: tls.NewLRUClientSessionCache(64),
	}}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &pool{guard: g, broken: broken, transport: &http.Transport{
		Proxy: nil, // the environment's proxy would be an address that nobody checked
		DialContext: func(ctx context.Context, _, addr string) (net.Conn, error) {
			return d.plain(ctx, addr)
		},
		DialTLSContext: func(ctx context.Context, _, addr string) (net.Conn, error) {
			return d.secure(ctx, addr)
		},
		Protocols:              protocols,
		DisableCompression:     true, // our own, with a cap on the ratio
		MaxResponseHeaderBytes: headerLimit,
		MaxIdleConns:           idlePerPool,
		MaxIdleConnsPerHost:    idlePerHost,
		IdleConnTimeout:        idleTimeout,
		ReadBufferSize:         8 << 10,
		WriteBufferSize:        8 << 10,
	}}
}

func (c *Client) guardOf(p Policy) *guard {
	return &guard{client: c, rules: rulesOf(p.Allow), http: p.AllowHTTP}
}
