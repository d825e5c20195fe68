package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"tieline/internal/account"
)

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
	if rows := clash.texts("#conflict tbody tr"); len(rows) != 1 || !strings.Contains(rows[0], "name") || !strings.Contains(rows[0], "Mine") || !strings.Contains(rows[0], "Theirs") {
		t.Errorf("the conflict tells %q", rows)
	}
	if got := attr(clash.one("#conflict a"), "href"); got != "/customers/acme?tab=settings" {
		t.Errorf("taking theirs leads to %q", got)
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

func TestANewcomerIsLedFromCustomerToTest(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	next := func(p page) string { return attr(p.one(".steps a.btn-primary"), "href") }
	if got := next(k.open("/")); got != "/customers/new" {
		t.Errorf("the empty portal leads to %q", got)
	}
	if got := k.open("/").all(".steps a"); len(got) != 2 {
		t.Errorf("%d steps are offered before there is an integration, want 2", len(got))
	}
	k.customer("acme")
	if p := k.open("/customers/acme"); next(k.open("/")) != "/integrations/new" || !p.has("main .empty a[href='/integrations/new']") {
		t.Error("a first customer does not lead to a first integration")
	}
	k.open("/integrations/new").form("main form[method=post]").set("name", "sms").press("save").must(http.StatusOK)
	if p := k.open("/customers/acme"); !p.has("main a[href='/integrations/sms/integrators/new?customer=acme']") {
		t.Error("the customer is not offered the integration")
	}
	form := k.open("/integrations/sms/integrators/new?customer=acme").must(http.StatusOK)
	if next(k.open("/")) != "/integrations/sms/integrators/new" || !form.has("[name=customer] option[value=acme][selected]") {
		t.Error("the integrator's form is not one press away, with its customer")
	}
	form.form("main form[method=post]").set("host", "sms.example").press("save").must(http.StatusOK)
	if p := k.open("/integrations/sms"); next(k.open("/")) != "/integrations/sms/endpoints/new" || !p.has(".next-step a[href='/integrations/sms/endpoints/new']") {
		t.Error("a first integrator does not lead to a first endpoint")
	}
	if p := k.open("/customers/acme"); p.has("main a[href*='/integrators/new']") {
		t.Error("an integration that is in use is offered again")
	}
}
