package web_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"tieline/internal/account"
)

// chips are the saved views above the list of runs.
func (p page) chips() []string { return p.texts(".chip") }

func TestAFilterIsNamedRenamedAndDeletedWithoutScripts(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.crm()
	if k.open("/runs").has(".saved-views") {
		t.Error("a list that is not filtered offers to be named")
	}
	p := k.open("/runs?status=failed&customer=acme&cursor=&limit=20").form(".view-form form").set("name", "Failed of Acme").submit("", nil).must(http.StatusOK)
	if got := p.chips(); len(got) != 1 || got[0] != "Failed of Acme" || !p.has(`.chip[aria-current="true"]`) || p.value("status") != "failed" {
		t.Fatalf("after Save: %q, status %q", got, p.value("status"))
	}
	q := p.url.Query()
	id := q.Get("view")
	if q.Del("view"); q.Encode() != "customer=acme&limit=20&status=failed" || id == "" {
		t.Errorf("the view leads to %s", p.url)
	}
	if !k.open("/runs?status=failed&customer=acme&limit=20").has(`.chip[aria-current="true"]`) {
		t.Error("the same filter by another way is not recognised")
	}
	other := k.open("/runs?view=" + id + "&status=unknown&customer=acme").must(http.StatusOK)
	if got := other.chips(); !strings.Contains(got[0], "changed") {
		t.Errorf("filtered otherwise: %q", got)
	}
	p = other.form(".view-form form").set("name", "Unknown of Acme").submit("", nil).must(http.StatusOK)
	if got := p.chips(); !slices.Equal(got, []string{"Unknown of Acme"}) || p.value("status") != "unknown" {
		t.Fatalf("after Edit: %q, status %q", got, p.value("status"))
	}
	p = k.send(http.MethodPost, "/runs/views/"+id+"/delete", url.Values{}, nil).must(http.StatusOK)
	if p.has(".chip") {
		t.Errorf("after Delete: %q", p.chips())
	}
	if trail := k.open("/audit").texts("tbody tr"); len(trail) < 3 || !strings.Contains(trail[0], "delete") || !strings.Contains(trail[0], "Unknown of Acme") {
		t.Errorf("the trail: %q", trail[:min(3, len(trail))])
	}
}

func TestAHostileViewEndsInAMessageAndIsNotStored(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.crm()
	save := func(query, name string) page {
		return k.send(http.MethodPost, "/runs/views?"+query, url.Values{"name": {name}}, nil)
	}
	save("status=failed", "Taken").must(http.StatusOK)
	for _, c := range [][2]string{
		{"status=failed", ""},
		{"status=failed", "  "},
		{"status=failed", "TAKEN"},
		{"status=failed", strings.Repeat("x", 61)},
		{"status=failed", "a\x00b"},
		{"status=failed", "\xff"},
		{"", "Everything"},
		{"cursor=x&view=y&other=z", "Nothing kept"},
		{"status=broken", "No such status"},
		{"from=yesterday", "No date"},
		{"customer=nobody", "No customer"},
		{"q=" + strings.Repeat("x", 201), "Long"},
	} {
		p := save(c[0], c[1])
		if p.status != http.StatusUnprocessableEntity || !p.has(".view-form[open] .notice-bad") {
			t.Errorf("%q as %q: status %d, %q", c[0], c[1], p.status, p.texts(".notice"))
			continue
		}
		if typed := attr(p.all(`.view-form[open] [name="name"]`)[0], "value"); typed != c[1] && utf8.ValidString(c[1]) && !strings.Contains(c[1], "\x00") {
			t.Errorf("%q came back as %q", c[1], typed)
		}
	}
	if got := k.open("/runs").chips(); !slices.Equal(got, []string{"Taken"}) {
		t.Errorf("stored: %q", got)
	}
}

func TestAViewIsSharedByWhoManagesAndPrivateOtherwise(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.crm()
	k.send(http.MethodPost, "/runs/views?status=unknown", url.Values{"name": {"Mine alone"}}, nil).must(http.StatusOK)
	p := k.send(http.MethodPost, "/runs/views?status=failed", url.Values{"name": {"For all"}, "shared": {"on"}}, nil).must(http.StatusOK)
	id := p.url.Query().Get("view")

	k.person(account.Support)
	p = k.open("/runs?view=" + id + "&status=failed").must(http.StatusOK)
	if got := p.chips(); len(got) != 1 || !strings.Contains(got[0], "For all") {
		t.Errorf("somebody else sees %q", got)
	}
	if p.has(".view-form") {
		t.Error("somebody else may edit what everybody has")
	}
	for _, path := range []string{"/runs/views/" + id + "/delete", "/runs/views/" + id + "?status=failed"} {
		if p := k.send(http.MethodPost, path, url.Values{"name": {"x"}}, nil); p.status != http.StatusForbidden {
			t.Errorf("%s: status %d, want 403", path, p.status)
		}
	}
	if p := k.send(http.MethodPost, "/runs/views?status=failed", url.Values{"name": {"x"}, "shared": {"on"}}, nil); p.status != http.StatusForbidden {
		t.Errorf("support shares: status %d", p.status)
	}
	k.send(http.MethodPost, "/runs/views?status=failed", url.Values{"name": {"Own of support"}}, nil).must(http.StatusOK)
	k.signIn("owner@msp.test")
	if got := strings.Join(k.open("/runs").chips(), ", "); strings.Contains(got, "support") || !strings.Contains(got, "Mine alone") {
		t.Errorf("the owner sees %q", got)
	}
}
