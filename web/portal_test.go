package web_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"tieline/db/dbtest"
	"tieline/internal/account"
	"tieline/internal/control"
	"tieline/internal/run"
	"tieline/internal/secret"
	"tieline/internal/signin"
	"tieline/web"
)

// region asks for one region of a page the way htmx does.
func (k *desk) region(path, target string) page {
	k.t.Helper()
	return k.send(http.MethodGet, path, nil, http.Header{"Hx-Request": {"true"}, "Hx-Request-Type": {"partial"}, "Hx-Target": {target}})
}

func (k *desk) variable(name, value string) string {
	k.t.Helper()
	v, err := k.control.CreateVariable(k.t.Context(), k.owner, control.VariableInput{Variable: account.Variable{Name: name, Value: value}})
	if err != nil {
		k.t.Fatal(err)
	}
	return v.ID
}

// ran makes one real run of crm's endpoint for acme.
func (k *desk) ran() run.Run {
	k.t.Helper()
	r, err := k.control.Call(k.t.Context(), k.owner, control.CallRequest{
		Integration: "crm", Endpoint: "findContact", Customer: "acme", Tokens: map[string]any{"phone_number": "+15557654321"},
		Record: control.Record{Type: "lead", ID: "=1+1"},
	})
	if err != nil {
		k.t.Fatal(err)
	}
	return r
}

func TestEveryPageIsServedWholeAndAsEachRegion(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.crm()
	r := k.ran()
	for path, regions := range map[string][]string{
		"/runs": {"runs"}, "/customers": {"customers"}, "/audit": {"audit"}, "/runs/" + r.ID: {"dialog"},
	} {
		whole := k.open(path).must(http.StatusOK)
		if !whole.has("html main h1") || !whole.has("nav[aria-label=Main] a[aria-current]") {
			t.Errorf("%s: the whole page has no heading or menu", path)
		}
		for _, id := range regions {
			part := k.region(path, "div#"+id).must(http.StatusOK)
			if strings.Contains(part.text, "<html") || strings.TrimSpace(part.text) == "" {
				t.Errorf("%s: the region %s is a whole page or empty", path, id)
			}
			if id != "dialog" && !part.has("#"+id) {
				t.Errorf("%s: the region %s does not hold its own element", path, id)
			}
		}
		odd := k.region(path, "div#menu").must(http.StatusOK)
		if !strings.Contains(odd.text, "<html") || odd.header.Get("Hx-Retarget") != "body" {
			t.Errorf("%s: a region that nobody offers is not answered by the page", path)
		}
		full := k.send(http.MethodGet, path, nil, http.Header{"Hx-Request": {"true"}, "Hx-Request-Type": {"full"}, "Hx-Target": {"body"}}).must(http.StatusOK)
		if !strings.Contains(full.text, "<html") {
			t.Errorf("%s: htmx asks for a page and gets a part", path)
		}
	}
}

func TestHeadIsAnsweredAsThePageWithoutItsBody(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	for path, want := range map[string]int{"/": http.StatusOK, "/integrations": http.StatusOK, "/customers/none": http.StatusNotFound} {
		if p := k.send(http.MethodHead, path, nil, nil); p.status != want || p.text != "" {
			t.Errorf("HEAD %s: %d with %d bytes", path, p.status, len(p.text))
		}
	}
	k.fresh()
	if res := k.raw(http.MethodHead, "/runs", nil, nil); res.StatusCode != http.StatusSeeOther {
		t.Errorf("a stranger's HEAD answers %d", res.StatusCode)
	}
}

func TestNoPageHoldsInlineCode(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	fill := places(k)
	for _, l := range web.Lines() {
		if l.Method != http.MethodGet || strings.HasSuffix(l.Path, ".csv") || strings.HasSuffix(l.Path, "/export") {
			continue
		}
		p := k.open(fill.Replace(l.Path))
		if p.has("[style], [onclick], [onload], [hx-on], style, script:not([src])") {
			t.Errorf("%s holds inline code", l.Path)
		}
		if p.status == http.StatusOK && !p.has("h1") {
			t.Errorf("%s has no heading", l.Path)
		}
	}
}

