package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tieline/db"
	"tieline/db/dbtest"
	"tieline/internal/account"
	noun "tieline/internal/run"
)

// questions are what the Logs page asks; each has a full page of answers, or as many answers, in both logs.
func questions(f *dbtest.Fleet, now time.Time) []struct {
	name   string
	scope  account.Scope
	filter db.RunFilter
} {
	c := f.Customers[len(f.Customers)/2]
	everything := account.Everything()
	return []struct {
		name   string
		scope  account.Scope
		filter db.RunFilter
	}{
		{"first page", everything, db.RunFilter{}},
		{"customer", everything, db.RunFilter{CustomerID: c.ID}},
		{"customer+status+time", everything, db.RunFilter{CustomerID: c.ID, Status: []noun.Status{noun.Succeeded}, From: now.Add(-20 * 24 * time.Hour), To: now.Add(-5 * 24 * time.Hour)}},
		{"endpoint", everything, db.RunFilter{EndpointID: f.Endpoints[0][0]}},
		{"cause", everything, db.RunFilter{Cause: []noun.Cause{noun.LoginPage}}},
		{"text, rare word", everything, db.RunFilter{Text: dbtest.Needle}},
		{"text, common word", everything, db.RunFilter{Text: "hubspot"}},
		{"text, prefix", everything, db.RunFilter{Text: dbtest.Needle[:8]}},
		{"text, common word, one customer", account.Only(c.ID), db.RunFilter{Text: "hubspot"}},
	}
}

// medianOf answers a question several times and gives the middle duration.
func medianOf(b testing.TB, d *db.DB, scope account.Scope, filter db.RunFilter) time.Duration {
	b.Helper()
	const times = 41
	took := make([]time.Duration, times)
	for i := range took {
		start := time.Now()
		list, _, err := d.Runs(b.Context(), scope, filter)
		took[i] = time.Since(start)
		if err != nil || len(list) == 0 {
			b.Fatalf("%d runs, %v", len(list), err)
		}
	}
	slices.Sort(took)
	return took[times/2]
}

// BenchmarkMany compares what the Logs page asks over many runs (TIELINE_BENCH_RUNS, 1,000,000) with the same over
// 10,000, each as a ratio, and says how long the program takes over those runs from its start to its first answer.
func BenchmarkMany(b *testing.B) {
	many := 1_000_000
	if n, err := strconv.Atoi(os.Getenv("TIELINE_BENCH_RUNS")); err == nil {
		many = n
	}
	for _, engine := range []string{db.SQLite, db.PostgreSQL} {
		b.Run(engine, func(b *testing.B) {
			small, _, few := filled(b, engine, 10_000)
			large, address, lots := filled(b, engine, many)
			b.Run("start", func(b *testing.B) { benchmarkStart(b, address) })
			now := time.Now()
			of := questions(few, now)
			for i, q := range questions(lots, now) {
				b.Run(q.name, func(b *testing.B) {
					var one, other time.Duration
					for b.Loop() {
						one, other = medianOf(b, small, of[i].scope, of[i].filter), medianOf(b, large, q.scope, q.filter)
					}
					b.ReportMetric(float64(one.Microseconds()), "µs/10k")
					b.ReportMetric(float64(other.Microseconds()), "µs/all")
					b.ReportMetric(float64(other)/float64(one), "ratio")
				})
			}
		})
	}
}

// filled is a database with n runs, and its address.
func filled(b *testing.B, engine string, n int) (*db.DB, string, *dbtest.Fleet) {
	b.Helper()
	address := dbtest.URL(b, engine)
	d, err := db.Open(b.Context(), db.Options{URL: address})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = d.Close() })
	start := time.Now()
	f := dbtest.NewFleet(b, d, 50)
	f.Fill(b, d, n)
	dbtest.Analyze(b, d)
	b.Logf("%s: %d runs made in %s", engine, n, time.Since(start).Round(time.Second))
	return d, address, f
}

// benchmarkStart starts the program over a database and asks for the newest run: the best of three, since what is
// measured is the program and not what else the machine does.
func benchmarkStart(b *testing.B, address string) {
	dir, database := filepath.Join(b.TempDir(), "data"), address
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok {
		dir, database = filepath.Dir(path), db.SQLite
	}
	first, err := launch(dir, nil, "--database", database)
	if err != nil {
		b.Fatal(err)
	}
	key, err := first.tool("apikey", "create", "--name", "bench", "--role", "auditor", "--database", database)
	if err := errors.Join(err, first.stop()); err != nil {
		b.Fatal(err)
	}
	best := time.Hour
	for b.Loop() {
		for range 3 {
			begin := time.Now()
			s, err := launch(dir, nil, "--database", database)
			if err != nil {
				b.Fatal(err)
			}
			got, err := s.ask("GET", "/api/v1/runs?limit=1", key, nil)
			took := time.Since(begin)
			if err := errors.Join(err, s.stop()); err != nil || !bytes.Contains(got.body, []byte("+1555")) {
				b.Fatalf("status %d, %v: %s", got.status, err, got.body)
			}
			best = min(best, took)
		}
	}
	b.ReportMetric(float64(best.Milliseconds()), "ms/start")
}
