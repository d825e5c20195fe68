package db_test

import (
	"context"
	"math/rand/v2"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"tieline/db"
	"tieline/db/dbtest"
	"tieline/internal/id"
)

// BenchmarkGroup stores whole runs from 64 callers at once, each answered after its commit.
func BenchmarkGroup(b *testing.B) {
	for _, engine := range []string{db.SQLite, db.PostgreSQL} {
		b.Run(engine, func(b *testing.B) {
			d := dbtest.Open(b, engine)
			f := dbtest.NewFleet(b, d, 10)
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
					x := f.Run(r, time.Now())
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
	f := dbtest.NewFleet(b, d, 1)
	x := f.Run(rand.New(rand.NewPCG(1, 1)), time.Now())
	x.Attempts[0].Exchanges[0].Response.Body = []byte(`{"results":[{"id":"51","properties":{"email":"lead@example.test","phone":"+15551234567"}}]}`)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := db.PackRun(x); err != nil {
			b.Fatal(err)
		}
	}
}
