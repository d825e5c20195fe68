package preset

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"tieline/internal/document"
	"tieline/internal/executor"
	"tieline/internal/integration"
	"tieline/internal/outbound"
	"tieline/internal/request"
	"tieline/internal/run"
	"tieline/internal/secret"
)

func TestEveryPresetIsCanonical(t *testing.T) {
	t.Parallel()
	for _, p := range Library() {
		path := filepath.Join("library", p.Key+".yaml")
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		in := p.Integration
		in.Preset = ""
		want, err := document.YAML(presetFile{Tieline: document.Format, Preset: p.About, Integration: in})
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
	}
}

// A preset may not warn: whoever takes it did nothing wrong yet.
func TestEveryPresetIsValidAndSaysWhatItsUserMustKnow(t *testing.T) {
	t.Parallel()
	if len(Library()) < 10 {
		t.Fatalf("%d presets", len(Library()))
	}
	for _, p := range Library() {
		in := p.Integration
		if err := in.Validate(); err != nil {
			t.Errorf("%s: %v", p.Key, err)
		}
		for _, w := range in.Warnings() {
			t.Errorf("%s: warning at %s: %s", p.Key, w.Field, w.Message)
		}
		for _, w := range request.Check(in) {
			t.Errorf("%s: %s at %s: %s", p.Key, w.Cause, w.Field, w.Message)
		}
		if in.Name != p.Key || p.About.Summary == "" || len(p.About.Steps) == 0 || p.About.Host == "" && p.About.HostExample == "" {
			t.Errorf("%s: name %q, about %+v", p.Key, in.Name, p.About)
		}
		if _, ok := integration.AuthKindOf(p.About.Auth.Kind); !ok {
			t.Errorf("%s: auth kind %q", p.Key, p.About.Auth.Kind)
		}
		check, ok := in.Endpoint(p.About.Check)
		if !ok || check.EffectiveRepeat() != "safe" {
			t.Errorf("%s: the check %q is no endpoint that may be repeated", p.Key, p.About.Check)
		}
	}
}

// Each endpoint of each preset is called once against a recorded shape of its vendor's answer; testdata has one file
// a preset, and adding a preset needs nothing but its two files.
func TestEveryEndpointOfEveryPresetWorksAgainstARecordedShape(t *testing.T) {
	t.Parallel()
	for _, p := range Library() {
		t.Run(p.Key, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join("testdata", p.Key+".txtar")
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			parts := map[string]string{}
			for _, f := range archive.Files {
				parts[f.Name] = string(f.Data)
			}
			for _, e := range p.Integration.Endpoints {
				t.Run(e.Name, func(t *testing.T) { recorded(t, p, e.Name, parts) })
			}
			for name := range parts {
				endpoint, _, _ := strings.Cut(name, ".")
				if _, ok := p.Integration.Endpoint(endpoint); !ok && endpoint != "integrator" && endpoint != "token" {
					t.Errorf("%s belongs to no endpoint", name)
				}
			}
			if *update {
				rewrite(t, path, archive, parts)
			}
		})
	}
}

// asked are the parts integrator.json and <endpoint>.call.json.
type asked struct {
	Auth    integration.Auth  `json:"auth"`
	Fields  map[string]string `json:"fields"`
	Secrets map[string]string `json:"secrets"`
	Tokens  map[string]any    `json:"tokens"`
	Input   any               `json:"input"`
	Context map[string]any    `json:"ctx"`
	Record  map[string]any    `json:"record"`
}

