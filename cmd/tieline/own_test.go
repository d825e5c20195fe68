package main

import (
	"net/netip"
	"testing"

	"tieline/internal/outbound"
)

func TestNoCallReachesTheFiguresOfThisProcess(t *testing.T) {
	t.Parallel()
	for listen, url := range map[string]string{
		"127.0.0.1:9090": "http://127.0.0.1:9090/metrics", ":9091": "http://127.0.0.1:9091/metrics",
		"localhost:9092": "http://[::1]:9092/metrics", "0.0.0.0:9093": "http://127.0.0.1:9093/metrics",
	} {
		out := outbound.New(outbound.Options{
			AllowOutbound: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")},
			Own:           func() []netip.AddrPort { return metricsAddress(listen) },
		})
		if f := out.Check(t.Context(), url, outbound.Policy{}); f == nil || f.Cause != "blocked_address" || f.Subject != "" {
			t.Errorf("with --metrics-listen %s, %s gives %+v", listen, url, f)
		}
		if f := out.Check(t.Context(), "http://127.0.0.1:9999/", outbound.Policy{}); f != nil {
			t.Errorf("another port of this machine gives %+v", f)
		}
		out.Close()
	}
	if metricsAddress("") != nil {
		t.Error("there is an address where nothing is served")
	}
}
