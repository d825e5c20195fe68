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
