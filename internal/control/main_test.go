package control_test

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync"
	"testing"

	"tieline/db"
	"tieline/db/dbtest"
	"tieline/internal/account"
	"tieline/internal/control"
	"tieline/internal/executor"
	"tieline/internal/fault"
	"tieline/internal/id"
	"tieline/internal/integration"
	"tieline/internal/outbound"
	"tieline/internal/run"
	"tieline/internal/secret"
	"tieline/internal/signin"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// vendor is a third party that keeps what it was sent.
type vendor struct {
	*httptest.Server

	mu   sync.Mutex
	seen []*http.Request
	body []string
}

// newVendor answers every request with {"results":[{"id":"51"}],"echo":…} and a document under /doc.pdf.
func newVendor(t *testing.T) *vendor {
	t.Helper()
	v := &vendor{}
	v.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		v.mu.Lock()
		v.seen, v.body = append(v.seen, r), append(v.body, string(body))
		v.mu.Unlock()
		switch r.URL.Path {
		case "/doc.pdf":
			w.Header().Set("Content-Type", "application/pdf")
			_, _ = io.WriteString(w, "%PDF-1.4\n%%EOF\n")
		case "/gone":
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, `{"message":"no such thing"}`)
		default:
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(map[string]any{"results": []any{map[string]any{"id": "51"}}, "phone": r.URL.Query().Get("phone")})
		}
	}))
	t.Cleanup(v.Close)
	return v
}

func (v *vendor) hits() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.seen)
}

func (v *vendor) last(t *testing.T) (*http.Request, string) {
	t.Helper()
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.seen) == 0 {
		t.Fatal("the vendor was not called")
	}
	return v.seen[len(v.seen)-1], v.body[len(v.body)-1]
}

// world is an installation with a database, a key and a vendor.
type world struct {
	*control.Plane

	d      *db.DB
	vendor *vendor
	key    *secret.Keyring
	signin *signin.Service
}

func newWorld(t *testing.T, d *db.DB) *world {
	t.Helper()
	key, err := secret.NewKeyring(secret.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	out := outbound.New(outbound.Options{AllowOutbound: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	t.Cleanup(out.Close)
	people := signin.New(signin.Deps{DB: d, Logger: log})
	e := executor.New(executor.Options{Outbound: out, Opener: key, Recorder: control.NewRecorder(d), Tokens: control.NewTokens(d, key, log), Logger: log})
	w := &world{d: d, vendor: newVendor(t), key: key, signin: people}
	w.Plane = control.New(control.Deps{DB: d, Executor: e, Outbound: out, Sealer: key, Signin: people, Logger: log})
	return w
}

func (w *world) host() string { return w.vendor.Listener.Addr().String() }

// as is a person of a role who sees everything, or only some customers.
func as(role account.Role, customers ...string) account.Actor {
	scope := account.Everything()
	if len(customers) > 0 {
		scope = account.Only(customers...)
	}
	return account.Actor{Kind: account.Person, ID: "user-" + string(role), Name: string(role) + "@acme.test", Role: role, Scope: scope, Address: "192.0.2.1"}
}

var owner = as(account.Owner)

// definition is an integration whose endpoints call the vendor at the integrator's base URL.
func definition(name string) integration.Integration {
	return integration.Integration{
		Name: name, Label: "Label of " + name, Type: "crm",
		Parameters: []integration.Parameter{{Name: "ApiKey", In: "header", Secret: true}, {Name: "Region", In: "query"}},
		Endpoints: []integration.Endpoint{
			{
				Name: "find", Type: "GetData", Method: "GET", URL: "/contacts", Query: []integration.Row{{Name: "phone", Value: "{{phone_number}}"}},
				Params: []string{"ApiKey"}, Response: integration.Response{Type: "json", Key: "results.0.id"},
			},
			{
				Name: "save", Type: "PostData", Method: "POST", URL: "/calls",
				Body: integration.Body{Kind: "json", Content: `{"contact": "{{contact_id | default:"none"}}", "note": "{{input.note | default:""}}"}`},
			},
			{Name: "invoice", Type: "Document", Method: "GET", URL: "/doc.pdf"},
			{Name: "gone", Type: "GetData", Method: "GET", URL: "/gone"},
		},
	}
}

func (w *world) customer(t *testing.T) account.Customer {
	t.Helper()
	c, err := w.CreateCustomer(t.Context(), owner, account.Customer{Name: "Acme", Slug: "acme-" + id.New()[24:], Enabled: true})
	must(t, err)
	return c
}

func (w *world) integration(t *testing.T) control.Saved {
	t.Helper()
	saved, err := w.CreateIntegration(t.Context(), owner, definition("crm-"+id.New()[24:]))
	must(t, err)
	return saved
}

func (w *world) integrator(t *testing.T, of control.Saved, c account.Customer) integration.Integrator {
	t.Helper()
	saved, err := w.CreateIntegrator(t.Context(), owner, of.Integration.Name, control.IntegratorInput{
		Integrator: integration.Integrator{CustomerID: c.ID, BaseURL: "http://" + w.host(), AllowHTTP: true, Auth: integration.Auth{Kind: "none"}, Enabled: true},
		Secrets:    map[string]secret.Text{"field.ApiKey": secret.NewText("canary-key-0123456789")},
	})
	must(t, err)
	w.allow(t, c)
	return saved.Integrator
}

// allow lets a customer's calls reach the vendor.
func (w *world) allow(t *testing.T, c account.Customer) {
	t.Helper()
	address, port, err := net.SplitHostPort(w.host())
	must(t, err)
	_, err = w.AllowAddress(t.Context(), owner, account.AllowEntry{CustomerID: c.ID, Target: address, Ports: port})
	if err != nil && fault.KindOf(err) != fault.Invalid {
		t.Fatal(err)
	}
}

// stage is one integration with one customer's integrator.
type stage struct {
	customer   account.Customer
	saved      control.Saved
	integrator integration.Integrator
}

func (w *world) stage(t *testing.T) stage {
	t.Helper()
	s := stage{customer: w.customer(t), saved: w.integration(t)}
	s.integrator = w.integrator(t, s.saved, s.customer)
	return s
}

func (s stage) call(endpoint string) control.CallRequest {
	return control.CallRequest{
		Integration: s.saved.Integration.Name, Endpoint: endpoint, Customer: s.customer.Slug, Tokens: map[string]any{"phone_number": "+15551234567"},
	}
}

// failed is a run of the stage that failed.
func (w *world) failed(t *testing.T, s stage) run.Run {
	t.Helper()
	r, err := w.Call(t.Context(), owner, s.call("gone"))
	must(t, err)
	if r.Status != run.Failed {
		t.Fatalf("status = %s, want failed", r.Status)
	}
	return r
}

func (w *world) user(t *testing.T, role account.Role, customers ...string) account.User {
	t.Helper()
	u, _, err := w.CreateUser(t.Context(), owner, control.UserInput{User: account.User{
		Email: fmt.Sprintf("u%s@acme.test", id.New()), Name: "Somebody", Role: role, CustomerIDs: customers,
	}})
	must(t, err)
	return u
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("error: %v", err)
	}
}

func wantKind(t *testing.T, err error, want fault.Kind) {
	t.Helper()
	if err == nil || fault.KindOf(err) != want {
		t.Fatalf("error = %v, want kind %v", err, want)
	}
}

func wantField(t *testing.T, err error, field string) {
	t.Helper()
	if fields, _ := fault.FieldsOf(err); fields[field] == "" {
		t.Fatalf("error = %v, want a problem at %q", err, field)
	}
}
