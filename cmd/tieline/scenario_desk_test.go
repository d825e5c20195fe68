package main

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"
)

// stub is a vendor that notes what it is sent.
type stub struct {
	*httptest.Server
	mu     sync.Mutex
	seen   []*http.Request
	bodies []string
	answer http.HandlerFunc
}

func newStub(t *testing.T) *stub {
	t.Helper()
	v := &stub{answer: answering("application/json", `{"id":"118203"}`)}
	v.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		v.mu.Lock()
		v.seen, v.bodies = append(v.seen, r), append(v.bodies, string(body))
		answer := v.answer
		v.mu.Unlock()
		answer(w, r)
	}))
	t.Cleanup(v.Close)
	return v
}

// answering gives the same answer every time.
func answering(kind, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		_, _ = io.WriteString(w, body)
	}
}

func (v *stub) answers(h http.HandlerFunc) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.answer = h
}

func (v *stub) hits() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.seen)
}

func (v *stub) last(t *testing.T) (*http.Request, string) {
	t.Helper()
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.seen) == 0 {
		t.Fatal("the vendor was sent nothing")
	}
	return v.seen[len(v.seen)-1], v.bodies[len(v.bodies)-1]
}

// desk is the program with an owner, a browser without scripts, an API key and a vendor.
type desk struct {
	*server
	t       *testing.T
	browser *http.Client
	owner   string
	vendor  *stub
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	s := serving(t)
	d := &desk{server: s, t: t, browser: signedIn(t, s), vendor: newStub(t)}
	d.owner = s.key(t, "owner")
	return d
}

// stubKey is the secret of the fixtures.
const stubKey = "gckQ-canary-0123456789-taJ9"

// define makes an integration "crm" with a secret ApiKey, the endpoints given as JSON, and acme's integrator
// at the stub.
func (d *desk) define(endpoints string) {
	d.t.Helper()
	d.must(d.t, 201, "POST", "/api/v1/customers", d.owner, `{"slug":"acme","name":"Acme Ltd"}`)
	d.must(d.t, 201, "PUT", "/api/v1/integrations/crm", d.owner, `{"tieline":1,"integration":{"name":"crm","label":"CRM","type":"crm",
		"parameters":[{"name":"ApiKey","label":"API key","in":"header","required":true,"secret":true}],"endpoints":[`+endpoints+`]}}`)
	d.must(d.t, 201, "POST", "/api/v1/integrations/crm/integrators", d.owner, `{"customer":"acme","base_url":"`+d.vendor.URL+`","host":"`+
		strings.TrimPrefix(d.vendor.URL, "http://")+`","allow_http":true,"fields":{"ApiKey":"`+stubKey+`"}}`)
}

// outcome is what a caller is told.
type outcome struct {
	RunID      string `json:"run_id"`
	Status     string
	Cause      *string
	Summary    string
	Evidence   string
	Hint       *string
	Result     *string
	Outputs    map[string]any
	HTTPStatus int `json:"http_status"`
}

func (o outcome) cause() string {
	if o.Cause == nil {
		return ""
	}
	return *o.Cause
}

// call calls an endpoint of crm by name for acme; more are further members of the body.
func (d *desk) call(endpoint, more string) outcome {
	d.t.Helper()
	if more != "" {
		more = "," + more
	}
	a := d.must(d.t, 200, "POST", "/api/v1/integrations/crm/endpoints/"+endpoint+"/call", d.owner, `{"customer":"acme"`+more+`}`)
	var o outcome
	if err := json.Unmarshal(a.body, &o); err != nil {
		d.t.Fatalf("%v in %s", err, a.body)
	}
	if a.header.Get("Tieline-Run-Id") != o.RunID || a.header.Get("X-Content-Type-Options") != "nosniff" {
		d.t.Errorf("the headers of the answer are %v", a.header)
	}
	return o
}

// page is one page as a browser got it.
type page struct {
	d      *desk
	status int
	url    *url.URL
	text   string
	root   *html.Node
}

