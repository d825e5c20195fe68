package web_test

import (
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"

	"tieline/db"
	"tieline/db/dbtest"
	"tieline/internal/account"
	"tieline/internal/control"
	"tieline/internal/executor"
	"tieline/internal/outbound"
	"tieline/internal/secret"
	"tieline/internal/signin"
	"tieline/web"
)

const deskPassword = "a-long-enough-passphrase"

// desk is a portal with a real database, a vendor that notes what it is sent, and a browser without scripts.
type desk struct {
	t       testing.TB
	server  *httptest.Server
	client  *http.Client
	db      *db.DB
	control *control.Plane
	owner   account.Actor
	vendor  *vendor
}

// vendor is a third party on loopback.
type vendor struct {
	*httptest.Server
	mu     sync.Mutex
	seen   []*http.Request
	bodies []string
	answer http.HandlerFunc
}

func newVendor(t testing.TB) *vendor {
	t.Helper()
	v := &vendor{answer: func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"results":[{"id":118203,"email":"contact@acme.test"}]}`)
	}}
	v.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		v.mu.Lock()
		v.seen, v.bodies = append(v.seen, r), append(v.bodies, string(body))
		v.mu.Unlock()
		v.answer(w, r)
	}))
	t.Cleanup(v.Close)
	return v
}

func (v *vendor) host() string { return strings.TrimPrefix(v.URL, "http://") }

func (v *vendor) hits() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.seen)
}

func (v *vendor) last(t *testing.T) (*http.Request, string) {
	t.Helper()
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.seen) == 0 {
		t.Fatal("the vendor was sent nothing")
	}
	return v.seen[len(v.seen)-1], v.bodies[len(v.bodies)-1]
}

func newDesk(t testing.TB) *desk {
	t.Helper()
	d := dbtest.Open(t, db.SQLite)
	logger := slog.New(slog.DiscardHandler)
	keys, err := secret.NewKeyring(secret.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	out := outbound.New(outbound.Options{AllowOutbound: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	t.Cleanup(out.Close)
	people := signin.New(signin.Deps{DB: d, Logger: logger})
	exec := executor.New(executor.Options{Outbound: out, Opener: keys, Recorder: control.NewRecorder(d), Tokens: control.NewTokens(d, keys, logger), Logger: logger})
	plane := control.New(control.Deps{DB: d, Executor: exec, Outbound: out, Sealer: keys, Signin: people, Logger: logger})
	portal, err := web.New(web.Deps{DB: d, Control: plane, Signin: people, Logger: logger})
	if err != nil {
		t.Fatal(err)
	}
	k := &desk{t: t, server: httptest.NewServer(portal), db: d, control: plane, vendor: newVendor(t)}
	t.Cleanup(k.server.Close)
	u, err := people.CreateOwner(t.Context(), signin.NewOwner{Email: "owner@msp.test", Name: "Owner", Password: secret.NewText(deskPassword)})
	if err != nil {
		t.Fatal(err)
	}
	k.owner = account.Actor{Kind: account.Person, ID: u.ID, Name: u.Name, Role: account.Owner, Scope: account.Everything()}
	k.signIn("owner@msp.test")
	return k
}

// signIn makes the browser somebody else's.
func (k *desk) signIn(email string) {
	k.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		k.t.Fatal(err)
	}
	k.client = &http.Client{Jar: jar}
	p := k.send(http.MethodPost, "/login", url.Values{"email": {email}, "password": {deskPassword}}, nil)
	if p.status != http.StatusOK || strings.Contains(p.url.Path, "login") {
		k.t.Fatalf("sign-in of %s: %d at %s", email, p.status, p.url)
	}
}

// person adds somebody with a role and signs in as them.
func (k *desk) person(role account.Role, customers ...string) {
	k.t.Helper()
	in := control.UserInput{User: account.User{Email: string(role) + "@msp.test", Name: string(role), Role: role, Enabled: true, CustomerIDs: customers}, Password: secret.NewText(deskPassword)}
	if _, _, err := k.control.CreateUser(k.t.Context(), k.owner, in); err != nil {
		k.t.Fatal(err)
	}
	k.signIn(string(role) + "@msp.test")
}

// page is one answer, parsed.
type page struct {
	k      *desk
	status int
	url    *url.URL
	header http.Header
	text   string
	root   *html.Node
}

func (k *desk) send(method, path string, form url.Values, header http.Header) page {
	k.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequestWithContext(k.t.Context(), method, k.server.URL+path, body)
	if err != nil {
		k.t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	maps.Copy(r.Header, header)
	res, err := k.client.Do(r)
	if err != nil {
		k.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		k.t.Fatal(err)
	}
	root, err := html.Parse(strings.NewReader(string(text)))
	if err != nil {
		k.t.Fatal(err)
	}
	return page{k: k, status: res.StatusCode, url: res.Request.URL, header: res.Header, text: string(text), root: root}
}

func (k *desk) open(path string) page {
	k.t.Helper()
	return k.send(http.MethodGet, path, nil, nil)
}

// must fails unless the page has a status.
func (p page) must(status int) page {
	p.k.t.Helper()
	if p.status != status {
		p.k.t.Fatalf("%s: status %d, want %d\n%s", p.url, p.status, status, strings.Join(p.texts(".notice, .field-problem"), "\n"))
	}
	return p
}

func (p page) all(selector string) []*html.Node {
	p.k.t.Helper()
	sel, err := cascadia.ParseGroup(selector)
	if err != nil {
		p.k.t.Fatal(err)
	}
	return cascadia.QueryAll(p.root, sel)
}

func (p page) one(selector string) *html.Node {
	p.k.t.Helper()
	found := p.all(selector)
	if len(found) == 0 {
		p.k.t.Fatalf("%s: nothing fits %s", p.url, selector)
	}
	return found[0]
}

func (p page) has(selector string) bool { return len(p.all(selector)) > 0 }

func (p page) texts(selector string) []string {
	var texts []string
	for _, n := range p.all(selector) {
		texts = append(texts, textOf(n))
	}
	return texts
}

// value is what a field of the page holds.
func (p page) value(name string) string {
	p.k.t.Helper()
	return fieldValue(p.one(`[name="` + name + `"]`))
}

// problem is the message at a field.
func (p page) problem(name string) string {
	p.k.t.Helper()
	field := p.one(`[name="` + name + `"]`)
	for id := range strings.FieldsSeq(attr(field, "aria-describedby")) {
		for _, n := range p.all("#" + id + ".field-problem") {
			return textOf(n)
		}
	}
	return ""
}

func textOf(n *html.Node) string {
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.TextNode {
			b.WriteString(n.Data + " ")
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(n)
	return strings.Join(strings.Fields(b.String()), " ")
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func hasAttr(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

func fieldValue(n *html.Node) string {
	switch n.Data {
	case "textarea":
		if n.FirstChild == nil {
			return ""
		}
		return n.FirstChild.Data
	case "select":
		for _, o := range cascadia.QueryAll(n, cascadia.MustCompile("option[selected]")) {
			return attr(o, "value")
		}
		for _, o := range cascadia.QueryAll(n, cascadia.MustCompile("option")) {
			return attr(o, "value")
		}
		return ""
	}
	return attr(n, "value")
}

// form is a form of a page with what a browser would send.
type form struct {
	page   page
	node   *html.Node
	values url.Values
}

// form reads the form that fits a selector.
func (p page) form(selector string) *form {
	p.k.t.Helper()
	f := &form{page: p, node: p.one(selector), values: url.Values{}}
	for _, n := range cascadia.QueryAll(f.node, cascadia.MustCompile("input[name], textarea[name], select[name]")) {
		kind := attr(n, "type")
		box := kind == "checkbox" || kind == "radio"
		if hasAttr(n, "disabled") || kind == "file" || box && !hasAttr(n, "checked") || insideNoscript(n) {
			continue
		}
		value := fieldValue(n)
		if box && value == "" {
			value = "on"
		}
		f.values.Add(attr(n, "name"), value)
	}
	return f
}

func insideNoscript(n *html.Node) bool {
	for ; n != nil; n = n.Parent {
		if n.Data == "noscript" {
			return true
		}
	}
	return false
}

// again is the same form once more, as it was filled before.
func (f *form) again() *form {
	values := url.Values{}
	for key, list := range f.values {
		values[key] = slices.Clone(list)
	}
	return &form{page: f.page, node: f.node, values: values}
}

// set types into fields: name, value, name, value. A field that the form does not have fails the test.
func (f *form) set(pairs ...string) *form {
	f.page.k.t.Helper()
	for i := 0; i+1 < len(pairs); i += 2 {
		if !f.page.has(`[name="` + pairs[i] + `"]`) {
			f.page.k.t.Fatalf("the form has no field %s", pairs[i])
		}
		if pairs[i+1] == "" && f.page.has(`[name="`+pairs[i]+`"][type=checkbox]`) {
			f.values.Del(pairs[i])
			continue
		}
		f.values.Set(pairs[i], pairs[i+1])
	}
	return f
}

// press submits the form with a button (its op), as a browser without scripts does, and follows redirects.
func (f *form) press(op string) page {
	f.page.k.t.Helper()
	return f.submit(op, nil)
}

// swap presses a button the way htmx does, for one region.
func (f *form) swap(op, target string) page {
	f.page.k.t.Helper()
	return f.submit(op, http.Header{"Hx-Request": {"true"}, "Hx-Request-Type": {"partial"}, "Hx-Target": {target}})
}

func (f *form) submit(op string, header http.Header) page {
	f.page.k.t.Helper()
	action := attr(f.node, "action")
	if op != "" {
		button := f.page.one(`button[name="op"][value="` + op + `"]`)
		if hasAttr(button, "formaction") {
			action = attr(button, "formaction")
		}
		f.values.Set("op", op)
	}
	return f.page.k.send(http.MethodPost, action, f.values, header)
}

// customer, hubspot and integrator are the fixtures that most tests start from.
func (k *desk) customer(slug string) account.Customer {
	k.t.Helper()
	c, err := k.control.CreateCustomer(k.t.Context(), k.owner, account.Customer{Slug: slug, Name: strings.ToUpper(slug[:1]) + slug[1:] + " Ltd", Enabled: true})
	if err != nil {
		k.t.Fatal(err)
	}
	return c
}
