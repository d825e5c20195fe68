package web_test

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"tieline/internal/account"
	"tieline/internal/control"
	"tieline/internal/integration"
	"tieline/internal/secret"
	"tieline/internal/signin"
	"tieline/web"
)

// oauth makes the integration "portal-api" with one integrator of a kind of authentication at the desk's vendor,
// which gives tokens at /token and data at /me.
func (k *desk) oauth(kind string, settings map[string]string) integration.Integrator {
	k.t.Helper()
	k.vendor.answer = func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch r.URL.Path {
		case "/token":
			_, _ = io.WriteString(w, `{"access_token":"canary-access-0001","refresh_token":"canary-refresh-0001","expires_in":3600}`)
		default:
			_, _ = io.WriteString(w, `{"id":"51"}`)
		}
	}
	c := k.customer("acme")
	_, err := k.control.CreateIntegration(k.t.Context(), k.owner, integration.Integration{
		Name: "portal-api", Endpoints: []integration.Endpoint{{Name: "me", Type: "GetData", URL: "/me", Response: integration.Response{Key: "id"}}},
	})
	if err != nil {
		k.t.Fatal(err)
	}
	all := map[string]string{"token_url": k.vendor.URL + "/token", "client_id": "tieline"}
	maps.Copy(all, settings)
	saved, err := k.control.CreateIntegrator(k.t.Context(), k.owner, "portal-api", control.IntegratorInput{
		Integrator: integration.Integrator{CustomerID: c.ID, BaseURL: k.vendor.URL, AllowHTTP: true, Auth: integration.Auth{Kind: kind, Settings: all}, Enabled: true},
		Secrets:    map[string]secret.Text{"auth.client_secret": secret.NewText("canary-client-secret-1")},
	})
	if err != nil {
		k.t.Fatal(err)
	}
	return saved.Integrator
}

func (k *desk) code() (integration.Integrator, string) {
	k.t.Helper()
	in := k.oauth("oauth2_code", map[string]string{"authorize_url": "https://login.vendor.test/authorize?access_type=offline", "scopes": "read write"})
	return in, "/integrations/portal-api/integrators/" + in.ID
}

// sent presses Connect and gives the address that the person is led to.
func (k *desk) sent(path string) *url.URL {
	k.t.Helper()
	p := k.send(http.MethodPost, path+"/connect", url.Values{}, nil).must(http.StatusOK)
	to, ok := strings.CutPrefix(p.header.Get("Refresh"), "0; url=")
	if !ok || attr(p.one("a.btn-primary"), "href") != to {
		k.t.Fatalf("led to %q, link to %q", p.header.Get("Refresh"), attr(p.one("a.btn-primary"), "href"))
	}
	u, err := url.Parse(to)
	if err != nil {
		k.t.Fatal(err)
	}
	return u
}

func back(pairs ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
	}
	return "/oauth/callback?" + q.Encode()
}

