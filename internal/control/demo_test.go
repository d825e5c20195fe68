package control_test

import (
	"context"
	"log/slog"
	"net"
	"net/http/httptest"
	"net/netip"
	"testing"

	"tieline/db"
	"tieline/db/dbtest"
	"tieline/internal/account"
	"tieline/internal/control"
	"tieline/internal/executor"
	"tieline/internal/fault"
	"tieline/internal/outbound"
	"tieline/internal/preset"
	"tieline/internal/run"
	"tieline/internal/sandbox"
	"tieline/internal/secret"
	"tieline/internal/signin"
)

// running is a sandbox that was started.
type running struct{ at netip.AddrPort }

func (r *running) Start(context.Context) (netip.AddrPort, error) { return r.at, nil }

func startSandbox(t *testing.T) netip.AddrPort {
	t.Helper()
	s := httptest.NewServer(sandbox.New())
	t.Cleanup(s.Close)
	return s.Listener.Addr().(*net.TCPAddr).AddrPort()
}

// TestTheDemoFillsItselfOnceAndEveryRunEndsAsPromised opens no loopback by a start flag: only the sandbox's
// own address may be called.
func TestTheDemoFillsItselfOnceAndEveryRunEndsAsPromised(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		key, err := secret.NewKeyring(secret.NewKey())
		must(t, err)
		log := slog.New(slog.DiscardHandler)
		out := outbound.New(outbound.Options{})
		t.Cleanup(out.Close)
		vendor := &running{at: startSandbox(t)}
		p := control.New(control.Deps{
			DB: d, Outbound: out, Sealer: key, Signin: signin.New(signin.Deps{DB: d, Logger: log}), Sandbox: vendor, Logger: log,
			Executor: executor.New(executor.Options{Outbound: out, Opener: key, Recorder: control.NewRecorder(d), Tokens: control.NewTokens(d, key, log), Logger: log}),
		})
		_, err = p.FillDemo(t.Context(), as(account.Builder))
		wantKind(t, err, fault.Forbidden)
		filled, err := p.FillDemo(t.Context(), as(account.Admin))
		must(t, err)
		calls := preset.DemoCalls()
		if filled.Customers != 2 || filled.Integrations != 3 || filled.Runs != len(calls) {
			t.Fatalf("filled = %+v", filled)
		}
		runs, _, err := d.Runs(t.Context(), account.Everything(), db.RunFilter{Limit: 100})
		must(t, err)
		if len(runs) != len(calls) {
			t.Fatalf("%d runs, want %d", len(runs), len(calls))
		}
		for n, c := range calls {
			r := runs[len(runs)-1-n] // the newest stands first
			var cause run.Cause
			if r.Failure != nil {
				cause = r.Failure.Cause
			}
			if r.Endpoint != c.Endpoint || r.Status != c.Status || cause != c.Cause || r.Test != c.Test {
				t.Errorf("call %d %s/%s ended %s %s (%+v), want %s %s", n, c.Customer, c.Endpoint, r.Status, cause, r.Failure, c.Status, c.Cause)
			}
		}
		again, err := p.FillDemo(t.Context(), as(account.Admin))
		if err != nil || again != (control.Filled{}) {
			t.Errorf("the second filling made %+v, %v", again, err)
		}

		vendor.at = startSandbox(t) // started anew at another port
		_, err = p.FillDemo(t.Context(), as(account.Admin))
		must(t, err)
		r, err := p.Call(t.Context(), owner, control.CallRequest{
			Integration: "sandbox-crm", Endpoint: "findContact", Customer: "harbour-bakery", Tokens: map[string]any{"phone_number": "+15551234567"},
		})
		if err != nil || r.Status != run.Succeeded {
			t.Errorf("after the sandbox moved: %s (%+v), %v", r.Status, r.Failure, err)
		}
	})
}

func TestWithoutASandboxThereIsNoDemo(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		_, err := newWorld(t, d).FillDemo(t.Context(), owner)
		wantKind(t, err, fault.Unavailable)
	})
}