func (d *desk) send(method, path string, form url.Values, header http.Header) page {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, d.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		d.t.Fatal(err)
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	maps.Copy(r.Header, header)
	res, err := d.browser.Do(r)
	if err != nil {
		d.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	root, text := parsed(d.t, res.Body)
	return page{d, res.StatusCode, res.Request.URL, text, root}
}

func parsed(t *testing.T, from io.Reader) (*html.Node, string) {
	t.Helper()
	text, err := io.ReadAll(from)
	if err != nil {
		t.Fatal(err)
	}
	root, err := html.Parse(strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	return root, string(text)
}

func (d *desk) open(path string) page {
	d.t.Helper()
	return d.send(http.MethodGet, path, nil, nil)
}

// is fails the test unless the page has a status.
func (p page) is(status int) page {
	p.d.t.Helper()
	if p.status != status {
		p.d.t.Fatalf("%s: status %d, want %d: %s", p.url, p.status, status, p.words(".notice, .field-problem"))
	}
	return p
}

func (p page) all(selector string) []*html.Node {
	return cascadia.QueryAll(p.root, cascadia.MustCompile(selector))
}

func (p page) one(selector string) *html.Node {
	p.d.t.Helper()
	if found := p.all(selector); len(found) > 0 {
		return found[0]
	}
	p.d.t.Fatalf("%s: nothing fits %s", p.url, selector)
	return nil
}

// words is the text of everything that fits a selector, with single spaces.
func (p page) words(selector string) string {
	var b strings.Builder
	for _, n := range p.all(selector) {
		for c := range n.Descendants() {
			if c.Type == html.TextNode {
				b.WriteString(c.Data + " ")
			}
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// fields are the values of the fields whose name has this beginning and end.
func (p page) fields(prefix, suffix string) []string {
	var values []string
	for _, n := range p.all("[name^='" + prefix + "'][name$='" + suffix + "']") {
		values = append(values, typed(n))
	}
	return values
}

// value is what the field of a name holds.
func (p page) value(name string) string {
	p.d.t.Helper()
	return typed(p.one("[name='" + name + "']"))
}

// problem is the message that belongs to a field.
func (p page) problem(name string) string {
	p.d.t.Helper()
	for id := range strings.FieldsSeq(attr(p.one("[name='"+name+"']"), "aria-describedby")) {
		if text := p.words("#" + id + ".field-problem"); text != "" {
			return text
		}
	}
	return ""
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

func typed(n *html.Node) string {
	switch n.Data {
	case "textarea":
		if n.FirstChild == nil {
			return ""
		}
		return strings.TrimPrefix(n.FirstChild.Data, "\n")
	case "select":
		options := cascadia.QueryAll(n, cascadia.MustCompile("option"))
		for _, o := range options {
			if has(o, "selected") {
				return attr(o, "value")
			}
		}
		if len(options) > 0 {
			return attr(options[0], "value")
		}
		return ""
	}
	return attr(n, "value")
}

// form is a form as a browser would send it.
type form struct {
	page   page
	action string
	values url.Values
}

func (p page) form(selector string) *form {
	p.d.t.Helper()
	node := p.one(selector)
	f := &form{p, attr(node, "action"), url.Values{}}
	for _, n := range cascadia.QueryAll(node, cascadia.MustCompile("input[name], textarea[name], select[name]")) {
		box := attr(n, "type") == "checkbox" || attr(n, "type") == "radio"
		if has(n, "disabled") || attr(n, "type") == "file" || box && !has(n, "checked") {
			continue
		}
		value := typed(n)
		if box && value == "" {
			value = "on"
		}
		f.values.Add(attr(n, "name"), value)
	}
	return f
}

// set types into fields that the form has: name, value, name, value.
func (f *form) set(pairs ...string) *form {
	f.page.d.t.Helper()
	for i := 0; i+1 < len(pairs); i += 2 {
		f.page.one("[name='" + pairs[i] + "']")
		f.values.Set(pairs[i], pairs[i+1])
	}
	return f
}

// press submits the form with one of its buttons and follows to the page that comes of it.
func (f *form) press(op string) page {
	f.page.d.t.Helper()
	return f.swap(op, nil)
}

// swap is press with the headers by which a script asks for a part of the page.
func (f *form) swap(op string, header http.Header) page {
	f.page.d.t.Helper()
	action := f.action
	if op != "" {
		if to := attr(f.page.one("button[name=op][value='"+op+"']"), "formaction"); to != "" {
			action = to
		}
		f.values.Set("op", op)
	}
	return f.page.d.send(http.MethodPost, action, f.values, header)
}
