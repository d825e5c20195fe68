package preset

import (
	"slices"
	"strings"
	"testing"

	"tieline/internal/integration"
)

// Whatever is picked, the proposal can be stored once what only a person knows is filled in.
func TestEveryOperationMakesAValidEndpoint(t *testing.T) {
	t.Parallel()
	taken := map[string]bool{}
	for _, o := range ConnectWise().All() {
		e := ConnectWise().Propose(o, func(name string) bool { return taken[name] })
		if taken[e.Name] {
			t.Fatalf("the name %s is proposed twice", e.Name)
		}
		taken[e.Name] = true
		if e.Method != o.Method || e.URL != o.Path && !strings.Contains(o.Path, ":regex(") {
			t.Fatalf("%s %s became %s %s", o.Method, o.Path, e.Method, e.URL)
		}
		if e.Body.Kind == "json" {
			e.Body.Content = `{"a": 1}`
		}
		if e.Body.Kind == "multipart" {
			e.Body.Rows = []integration.BodyRow{{Name: "file", Value: "x"}}
		}
		if o.Body == "" && slices.Contains([]string{"POST", "PUT", "PATCH"}, o.Method) && len(e.Path) == 0 {
			e.Query = []integration.Row{{Name: "a", Value: "b"}}
		}
		for i := range e.Path {
			e.Path[i].Value = "{{record.id}}"
		}
		in := integration.Integration{Name: "cw", Label: "CW", Type: "psa", Preset: "connectwise"}
		if err := e.Validate(in); err != nil {
			t.Errorf("%s %s: %v", o.Method, o.Path, err)
		}
	}
}

func TestAProposalFitsTheKindOfAnswer(t *testing.T) {
	t.Parallel()
	propose := func(method, path string) integration.Endpoint {
		o, ok := ConnectWise().Find(method, path)
		if !ok {
			t.Fatalf("there is no %s %s", method, path)
		}
		return ConnectWise().Propose(o, func(name string) bool { return name == "getCompanyById" })
	}
	put := propose("PUT", "/company/addressFormats/{id}")
	if put.Name != "putAddressFormat" || put.Type != "PostData" || put.Body.Kind != "json" || len(put.Path) != 1 || put.Path[0].Name != "id" {
		t.Errorf("PUT: %+v", put)
	}
	list := propose("GET", "/company/companies")
	if list.Name != "listCompanies" || list.Contract != "records" || list.Pagination == nil || list.Pagination.Kind != "forward_only" || list.Pagination.Size != 1000 {
		t.Errorf("list: %+v", list)
	}
	if one := propose("GET", "/company/companies/{id}"); one.Name != "getCompanyById2" || one.Pagination != nil || !strings.Contains(one.Headers[0].Value, "version=") {
		t.Errorf("one: %+v", one)
	}
	for _, path := range []string{"/finance/invoices/{id}/pdf", "/system/documents/{id}/download"} {
		if doc := propose("GET", path); doc.Type != "Document" || doc.EffectiveContract() != "document" || len(doc.Headers) != 0 {
			t.Errorf("%s: %+v", path, doc)
		}
	}
	if gone := propose("DELETE", "/service/tickets/{id}"); gone.Body.Kind != "" || gone.Type != "PostData" {
		t.Errorf("DELETE: %+v", gone)
	}
}
