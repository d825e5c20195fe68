package web_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"tieline/db"
	"tieline/internal/account"
	"tieline/internal/control"
)

func (k *desk) call(recordID string) {
	k.t.Helper()
	_, err := k.control.Call(k.t.Context(), k.owner, control.CallRequest{
		Integration: "crm", Endpoint: "findContact", Customer: "acme",
		Record: control.Record{Type: "lead", ID: recordID, Data: map[string]any{"phone_number": "+1555000" + recordID}},
	})
	if err != nil {
		k.t.Fatal(err)
	}
}

// CV-07: the newest record is filled in; the result stands beside the button, and the same run in Logs.
func TestCV07TheResultStandsBesideTheButton(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.crm()
	k.call("101")
	k.call("102")
	p := k.open(findContact + "?tab=test").must(http.StatusOK)
	if got := p.value("test.record_id"); got != "102" {
		t.Fatalf("record id = %q, want the newest", got)
	}
	before := len(k.open(findContact + "?tab=logs").all("tbody tr"))
	part := p.form("#endpoint-form").swap("test", "div#test-result").must(http.StatusOK)
	if strings.Contains(part.text, "<html") {
		t.Fatal("a whole page came instead of the region")
	}
	text := strings.Join(part.texts("#test-result"), " ")
	for _, want := range []string{"succeeded", "HTTP 200", "ms", "118203", "View in Logs"} {
		if !strings.Contains(text, want) {
			t.Errorf("the result lacks %q: %s", want, text)
		}
	}
	link := ""
	for _, n := range part.all("#test-result a") {
		if textOf(n) == "View in Logs" {
			link = attr(n, "href")
		}
	}
	logs := k.open(link).must(http.StatusOK)
	if got := len(logs.all("tbody tr")); got != before+1 {
		t.Errorf("%d rows in Logs, want %d", got, before+1)
	}
	head := strings.Join(logs.texts("thead th"), " ")
	for _, want := range []string{"Id", "Date", "Primary phone", "Result", "Action"} {
		if !strings.Contains(head, want) {
			t.Errorf("Logs has no column %s: %s", want, head)
		}
	}
}

// CV-08: a preview shows everything with secrets masked, and sends nothing.
func TestCV08PreviewOnlySendsNothing(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.crm()
	f := k.open(findContact + "?tab=test").form("#endpoint-form")
	whole := f.press("preview").must(http.StatusOK)
	part := f.swap("preview", "div#preview").must(http.StatusOK)
	for _, p := range []page{whole, part} {
		text := strings.Join(p.texts("#preview"), " ")
		for _, want := range []string{"GET", k.vendor.host() + "/contacts?phone=%2B15551234567", "ApiKey", "gckQ...taJ9"} {
			if !strings.Contains(text, want) {
				t.Errorf("the preview lacks %q: %s", want, text)
			}
		}
		if strings.Contains(p.text, deskKey) {
			t.Error("the key is in the page")
		}
	}
	if strings.Contains(part.text, "<html") || k.vendor.hits() != 0 {
		t.Errorf("whole page, or %d requests left", k.vendor.hits())
	}
}

func TestPreviewWorksOnHalfTypedDefinitions(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.crm()
	for _, typed := range []string{"", "h", "http://{{ho", "http://{{host}}/{", "://", "http://{{host}}/{{phone_numbr}}", "{{{{", "http://{{host}}/a?b=%zz"} {
		p := k.open(findContact).form("#endpoint-form").set("url", typed, "test.tokens", `{"a":`).swap("preview", "div#preview")
		if p.status != http.StatusOK || !p.has("#preview") {
			t.Errorf("%q: status %d", typed, p.status)
		}
	}
}

// A value of the answer is pressed and becomes the response key; the form is what it was.
func TestAPressedValueBecomesTheResponseKey(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.crm()
	p := k.open(findContact).form("#endpoint-form").set("label", "typed", "response.key", "").press("test").must(http.StatusOK)
	p = p.form("#endpoint-form").press("pick:results.0.email").must(http.StatusOK)
	if p.value("response.key") != "results.0.email" || p.value("label") != "typed" {
		t.Fatalf("key %q, label %q", p.value("response.key"), p.value("label"))
	}
	if !p.has("#test-result #pick-tree") {
		t.Error("the result is gone")
	}
	p = p.form("#endpoint-form").press("output:results.0.id").must(http.StatusOK)
	p.form("#endpoint-form").press("save").must(http.StatusOK)
	if e := k.endpoint("findContact"); e.Response.Key != "results.0.email" || len(e.Response.Outputs) != 1 || e.Response.Outputs[0].Path != "results.0.id" {
		t.Errorf("stored %+v", e.Response)
	}
}

