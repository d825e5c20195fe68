package web_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"tieline/db"
	"tieline/db/dbtest"
	"tieline/internal/account"
	"tieline/internal/control"
	"tieline/internal/signin"
	"tieline/web"
)

func TestTheFirstOwnerComesInByTheSetUpLinkOnce(t *testing.T) {
	t.Parallel()
	d, logger := dbtest.Open(t, db.SQLite), slog.New(slog.DiscardHandler)
	people := signin.New(signin.Deps{DB: d, Logger: logger})
	portal, err := web.New(web.Deps{DB: d, Control: control.New(control.Deps{DB: d, Signin: people, Logger: logger}), Signin: people, Logger: logger})
	if err != nil {
		t.Fatal(err)
	}
	k := &desk{t: t, server: httptest.NewServer(portal), db: d}
	t.Cleanup(k.server.Close)
	k.fresh()
	token, needed, err := people.SetupLink(t.Context())
	if err != nil || !needed {
		t.Fatalf("needed %v, %v", needed, err)
	}
	if p := k.open("/setup?token=wrong"); p.status < 400 || p.has("input[name=password]") {
		t.Errorf("a wrong token opens the form: %d", p.status)
	}
	link := "/setup?token=" + url.QueryEscape(token.Reveal())
	bad := k.open(link).must(http.StatusOK).form("form").set("name", "Olga", "email", "not an address", "password", "short").submit("", nil).must(http.StatusUnprocessableEntity)
	if bad.problem("email") == "" && bad.problem("password") == "" {
		t.Error("no message at a field")
	}
	if bad.value("name") != "Olga" || bad.value("password") != "" {
		t.Error("what was typed is lost, or the password comes back")
	}
	in := bad.form("form").set("email", "olga@msp.test", "password", deskPassword).submit("", nil).must(http.StatusOK)
	if in.url.Path != "/" || !in.has(".steps") || !strings.Contains(textOf(in.one(".side-who")), "owner") {
		t.Errorf("led to %s, which does not show the first steps", in.url)
	}
	k.fresh()
	if p := k.open(link); p.url.Path != "/login" {
		t.Errorf("the link leads to %s again", p.url)
	}
}

func TestHostilePeopleAreRefusedAtTheFieldAndNothingIsStored(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	for field, value := range map[string]string{
		"name": strings.Repeat("x", 121), "email": "A <a@msp.test>", "role": "root", "customers": "no-such-customer", "password": "short",
	} {
		form := url.Values{"name": {"Eve"}, "email": {"eve@msp.test"}, "role": {"support"}, "password": {deskPassword}}
		form.Set(field, value)
		p := k.send(http.MethodPost, "/users/new", form, nil).must(http.StatusUnprocessableEntity)
		if !p.has("#f-" + field + "-problem") {
			t.Errorf("%s: no message at the field", field)
		}
		if strings.Contains(p.text, deskPassword) {
			t.Errorf("%s: the password comes back", field)
		}
	}
	people, err := k.db.Users(t.Context())
	if err != nil || len(people) != 1 {
		t.Errorf("%d people, %v", len(people), err)
	}
}

func TestTheLastOwnerStaysAndAnAdminTouchesNoOwner(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	form := k.open("/users/" + k.owner.ID).form("main form:not([action$='/link']):not([action$='/delete'])")
	if p := form.set("role", "admin").submit("", nil); p.status < 400 || !p.has(".notice-bad, .empty-title") {
		t.Errorf("the last owner was made an admin: %d", p.status)
	}
	k.send(http.MethodPost, "/users/"+k.owner.ID+"/delete", url.Values{}, nil)
	u, err := k.db.User(t.Context(), k.owner.ID)
	if err != nil || u.Role != account.Owner {
		t.Fatalf("the owner is %v, %v", u.Role, err)
	}
	k.person(account.Admin)
	for _, act := range []string{"/delete", "/link", ""} {
		p := k.send(http.MethodPost, "/users/"+k.owner.ID+act, url.Values{"name": {"x"}, "email": {"x@msp.test"}, "role": {"auditor"}}, nil)
		if p.status < 400 && !p.has(".notice-bad") || p.has("#told-once") {
			t.Errorf("an admin got through %q: %d", act, p.status)
		}
	}
	if u, err = k.db.User(t.Context(), k.owner.ID); err != nil || u.Role != account.Owner {
		t.Errorf("the owner is %v, %v", u.Role, err)
	}
}

func TestX02SupportReadsAndActsOnRunsAndSeesNoForms(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.crm()
	r := k.ran()
	k.person(account.Support)
	for _, path := range []string{"/customers/acme?tab=settings", "/customers/acme?tab=outbound", "/variables", "/customers"} {
		p := k.open(path).must(http.StatusOK)
		if p.has("main form[method=post] button[type=submit], main a.btn-primary[href$='/new']") {
			t.Errorf("%s offers support a form", path)
		}
		if strings.Contains(p.text, deskKey) {
			t.Errorf("%s shows a key", path)
		}
	}
	if p := k.open("/runs/" + r.ID).must(http.StatusOK); !p.has("form[action$='/retry']") || strings.Contains(p.text, deskKey) {
		t.Error("support cannot retry, or sees a key")
	}
	k.send(http.MethodPost, "/runs/"+r.ID+"/retry", url.Values{}, nil).must(http.StatusOK)
	k.send(http.MethodPost, "/customers/acme", url.Values{"name": {"x"}}, nil).must(http.StatusForbidden)
}

func TestTwoPeopleSavingOneUserOrVariableSeeBothVersions(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	sam, _, err := k.control.CreateUser(t.Context(), k.owner, control.UserInput{User: account.User{Name: "Sam", Email: "sam@msp.test", Role: account.Support, Enabled: true}})
	if err != nil {
		t.Fatal(err)
	}
	for path, field := range map[string]string{"/users/" + sam.ID: "name", "/variables/" + k.variable("BASE", "first"): "value"} {
		form := "main form[action='" + path + "']"
		mine := k.open(path).form(form).set(field, "Mine")
		k.open(path).form(form).set(field, "Theirs").submit("", nil).must(http.StatusOK)
		clash := mine.submit("", nil).must(http.StatusConflict)
		if rows := clash.texts("#conflict tbody tr"); len(rows) != 1 || !strings.Contains(rows[0], field) || !strings.Contains(rows[0], "Mine") || !strings.Contains(rows[0], "Theirs") {
			t.Errorf("%s: the conflict tells %q", path, rows)
		}
		if clash.value(field) != "Mine" || attr(clash.one("#conflict a"), "href") != path {
			t.Errorf("%s: what was typed is lost, or theirs cannot be taken", path)
		}
		clash.form(form).submit("", nil).must(http.StatusOK)
		if got := k.open(path).value(field); got != "Mine" {
			t.Errorf("%s: kept mine, and %q is stored", path, got)
		}
	}
}
