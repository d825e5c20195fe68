package main

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"html"
	"io"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// The canaries: one secret of each kind, with characters that every encoding writes differently.
const (
	canaryField    = `fld-7Qx&"<é>/+=canary0001`
	canaryBearer   = "brr-9Zk_canary-0002-token"
	canaryPassword = `pwd:8"Yh&canary<0003>`
	canaryVariable = "var-canary-0004-%41-value"
	ownerPassword  = "own-canary-0005 correct horse"
)

// forms are the ways a secret can be written; none may be found anywhere.
func forms(secret string) [][]byte {
	quoted, _ := json.Marshal(secret) //nolint:errchkjson // a string always encodes
	all := []string{
		secret, url.QueryEscape(secret), url.PathEscape(secret), html.EscapeString(secret), strings.Trim(string(quoted), `"`),
		base64.StdEncoding.EncodeToString([]byte(secret)), base64.URLEncoding.EncodeToString([]byte(secret)),
		base64.RawStdEncoding.EncodeToString([]byte(secret)),
		hex.EncodeToString([]byte(secret)), strings.ToUpper(hex.EncodeToString([]byte(secret))),
		base64.StdEncoding.EncodeToString([]byte("robot:" + secret)),
		strings.ToLower(url.QueryEscape(secret)),
	}
	var found [][]byte
	for _, f := range all {
		found = append(found, []byte(f))
	}
	return found
}

// echo is a vendor that gives back whatever it was sent, in every encoding, in headers and in the body.
func echo(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	seen := []string{r.Header.Get("Authorization"), r.Header.Get("X-Field"), r.URL.Query().Get("v"), string(body)}
	if _, password, ok := r.BasicAuth(); ok {
		seen = append(seen, password)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Echo", base64.StdEncoding.EncodeToString([]byte(strings.Join(seen, " "))))
	w.Header().Set("X-Hex", hex.EncodeToString([]byte(strings.Join(seen, " "))))
	if strings.Contains(r.URL.Path, "fail") {
		w.WriteHeader(http.StatusUnauthorized)
	}
	_ = json.NewEncoder(w).Encode(map[string]any{
		"id": "1", "message": "not allowed: " + strings.Join(seen, " "), "seen": seen, "url": r.URL.String(),
		"base64": base64.StdEncoding.EncodeToString([]byte("xx" + strings.Join(seen, " "))), "query": url.QueryEscape(strings.Join(seen, " ")),
	})
}

func TestNoSecretIsInFilesPagesAnswersExportsOrTheLog(t *testing.T) {
	t.Parallel()
	vendor := httptest.NewServer(http.HandlerFunc(echo))
	t.Cleanup(vendor.Close)
	s := serving(t, "--log-level", "debug")
	browser := signedIn(t, s)
	key := s.key(t, "owner")
	defineCanaries(t, s, key, vendor.URL)

	for _, endpoint := range []string{"good", "fail", "missing", "form"} {
		for _, auth := range []string{"bearer", "basic", "header", "query"} {
			body := `{"customer":"acme","integrator":"` + integratorOf(t, s, key, auth) + `","tokens":{"x":"1"}}`
			a := s.must(t, 200, "POST", "/api/v1/integrations/canary/endpoints/"+endpoint+"/call", key, body)
			refuse(t, "call "+endpoint, a.body)
			refuse(t, "test", s.must(t, 200, "POST", "/api/v1/integrations/canary/endpoints/"+endpoint+"/test", key, body).body)
			refuse(t, "preview", s.must(t, 200, "POST", "/api/v1/integrations/canary/endpoints/"+endpoint+"/test?preview=1", key, body).body)
		}
	}
	var runs struct{ Items []struct{ ID string } }
	list := s.must(t, 200, "GET", "/api/v1/runs?limit=1000", key, "")
	if err := json.Unmarshal(list.body, &runs); err != nil || len(runs.Items) < 32 {
		t.Fatalf("%d runs, %v", len(runs.Items), err)
	}
	for _, r := range runs.Items {
		refuse(t, "run", s.must(t, 200, "GET", "/api/v1/runs/"+r.ID, key, "").body)
	}
	for _, path := range []string{
		"/integrations/canary", "/integrations/canary/integrators", "/variables", "/audit", "/users", "/apikeys", "/customers", "/outbound",
	} {
		refuse(t, path, s.must(t, 200, "GET", "/api/v1"+path, key, "").body)
	}
	if pages := crawl(t, s, browser); pages < 25 {
		t.Errorf("only %d pages were read", pages)
	}
	if out, err := s.tool("export"); err != nil {
		t.Error(err)
	} else {
		refuse(t, "export", []byte(out))
	}
	refuseFiles(t, s) // with the write-ahead log still there
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	refuseFiles(t, s)
}

// defineCanaries makes one integrator per auth kind, all with canaries for secrets.
func defineCanaries(t *testing.T, s *server, key, vendor string) {
	t.Helper()
	s.must(t, 201, "POST", "/api/v1/customers", key, `{"slug":"acme","name":"Acme"}`)
	s.must(t, 201, "POST", "/api/v1/variables", key, string(encode(map[string]any{"name": "CANARY", "encrypted": true, "value": canaryVariable})))
	endpoint := func(name string, more map[string]any) map[string]any {
		e := map[string]any{
			"name": name, "method": "POST", "url": "/" + name + "?v={{field.Canary}}", "params": []string{"Canary"},
			"headers": []map[string]any{{"name": "X-Var", "value": "${CANARY}"}}, "response": map[string]any{"key": "id"},
			"body": map[string]any{"kind": "json", "content": `{"secret":"{{field.Canary}}","var":"{{var.CANARY}}","x":"{{x}}"}`},
		}
		maps.Copy(e, more)
		return e
	}
	s.must(t, 201, "PUT", "/api/v1/integrations/canary", key, string(encode(map[string]any{"tieline": 1, "integration": map[string]any{
		"name": "canary", "label": "Canary", "type": "other",
		"parameters": []map[string]any{{"name": "Canary", "label": "Canary", "in": "query", "secret": true, "required": true}},
		"endpoints": []map[string]any{
			endpoint("good", nil), endpoint("fail", nil), endpoint("missing", map[string]any{"response": map[string]any{"key": "nothing.here"}}),
			endpoint("form", map[string]any{"body": map[string]any{"kind": "form", "rows": []map[string]any{{"name": "secret", "value": "{{field.Canary}}"}}}}),
		},
	}})))
	for auth, settings := range map[string]map[string]string{
		"bearer": {"kind": "bearer", "token": canaryBearer}, "basic": {"kind": "basic", "username": "robot", "password": canaryPassword},
		"header": {"kind": "api_key_header", "name": "X-Field", "value": canaryBearer}, "query": {"kind": "api_key_query", "name": "k", "value": canaryBearer},
	} {
		s.must(t, 201, "POST", "/api/v1/integrations/canary/integrators", key, string(encode(map[string]any{
			"customer": "acme", "label": auth, "host": strings.TrimPrefix(vendor, "http://"), "base_url": vendor, "allow_http": true,
			"auth": settings, "fields": map[string]string{"Canary": canaryField},
		})))
	}
}

func encode(v any) []byte {
	b, _ := json.Marshal(v) //nolint:errchkjson // maps of strings always encode
	return b
}

func integratorOf(t *testing.T, s *server, key, label string) string {
	t.Helper()
	var list struct{ Items []struct{ ID, Label string } }
	if err := json.Unmarshal(s.must(t, 200, "GET", "/api/v1/integrations/canary/integrators", key, "").body, &list); err != nil {
		t.Fatal(err)
	}
	for _, in := range list.Items {
		if in.Label == label {
			return in.ID
		}
	}
	t.Fatalf("there is no integrator %s", label)
	return ""
}

// refuse fails the test when a form of a canary is in some bytes.
func refuse(t *testing.T, where string, content []byte) {
	t.Helper()
	for _, secret := range []string{canaryField, canaryBearer, canaryPassword, canaryVariable, ownerPassword} {
		for _, form := range forms(secret) {
			if at := bytes.Index(content, form); at >= 0 {
				t.Errorf("%s holds a secret as %q: …%q…", where, form, content[max(0, at-60):min(len(content), at+len(form)+20)])
				return
			}
		}
	}
}

// refuseFiles reads every file of the data folder, the log included.
func refuseFiles(t *testing.T, s *server) {
	t.Helper()
	files := 0
	err := filepath.WalkDir(filepath.Dir(s.dir), func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files++
		refuse(t, filepath.Base(path), content)
		return nil
	})
	if err != nil || files < 3 {
		t.Errorf("%d files were read, %v", files, err)
	}
}

