package api_test

import (
	"testing"

	"tieline/db"
	"tieline/db/dbtest"
)

func TestALocationLeadsToTheAddressThatPeopleUse(t *testing.T) {
	t.Parallel()
	p := newPortal(t, dbtest.Open(t, db.SQLite))
	a := p.owner(t, "POST", "/customers", map[string]any{"name": "Acme"}).want(t, 201)
	if got := a.head.Get("Location"); got != "https://portal.example/x/api/v1/customers/acme" {
		t.Errorf("location = %q", got)
	}
}

func TestStorageTroubleIs503WithWhenToComeBack(t *testing.T) {
	t.Parallel()
	for _, engine := range []string{db.SQLite, db.PostgreSQL} {
		d := dbtest.Open(t, engine)
		p := newPortal(t, d)
		s := p.scene(t)
		must(t, d.Close())
		for _, r := range []struct{ method, path string }{{"GET", "/customers"}, {"POST", s.path("find") + "/call"}} {
			a := p.owner(t, r.method, r.path, map[string]any{"customer": s.customer, "tokens": map[string]any{"phone_number": "1"}})
			if a.status != 503 || a.head.Get("Retry-After") == "" {
				t.Errorf("%s: %s %s without storage: %d %s", engine, r.method, r.path, a.status, a.body)
			}
		}
	}
}
