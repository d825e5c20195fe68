package outbound

import (
	"context"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"code.dny.dev/ssrf"
	"pgregory.net/rapid"

	"tieline/internal/account"
	"tieline/internal/run"
)

func TestEveryAddressHasItsClass(t *testing.T) {
	t.Parallel()
	cases := map[class][]string{
		public: {
			"1.1.1.1", "8.8.8.8", "93.184.216.34", "100.63.255.255", "100.128.0.1", "172.15.255.255", "172.32.0.0", "192.0.1.0",
			"198.17.255.255", "198.20.0.0", "203.0.112.255", "11.0.0.0", "2606:4700::1111", "2a00:1450::1", "2001:4860:4860::8888",
			"::ffff:8.8.8.8", "168.63.129.17",
		},
		closed: {
			"10.0.0.0", "10.255.255.255", "172.16.0.0", "172.31.255.255", "192.168.1.1", "100.64.0.0", "100.127.255.255",
			"192.0.0.1", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9", "240.0.0.1",
			"254.255.255.255", "fc00::1", "fdff::1", "fec0::1", "100::1", "5f00::1", "2001:db8::1", "2001:20::1", "3fff::1",
			"64:ff9b::8.8.8.8", "64:ff9b:1::8.8.8.8", "64:ff9b::10.0.0.1", "2002:808:808::1", "2002:a00:1::", "2001:0:1:2:3:4:f7f7:f7f7",
			"::8.8.8.8", "::ffff:10.1.2.3", "4000::1", "1::1", "2600::5efe:808:808", "2600::200:5efe:a00:1",
		},
		loopback: {"127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1"},
		never: {
			"0.0.0.0", "0.1.2.3", "169.254.169.254", "169.254.0.1", "224.0.0.1", "239.255.255.255", "255.255.255.255",
			"100.100.100.200", "168.63.129.16", "192.0.0.192", "::", "fe80::1", "fe80::1%eth0", "febf::1", "ff02::1", "fd00:ec2::254",
			"::ffff:169.254.169.254", "64:ff9b::169.254.169.254", "64:ff9b::127.0.0.1", "64:ff9b:1::7f00:1", "2002:7f00:1::",
			"2002:a9fe:a9fe::", "2001:0:1:2:3:4:80ff:fffe", "::ffff:0:127.0.0.1", "::127.0.0.1", "2600::5efe:7f00:1", "2600::200:5efe:a9fe:a9fe",
		},
	}
	for want, list := range cases {
		for _, text := range list {
			if got := classify(netip.MustParseAddr(text)); got != want {
				t.Errorf("%s is %d, want %d", text, got, want)
			}
		}
	}
	if classify(netip.Addr{}) != never {
		t.Error("no address at all is not refused")
	}
}

// TestNoAddressOfAForbiddenRangeIsPublic draws addresses from every range, both ends included, and looks at
// each one also through every form of IPv6 address that stands for it.
func TestNoAddressOfAForbiddenRangeIsPublic(t *testing.T) {
	t.Parallel()
	ranges := append(append(append([]netip.Prefix{}, neverPrefixes...), loopbackPrefixes...), closedPrefixes...)
	ranges = append(append(ranges, ssrf.IPv4DeniedPrefixes...), ssrf.IPv6DeniedPrefixes...)
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SampledFrom(ranges).Draw(t, "range")
		a := drawn(p, rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "bits"))
		if classify(a) == public {
			t.Fatalf("%s of %s is public", a, p)
		}
		if !a.Is4() {
			return
		}
		for _, e := range embeddings {
			if form := wrapped(e.prefix, e.at, e.inverted, a); classify(form) == public {
				t.Fatalf("%s in the form %s is public", a, form)
			}
		}
		if mapped := netip.AddrFrom16(a.As16()); classify(mapped) != classify(a) {
			t.Fatalf("%s mapped to %s changes its class", a, mapped)
		}
	})
	for _, p := range ranges {
		first, last := drawn(p, make([]byte, 16)), drawn(p, []byte("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"))
		if classify(first) == public || classify(last) == public {
			t.Errorf("an end of %s is public", p)
		}
	}
}

// drawn is the address of a prefix whose other bits are given.
func drawn(p netip.Prefix, bits []byte) netip.Addr {
	base := new(big.Int).SetBytes(p.Masked().Addr().AsSlice())
	size := p.Addr().BitLen()
	mask := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), uint(size-p.Bits())), big.NewInt(1))
	rest := new(big.Int).And(new(big.Int).SetBytes(bits[:size/8]), mask)
	a, _ := netip.AddrFromSlice(base.Or(base, rest).FillBytes(make([]byte, size/8)))
	return a
}

