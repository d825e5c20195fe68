package outbound

import (
	"net/netip"
	"slices"

	"code.dny.dev/ssrf"
)

// class is what kind of address a target is; it decides who may open it.
type class int

const (
	public   class = iota // anybody may call it
	closed                // refused, but an owner may open it for a customer
	loopback              // this machine: opened by the start flag, or the sandbox's exact address
	never                 // refused whatever anybody says
)

// neverPrefixes cannot be opened by an entry or by the start flag: link-local and cloud metadata services,
// "this host", multicast and broadcast.
var neverPrefixes = prefixes(
	"0.0.0.0/8", "169.254.0.0/16", "100.100.100.200/32", "168.63.129.16/32", "192.0.0.192/32",
	"224.0.0.0/4", "255.255.255.255/32",
	"::/128", "fe80::/10", "fd00:ec2::254/128", "ff00::/8",
)

var loopbackPrefixes = prefixes("127.0.0.0/8", "::1/128")

// closedPrefixes are refused by default on top of the special-purpose registries that the ssrf module keeps
// (RFC 1918, CGNAT, documentation, benchmarking, reserved ...). They are listed here in full all the same, so
// that the rule can be read in one place and does not hang on another module's table.
var closedPrefixes = slices.Concat(prefixes(
	"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24",
	"192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
	"fc00::/7", "fec0::/10", "100::/64", "5f00::/16", "2001::/23", "2001:db8::/32", "3fff::/20",
	"::/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32",
), ssrf.IPv4DeniedPrefixes, ssrf.IPv6DeniedPrefixes)

// embeddings are the forms of IPv6 address that stand for an IPv4 address; at is the byte where it begins,
// and inverted says that its bits are flipped (Teredo).
var embeddings = []struct {
	prefix   netip.Prefix
	at       int
	inverted bool
}{
	{netip.MustParsePrefix("::/96"), 12, false},
	{netip.MustParsePrefix("::ffff:0:0:0/96"), 12, false},
	{netip.MustParsePrefix("64:ff9b::/96"), 12, false},
	{netip.MustParsePrefix("64:ff9b:1::/48"), 12, false},
	{netip.MustParsePrefix("2002::/16"), 2, false},
	{netip.MustParsePrefix("2001::/32"), 12, true},
}

func prefixes(texts ...string) []netip.Prefix {
	list := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		list[i] = netip.MustParsePrefix(text)
	}
	return list
}

// plain is the address that a packet is really sent to: without a zone, and IPv4 where it was mapped into
// IPv6.
func plain(a netip.Addr) netip.Addr { return a.WithZone("").Unmap() }

// classify says what kind of address a is. Whatever is not known to be public is closed.
func classify(a netip.Addr) class {
	a = plain(a)
	switch {
	case !a.IsValid() || within(neverPrefixes, a):
		return never
	case within(loopbackPrefixes, a):
		return loopback
	}
	if inner, ok := embedded(a); ok {
		if k := classify(inner); k == never || k == loopback {
			return never
		}
		return closed
	}
	if within(closedPrefixes, a) || a.Is6() && !ssrf.IPv6GlobalUnicast.Contains(a) || !a.IsGlobalUnicast() {
		return closed
	}
	return public
}

// embedded gives the IPv4 address inside an IPv6 one. ISATAP's form is recognised below every prefix.
func embedded(a netip.Addr) (netip.Addr, bool) {
	if !a.Is6() {
		return netip.Addr{}, false
	}
	b := a.As16()
	for _, e := range embeddings {
		if e.prefix.Contains(a) {
			return four(b[e.at:e.at+4], e.inverted), true
		}
	}
	if (b[8] == 0 || b[8] == 2) && b[9] == 0 && b[10] == 0x5e && b[11] == 0xfe {
		return four(b[12:16], false), true
	}
	return netip.Addr{}, false
}

func four(b []byte, inverted bool) netip.Addr {
	v := [4]byte(b)
	if inverted {
		for i := range v {
			v[i] = ^v[i]
		}
	}
	return netip.AddrFrom4(v)
}

func within(list []netip.Prefix, a netip.Addr) bool {
	for _, p := range list {
		if p.Contains(a) {
			return true
		}
	}
	return false
}
