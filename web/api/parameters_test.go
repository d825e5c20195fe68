package api_test

import (
	"net/http"
	"strings"
	"testing"

	"tieline/db"
	"tieline/db/dbtest"
)

// AL-04 over the API: path and query rows of a document are sent in their order, numbers as they are, and without
// the id nothing is sent.
func TestAL04RequestParametersOfADocument(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPortal(t, d)
		s := p.scene(t)
		p.owner(t, "PUT", "/integrations/psa", `{"tieline":1,"integration":{"name":"psa","label":"PSA","type":"psa","preset":"connectwise","endpoints":[
			{"name":"fixed","url":"/company/addressFormats/{id}","path":[{"name":"id","value":"4"}],"query":[{"name":"type","value":"true"},{"name":"start","value":"0"}]},
			{"name":"given","url":"/company/addressFormats/{id}","path":[{"name":"id","value":"{{input.id|default:\"\"}}"}]}]}}`).want(t, 201)
		p.owner(t, "POST", "/integrations/psa/integrators", map[string]any{"customer": s.customer, "base_url": p.vendor.URL, "allow_http": true}).want(t, 201)
		sent := func() *http.Request {
			p.mu.Lock()
			defer p.mu.Unlock()
			return p.last
		}
		p.owner(t, "POST", "/integrations/psa/endpoints/fixed/call", map[string]any{"customer": s.customer}).want(t, 200)
		if r := sent(); r.URL.Path != "/company/addressFormats/4" || r.URL.RawQuery != "type=true&start=0" {
			t.Errorf("the vendor got %s", r.URL)
		}
		p.owner(t, "POST", "/integrations/psa/endpoints/given/call", map[string]any{"customer": s.customer, "input": map[string]any{"id": 4}}).want(t, 200)
		if r := sent(); r.URL.Path != "/company/addressFormats/4" {
			t.Errorf("the vendor got %s", r.URL)
		}
		hits := p.vendorHits()
		a := p.owner(t, "POST", "/integrations/psa/endpoints/given/call", map[string]any{"customer": s.customer, "input": map[string]any{}}).want(t, 200)
		if a.text("cause") != "path_param" || !strings.Contains(a.text("hint"), "id") || p.vendorHits() != hits {
			t.Errorf("without an id: %s, %d calls", a.body, p.vendorHits()-hits)
		}
	})
}
