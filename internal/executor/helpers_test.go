package executor

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"tieline/internal/account"
	"tieline/internal/integration"
	"tieline/internal/outbound"
	"tieline/internal/request"
	"tieline/internal/run"
	"tieline/internal/secret"
)

// hang is a vendor that never answers. It reads the body first, so that it hears of a caller who leaves.
func hang(_ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
}

// recorder keeps runs in memory, in the JSON form that shows every field.
type recorder struct {
	mu               sync.Mutex
	started, ended   []run.Run
	failStart, failF error
	onStart          func()
}

func (r *recorder) Start(_ context.Context, x run.Run) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.onStart != nil {
		r.onStart()
	}
	if r.failStart != nil {
		return r.failStart
	}
	r.started = append(r.started, x)
	return nil
}

func (r *recorder) Finish(ctx context.Context, x run.Run) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if r.failF != nil {
		return r.failF
	}
	r.ended = append(r.ended, x)
	return nil
}

// only is the one run that was recorded.
func (r *recorder) only(t *testing.T) run.Run {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.ended) != 1 {
		t.Fatalf("%d runs were recorded", len(r.ended))
	}
	return r.ended[0]
}

// bench is an executor with everything around it.
type bench struct {
	e        *Executor
	recorder *recorder
	keys     *secret.Keyring
	log      *bytes.Buffer
}

func newBench(t *testing.T, o outbound.Options) *bench {
	t.Helper()
	keys, err := secret.NewKeyring(secret.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	if o.AllowOutbound == nil {
		o.AllowOutbound = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	}
	out := outbound.New(o)
	t.Cleanup(out.Close)
	b := &bench{recorder: &recorder{}, keys: keys, log: &bytes.Buffer{}}
	b.e = New(Options{Outbound: out, Opener: keys, Recorder: b.recorder, Logger: logTo(b.log)})
	return b
}

// vendor serves and counts.
func vendor(t *testing.T, h http.HandlerFunc) (host string, hits *atomic.Int64) {
	t.Helper()
	hits = new(atomic.Int64)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hits.Add(1)
		h(w, r)
	}))
	t.Cleanup(s.Close)
	return strings.TrimPrefix(s.URL, "http://"), hits
}

// job is a call of one endpoint for an integrator of this host.
func (b *bench) job(t *testing.T, host string, e integration.Endpoint, parameters ...integration.Parameter) Job {
	t.Helper()
	if e.Name == "" {
		e.Name = "try"
	}
	def := integration.Integration{Name: "crm", Parameters: parameters, Endpoints: []integration.Endpoint{e}}
	plan, err := request.Compile(def, e.Name)
	if err != nil {
		t.Fatal(err)
	}
	return Job{
		Run:        run.Run{Integration: "crm", Endpoint: e.Name, Integrator: "Acme", Customer: "acme", CustomerID: "c1"},
		Definition: def, Endpoint: e.Name, Plan: plan,
		Integrator: integration.Integrator{ID: "i1", CustomerID: "c1", Host: host, BaseURL: "http://" + host, Secrets: map[string]secret.Sealed{}},
	}
}

// seal stores a secret of the integrator.
func (b *bench) seal(t *testing.T, j *Job, name, value string) {
	t.Helper()
	sealed, err := b.keys.Seal(j.Integrator.SecretPlace(name), secret.NewText(value))
	if err != nil {
		t.Fatal(err)
	}
	j.Integrator.Secrets[name] = sealed
}

// variable adds an encrypted variable.
func (b *bench) variable(t *testing.T, j *Job, v account.Variable, value string) {
	t.Helper()
	v.ID, v.Encrypted = "v-"+v.Name+v.CustomerID, true
	sealed, err := b.keys.Seal(v.SecretPlace(), secret.NewText(value))
	if err != nil {
		t.Fatal(err)
	}
	v.Secret = sealed
	j.Variables = append(j.Variables, v)
}

func (b *bench) run(t *testing.T, j Job) run.Run {
	t.Helper()
	r, err := b.e.Run(t.Context(), j)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func mustCause(t *testing.T, r run.Run, status run.Status, cause run.Cause) {
	t.Helper()
	got := run.Cause("")
	if r.Failure != nil {
		got = r.Failure.Cause
	}
	if r.Status != status || got != cause {
		t.Fatalf("status %s, failure %+v; want %s %s", r.Status, r.Failure, status, cause)
	}
}

// everything is all that is kept of a run, bodies as text.
func everything(t *testing.T, r run.Run) string {
	t.Helper()
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.Write(text)
	b.Write(r.Input)
	for _, a := range r.Attempts {
		for _, x := range a.Exchanges {
			b.Write(x.Request.Body)
			b.WriteByte('\n')
			if x.Response != nil {
				b.Write(x.Response.Body)
			}
			b.WriteByte('\n')
		}
	}
	return b.String()
}

var errDisk = errors.New("the disk is full")
