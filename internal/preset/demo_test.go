package preset

import (
	"context"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"testing"

	"tieline/internal/executor"
	"tieline/internal/integration"
	"tieline/internal/outbound"
	"tieline/internal/request"
	"tieline/internal/run"
	"tieline/internal/sandbox"
	"tieline/internal/secret"
)

// keeper remembers the runs that were recorded.
type keeper struct {
	mu   sync.Mutex
	runs []run.Run
}

func (k *keeper) Start(context.Context, run.Run) error { return nil }

func (k *keeper) Finish(_ context.Context, r run.Run) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.runs = append(k.runs, r)
	return nil
}

// Every call of the demo is really made to the sandbox, ends as it says, and no secret of the demo is in its run.
func TestEveryDemoCallEndsAsItSays(t *testing.T) {
	t.Parallel()
	vendor := httptest.NewServer(sandbox.New())
	t.Cleanup(vendor.Close)
	host := strings.TrimPrefix(vendor.URL, "http://")
	keys, err := secret.NewKeyring(secret.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	client := outbound.New(outbound.Options{AllowOutbound: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	t.Cleanup(client.Close)
	kept := &keeper{}
	calls := executor.New(executor.Options{Outbound: client, Opener: keys, Recorder: kept, Logger: slog.New(slog.DiscardHandler)})

	definitions := map[string]integration.Integration{}
	for _, in := range Demo() {
		definitions[in.Name] = in
	}
	integrators, secrets := map[string]integration.Integrator{}, []string{}
	for n, one := range DemoIntegrators(host) {
		value := one.Value
		value.ID, value.CustomerID, value.Secrets = "i"+strconv.Itoa(n), one.Customer, map[string]secret.Sealed{}
		for name, text := range one.Secrets {
			if value.Secrets[name], err = keys.Seal(value.SecretPlace(name), text); err != nil {
				t.Fatal(err)
			}
			secrets = append(secrets, text.Reveal())
		}
		integrators[one.Customer+" "+one.Integration] = value
	}
	for n, demo := range DemoCalls() {
		definition := definitions[demo.Integration]
		plan, err := request.Compile(definition, demo.Endpoint)
		if err != nil {
			t.Fatal(err)
		}
		job := executor.Job{
			Run:        run.Run{ID: "r" + strconv.Itoa(n), Integration: demo.Integration, Endpoint: demo.Endpoint, Customer: demo.Customer, CustomerID: demo.Customer},
			Definition: definition, Endpoint: demo.Endpoint, Plan: plan, Integrator: integrators[demo.Customer+" "+demo.Integration],
			Tokens: demo.Tokens, Record: executor.Record{Type: demo.RecordType, ID: demo.RecordID, Data: demo.Record},
		}
		if demo.Input != nil {
			job.Input, job.HasInput = demo.Input, true
		}
		got, err := calls.Run(t.Context(), job)
		if err != nil {
			t.Fatal(err)
		}
		var cause run.Cause
		if got.Failure != nil {
			cause = got.Failure.Cause
		}
		name := "call " + strconv.Itoa(n) + ", " + demo.Endpoint + " of " + demo.Integration
		if got.Status != demo.Status || cause != demo.Cause {
			t.Errorf("%s: %s %q (%s, %+v), want %s %q", name, got.Status, cause, got.Summary(), got.Failure, demo.Status, demo.Cause)
		}
		if got.Status == run.Succeeded && got.Summary() == "" {
			t.Errorf("%s: it succeeded, and the Result column is empty", name)
		}
		t.Logf("%s: %s", name, got.Summary())
	}
	for _, r := range kept.runs {
		for _, a := range r.Attempts {
			for _, x := range a.Exchanges {
				shown := fmt.Sprint(x.Request.URL, x.Request.Headers, string(x.Request.Body))
				for _, s := range secrets {
					if strings.Contains(shown, s) {
						t.Errorf("run %s of %s holds the secret %q", r.ID, r.Endpoint, s)
					}
				}
			}
		}
	}
}
