package executor

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/semaphore"

	"tieline/internal/integration"
	"tieline/internal/outbound"
	"tieline/internal/run"
	"tieline/internal/secret"
)

func TestRecordsAreGivenToTheCaller(t *testing.T) {
	t.Parallel()
	b := newBench(t, outbound.Options{})
	host, _ := vendor(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"list":[{"id":1},{"id":2}]}`) })
	got := b.run(t, b.job(t, host, integration.Endpoint{URL: "/", Contract: "records", Response: integration.Response{Type: "json", Items: "list"}}))
	mustCause(t, got, run.Succeeded, "")
	if got.Count != 2 || fmt.Sprint(got.Items) != "[map[id:1] map[id:2]]" {
		t.Errorf("count %d items %v", got.Count, got.Items)
	}
}

func TestAPreviewSendsNothingAndShowsNoSecret(t *testing.T) {
	t.Parallel()
	b := newBench(t, outbound.Options{})
	host, hits := vendor(t, func(http.ResponseWriter, *http.Request) {})
	j := b.job(t, host, integration.Endpoint{
		Method: "POST", URL: "/{{missing}}/x?k={{field.Short}}", Headers: []integration.Row{{Name: "X-Key", Value: "{{field.Key}}"}},
		Body: integration.Body{Kind: "json", Content: `{"k":"{{field.Key}}","n":"{{name}}"}`},
	}, integration.Parameter{Name: "Key", Secret: true}, integration.Parameter{Name: "Short", Secret: true})
	b.seal(t, &j, "field.Key", "canary-0123456789")
	b.seal(t, &j, "field.Short", "zq7")
	j.Tokens = map[string]any{"name": "Harbour"}
	got, err := b.e.Preview(t.Context(), j)
	if err != nil {
		t.Fatal(err)
	}
	shown := fmt.Sprintf("%+v %s", got, got.Request.Body)
	if strings.Contains(shown, "canary") || strings.Contains(shown, "zq7") || hits.Load() != 0 || len(b.recorder.ended) != 0 {
		t.Errorf("shown = %s", shown)
	}
	if !strings.Contains(got.Request.URL, "{{missing}}") || !strings.Contains(string(got.Request.Body), `"n":"Harbour"`) || !strings.Contains(string(got.Request.Body), secret.Bullets) {
		t.Errorf("request = %+v %s", got.Request, got.Request.Body)
	}
	if len(got.Problems) == 0 || got.Problems[0].Cause != run.UnknownToken {
		t.Errorf("problems = %+v", got.Problems)
	}
}

func TestManyCallsAtOnceAreManyRuns(t *testing.T) {
	t.Parallel()
	b := newBench(t, outbound.Options{})
	host, hits := vendor(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, `{"n":"`+r.URL.Query().Get("n")+`"}`)
	})
	j := b.job(t, host, integration.Endpoint{URL: "/", Query: []integration.Row{{Name: "n", Value: "{{n}}"}}, Response: integration.Response{Key: "n"}})
	var wg sync.WaitGroup
	for n := range 64 {
		wg.Go(func() {
			mine := j
			mine.Tokens = map[string]any{"n": strconv.Itoa(n)}
			if got, err := b.e.Run(t.Context(), mine); err != nil || got.Result == nil || *got.Result != strconv.Itoa(n) {
				t.Errorf("%d: %v %v", n, got.Result, err)
			}
		})
	}
	wg.Wait()
	if hits.Load() != 64 || len(b.recorder.ended) != 64 {
		t.Errorf("hits %d, runs %d", hits.Load(), len(b.recorder.ended))
	}
}

func TestTheClockIsTheOneThatWasGiven(t *testing.T) {
	t.Parallel()
	b := newBench(t, outbound.Options{})
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	b.e.options.Now = func() time.Time { return at }
	got := make(chan string, 1)
	host, _ := vendor(t, func(_ http.ResponseWriter, r *http.Request) { got <- r.URL.Query().Get("t") })
	r := b.run(t, b.job(t, host, integration.Endpoint{URL: "/", Query: []integration.Row{{Name: "t", Value: "{{now|unix}}"}}}))
	if unix := <-got; unix != strconv.FormatInt(at.Unix(), 10) || !r.CreatedAt.Equal(at) || !r.FinishedAt.Equal(at) {
		t.Errorf("%s, %s, %s", unix, r.CreatedAt, r.FinishedAt)
	}
}

func TestLargeAnswersShareOneBudgetOfMemory(t *testing.T) {
	t.Parallel()
	b := newBench(t, outbound.Options{})
	b.e.large = semaphore.NewWeighted(20 << 20)
	page := []byte(strings.Repeat("x", 3<<20))
	host, _ := vendor(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(page) })
	j := b.job(t, host, integration.Endpoint{URL: "/", Response: integration.Response{Type: "text"}})
	var wg sync.WaitGroup
	for range 12 {
		wg.Go(func() {
			if r, err := b.e.Run(t.Context(), j); err != nil || r.Status != run.Succeeded {
				t.Errorf("%v %+v", err, r.Failure)
			}
		})
	}
	wg.Wait()
	if !b.e.large.TryAcquire(20 << 20) {
		t.Error("memory was not given back")
	}
	j.Definition.Endpoints[0].Policy = &integration.Policy{TimeoutS: 1}
	r := b.run(t, j)
	mustCause(t, r, run.Failed, run.ReadTimeout)
	if !strings.Contains(r.Failure.Summary, "too many large answers") {
		t.Errorf("%+v", r.Failure)
	}
}