func TestAFormShowsNoOtherRunThanItsOwnTest(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.crm()
	k.call("101")
	acme, err := k.db.CustomerBySlug(t.Context(), k.owner.Scope, "acme")
	if err != nil {
		t.Fatal(err)
	}
	runs, _, err := k.db.Runs(t.Context(), k.owner.Scope, db.RunFilter{CustomerID: acme.ID})
	if err != nil || len(runs) != 1 {
		t.Fatalf("%d runs, %v", len(runs), err)
	}
	f := k.open(findContact).form("#endpoint-form")
	f.values.Set("run", runs[0].ID)
	if p := f.press("add-header").must(http.StatusOK); len(p.texts("#test-result .panel")) != 0 {
		t.Error("a call that is no test of this form is shown")
	}
}

// What a vendor answers is shown as text and never as markup.
func TestAnswersAreShownAsText(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.crm()
	k.vendor.answer = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"results":[{"id":"<script>alert(1)</script>","\"><img src=x onerror=alert(1)>":"y"}]}`)
	}
	p := k.open(findContact).form("#endpoint-form").press("test").must(http.StatusOK)
	if p.has("#test-result script") || p.has("#test-result img") {
		t.Error("markup of the vendor is in the page")
	}
}

// A blocked address can be allowed by an owner from beside the button, and by nobody else.
func TestABlockedAddressIsAllowedInOneClick(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.crm()
	blocked := func() page {
		t.Helper()
		return k.open(findContact).form("#endpoint-form").set("url", "http://10.255.255.1:9/x", "params", "").press("test").must(http.StatusOK)
	}
	p := blocked()
	button := p.one(`#test-result button[value^="allow:"]`)
	if !strings.Contains(textOf(button), "10.255.255.1:9") || !strings.Contains(textOf(button), "acme") {
		t.Errorf("button = %q", textOf(button))
	}
	p = p.form("#endpoint-form").press(attr(button, "value")).must(http.StatusOK)
	if p.value("url") != "http://10.255.255.1:9/x" || !strings.Contains(strings.Join(p.texts(".toast-note"), " "), "is allowed") {
		t.Errorf("url %q, message %q", p.value("url"), p.texts(".toast-note"))
	}
	acme, err := k.db.CustomerBySlug(t.Context(), k.owner.Scope, "acme")
	if err != nil {
		t.Fatal(err)
	}
	if entries, err := k.db.AllowEntries(t.Context(), k.owner.Scope, acme.ID); err != nil || len(entries) != 1 {
		t.Errorf("allowed: %v %v", entries, err)
	}
	k.person(account.Admin)
	p = k.open(findContact).form("#endpoint-form").set("url", "http://10.255.255.2:9/x", "params", "").press("test").must(http.StatusOK)
	if p.has(`#test-result button[value^="allow:"]`) {
		t.Error("an admin is offered what only an owner may do")
	}
}

func TestHostileTestFieldsAreRefusedAtTheField(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.crm()
	for field, bad := range map[string][]string{
		"test.tokens":     {"{", "[]", `{"a":1,"a":2}`, "1", strings.Repeat("[", 1000), "\xff"},
		"test.data":       {"x", "[]"},
		"test.input":      {"{]"},
		"test.integrator": {"", "nobody", "' OR 1=1"},
	} {
		for _, value := range bad {
			p := k.open(findContact+"?tab=test").form("#endpoint-form").set(field, value).press("test")
			if p.status != http.StatusUnprocessableEntity || p.problem(field) == "" {
				t.Errorf("%s = %.20q: status %d, problem %q (%v)", field, value, p.status, p.problem(field), p.texts(".problem-list li"))
			}
		}
	}
	if k.vendor.hits() != 0 {
		t.Error("something was sent")
	}
}

func TestALiveTestSaysSoWhereItMayChangeData(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.crm()
	p := k.open(findContact + "?tab=test")
	if p.has(".live-note") {
		t.Error("a GET is called dangerous")
	}
	f := p.form("#endpoint-form").set("method", "DELETE")
	f.values.Set("op", "change")
	if changed := f.press("").must(http.StatusOK); !strings.Contains(strings.Join(changed.texts(".live-note"), " "), "DELETE") {
		t.Error("no warning for a DELETE")
	}
}