func TestAnAPIKeyIsToldOnceAndRevoked(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	if p := k.send(http.MethodPost, "/apikeys/new", url.Values{"name": {""}, "role": {"root"}, "expires": {"1e9"}}, nil).must(http.StatusUnprocessableEntity); !p.has(".field-problem") {
		t.Error("no message at a field")
	}
	p := k.open("/apikeys/new").form("main form[method=post]").set("name", "dialler", "role", "builder").submit("", nil).must(http.StatusOK)
	key := textOf(p.one("#told-once"))
	call := func() int {
		return k.raw(http.MethodGet, "/api/v1/customers", nil, http.Header{"Authorization": {"Bearer " + key}, "Cookie": {""}}).StatusCode
	}
	if !strings.HasPrefix(key, "tl_") || call() != http.StatusOK {
		t.Fatalf("the key %q does not work: %d", key, call())
	}
	list := k.open("/apikeys").must(http.StatusOK)
	if strings.Contains(list.text, key) || !strings.Contains(list.text, "dialler") {
		t.Error("the key is told again")
	}
	list.form("form[action$='/revoke']").submit("", nil).must(http.StatusOK)
	if p := k.open("/apikeys"); p.has("form[action$='/revoke']") {
		t.Error("the key is still live")
	}
}

func TestAnEncryptedVariableIsNeverShownAgain(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	const canary = "canary-value-0123456789"
	bad := k.open("/variables/new").form("main form[method=post]").set("name", "lower", "value", canary, "encrypted", "on").submit("", nil).must(http.StatusUnprocessableEntity)
	if bad.problem("name") == "" || strings.Contains(bad.text, canary) {
		t.Error("no message at the field, or the value comes back")
	}
	list := bad.form("main form[method=post]").set("name", "TOKEN", "value", canary, "encrypted", "on").submit("", nil).must(http.StatusOK)
	one := k.open(attr(list.one("td.main-cell a"), "href")).must(http.StatusOK)
	for _, p := range []page{list, one, k.open("/audit")} {
		if strings.Contains(p.text, canary) {
			t.Errorf("%s shows the value", p.url)
		}
	}
	kept := one.form("main form[method=post]").submit("", nil).must(http.StatusOK)
	if !kept.has(".toast-note") {
		t.Error("an empty field does not keep the value")
	}
}

func TestRetentionIsPreviewedAndChecked(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	for field, value := range map[string]string{"row_days": "-1", "body_days": "1.5", "max_runs": "many", "max_mib": "99999999999999999999"} {
		p := k.open("/settings").form("form[action='/settings']").set(field, value).press("save").must(http.StatusUnprocessableEntity)
		if p.problem(field) == "" || p.value(field) != value {
			t.Errorf("%s: no message at the field, or what was typed is lost", field)
		}
	}
	p := k.open("/settings").form("form[action='/settings']").set("row_days", "7", "body_days", "5").press("preview").must(http.StatusOK)
	if !p.has(".notice-info") || k.open("/settings").value("row_days") != "90" {
		t.Error("a preview says nothing or stores something")
	}
	k.open("/settings").form("form[action='/settings']").set("row_days", "7", "body_days", "").press("save").must(http.StatusOK)
	if s := k.open("/settings"); s.value("row_days") != "7" || s.value("body_days") != "" {
		t.Error("the retention was not stored")
	}
}

func TestEveryChangeStandsInTheAuditTrail(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.open("/customers/new").form("main form[method=post]").set("name", "Acme Dental").submit("", nil).must(http.StatusOK)
	p := k.open("/audit?subject=customer").must(http.StatusOK)
	rows := p.texts("tbody tr")
	if len(rows) == 0 || !strings.Contains(rows[0], "Acme Dental") || !strings.Contains(rows[0], "127.0.0.1") || !strings.Contains(rows[0], "owner@msp.test") {
		t.Errorf("rows %q", rows)
	}
	if p := k.open("/audit?subject=user&q=nothing-like-it").must(http.StatusOK); p.has("tbody tr") {
		t.Error("the filter shows everything")
	}
	k.open("/audit?from=never").must(http.StatusUnprocessableEntity)
}

func TestErrorsAreToldInPlaceToHTMXAndAsAPageOtherwise(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	if p := k.open("/nothing-here").must(http.StatusNotFound); !p.has("main .empty-title") || !p.has("nav[aria-label=Main]") {
		t.Error("the page of an error has no message or no menu")
	}
	p := k.region("/runs/none", "dialog#dialog").must(http.StatusNotFound)
	if p.header.Get("Hx-Reswap") != "none" || !strings.Contains(p.text, "#toasts") || strings.Contains(p.text, "<html") {
		t.Errorf("htmx is told %q", p.text)
	}
	k.send(http.MethodPut, "/customers", nil, nil).must(http.StatusMethodNotAllowed)
	if p := k.send(http.MethodPost, "/customers/new", url.Values{"notes": {strings.Repeat("x", 3<<20)}}, nil); p.status != http.StatusUnprocessableEntity {
		t.Errorf("a form of 3 MiB answers %d", p.status)
	}
}

