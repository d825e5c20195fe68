package executor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"tieline/internal/account"
	"tieline/internal/integration"
	"tieline/internal/outbound"
	"tieline/internal/response"
	"tieline/internal/run"
)

func logTo(w io.Writer) *slog.Logger { return slog.New(slog.NewJSONHandler(w, nil)) }

func TestARecordIsNamedWithItsIDItsTypeAndItsData(t *testing.T) {
	t.Parallel()
	b := newBench(t, outbound.Options{})
	var asked string
	host, _ := vendor(t, func(_ http.ResponseWriter, r *http.Request) { asked = r.URL.RawQuery })
	j := b.job(t, host, integration.Endpoint{URL: "/x?a={{record.id}}&b={{record.type}}&c={{record.first_name}}&d={{record.data.first_name}}&e={{first_name}}&f={{event.record.id}}"})
	j.Record = Record{Type: "lead", ID: "7", Data: map[string]any{"first_name": "Test"}}
	mustCause(t, b.run(t, j), run.Succeeded, "")
	if asked != "a=7&b=lead&c=Test&d=Test&e=Test&f=7" {
		t.Errorf("the vendor was asked %s", asked)
	}
	j.Tokens = map[string]any{"record": map[string]any{"id": "own", "type": "t", "first_name": "o", "data": map[string]any{"first_name": "o"}}}
	if mustCause(t, b.run(t, j), run.Succeeded, ""); asked != "a=own&b=t&c=o&d=o&e=Test&f=own" {
		t.Errorf("a token named record: the vendor was asked %s", asked)
	}
}

func TestACallThatWorksIsOneWholeRun(t *testing.T) {
	t.Parallel()
	b := newBench(t, outbound.Options{})
	host, _ := vendor(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `{"results":[{"id":12345678901234567890}],"phone":%q}`, r.URL.Query().Get("phone"))
	})
	j := b.job(t, host, integration.Endpoint{
		URL: "/contacts", Query: []integration.Row{{Name: "phone", Value: "{{phone_number}}"}},
		Response: integration.Response{Key: "results.0.id", Outputs: []integration.Output{{Name: "id", Path: "results.0.id"}, {Name: "none", Path: "nothing"}}},
	})
	j.Record = Record{Type: "lead", ID: "7", Data: map[string]any{"phone_number": "+15551234567"}}
	j.Tokens = map[string]any{"InvoiceNumber": "INV1"}
	j.Run.Key = "+15551234567"
	returned := b.run(t, j)
	got := b.recorder.only(t)
	mustCause(t, got, run.Succeeded, "")
	if got.Result == nil || *got.Result != "12345678901234567890" || fmt.Sprint(got.Outputs) != "map[id:12345678901234567890]" {
		t.Errorf("result %v outputs %v", got.Result, got.Outputs)
	}
	if got.HTTPStatus != 200 || got.ID == "" || got.Duration <= 0 || got.FinishedAt.Before(got.CreatedAt) || returned.ID != got.ID {
		t.Errorf("run = %+v", got)
	}
	if len(got.Attempts) != 1 || got.Attempts[0].Number != 1 || len(got.Attempts[0].Exchanges) != 1 {
		t.Fatalf("attempts = %+v", got.Attempts)
	}
	x := got.Attempts[0].Exchanges[0]
	if x.Request.URL != "http://"+host+"/contacts?phone=%2B15551234567" || x.Peer != host || x.Response.Status != 200 || x.Timings.Total <= 0 || x.Error != "" {
		t.Errorf("exchange = %+v", x)
	}
	if len(got.Tokens) != 1 || got.Tokens[0].Name != "phone_number" || got.Tokens[0].Value != "+15551234567" || got.Tokens[0].Source != "event record" {
		t.Errorf("tokens = %+v", got.Tokens)
	}
	want := `{"tokens":{"InvoiceNumber":"INV1"},"record":{"type":"lead","id":"7","data":{"phone_number":"+15551234567"}}}`
	if string(got.Input) != want {
		t.Errorf("input = %s", got.Input)
	}
	if len(b.recorder.started) != 0 {
		t.Error("a safe call was recorded before it was sent")
	}
}