func recorded(t *testing.T, p Preset, endpoint string, parts map[string]string) {
	t.Helper()
	var sent []string
	var use asked
	if err := json.Unmarshal([]byte(parts["integrator.json"]), &use); err != nil {
		t.Fatal(err)
	}
	vendor := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent = append(sent, wire(t, r))
		part := endpoint + ".answer.http"
		if r.URL.Path == use.Auth.Settings["token_url"] {
			part = "token.answer.http"
		}
		answer, err := http.ReadResponse(bufio.NewReader(strings.NewReader(parts[part])), r)
		if err != nil {
			t.Errorf("%s: %v", part, err)
			return
		}
		maps.Copy(w.Header(), answer.Header)
		w.WriteHeader(answer.StatusCode)
		_, _ = io.Copy(w, answer.Body)
	}))
	t.Cleanup(vendor.Close)
	got := call(t, p, endpoint, vendor.URL, parts)
	if *update {
		parts[endpoint+".want.http"], parts[endpoint+".end"] = strings.Join(sent, ""), string(got.Status)+" "+got.Summary()+"\n"
	}
	if want := parts[endpoint+".want.http"]; strings.Join(sent, "") != want {
		t.Errorf("sent\n%s\nwant\n%s", strings.Join(sent, ""), want)
	}
	if end := string(got.Status) + " " + got.Summary() + "\n"; end != parts[endpoint+".end"] {
		t.Errorf("ended %q, want %q (%+v)", end, parts[endpoint+".end"], got.Failure)
	}
}

// rewrite stores what the calls sent and how they ended, each after its answer.
func rewrite(t *testing.T, path string, archive *txtar.Archive, parts map[string]string) {
	t.Helper()
	files := archive.Files
	archive.Files = nil
	for _, f := range files {
		endpoint, kind, _ := strings.Cut(f.Name, ".")
		if kind == "want.http" || kind == "end" {
			continue
		}
		archive.Files = append(archive.Files, f)
		if kind == "answer.http" && endpoint != "token" {
			for _, name := range []string{endpoint + ".want.http", endpoint + ".end"} {
				archive.Files = append(archive.Files, txtar.File{Name: name, Data: []byte(parts[name])})
			}
		}
	}
	if err := os.WriteFile(path, txtar.Format(archive), 0o600); err != nil {
		t.Fatal(err)
	}
}

func call(t *testing.T, p Preset, endpoint, base string, parts map[string]string) run.Run {
	t.Helper()
	var a asked
	for _, part := range []string{"integrator.json", endpoint + ".call.json"} {
		if text := parts[part]; text != "" {
			if err := json.Unmarshal([]byte(text), &a); err != nil {
				t.Fatalf("%s: %v", part, err)
			}
		}
	}
	keys, err := secret.NewKeyring(secret.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	in := integration.Integrator{ID: "i", CustomerID: "c", BaseURL: base, AllowHTTP: true, Auth: a.Auth, Fields: a.Fields, Secrets: map[string]secret.Sealed{}}
	for name, text := range a.Secrets {
		if in.Secrets[name], err = keys.Seal(in.SecretPlace(name), secret.NewText(text)); err != nil {
			t.Fatal(err)
		}
	}
	client := outbound.New(outbound.Options{AllowOutbound: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	t.Cleanup(client.Close)
	calls := executor.New(executor.Options{Outbound: client, Opener: keys, Recorder: &keeper{}, Logger: slog.New(slog.DiscardHandler)})
	plan, err := request.Compile(p.Integration, endpoint)
	if err != nil {
		t.Fatal(err)
	}
	got, err := calls.Run(t.Context(), executor.Job{
		Run: run.Run{ID: "run-1", Endpoint: endpoint}, Definition: p.Integration, Endpoint: endpoint, Plan: plan, Integrator: in,
		Tokens: a.Tokens, Input: a.Input, HasInput: a.Input != nil, Record: executor.Record{Data: a.Record},
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// wire is a request in a form that can be written down: the headers that the definition or its auth asked for, sorted,
// and the body. A moment in it is replaced, so that it is the same every time.
func wire(t *testing.T, r *http.Request) string {
	t.Helper()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Error(err)
	}
	lines := []string{}
	for name, values := range r.Header {
		if slices.Contains([]string{"User-Agent", "Accept-Encoding", "Content-Length"}, name) {
			continue
		}
		for _, v := range values {
			lines = append(lines, name+": "+v)
		}
	}
	slices.Sort(lines)
	text := fmt.Sprintf("%s %s\n%s\n", r.Method, r.URL.RequestURI(), strings.Join(lines, "\n"))
	if len(body) > 0 {
		text += "\n" + string(body) + "\n"
	}
	return moments.ReplaceAllString(text, "MOMENT")
}
