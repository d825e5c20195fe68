package api_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"tieline/db"
	"tieline/db/dbtest"
	"tieline/internal/account"
	"tieline/internal/document"
)

func TestIfMatchGuardsEveryChangeableThing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPortal(t, d)
		s := p.scene(t)
		variable := p.owner(t, "POST", "/variables", map[string]any{"name": "KNOWN", "value": "v"}).want(t, 201).text("id")
		user := p.owner(t, "POST", "/users", map[string]any{"email": "known@acme.test", "name": "Known", "role": "support"}).want(t, 201).text("id")
		endpoint := map[string]any{"endpoint": map[string]any{"name": "find", "url": "/other"}}
		for path, change := range map[string]struct {
			method string
			body   any
		}{
			"/customers/" + s.customer: {"PATCH", map[string]any{"notes": "changed"}},
			"/integrations/" + s.name:  {"PUT", fmt.Sprintf(smallText, s.name)},
			s.path("find"):             {"PUT", endpoint},
			"/variables/" + variable:   {"PATCH", map[string]any{"value": "changed"}},
			"/users/" + user:           {"PATCH", map[string]any{"name": "Changed"}},
			"/integrations/" + s.name + "/integrators/" + s.integrator: {"PATCH", map[string]any{"label": "changed"}},
		} {
			tag := p.owner(t, "GET", path, nil).want(t, 200).head.Get("ETag")
			if tag == "" {
				t.Errorf("%s has no ETag", path)
			}
			for _, stale := range []string{`"999"`, `"nonsense"`} {
				if path == s.path("find") && stale == `"999"` {
					continue // an unknown revision is a conflict of its own
				}
				p.owner(t, change.method, path, change.body, "If-Match", stale).want(t, 412)
			}
			a := p.owner(t, change.method, path, change.body, "If-Match", tag).want(t, 200)
			if a.head.Get("ETag") == tag {
				t.Errorf("%s: the ETag stayed after a change", path)
			}
		}
	})
}

const smallText = `{"tieline":1,"integration":{"name":"%s","label":"CRM","parameters":[{"name":"ApiKey","in":"header","secret":true},{"name":"Region","in":"query"}],"endpoints":[{"name":"find","url":"/contacts"}]}}`

func TestADocumentComesBackAsItWasSentInBothSyntaxes(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPortal(t, d)
		s := p.scene(t)
		yaml := p.owner(t, "GET", "/integrations/"+s.name+"?format=yaml", nil).want(t, 200)
		whole := p.owner(t, "GET", "/integrations/"+s.name, nil).want(t, 200)
		if yaml.head.Get("Content-Type") != "application/yaml; charset=utf-8" || yaml.head.Get("ETag") != whole.head.Get("ETag") {
			t.Errorf("headers = %v", yaml.head)
		}
		for _, text := range []string{yaml.body, whole.body} {
			a := p.owner(t, "PUT", "/integrations/"+s.name, text).want(t, 200)
			if a.text("changed") != "false" || a.text("revision") != "1" {
				t.Errorf("the same document made revision %s: %s", a.text("revision"), text)
			}
			in, err := document.DecodeIntegration([]byte(text))
			must(t, err)
			in.Name = "elsewhere-" + s.name
			copied, err := document.EncodeYAML(in)
			must(t, err)
			p.owner(t, "PUT", "/integrations/"+in.Name, string(copied))
		}
		dry := p.owner(t, "PUT", "/integrations/"+s.name+"?dry_run=1", fmt.Sprintf(smallText, s.name)).want(t, 200)
		if diff, _ := dry.json["diff"].([]any); len(diff) == 0 || dry.text("dry_run") != "true" {
			t.Errorf("dry run = %s", dry.body)
		}
		p.owner(t, "PUT", "/integrations/"+s.name, fmt.Sprintf(smallText, s.name)).want(t, 200)
		old := p.owner(t, "GET", "/integrations/"+s.name+"?revision=1", nil).want(t, 200)
		if old.text("revision") != "1" || !strings.Contains(old.body, "invoice") {
			t.Errorf("revision 1 = %s", old.body)
		}
		restored := p.owner(t, "POST", "/integrations/"+s.name+"/restore", map[string]any{"revision": 1}).want(t, 200)
		if restored.text("revision") != "3" || !strings.Contains(restored.body, "invoice") {
			t.Errorf("restored = %s", restored.body)
		}
		list := p.owner(t, "GET", "/integrations/"+s.name+"/revisions", nil).want(t, 200)
		if items, _ := list.json["items"].([]any); len(items) != 3 {
			t.Errorf("revisions = %s", list.body)
		}
	})
}

