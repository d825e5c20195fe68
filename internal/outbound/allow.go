package outbound

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/idna"

	"tieline/internal/account"
	"tieline/internal/fault"
)

// rule is one allow entry in parsed form: a prefix or an exact host, and ports (none: all).
type rule struct {
	prefix netip.Prefix
	host   string
	ports  []portRange
}

type portRange struct{ from, to uint16 }

// rulesOf parses entries. One that cannot be read opens nothing.
func rulesOf(entries []account.AllowEntry) []rule {
	rules := make([]rule, 0, len(entries))
	for _, e := range entries {
		if r, err := parseRule(e); err == nil {
			rules = append(rules, r)
		}
	}
	return rules
}

func parseRule(e account.AllowEntry) (rule, error) {
	var f fault.Fields
	var r rule
	target := strings.Trim(strings.TrimSpace(e.Target), "[]")
	switch {
	case strings.Contains(target, "/"):
		p, err := netip.ParsePrefix(target)
		if err != nil || p != p.Masked() {
			f.Add("target", "Write a range as an address and a length, for example 10.1.2.0/24.")
		}
		r.prefix = p
	default:
		if a, err := netip.ParseAddr(target); err == nil {
			a = plain(a)
			r.prefix = netip.PrefixFrom(a, a.BitLen())
			break
		}
		host, ok := hostName(target)
		if !ok {
			f.Add("target", "Write an address, a range such as 10.1.2.0/24, or one exact host name.")
		}
		r.host = host
	}
	ports, ok := parsePorts(e.Ports)
	if !ok {
		f.Add("ports", "Write ports as 443 or 443,8000-8100, or leave it empty for all.")
	}
	r.ports = ports
	return r, f.Err()
}

// hostName is a host name in the one form that is compared: lower case, IDNA, no final dot.
func hostName(text string) (string, bool) {
	host, err := idna.Lookup.ToASCII(strings.TrimSuffix(text, "."))
	if err != nil || host == "" || len(host) > 253 || strings.ContainsAny(host, "*:/@ ") {
		return "", false
	}
	return strings.ToLower(host), true
}

func parsePorts(text string) ([]portRange, bool) {
	var list []portRange
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		from, to, ranged := strings.Cut(part, "-")
		if !ranged {
			to = from
		}
		a, errA := strconv.ParseUint(strings.TrimSpace(from), 10, 16)
		b, errB := strconv.ParseUint(strings.TrimSpace(to), 10, 16)
		if errA != nil || errB != nil || a == 0 || b < a {
			return nil, false
		}
		list = append(list, portRange{uint16(a), uint16(b)})
	}
	return list, true
}

// opens tells whether the rule is about this target. Whether that is enough is the guard's business.
func (r rule) opens(host string, at netip.AddrPort) bool {
	hit := r.host != "" && r.host == host || r.prefix.IsValid() && r.prefix.Contains(at.Addr())
	return hit && (len(r.ports) == 0 || slices.ContainsFunc(r.ports, func(p portRange) bool {
		return p.from <= at.Port() && at.Port() <= p.to
	}))
}

// CheckEntry says what is wrong with an allow entry before it is stored: a form that cannot be read, an
// address that can never be opened, or this machine itself where the program was not started for it. The
// sandbox's exact address and port is fine. The error is Invalid at "target" or "ports".
func (c *Client) CheckEntry(e account.AllowEntry) error {
	r, err := parseRule(e)
	if err != nil || r.host != "" {
		return err
	}
	if c.isSandbox(r) {
		return nil
	}
	if r.prefix.Addr().Is4() && r.prefix.Bits() < 8 || r.prefix.Addr().Is6() && r.prefix.Bits() < 16 {
		return fault.At("target", "This range is too wide; name the addresses that are needed.")
	}
	switch classify(r.prefix.Addr()) {
	case never:
		return fault.At("target", "This address can never be opened.")
	case loopback:
		if !within(c.options.AllowOutbound, r.prefix.Addr()) {
			return fault.At("target", "This machine itself is opened only when Tieline is started with --allow-outbound.")
		}
	case public, closed:
	}
	return nil
}

func (c *Client) isSandbox(r rule) bool {
	at := c.sandbox.Load()
	return at != nil && r.prefix.IsSingleIP() && r.prefix.Addr() == at.Addr() &&
		len(r.ports) == 1 && r.ports[0] == portRange{at.Port(), at.Port()}
}

// EntryFor gives the entry that opens a blocked failure's Subject ("10.1.2.3:443", "psa.local:8443").
func EntryFor(subject string) (target, ports string, ok bool) {
	i := strings.LastIndexByte(subject, ':')
	if i <= 0 {
		return "", "", false
	}
	target, ports = strings.Trim(subject[:i], "[]"), subject[i+1:]
	_, err := parseRule(account.AllowEntry{Target: target, Ports: ports})
	return target, ports, err == nil && ports != ""
}
