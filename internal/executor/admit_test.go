package executor

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tieline/internal/integration"
	"tieline/internal/outbound"
	"tieline/internal/run"
)

func TestARateIsSharedByAllThatIsTheSameAtTheVendor(t *testing.T) {
	t.Parallel()
	b := newBench(t, outbound.Options{})
	host, hits := vendor(t, func(http.ResponseWriter, *http.Request) {})
	job := func(integrator, endpoint, key string) Job {
		j := b.job(t, host, integration.Endpoint{Name: endpoint, URL: "/"})
		j.Integrator.ID = integrator
		j.Integrator.Policy = integration.Policy{RatePerMin: 2, TimeoutS: 1}
		j.Integrator.Auth = integration.Auth{Kind: "bearer"}
		b.seal(t, &j, "auth.token", key)
		return j
	}
	mustCause(t, b.run(t, job("i1", "one", "key-of-acme-1234")), run.Succeeded, "")
	mustCause(t, b.run(t, job("i2", "two", "key-of-acme-1234")), run.Succeeded, "")
	got := b.run(t, job("i1", "two", "key-of-acme-1234"))
	mustCause(t, got, run.Failed, run.RateLimited)
	if hits.Load() != 2 || len(exchanges(got)) != 0 || !strings.Contains(got.Failure.Summary, "at most 2 requests") || !strings.Contains(got.Failure.Hint, "Nothing was sent") {
		t.Errorf("%d requests, %+v", hits.Load(), got.Failure)
	}
	mustCause(t, b.run(t, job("i3", "one", "key-of-other-999")), run.Succeeded, "")
}

func TestAnEndpointCanOnlyAskForLess(t *testing.T) {
	t.Parallel()
	b := newBench(t, outbound.Options{})
	host, hits := vendor(t, func(http.ResponseWriter, *http.Request) {})
	job := func(endpoint string, own, shared int) Job {
		j := b.job(t, host, integration.Endpoint{Name: endpoint, URL: "/", Policy: &integration.Policy{RatePerMin: own}})
		j.Integrator.Policy = integration.Policy{RatePerMin: shared, TimeoutS: 1}
		return j
	}
	mustCause(t, b.run(t, job("slow", 1, 3)), run.Succeeded, "")
	mustCause(t, b.run(t, job("slow", 1, 3)), run.Failed, run.RateLimited)
	mustCause(t, b.run(t, job("fast", 100, 3)), run.Succeeded, "")
	mustCause(t, b.run(t, job("fast", 100, 3)), run.Succeeded, "")
	mustCause(t, b.run(t, job("fast", 100, 3)), run.Failed, run.RateLimited)
	if hits.Load() != 3 {
		t.Errorf("%d requests", hits.Load())
	}
}

func TestOnlySoManyRequestsAreUnderWay(t *testing.T) {
	t.Parallel()
	b := newBench(t, outbound.Options{})
	var now, most, waited atomic.Int64
	host, hits := vendor(t, func(w http.ResponseWriter, _ *http.Request) {
		if n := now.Add(1); n > most.Load() {
			most.Store(n)
		}
		time.Sleep(20 * time.Millisecond)
		now.Add(-1)
		_, _ = io.WriteString(w, "{}")
	})
	j := b.job(t, host, integration.Endpoint{URL: "/"})
	j.Integrator.Policy.Concurrency = 3
	var all sync.WaitGroup
	for range 12 {
		all.Go(func() {
			got := b.run(t, j)
			mustCause(t, got, run.Succeeded, "")
			for _, wait := range exchanges(got)[0].Waits {
				if wait.Why == "at most 3 at a time" && wait.For > 0 {
					waited.Add(1)
				}
			}
		})
	}
	all.Wait()
	if hits.Load() != 12 || most.Load() > 3 || waited.Load() == 0 {
		t.Errorf("%d requests, %d at a time (want at most 3), %d say that they waited", hits.Load(), most.Load(), waited.Load())
	}
}

func TestAVendorThatIsDownIsLeftAloneUntilItIsBack(t *testing.T) {
	t.Parallel()
	b := newBench(t, outbound.Options{})
	var down atomic.Bool
	host, hits := vendor(t, func(w http.ResponseWriter, _ *http.Request) {
		if down.Load() {
			w.WriteHeader(http.StatusBadGateway)
		}
	})
	j := b.job(t, host, integration.Endpoint{URL: "/"})
	down.Store(true)
	for range 10 {
		mustCause(t, b.run(t, j), run.Failed, run.HTTPStatus)
	}
	got := b.run(t, j)
	mustCause(t, got, run.Failed, run.BreakerOpen)
	if hits.Load() != 10 || len(exchanges(got)) != 0 || !strings.Contains(got.Failure.Evidence, "10 requests in a row failed") || !strings.Contains(got.Failure.Evidence, "HTTP 502") {
		t.Errorf("%d requests, %+v", hits.Load(), got.Failure)
	}
	other := j
	other.Integrator.ID = "i2"
	mustCause(t, b.run(t, other), run.Failed, run.HTTPStatus)
	if list := b.e.Breakers("i1"); len(list) != 1 || !list[0].Open() || list[0].Host != host {
		t.Errorf("breakers = %+v", list)
	}
	down.Store(false)
	test := j
	test.Run.Test = true
	mustCause(t, b.run(t, test), run.Succeeded, "") // a person tries, and it works again
	mustCause(t, b.run(t, j), run.Succeeded, "")
	b.e.SetBreaker("i1", host, true)
	mustCause(t, b.run(t, test), run.Failed, run.BreakerOpen)
	b.e.SetBreaker("i1", host, false)
	mustCause(t, b.run(t, j), run.Succeeded, "")
}

func TestAVendorThatSaysNoIsNotDown(t *testing.T) {
	t.Parallel()
	b := newBench(t, outbound.Options{})
	host, hits := vendor(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTooManyRequests) })
	for range 15 {
		mustCause(t, b.run(t, b.job(t, host, integration.Endpoint{URL: "/"})), run.Failed, run.RateLimited)
	}
	if hits.Load() != 15 || len(b.e.Breakers("i1")) != 0 {
		t.Errorf("%d requests, breakers %+v", hits.Load(), b.e.Breakers("i1"))
	}
}