func TestAPersonConnectsAnIntegratorAndCallsCarryTheToken(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	in, path := k.code()
	p := k.open(path).must(http.StatusOK)
	if text := strings.Join(p.texts("#token"), " "); !strings.Contains(text, "not connected") || !strings.Contains(text, k.server.URL+"/oauth/callback") {
		t.Fatalf("panel: %q", text)
	}
	to := k.sent(path)
	q := to.Query()
	if to.Host != "login.vendor.test" || q.Get("response_type") != "code" || q.Get("client_id") != "tieline" || q.Get("access_type") != "offline" ||
		q.Get("scope") != "read write" || q.Get("redirect_uri") != k.server.URL+"/oauth/callback" || q.Get("code_challenge_method") != "S256" || len(q.Get("state")) < 40 {
		t.Fatalf("led to %s", to)
	}
	p = k.open(back("state", q.Get("state"), "code", "canary-code-0001")).must(http.StatusOK)
	if p.url.Path != path || !strings.Contains(strings.Join(p.texts(".toast-note"), " "), "Connected.") {
		t.Fatalf("back at %s: %q", p.url, p.texts(".toast-note"))
	}
	_, body := k.vendor.last(t)
	form, _ := url.ParseQuery(body)
	sum := sha256.Sum256([]byte(form.Get("code_verifier")))
	if form.Get("grant_type") != "authorization_code" || form.Get("code") != "canary-code-0001" || form.Get("redirect_uri") != q.Get("redirect_uri") ||
		base64.RawURLEncoding.EncodeToString(sum[:]) != q.Get("code_challenge") {
		t.Errorf("the code was traded with %v", form)
	}
	if text := strings.Join(p.texts("#token"), " "); !strings.Contains(text, "good") || !strings.Contains(text, "Renewed by itself yes") || strings.Contains(p.text, "canary-") {
		t.Errorf("panel: %q", text)
	}
	if _, err := k.control.Call(t.Context(), k.owner, control.CallRequest{Integration: "portal-api", Endpoint: "me", Integrator: in.ID}); err != nil {
		t.Fatal(err)
	}
	if r, _ := k.vendor.last(t); r.URL.Path != "/me" || r.Header.Get("Authorization") != "Bearer canary-access-0001" {
		t.Errorf("the call carried %q", r.Header.Get("Authorization"))
	}
	if audit := k.open("/audit"); !strings.Contains(audit.text, "connect") {
		t.Error("the audit trail does not say that it was connected")
	}
	p = k.send(http.MethodPost, path+"/disconnect", url.Values{}, nil).must(http.StatusOK)
	if text := strings.Join(p.texts("#token"), " "); !strings.Contains(text, "not connected") {
		t.Errorf("after Disconnect: %q", text)
	}
}

func TestTheWayBackIsGoodOnceAndForOneSession(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	_, path := k.code()
	refused := func(what, address string) {
		t.Helper()
		hits := k.vendor.hits()
		p := k.open(address).must(http.StatusOK)
		if !strings.Contains(strings.Join(p.texts(".toast-note"), " "), "Press Connect again") || k.vendor.hits() != hits {
			t.Errorf("%s: %q, %d calls", what, p.texts(".toast-note"), k.vendor.hits()-hits)
		}
	}
	refused("an unknown state", back("state", "nothing", "code", "c"))
	refused("no state", back("code", "c"))
	state := k.sent(path).Query().Get("state")
	mine := k.client
	k.signIn("owner@msp.test") // the same person in another browser
	refused("another session", back("state", state, "code", "canary-code-0002"))
	k.client = mine
	k.open(back("state", state, "code", "canary-code-0003")).must(http.StatusOK)
	if k.vendor.hits() != 1 {
		t.Fatalf("%d token calls, want 1", k.vendor.hits())
	}
	refused("a used state", back("state", state, "code", "canary-code-0003"))
	// Who may not change integrators any more gets nothing out of a state.
	k.person(account.Support)
	if p := k.open(back("state", state, "code", "c")); p.status != http.StatusForbidden {
		t.Errorf("support: %d", p.status)
	}
}

