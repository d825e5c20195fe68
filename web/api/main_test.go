package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"github.com/labstack/echo/v4"

	"tieline/db"
	"tieline/db/dbtest"
	"tieline/internal/account"
	"tieline/internal/control"
	"tieline/internal/executor"
	"tieline/internal/id"
	"tieline/internal/outbound"
	"tieline/internal/secret"
	"tieline/internal/signin"
	"tieline/web/api"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// portal is an installation behind a real HTTP server.
type portal struct {
	*httptest.Server

	d       *db.DB
	control *control.Plane
	vendor  *httptest.Server
	keys    map[account.Role]string

	mu   sync.Mutex
	hits int
	last *http.Request
}

const vendorJSON = `{"results":[{"id":"51"},{"id":"52"}],"success":true}`

const vendorPDF = "%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n"

func newPortal(t testing.TB, d *db.DB) *portal {
	t.Helper()
	p := &portal{d: d, keys: map[account.Role]string{}}
	p.vendor = httptest.NewServer(http.HandlerFunc(p.serveVendor))
	t.Cleanup(p.vendor.Close)
	key, err := secret.NewKeyring(secret.NewKey())
	must(t, err)
	log := slog.New(slog.DiscardHandler)
	out := outbound.New(outbound.Options{AllowOutbound: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	t.Cleanup(out.Close)
	people := signin.New(signin.Deps{DB: d, Logger: log})
	p.control = control.New(control.Deps{
		DB: d, Outbound: out, Sealer: key, Signin: people, Logger: log,
		Executor: executor.New(executor.Options{Outbound: out, Opener: key, Recorder: control.NewRecorder(d), Tokens: control.NewTokens(d, key, log), Logger: log}),
	})
	e := echo.New()
	e.IPExtractor = echo.ExtractIPDirect()
	api.Mount(e, api.Deps{DB: d, Control: p.control, Signin: people, Logger: log, Version: "test", Base: "https://portal.example/x"})
	p.Server = httptest.NewServer(e)
	t.Cleanup(p.Close)
	for _, role := range account.Roles() {
		p.keys[role] = p.key(t, role)
	}
	return p
}

func (p *portal) serveVendor(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.hits++
	p.last = r
	p.mu.Unlock()
	switch {
	case strings.HasSuffix(r.URL.Path, ".pdf"):
		w.Header().Set("Content-Type", "application/pdf")
		_, _ = io.WriteString(w, vendorPDF)
	case r.URL.Path == "/cut":
		w.Header().Set("Content-Type", "application/pdf")
		w.Header().Set("Content-Length", "100000")
		_, _ = io.WriteString(w, vendorPDF+strings.Repeat("x", 5000))
	case r.URL.Path == "/page":
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, "<html><title>Hello</title></html>")
	default:
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, vendorJSON)
	}
}

func (p *portal) vendorHits() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.hits
}

// key makes an API key.
func (p *portal) key(t testing.TB, role account.Role, customers ...string) string {
	t.Helper()
	_, text, err := p.control.CreateAPIKey(t.Context(), account.System("test"), account.APIKey{Name: "k " + id.New(), Role: role, CustomerIDs: customers})
	must(t, err)
	return text.Reveal()
}

// answer is what came back.
type answer struct {
	status int
	head   http.Header
	body   string
	json   map[string]any
}

// ask sends a request; body may be a text, nil, or a value to encode.
func (p *portal) ask(t testing.TB, key, method, path string, body any, headers ...string) answer {
	t.Helper()
	var reader io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		reader = strings.NewReader(b)
	default:
		text, err := json.Marshal(b)
		must(t, err)
		reader = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(t.Context(), method, p.URL+"/api/v1"+path, reader)
	must(t, err)
	if key != "" {
		r.Header.Set("Authorization", "Bearer "+key)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	res, err := p.Client().Do(r)
	must(t, err)
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	a := answer{status: res.StatusCode, head: res.Header, body: string(text)}
	if err != nil {
		a.body += " [broken off]"
	}
	_ = json.Unmarshal(text, &a.json)
	return a
}

// owner asks with an owner's key.
func (p *portal) owner(t testing.TB, method, path string, body any, headers ...string) answer {
	t.Helper()
	return p.ask(t, p.keys[account.Owner], method, path, body, headers...)
}

func (a answer) want(t testing.TB, status int) answer {
	t.Helper()
	if a.status != status {
		t.Fatalf("status = %d, want %d: %s", a.status, status, a.body)
	}
	return a
}

// fields are the field problems of a problem+json.
func (a answer) fields() map[string]any {
	f, _ := a.json["fields"].(map[string]any)
	return f
}

func (a answer) wantField(t testing.TB, field string) answer {
	t.Helper()
	if text, ok := a.fields()[field].(string); !ok || text == "" || a.status != http.StatusUnprocessableEntity {
		t.Errorf("status %d, fields %v, want 422 with %q: %s", a.status, a.fields(), field, a.body)
	}
	return a
}

func (a answer) text(path ...string) string {
	var value any = a.json
	for _, name := range path {
		object, _ := value.(map[string]any)
		value = object[name]
	}
	if value == nil {
		return ""
	}
	return fmt.Sprint(value)
}

// scene is a customer with an integrator of an integration whose base URL is the vendor.
type scene struct {
	customer, name, integrator string
}

const sceneText = `tieline: 1
integration:
  name: %s
  label: CRM
  type: crm
  parameters:
    - {name: ApiKey, label: API key, in: header, secret: true}
    - {name: Region, in: query}
  endpoints:
    - {name: find, type: GetData, url: "/contacts", query: [{name: phone, value: "{{phone_number}}"}], params: [ApiKey], response: {type: json, key: results.0.id, outputs: [{name: second, path: results.1.id}]}}
    - {name: all, type: GetData, url: "/contacts", contract: records, response: {type: json, items: results}}
    - {name: invoice, type: Document, url: "/inv/{{InvoiceNumber}}.pdf"}
    - {name: page, type: Document, url: "/page"}
    - {name: cut, type: Document, url: "/cut"}
    - {name: save, type: PostData, method: POST, url: "/calls", body: {kind: json, content: '{"note": "{{input.note}}"}'}}
`

func (p *portal) scene(t testing.TB) scene {
	t.Helper()
	s := scene{customer: "acme-" + id.New()[24:], name: "crm-" + id.New()[24:]}
	p.owner(t, "POST", "/customers", map[string]any{"slug": s.customer, "name": "Acme"}).want(t, 201)
	p.owner(t, "PUT", "/integrations/"+s.name, fmt.Sprintf(sceneText, s.name), "Content-Type", "application/yaml").want(t, 201)
	s.integrator = p.integrator(t, s.name, s.customer)
	host, port, err := net.SplitHostPort(p.vendor.Listener.Addr().String())
	must(t, err)
	p.owner(t, "POST", "/outbound", map[string]any{"customer": s.customer, "target": host, "ports": port}).want(t, 201)
	return s
}

func (p *portal) integrator(t testing.TB, name, customer string) string {
	t.Helper()
	return p.owner(t, "POST", "/integrations/"+name+"/integrators", map[string]any{
		"customer": customer, "base_url": p.vendor.URL, "allow_http": true, "fields": map[string]any{"ApiKey": "canary-key-0123456789"},
	}).want(t, 201).text("id")
}

func (s scene) path(endpoint string) string {
	return "/integrations/" + s.name + "/endpoints/" + endpoint
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("error: %v", err)
	}
}
