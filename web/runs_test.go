package web_test

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"tieline/db/dbtest"
	"tieline/internal/account"
)

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