func TestAVendorThatSaysNoIsQuotedInPlainWords(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	_, path := k.code()
	state := k.sent(path).Query().Get("state")
	p := k.open(back("state", state, "error", "access_denied", "error_description", "<b>You</b>\nsaid no")).must(http.StatusOK)
	if note := strings.Join(p.texts(".toast-note"), " "); p.url.Path != path || !strings.Contains(note, "<b>You</b> said no") || strings.Contains(p.text, "<b>You") {
		t.Errorf("at %s: %q", p.url, note)
	}
	k.vendor.answer = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"error":"invalid_request","error_description":"the redirect does not match"}`)
	}
	state = k.sent(path).Query().Get("state")
	p = k.open(back("state", state, "code", "canary-code-0004")).must(http.StatusOK)
	if note := strings.Join(p.texts(".toast-note"), " "); !strings.Contains(note, "Not connected") || !strings.Contains(strings.Join(p.texts("#token .evidence"), " "), "the redirect does not match") {
		t.Errorf("%q, evidence %q", note, p.texts("#token .evidence"))
	}
	state = k.sent(path).Query().Get("state")
	form := k.open(path).form("#integrator-form form").set("auth.scopes", "read")
	form.press("save").must(http.StatusOK)
	p = k.open(back("state", state, "code", "canary-code-0005")).must(http.StatusOK)
	if note := strings.Join(p.texts(".toast-note"), " "); !strings.Contains(note, "changed meanwhile") {
		t.Errorf("%q", note)
	}
}

func TestTheWayBackHasTheBasePath(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	_, path := k.code()
	base, _ := url.Parse("http://portal.test/tieline")
	logger := slog.New(slog.DiscardHandler)
	portal, err := web.New(web.Deps{DB: k.db, Control: k.control, Signin: signin.New(signin.Deps{DB: k.db, Logger: logger}), BaseURL: base, Logger: logger})
	if err != nil {
		t.Fatal(err)
	}
	other := httptest.NewServer(portal)
	t.Cleanup(other.Close)
	at, _ := url.Parse(other.URL + "/tieline/")
	was, _ := url.Parse(k.server.URL)
	k.client.Jar.SetCookies(at, k.client.Jar.Cookies(was))
	k.server.URL = other.URL
	to := k.sent("/tieline" + path)
	if got := to.Query().Get("redirect_uri"); got != "http://portal.test/tieline/oauth/callback" {
		t.Fatalf("redirect_uri = %q", got)
	}
	p := k.open("/tieline" + back("state", to.Query().Get("state"), "code", "canary-code-0006")).must(http.StatusOK)
	if p.url.Path != "/tieline"+path {
		t.Errorf("back at %s", p.url)
	}
}

func TestTheTokenIsTestedFromItsPanel(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	in := k.oauth("oauth2_client", nil)
	path := "/integrations/portal-api/integrators/" + in.ID
	if text := strings.Join(k.open(path).must(http.StatusOK).texts("#token"), " "); !strings.Contains(text, "none yet") {
		t.Fatalf("panel: %q", text)
	}
	region := http.Header{"Hx-Request": {"true"}, "Hx-Request-Type": {"partial"}, "Hx-Target": {"div#integrator-token"}}
	p := k.send(http.MethodPost, path+"/token", url.Values{}, region).must(http.StatusOK)
	text := strings.Join(p.texts("#token"), " ")
	if strings.Contains(p.text, "<html") || !strings.Contains(text, "good") || !strings.Contains(text, "Token call: POST") || strings.Contains(p.text, "canary-") {
		t.Errorf("tested: %q", text)
	}
	k.vendor.answer = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(w, `{"error":"invalid_client","error_description":"who are you"}`)
	}
	p = k.send(http.MethodPost, path+"/token", url.Values{}, nil).must(http.StatusOK)
	if text := strings.Join(p.texts("#token .why"), " "); !strings.Contains(text, "auth_failed") || !strings.Contains(text, "who are you") {
		t.Errorf("refused: %q", text)
	}
	if text := strings.Join(k.open(path).texts("#token"), " "); !strings.Contains(text, "Last failure") || !strings.Contains(text, "who are you") {
		t.Errorf("afterwards: %q", text)
	}
	if runs := k.open("/runs"); strings.Contains(runs.text, "portal-api") {
		t.Error("testing the token left a run")
	}
}

// AL-02: a vendor that answers 401 to a check has refused the credentials, and nothing was saved.
func TestAL02ACheckThatIsRefusedSavesNothing(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.oauth("oauth2_client", nil)
	k.customer("globex")
	k.vendor.answer = func(w http.ResponseWriter, r *http.Request) {
		_, password, _ := r.BasicAuth()
		w.Header().Set("Content-Type", "application/json")
		if password != "right-password-01" {
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = io.WriteString(w, `{"message":"wrong password"}`)
			return
		}
		_, _ = io.WriteString(w, `{"id":"51"}`)
	}
	f := k.open("/integrations/portal-api/integrators/new").form("#integrator-form form")
	f.values.Set("auth.kind", "basic")
	f.values.Set("auth.username", "user")
	f.values.Set("auth.password", "canary-wrong-0001")
	f.set("customer", "globex", "base_url", k.vendor.URL, "allow_http", "on")
	p := f.again().swap("check", "div#integrator-check").must(http.StatusOK)
	text := strings.Join(p.texts("#integrator-check"), " ")
	if !strings.Contains(text, "Credentials refused") || !strings.Contains(text, "wrong password") || strings.Contains(p.text, "canary-wrong") || strings.Contains(p.text, "<html") {
		t.Errorf("checked: %q", text)
	}
	p = f.again().press("check").must(http.StatusOK)
	if text := strings.Join(p.texts("#integrator-check"), " "); !strings.Contains(text, "Credentials refused") || p.value("base_url") != k.vendor.URL {
		t.Errorf("without scripts: %q", text)
	}
	right := f.again()
	right.values.Set("auth.password", "right-password-01")
	if text := strings.Join(right.swap("check", "div#integrator-check").must(http.StatusOK).texts("#integrator-check"), " "); !strings.Contains(text, "accepts these credentials") {
		t.Errorf("right: %q", text)
	}
	missing := f.again()
	missing.values.Set("auth.username", "")
	if text := strings.Join(missing.swap("check", "div#integrator-check").must(http.StatusUnprocessableEntity).texts("#integrator-check"), " "); !strings.Contains(text, "User name is needed") {
		t.Errorf("missing: %q", text)
	}
	if list := k.open("/integrations/portal-api?tab=integrators"); strings.Contains(list.text, "Globex") || strings.Contains(k.open("/runs").text, "portal-api") {
		t.Error("the check left an integrator or a run")
	}
}

func TestACheckDoesNotSendAStoredSecretToANewHost(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	in := k.oauth("oauth2_client", nil)
	foreign := newVendor(t)
	path := "/integrations/portal-api/integrators/" + in.ID
	for _, field := range []string{"base_url", "auth.token_url"} {
		p := k.open(path).form("#integrator-form form").set(field, foreign.URL).press("check")
		if foreign.hits() != 0 && field == "base_url" {
			t.Errorf("%s: the new host was called (%d)", field, p.status)
		}
		for i := range foreign.bodies {
			if r := foreign.seen[i]; strings.Contains(foreign.bodies[i], "canary-") || r.Header.Get("Authorization") != "" {
				t.Errorf("%s: the secret went to the new host: %s %s", field, r.Header.Get("Authorization"), foreign.bodies[i])
			}
		}
	}
}

func TestTheSignsOfARefusedTokenAreKeptAndJudged(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	in := k.oauth("oauth2_client", nil)
	path := "/integrations/portal-api/integrators/" + in.ID
	f := k.open(path).form("#integrator-form form")
	if p := f.again().set("auth.refresh_on.statuses", "200").press("save"); p.status != http.StatusUnprocessableEntity || p.problem("auth.refresh_on.statuses") == "" || p.value("auth.refresh_on.statuses") != "200" {
		t.Errorf("a good status: %d, %q", p.status, p.problem("auth.refresh_on.statuses"))
	}
	f.set("auth.refresh_on.statuses", "401, 419", "auth.refresh_on.body_contains", "SESSION_EXPIRED").press("save").must(http.StatusOK)
	p := k.open(path)
	if got := fmt.Sprint(p.value("auth.refresh_on.statuses"), p.value("auth.refresh_on.body_contains")); got != "401, 419SESSION_EXPIRED" {
		t.Errorf("kept %q", got)
	}
	for field, bad := range map[string]string{"auth.token_url": "ftp://x/y", "auth.client_id": ""} {
		if p := k.open(path).form("#integrator-form form").set(field, bad).press("save"); p.status != http.StatusUnprocessableEntity || p.problem(field) == "" {
			t.Errorf("%s = %q: %d, %q", field, bad, p.status, p.problem(field))
		}
	}
}
