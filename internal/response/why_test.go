package response_test

import (
	"encoding/base64"
	"encoding/json"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
	"golang.org/x/tools/txtar"

	"tieline/internal/integration"
	"tieline/internal/redact"
	"tieline/internal/response"
	"tieline/internal/run"
)

// why is the corpus of broken calls; its README says what the files hold.
const why = "../../testdata/why"

// want is what a broken call must be explained with. Summary is the whole text, the others are parts.
type want struct {
	Cause    run.Cause `json:"cause"`
	Summary  string    `json:"summary"`
	Evidence []string  `json:"evidence"`
	Hint     []string  `json:"hint"`
	Status   string    `json:"status"`
	Requests *int      `json:"requests"`
}

// TestWhy reads every answer of the corpus and holds the explanation against the one that is wanted. Cases in
// which the transport or the request decides (vendor.txt) are run by the executor's test.
func TestWhy(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(why, "*.txtar"))
	if err != nil || len(files) < 60 {
		t.Fatalf("%d files, %v; at least 60 are promised", len(files), err)
	}
	read := 0
	for _, file := range files {
		a, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		checkFormat(t, file, a)
		if part(a, "vendor.txt") != nil {
			continue
		}
		read++
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			whyCase(t, a)
		})
	}
	if read < 60 {
		t.Errorf("only %d cases hold an answer; at least 60 are promised", read)
	}
}

func whyCase(t *testing.T, a *txtar.Archive) {
	var def integration.Integration
	fromYAML(t, part(a, "definition.yaml"), &def)
	endpoint := def.Endpoints[0]
	x := exchangeOf(t, a, endpoint)
	_, f := response.Read(x, response.Asked{Endpoint: endpoint, URL: x.Request.URL, Hide: redact.New([]string{"canary-token-0001", "canary-password-1"})})
	if f == nil {
		t.Fatal("nothing was wrong with it")
	}
	t.Logf("\n  summary:  %s\n  evidence: %s\n  hint:     %s", f.Summary, f.Evidence, f.Hint)
	var w want
	if err := json.Unmarshal(part(a, "want.json"), &w); err != nil {
		t.Fatal(err)
	}
	w.check(t, *f)
}

func (w want) check(t *testing.T, f run.Failure) {
	t.Helper()
	if f.Cause != w.Cause {
		t.Errorf("cause = %s, want %s", f.Cause, w.Cause)
	}
	if w.Summary != "" && f.Summary != w.Summary {
		t.Errorf("summary = %q\n     want %q", f.Summary, w.Summary)
	}
	for _, s := range w.Evidence {
		if !strings.Contains(f.Evidence, s) {
			t.Errorf("evidence = %q, want %q in it", f.Evidence, s)
		}
	}
	for _, s := range w.Hint {
		if !strings.Contains(f.Hint, s) {
			t.Errorf("hint = %q, want %q in it", f.Hint, s)
		}
	}
	fitForSupport(t, f)
}

// fitForSupport holds every explanation against what all of them promise.
func fitForSupport(t *testing.T, f run.Failure) {
	t.Helper()
	if f.Hint == "" || f.Summary == "" {
		t.Error("summary or hint is empty")
	}
	if !strings.ContainsAny(f.Hint[max(0, len(f.Hint)-1):], ".?") || strings.HasSuffix(f.Summary, ".") {
		t.Errorf("a hint is sentences, a summary is not: %q, %q", f.Summary, f.Hint)
	}
	if len(f.Summary) > 220 || len(f.Evidence) > 900 || len(f.Hint) > 400 {
		t.Errorf("too long: %d, %d, %d bytes", len(f.Summary), len(f.Evidence), len(f.Hint))
	}
	all := f.Summary + f.Evidence + f.Hint
	if strings.Contains(all, "canary") || strings.Contains(f.Summary+f.Hint, "  ") || strings.Contains(f.Summary+f.Hint, "..") || strings.ContainsAny(all, "\n\x00") {
		t.Errorf("a secret, a gap or a line break in %q", all)
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
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, into); err != nil {
		t.Fatal(err)
	}
}

// exchangeOf is the call and the answer of a case, as the wire would have carried them.
func exchangeOf(t *testing.T, a *txtar.Archive, endpoint integration.Endpoint) run.Exchange {
	t.Helper()
	x := run.Exchange{
		StartedAt: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC),
		Request:   run.Request{Method: endpoint.EffectiveMethod(), URL: "https://vendor.test" + endpoint.URL},
	}
	for _, h := range endpoint.Headers {
		x.Request.Headers = append(x.Request.Headers, run.Header{Name: h.Name, Value: h.Value})
	}
	var integrator struct {
		Auth integration.Auth `json:"auth"`
	}
	if data := part(a, "integrator.yaml"); data != nil {
		fromYAML(t, data, &integrator)
	}
	switch integrator.Auth.Kind {
	case "bearer":
		x.Request.Headers = append(x.Request.Headers, run.Header{Name: "Authorization", Value: "Bearer canary-token-0001"})
	case "basic":
		x.Request.Headers = append(x.Request.Headers, run.Header{Name: "Authorization", Value: "Basic YXBpOmNhbmFyeS1wYXNzd29yZC0x"})
	}
	x.Response = answerOf(t, a)
	return x
}

func answerOf(t *testing.T, a *txtar.Archive) *run.Response {
	t.Helper()
	head, body, _ := strings.Cut(string(part(a, "vendor.http")), "\n\n")
	body = strings.TrimSuffix(body, "\n")
	if data := part(a, "vendor.body.base64"); data != nil {
		raw, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(string(data), "\n", ""))
		if err != nil {
			t.Fatal(err)
		}
		body = string(raw)
	}
	lines := strings.Split(strings.TrimRight(head, "\n"), "\n")
	status, err := strconv.Atoi(strings.Fields(lines[0])[1])
	if err != nil {
		t.Fatal(err)
	}
	out := &run.Response{Status: status, Body: []byte(body), Size: int64(len(body)), Complete: true}
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ":")
		out.Headers = append(out.Headers, run.Header{Name: name, Value: strings.TrimSpace(value)})
	}
	if announced, err := strconv.Atoi(out.Header("Content-Length")); err == nil && announced > len(body) {
		out.Complete = false
	}
	return out
}

// checkFormat holds a file against the README of the corpus.
func checkFormat(t *testing.T, file string, a *txtar.Archive) {
	t.Helper()
	if len(strings.TrimSpace(string(a.Comment))) == 0 {
		t.Errorf("%s does not say what happened", file)
	}
	var w want
	if err := json.Unmarshal(part(a, "want.json"), &w); err != nil || !w.Cause.Valid() {
		t.Errorf("%s: want.json: %v, cause %q", file, err, w.Cause)
	}
	var def integration.Integration
	fromYAML(t, part(a, "definition.yaml"), &def)
	if len(def.Endpoints) != 1 {
		t.Errorf("%s has %d endpoints, want 1", file, len(def.Endpoints))
	}
	if err := def.Validate(); err != nil {
		t.Errorf("%s: the definition could not be saved: %v", file, err)
	}
	if part(a, "vendor.http") == nil && part(a, "vendor.txt") == nil {
		t.Errorf("%s does not say what the vendor did", file)
	}
}
