package web

import (
	"context"
	"crypto/subtle"
	"net/http"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"tieline/db"
	"tieline/internal/executor"
	"tieline/internal/run"
	"tieline/internal/secret"
)

// Metrics counts what the process does, in the text format of Prometheus. It is safe for concurrent use.
type Metrics struct {
	registry *prometheus.Registry
	runs     *prometheus.CounterVec
	duration *prometheus.HistogramVec
}

// NewMetrics makes the counters of one process. d may be nil: then the database's size is left out.
func NewMetrics(d *db.DB, version string) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		runs: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tieline_runs_total", Help: "Runs that are over, by status and, where they did not succeed, cause.",
		}, []string{"status", "cause"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "tieline_run_duration_seconds", Help: "How long runs took, from the call to its answer.",
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 120},
		}, []string{"status"}),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "tieline_build_info", Help: "Always 1; the version is in the label.", ConstLabels: prometheus.Labels{"version": version},
	})
	build.Set(1)
	m.registry.MustRegister(m.runs, m.duration, build, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	if d != nil {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "tieline_database_bytes", Help: "Size of the database.",
		}, func() float64 {
			size, err := d.Size(context.Background())
			if err != nil {
				return -1
			}
			return float64(size.Bytes)
		}))
	}
	return m
}

// Recording counts the runs that pass through to the next recorder.
func (m *Metrics) Recording(next executor.Recorder) executor.Recorder { return counted{m, next} }

type counted struct {
	metrics *Metrics
	next    executor.Recorder
}

// Start passes a run on; it is counted when it is over.
func (c counted) Start(ctx context.Context, r run.Run) error { return c.next.Start(ctx, r) }

// Finish passes a run on and counts it.
func (c counted) Finish(ctx context.Context, r run.Run) error {
	cause := ""
	if r.Failure != nil {
		cause = string(r.Failure.Cause)
	}
	c.metrics.runs.WithLabelValues(string(r.Status), cause).Inc()
	c.metrics.duration.WithLabelValues(string(r.Status)).Observe(r.Duration.Seconds())
	return c.next.Finish(ctx, r)
}

// Handler serves the figures to everybody; it is for an address of its own.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// Guarded serves the figures to whoever presents the token as a bearer token; without a token there is no such
// page.
func (m *Metrics) Guarded(token secret.Text) http.Handler {
	next := m.Handler()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if token.Empty() {
			http.NotFound(w, r)
			return
		}
		presented, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if subtle.ConstantTimeCompare([]byte(presented), []byte(token.Reveal())) != 1 {
			w.Header().Set("WWW-Authenticate", "Bearer")
			http.Error(w, "the metrics token is needed", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}