func TestAVariableThatDoesNotExistIsWarnedOfAtTheField(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPortal(t, d)
		s := p.scene(t)
		document := strings.Replace(fmt.Sprintf(sceneText, s.name), `url: "/contacts",`, `url: "/contacts/${NOPE}",`, 1)
		for _, query := range []string{"?dry_run=1", ""} {
			saved := p.owner(t, "PUT", "/integrations/"+s.name+query, document, "Content-Type", "application/yaml").want(t, 200)
			warnings, _ := saved.json["warnings"].([]any)
			if !slices.ContainsFunc(warnings, func(w any) bool {
				warning, _ := w.(map[string]any)
				message, _ := warning["message"].(string)
				return warning["field"] == "endpoints.0.url" && strings.Contains(message, "NOPE")
			}) {
				t.Errorf("%q: warnings = %v", query, warnings)
			}
		}
	})
}

func TestSecretsAreWriteOnlyEverywhere(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPortal(t, d)
		s := p.scene(t)
		path := "/integrations/" + s.name + "/integrators/" + s.integrator
		canaries := []string{"canary-key-0123456789", "canary-pass-0123456789-9f2c", "canary-variable-012345"}
		a := p.owner(t, "PATCH", path, map[string]any{"auth": map[string]any{"kind": "basic", "username": "robot", "password": canaries[1]}}).want(t, 200)
		if a.text("auth", "username") != "robot" || a.text("auth", "password", "set") != "true" || a.text("auth", "password", "hint") != "…9f2c" || a.text("fields", "ApiKey", "set") != "true" {
			t.Errorf("integrator = %s", a.body)
		}
		p.owner(t, "POST", "/variables", map[string]any{"name": "HIDDEN", "value": canaries[2], "encrypted": true}).want(t, 201)
		p.owner(t, "POST", s.path("find")+"/call", map[string]any{"customer": s.customer, "tokens": map[string]any{"phone_number": "1"}}).want(t, 200)

		// What a GET answered may be sent back; secrets stay.
		back := map[string]any{"auth": a.json["auth"], "fields": a.json["fields"]}
		again := p.owner(t, "PATCH", path, back).want(t, 200)
		if again.text("auth", "password", "set") != "true" || again.text("fields", "ApiKey", "set") != "true" {
			t.Errorf("sending a GET back lost a secret: %s", again.body)
		}
		for _, read := range []string{path, "/integrations/" + s.name + "/integrators", "/integrations/" + s.name, "/variables", "/runs", "/audit", "/integrations/" + s.name + "?format=yaml", "/apikeys", "/users"} {
			text := p.owner(t, "GET", read, nil).want(t, 200).body
			for _, canary := range canaries {
				if strings.Contains(text, canary) {
					t.Errorf("GET %s shows %s", read, canary)
				}
			}
			for _, key := range p.keys {
				if strings.Contains(text, key) {
					t.Errorf("GET %s shows an API key", read)
				}
			}
		}
		gone := p.owner(t, "PATCH", path, map[string]any{"auth": map[string]any{"password": nil}, "fields": map[string]any{"ApiKey": nil}}).want(t, 200)
		if gone.text("auth", "password", "set") != "false" || gone.text("fields", "ApiKey", "set") != "false" {
			t.Errorf("null did not remove: %s", gone.body)
		}
	})
}

func TestANewHostBlanksTheSecrets(t *testing.T) {
	t.Parallel()
	p := newPortal(t, dbtest.Open(t, db.SQLite))
	s := p.scene(t)
	a := p.owner(t, "PATCH", "/integrations/"+s.name+"/integrators/"+s.integrator, map[string]any{"base_url": "https://10.9.8.7/x"}).want(t, 200)
	if a.text("fields", "ApiKey", "set") != "false" || !strings.Contains(a.body, "host changed") || !strings.Contains(a.body, `"subject":"10.9.8.7:443"`) {
		t.Errorf("integrator = %s", a.body)
	}
}

