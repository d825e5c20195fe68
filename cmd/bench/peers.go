package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"time"
)

// answer is about 1 KB of JSON, as a CRM would give it.
var answer = []byte(`{"id":"88231","object":"contact","properties":{"firstname":"Test","lastname":"Contact","phone":"+15551234567","note":"` +
	strings.Repeat("lorem ipsum dolor ", 46) + `"},"createdAt":"2026-01-01T00:00:00Z","archived":false}`)

// document is 200 KB that begin and end as a PDF does.
var document = append(append([]byte("%PDF-1.7\n"), bytes.Repeat([]byte("0123456789abcdef"), 12_800)...), "\n%%EOF\n"...)

// serveVendor answers every request at once: a document under /doc, JSON elsewhere.
func serveVendor(address string) error {
	return listen(address, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // an answer before the end of the body would close the connection
		if strings.HasPrefix(r.URL.Path, "/doc") {
			w.Header().Set("Content-Type", "application/pdf")
			_, _ = w.Write(document)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(answer)
	}))
}

// serveProxy is the bare reverse proxy, with enough idle connections for the load and no log.
func serveProxy(address, target string) error {
	u, err := url.Parse(target)
	if err != nil {
		return err
	}
	transport := &http.Transport{MaxIdleConns: 256, MaxIdleConnsPerHost: 256, IdleConnTimeout: time.Minute, DisableCompression: true}
	return listen(address, &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(u) },
		Transport: transport,
	})
}

func listen(address string, h http.Handler) error {
	server := &http.Server{Addr: address, Handler: h, ReadHeaderTimeout: 10 * time.Second}
	return server.ListenAndServe()
}