// signedIn makes the first owner through the one-time link and gives a browser that is signed in.
func signedIn(t *testing.T, s *server) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar, Timeout: 30 * time.Second}
	link, err := url.Parse(s.setup)
	if err != nil || s.setup == "" {
		t.Fatalf("no set-up link was printed: %v", err)
	}
	form := url.Values{
		"token": {link.Query().Get("token")}, "email": {"owner@acme.test"}, "name": {"Owner"},
		"password": {ownerPassword}, "password_again": {ownerPassword},
	}
	resp, err := client.PostForm(s.url+"/setup", form)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != http.StatusOK || resp.Request.URL.Path == "/setup" {
		t.Fatalf("set-up: status %d at %s\n%s", resp.StatusCode, resp.Request.URL, body)
	}
	return client
}

var link = regexp.MustCompile(`(?:href|hx-get)="(/[^"#]*)"`)

// crawl reads every page that links lead to and looks for canaries in each; it gives their number.
func crawl(t *testing.T, s *server, browser *http.Client) int {
	t.Helper()
	at, err := url.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	origin, root := at.Scheme+"://"+at.Host, at.Path
	queue, seen := []string{root + "/"}, map[string]bool{root + "/": true}
	pages := 0
	for len(queue) > 0 && pages < 400 {
		path := queue[0]
		queue = queue[1:]
		resp, err := browser.Get(origin + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		pages++
		if resp.StatusCode >= 500 {
			t.Errorf("%s answered %d", path, resp.StatusCode)
		}
		refuse(t, "page "+path, body)
		for _, m := range link.FindAllSubmatch(body, -1) {
			next := html.UnescapeString(string(m[1]))
			if !strings.HasPrefix(next, root+"/") {
				t.Errorf("%s links to %s, outside of %s", path, next, root)
			}
			if !seen[next] && !slices.ContainsFunc([]string{"/static/", "/logout"}, func(p string) bool { return strings.HasPrefix(next, root+p) }) {
				seen[next] = true
				queue = append(queue, next)
			}
		}
	}
	return pages
}
