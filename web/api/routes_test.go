package api_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"tieline/db"
	"tieline/db/dbtest"
	"tieline/internal/account"
	"tieline/internal/id"
	"tieline/web/api"
)

// operations are the routes of the OpenAPI document as "GET /api/v1/…", with the action that each needs.
func operations(t *testing.T, p *portal) map[string]account.Action {
	t.Helper()
	found := map[string]account.Action{}
	paths, _ := p.ask(t, "", "GET", "/openapi.json", nil).want(t, 200).json["paths"].(map[string]any)
	for path, methods := range paths {
		for method, operation := range methods.(map[string]any) {
			action, _ := operation.(map[string]any)["x-action"].(string)
			found[strings.ToUpper(method)+" "+path] = account.Action(action)
		}
	}
	return found
}

var parameter = regexp.MustCompile(`:(\w+)`)

func TestRoutesAndTheOpenAPIDocumentAgreeBothWays(t *testing.T) {
	t.Parallel()
	p := newPortal(t, dbtest.Open(t, db.SQLite))
	described := operations(t, p)
	e := echo.New()
	api.Mount(e, api.Deps{})
	mounted := map[string]bool{}
	for _, r := range e.Routes() {
		if r.Path == api.Prefix || strings.HasSuffix(r.Path, "/*") {
			continue // the catch-all that answers 404
		}
		mounted[r.Method+" "+parameter.ReplaceAllString(r.Path, "{$1}")] = true
	}
	if len(mounted) < 40 {
		t.Fatalf("only %d routes are mounted", len(mounted))
	}
	for route := range mounted {
		if _, ok := described[route]; !ok {
			t.Errorf("%s is not in the document", route)
		}
	}
	for route := range described {
		if !mounted[route] {
			t.Errorf("%s is in the document and not mounted", route)
		}
	}
}

func TestTheOpenAPIDocumentHoldsTogether(t *testing.T) {
	t.Parallel()
	p := newPortal(t, dbtest.Open(t, db.SQLite))
	a := p.ask(t, "", "GET", "/openapi.json", nil).want(t, 200)
	schemas := a.json["components"].(map[string]any)["schemas"].(map[string]any)
	seen := map[string]bool{}
	var walk func(value any)
	walk = func(value any) {
		switch v := value.(type) {
		case map[string]any:
			if name, ok := v["$ref"].(string); ok {
				if _, known := schemas[strings.TrimPrefix(name, "#/components/schemas/")]; !known {
					t.Errorf("%s leads nowhere", name)
				}
			}
			if operation, ok := v["operationId"].(string); ok {
				if seen[operation] {
					t.Errorf("operation %s stands twice", operation)
				}
				seen[operation] = true
			}
			for _, inner := range v {
				walk(inner)
			}
		case []any:
			for _, inner := range v {
				walk(inner)
			}
		}
	}
	walk(a.json)
	for name, schema := range schemas {
		if len(schema.(map[string]any)) == 0 {
			t.Errorf("schema %s is empty", name)
		}
	}
	if a.text("openapi") != "3.1.0" || a.text("info", "version") != "test" || len(seen) < 40 {
		t.Errorf("document = %s, %d operations", a.text("openapi"), len(seen))
	}
}

// TestEveryRouteAsksForAKeyAndForItsRight walks the route table: without a key 401, with a role that may not
// 403, with one that may anything else.
func TestEveryRouteAsksForAKeyAndForItsRight(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPortal(t, d)
		for route, action := range operations(t, p) {
			method, path, _ := strings.Cut(route, " ")
			path = strings.TrimPrefix(regexp.MustCompile(`\{\w+\}`).ReplaceAllString(path, id.New()), api.Prefix)
			if action == "" {
				if path != "/openapi.json" {
					t.Errorf("%s names no action", route)
				}
				continue
			}
			for _, key := range []string{"", "tl_" + strings.Repeat("A", 43), "not-a-key"} {
				a := p.ask(t, key, method, path, "{}")
				if a.status != 401 || a.head.Get("WWW-Authenticate") == "" || !strings.HasPrefix(a.head.Get("Content-Type"), "application/problem+json") {
					t.Errorf("%s with key %q: %d %s", route, key, a.status, a.body)
				}
			}
			for _, role := range account.Roles() {
				a := p.ask(t, p.keys[role], method, path, "{}")
				if refused := a.status == 403; refused == role.May(action) {
					t.Errorf("%s by %s: %d %s", route, role, a.status, a.body)
				}
				if a.status >= 500 {
					t.Errorf("%s by %s: %d %s", route, role, a.status, a.body)
				}
				if a.head.Get("X-Content-Type-Options") != "nosniff" || a.head.Get("Cache-Control") != "no-store" {
					t.Errorf("%s: headers %v", route, a.head)
				}
			}
		}
	})
}

func TestCookiesAndForeignMethodsOpenNothing(t *testing.T) {
	t.Parallel()
	p := newPortal(t, dbtest.Open(t, db.SQLite))
	p.ask(t, "", "GET", "/customers", nil, "Cookie", "session="+p.keys[account.Owner]).want(t, 401)
	p.ask(t, "", "GET", "/customers?key="+p.keys[account.Owner], nil).want(t, 401)
	p.ask(t, "", "GET", "/customers", nil, "Authorization", "Basic "+p.keys[account.Owner]).want(t, 401)
	for _, r := range []struct{ method, path string }{
		{"GET", "/nothing"}, {"DELETE", "/customers"}, {"POST", "/customers/x"}, {"OPTIONS", "/customers"}, {"GET", ""}, {"GET", "/customers/a/b"},
	} {
		a := p.owner(t, r.method, r.path, nil)
		if a.status != 404 && a.status != 405 || !strings.HasPrefix(a.head.Get("Content-Type"), "application/problem+json") {
			t.Errorf("%s %s: %d %s %q", r.method, r.path, a.status, a.head.Get("Content-Type"), a.body)
		}
	}
}

func TestABodyOverOneMiBIsRefused(t *testing.T) {
	t.Parallel()
	p := newPortal(t, dbtest.Open(t, db.SQLite))
	p.owner(t, "POST", "/customers", `{"name":"`+strings.Repeat("x", 1<<20)+`"}`).want(t, 413)
	for body, what := range map[string]string{
		"": "nothing", "{": "half an object", "[]": "a list", "null": "null", `{"name":"a"}{"name":"b"}`: "two documents", "name: a": "YAML", "\x00": "a zero byte",
		strings.Repeat("[", 100): "a deep list",
	} {
		a := p.owner(t, "POST", "/customers", body)
		if a.status != 422 || a.text("detail") == "" {
			t.Errorf("%s: %d %s", what, a.status, a.body)
		}
	}
}
