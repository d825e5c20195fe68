package web_test

import (
	"encoding/csv"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

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

func TestHostileCustomersAreRefusedAtTheFieldAndNothingIsStored(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.customer("acme")
	for field, value := range map[string]string{
		"name": strings.Repeat("x", 121), "slug": "../../etc", "callcenter_id": "a\x00b", "notes": strings.Repeat("n", 10_001),
	} {
		f := k.open("/customers/new").form("main form[method=post]").set("name", "Evil <script>alert(1)</script>")
		p := f.set(field, value).submit("", nil).must(http.StatusUnprocessableEntity)
		if p.problem(field) == "" {
			t.Errorf("%s: no message at the field", field)
		}
		if p.has("main script") || field != "name" && !strings.Contains(p.value("name"), "<script>") {
			t.Errorf("%s: what was typed is lost or not escaped", field)
		}
	}
	taken := k.open("/customers/new").form("main form[method=post]").set("name", "Other", "slug", "acme").submit("", nil).must(http.StatusUnprocessableEntity)
	if taken.problem("slug") == "" {
		t.Error("a slug that is taken is not refused at its field")
	}
	if n := len(k.open("/customers").all("tbody tr")); n != 1 {
		t.Errorf("%d customers are there, want 1", n)
	}
}

func TestACustomerIsChangedSwitchedAndDeleted(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.customer("acme")
	saved := k.open("/customers/acme?tab=settings").form("form[action='/customers/acme']").set("name", "Acme Dental", "slug", "acme-dental").submit("", nil).must(http.StatusOK)
	if saved.url.Path != "/customers/acme-dental" || !strings.Contains(textOf(saved.one("h1")), "Acme Dental") {
		t.Fatalf("led to %s", saved.url)
	}
	off := saved.form("form[action$='/enable']").submit("", nil).must(http.StatusOK)
	if !off.has(".page-actions .tag-neutral") {
		t.Error("the customer is not off")
	}
	k.send(http.MethodPost, "/customers/acme-dental/delete", url.Values{}, nil).must(http.StatusOK)
	k.open("/customers/acme-dental").must(http.StatusNotFound)
}

func TestTwoPeopleSavingOneCustomerHearOfEachOther(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.customer("acme")
	mine := k.open("/customers/acme?tab=settings").form("form[action='/customers/acme']").set("name", "Mine")
	k.open("/customers/acme?tab=settings").form("form[action='/customers/acme']").set("name", "Theirs").submit("", nil).must(http.StatusOK)
	clash := mine.submit("", nil).must(http.StatusConflict)
	if clash.value("name") != "Mine" || !strings.Contains(clash.text, "Theirs") {
		t.Error("both versions should be on the page")
	}
	clash.form("form[action='/customers/acme']").submit("", nil).must(http.StatusOK)
	if got := k.open("/customers/acme?tab=settings").value("name"); got != "Mine" {
		t.Errorf("saved again, the name is %q", got)
	}
}

func TestOutgoingAddressesAreAddedByOwnersAlone(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.customer("acme")
	for field, value := range map[string]string{"target": "169.254.169.254", "ports": "99999"} {
		f := k.open("/customers/acme?tab=outbound").form("form[action='/customers/acme/outbound']").set("target", "10.1.2.3", "ports", "443")
		if p := f.set(field, value).submit("", nil).must(http.StatusUnprocessableEntity); p.problem(field) == "" {
			t.Errorf("%s: no message at the field", field)
		}
	}
	added := k.open("/customers/acme?tab=outbound").form("form[action='/customers/acme/outbound']").set("target", "10.1.2.0/24", "ports", "443", "reason", "PSA").submit("", nil).must(http.StatusOK)
	if n := len(added.all("tbody tr")); n != 1 {
		t.Fatalf("%d addresses", n)
	}
	if p := k.open("/settings").must(http.StatusOK); !strings.Contains(p.text, "10.1.2.0/24") {
		t.Error("the settings do not list the address")
	}
	remove := attr(added.one("form[action*='/outbound/']"), "action")
	k.person(account.Admin)
	if p := k.open("/customers/acme?tab=outbound").must(http.StatusOK); p.has("form[action*=outbound]") {
		t.Error("an admin is offered what only an owner may")
	}
	k.signIn("owner@msp.test")
	if p := k.send(http.MethodPost, remove, url.Values{}, nil).must(http.StatusOK); p.has("tbody tr") {
		t.Error("the address is still there")
	}
}

func TestCV18TheRunDialogShowsEverythingThatHappened(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.crm()
	r := k.ran()
	list := k.open("/runs").must(http.StatusOK)
	view := list.one("td.cell-actions a")
	if attr(view, "href") != "/runs/"+r.ID || attr(view, "hx-get") != "/runs/"+r.ID || attr(view, "hx-target") != "#dialog" {
		t.Fatalf("View leads to %q", attr(view, "href"))
	}
	p := k.region("/runs/"+r.ID, "dialog#dialog").must(http.StatusOK)
	headings := strings.Join(p.texts("h2"), " ")
	for _, want := range []string{"Timeline", "Request", "Response", "Input data", "Tokens"} {
		if !strings.Contains(headings, want) {
			t.Errorf("no %s among %q", want, headings)
		}
	}
	for _, want := range []string{"phone=%2B15557654321", "GET http://", "application/json", "118203", "ms"} {
		if !strings.Contains(textOf(p.one(".run")), want) {
			t.Errorf("%q is not shown", want)
		}
	}
	if strings.Contains(p.text, deskKey) {
		t.Error("the key is shown")
	}
	k.person(account.Auditor)
	if p := k.open("/runs/" + r.ID).must(http.StatusOK); strings.Contains(p.text, "118203\"") || strings.Contains(p.text, "contact@acme.test") {
		t.Error("an auditor reads bodies")
	}
}

func TestRunsAreFilteredByWhatStandsInTheAddress(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.crm()
	k.ran()
	k.vendor.answer = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }
	bad := k.ran()
	for query, want := range map[string]int{
		"": 2, "?status=failed": 1, "?status=succeeded": 1, "?cause=http_status": 1, "?cause=dns": 0, "?customer=acme": 2, "?customer=nobody": 0,
		"?integration=crm&endpoint=findContact": 2, "?integration=none": 0, "?from=2020-01-01&to=2020-01-02": 0, "?from=2020-01-01": 2, "?test=yes": 0, "?limit=20": 2,
	} {
		if got := len(k.open("/runs" + query).must(http.StatusOK).all("tbody tr")); got != want {
			t.Errorf("%s shows %d runs, want %d", query, got, want)
		}
	}
	if p := k.region("/runs?from=yesterday&status=", "div#runs"); p.status != http.StatusUnprocessableEntity || !p.has("#runs .notice-bad") {
		t.Error("a filter that cannot be read says nothing in the list")
	}
	if p := k.region("/runs?from=&status=failed", "div#runs"); p.header.Get("Hx-Push-Url") != "/runs?status=failed" {
		t.Errorf("the address becomes %q", p.header.Get("Hx-Push-Url"))
	}
	for _, query := range []string{"from=yesterday", "to=%00", "status=great", "cause=bad_luck", "q=" + strings.Repeat("x", 201)} {
		name, _, _ := strings.Cut(query, "=")
		if p := k.open("/runs?" + query).must(http.StatusUnprocessableEntity); p.problem(name) == "" {
			t.Errorf("%s: no message at the field", query)
		}
	}
	p := k.open("/runs?status=failed")
	if p.value("status") != "failed" || !strings.Contains(attr(p.one("a[href^='/runs.csv']"), "href"), "status=failed") {
		t.Error("the state of the list is lost")
	}
	home := k.open("/").must(http.StatusOK)
	if !home.has(".inbox a[href='/runs/" + bad.ID + "']") {
		t.Error("the dashboard does not show the failure")
	}
	gone := home.form(".inbox form").submit("", nil).must(http.StatusOK)
	if gone.url.Path != "/" || gone.has(".inbox a") {
		t.Error("a dismissed failure is still in the inbox")
	}
}

