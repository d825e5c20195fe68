package preset

import (
	"log/slog"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"tieline/internal/executor"
	"tieline/internal/integration"
	"tieline/internal/outbound"
	"tieline/internal/request"
	"tieline/internal/run"
	"tieline/internal/sandbox"
	"tieline/internal/secret"
)

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
	p, ok := Of("connectwise")
	if !ok {
		t.Fatal("there is no preset connectwise")
	}
	return &psaBench{
		t: t, keys: keys, of: p.Integration, base: vendor.URL + "/connectwise/v4_6_release/apis/3.0",
		calls: executor.New(executor.Options{Outbound: client, Opener: keys, Recorder: &keeper{}, Logger: slog.New(slog.DiscardHandler)}),
	}
}

// call makes one call with the sandbox's member keys.
func (b *psaBench) call(endpoint string, input map[string]any) run.Run {
	b.t.Helper()
	in := b.of
	plan, err := request.Compile(in, endpoint)
	if err != nil {
		b.t.Fatal(err)
	}
	use := integration.Integrator{
		ID: "i1", CustomerID: "c1", Host: strings.TrimPrefix(b.base, "http://"), BaseURL: b.base, AllowHTTP: true, Enabled: true,
		Auth: integration.Auth{Kind: "connectwise", Settings: map[string]string{
			"company_id": sandbox.CompanyID, "public_key": sandbox.PublicKey, "client_id": sandbox.ClientID,
		}},
		Secrets: map[string]secret.Sealed{},
	}
	use.Host, _, _ = strings.Cut(use.Host, "/")
	if use.Secrets["auth.private_key"], err = b.keys.Seal(use.SecretPlace("auth.private_key"), secret.NewText(sandbox.PrivateKey)); err != nil {
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
		{"getInfo", map[string]any{}, "v", ""},
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
	b.of.Endpoints = append(slices.Clone(b.of.Endpoints), integration.Endpoint{
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
