package api_test

import (
	"maps"
	"net/http"
	"strings"
	"testing"

	"tieline/db"
	"tieline/db/dbtest"
)

func TestTheSignsOfARefusedTokenAreTakenAndGivenBack(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPortal(t, d)
		s := p.scene(t)
		path := "/integrations/" + s.name + "/integrators/" + s.integrator
		auth := func(changes map[string]any) map[string]any {
			all := map[string]any{"kind": "oauth2_client", "token_url": p.vendor.URL + "/token", "client_id": "tieline", "client_secret": "canary-client-0123456789"}
			maps.Copy(all, changes)
			return map[string]any{"auth": all}
		}
		signs := map[string]any{"statuses": []int{401, 419}, "body_contains": "SESSION_EXPIRED"}
		p.owner(t, "PATCH", path, auth(map[string]any{"refresh_on": signs})).want(t, 200)
		a := p.owner(t, "GET", path, nil).want(t, 200)
		if a.text("auth", "refresh_on", "body_contains") != "SESSION_EXPIRED" || a.text("auth", "refresh_on", "statuses") != "[401 419]" || strings.Contains(a.body, "canary-") {
			t.Errorf("answered %s", a.body)
		}
		if a.text("token", "set") != "false" || a.text("token", "current") != "false" {
			t.Errorf("token = %s", a.text("token"))
		}
		p.owner(t, "PATCH", path, map[string]any{"label": "other"}).want(t, 200)
		if a := p.owner(t, "GET", path, nil); a.text("auth", "refresh_on", "body_contains") != "SESSION_EXPIRED" {
			t.Error("another change took the signs away")
		}
		p.owner(t, "PATCH", path, map[string]any{"auth": map[string]any{"refresh_on": nil}}).want(t, 200)
		if a := p.owner(t, "GET", path, nil); strings.Contains(a.body, "refresh_on") {
			t.Errorf("null keeps the signs: %s", a.text("auth"))
		}
		for field, bad := range map[string]map[string]any{
			"auth.refresh_on":               {"refresh_on": "401"},
			"auth.refresh_on.statuses":      {"refresh_on": map[string]any{"statuses": []int{200}}},
			"auth.refresh_on.other":         {"refresh_on": map[string]any{"other": 1}},
			"auth.refresh_on.body_contains": {"refresh_on": map[string]any{"body_contains": strings.Repeat("x", 1000)}},
			"auth.token_url":                {"token_url": "ftp://vendor.test/token"},
			"auth.refresh_url":              {"kind": "oauth2_code", "authorize_url": "https://v.test/a", "refresh_url": "//v.test"},
			"auth.authorize_url":            {"kind": "oauth2_code", "authorize_url": "/authorize"},
			"auth.extra":                    {"extra": "novalue"},
		} {
			p.owner(t, "PATCH", path, auth(bad)).wantField(t, field)
		}
		p.owner(t, "PATCH", path, map[string]any{"auth": map[string]any{"kind": "endpoint", "endpoint": "find"}}).wantField(t, "auth.endpoint")
	})
}

func TestCredentialsAreCheckedOverTheAPI(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPortal(t, d)
		s := p.scene(t)
		path := "/integrations/" + s.name + "/integrators/" + s.integrator
		a := p.owner(t, "POST", path+"/check", nil).want(t, 200)
		if a.text("result") != "nothing" || a.text("message") == "" || a.text("exchanges") != "[]" {
			t.Errorf("nothing to check with: %s", a.body)
		}
		p.owner(t, "PATCH", path, map[string]any{"auth": map[string]any{"kind": "bearer", "token": "canary-token-0123456789"}}).want(t, 200)
		a = p.owner(t, "POST", path+"/check", nil).want(t, 200)
		if a.text("result") != "accepted" || a.text("http_status") != "200" || strings.Contains(a.body, "canary-") || len(a.json["exchanges"].([]any)) != 1 {
			t.Errorf("good: %s", a.body)
		}
		p.owner(t, "PATCH", path, map[string]any{"auth": map[string]any{
			"kind": "oauth2_client", "token_url": p.vendor.URL + "/page", "client_id": "tieline", "client_secret": "canary-client-0123456789",
		}}).want(t, 200)
		a = p.owner(t, "POST", path+"/check", nil).want(t, http.StatusOK)
		if a.text("result") != "refused" || a.text("cause") != "auth_failed" || a.text("hint") == "" || strings.Contains(a.body, "canary-") {
			t.Errorf("bad: %s", a.body)
		}
		if runs := p.owner(t, "GET", "/runs", nil); len(runs.json["items"].([]any)) != 0 {
			t.Errorf("checks left runs: %s", runs.body)
		}
		if got := p.owner(t, "GET", path, nil); got.text("token", "cause") != "auth_failed" || got.text("token", "failed_at") == "" {
			t.Errorf("token = %s", got.text("token"))
		}
	})
}