func TestRetryMakesANewRunOfTheSameCall(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.crm()
	r := k.ran()
	hits := k.vendor.hits()
	p := k.send(http.MethodPost, "/runs/"+r.ID+"/retry", url.Values{}, nil).must(http.StatusOK)
	if p.url.Path == "/runs/"+r.ID || !strings.HasPrefix(p.url.Path, "/runs/") || k.vendor.hits() != hits+1 {
		t.Errorf("led to %s after %d calls", p.url, k.vendor.hits()-hits)
	}
	if !strings.Contains(p.text, "/runs/"+r.ID) {
		t.Error("the new run does not name the old one")
	}
}

func TestCSVFilesCannotRunFormulas(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.crm()
	k.vendor.answer = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"results":[{"id":"=HYPERLINK(\"http://evil.test\")"}]}`))
	}
	r := k.ran()
	p := k.open("/runs.csv").must(http.StatusOK)
	lines, err := csv.NewReader(strings.NewReader(p.text)).ReadAll()
	if err != nil || len(lines) != 2 || lines[1][0] != r.ID {
		t.Fatalf("%d lines, %v", len(lines), err)
	}
	for _, cell := range lines[1] {
		if strings.ContainsAny(cell[:min(1, len(cell))], "=+-@\t\r") {
			t.Errorf("the cell %q is a formula", cell)
		}
	}
	if !strings.HasPrefix(p.header.Get("Content-Disposition"), "attachment") || strings.Contains(p.text, deskKey) {
		t.Error("the file is shown in place, or holds a key")
	}
	audit := k.open("/audit.csv").must(http.StatusOK)
	if lines, err := csv.NewReader(strings.NewReader(audit.text)).ReadAll(); err != nil || len(lines) < 3 {
		t.Errorf("%d lines of the audit trail, %v", len(lines), err)
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

func TestTheLogIsPagedWithoutLosingOrRepeatingARun(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	c := k.customer("acme")
	in := dbtest.Integration(t, k.db, "bulk")
	it := dbtest.Integrator(t, k.db, in, c)
	for i := range 45 {
		dbtest.Run(t, k.db, dbtest.NewRun(t, k.db, in, it, c, time.Now().Add(-time.Duration(i)*time.Minute)))
	}
	seen := map[string]bool{}
	path := "/runs?limit=20"
	for pages := 0; path != "" && pages < 5; pages++ {
		p := k.open(path).must(http.StatusOK)
		for _, n := range p.all("tbody td:first-child code") {
			seen[attr(n, "title")] = true
		}
		path = ""
		for _, n := range p.all("a[rel=next]") {
			path = attr(n, "href")
		}
	}
	if len(seen) != 45 {
		t.Errorf("%d of 45 runs were shown over all pages", len(seen))
	}
	if p := k.open("/runs?cursor=garbage"); p.status >= http.StatusInternalServerError {
		t.Errorf("a cursor that is none answers %d", p.status)
	}
	k.open("/runs?limit=7").must(http.StatusOK)
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