func TestACallThatIsNotSafeIsRecordedBeforeItsFirstByte(t *testing.T) {
	t.Parallel()
	b := newBench(t, outbound.Options{})
	host, hits := vendor(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"id":1}`) })
	b.recorder.onStart = func() {
		if hits.Load() != 0 {
			t.Error("the vendor was called before the run was recorded")
		}
	}
	j := b.job(t, host, integration.Endpoint{Method: "POST", URL: "/", Body: integration.Body{Kind: "json", Content: `{"a":"{{a}}"}`}})
	j.Tokens = map[string]any{"a": "x"}
	b.run(t, j)
	if len(b.recorder.started) != 1 || b.recorder.started[0].Status != run.Running || len(b.recorder.started[0].Input) == 0 || len(b.recorder.started[0].Attempts) != 0 {
		t.Fatalf("started = %+v", b.recorder.started)
	}
	if got := b.recorder.only(t); got.ID != b.recorder.started[0].ID || got.Status != run.Succeeded || hits.Load() != 1 {
		t.Errorf("run = %+v, hits %d", got, hits.Load())
	}
}

func TestARecorderThatFailsIsAnErrorAndNeverALie(t *testing.T) {
	t.Parallel()
	b := newBench(t, outbound.Options{})
	host, hits := vendor(t, func(http.ResponseWriter, *http.Request) {})
	b.recorder.failStart = errDisk
	write := b.job(t, host, integration.Endpoint{Method: "POST", URL: "/", Body: integration.Body{Kind: "raw", Content: "x"}})
	if _, err := b.e.Run(t.Context(), write); !errors.Is(err, errDisk) || hits.Load() != 0 || len(b.recorder.ended) != 0 {
		t.Errorf("%v, hits %d", err, hits.Load())
	}
	b.recorder.failStart, b.recorder.failF = nil, errDisk
	if _, err := b.e.Run(t.Context(), b.job(t, host, integration.Endpoint{URL: "/"})); !errors.Is(err, errDisk) {
		t.Errorf("err = %v", err)
	}
}

func TestWhatCannotBeBuiltIsARunWithNothingSent(t *testing.T) {
	t.Parallel()
	host, hits := vendor(t, func(http.ResponseWriter, *http.Request) {})
	for name, tc := range map[string]struct {
		endpoint integration.Endpoint
		cause    run.Cause
	}{
		"unknown token": {integration.Endpoint{Method: "POST", URL: "/{{invoicenumber}}", Body: integration.Body{Kind: "raw", Content: "x"}}, run.UnknownToken},
		"path param":    {integration.Endpoint{URL: "/x/{id}"}, run.PathParam},
		"header value":  {integration.Endpoint{URL: "/", Headers: []integration.Row{{Name: "X-A", Value: "{{bad}}"}}}, run.HeaderValue},
		"token in host": {integration.Endpoint{URL: "http://{{bad}}/"}, run.TokenPosition},
		"foreign host":  {integration.Endpoint{URL: "https://elsewhere.test/", Headers: []integration.Row{{Name: "X-A", Value: "{{field.Key}}"}}}, run.SecretHost},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, outbound.Options{})
			j := b.job(t, host, tc.endpoint, integration.Parameter{Name: "Key", Secret: true})
			b.seal(t, &j, "field.Key", "canary-0123456789")
			j.Tokens = map[string]any{"bad": "a\r\nb", "InvoiceNumber": "1"}
			got := b.run(t, j)
			mustCause(t, got, run.Failed, tc.cause)
			if rec := b.recorder.only(t); len(rec.Attempts) != 1 || len(rec.Attempts[0].Exchanges) != 0 || rec.Attempts[0].Failure == nil || len(b.recorder.started) != 0 {
				t.Errorf("run = %+v", rec)
			}
		})
	}
	t.Cleanup(func() {
		if hits.Load() != 0 {
			t.Errorf("hits = %d", hits.Load())
		}
	})
}

func TestAWriteWithoutAnAnswerIsUnknownAndAReadHasFailed(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		method, repeat string
		status         run.Status
		cause          run.Cause
	}{
		{"GET", "", run.Failed, run.ReadTimeout},
		{"PUT", "", run.Failed, run.ReadTimeout},
		{"POST", "", run.Unknown, run.OutcomeUnknown},
		{"PATCH", "", run.Unknown, run.OutcomeUnknown},
		{"POST", "safe", run.Failed, run.ReadTimeout},
		{"GET", "never", run.Unknown, run.OutcomeUnknown},
		{"POST", "check_first", run.Unknown, run.OutcomeUnknown},
	} {
		t.Run(tc.method+tc.repeat, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, outbound.Options{})
			host, _ := vendor(t, hang)
			got := b.run(t, b.job(t, host, integration.Endpoint{
				Method: tc.method, URL: "/", Repeat: tc.repeat, Policy: &integration.Policy{TimeoutS: 1}, Body: integration.Body{Kind: "raw", Content: "x"},
			}))
			mustCause(t, got, tc.status, tc.cause)
			if x := got.Attempts[0].Exchanges[0]; x.Response != nil || x.Error == "" || x.Peer != host {
				t.Errorf("exchange = %+v", x)
			}
		})
	}
}

func TestARunIsRecordedThoughTheCallerWentAway(t *testing.T) {
	t.Parallel()
	b := newBench(t, outbound.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	host, _ := vendor(t, func(w http.ResponseWriter, r *http.Request) {
		cancel()
		hang(w, r)
	})
	if _, err := b.e.Run(ctx, b.job(t, host, integration.Endpoint{Method: "POST", URL: "/", Body: integration.Body{Kind: "raw", Content: "x"}})); err != nil {
		t.Fatal(err)
	}
	mustCause(t, b.recorder.only(t), run.Unknown, run.OutcomeUnknown)
}

func TestABlockedAddressNamesWhatToAllowAndWorksOnceAllowed(t *testing.T) {
	t.Parallel()
	host, hits := vendor(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") })
	out := outbound.New(outbound.Options{})
	t.Cleanup(out.Close)
	out.SetSandbox(netip.MustParseAddrPort(host))
	b := newBench(t, outbound.Options{})
	b.e.options.Outbound = out
	j := b.job(t, host, integration.Endpoint{URL: "/"})
	got := b.run(t, j)
	mustCause(t, got, run.Failed, run.BlockedAddress)
	if got.Failure.Subject != host || hits.Load() != 0 {
		t.Fatalf("%+v, hits %d", got.Failure, hits.Load())
	}
	target, ports, ok := outbound.EntryFor(got.Failure.Subject)
	if !ok {
		t.Fatal("no entry")
	}
	j.Allow = []account.AllowEntry{{CustomerID: "c1", Target: target, Ports: ports}}
	mustCause(t, b.run(t, j), run.Succeeded, "")
}

func TestTheEndpointsPolicyWinsOverTheIntegrators(t *testing.T) {
	t.Parallel()
	got := merged(&integration.Policy{TimeoutS: 2, OKStatuses: []int{404}, ExtraHosts: []string{"evil"}}, integration.Policy{TimeoutS: 9, ConnectTimeoutS: 3, MaxResponseBytes: 5, FollowRedirects: true, OKStatuses: []int{200}, ExtraHosts: []string{"a"}})
	want := integration.Policy{TimeoutS: 2, ConnectTimeoutS: 3, MaxResponseBytes: 5, FollowRedirects: true, OKStatuses: []int{404}, ExtraHosts: []string{"a"}}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %+v", got)
	}
	b := newBench(t, outbound.Options{})
	host, _ := vendor(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) })
	j := b.job(t, host, integration.Endpoint{URL: "/"})
	mustCause(t, b.run(t, j), run.Failed, run.HTTPStatus)
	j.Integrator.Policy.OKStatuses = []int{404}
	mustCause(t, b.run(t, j), run.Succeeded, "")
}

func TestARedirectIsJudgedByWhatItMeans(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		to       string
		statuses []int
		status   run.Status
		cause    run.Cause
	}{
		"elsewhere":        {"/other", nil, run.Failed, run.RedirectBlocked},
		"to a sign-in":     {"/account/login?returnUrl=%2F", nil, run.Failed, run.LoginPage},
		"to the metadata":  {"http://169.254.169.254/", nil, run.Failed, run.BlockedAddress},
		"that is accepted": {"/other", []int{302}, run.Succeeded, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, outbound.Options{})
			host, _ := vendor(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", tc.to)
				w.WriteHeader(http.StatusFound)
			})
			got := b.run(t, b.job(t, host, integration.Endpoint{URL: "/", Response: integration.Response{Statuses: tc.statuses}}))
			mustCause(t, got, tc.status, tc.cause)
			if hops := got.Attempts[0].Exchanges[0].Hops; len(hops) != 1 || got.HTTPStatus != http.StatusFound {
				t.Errorf("hops = %+v", hops)
			}
		})
	}
}

func TestARefusalThatBrokeOffIsStillARefusal(t *testing.T) {
	t.Parallel()
	b := newBench(t, outbound.Options{})
	host, _ := vendor(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "100")
		w.WriteHeader(http.StatusServiceUnavailable)
		_ = http.NewResponseController(w).Flush()
		hang(w, r)
	})
	got := b.run(t, b.job(t, host, integration.Endpoint{Method: "POST", URL: "/", Policy: &integration.Policy{TimeoutS: 1}, Body: integration.Body{Kind: "raw", Content: "x"}}))
	mustCause(t, got, run.Failed, run.HTTPStatus)
}

func TestVariablesOfTheCustomerWin(t *testing.T) {
	t.Parallel()
	b := newBench(t, outbound.Options{})
	got := make(chan string, 1)
	host, _ := vendor(t, func(_ http.ResponseWriter, r *http.Request) { got <- r.URL.Path })
	j := b.job(t, host, integration.Endpoint{URL: "/${PLACE}/${PLAIN}"})
	b.variable(t, &j, account.Variable{Name: "PLACE", CustomerID: "c1"}, "customers")
	b.variable(t, &j, account.Variable{Name: "PLACE"}, "general")
	j.Variables = append(j.Variables, account.Variable{Name: "PLAIN", Value: "p"})
	mustCause(t, b.run(t, j), run.Succeeded, "")
	if path := <-got; path != "/customers/p" {
		t.Errorf("path = %s", path)
	}
}

func TestASecretOfAnotherPlaceOrKeyDoesNotOpen(t *testing.T) {
	t.Parallel()
	b := newBench(t, outbound.Options{})
	host, hits := vendor(t, func(http.ResponseWriter, *http.Request) {})
	j := b.job(t, host, integration.Endpoint{URL: "/"})
	b.seal(t, &j, "field.Key", "canary-0123456789")
	j.Integrator.ID = "another"
	got := b.run(t, j)
	mustCause(t, got, run.Failed, run.InternalFailure)
	if hits.Load() != 0 || !strings.Contains(got.Failure.Summary, "field.Key") {
		t.Errorf("%+v", got.Failure)
	}
}

func TestAPanicIsOneFailedRunAndALogLineWithoutValues(t *testing.T) {
	t.Parallel()
	b := newBench(t, outbound.Options{})
	j := b.job(t, "a.test", integration.Endpoint{URL: "/"})
	j.Plan = nil
	j.Tokens = map[string]any{"x": "canary-0123456789"}
	got := b.run(t, j)
	mustCause(t, got, run.Failed, run.InternalFailure)
	if !strings.Contains(b.log.String(), got.ID) || strings.Contains(b.log.String(), "canary") {
		t.Errorf("log = %s", b.log)
	}
	host, _ := vendor(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "%PDF-1.7 x") })
	j = b.job(t, host, integration.Endpoint{URL: "/", Type: "Document"})
	j.Document = func(response.Document, *run.Response) (io.Writer, error) { panic("canary-0123456789") }
	mustCause(t, b.run(t, j), run.Failed, run.InternalFailure)
	if strings.Contains(b.log.String(), "canary") {
		t.Errorf("log = %s", b.log)
	}
}
