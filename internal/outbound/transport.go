package outbound

import (
	"cmp"
	"context"
	"crypto/tls"
	"slices"
	"strconv"
	"strings"
	"sync"
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
	guard  *guard
	dialer *dialer
	usedAt time.Time
	broken *run.Failure // why the policy's identity cannot be used

	mu      sync.Mutex
	idle    map[target][]*link // the last laid aside at the end
	count   int
	sweeper bool // will come by
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
			p.clear()
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
	return &pool{guard: g, dialer: d, broken: broken, idle: map[target][]*link{}}
}

// link gives a connection that lies idle, or a new one; where fresh is asked for, always a new one. There is no
// way to a proxy: the environment's would be an address that nobody checked.
func (p *pool) link(ctx context.Context, t target, fresh bool) (l *link, reused bool, err error) {
	for !fresh {
		l := p.take(t)
		if l == nil {
			break
		}
		if time.Since(l.since) < idleTimeout && l.raw.alive() {
			return l, true, nil
		}
		_ = l.Close()
	}
	l, err = p.dialer.link(ctx, t)
	return l, false, err
}

func (p *pool) take(t target) *link {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := p.idle[t]
	if len(list) == 0 {
		return nil
	}
	l := list[len(list)-1]
	p.idle[t] = list[:len(list)-1]
	p.count--
	return l
}

// keep lays a connection aside for the next request.
func (p *pool) keep(l *link) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.count >= idlePerPool || len(p.idle[l.target]) >= idlePerHost {
		_ = l.Close()
		return
	}
	l.since = time.Now()
	p.idle[l.target] = append(p.idle[l.target], l)
	p.count++
	if !p.sweeper {
		p.sweeper = true
		time.AfterFunc(idleTimeout, p.sweep)
	}
}

// sweep closes what lay idle for too long, and comes again while anything is left.
func (p *pool) sweep() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.close(func(l *link) bool { return time.Since(l.since) >= idleTimeout })
	if p.sweeper = p.count > 0; p.sweeper {
		time.AfterFunc(idleTimeout, p.sweep)
	}
}

// clear closes all idle connections. Those under way go on.
func (p *pool) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.close(func(*link) bool { return true })
}

// close closes the idle connections that fit. It is called with the lock held.
func (p *pool) close(fits func(*link) bool) {
	for t, list := range p.idle {
		left := slices.DeleteFunc(list, func(l *link) bool {
			if !fits(l) {
				return false
			}
			_ = l.Close()
			p.count--
			return true
		})
		if p.idle[t] = left; len(left) == 0 {
			delete(p.idle, t)
		}
	}
}

func (c *Client) guardOf(p Policy) *guard {
	return &guard{client: c, rules: rulesOf(p.Allow), http: p.AllowHTTP}
}
