package main

import (
	"encoding/json"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
)

// as signs another browser in as a new person with a role.
func (d *desk) as(role string) *desk {
	d.t.Helper()
	const password = "another long enough password"
	d.must(d.t, 201, "POST", "/api/v1/users", d.owner, `{"email":"`+role+`@acme.test","name":"`+role+`","role":"`+role+`","password":"`+password+`"}`)
	jar, err := cookiejar.New(nil)
	if err != nil {
		d.t.Fatal(err)
	}
	other := *d
	other.browser = &http.Client{Jar: jar}
	p := other.send("POST", "/login", url.Values{"email": {role + "@acme.test"}, "password": {password}}, nil).is(200)
	if p.url.Path != "/" {
		d.t.Fatalf("%s came to %s", role, p.url)
	}
	return &other
}

// support reads logs and retries; forms are read-only, posts are refused, and secrets are never shown.
func TestX02SupportReadsAndActsOnRunsAlone(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.define(`{"name":"findContact","url":"/contacts?v={{field.ApiKey}}","params":["ApiKey"]}`)
	o := d.call("findContact", "")
	s := d.as("support")
	for _, path := range []string{"/", "/runs", "/runs/" + o.RunID, findContact, findContact + "?tab=logs", "/integrations/crm", "/integrations/crm/integrators/new", "/customers/acme"} {
		p := s.open(path)
		if strings.Contains(p.text, stubKey) {
			t.Errorf("%s shows the key", path)
		}
		if n := len(p.all("main button[value=save], main button[value=add-header]")); n != 0 {
			t.Errorf("%s offers to change things", path)
		}
	}
	for _, path := range []string{findContact, findContact + "/enable", "/integrations/crm/delete", "/customers/new", "/integrations/crm/integrators/new", "/variables/new", "/users/new"} {
		s.send("POST", path, url.Values{"name": {"evil"}, "op": {"save"}}, nil).is(403)
	}
	hits := d.vendor.hits()
	if p := s.send("POST", "/runs/"+o.RunID+"/retry", nil, nil).is(200); p.url.Path == "/runs/"+o.RunID || d.vendor.hits() != hits+1 {
		t.Errorf("a retry led to %s after %d calls", p.url, d.vendor.hits()-hits)
	}
	key := d.key(t, "support")
	d.must(t, 403, "PUT", "/api/v1/integrations/crm", key, `{"tieline":1,"integration":{"name":"crm"}}`)
	d.must(t, 200, "GET", "/api/v1/runs/"+o.RunID, key, "")
}

// what another site makes a browser send is refused, and the API asks for its key.
func TestX03AnotherSiteCannotAct(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.define(`{"name":"findContact","url":"/contacts"}`)
	o := d.call("findContact", "")
	forms := []string{"/customers/new", "/integrations/new", findContact, findContact + "/test", "/runs/" + o.RunID + "/retry", "/users/new", "/logout", "/login", "/setup", "/settings", "/theme", "/demo"}
	hits := d.vendor.hits()
	for _, header := range []http.Header{{"Sec-Fetch-Site": {"cross-site"}}, {"Sec-Fetch-Site": {"same-site"}}, {"Origin": {"https://evil.test"}}, {"Origin": {"null"}}} {
		for _, path := range forms {
			d.send("POST", path, url.Values{"name": {"Evil"}, "op": {"test"}}, header).is(403)
		}
	}
	if d.vendor.hits() != hits {
		t.Error("another site made a call")
	}
	for _, path := range []string{"/api/v1/customers", "/api/v1/runs", "/api/v1/runs/" + o.RunID, "/api/v1/integrations/crm", "/api/v1/users"} {
		d.send("GET", path, nil, nil).is(401) // the session's cookie is no key
		d.must(t, 401, "GET", path, "", "")
		d.must(t, 401, "GET", path, "tl_of-nobody", "")
	}
	d.must(t, 401, "POST", "/api/v1"+findContact+"/call", "", `{"customer":"acme"}`)
}