func wrapped(p netip.Prefix, at int, inverted bool, a netip.Addr) netip.Addr {
	b := p.Addr().As16()
	for i, v := range a.As4() {
		if inverted {
			v = ^v
		}
		b[at+i] = v
	}
	return netip.AddrFrom16(b)
}

func TestABlockedTargetGetsNoConnection(t *testing.T) {
	t.Parallel()
	l := listen(t)
	var hits atomic.Int64
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			hits.Add(1)
			_ = c.Close()
		}
	}()
	port := l.Addr().(*net.TCPAddr).Port
	zone := &zone{answers: map[string][][]string{
		"private.test":   {{"127.0.0.1"}},
		"rebinding.test": {{"93.184.216.34"}, {"127.0.0.1"}},
		"both.test":      {{"93.184.216.34", "127.0.0.1"}},
		"mapped.test":    {{"::ffff:127.0.0.1"}},
		"six.test":       {{"::1"}},
	}}
	c := New(Options{Resolver: zone})
	everything := []account.AllowEntry{{Target: "0.0.0.0/0"}, {Target: "private.test"}, {Target: "127.0.0.1"}, {Target: "::/0"}}
	if f := c.Check(t.Context(), fmt.Sprintf("http://rebinding.test:%d/", port), Policy{AllowHTTP: true}); f != nil {
		t.Fatal(f)
	}
	for _, host := range []string{
		"127.0.0.1", "127.0.0.2", "[::1]", "[::ffff:127.0.0.1]", "private.test", "PRIVATE.test.", "rebinding.test", "both.test", "mapped.test", "six.test",
		"169.254.169.254", "0.0.0.0", "[64:ff9b::127.0.0.1]", "[::]",
	} {
		url := fmt.Sprintf("http://%s:%d/", host, port)
		_, f := c.Do(t.Context(), get(url), Policy{AllowHTTP: true, Allow: everything})
		mustFail(t, f, run.BlockedAddress)
		if f.Subject != "" {
			t.Errorf("%s: nobody may open %s", host, f.Subject)
		}
		if f := c.Check(t.Context(), url, Policy{AllowHTTP: true, Allow: everything}); f == nil || f.Cause != run.BlockedAddress {
			t.Errorf("check of %s = %+v", host, f)
		}
	}
	if hits.Load() != 0 {
		t.Errorf("%d connections were made", hits.Load())
	}
}

func TestAPrivateAddressNamesWhatAnOwnerMayAllow(t *testing.T) {
	t.Parallel()
	c := New(Options{Resolver: &zone{answers: map[string][][]string{"psa.test": {{"10.1.2.3"}}}}})
	for url, subject := range map[string]string{
		"https://10.1.2.3/": "10.1.2.3:443", "https://10.1.2.3:8443/": "10.1.2.3:8443", "http://192.168.0.9/": "192.168.0.9:80",
		"https://psa.test/": "psa.test:443", "https://[fd12::1]/": "[fd12::1]:443",
	} {
		f := c.Check(t.Context(), url, Policy{})
		if f == nil || f.Cause != run.BlockedAddress || f.Subject != subject {
			t.Errorf("%s: %+v, want subject %s", url, f, subject)
			continue
		}
		target, ports, ok := EntryFor(f.Subject)
		entry := account.AllowEntry{Target: target, Ports: ports}
		if !ok || c.CheckEntry(entry) != nil {
			t.Errorf("%s gives no entry: %+v, %v", f.Subject, entry, c.CheckEntry(entry))
		}
		if f := c.Check(t.Context(), url, Policy{Allow: []account.AllowEntry{entry}}); f != nil {
			t.Errorf("%s stays blocked with its own entry: %+v", url, f)
		}
	}
}

func TestAnEntryOpensItsTargetAndPortsOnly(t *testing.T) {
	t.Parallel()
	c := New(Options{Resolver: &zone{answers: map[string][][]string{"psa.test": {{"10.1.2.3"}}, "other.test": {{"10.1.2.3"}}}}})
	policy := func(target, ports string) Policy {
		return Policy{Allow: []account.AllowEntry{{Target: target, Ports: ports}}}
	}
	for _, tc := range []struct {
		target, ports, url string
		open               bool
	}{
		{"10.1.2.3", "443", "https://10.1.2.3/", true},
		{"10.1.2.3", "", "https://10.1.2.3:9/", true},
		{"10.1.2.3", "80,8000-8100", "https://10.1.2.3:8050/", true},
		{"10.1.2.3", "80,8000-8100", "https://10.1.2.3:8101/", false},
		{"10.1.2.3", "443", "https://10.1.2.4/", false},
		{"10.1.2.0/24", "", "https://10.1.2.200/", true},
		{"10.1.2.0/24", "", "https://10.1.3.1/", false},
		{"psa.test", "443", "https://psa.test/", true},
		{"PSA.test", "443", "https://psa.test./", true},
		{"psa.test", "443", "https://other.test/", false},
		{"psa.test", "443", "https://10.1.2.3/", false},
		{"10.1.2.3", "", "https://psa.test/", true},
		{"10.1.2.0/24", "nonsense", "https://10.1.2.3/", false},
		{"::ffff:10.1.2.3", "", "https://10.1.2.3/", true},
		{"*.test", "", "https://psa.test/", false},
		{"169.254.0.0/16", "", "https://169.254.169.254/", false},
		{"64:ff9b::/96", "", "https://[64:ff9b::10.0.0.1]/", true},
		{"64:ff9b::/96", "", "https://[64:ff9b::169.254.169.254]/", false},
	} {
		f := c.Check(t.Context(), tc.url, policy(tc.target, tc.ports))
		if (f == nil) != tc.open {
			t.Errorf("entry %s %s, %s: %+v", tc.target, tc.ports, tc.url, f)
		}
	}
}

