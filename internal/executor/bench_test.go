package executor

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"tieline/internal/integration"
	"tieline/internal/outbound"
	"tieline/internal/request"
	"tieline/internal/run"
	"tieline/internal/secret"
)

type nowhere struct{}

func (nowhere) Start(context.Context, run.Run) error  { return nil }
func (nowhere) Finish(context.Context, run.Run) error { return nil }

// BenchmarkRun is one whole call without storage: a JSON body with tokens, a secret header, 1 KB of answer.
func BenchmarkRun(b *testing.B) {
	body := append([]byte(`{"id":"1","list":[`), bytes.Repeat([]byte(`{"name":"x","n":12},`), 50)...)
	body = append(body, `0]}`...)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(body)
	}))
	b.Cleanup(s.Close)
	keys, err := secret.NewKeyring(secret.NewKey())
	if err != nil {
		b.Fatal(err)
	}
	out := outbound.New(outbound.Options{AllowOutbound: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	e := New(Options{Outbound: out, Opener: keys, Recorder: nowhere{}})
	def := integration.Integration{
		Name: "crm", Parameters: []integration.Parameter{{Name: "Key", Secret: true}},
		Endpoints: []integration.Endpoint{{
			Name: "try", Method: "POST", Repeat: "safe", URL: "/leads/{{id}}", Headers: []integration.Row{{Name: "X-Key", Value: "{{field.Key}}"}, {Name: "Accept", Value: "application/json"}},
			Body:     integration.Body{Kind: "json", Content: `{"phone":"{{phone}}","name":"{{name}}","note":"` + strings.Repeat("n", 200) + `"}`},
			Response: integration.Response{Key: "id"},
		}},
	}
	plan, err := request.Compile(def, "try")
	if err != nil {
		b.Fatal(err)
	}
	j := Job{
		Definition: def, Endpoint: "try", Plan: plan, Tokens: map[string]any{"id": "7", "phone": "+15551234567", "name": "Harbour Bakery"},
		Integrator: integration.Integrator{ID: "i1", CustomerID: "c1", Host: strings.TrimPrefix(s.URL, "http://"), BaseURL: s.URL},
	}
	sealed, err := keys.Seal(j.Integrator.SecretPlace("field.Key"), secret.NewText("a-secret-of-some-length"))
	if err != nil {
		b.Fatal(err)
	}
	j.Integrator.Secrets = map[string]secret.Sealed{"field.Key": sealed}
	b.ReportAllocs()
	for b.Loop() {
		if r, err := e.Run(b.Context(), j); err != nil || r.Status != run.Succeeded {
			b.Fatal(r.Failure, err)
		}
	}
}
