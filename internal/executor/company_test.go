package executor

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"tieline/internal/integration"
	"tieline/internal/outbound"
	"tieline/internal/run"
)

// psa is a ConnectWise cloud: calls work under the release of the day alone.
type psa struct {
	mu      sync.Mutex
	release string
	paths   []string
	auth    []string
	answer  string // of the look-up, where it is not the usual one
}

func (p *psa) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.paths = append(p.paths, r.Method+" "+r.URL.Path)
	switch {
	case r.URL.Path == "/login/companyinfo/acme":
		if r.Header.Get("Authorization")+r.Header.Get("clientId") != "" {
			w.WriteHeader(http.StatusBadRequest) // nobody is told who asks
			return
		}
		if p.answer != "" {
			_, _ = io.WriteString(w, p.answer)
			return
		}
		_, _ = fmt.Fprintf(w, `{"CompanyName":"Acme","Codebase":"%s/","CompanyID":"acme","IsCloud":true,"SiteUrl":"elsewhere.example"}`, p.release)
	case strings.HasPrefix(r.URL.Path, "/login/"):
		_, _ = io.WriteString(w, "null")
	case strings.HasPrefix(r.URL.Path, "/"+p.release+"/apis/3.0/company"):
		p.auth = append(p.auth, r.Header.Get("Authorization")+" "+r.Header.Get("clientId"))
		_, _ = io.WriteString(w, `[{"id":1}]`)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

// bases stores what it is told.
type bases struct {
	mu    sync.Mutex
	moves []string
	err   error
}

func (s *bases) MoveBase(_ context.Context, integratorID, from, to string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.moves = append(s.moves, integratorID+": "+from+" > "+to)
	return s.err
}

// cloud is an executor beside a ConnectWise.
func cloud(t *testing.T, p *psa) (*bench, string, *bases) {
	t.Helper()
	s := httptest.NewTLSServer(p)
	t.Cleanup(s.Close)
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	b, kept := newBench(t, outbound.Options{RootCAs: roots}), &bases{}
	b.e.options.Bases = kept
	return b, strings.TrimPrefix(s.URL, "https://"), kept
}

func member(t *testing.T, b *bench, host, base, company string, e integration.Endpoint) Job {
	t.Helper()
	if e.URL == "" {
		e.URL = "/company/companies"
	}
	j := b.job(t, host, e)
	j.Integrator.BaseURL = base
	j.Integrator.Auth = integration.Auth{Kind: "connectwise", Settings: map[string]string{"company_id": company, "public_key": "pub", "client_id": "cid"}}
	b.seal(t, &j, "auth.private_key", "cnry:pass/word?&=22b9")
	return j
}

func TestConnectWiseGetsMemberKeysAndClientID(t *testing.T) {
	t.Parallel()
	p := &psa{release: "v2026_1"}
	b, host, kept := cloud(t, p)
	r := b.run(t, member(t, b, host, "https://"+host+"/v2026_1/apis/3.0/", "acme", integration.Endpoint{}))
	mustCause(t, r, run.Succeeded, "")
	want := "Basic " + base64.StdEncoding.EncodeToString([]byte("acme+pub:cnry:pass/word?&=22b9")) + " cid"
	if len(p.auth) != 1 || p.auth[0] != want || len(kept.moves) != 0 || len(p.paths) != 1 {
		t.Errorf("auth %q, moves %v, paths %v", p.auth, kept.moves, p.paths)
	}
	search(t, everything(t, r))
}

func TestAConnectWiseReleaseIsLookedUpWhereNoneIsKnown(t *testing.T) {
	t.Parallel()
	p := &psa{release: "v4_6_release"}
	b, host, kept := cloud(t, p)
	for n := range 2 {
		r := b.run(t, member(t, b, host, "", "acme", integration.Endpoint{}))
		mustCause(t, r, run.Succeeded, "")
		exchanges := r.Attempts[0].Exchanges
		if len(exchanges) != 2-n || exchanges[len(exchanges)-1].Request.URL != "https://"+host+"/v4_6_release/apis/3.0/company/companies" {
			t.Errorf("%d exchanges, last to %s", len(exchanges), exchanges[len(exchanges)-1].Request.URL)
		}
	}
	if want := "i1:  > https://" + host + "/v4_6_release/apis/3.0"; len(kept.moves) != 2 || kept.moves[0] != want {
		t.Errorf("moves = %v, want %s", kept.moves, want)
	}
}

func TestAnUnknownConnectWiseCompanyIsNamed(t *testing.T) {
	t.Parallel()
	p := &psa{release: "v2026_1"}
	b, host, _ := cloud(t, p)
	r := b.run(t, member(t, b, host, "", "nobody", integration.Endpoint{Method: "POST"}))
	mustCause(t, r, run.Failed, run.AuthFailed)
	if !strings.Contains(r.Failure.Summary, "nobody") || len(p.paths) != 1 || len(r.Attempts[0].Exchanges) != 1 {
		t.Errorf("%+v, paths %v", r.Failure, p.paths)
	}
}

func TestAReleaseThatMovedIsReadAgainOnceAfterA404(t *testing.T) {
	t.Parallel()
	p := &psa{release: "v2026_2"}
	b, host, kept := cloud(t, p)
	kept.err = errors.New("the disk is full") // it is used for this call all the same
	e := integration.Endpoint{Method: "POST", URL: "/company/{{field.Pin}}?z={{field.Pin}}"}
	j := member(t, b, host, "https://"+host+"/v2026_1/apis/3.0", "acme", e)
	b.seal(t, &j, "field.Pin", "zq7")
	r := b.run(t, j)
	mustCause(t, r, run.Succeeded, "")
	want := []string{"POST /v2026_1/apis/3.0/company/zq7", "GET /login/companyinfo/acme", "POST /v2026_2/apis/3.0/company/zq7"}
	if fmt.Sprint(p.paths) != fmt.Sprint(want) || len(r.Attempts) != 1 || len(r.Attempts[0].Exchanges) != 3 {
		t.Errorf("paths %v, want %v", p.paths, want)
	}
	var purposes []string
	for _, x := range r.Attempts[0].Exchanges {
		purposes = append(purposes, x.Purpose)
	}
	if !slices.Equal(purposes, []string{"", run.ForLookup, ""}) {
		t.Errorf("the exchanges were for %q", purposes)
	}
	if len(kept.moves) != 1 || !strings.HasSuffix(kept.moves[0], "/v2026_2/apis/3.0") {
		t.Errorf("moves = %v", kept.moves)
	}
	if all := everything(t, r); strings.Contains(all, "zq7") {
		t.Errorf("the secret is in %s", all)
	}
	if !strings.Contains(b.log.String(), "could not be stored") {
		t.Error("what could not be stored is not in the log")
	}
}

func TestA404OfTheRightReleaseIsAskedAboutOnce(t *testing.T) {
	t.Parallel()
	p := &psa{release: "v2026_1"}
	b, host, kept := cloud(t, p)
	for range 3 {
		r := b.run(t, member(t, b, host, "https://"+host+"/v2026_1/apis/3.0", "acme", integration.Endpoint{URL: "/nothing/here"}))
		mustCause(t, r, run.Failed, run.HTTPStatus)
		last := r.Attempts[0].Exchanges[len(r.Attempts[0].Exchanges)-1]
		if last.Response.Status != http.StatusNotFound || !strings.HasSuffix(last.Request.URL, "/nothing/here") {
			t.Errorf("the last exchange is %s", last.Request.URL)
		}
	}
	explicit := b.run(t, member(t, b, host, "https://"+host+"/stub", "acme", integration.Endpoint{}))
	mustCause(t, explicit, run.Failed, run.HTTPStatus)
	if lookups := strings.Count(strings.Join(p.paths, "\n"), "/login/"); lookups != 1 || len(kept.moves) != 0 {
		t.Errorf("%d look-ups, moves %v", lookups, kept.moves)
	}
}

func TestALookUpThatMakesNoSenseMovesNothing(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{"<html>", `{}`, `[]`, `"x"`, `{"Codebase":"../../evil/"}`, `{"Codebase":"https://evil.example/"}`, `{"Codebase":"v1@evil.example"}`, `{"Codebase":7}`} {
		p := &psa{release: "v2026_1", answer: answer}
		b, host, kept := cloud(t, p)
		r := b.run(t, member(t, b, host, "https://"+host+"/v2025_1/apis/3.0", "acme", integration.Endpoint{}))
		mustCause(t, r, run.Failed, run.HTTPStatus)
		r = b.run(t, member(t, b, host, "", "acme", integration.Endpoint{}))
		mustCause(t, r, run.Failed, run.HTTPStatus)
		if len(kept.moves) != 0 || len(p.auth) != 0 {
			t.Errorf("%s: moves %v", answer, kept.moves)
		}
	}
}