func TestEntriesThatOpenTooMuchAreRefused(t *testing.T) {
	t.Parallel()
	c := New(Options{})
	c.SetSandbox(netip.MustParseAddrPort("127.0.0.1:4100"))
	for _, tc := range []struct {
		target, ports string
		ok            bool
	}{
		{"10.0.0.0/8", "", true},
		{"10.1.2.3", "443", true},
		{"psa.example", "443,8443", true},
		{"fd00::/16", "", true},
		{"127.0.0.1", "4100", true},
		{"127.0.0.1", "4101", false},
		{"127.0.0.1", "", false},
		{"127.0.0.0/8", "4100", false},
		{"::1", "", false},
		{"0.0.0.0/0", "", false},
		{"::/0", "", false},
		{"0.0.0.0", "", false},
		{"169.254.169.254", "", false},
		{"fe80::/10", "", false},
		{"fd00:ec2::254", "", false},
		{"168.63.129.16", "", false},
		{"64:ff9b::127.0.0.1", "", false},
		{"255.255.255.255", "", false},
		{"10.1.2.3/24", "", false},
		{"10.1.2", "/x", false},
		{"", "", false},
		{"*.example", "", false},
		{"http://x", "", false},
		{"a b", "", false},
		{"10.0.0.1", "0", false},
		{"10.0.0.1", "9-3", false},
		{"10.0.0.1", "70000", false},
		{"10.0.0.1", "http", false},
	} {
		if err := c.CheckEntry(account.AllowEntry{Target: tc.target, Ports: tc.ports}); (err == nil) != tc.ok {
			t.Errorf("%s %q: %v", tc.target, tc.ports, err)
		}
	}
	started := New(Options{AllowOutbound: loopbackOnly})
	if err := started.CheckEntry(account.AllowEntry{Target: "127.0.0.1"}); err != nil {
		t.Errorf("with the start flag: %v", err)
	}
}

