package control_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"tieline/db"
	"tieline/internal/account"
	"tieline/internal/control"
	"tieline/internal/executor"
	"tieline/internal/id"
	"tieline/internal/integration"
	"tieline/internal/outbound"
	"tieline/internal/secret"
	"tieline/internal/signin"
)

// The secrets of the token vendor, which must be nowhere in what is stored.
const (
	canaryClient = "canary-client-secret-11"
	canaryLogin  = "canary-login-password-22"
	canaryToken  = "canary-token-" // a number follows
	canaryFresh  = "canary-refresh-"
)

// tokenVendor gives numbered tokens at /token, /refresh and /login and data at /data to whoever carries the newest one.
type tokenVendor struct {
	*httptest.Server

	mu      sync.Mutex
	given   int           // tokens so far
	good    string        // the token that /data takes; "" for none
	fresh   string        // the refresh token that is good once
	slow    time.Duration // before a token comes
	answer  func(w http.ResponseWriter, n int) bool
	refuse  func(w http.ResponseWriter)
	expires any
	rotate  bool
	calls   []string // "token", "data", in their order
	asked   []tokenAsk
	data    []*http.Request
}

type tokenAsk struct {
	path, basic, kind string
	form              url.Values
}

func newTokenVendor(t testing.TB) *tokenVendor {
	t.Helper()
	v := &tokenVendor{expires: 3600, rotate: true}
	v.refuse = func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(w, `{"error":"the token is not known"}`)
	}
	v.Server = httptest.NewServer(v)
	t.Cleanup(v.Close)
	return v
}

