package outbound

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

func stub(b *testing.B) string {
	b.Helper()
	body := bytes.Repeat([]byte(`{"id":"1","name":"x"},`), 45)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(body)
	}))
	b.Cleanup(s.Close)
	return s.URL
}

// BenchmarkDo is one call on a warm connection; BenchmarkPlain is the same with a bare http.Client. Their
// difference is what the guard, the capture and the hash cost.
func BenchmarkDo(b *testing.B) {
	url := stub(b)
	c := New(Options{AllowOutbound: loopbackOnly})
	b.ReportAllocs()
	for b.Loop() {
		if _, f := c.Do(b.Context(), get(url), Policy{}); f != nil {
			b.Fatal(f)
		}
	}
}

func BenchmarkPlain(b *testing.B) {
	url := stub(b)
	c := &http.Client{Transport: &http.Transport{}}
	b.ReportAllocs()
	for b.Loop() {
		req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, url, nil)
		if err != nil {
			b.Fatal(err)
		}
		resp, err := c.Do(req)
		if err != nil {
			b.Fatal(err)
		}
		_, _ = io.ReadAll(resp.Body)
		_ = resp.Body.Close()
	}
}
