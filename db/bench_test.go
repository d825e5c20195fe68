package db_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"tieline/db"
	"tieline/db/dbtest"
	"tieline/internal/account"
	"tieline/internal/id"
	"tieline/internal/integration"
	"tieline/internal/run"
)

// fleet is what the runs of a benchmark belong to: customers, each with its integrators.
type fleet struct {
	in        []db.StoredIntegration
	customers []account.Customer
	use       [][]integration.Integrator // customer, integration
	endpoints [][2]string                // integration, endpoint
}

func newFleet(b testing.TB, d *db.DB, customers int) *fleet {
	b.Helper()
	f := &fleet{}
	for _, name := range []string{"hubspot", "autotask", "messages"} {
		in := dbtest.Integration(b, d, name)
		f.in = append(f.in, in)
		var ids [2]string
		for k, e := range in.Document.Endpoints {
			endpointID, err := d.EndpointID(b.Context(), everything, in.ID, e.Name)
			if err != nil {
				b.Fatal(err)
			}
			ids[k] = endpointID
		}
		f.endpoints = append(f.endpoints, ids)
	}
	for n := range customers {
		c := dbtest.Customer(b, d, fmt.Sprintf("customer-%02d", n))
		f.customers = append(f.customers, c)
		var list []integration.Integrator
		for _, in := range f.in {
			list = append(list, dbtest.Integrator(b, d, in, c))
		}
		f.use = append(f.use, list)
	}
	return f
}

// run is a plausible run at a moment: most succeed, some fail for one of a few causes.
func (f *fleet) run(r *rand.Rand, at time.Time) run.Run {
	c, i, e := r.IntN(len(f.customers)), r.IntN(len(f.in)), r.IntN(2)
	in, customer, g := f.in[i], f.customers[c], f.use[c][i]
	result := strconv.Itoa(100_000 + r.IntN(900_000))
	phone := fmt.Sprintf("+1555%07d", r.IntN(10_000_000))
	x := run.Run{
		ID: id.At(at), Status: run.Succeeded, Result: &result, IntegrationID: in.ID, Integration: in.Document.Name,
		Revision: in.Revision, EndpointID: f.endpoints[i][e], Endpoint: in.Document.Endpoints[e].Name, Method: "GET",
		IntegratorID: g.ID, IntegratorVersion: 1, Integrator: g.Label, CustomerID: customer.ID, Customer: customer.Slug,
		Trigger: "call", Key: phone, RecordType: "lead", RecordID: strconv.Itoa(r.IntN(10_000_000)), HTTPStatus: 200,
		Duration: time.Duration(20+r.IntN(300)) * time.Millisecond, CreatedBy: "dialler", CreatedAt: at, FinishedAt: at,
		Attempts: []run.Attempt{{Number: 1, StartedAt: at, Exchanges: []run.Exchange{{
			Page: 1, StartedAt: at, Peer: "192.0.2.10:443",
			Request:  run.Request{Method: "GET", URL: "https://crm.example/contacts?phone=" + phone[1:], Headers: []run.Header{{Name: "Accept", Value: "application/json"}}},
			Response: &run.Response{Status: 200, Headers: []run.Header{{Name: "Content-Type", Value: "application/json"}}, Size: 1024, Complete: true},
		}}}},
		Tokens: []run.TokenUse{{Name: "phone_number", Value: phone, Source: "event", Where: "url"}},
	}
	if r.IntN(20) == 0 {
		causes := []run.Cause{run.HTTPStatus, run.ReadTimeout, run.LoginPage, run.KeyMissing, run.Unauthorized}
		x.Status, x.Result = run.Failed, nil
		x.Failure = &run.Failure{Cause: causes[r.IntN(len(causes))], Summary: "the third party answered 500"}
	}
	return x
}

