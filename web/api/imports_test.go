package api_test

import (
	"strings"
	"testing"

	"tieline/db"
	"tieline/db/dbtest"
	"tieline/internal/account"
)

func TestAnImportIsProposedAndNothingIsStored(t *testing.T) {
	t.Parallel()
	p := newPortal(t, dbtest.Open(t, db.SQLite))
	const key = "Zx9Kq2Lm7Rt4Vb1Nc8Wp"
	const commands = "curl -H 'X-Api-Key: " + key + "' https://api.example.com/v1/contacts\ncurl -d name=x https://api.example.com/v1/notes --frobnicate"
	a := p.owner(t, "POST", "/imports", commands).want(t, 200)
	if a.text("format") != "curl" || a.json["count"] != 2.0 || a.json["found"] != 2.0 || strings.Contains(a.body, key) {
		t.Errorf("answer = %s", a.body)
	}
	if !strings.Contains(a.body, "--frobnicate is not understood") {
		t.Error("the report does not say what was not understood")
	}
	one := p.owner(t, "POST", "/imports?format=curl&q=POST+notes", commands).want(t, 200)
	if one.json["found"] != 1.0 || one.json["count"] != 2.0 {
		t.Errorf("answer = %s", one.body)
	}
	// What is proposed can be put as it is.
	proposed := one.json["integration"].(map[string]any)
	name, _ := proposed["name"].(string)
	p.owner(t, "GET", "/integrations/"+name, nil).want(t, 404)
	p.owner(t, "PUT", "/integrations/"+name, map[string]any{"tieline": 1, "integration": proposed}).want(t, 201)

	p.owner(t, "POST", "/imports?format=nonsense", commands).want(t, 422).wantField(t, "format")
	p.owner(t, "POST", "/imports?q=unheard-of", commands).want(t, 422).wantField(t, "q")
	p.owner(t, "POST", "/imports", "openapi: 3.0.0\n").want(t, 422)
	p.owner(t, "POST", "/imports", "").want(t, 422)
	p.ask(t, p.key(t, account.Support), "POST", "/imports", commands).want(t, 403)
}
