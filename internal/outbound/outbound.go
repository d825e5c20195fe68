// Package outbound holds the only HTTP client of the program. It promises that no byte goes to an address that
// the customer's policy does not allow (the address is checked after DNS, at the socket, and again on every
// reused connection), that every call ends in time, that an answer cannot fill the memory, and that what it
// returns is what really went over the wire, with timings.
//
// It knows nothing of templates, secrets or success: what it returns is not redacted, and an answer with
// status 500 is an answer. Failures carry words of our own; error texts of net/http hold whole URLs and are
// never passed on.
package outbound

import (
	"context"
	"crypto/x509"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"tieline/internal/account"
)

// The limits that hold where a policy says nothing.
const (
	DefaultConnect  = 5 * time.Second
	DefaultTotal    = 30 * time.Second
	DefaultMaxBytes = 10 << 20
	MaxBytes        = 25 << 20 // of any answer
	KeptBytes       = 256 << 10
)

// Options are what a Client is made with.
type Options struct {
	AllowOutbound []netip.Prefix          // opened for everybody by the start flag; the only way to loopback
	Own           func() []netip.AddrPort // addresses this program listens on; never called
	Resolver      Resolver                // nil: Go's own
	RootCAs       *x509.CertPool          // nil: the system's
}

// Policy is what one call may do. Zero values take the defaults above.
type Policy struct {
	CustomerID      string
	Allow           []account.AllowEntry
	AllowHTTP       bool // plain http to public addresses
	FollowRedirects bool // at most 3, each checked
	Unsafe          bool // a repeat could do harm: an answer that never came is outcome_unknown
	Connect         time.Duration
	Total           time.Duration // the body included
	MaxBytes        int64         // of the answer's body, after decompression
	Room            Room          // nil: no more than MaxBytes is asked of anybody
	Identity        Identity      // the zero Identity shows no certificate and trusts the usual authorities
}

// Room is asked once, before more than the first MiB of an answer is kept in memory, for as many bytes as the
// answer may have. It may wait until the context ends, and then says no with an error.
type Room func(ctx context.Context, bytes int64) error

func (p Policy) connect() time.Duration { return orDefault(p.Connect, DefaultConnect) }
func (p Policy) total() time.Duration   { return orDefault(p.Total, DefaultTotal) }

func (p Policy) maxBytes() int64 { return min(orDefault(p.MaxBytes, DefaultMaxBytes), MaxBytes) }

func orDefault[T time.Duration | int64](v, otherwise T) T {
	if v <= 0 {
		return otherwise
	}
	return v
}

// Client makes calls. It is safe for concurrent use.
type Client struct {
	options Options
	sandbox atomic.Pointer[netip.AddrPort]

	mu    sync.Mutex
	pools map[string]*pool
}

// New makes a client.
func New(options Options) *Client {
	if options.Resolver == nil {
		options.Resolver = &net.Resolver{PreferGo: true}
	}
	return &Client{options: options, pools: map[string]*pool{}}
}

// SetSandbox names the one loopback address that an allow entry may open without the start flag.
func (c *Client) SetSandbox(at netip.AddrPort) {
	at = netip.AddrPortFrom(plain(at.Addr()), at.Port())
	c.sandbox.Store(&at)
}

// Close ends all idle connections. Calls under way go on.
func (c *Client) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range c.pools {
		p.clear()
	}
	clear(c.pools)
}