// TestWhatBelongsToAnotherCustomerIsNotFound mirrors two customers and asks for everything of the other.
func TestWhatBelongsToAnotherCustomerIsNotFound(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPortal(t, d)
		mine, theirs := p.scene(t), p.scene(t)
		foreign, err := d.CustomerBySlug(t.Context(), account.Everything(), theirs.customer)
		must(t, err)
		own, err := d.CustomerBySlug(t.Context(), account.Everything(), mine.customer)
		must(t, err)
		key := p.key(t, account.Owner, own.ID) // bound by its list, whatever its role
		private := "private-" + theirs.customer
		p.owner(t, "PUT", "/integrations/"+private, map[string]any{"name": private, "visibility": "private", "customer": theirs.customer, "endpoints": []any{map[string]any{"name": "find", "url": "/x"}}}).want(t, 201)
		theirRun := p.owner(t, "POST", theirs.path("find")+"/call", map[string]any{"customer": theirs.customer, "tokens": map[string]any{"phone_number": "1"}}).want(t, 200).text("run_id")
		variable := p.owner(t, "POST", "/variables", map[string]any{"name": "THEIRS", "customer": theirs.customer, "value": "v"}).want(t, 201).text("id")
		entries, err := d.AllowEntries(t.Context(), account.Everything(), foreign.ID)
		must(t, err)
		user := p.owner(t, "POST", "/users", map[string]any{"email": "t@acme.test", "name": "T", "role": "support", "customers": []string{theirs.customer}}).want(t, 201).text("id")

		for _, r := range []struct {
			method, path string
			body         any
		}{
			{"GET", "/customers/" + theirs.customer, nil},
			{"PATCH", "/customers/" + theirs.customer, map[string]any{"notes": "mine now"}},
			{"DELETE", "/customers/" + theirs.customer, nil},
			{"GET", "/integrations/" + private, nil},
			{"PUT", "/integrations/" + private + "/endpoints/find", map[string]any{"endpoint": map[string]any{"url": "/y"}}},
			{"DELETE", "/integrations/" + private, nil},
			{"GET", "/integrations/" + private + "/endpoints/find", nil},
			{"GET", "/integrations/" + private + "/revisions", nil},
			{"POST", "/integrations/" + private + "/duplicate", map[string]any{"name": "stolen"}},
			{"POST", "/integrations/" + private + "/restore", map[string]any{"revision": 1}},
			{"POST", "/integrations/" + private + "/endpoints/find/call", map[string]any{"customer": mine.customer}},
			{"POST", "/integrations/" + private + "/endpoints/find/test", map[string]any{"customer": mine.customer}},
			{"POST", "/integrations/" + private + "/endpoints/find/test?preview=1", map[string]any{}},
			{"GET", "/integrations/" + private + "/integrators", nil},
			{"GET", "/integrations/" + theirs.name + "/integrators/" + theirs.integrator, nil},
			{"PATCH", "/integrations/" + theirs.name + "/integrators/" + theirs.integrator, map[string]any{"label": "mine now"}},
			{"POST", "/integrations/" + theirs.name + "/integrators/" + theirs.integrator + "/check", nil},
			{"DELETE", "/integrations/" + theirs.name + "/integrators/" + theirs.integrator, nil},
			{"GET", "/integrations/" + mine.name + "/integrators/" + theirs.integrator, nil},
			{"GET", "/integrations/" + theirs.name + "/integrators?customer=" + theirs.customer, nil},
			{"GET", "/runs/" + theirRun, nil},
			{"POST", "/runs/" + theirRun + "/retry", nil},
			{"POST", "/runs/" + theirRun + "/skip", nil},
			{"POST", "/runs/" + theirRun + "/dismiss", nil},
			{"GET", "/runs?customer=" + theirs.customer, nil},
			{"GET", "/variables?customer=" + theirs.customer, nil},
			{"GET", "/variables/" + variable, nil},
			{"PATCH", "/variables/" + variable, map[string]any{"value": "mine"}},
			{"DELETE", "/variables/" + variable, nil},
			{"GET", "/outbound?customer=" + theirs.customer, nil},
			{"DELETE", "/outbound/" + entries[0].ID, nil},
			{"GET", "/users/" + user, nil},
			{"PATCH", "/users/" + user, map[string]any{"name": "Mine"}},
			{"DELETE", "/users/" + user, nil},
			{"POST", "/users/" + user + "/link", nil},
		} {
			if a := p.ask(t, key, r.method, r.path, r.body); a.status != 404 {
				t.Errorf("%s %s: %d %s", r.method, r.path, a.status, a.body)
			}
		}
		for path, body := range map[string]map[string]any{
			theirs.path("find") + "/call": {"customer": theirs.customer}, theirs.path("find") + "/test": {"integrator": theirs.integrator},
			theirs.path("find") + "/test?preview=1": {"customer": theirs.customer}, mine.path("find") + "/call": {"customer": "nobody"},
		} {
			if a := p.ask(t, key, "POST", path, body); a.status != 404 || !strings.Contains(a.body, `"fields"`) {
				t.Errorf("POST %s for a customer that is not there for this key: %d %s", path, a.status, a.body)
			}
		}
		for path, body := range map[string]map[string]any{
			"/integrations/" + theirs.name + "/integrators": {"customer": theirs.customer}, "/outbound": {"customer": theirs.customer, "target": "10.0.0.1"},
			"/variables": {"customer": theirs.customer, "name": "X"},
		} {
			if a := p.ask(t, key, "POST", path, body); a.status != 422 {
				t.Errorf("POST %s for another customer: %d %s", path, a.status, a.body)
			}
		}
		for _, path := range []string{"/customers", "/integrations", "/runs", "/variables", "/outbound", "/users", "/apikeys", "/audit", "/integrations/" + theirs.name + "/integrators"} {
			a := p.ask(t, key, "GET", path, nil).want(t, 200)
			for _, leak := range []string{theirs.customer, theirs.integrator, theirRun, "THEIRS", private, foreign.ID} {
				if strings.Contains(a.body, leak) {
					t.Errorf("GET %s shows %s: %s", path, leak, a.body)
				}
			}
		}
	})
}

