package web_test

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tieline/internal/account"
	"tieline/internal/control"
)

// fresh makes the browser one that knows nothing.
func (k *desk) fresh() {
	k.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		k.t.Fatal(err)
	}
	k.client = &http.Client{Jar: jar}
}

func TestSignInGivesANewSessionAndSignOutEndsIt(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.fresh()
	res := k.raw(http.MethodPost, "/login", url.Values{"email": {"Owner@MSP.test"}, "password": {deskPassword}, "next": {"/runs?status=failed"}}, nil)
	if res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != "/runs?status=failed" {
		t.Fatalf("%d to %q", res.StatusCode, res.Header.Get("Location"))
	}
	at := slices.IndexFunc(res.Cookies(), func(c *http.Cookie) bool { return strings.HasSuffix(c.Name, "session") })
	if at < 0 {
		t.Fatal("no session cookie")
	}
	c := res.Cookies()[at]
	if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || len(c.Value) < 40 {
		t.Errorf("cookie %+v", c)
	}
	k.open("/runs").must(http.StatusOK)
	stolen := c.Value
	k.send(http.MethodPost, "/logout", url.Values{}, nil)
	res = k.raw(http.MethodGet, "/runs", nil, http.Header{"Cookie": {c.Name + "=" + stolen}})
	if res.StatusCode != http.StatusSeeOther {
		t.Errorf("a session that was signed out still opens pages: %d", res.StatusCode)
	}
}

func TestARefusedSignInSaysTheSameForEverybodyAndKeepsTheEMail(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.fresh()
	wrong := k.send(http.MethodPost, "/login", url.Values{"email": {"owner@msp.test"}, "password": {"not-the-password"}}, nil).must(http.StatusUnauthorized)
	unknown := k.send(http.MethodPost, "/login", url.Values{"email": {"nobody@msp.test"}, "password": {"not-the-password"}}, nil).must(http.StatusUnauthorized)
	if a, b := wrong.texts(".notice"), unknown.texts(".notice"); len(a) != 1 || !slices.Equal(a, b) {
		t.Errorf("%q and %q", a, b)
	}
	if wrong.value("email") != "owner@msp.test" || wrong.value("password") != "" {
		t.Error("the e-mail was lost, or the password came back")
	}
}

func TestTooManyWrongSignInsAreToldHowLongToWait(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.fresh()
	wrong := url.Values{"email": {"owner@msp.test"}, "password": {"not-the-password"}}
	p := k.send(http.MethodPost, "/login", wrong, nil)
	for range 20 {
		if p.status != http.StatusUnauthorized {
			break
		}
		p = k.send(http.MethodPost, "/login", wrong, nil)
	}
	p.must(http.StatusTooManyRequests)
	wait, err := strconv.Atoi(p.header.Get("Retry-After"))
	if err != nil || wait < 1 || wait > 60 {
		t.Errorf("Retry-After %q", p.header.Get("Retry-After"))
	}
	if said := textOf(p.one(".notice")); !strings.Contains(said, "Wait") || !strings.Contains(said, "second") {
		t.Errorf("the page says %q", said)
	}
	if p.value("email") != "owner@msp.test" {
		t.Error("the e-mail was lost")
	}
	right := url.Values{"email": {"owner@msp.test"}, "password": {deskPassword}}
	k.send(http.MethodPost, "/login", right, nil).must(http.StatusTooManyRequests)
}

func TestSignInLeadsOnlyToPagesOfOurs(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	for _, next := range []string{"https://evil.test/", "//evil.test", `/\evil.test`, "javascript:alert(1)", "/\tevil"} {
		k.fresh()
		res := k.raw(http.MethodPost, "/login", url.Values{"email": {"owner@msp.test"}, "password": {deskPassword}, "next": {next}}, nil)
		if got := res.Header.Get("Location"); got != "/" {
			t.Errorf("next %q leads to %q", next, got)
		}
	}
}

