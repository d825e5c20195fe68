package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"tieline/internal/config"
)

// BenchmarkCallByName is the whole way of a call by name inside one process: HTTP in, HTTP out to a vendor on
// loopback, the run stored before the answer. It is for profiles; make bench measures against a bare proxy.
func BenchmarkCallByName(b *testing.B) {
	vendor := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"id":"88231","note":"`+strings.Repeat("lorem ipsum dolor ", 50)+`"}`)
	}))
	b.Cleanup(vendor.Close)
	s := inProcess(b)
	ask := func(method, path, body string) {
		b.Helper()
		if status, text := s.send(b, method, path, body); status >= 300 {
			b.Fatalf("%s %s: %d %s", method, path, status, text)
		}
	}
	host := strings.TrimPrefix(vendor.URL, "http://")
	ask("POST", "/api/v1/customers", `{"slug":"acme","name":"Acme"}`)
	ask("PUT", "/api/v1/integrations/bench", `{"name":"bench","parameters":[{"name":"ApiKey","in":"header","secret":true,"required":true}],"endpoints":[
		{"name":"relay","type":"PostData","method":"POST","repeat":"safe","url":"/contacts/{{record_id}}","query":[{"name":"phone","value":"{{phone_number}}"}],
		"headers":[{"name":"Accept","value":"application/json"}],"params":["ApiKey"],"body":{"kind":"json","content":"{\"phone\":\"{{phone_number}}\",\"name\":\"{{input.name}}\",\"seconds\":{{input.seconds}}}"},
		"response":{"type":"json","key":"id"}}]}`)
	ask("POST", "/api/v1/integrations/bench/integrators", `{"customer":"acme","host":"`+host+`","base_url":"http://`+host+`","auth":{"kind":"bearer","token":"a-bearer-token-of-the-bench"},"fields":{"ApiKey":"an-api-key-of-the-bench-0001"}}`)
	b.SetParallelism(32)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			status, text := s.send(b, "POST", "/api/v1/integrations/bench/endpoints/relay/call",
				`{"customer":"acme","tokens":{"phone_number":"+15551234567","record_id":"1234567"},"input":{"name":"Test Contact","seconds":73}}`)
			if status != 200 || !strings.Contains(text, "88231") {
				b.Errorf("%d %s", status, text)
				return
			}
		}
	})
}

// local is the whole program inside this process, without a listener of its own.
type local struct {
	handler http.Handler
	key     string
}

func inProcess(b *testing.B) *local {
	b.Helper()
	common := config.Common{DataDir: b.TempDir() + "/data", Database: "sqlite", LogLevel: "error", LogFormat: "json"}
	serve := config.Serve{AllowOutbound: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
	w := &world{ctx: b.Context(), stdin: http.NoBody, stdout: io.Discard, stderr: io.Discard}
	c, err := openCore(w, common, serve, func() []netip.AddrPort { return nil }, nil)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = c.close() })
	handler, err := (&serveCommand{Common: common, Serve: serve}).handler(c)
	if err != nil {
		b.Fatal(err)
	}
	var out bytes.Buffer
	w.stdout = &out
	if err := (&apiKeyCreate{Common: common, Name: "bench", Role: "owner"}).Run(w); err != nil {
		b.Fatal(err)
	}
	return &local{handler, strings.TrimSpace(out.String())}
}

func (l *local) send(b *testing.B, method, path, body string) (status int, text string) {
	b.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+l.key)
	w := httptest.NewRecorder()
	l.handler.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}