func TestPeopleAndKeysAreMadeAndEnded(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPortal(t, d)
		s := p.scene(t)
		made := p.owner(t, "POST", "/users", map[string]any{"email": "new@acme.test", "name": "New", "role": "builder", "customers": []string{s.customer}}).want(t, 201)
		if !strings.HasPrefix(made.text("link"), "https://portal.example/x/link/") || made.head.Get("Location") == "" {
			t.Errorf("user = %s", made.body)
		}
		again := p.owner(t, "GET", "/users/"+made.text("id"), nil).want(t, 200)
		if again.text("link") != "" || strings.Contains(again.body, "password") {
			t.Errorf("user = %s", again.body)
		}
		p.owner(t, "POST", "/users/"+made.text("id")+"/link", nil).want(t, 201)
		p.owner(t, "DELETE", "/users/"+made.text("id"), nil).want(t, 204)
		p.owner(t, "GET", "/users/"+made.text("id"), nil).want(t, 404)

		key := p.owner(t, "POST", "/apikeys", map[string]any{"name": "dialler", "role": "builder", "customers": []string{s.customer}}).want(t, 201)
		me := p.ask(t, key.text("key"), "GET", "/me", nil).want(t, 200)
		if me.text("role") != "builder" || !strings.Contains(me.body, s.customer) {
			t.Errorf("me = %s", me.body)
		}
		p.owner(t, "DELETE", "/apikeys/"+key.text("id"), nil).want(t, 204)
		admin := p.ask(t, p.keys[account.Admin], "POST", "/users", map[string]any{"email": "o@acme.test", "name": "O", "role": "owner"})
		admin.want(t, 403)
		r := p.owner(t, "PUT", "/settings/retention", map[string]any{"row_days": 60, "body_days": 10}).want(t, 200)
		if now := p.owner(t, "GET", "/settings/retention", nil); now.body != r.body {
			t.Errorf("retention = %s, want %s", now.body, r.body)
		}
		trail := p.owner(t, "GET", "/audit?subject=api+key", nil).want(t, 200)
		var entries struct {
			Items []struct{ Action, Name string }
		}
		must(t, json.Unmarshal([]byte(trail.body), &entries))
		if len(entries.Items) < 2 || entries.Items[0].Action != "revoke" || entries.Items[0].Name != "dialler" {
			t.Errorf("audit = %s", trail.body)
		}
	})
}
