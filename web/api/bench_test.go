package api_test

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"tieline/db"
	"tieline/db/dbtest"
	"tieline/internal/account"
)

// BenchmarkCallByName is a call with its run stored, from many connections; BenchmarkBareProxy the same vendor
// behind a reverse proxy that keeps nothing. Their ratio is what counts.
func BenchmarkCallByName(b *testing.B) {
	p := newPortal(b, dbtest.Open(b, db.SQLite))
	s := p.scene(b)
	body := `{"customer":"` + s.customer + `","tokens":{"phone_number":"+15551234567"}}`
	hammer(b, p.URL+"/api/v1"+s.path("find")+"/call", body, "Bearer "+p.keys[account.Builder])
}

func BenchmarkBareProxy(b *testing.B) {
	p := &portal{}
	p.vendor = httptest.NewServer(http.HandlerFunc(p.serveVendor))
	b.Cleanup(p.vendor.Close)
	to, err := url.Parse(p.vendor.URL)
	must(b, err)
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to) }, Transport: &http.Transport{MaxIdleConnsPerHost: 128}}
	server := httptest.NewServer(proxy)
	b.Cleanup(server.Close)
	hammer(b, server.URL+"/contacts", `{"customer":"acme","tokens":{"phone_number":"+15551234567"}}`, "Bearer x")
}

// hammer posts from 64 connections.
func hammer(b *testing.B, address, body, authorization string) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	b.Cleanup(client.CloseIdleConnections)
	b.SetParallelism(32)
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			r, err := http.NewRequestWithContext(b.Context(), http.MethodPost, address, strings.NewReader(body))
			if err != nil {
				b.Error(err)
				return
			}
			r.Header.Set("Authorization", authorization)
			res, err := client.Do(r)
			if err != nil {
				b.Error(err)
				return
			}
			buffer := make([]byte, 4096)
			n, _ := res.Body.Read(buffer)
			_ = res.Body.Close()
			if res.StatusCode != http.StatusOK || n == 0 {
				b.Errorf("status %d: %s", res.StatusCode, buffer[:n])
				return
			}
		}
	})
}
