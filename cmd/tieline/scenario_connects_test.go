package main

import (
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
)

const findContact = "/integrations/crm/endpoints/findContact"

// CV-01: header text in pipes becomes rows, and the true length is sent.
func TestCV01HeaderTextInPipesBecomesRows(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.define(`{"name":"findContact","method":"POST","url":"/contacts","body":{"kind":"json","content":"{\"a\":1}"}}`)
	p := d.open(findContact).form("#endpoint-form").press("headers-text").is(200)
	p = p.form("#endpoint-form").set("headers_text", "Content-length: 0|Content-type: application/json|Authorization: OAuth abc:def").press("headers-apply").is(200)
	if got := p.fields("headers.", ".name"); !slices.Equal(got, []string{"Content-length", "Content-type", "Authorization"}) {
		t.Fatalf("rows = %q", got)
	}
	if note := p.words(".row-managed"); !strings.Contains(strings.ToLower(note), "managed") {
		t.Errorf("Content-length is not marked: %q", note)
	}
	p.form("#endpoint-form").press("save").is(200)
	d.call("findContact", "")
	r, body := d.vendor.last(t)
	if r.Header.Get("Authorization") != "OAuth abc:def" || r.ContentLength != int64(len(body)) || body != `{"a":1}` {
		t.Errorf("the vendor got %v, length %d, body %q", r.Header, r.ContentLength, body)
	}
}

// CV-02: a part without a colon is named at the field, and nothing is stored.
func TestCV02HeaderTextThatCannotBeReadIsRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.define(`{"name":"findContact","url":"/contacts"}`)
	before := d.must(t, 200, "GET", "/api/v1/integrations/crm", d.owner, "")
	for _, op := range []string{"headers-apply", "save"} {
		p := d.open(findContact).form("#endpoint-form").press("headers-text").form("#endpoint-form").set("headers_text", "broken|X: 1").press(op)
		if p.status != 422 || !strings.Contains(p.problem("headers_text"), "broken") || p.value("headers_text") != "broken|X: 1" {
			t.Errorf("%s: status %d, problem %q, text %q", op, p.status, p.problem("headers_text"), p.value("headers_text"))
		}
	}
	if after := d.must(t, 200, "GET", "/api/v1/integrations/crm", d.owner, ""); string(after.body) != string(before.body) {
		t.Errorf("stored: %s", after.body)
	}
}

// CV-07: the newest record is filled in, the result comes without the rest of the page, and Logs has a row more.
func TestCV07TheTestPanelIsFilledWithTheNewestRecord(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.define(`{"name":"findContact","url":"/contacts","query":[{"name":"phone","value":"{{phone_number}}"}],"response":{"key":"id"}}`)
	for _, lead := range []string{"101", "102"} {
		d.call("findContact", `"record":{"type":"lead","id":"`+lead+`","data":{"phone_number":"+1555000`+lead+`"}}`)
	}
	p := d.open(findContact + "?tab=test").is(200)
	if got := p.value("test.record_id"); got != "102" {
		t.Fatalf("the field holds %q, want 102", got)
	}
	rows := len(d.open(findContact + "?tab=logs").all("tbody tr"))
	part := p.form("#endpoint-form").swap("test", http.Header{"Hx-Request": {"true"}, "Hx-Request-Type": {"partial"}, "Hx-Target": {"div#test-result"}}).is(200)
	if strings.Contains(part.text, "<html") {
		t.Error("a whole page came")
	}
	words := part.words("#test-result")
	for _, want := range []string{"succeeded", "HTTP 200", " ms", "118203", "View in Logs"} {
		if !strings.Contains(words, want) {
			t.Errorf("the panel lacks %q: %s", want, words)
		}
	}
	if r, _ := d.vendor.last(t); r.URL.Query().Get("phone") != "+1555000102" {
		t.Errorf("the vendor saw %s", r.URL)
	}
	logs := d.open(findContact + "?tab=logs").is(200)
	if got := len(logs.all("tbody tr")); got != rows+1 {
		t.Errorf("%d rows in Logs, want %d", got, rows+1)
	}
	for _, column := range []string{"Id", "Date", "Primary phone", "Result", "Action"} {
		if !strings.Contains(logs.words("thead"), column) {
			t.Errorf("Logs has no column %s: %s", column, logs.words("thead"))
		}
	}
	if row := logs.words("tbody tr:first-child"); !strings.Contains(row, "+1555000102") {
		t.Errorf("the newest row is %q", row)
	}
}

// CV-08: a preview shows the request with its secrets masked and sends nothing, on the page and over the API.
func TestCV08PreviewOnlySendsNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.define(`{"name":"findContact","method":"POST","url":"/contacts?key={{field.ApiKey}}","params":["ApiKey"],"body":{"kind":"json","content":"{\"key\":\"{{field.ApiKey}}\"}"}}`)
	p := d.open(findContact + "?tab=test").form("#endpoint-form").press("preview").is(200)
	a := d.must(t, 200, "POST", "/api/v1"+findContact+"/test?preview=1", d.owner, `{"customer":"acme"}`)
	for where, words := range map[string]string{"page": p.words("#preview"), "API": string(a.body)} {
		for _, want := range []string{d.vendor.URL + "/contacts?key=", "ApiKey", "gckQ", "taJ9"} {
			if !strings.Contains(words, want) {
				t.Errorf("%s: no %q in %s", where, want, words)
			}
		}
		if strings.Contains(words, stubKey) || strings.Contains(p.text, stubKey) {
			t.Errorf("%s: the key is shown", where)
		}
	}
	if n := d.vendor.hits(); n != 0 {
		t.Errorf("%d requests left", n)
	}
}

