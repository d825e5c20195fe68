package executor

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"tieline/internal/integration"
	"tieline/internal/outbound"
	"tieline/internal/run"
)

// refusing is an address where nothing listens.
func refusing(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

func TestWhatMayBeRepeated(t *testing.T) {
	t.Parallel()
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
	}
	drop := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		_, _ = io.WriteString(w, "{")
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
	for name, tc := range map[string]struct {
		endpoint integration.Endpoint
		retries  int
		serve    http.HandlerFunc // nil: nothing listens
		attempts int
	}{
		"429":                    {integration.Endpoint{}, 2, status(429), 3},
		"408":                    {integration.Endpoint{}, 1, status(408), 2},
		"425":                    {integration.Endpoint{}, 1, status(425), 2},
		"500":                    {integration.Endpoint{}, 1, status(500), 2},
		"503":                    {integration.Endpoint{}, 1, status(503), 2},
		"a broken body":          {integration.Endpoint{}, 1, drop, 2},
		"404":                    {integration.Endpoint{}, 2, status(404), 1},
		"400":                    {integration.Endpoint{}, 2, status(400), 1},
		"a bad answer":           {integration.Endpoint{Response: integration.Response{Key: "a"}}, 2, func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, rows(0, 0, 0)) }, 1},
		"without retries":        {integration.Endpoint{}, 0, status(503), 1},
		"a POST":                 {integration.Endpoint{Method: "POST"}, 2, status(503), 1},
		"a POST, nothing sent":   {integration.Endpoint{Method: "POST"}, 2, nil, 3},
		"a POST that is safe":    {integration.Endpoint{Method: "POST", Repeat: "safe"}, 1, status(503), 2},
		"check_first":            {integration.Endpoint{Method: "POST", Repeat: "check_first", Lookup: "x"}, 2, status(503), 1},
		"a document":             {integration.Endpoint{Type: "Document"}, 3, status(503), 1},
		"a document, not sent":   {integration.Endpoint{Type: "Document"}, 3, nil, 2},
		"a login, nothing sent":  {integration.Endpoint{Type: "Login", URL: "/?t={{authToken | default:\"x\"}}"}, 3, nil, 2},
		"a document, no retries": {integration.Endpoint{Type: "Document"}, 0, nil, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, outbound.Options{})
			var host string
			if tc.serve == nil {
				host = refusing(t)
			} else {
				host, _ = vendor(t, tc.serve)
			}
			if tc.endpoint.URL == "" {
				tc.endpoint.URL = "/"
			}
			j := b.job(t, host, tc.endpoint)
			j.Integrator.Policy.Retries = tc.retries
			got := b.run(t, j)
			if len(got.Attempts) != tc.attempts {
				t.Fatalf("%d attempts, want %d (%+v)", len(got.Attempts), tc.attempts, got.Failure)
			}
			for i, a := range got.Attempts {
				if a.Number != i+1 || a.Failure == nil || len(a.Exchanges) != 1 || (len(a.Exchanges[0].Waits) == 1) != (i > 0) {
					t.Errorf("attempt %d = %+v", i, a)
				}
			}
		})
	}
}

func TestARepeatThatWorksIsASuccess(t *testing.T) {
	t.Parallel()
	b := newBench(t, outbound.Options{})
	var asked int
	host, _ := vendor(t, func(w http.ResponseWriter, _ *http.Request) {
		if asked++; asked < 3 {
			http.Error(w, "busy", http.StatusServiceUnavailable)
			return
		}
		_, _ = io.WriteString(w, `{"id":1}`)
	})
	j := b.job(t, host, integration.Endpoint{URL: "/", Policy: &integration.Policy{Retries: 2}})
	got := b.run(t, j)
	mustCause(t, got, run.Succeeded, "")
	if len(got.Attempts) != 3 || got.Attempts[0].Failure == nil || got.Attempts[1].Failure == nil || got.Attempts[2].Failure != nil || got.HTTPStatus != 200 {
		t.Errorf("attempts = %+v", got.Attempts)
	}
	if waits := got.Attempts[1].Exchanges[0].Waits; waits[0].For < firstPause/2 || waits[0].For > firstPause || waits[0].Why != "repeat 1 of 2" {
		t.Errorf("waits = %+v", waits)
	}
}

func TestAVendorThatAsksForAPauseGetsIt(t *testing.T) {
	t.Parallel()
	for name, header := range map[string][2]string{
		"seconds":                     {"Retry-After", "1"},
		"a date":                      {"Retry-After", "in two seconds"},
		"the vendor's own header":     {"X-Reset", "1"},
		"the vendor's own as seconds": {"x-reset", "1.0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, outbound.Options{})
			var first time.Time
			host, _ := vendor(t, func(w http.ResponseWriter, _ *http.Request) {
				if first.IsZero() {
					first = time.Now()
					value := strings.Replace(header[1], "in two seconds", first.UTC().Add(2*time.Second).Format(http.TimeFormat), 1)
					w.Header().Set(header[0], value)
					w.WriteHeader(http.StatusTooManyRequests)
				}
			})
			j := b.job(t, host, integration.Endpoint{URL: "/"})
			j.Integrator.Policy = integration.Policy{Retries: 1, ResetHeader: "X-Reset"}
			got := b.run(t, j)
			mustCause(t, got, run.Succeeded, "")
			wait := got.Attempts[1].Exchanges[0].Waits[0]
			if gone := time.Since(first); gone < 900*time.Millisecond || !strings.HasPrefix(strings.ToLower(wait.Why), strings.ToLower(header[0])) {
				t.Errorf("repeated after %v: %+v", gone, wait)
			}
		})
	}
}

func TestAPauseLongerThanTheCallHasIsToldAndNotWaitedFor(t *testing.T) {
	t.Parallel()
	b := newBench(t, outbound.Options{})
	host, hits := vendor(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "300")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	j := b.job(t, host, integration.Endpoint{URL: "/"})
	j.Integrator.Policy = integration.Policy{Retries: 5, TimeoutS: 2}
	start := time.Now()
	got := b.run(t, j)
	mustCause(t, got, run.Failed, run.RateLimited)
	if time.Since(start) > time.Second || hits.Load() != 1 || !strings.Contains(got.Failure.Evidence, "takes calls again at") || !strings.Contains(got.Failure.Evidence, "Retry-After: 300") {
		t.Errorf("after %v and %d requests: %s", time.Since(start), hits.Load(), got.Failure.Evidence)
	}
}

func TestAllTriesShareTheTimeOfTheCall(t *testing.T) {
	t.Parallel()
	b := newBench(t, outbound.Options{})
	var asked int
	host, _ := vendor(t, func(w http.ResponseWriter, r *http.Request) {
		if asked++; asked == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		hang(w, r)
	})
	j := b.job(t, host, integration.Endpoint{URL: "/"})
	j.Integrator.Policy = integration.Policy{Retries: 5, TimeoutS: 1}
	start := time.Now()
	got := b.run(t, j)
	mustCause(t, got, run.Failed, run.ReadTimeout)
	if gone := time.Since(start); gone > 1500*time.Millisecond {
		t.Errorf("the call took %v, its time limit is 1 s", gone)
	}
}