func (v *tokenVendor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	v.mu.Lock()
	slow := v.slow
	v.mu.Unlock()
	if strings.HasPrefix(r.URL.Path, "/data") {
		v.serveData(w, r)
		return
	}
	time.Sleep(slow)
	v.mu.Lock()
	defer v.mu.Unlock()
	v.calls = append(v.calls, "token")
	ask := tokenAsk{path: r.URL.Path, kind: r.Header.Get("Content-Type"), basic: r.Header.Get("Authorization"), form: url.Values{}}
	if strings.Contains(ask.kind, "json") {
		var fields map[string]string
		_ = json.Unmarshal(body, &fields)
		for k, value := range fields {
			ask.form.Set(k, value)
		}
	} else {
		ask.form, _ = url.ParseQuery(string(body))
	}
	v.asked = append(v.asked, ask)
	v.given++
	if v.answer != nil && v.answer(w, v.given) {
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if refresh := ask.form.Get("refresh_token"); ask.form.Get("grant_type") == "refresh_token" && refresh != v.fresh {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"error":"invalid_grant","error_description":"the refresh token was used"}`)
		return
	}
	v.good = fmt.Sprint(canaryToken, v.given)
	answer := map[string]any{"access_token": v.good, "token_type": "Bearer"}
	if v.expires != nil {
		answer["expires_in"] = v.expires
	}
	if grant := ask.form.Get("grant_type"); grant == "authorization_code" || grant == "refresh_token" && v.rotate {
		v.fresh = fmt.Sprint(canaryFresh, v.given)
		answer["refresh_token"] = v.fresh
	}
	_ = json.NewEncoder(w).Encode(answer)
}

func (v *tokenVendor) serveData(w http.ResponseWriter, r *http.Request) {
	v.mu.Lock()
	v.calls = append(v.calls, "data")
	v.data = append(v.data, r)
	good := v.good != "" && (r.Header.Get("Authorization") == "Bearer "+v.good || r.Header.Get("X-Session") == v.good || r.URL.Query().Get("session") == v.good)
	refuse := v.refuse
	v.mu.Unlock()
	if !good {
		refuse(w)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, `{"id":"51"}`)
}

// revoke makes the vendor forget the token it gave last.
func (v *tokenVendor) revoke() { v.set(func() { v.good = "" }) }

func (v *tokenVendor) set(change func()) {
	v.mu.Lock()
	defer v.mu.Unlock()
	change()
}

// count is how often the vendor was asked for tokens and for data.
func (v *tokenVendor) count() (tokens, data int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, c := range v.calls {
		if c == "token" {
			tokens++
		} else {
			data++
		}
	}
	return tokens, data
}

func (v *tokenVendor) order() string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return strings.Join(v.calls, " ")
}

func (v *tokenVendor) lastAsk() tokenAsk {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.asked[len(v.asked)-1]
}

func (v *tokenVendor) lastData() *http.Request {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.data[len(v.data)-1]
}

func basicOf(id, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(id+":"+password))
}

// node is a process of its own: it shares nothing with others but the database and the key.
func (w *world) node(t testing.TB, d *db.DB) *control.Plane {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	out := outbound.New(outbound.Options{AllowOutbound: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	t.Cleanup(out.Close)
	e := executor.New(executor.Options{Outbound: out, Opener: w.key, Recorder: control.NewRecorder(d), Tokens: control.NewTokens(d, w.key, log), Logger: log})
	return control.New(control.Deps{DB: d, Executor: e, Outbound: out, Sealer: w.key, Signin: signin.New(signin.Deps{DB: d, Logger: log}), Logger: log})
}

// signed is an integration whose integrator fetches its tokens from a token vendor.
type signed struct {
	name       string
	customer   account.Customer
	integrator integration.Integrator
}

func tokenDefinition(name string) integration.Integration {
	return integration.Integration{
		Name: name, Parameters: []integration.Parameter{{Name: "User"}, {Name: "Password", Secret: true}},
		Endpoints: []integration.Endpoint{
			{Name: "read", Type: "GetData", URL: "/data", Response: integration.Response{Key: "id"}},
			{Name: "write", Type: "PostData", Method: "POST", URL: "/data", Body: integration.Body{Kind: "json", Content: `{"note":"x"}`}},
			{Name: "row", Type: "GetData", URL: "/data", Headers: []integration.Row{{Name: "Authorization", Value: "{{auth.token}}"}}},
			{Name: "open", Type: "GetData", URL: "/data", Auth: "none"},
			{
				Name: "login", Type: "Auth", Method: "POST", URL: "/login",
				Body: integration.Body{Kind: "json", Content: `{"user":"{{field.User}}","password":"{{field.Password}}"}`},
			},
		},
	}
}

// signIn makes the integration and its integrator with one kind of authentication.
func (w *world) signIn(t testing.TB, v *tokenVendor, auth integration.Auth, change ...func(*integration.Integration)) signed {
	t.Helper()
	def := tokenDefinition("crm-" + id.New()[24:])
	for _, c := range change {
		c(&def)
	}
	_, err := w.CreateIntegration(t.Context(), owner, def)
	mustDo(t, err)
	c, err := w.CreateCustomer(t.Context(), owner, account.Customer{Name: "Acme", Slug: "acme-" + id.New()[24:], Enabled: true})
	mustDo(t, err)
	in := control.IntegratorInput{
		Integrator: integration.Integrator{CustomerID: c.ID, BaseURL: v.URL, AllowHTTP: true, Auth: auth, Fields: map[string]string{"User": "tieline"}, Enabled: true},
		Secrets:    map[string]secret.Text{"field.Password": secret.NewText(canaryLogin)},
	}
	if strings.HasPrefix(auth.Kind, "oauth2") {
		in.Secrets["auth.client_secret"] = secret.NewText(canaryClient)
	}
	saved, err := w.CreateIntegrator(t.Context(), owner, def.Name, in)
	mustDo(t, err)
	return signed{name: def.Name, customer: c, integrator: saved.Integrator}
}

func (s signed) call(endpoint string) control.CallRequest {
	return control.CallRequest{Integration: s.name, Endpoint: endpoint, Integrator: s.integrator.ID}
}

func clientCredentials(v *tokenVendor) integration.Auth {
	return integration.Auth{Kind: "oauth2_client", Settings: map[string]string{"token_url": v.URL + "/token", "client_id": "tieline"}}
}

func login() integration.Auth {
	return integration.Auth{Kind: "endpoint", Settings: map[string]string{"endpoint": "login"}}
}

func mustDo(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("error: %v", err)
	}
}
