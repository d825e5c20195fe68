package views

import (
	"github.com/a-h/templ"

	"tieline/internal/catalogue"
	"tieline/internal/integration"
	"tieline/internal/run"
	"tieline/views/ui"
)

func importedFixture() catalogue.Catalogue {
	return catalogue.Catalogue{
		Format: catalogue.OpenAPI, Title: "Shop", Servers: []string{"https://shop.example.com/api"},
		Auth:  []catalogue.Auth{{Kind: "oauth2_code", Settings: map[string]string{"token_url": "https://shop.example.com/token"}}, {Kind: "api_key_header", Settings: map[string]string{"name": "X-Key"}, Parameter: "X-Key"}},
		Notes: []catalogue.Note{{Place: "paths./orders.get (line 5)", Message: "The summary has line breaks."}, {Message: "Cookies were left out."}}, MoreNotes: 3,
	}
}

func pickFixtures(p Page) []templ.Component {
	v := PickView{ID: "c1", Head: importedFixture(), Count: 250, Into: "crm", Text: "order", Total: 120, Size: 2, Offset: 2, Picked: []int{1, 7}, Rows: []PickRow{
		{N: 1, Group: "Orders", Name: "List orders", Method: "GET", Path: "/orders", Paginated: true},
		{N: 2, Group: "Orders", Name: "Create an order", Method: "POST", Path: "/orders", Body: true},
	}}
	empty := v
	empty.Rows, empty.Total, empty.Offset, empty.Picked, empty.Error = nil, 0, 0, nil, "Pick at least one operation."
	return []templ.Component{PickPage(p, v), PickPage(p, empty)}
}

func reviewFixtures(p Page) []templ.Component {
	e := integration.Endpoint{
		Name: "listOrders", Label: "List orders", Method: "GET", URL: "/orders/{id}", Path: []integration.Row{{Name: "id"}}, Params: []string{"X-Key"}, Contract: "records", Auth: "none",
		Query: []integration.Row{{Name: "status"}, {Name: "page", Enabled: integration.Switch(false)}}, Body: integration.Body{Kind: "json", Content: "{}"}, Pagination: &integration.Pagination{Kind: "page", PageParam: "page"},
		Response: integration.Response{Type: "json", Items: "data"},
	}
	v := ReviewView{ID: "c1", Head: importedFixture(), Targets: []ui.Option{{Value: "crm", Label: "CRM"}}, Name: "shop", Label: "Shop", Type: "other", Rows: []ReviewRow{
		{N: 1, Keep: true, Walk: true, Operation: catalogue.Operation{Name: "List orders", Method: "GET", Path: "/orders", Endpoint: e, Notes: []catalogue.Note{{Message: "The summary has line breaks."}}}},
		{N: 7, Operation: catalogue.Operation{Method: "POST", Path: "/x", Endpoint: integration.Endpoint{Name: "x"}}},
	}}
	bad := v
	bad.Into, bad.Problems = "crm", map[string]string{"e.1.name": "Another endpoint has this name.", "endpoints": "At most 500 endpoints."}
	checked := v
	checked.Diff, checked.Warnings = fixtureHistory().Diff, []run.Problem{{Field: "endpoints.0.url", Message: "Unknown token."}}
	return []templ.Component{ReviewPage(p, v), ReviewPage(p, bad), ReviewPage(p, checked)}
}
