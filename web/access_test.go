package web_test

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"tieline/internal/account"
	"tieline/internal/id"
	"tieline/web"
)

// places gives the parameters of a route things that exist, so that pages can be drawn.
func places(k *desk) *strings.Replacer {
	it := k.crm()
	variable := k.variable("REGION", "eu")
	return strings.NewReplacer(
		"/import/:id", "/import/"+id.New(), ":slug", "acme", ":integration", "crm", ":endpoint", "findContact", ":mapping", "none", ":token", "none", ":hash", "none",
		"/integrators/:id", "/integrators/"+it.ID, "/users/:id", "/users/"+k.owner.ID, "/variables/:id", "/variables/"+variable,
		"/runs/:id", "/runs/"+id.New(), ":id", id.New(), ":name", "none",
	)
}

// raw makes a request and follows no redirect.
func (k *desk) raw(method, path string, form url.Values, header http.Header) *http.Response {
	k.t.Helper()
	var body *strings.Reader
	if form == nil {
		form = url.Values{}
	}
	body = strings.NewReader(form.Encode())
	r, err := http.NewRequestWithContext(k.t.Context(), method, k.server.URL+path, body)
	if err != nil {
		k.t.Fatal(err)
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	maps.Copy(r.Header, header)
	client := *k.client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := client.Do(r)
	if err != nil {
		k.t.Fatal(err)
	}
	k.t.Cleanup(func() { _ = res.Body.Close() })
	return res
}

// nowhere gives the parameters of a route things that do not exist, so that a form that gets through does no harm.
var nowhere = strings.NewReplacer(
	":slug", "none", ":integration", "none", ":endpoint", "none", ":mapping", "none", ":token", "none", ":hash", "none", ":id", "019378aa-0000-7000-8000-000000000000",
)

func TestEveryRouteLetsInExactlyTheRolesOfItsAction(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	fill := places(k)
	lines := web.Lines()
	if len(lines) < 50 {
		t.Fatalf("only %d routes are in the table", len(lines))
	}
	for _, role := range account.Roles() {
		k.signIn("owner@msp.test")
		if role != account.Owner {
			k.person(role)
		}
		for _, l := range lines {
			if l.Action == "" {
				continue
			}
			path := fill.Replace(l.Path)
			if l.Method == http.MethodPost {
				path = nowhere.Replace(l.Path)
			}
			res := k.raw(l.Method, path, nil, nil)
			if refused := res.StatusCode == http.StatusForbidden; refused == role.May(l.Action) {
				t.Errorf("%s: %s %s (%s) answers %d", role, l.Method, l.Path, l.Action, res.StatusCode)
			}
			if res.StatusCode == http.StatusInternalServerError {
				t.Errorf("%s: %s %s broke", role, l.Method, path)
			}
		}
	}
}

func TestWhoIsNotSignedInGetsToTheDoorAndNoFurther(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	fill := places(k)
	k.client = &http.Client{}
	for _, l := range web.Lines() {
		if l.Action == "" {
			continue
		}
		res := k.raw(l.Method, fill.Replace(l.Path), nil, nil)
		if res.StatusCode != http.StatusSeeOther || !strings.HasPrefix(res.Header.Get("Location"), "/login") {
			t.Errorf("%s %s answers %d to %q", l.Method, l.Path, res.StatusCode, res.Header.Get("Location"))
		}
	}
	res := k.raw(http.MethodGet, "/runs?status=failed", nil, nil)
	if got := res.Header.Get("Location"); got != "/login?next=%2Fruns%3Fstatus%3Dfailed" {
		t.Errorf("the way back is %q", got)
	}
	res = k.raw(http.MethodGet, "/runs", nil, http.Header{"Hx-Request": {"true"}, "Hx-Request-Type": {"partial"}, "Hx-Target": {"div#runs"}})
	if res.StatusCode != http.StatusOK || res.Header.Get("Hx-Redirect") != "/login" {
		t.Errorf("htmx is answered %d, redirect %q", res.StatusCode, res.Header.Get("Hx-Redirect"))
	}
}

func TestX03EveryFormRefusesWhatAnotherSiteMadeABrowserSend(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	fill := places(k)
	foreign := []http.Header{{"Sec-Fetch-Site": {"cross-site"}}, {"Sec-Fetch-Site": {"same-site"}}, {"Origin": {"https://evil.test"}}, {"Origin": {"null"}}}
	form := url.Values{"name": {"Evil"}, "slug": {"evil"}, "email": {"evil@evil.test"}, "password": {deskPassword}, "role": {"owner"}}
	for _, l := range web.Lines() {
		if l.Method == http.MethodGet {
			continue
		}
		for _, header := range foreign {
			if res := k.raw(l.Method, fill.Replace(l.Path), form, header); res.StatusCode != http.StatusForbidden {
				t.Errorf("%s with %v answers %d", l.Path, header, res.StatusCode)
			}
		}
	}
	if _, err := k.db.CustomerBySlug(t.Context(), account.Everything(), "evil"); err == nil {
		t.Error("another site made a customer")
	}
	own := http.Header{"Sec-Fetch-Site": {"same-origin"}, "Origin": {k.server.URL}}
	if res := k.raw(http.MethodPost, "/customers/new", url.Values{"name": {"Globex"}}, own); res.StatusCode != http.StatusSeeOther {
		t.Errorf("an own form answers %d", res.StatusCode)
	}
}

func TestEveryAnswerCarriesTheSafetyHeaders(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	for _, path := range []string{"/", "/nothing-here", "/static/app.css", "/api/v1/runs"} {
		h := k.raw(http.MethodGet, path, nil, nil).Header
		for name, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self';", "X-Content-Type-Options": "nosniff",
			"X-Frame-Options": "DENY", "Referrer-Policy": "same-origin",
		} {
			if !strings.HasPrefix(h.Get(name), want) {
				t.Errorf("%s: %s is %q", path, name, h.Get(name))
			}
		}
		if strings.Contains(h.Get("Content-Security-Policy"), "unsafe") || !strings.Contains(h.Get("Content-Security-Policy"), "frame-ancestors 'none'") {
			t.Errorf("%s: the policy is %q", path, h.Get("Content-Security-Policy"))
		}
	}
	if h := k.raw(http.MethodGet, "/", nil, nil).Header; h.Get("Cache-Control") != "no-store" {
		t.Errorf("a page may be kept: %q", h.Get("Cache-Control"))
	}
}

func TestGETChangesNothing(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	fill := places(k)
	before, err := k.db.Generation(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range web.Lines() {
		if l.Method == http.MethodGet {
			k.raw(l.Method, fill.Replace(l.Path), nil, nil)
		}
	}
	if after, err := k.db.Generation(t.Context()); err != nil || after != before {
		t.Errorf("the configuration changed from %d to %d, %v", before, after, err)
	}
}
