//go:build linux

package executor

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
	"golang.org/x/tools/txtar"

	"tieline/internal/integration"
	"tieline/internal/outbound"
	"tieline/internal/run"
)

// want is how a broken call must be explained; testdata/why/README.md says what each part means.
type want struct {
	Cause    run.Cause `json:"cause"`
	Summary  string    `json:"summary"`
	Evidence []string  `json:"evidence"`
	Hint     []string  `json:"hint"`
	Status   string    `json:"status"`
	Requests *int64    `json:"requests"`
}

// asCalled are the parts of a file that say how the call was made.
type asCalled struct {
	BaseURL   string             `json:"base_url"`
	Host      string             `json:"host"`
	AllowHTTP bool               `json:"allow_http"`
	Auth      integration.Auth   `json:"auth"`
	Fields    map[string]string  `json:"fields"`
	Policy    integration.Policy `json:"policy"`
	Secrets   map[string]string  `json:"secrets"`
	Tokens    map[string]any     `json:"tokens"`
	Input     any                `json:"input"`
	Record    *struct {
		Type string         `json:"type"`
		ID   string         `json:"id"`
		Data map[string]any `json:"data"`
	} `json:"record"`
}

// TestEveryBrokenCallOfTheCorpusIsExplained makes each call of the corpus end to end, against a vendor on a TCP
// port that does what the file says.
func TestEveryBrokenCallOfTheCorpusIsExplained(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("..", "..", "testdata", "why", "*.txtar"))
	if err != nil || len(files) < 60 {
		t.Fatalf("%d files, %v; at least 60 are promised", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			why(t, txtar.Parse(data))
		})
	}
}

func why(t *testing.T, a *txtar.Archive) {
	t.Helper()
	var def integration.Integration
	fromYAML(t, part(a, "definition.yaml"), &def)
	var called asCalled
	fromYAML(t, part(a, "integrator.yaml"), &called)
	fromYAML(t, part(a, "call.yaml"), &called)
	v := newTCPVendor(t, a)
	b := newBench(t, v.options())
	j := b.job(t, called.Host, def.Endpoints[0], def.Parameters...)
	j.Integrator.BaseURL = called.BaseURL
	if called.BaseURL == "" && called.Host == "" {
		j.Integrator.BaseURL = v.baseURL()
	}
	j.Integrator.AllowHTTP, j.Integrator.Auth, j.Integrator.Fields, j.Integrator.Policy = called.AllowHTTP, called.Auth, called.Fields, called.Policy
	for name, value := range called.Secrets {
		b.seal(t, &j, name, value)
	}
	j.Tokens, j.Input, j.HasInput = called.Tokens, called.Input, called.Input != nil
	if called.Record != nil {
		j.Record = Record{Type: called.Record.Type, ID: called.Record.ID, Data: called.Record.Data}
	}
	returned := b.run(t, j)
	recorded := b.recorder.only(t)
	var w want
	if err := json.Unmarshal(bytes.ReplaceAll(part(a, "want.json"), []byte("{{vendor}}"), []byte(v.addr)), &w); err != nil {
		t.Fatal(err)
	}
	w.check(t, recorded)
	if got := v.requests.Load(); w.Requests != nil && got != *w.Requests {
		t.Errorf("the vendor saw %d requests, want %d", got, *w.Requests)
	}
	if all := everything(t, recorded) + everything(t, returned); strings.Contains(all, "canary") {
		t.Errorf("a secret is in %s", all)
	}
}

func (w want) check(t *testing.T, r run.Run) {
	t.Helper()
	status := run.Failed
	if w.Status != "" {
		status = run.Status(w.Status)
	}
	f := r.Failure
	if f == nil {
		t.Fatalf("the run %s: nothing was wrong with it", r.Status)
	}
	t.Logf("\n  %s: %s\n  evidence: %s\n  hint:     %s", f.Cause, f.Summary, f.Evidence, f.Hint)
	if r.Status != status || f.Cause != w.Cause || w.Summary != "" && f.Summary != w.Summary {
		t.Errorf("got %s %+v\nwant %s %s %q", r.Status, f, status, w.Cause, w.Summary)
	}
	for _, s := range w.Evidence {
		if !strings.Contains(f.Evidence, s) {
			t.Errorf("evidence %q, want %q in it", f.Evidence, s)
		}
	}
	for _, s := range w.Hint {
		if !strings.Contains(f.Hint, s) {
			t.Errorf("hint %q, want %q in it", f.Hint, s)
		}
	}
	if f.Summary == "" || f.Evidence == "" || f.Hint == "" || !strings.HasPrefix(r.Summary(), "null – ") && r.Result == nil {
		t.Errorf("no proper words: %+v, %q", f, r.Summary())
	}
}

func part(a *txtar.Archive, name string) []byte {
	for _, f := range a.Files {
		if f.Name == name {
			return f.Data
		}
	}
	return nil
}

func fromYAML(t *testing.T, data []byte, into any) {
	t.Helper()
	var v any
	if err := yaml.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatal(err)
	}
}

// answerOf is the answer of a file as bytes for the wire: head and body.
func answerOf(t *testing.T, a *txtar.Archive, repeat int) []byte {
	t.Helper()
	head, body, _ := strings.Cut(string(part(a, "vendor.http")), "\n\n")
	body = strings.TrimSuffix(body, "\n")
	if data := part(a, "vendor.body.base64"); data != nil {
		whole, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(string(data), "\n", ""))
		if err != nil {
			t.Fatal(err)
		}
		body = string(whole)
	}
	lines := strings.Split(strings.TrimRight(head, "\n"), "\n")
	return []byte(strings.Join(lines, "\r\n") + "\r\n\r\n" + strings.Repeat(body, max(repeat, 1)))
}

// options are what a client needs to reach the vendor, and nothing else.
func (v *tcpVendor) options() outbound.Options {
	return outbound.Options{Resolver: v, RootCAs: v.roots}
}

func (v *tcpVendor) baseURL() string {
	if v.tls != nil || v.plainTLS {
		return "https://" + v.addr
	}
	return "http://" + v.addr
}

// directive reads one line of vendor.txt with a pattern for fmt.Sscanf.
func directive(line, pattern string, into ...any) bool {
	n, err := fmt.Sscanf(line, pattern, into...)
	return err == nil && n == len(into)
}

var _ outbound.Resolver = (*tcpVendor)(nil)

func closed(l net.Listener) string {
	addr := l.Addr().String()
	_ = l.Close()
	return addr
}