func TestThePortalLivesUnderAPathOfItsBaseURL(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	base, _ := url.Parse("https://portal.example/x")
	portal, err := web.New(web.Deps{
		DB: k.db, Control: k.control, Signin: signin.New(signin.Deps{DB: k.db, Logger: slog.New(slog.DiscardHandler)}), BaseURL: base,
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	ask := func(r *http.Request) *httptest.ResponseRecorder {
		rec := httptest.NewRecorder()
		portal.ServeHTTP(rec, r)
		return rec
	}
	login := httptest.NewRequest(http.MethodPost, "/x/login", strings.NewReader(url.Values{"email": {"owner@msp.test"}, "password": {deskPassword}}.Encode()))
	login.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	login.Header.Set("Origin", "https://portal.example")
	login.Header.Set("X-Forwarded-For", "198.51.100.9, 203.0.113.5")
	login.RemoteAddr = "192.0.2.10:999"
	in := ask(login)
	if in.Code != http.StatusSeeOther || in.Header().Get("Location") != "/x/" {
		t.Fatalf("%d to %q", in.Code, in.Header().Get("Location"))
	}
	c := in.Result().Cookies()[0]
	if !strings.HasPrefix(c.Name, "__Host-") || !c.Secure || c.Path != "/" {
		t.Errorf("cookie %+v", c)
	}
	for _, path := range []string{"/x/", "/x/runs", "/x/customers/new", "/x/account", "/runs"} {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.AddCookie(c)
		got := ask(r)
		if got.Code != http.StatusOK {
			t.Errorf("%s answers %d", path, got.Code)
		}
		p := parsed(k, got)
		for _, n := range p.all("[href], [src], [action], [hx-get], [hx-post]") {
			for _, name := range []string{"href", "src", "action", "hx-get", "hx-post"} {
				if v := attr(n, name); strings.HasPrefix(v, "/") && !strings.HasPrefix(v, "/x/") {
					t.Errorf("%s: %s leads to %s", path, n.Data, v)
				}
			}
		}
		if path == "/x/account" && !strings.Contains(got.Body.String(), "203.0.113.5") {
			t.Error("the session is not from the address that the trusted proxy saw")
		}
	}
	if got := ask(httptest.NewRequest(http.MethodGet, "/x", nil)); got.Header().Get("Location") != "/x/" {
		t.Errorf("/x leads to %q", got.Header().Get("Location"))
	}
}

func parsed(k *desk, rec *httptest.ResponseRecorder) page {
	k.t.Helper()
	root, err := html.Parse(strings.NewReader(rec.Body.String()))
	if err != nil {
		k.t.Fatal(err)
	}
	return page{k: k, status: rec.Code, url: &url.URL{}, header: rec.Header(), text: rec.Body.String(), root: root}
}

func TestTheColoursAreKeptInACookieWithoutScripts(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	p := k.send(http.MethodPost, "/theme", url.Values{"theme": {"night"}, "next": {"/runs"}}, nil).must(http.StatusOK)
	if p.url.Path != "/runs" || attr(p.one("html"), "data-theme") != "night" || attr(p.one("[data-theme-choice][value=night]"), "aria-pressed") != "true" {
		t.Error("the dark colours are not kept")
	}
	p = k.send(http.MethodPost, "/theme", url.Values{"theme": {`"><script>`}, "next": {"//evil.test"}}, nil).must(http.StatusOK)
	if hasAttr(p.one("html"), "data-theme") || p.url.Path != "/" {
		t.Error("a theme that is none is kept")
	}
}

func TestPanicsAndTroubleAreLoggedOnceAndNotShown(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	var log strings.Builder
	closed := dbtest.Open(t, "sqlite")
	people := signin.New(signin.Deps{DB: closed, Logger: slog.New(slog.DiscardHandler)})
	portal, err := web.New(web.Deps{DB: closed, Control: k.control, Signin: people, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := people.CreateOwner(t.Context(), signin.NewOwner{Email: "a@msp.test", Name: "A", Password: secret.NewText(deskPassword)}); err != nil {
		t.Fatal(err)
	}
	in, err := people.SignIn(t.Context(), "a@msp.test", secret.NewText(deskPassword), signin.Client{})
	if err != nil {
		t.Fatal(err)
	}
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodGet, "/runs", nil)
	r.AddCookie(&http.Cookie{Name: "tieline_session", Value: in.ID.Reveal()})
	rec := httptest.NewRecorder()
	portal.ServeHTTP(rec, r)
	if rec.Code < 500 || strings.Contains(rec.Body.String(), "sql") {
		t.Errorf("%d: %s", rec.Code, rec.Body.String())
	}
	if n := strings.Count(log.String(), `msg=request `); n != 1 || !strings.Contains(log.String(), "route=/runs") {
		t.Errorf("%d lines for one request: %s", n, log.String())
	}
	if n := strings.Count(log.String(), "request failed"); n != 1 || strings.Contains(log.String(), in.ID.Reveal()) {
		t.Errorf("%d lines: %s", n, log.String())
	}
}