func TestTheSandboxIsOpenOnlyAtItsAddressAndOnlyWithAnEntry(t *testing.T) {
	t.Parallel()
	url, hits := vendor(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") })
	other, _ := vendor(t, func(http.ResponseWriter, *http.Request) { t.Error("the other port was called") })
	at := netip.MustParseAddrPort(strings.TrimPrefix(url, "http://"))
	entry := []account.AllowEntry{{Target: "127.0.0.1", Ports: strconv.Itoa(int(at.Port()))}}
	c := New(Options{})
	_, f := c.Do(t.Context(), get(url), Policy{CustomerID: "a", Allow: entry})
	mustFail(t, f, run.BlockedAddress)
	c.SetSandbox(at)
	if _, f := c.Do(t.Context(), get(url), Policy{CustomerID: "a", Allow: entry}); f != nil {
		t.Errorf("the sandbox is blocked: %+v", f)
	}
	_, f = c.Do(t.Context(), get(url), Policy{CustomerID: "b"})
	mustFail(t, f, run.BlockedAddress)
	if f.Subject != at.String() {
		t.Errorf("subject = %q", f.Subject)
	}
	_, f = c.Do(t.Context(), get(other), Policy{CustomerID: "a", Allow: []account.AllowEntry{{Target: "127.0.0.1"}}})
	mustFail(t, f, run.BlockedAddress)
	if hits.Load() != 1 {
		t.Errorf("hits = %d", hits.Load())
	}
}

func TestOwnListenersAreNeverCalled(t *testing.T) {
	t.Parallel()
	url, hits := vendor(t, func(http.ResponseWriter, *http.Request) {})
	at := netip.MustParseAddrPort(strings.TrimPrefix(url, "http://"))
	for _, own := range []netip.AddrPort{at, netip.AddrPortFrom(netip.IPv4Unspecified(), at.Port()), netip.AddrPortFrom(netip.IPv6Unspecified(), at.Port())} {
		c := New(Options{AllowOutbound: loopbackOnly, Own: func() []netip.AddrPort { return []netip.AddrPort{own} }})
		_, f := c.Do(t.Context(), get(url), Policy{})
		mustFail(t, f, run.BlockedAddress)
	}
	if hits.Load() != 0 {
		t.Errorf("hits = %d", hits.Load())
	}
}

func TestPlainHTTPToAPublicAddressNeedsTheSwitch(t *testing.T) {
	t.Parallel()
	c := New(Options{Resolver: &zone{answers: map[string][][]string{"a.test": {{"93.184.216.34"}}}}})
	f := c.Check(t.Context(), "http://a.test/", Policy{})
	mustFail(t, f, run.BlockedAddress)
	if f.Subject != "" || !strings.Contains(f.Summary, "plain http") {
		t.Errorf("%+v", f)
	}
	for _, p := range []struct {
		url    string
		policy Policy
	}{
		{"http://a.test/", Policy{AllowHTTP: true}},
		{"https://a.test/", Policy{}},
		{"http://10.0.0.1/", Policy{Allow: []account.AllowEntry{{Target: "10.0.0.1"}}}},
	} {
		if f := c.Check(t.Context(), p.url, p.policy); f != nil {
			t.Errorf("%s: %+v", p.url, f)
		}
	}
}

func TestAConnectionIsReusedForTheSamePolicyOnly(t *testing.T) {
	t.Parallel()
	url, _ := vendor(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") })
	c := onLoopback(t)
	reused := func(p Policy) bool {
		x, f := c.Do(t.Context(), get(url), p)
		if f != nil {
			t.Fatal(f)
		}
		return x.Timings.Reused
	}
	if reused(Policy{CustomerID: "a"}) {
		t.Error("the first connection is reused")
	}
	if !reused(Policy{CustomerID: "a"}) {
		t.Error("the same customer's connection is not reused")
	}
	if reused(Policy{CustomerID: "b"}) {
		t.Error("another customer got the connection")
	}
	if reused(Policy{CustomerID: "a", Allow: []account.AllowEntry{{Target: "10.0.0.0/8"}}}) {
		t.Error("the connection outlived a change of the entries")
	}
}

func TestAReusedConnectionIsJudgedAgain(t *testing.T) {
	t.Parallel()
	url, hits := vendor(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") })
	at := netip.MustParseAddrPort(strings.TrimPrefix(url, "http://"))
	var own atomic.Pointer[[]netip.AddrPort]
	own.Store(&[]netip.AddrPort{})
	zone := &zone{answers: map[string][][]string{"v.test": {{"127.0.0.1"}}}}
	c := New(Options{AllowOutbound: loopbackOnly, Resolver: zone, Own: func() []netip.AddrPort { return *own.Load() }})
	named := fmt.Sprintf("http://v.test:%d/", at.Port())
	if _, f := c.Do(t.Context(), get(named), Policy{}); f != nil {
		t.Fatal(f)
	}
	own.Store(&[]netip.AddrPort{at})
	_, f := c.Do(t.Context(), run.Request{Method: "POST", URL: named, Body: []byte("secret")}, Policy{Unsafe: true})
	mustFail(t, f, run.BlockedAddress)
	if hits.Load() != 1 {
		t.Errorf("hits = %d", hits.Load())
	}
}

func TestAllAnswersOfANameAreTried(t *testing.T) {
	t.Parallel()
	url, _ := vendor(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") })
	at := netip.MustParseAddrPort(strings.TrimPrefix(url, "http://"))
	zone := &zone{answers: map[string][][]string{"v.test": {{"127.0.0.99", "127.0.0.98", "127.0.0.1"}}}}
	c := New(Options{AllowOutbound: loopbackOnly, Resolver: zone})
	x, f := c.Do(t.Context(), get(fmt.Sprintf("http://v.test:%d/", at.Port())), Policy{})
	if f != nil || x.Peer != at.String() {
		t.Errorf("%+v, peer %s", f, x.Peer)
	}
}

// slow is a resolver that answers when its caller gives up.
type slow struct{}

func (slow) LookupNetIP(ctx context.Context, _, host string) ([]netip.Addr, error) {
	<-ctx.Done()
	return nil, &net.DNSError{Err: "timeout", Name: host, IsTimeout: true}
}

func TestASilentNameServerEndsInTime(t *testing.T) {
	t.Parallel()
	c := New(Options{Resolver: slow{}})
	_, f := c.Do(t.Context(), get("https://a.test/"), Policy{Connect: 50e6})
	if f == nil || f.Cause != run.DNS && f.Cause != run.ConnectTimeout {
		t.Errorf("%+v", f)
	}
}