// CV-09: Result says in words why there is none.
func TestCV09ResultSaysWhyThereIsNone(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.define(`{"name":"findContact","url":"http://127.0.0.1:9/contacts","auth":"none","response":{"type":"json"}},{"name":"html","url":"/contacts","response":{"type":"json"}}`)
	if l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:9"); err == nil {
		_ = l.Close() // nobody listens on the discard port, as the scenario wants
	} else if strings.Contains(err.Error(), "in use") {
		t.Skip("something listens on port 9")
	}
	d.vendor.answers(answering("text/html; charset=utf-8", "<html><body><h1>Welcome</h1></body></html>"))
	for endpoint, want := range map[string]struct{ cause, result string }{
		"findContact": {"connect_refused", "null – connection refused (127.0.0.1:9)"},
		"html":        {"bad_type", "null – expected JSON, got text/html"},
	} {
		path := "/integrations/crm/endpoints/" + endpoint
		p := d.open(path + "?tab=test").form("#endpoint-form").press("test").is(200)
		if words := p.words("#test-result"); !strings.Contains(words, want.result) {
			t.Errorf("%s, beside the button: %q", endpoint, words)
		}
		if row := d.open(path + "?tab=logs").words("tbody tr:first-child"); !strings.Contains(row, want.result) {
			t.Errorf("%s, in Logs: %q", endpoint, row)
		}
		o := d.call(endpoint, "")
		if o.cause() != want.cause || o.Result != nil || o.Hint == nil || len(*o.Hint) < 20 || o.Evidence == "" {
			t.Errorf("%s, over the API: %+v", endpoint, o)
		}
		if words := d.open("/runs/" + o.RunID).words("main"); !strings.Contains(words, want.result) || !strings.Contains(words, *o.Hint) {
			t.Errorf("%s, the run: %q", endpoint, words)
		}
	}
}

// CV-10: a response key with a condition judges the body, whatever the status.
func TestCV10ASuccessRuleJudgesTheBody(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.define(`{"name":"rule","url":"/a","response":{"success":"success=true","key":"success"}},{"name":"key","url":"/a","response":{"key":"success=true"}}`)
	for _, endpoint := range []string{"rule", "key"} {
		for _, c := range []struct{ body, status, cause, result, mention string }{
			{`{"success":true}`, "succeeded", "", "true", ""},
			{`{"success":false}`, "failed", "rule", "", "false"},
			{`{"status":"ok"}`, "failed", "key_missing", "", "status"},
			{`{"success":null}`, "failed", "", "", "null"},
			{`{"success":"true"}`, "succeeded", "", "true", ""},
		} {
			d.vendor.answers(answering("application/json", c.body))
			o := d.call(endpoint, "")
			if o.Status != c.status || c.cause != "" && o.cause() != c.cause || o.HTTPStatus != 200 {
				t.Errorf("%s %s: %s %s, HTTP %d", endpoint, c.body, o.Status, o.cause(), o.HTTPStatus)
			}
			if c.result != "" && (o.Result == nil || *o.Result != c.result) {
				t.Errorf("%s %s: result %v", endpoint, c.body, o.Result)
			}
			if !strings.Contains(o.Summary+" "+o.Evidence, c.mention) {
				t.Errorf("%s %s: %q %q say nothing of %s", endpoint, c.body, o.Summary, o.Evidence, c.mention)
			}
		}
	}
}

// CV-18: View shows what went in, what was sent and what came, with the secrets hidden.
func TestCV18ViewShowsEverythingThatHappened(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.define(`{"name":"findContact","url":"/contacts","query":[{"name":"phone","value":"{{phone_number}}"}],"params":["ApiKey"]}`)
	d.vendor.answers(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Vendor", "stub-7")
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"id":118203}`))
	})
	o := d.call("findContact", `"tokens":{"phone_number":"+15551234567"}`)
	view := d.open("/runs").one("td.cell-actions a[href='/runs/" + o.RunID + "']")
	if attr(view, "hx-target") != "#dialog" {
		t.Errorf("View opens %q", attr(view, "hx-target"))
	}
	part := d.send("GET", attr(view, "hx-get"), nil, http.Header{"Hx-Request": {"true"}, "Hx-Request-Type": {"partial"}, "Hx-Target": {"dialog#dialog"}}).is(200)
	for name, p := range map[string]page{"dialog": part, "page": d.open("/runs/" + o.RunID).is(200)} {
		words := p.words("body")
		for _, want := range []string{"Input data", "Request", "Response", "/contacts?phone=%2B15551234567", "gckQ...taJ9", "X-Vendor", "stub-7", "118203", "ms"} {
			if !strings.Contains(words, want) {
				t.Errorf("%s: no %q", name, want)
			}
		}
		if strings.Contains(p.text, stubKey) {
			t.Errorf("%s: the key is shown", name)
		}
	}
}
