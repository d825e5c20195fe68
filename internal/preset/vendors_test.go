package preset

import (
	"bytes"
	"log/slog"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tieline/internal/document"
	"tieline/internal/executor"
	"tieline/internal/integration"
	"tieline/internal/outbound"
	"tieline/internal/request"
	"tieline/internal/run"
	"tieline/internal/sandbox"
	"tieline/internal/secret"
)

func TestEveryVendorIsACanonicalDocumentWithoutWarnings(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("vendors/*.yaml")
	if err != nil || len(paths) != len(Vendors()) {
		t.Fatalf("%d files for %d vendors, %v", len(paths), len(Vendors()), err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		in, ok := Vendor(strings.TrimSuffix(filepath.Base(path), ".yaml"))
		if !ok || in.Preset != in.Name || in.Name+".yaml" != filepath.Base(path) || in.Label == "" || in.Description == "" {
			t.Errorf("%s: %v %s %s", path, ok, in.Name, in.Preset)
		}
		want, err := document.EncodeYAML(in)
		if err != nil {
			t.Fatal(err)
		}
		if *update {
			if err := os.WriteFile(path, want, 0o600); err != nil {
				t.Fatal(err)
			}
		} else if !bytes.Equal(text, want) {
			t.Errorf("%s is not canonical; run the test with -update. It would be\n%s", path, want)
		}
		if err := in.Validate(); err != nil {
			t.Errorf("%s: %v", path, err)
		}
		for _, w := range in.Warnings() {
			t.Errorf("%s: warning at %s: %s", path, w.Field, w.Message)
		}
		for _, p := range request.Check(in) {
			t.Errorf("%s: %s at %s: %s", path, p.Cause, p.Field, p.Message)
		}
		for _, e := range in.Endpoints {
			if e.Label == "" || e.Description == "" {
				t.Errorf("%s: endpoint %s has no label or description", path, e.Name)
			}
		}
	}
	if _, ok := Vendor("no-such-vendor"); ok {
		t.Error("there is a vendor of any name")
	}
}

// psaBench calls the endpoints of the ConnectWise preset at the sandbox.
type psaBench struct {
	t     *testing.T
	calls *executor.Executor
	keys  *secret.Keyring
	base  string
	of    integration.Integration
}

func newPSABench(t *testing.T) *psaBench {
	t.Helper()
	vendor := httptest.NewServer(sandbox.New())
	t.Cleanup(vendor.Close)
	keys, err := secret.NewKeyring(secret.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	client := outbound.New(outbound.Options{AllowOutbound: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	t.Cleanup(client.Close)
	of, _ := Vendor("connectwise")
	return &psaBench{
		t: t, keys: keys, of: of, base: vendor.URL + "/connectwise/v4_6_release/apis/3.0",
		calls: executor.New(executor.Options{Outbound: client, Opener: keys, Recorder: &keeper{}, Logger: slog.New(slog.DiscardHandler)}),
	}
}

// call makes one call with the sandbox's credentials, which stand in for the member keys: they are sent as Basic
// and as the header clientId.
func (b *psaBench) call(endpoint string, input map[string]any) run.Run {
	b.t.Helper()
	in := b.of
	in.Endpoints = append([]integration.Endpoint{}, b.of.Endpoints...)
	for i := range in.Endpoints {
		in.Endpoints[i].Headers = append([]integration.Row{{Name: "clientId", Value: sandbox.ClientID}}, in.Endpoints[i].Headers...)
	}
	plan, err := request.Compile(in, endpoint)
	if err != nil {
		b.t.Fatal(err)
	}
	use := integration.Integrator{
		ID: "i1", CustomerID: "c1", Host: strings.TrimPrefix(b.base, "http://"), BaseURL: b.base, AllowHTTP: true, Enabled: true,
		Auth:    integration.Auth{Kind: "basic", Settings: map[string]string{"username": sandbox.CompanyID + "+" + sandbox.PublicKey}},
		Secrets: map[string]secret.Sealed{},
	}
	use.Host, _, _ = strings.Cut(use.Host, "/")
	if use.Secrets["auth.password"], err = b.keys.Seal(use.SecretPlace("auth.password"), secret.NewText(sandbox.PrivateKey)); err != nil {
		b.t.Fatal(err)
	}
	job := executor.Job{
		Run:        run.Run{ID: "r1", Integration: in.Name, Endpoint: endpoint, CustomerID: "c1"},
		Definition: in, Endpoint: endpoint, Plan: plan, Integrator: use, Input: input, HasInput: true,
	}
	done, err := b.calls.Run(b.t.Context(), job)
	if err != nil {
		b.t.Fatal(err)
	}
	return done
}

func TestTheConnectWisePresetWorksAtTheSandbox(t *testing.T) {
	t.Parallel()
	b := newPSABench(t)
	for _, c := range []struct {
		endpoint string
		input    map[string]any
		result   string // a part of the result, or of the evidence of a failure
		cause    run.Cause
	}{
		{"getCompany", map[string]any{"id": 7}, "7", ""},
		{"getCompany", map[string]any{"id": 9999}, "NotFound: Company 9999 not found", run.HTTPStatus},
		{"getCompany", map[string]any{}, "input.id", run.UnknownToken},
		{"listChangedCompanies", map[string]any{}, "", ""},
		{"listTickets", map[string]any{"company": 2}, "", ""},
		{"listTickets", map[string]any{"company": "2 or id > 0"}, "2 or id", run.TokenPosition},
		{"createTicket", map[string]any{"summary": `It's "down"`, "company": 4}, "7001", ""},
		{"createTicket", map[string]any{"summary": "", "company": 4}, "The summary field is required", run.HTTPStatus},
		{"patchTicket", map[string]any{"id": 12, "summary": "Solved"}, "12", ""},
		{"addTimeEntry", map[string]any{"ticket": 12, "member": "jd", "start": "2026-01-31T08:00:00Z", "end": "2026-01-31T09:00:00Z"}, "7001", ""},
		{"getInvoicePdf", map[string]any{"id": 3}, "", ""},
		{"getInvoicePdf", map[string]any{"id": 0}, "Invoice 0 not found", run.HTTPStatus},
		{"downloadDocument", map[string]any{"id": 2}, "", ""},
		{"downloadDocument", map[string]any{"id": 5}, "", ""},
	} {
		got := b.call(c.endpoint, c.input)
		text := ""
		if got.Result != nil {
			text = *got.Result
		}
		cause := run.Cause("")
		if got.Failure != nil {
			cause, text = got.Failure.Cause, got.Failure.Evidence
		}
		if cause != c.cause || !strings.Contains(text, c.result) {
			t.Errorf("%s %v: %s %q %q, want %s %q\n%+v", c.endpoint, c.input, got.Status, cause, text, c.cause, c.result, got.Failure)
		}
	}
}

// A bulk answer with a refused item fails the run and says which item and why; without one it succeeds.
func TestABulkAnswerOfTheSandboxIsJudgedItemByItem(t *testing.T) {
	t.Parallel()
	b := newPSABench(t)
	b.of.Endpoints = append(b.of.Endpoints, integration.Endpoint{
		Name: "bulk", Type: "PostData", Method: "POST", URL: "/company/configurations/bulk", Response: integration.Response{Type: "json"},
		Headers: []integration.Row{{Name: "Content-Type", Value: "application/json"}}, Body: integration.Body{Kind: "json", Content: "{{input.list}}"},
	})
	good, bad := map[string]any{"name": "a"}, map[string]any{"tag": "b"}
	if got := b.call("bulk", map[string]any{"list": []any{good, good}}); got.Status != run.Succeeded {
		t.Errorf("two good ones: %s %+v", got.Status, got.Failure)
	}
	got := b.call("bulk", map[string]any{"list": []any{good, bad, good}})
	if f := got.Failure; f == nil || f.Cause != run.ErrorIn200 || !strings.Contains(f.Summary, "1 of 3 items was refused") || !strings.Contains(f.Evidence, "item 1") || !strings.Contains(f.Evidence, "The name field is required") {
		t.Errorf("a bad one among them: %s %+v", got.Status, f)
	}
}
