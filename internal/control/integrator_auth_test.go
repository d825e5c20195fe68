package control_test

import (
	"crypto/x509"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"tieline/db"
	"tieline/db/dbtest"
	"tieline/internal/account"
	"tieline/internal/control"
	"tieline/internal/executor"
	"tieline/internal/integration"
	"tieline/internal/outbound"
	"tieline/internal/secret"
	"tieline/internal/signin"
)

// psa is a ConnectWise cloud whose companies have the given releases.
func psa(t *testing.T, releases map[string]string) *httptest.Server {
	t.Helper()
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		company, isLookUp := strings.CutPrefix(r.URL.Path, "/login/companyinfo/")
		release, known := releases[company]
		switch {
		case isLookUp && known:
			_, _ = fmt.Fprintf(w, `{"Codebase":"%s/","SiteUrl":"elsewhere.example"}`, release)
		case isLookUp:
			_, _ = io.WriteString(w, "null")
		case strings.HasPrefix(r.URL.Path, "/"+releases["acme"]+"/apis/3.0/"):
			_, _ = io.WriteString(w, `{"results":[{"id":"7"}]}`)
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

// beside is a world whose calls trust the given servers.
func beside(t *testing.T, d *db.DB, servers ...*httptest.Server) *world {
	t.Helper()
	w := newWorld(t, d)
	roots := x509.NewCertPool()
	for _, s := range servers {
		roots.AddCert(s.Certificate())
	}
	log := slog.New(slog.DiscardHandler)
	out := outbound.New(outbound.Options{AllowOutbound: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, RootCAs: roots})
	t.Cleanup(out.Close)
	e := executor.New(executor.Options{Outbound: out, Opener: w.key, Recorder: control.NewRecorder(d), Bases: control.NewBases(d), Logger: log})
	w.Plane = control.New(control.Deps{DB: d, Executor: e, Outbound: out, Sealer: w.key, Signin: signin.New(signin.Deps{DB: d, Logger: log}), Logger: log})
	return w
}

func member(customerID, host, company string) control.IntegratorInput {
	return control.IntegratorInput{
		Integrator: integration.Integrator{CustomerID: customerID, Host: host, Enabled: true, Auth: integration.Auth{
			Kind: "connectwise", Settings: map[string]string{"company_id": company, "public_key": "pub", "client_id": "cid"},
		}},
		Secrets: map[string]secret.Text{"auth.private_key": secret.NewText("canary-private-0123456789")},
	}
}

func notices(saved control.SavedIntegrator) string {
	var all []string
	for _, n := range saved.Notices {
		all = append(all, n.Field+": "+n.Message)
	}
	return strings.Join(all, "\n")
}

func TestSavingLooksUpTheReleaseOfAConnectWiseCompany(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		first, second := psa(t, map[string]string{"acme": "v2026_1"}), psa(t, map[string]string{"acme": "v4_6_release"})
		w := beside(t, d, first, second)
		s, c := w.integration(t), w.customer(t)
		host := strings.TrimPrefix(first.URL, "https://")
		saved, err := w.CreateIntegrator(t.Context(), owner, s.Integration.Name, member(c.ID, host, "acme"))
		must(t, err)
		if want := first.URL + "/v2026_1/apis/3.0"; saved.Integrator.BaseURL != want || reload(t, d, saved.Integrator.ID).BaseURL != want || !strings.Contains(notices(saved), want) {
			t.Errorf("base URL = %q, notices %s", saved.Integrator.BaseURL, notices(saved))
		}
		moved := reload(t, d, saved.Integrator.ID)
		moved.Host = strings.TrimPrefix(second.URL, "https://")
		again, err := w.UpdateIntegrator(t.Context(), owner, control.IntegratorInput{Integrator: moved, Secrets: map[string]secret.Text{"auth.private_key": secret.NewText("again")}})
		must(t, err)
		if want := second.URL + "/v4_6_release/apis/3.0"; again.Integrator.BaseURL != want {
			t.Errorf("after a change of the host: %q, want %q", again.Integrator.BaseURL, want)
		}
		explicit := member(c.ID, host, "acme")
		explicit.BaseURL, explicit.Label = first.URL+"/stub", "stub"
		kept, err := w.CreateIntegrator(t.Context(), owner, s.Integration.Name, explicit)
		must(t, err)
		if kept.Integrator.BaseURL != first.URL+"/stub" || len(kept.Notices) != 0 {
			t.Errorf("an explicit base URL became %q: %s", kept.Integrator.BaseURL, notices(kept))
		}
	})
}

