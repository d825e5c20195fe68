package outbound

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"tieline/internal/run"
)

// guard is the address rule of one policy. It is asked before a call, after DNS at the socket, and again for
// every connection that is used a second time.
type guard struct {
	client *Client
	rules  []rule
	http   bool // plain http to public addresses is switched on
}

// refusal is an address that may not be called. It travels as an error through the dialer.
type refusal struct{ failure run.Failure }

func (r *refusal) Error() string { return r.failure.Summary }

// target is where a request goes, in the forms that rules compare.
type target struct {
	scheme string
	host   string // lower case ASCII name or address, without brackets
	port   uint16
	shown  string // host:port as a person knows it
}

// allow is nil when the address may be called for this target.
func (g *guard) allow(t target, at netip.AddrPort) *refusal {
	at = netip.AddrPortFrom(plain(at.Addr()), at.Port())
	kind := classify(at.Addr())
	switch {
	case kind == never || g.client.isOwn(at):
		return blockedForGood(t)
	case kind == public:
		if t.scheme == "http" && !g.http {
			return plainHTTP(t)
		}
		return nil
	case within(g.client.options.AllowOutbound, at.Addr()):
		return nil
	}
	opened := slices.ContainsFunc(g.rules, func(r rule) bool { return r.opens(t.host, at) })
	if kind == loopback {
		if sandbox := g.client.sandbox.Load(); sandbox != nil && *sandbox == at {
			if opened {
				return nil
			}
			return blockedUnlessAllowed(t)
		}
		return blockedForGood(t)
	}
	if opened {
		return nil
	}
	return blockedUnlessAllowed(t)
}

// allowAll is nil when every address that a name stands for may be called. One bad answer blocks the call: a
// name that is half public and half private is how a private address is smuggled in.
func (g *guard) allowAll(t target, addrs []netip.Addr) *refusal {
	for _, a := range addrs {
		if r := g.allow(t, netip.AddrPortFrom(a, t.port)); r != nil {
			return r
		}
	}
	return nil
}

func blockedUnlessAllowed(t target) *refusal {
	return &refusal{run.Failure{
		Cause: run.BlockedAddress, Summary: blockedSummary(t), Subject: t.shown, Evidence: blockedEvidence(t),
		Hint: "Nothing was sent. If this system really stands in your own network, an owner can allow " + t.shown + " for this customer.",
	}}
}

func blockedForGood(t target) *refusal {
	return &refusal{run.Failure{
		Cause: run.BlockedAddress, Summary: blockedSummary(t), Evidence: blockedEvidence(t),
		Hint: "Nothing was sent. This address cannot be opened here; use the public address of the system.",
	}}
}

func blockedSummary(t target) string {
	return "blocked address (" + t.shown + " is not a public address)"
}

// blockedEvidence names what was asked for, and never the address that a name leads to.
func blockedEvidence(t target) string {
	return "The request was for " + t.shown + ", and only public addresses are called."
}

func plainHTTP(t target) *refusal {
	return &refusal{run.Failure{
		Cause: run.BlockedAddress, Summary: "plain http is refused for the public address " + t.shown,
		Evidence: "The request was for http://" + t.shown + ", and plain http is off for this integrator.",
		Hint:     "Nothing was sent. Use https:// in the URL, or switch plain http on for this integrator.",
	}}
}

// isOwn tells whether an address is one that this program listens on: a call there would be a loop.
func (c *Client) isOwn(at netip.AddrPort) bool {
	if c.options.Own == nil {
		return false
	}
	for _, own := range c.options.Own() {
		if own.Port() != at.Port() {
			continue
		}
		a := plain(own.Addr())
		if a == at.Addr() || a.IsUnspecified() && isOfThisMachine(at.Addr()) {
			return true
		}
	}
	return false
}

func isOfThisMachine(a netip.Addr) bool {
	if a.IsLoopback() {
		return true
	}
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return true
	}
	return slices.ContainsFunc(addrs, func(x net.Addr) bool {
		p, err := netip.ParsePrefix(x.String())
		return err == nil && plain(p.Addr()) == a
	})
}

// targetOf reads where a URL goes, or says why it goes nowhere.
func targetOf(scheme, hostport string) (target, *run.Failure) {
	if scheme != "http" && scheme != "https" {
		return target{}, badURL("The scheme is " + strconv.Quote(scheme) + ".")
	}
	host, port := hostport, "443"
	if scheme == "http" {
		port = "80"
	}
	if i := strings.LastIndexByte(hostport, ':'); i >= 0 && !strings.HasSuffix(hostport, "]") {
		host, port = hostport[:i], hostport[i+1:]
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 {
		return target{}, badURL("The port is not a number between 1 and 65535.")
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	t := target{scheme: scheme, port: uint16(n)}
	if a, err := netip.ParseAddr(host); err == nil {
		if a.Zone() != "" {
			return target{}, badURL("An address with a zone cannot be called.")
		}
		t.host = plain(a).String()
	} else {
		name, ok := hostName(host)
		if !ok {
			return target{}, badURL("The host name " + strconv.Quote(host) + " is not a name that can be looked up.")
		}
		t.host = name
	}
	t.shown = net.JoinHostPort(t.host, strconv.Itoa(int(t.port)))
	return t, nil
}

// literal gives the address of a target that needs no look-up.
func (t target) literal() (netip.Addr, bool) {
	a, err := netip.ParseAddr(t.host)
	return a, err == nil
}

func badURL(evidence string) *run.Failure {
	return &run.Failure{
		Cause: run.DNS, Summary: "the URL has no host that can be called", Evidence: evidence,
		Hint: "Check the host of the integrator and the start of the endpoint's URL: https:// and a host name.",
	}
}

// Resolver looks names up. A *net.Resolver is one.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// lookup gives the addresses of a target, already judged by the guard.
func (g *guard) lookup(ctx context.Context, t target) ([]netip.Addr, error) {
	if a, ok := t.literal(); ok {
		if r := g.allow(t, netip.AddrPortFrom(a, t.port)); r != nil {
			return nil, r
		}
		return []netip.Addr{a}, nil
	}
	addrs, err := g.client.options.Resolver.LookupNetIP(ctx, "ip", t.host)
	if err != nil {
		return nil, fmt.Errorf("look up: %w", err)
	}
	if len(addrs) == 0 {
		return nil, &net.DNSError{Err: "no addresses", Name: t.host, IsNotFound: true}
	}
	for i := range addrs {
		addrs[i] = plain(addrs[i])
	}
	if r := g.allowAll(t, addrs); r != nil {
		return nil, r
	}
	return addrs, nil
}

// refused gives the failure inside an error that a guard made, or nil.
func refused(err error) *run.Failure {
	if r, ok := errors.AsType[*refusal](err); ok {
		f := r.failure
		return &f
	}
	return nil
}
