package request_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"tieline/internal/integration"
	"tieline/internal/mapping"
	"tieline/internal/request"
	"tieline/internal/run"
	"tieline/internal/secret"
)

var update = flag.Bool("update", false, "write the goldens anew")

// values is the text form of request.Data in the goldens.
type values struct {
	Tokens, Data, Call, Record, Agent   map[string]any
	Input                               *any
	Context, State, Steps, Options      map[string]any
	Host, BaseURL                       string
	ExtraHosts                          []string
	Auth                                integration.Auth
	Fields, Secrets, Variables, Secreta map[string]string
}

func (v values) request() request.Data {
	d := request.Data{
		Event:   request.Event(v.Tokens, v.Data, v.Call, v.Record, v.Agent),
		Context: v.Context, State: v.State, Steps: v.Steps, Options: v.Options,
		Integrator: integration.Integrator{
			Host: v.Host, BaseURL: v.BaseURL, Fields: v.Fields, Auth: v.Auth,
			Policy: integration.Policy{ExtraHosts: v.ExtraHosts},
		},
		IntegratorName: "Acme", Secrets: map[string]secret.Text{}, Variables: map[string]request.Variable{},
		Nonce: "5f1d7a8e90b24c3d6e7f8091a2b3c4d5", RunID: "0198c0de-0000-7000-8000-000000000001",
		Now: time.Date(2026, 11, 22, 10, 15, 0, 0, time.UTC),
		Program: func(source string, input []byte) ([]byte, error) {
			p, err := mapping.CompileProgram(source)
			if err != nil {
				return nil, err
			}
			return p.Run(context.Background(), input)
		},
	}
	if v.Input != nil {
		d.Input, d.HasInput = *v.Input, true
	}
	for k, s := range v.Secrets {
		d.Secrets[k] = secret.NewText(s)
	}
	for k, s := range v.Variables {
		d.Variables[k] = request.Variable{Value: secret.NewText(s), Source: "variable of the installation"}
	}
	for k, s := range v.Secreta {
		d.Variables[k] = request.Variable{Value: secret.NewText(s), Secret: true, Source: "variable of customer acme"}
	}
	return d
}

// decode reads a part of a golden strictly, with numbers as text.
func decode(t *testing.T, data []byte, into any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		t.Fatalf("%v in\n%s", err, data)
	}
}

func section(a *txtar.Archive, name string) []byte {
	for _, f := range a.Files {
		if f.Name == name {
			return f.Data
		}
	}
	return nil
}

// TestGoldens renders every testdata/*.txtar: endpoint.yaml is an endpoint (as JSON, which is YAML), or
// integration.yaml a whole integration whose first endpoint is called; want.http is the call or the refusal.
func TestGoldens(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) < 40 {
		t.Fatalf("%d goldens, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			in, v := integration.Integration{Name: "demo"}, values{Host: "api.example.com"}
			if whole := section(a, "integration.yaml"); whole != nil {
				decode(t, whole, &in)
			} else {
				in.Endpoints = make([]integration.Endpoint, 1)
				decode(t, section(a, "endpoint.yaml"), &in.Endpoints[0])
			}
			decode(t, section(a, "values.json"), &v)
			got := render(t, in, v)
			if *update {
				write(t, file, a, got)
				return
			}
			if want := string(section(a, "want.http")); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func write(t *testing.T, file string, a *txtar.Archive, got string) {
	t.Helper()
	a.Files = slices.DeleteFunc(a.Files, func(f txtar.File) bool { return f.Name == "want.http" })
	a.Files = append(a.Files, txtar.File{Name: "want.http", Data: []byte(got)})
	if err := os.WriteFile(file, txtar.Format(a), 0o600); err != nil {
		t.Fatal(err)
	}
}

// render writes what Check, Build and, for a refusal, Preview say.
func render(t *testing.T, in integration.Integration, v values) string {
	t.Helper()
	var out strings.Builder
	for _, p := range request.Check(in) {
		fmt.Fprintf(&out, "# check %s %s (refused: %t): %s\n", p.Field, p.Cause, request.Refuse(p), p.Message)
	}
	plan, err := request.Compile(in, in.Endpoints[0].Name)
	if err != nil {
		t.Fatal(err)
	}
	call, failure := plan.Build(v.request())
	if failure != nil {
		fmt.Fprintf(&out, "# refused %s: %s\n#   evidence: %s\n#   hint: %s\n", failure.Cause, failure.Summary, failure.Evidence, failure.Hint)
		if call.Request.URL != "" || call.Request.Body != nil {
			t.Error("a refused call has a request")
		}
		var problems []run.Problem
		call, problems = plan.Preview(v.request())
		for _, p := range problems {
			fmt.Fprintf(&out, "# preview %s %s: %s\n", p.Field, p.Cause, p.Message)
		}
	}
	for _, use := range call.Trace {
		fmt.Fprintf(&out, "# token %s = %s, %s, in %s", use.Name, use.Value, use.Source, use.Where)
		if use.Shadowed != "" {
			out.WriteString(", shadows " + use.Shadowed)
		}
		out.WriteString("\n")
	}
	for _, s := range call.Spans {
		fmt.Fprintf(&out, "# secret in %s %d: %q\n", s.Where, s.Index, spanned(call, s.Where, s.Index)[s.From:s.To])
	}
	fmt.Fprintf(&out, "%s %s\n", call.Request.Method, call.Request.URL)
	for _, h := range call.Request.Headers {
		added := ""
		if slices.Contains(call.Added, h.Name) {
			added = "   (added)"
		}
		fmt.Fprintf(&out, "%s: %s%s\n", h.Name, h.Value, added)
	}
	if len(call.Request.Body) > 0 {
		fmt.Fprintf(&out, "\n%s\n", strings.ReplaceAll(string(call.Request.Body), "\r", "␍"))
	}
	return out.String()
}

func spanned(call request.Call, where string, index int) string {
	switch where {
	case "url":
		return call.Request.URL
	case "header":
		return call.Request.Headers[index].Value
	}
	return string(call.Request.Body)
}