// fill stores n runs spread over the last 30 days, oldest first, as a server would have done.
func (f *fleet) fill(b testing.TB, d *db.DB, n int) {
	b.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	start := time.Now().Add(-30 * 24 * time.Hour)
	step := 30 * 24 * time.Hour / time.Duration(n)
	const batch = 2000
	for from := 0; from < n; from += batch {
		packed := make([]db.PackedRun, 0, batch)
		for k := from; k < min(from+batch, n); k++ {
			x := f.run(r, start.Add(time.Duration(k)*step))
			if k%(n/20) == 7 { // as many in every benchmark: what is asked for does not grow with the log
				x.RecordID = "needle500"
			}
			p, err := db.PackRun(x)
			if err != nil {
				b.Fatal(err)
			}
			packed = append(packed, p)
		}
		err := d.Tx(b.Context(), func(tx *db.Tx) error {
			for _, p := range packed {
				if err := tx.InsertRun(b.Context(), p); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

// questions are what the Logs page asks; each has a full page of answers, or as many answers, in both logs.
func questions(f *fleet, now time.Time) []struct {
	name   string
	scope  account.Scope
	filter db.RunFilter
} {
	c := f.customers[len(f.customers)/2]
	return []struct {
		name   string
		scope  account.Scope
		filter db.RunFilter
	}{
		{"first page", everything, db.RunFilter{}},
		{"customer", everything, db.RunFilter{CustomerID: c.ID}},
		{"customer+status+time", everything, db.RunFilter{CustomerID: c.ID, Status: []run.Status{run.Succeeded}, From: now.Add(-20 * 24 * time.Hour), To: now.Add(-5 * 24 * time.Hour)}},
		{"endpoint", everything, db.RunFilter{EndpointID: f.endpoints[0][0]}},
		{"cause", everything, db.RunFilter{Cause: []run.Cause{run.LoginPage}}},
		{"text, rare word", everything, db.RunFilter{Text: "needle500"}},
		{"text, common word", everything, db.RunFilter{Text: "hubspot"}},
		{"text, prefix", everything, db.RunFilter{Text: "needle50"}},
		{"text, common word, one customer", account.Only(c.ID), db.RunFilter{Text: "hubspot"}},
	}
}

// median answers a question several times and gives the middle duration.
func median(b testing.TB, d *db.DB, scope account.Scope, filter db.RunFilter) time.Duration {
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

// BenchmarkLogs compares what the Logs page asks over many runs (TIELINE_BENCH_RUNS, 1,000,000) with the same over
// 10,000, and reports each as a ratio.
func BenchmarkLogs(b *testing.B) {
	many := 1_000_000
	if n, err := strconv.Atoi(os.Getenv("TIELINE_BENCH_RUNS")); err == nil {
		many = n
	}
	for _, engine := range []string{db.SQLite, db.PostgreSQL} {
		b.Run(engine, func(b *testing.B) {
			small, large := dbtest.Open(b, engine), dbtest.Open(b, engine)
			few := newFleet(b, small, 50)
			few.fill(b, small, 10_000)
			lots := newFleet(b, large, 50)
			start := time.Now()
			lots.fill(b, large, many)
			b.Logf("%s: %d runs made in %s", engine, many, time.Since(start).Round(time.Second))
			dbtest.Analyze(b, small)
			dbtest.Analyze(b, large)
			now := time.Now()
			of := questions(few, now)
			for i, q := range questions(lots, now) {
				b.Run(q.name, func(b *testing.B) {
					var one, other time.Duration
					for b.Loop() {
						one, other = median(b, small, of[i].scope, of[i].filter), median(b, large, q.scope, q.filter)
					}
					b.ReportMetric(float64(one.Microseconds()), "µs/10k")
					b.ReportMetric(float64(other.Microseconds()), "µs/all")
					b.ReportMetric(float64(other)/float64(one), "ratio")
				})
			}
		})
	}
}

// BenchmarkGroup stores whole runs from 64 callers at once, each answered after its commit.
func BenchmarkGroup(b *testing.B) {
	for _, engine := range []string{db.SQLite, db.PostgreSQL} {
		b.Run(engine, func(b *testing.B) {
			d := dbtest.Open(b, engine)
			f := newFleet(b, d, 10)
			var seed atomic.Uint64
			body := make([]byte, 1024)
			for i := range body {
				body[i] = byte('a' + i%23)
			}
			b.SetParallelism(max(1, 64/runtime.GOMAXPROCS(0)))
			b.ResetTimer()
			start := time.Now()
			b.RunParallel(func(pb *testing.PB) {
				r := rand.New(rand.NewPCG(seed.Add(1), 7))
				for pb.Next() {
					x := f.run(r, time.Now())
					x.ID = id.New()
					x.Attempts[0].Exchanges[0].Response.Body = body
					p, err := db.PackRun(x)
					if err != nil {
						b.Error(err)
						return
					}
					ctx := context.Background()
					if err := d.Group(ctx, func(tx *db.Tx) error { return tx.InsertRun(ctx, p) }); err != nil {
						b.Error(err)
						return
					}
				}
			})
			b.ReportMetric(float64(b.N)/time.Since(start).Seconds(), "runs/s")
		})
	}
}

func BenchmarkPackRun(b *testing.B) {
	d := dbtest.Open(b, db.SQLite)
	f := newFleet(b, d, 1)
	x := f.run(rand.New(rand.NewPCG(1, 1)), time.Now())
	x.Attempts[0].Exchanges[0].Response.Body = []byte(`{"results":[{"id":"51","properties":{"email":"lead@example.test","phone":"+15551234567"}}]}`)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := db.PackRun(x); err != nil {
			b.Fatal(err)
		}
	}
}