func TestALookUpThatFailsIsSaidAndSavesAllTheSame(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		cloud := psa(t, map[string]string{"acme": "v2026_1", "odd": "../evil"})
		unknown := httptest.NewTLSServer(http.NotFoundHandler())
		t.Cleanup(unknown.Close)
		w := beside(t, d, cloud)
		s, c := w.integration(t), w.customer(t)
		host := strings.TrimPrefix(cloud.URL, "https://")
		for _, tc := range []struct{ host, company, want string }{
			{host, "nobody", "auth.company_id: ConnectWise at " + host + " does not know this company"},
			{host, "odd", "did not answer as ConnectWise does"},
			{strings.TrimPrefix(unknown.URL, "https://"), "acme", "did not answer as ConnectWise does"},
			{"127.0.0.1:1", "acme", "connection refused"},
		} {
			saved, err := w.CreateIntegrator(t.Context(), owner, s.Integration.Name, member(c.ID, tc.host, tc.company))
			must(t, err)
			if saved.Integrator.BaseURL != "" || !strings.Contains(notices(saved), tc.want) {
				t.Errorf("%s: base %q, notices %s, want %q", tc.company, saved.Integrator.BaseURL, notices(saved), tc.want)
			}
		}
	})
}

func TestAMovedBaseIsStoredOnceWithAnAuditEntry(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		cloud := psa(t, map[string]string{"acme": "v2026_2"})
		w := beside(t, d, cloud)
		s, c := w.integration(t), w.customer(t)
		in := member(c.ID, strings.TrimPrefix(cloud.URL, "https://"), "acme")
		in.BaseURL = cloud.URL + "/v2026_1/apis/3.0"
		saved, err := w.CreateIntegrator(t.Context(), owner, s.Integration.Name, in)
		must(t, err)
		for n := range 2 {
			r, err := w.Call(t.Context(), owner, control.CallRequest{Integration: s.Integration.Name, Endpoint: "find", Customer: c.Slug, Tokens: map[string]any{"phone_number": "1"}})
			must(t, err)
			if r.Status != "succeeded" {
				t.Fatalf("%+v", r.Failure)
			}
			if n == 0 && len(r.Attempts[0].Exchanges) != 3 {
				t.Errorf("%d exchanges", len(r.Attempts[0].Exchanges))
			}
		}
		if got := reload(t, d, saved.Integrator.ID); got.BaseURL != cloud.URL+"/v2026_2/apis/3.0" || !got.Secrets["auth.private_key"].Set() {
			t.Errorf("base URL = %q, key kept: %t", got.BaseURL, got.Secrets["auth.private_key"].Set())
		}
		entries, _, err := d.AuditEntries(t.Context(), account.Everything(), db.AuditFilter{Subject: "integrator", SubjectID: saved.Integrator.ID, Limit: 10})
		must(t, err)
		if len(entries) != 2 || entries[0].ActorName != "ConnectWise look-up" || len(entries[0].Changes) != 1 || entries[0].Changes[0].Path != "base_url" {
			t.Errorf("audit = %+v", entries)
		}
		bases := control.NewBases(d)
		must(t, bases.MoveBase(t.Context(), saved.Integrator.ID, "https://elsewhere.example", "https://evil.example"))
		must(t, bases.MoveBase(t.Context(), "nobody", "", "https://evil.example"))
		if got := reload(t, d, saved.Integrator.ID).BaseURL; strings.Contains(got, "evil") {
			t.Errorf("a base URL that was changed meanwhile became %s", got)
		}
	})
}