// what leads inside is blocked at any way in, and an owner's entry opens exactly one address.
func TestX04AddressesInsideAreBlockedUntilAnOwnerAllowsThem(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	inside, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = inside.Close()
	d.define(`{"name":"meta","url":"http://169.254.169.254/latest/meta-data","auth":"none"},{"name":"six","url":"http://[::1]:8080/","auth":"none"},
		{"name":"mapped","url":"http://[::ffff:10.0.0.1]/","auth":"none"},{"name":"zero","url":"http://0.0.0.0/","auth":"none"},
		{"name":"decimal","url":"http://2852039166/","auth":"none"},{"name":"private","url":"http://10.255.255.1:9/x","auth":"none"},
		{"name":"azure","url":"http://168.63.129.16/","auth":"none"},{"name":"self","url":"` + d.url + `/healthz","auth":"none"},
		{"name":"redirect","url":"/to","policy":{"follow_redirects":true}}`)
	for endpoint, allowed := range map[string]bool{"meta": false, "six": false, "mapped": true, "zero": false, "private": true, "azure": false, "self": false} {
		o := d.call(endpoint, "")
		if o.cause() != "blocked_address" || o.Hint == nil || *o.Hint == "" {
			t.Errorf("%s: %s (%s)", endpoint, o.cause(), o.Summary)
		}
		p := d.open("/integrations/crm/endpoints/" + endpoint + "?tab=test").form("#endpoint-form").press("test").is(200)
		if offered := len(p.all("#test-result button[value^='allow:']")) == 1; offered != allowed {
			t.Errorf("%s: an owner is offered to allow it: %v", endpoint, offered)
		}
	}
	if o := d.call("decimal", ""); o.Status == "succeeded" {
		t.Error("a number for an address was called")
	}
	for _, to := range []string{"http://169.254.169.254/", "http://10.255.255.1:9/", "http://[::1]:1/"} {
		d.vendor.answers(func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusFound) })
		if o := d.call("redirect", ""); o.cause() != "blocked_address" {
			t.Errorf("a redirect to %s: %s (%s)", to, o.cause(), o.Summary)
		}
	}
	never := d.must(t, 422, "POST", "/api/v1/outbound", d.owner, `{"customer":"acme","target":"169.254.0.0/16","ports":"80","reason":"no"}`)
	if !strings.Contains(string(never.body), `"target":"This address can never be opened.`) {
		t.Errorf("the refusal: %s", never.body)
	}
	d.must(t, 403, "POST", "/api/v1/outbound", d.key(t, "admin"), `{"customer":"acme","target":"10.255.255.1","ports":"9","reason":"PSA"}`)
	p := d.open("/integrations/crm/endpoints/private?tab=test").form("#endpoint-form").press("test").is(200)
	p.form("#endpoint-form").press(attr(p.one("#test-result button[value^='allow:']"), "value")).is(200)
	a := d.must(t, 200, "GET", "/api/v1/outbound?customer=acme", d.owner, "")
	var list struct{ Items []struct{ ID, Target string } }
	if err := json.Unmarshal(a.body, &list); err != nil || len(list.Items) != 1 || list.Items[0].Target != "10.255.255.1" {
		t.Fatalf("allowed: %s", a.body)
	}
	d.must(t, 200, "PUT", "/api/v1/integrations/crm/endpoints/private", d.owner, `{"endpoint":{"name":"private","url":"http://10.255.255.1:9/x","auth":"none","policy":{"connect_timeout_s":1}}}`)
	if o := d.call("private", ""); o.cause() == "blocked_address" || o.cause() == "" {
		t.Errorf("after the owner's entry: %s (%s)", o.cause(), o.Summary)
	}
}

// without the flag, loopback and names that lead there are blocked, and an entry does not open them.
func TestX04LoopbackAndNamesForItAreBlockedWithoutTheFlag(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	if err := d.stop(); err != nil {
		t.Fatal(err)
	}
	s, err := launch(d.dir, nil, "--allow-outbound", "192.0.2.0/24")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.kill)
	d.server = s
	port := d.vendor.URL[strings.LastIndex(d.vendor.URL, ":"):]
	d.define(`{"name":"address","url":"` + d.vendor.URL + `/x","auth":"none"},{"name":"named","url":"http://localhost` + port + `/x","auth":"none"}`)
	for _, endpoint := range []string{"address", "named"} {
		if o := d.call(endpoint, ""); o.cause() != "blocked_address" {
			t.Errorf("%s: %s (%s)", endpoint, o.cause(), o.Summary)
		}
	}
	if d.vendor.hits() != 0 {
		t.Error("the vendor was reached")
	}
	if a := d.must(t, 422, "POST", "/api/v1/outbound", d.owner, `{"customer":"acme","target":"127.0.0.1","reason":"stub"}`); !strings.Contains(string(a.body), `"target":"`) {
		t.Errorf("the refusal: %s", a.body)
	}
}

// a definition moves to another installation unchanged, without secrets, and says which are missing there.
func TestX11AnExportIsEqualElsewhere(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.define(`{"name":"findContact","method":"POST","url":"/contacts/{{id}}","headers":[{"name":"X","value":"1"},{"name":"X","value":"2"}],"hard":[{"in":"query","name":"v","value":"3"}],
		"params":["ApiKey"],"body":{"kind":"json","content":"{\"n\":{{n}}}"},"response":{"type":"json","key":"a.0.b","success":"ok=1","outputs":[{"name":"o","path":"a.0.c"}],"statuses":[200,404]},"policy":{"timeout_s":7},"enabled":false}`)
	first, err := d.tool("export", "crm")
	if err != nil || strings.Contains(first, stubKey) {
		t.Fatalf("%v, or the key is in it:\n%s", err, first)
	}
	other := serving(t)
	owner := other.key(t, "owner")
	a := other.must(t, 201, "PUT", "/api/v1/integrations/crm", owner, first)
	if strings.Contains(string(a.body), stubKey) {
		t.Error("the key came along")
	}
	second, err := other.tool("export", "crm")
	if err != nil || second != first {
		t.Errorf("%v; it differs:\n%s\n%s", err, first, second)
	}
	browser := &desk{server: other, t: t, browser: signedIn(t, other)}
	p := browser.open("/integrations/import").form("#import-form").set("document", strings.Replace(first, "name: crm", "name: crm2", 1)).press("show").is(200)
	if words := p.words("main"); !strings.Contains(words, "ApiKey") && !strings.Contains(words, "API key") {
		t.Errorf("the import names no missing secret: %s", words)
	}
}
