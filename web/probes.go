package web

import (
	"context"
	"io"
	"net/http"
	"time"

	"tieline/db"
)

// Alive answers 200 as long as the process runs.
func Alive() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { probe(w, http.StatusOK, "ok") })
}

// Ready answers 200 when the database answers within 2 seconds, else 503.
func Ready(d *db.DB) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
		defer cancel()
		if err := d.Ping(ctx); err != nil {
			w.Header().Set("Retry-After", "5")
			probe(w, http.StatusServiceUnavailable, "the database does not answer")
			return
		}
		probe(w, http.StatusOK, "ready")
	})
}

func probe(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text+"\n")
}