func TestAPersonComesInByALinkOnce(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	p := k.open("/users/new").form("main form[method=post]").set("name", "Sam Support", "email", "sam@msp.test", "role", "support").submit("", nil).must(http.StatusOK)
	link, err := url.Parse(textOf(p.one("#told-once")))
	if err != nil || !strings.HasPrefix(link.Path, "/link/") {
		t.Fatalf("link %v, %v", link, err)
	}
	k.fresh()
	k.open(link.Path).must(http.StatusOK)
	k.open(link.Path).must(http.StatusOK) // looking does not use it up
	short := k.open(link.Path).form("form").set("password", "short").submit("", nil).must(http.StatusUnprocessableEntity)
	if short.problem("password") == "" {
		t.Error("a short password is not refused at its field")
	}
	in := short.form("form").set("password", deskPassword).submit("", nil).must(http.StatusOK)
	if in.url.Path != "/" {
		t.Errorf("led to %s", in.url)
	}
	k.open("/users").must(http.StatusForbidden)
	k.fresh()
	if p := k.open(link.Path); p.status == http.StatusOK {
		t.Error("the link works twice")
	}
}

func TestSetUpIsClosedOnceThereIsAnOwner(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.fresh()
	if p := k.open("/setup?token=guess"); p.url.Path != "/login" {
		t.Errorf("led to %s, %d", p.url, p.status)
	}
	p := k.send(http.MethodPost, "/setup", url.Values{"token": {"guess"}, "name": {"Eve"}, "email": {"eve@evil.test"}, "password": {deskPassword}}, nil)
	if p.status < 400 {
		t.Errorf("status %d", p.status)
	}
	people, err := k.db.Users(t.Context())
	if err != nil || len(people) != 1 {
		t.Errorf("%d people, %v", len(people), err)
	}
}

func TestAChangedPasswordEndsTheOtherSessions(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	other := k.client
	k.signIn("owner@msp.test")
	if n := len(k.open("/account").all("tbody tr")); n != 2 {
		t.Errorf("%d sessions are listed, want 2", n)
	}
	bad := k.open("/account").form("form[action='/account/password']").set("old_password", "wrong-wrong-wrong", "password", "another-long-passphrase").submit("", nil).must(http.StatusUnprocessableEntity)
	if bad.problem("old_password") == "" {
		t.Error("a wrong present password is not refused at its field")
	}
	done := bad.form("form[action='/account/password']").set("old_password", deskPassword, "password", "another-long-passphrase").submit("", nil).must(http.StatusOK)
	if !done.has(".toast-note") || len(done.all("tbody tr")) != 1 {
		t.Error("no message, or other sessions are still there")
	}
	k.client = other
	if p := k.open("/account"); p.url.Path != "/login" {
		t.Errorf("the other session still opens %s", p.url)
	}
}

func TestAForgedNoteIsNotShown(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	res := k.raw(http.MethodPost, "/customers/new", url.Values{"name": {"Acme"}}, nil)
	at := slices.IndexFunc(res.Cookies(), func(c *http.Cookie) bool { return strings.HasSuffix(c.Name, "note") })
	if at < 0 {
		t.Fatal("no note was kept")
	}
	note := res.Cookies()[at].Value
	if p := k.open("/customers"); !p.has(".toast-note") {
		t.Error("an own note is not shown")
	}
	if p := k.open("/customers"); p.has(".toast-note") {
		t.Error("a note is shown twice")
	}
	k.signIn("owner@msp.test") // another session
	u, _ := url.Parse(k.server.URL)
	for _, value := range []string{note, "eyJUZXh0IjoiR2l2ZSBtZSB5b3VyIHBhc3N3b3JkIn0.AAAA", "x"} {
		k.client.Jar.SetCookies(u, []*http.Cookie{{Name: "tieline_note", Value: value, Path: "/"}})
		if p := k.open("/customers"); p.has(".toast-note") {
			t.Errorf("a note of another session is shown: %s", value)
		}
	}
}

func TestAPersonBoundToCustomersSeesOnlyThose(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	acme, globex := k.customer("acme"), k.customer("globex")
	if _, err := k.control.CreateVariable(t.Context(), k.owner, control.VariableInput{Variable: account.Variable{Name: "G", Value: "globex-only", CustomerID: globex.ID}}); err != nil {
		t.Fatal(err)
	}
	k.person(account.Support, acme.ID)
	if p := k.open("/customers").must(http.StatusOK); strings.Contains(p.text, "Globex") || !strings.Contains(p.text, "Acme") {
		t.Error("the list shows the wrong customers")
	}
	k.open("/customers/acme").must(http.StatusOK)
	k.open("/customers/globex").must(http.StatusNotFound)
	for _, path := range []string{"/", "/runs", "/variables", "/runs?customer=globex", "/runs.csv?customer=globex"} {
		if p := k.open(path).must(http.StatusOK); strings.Contains(p.text, "Globex") || strings.Contains(p.text, "globex-only") {
			t.Errorf("%s tells of another customer", path)
		}
	}
}
