package document

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"tieline/internal/account"
	"tieline/internal/audit"
	"tieline/internal/integration"
	"tieline/internal/secret"
)

func lines(fields []audit.Field) []string {
	var all []string
	for _, f := range fields {
		all = append(all, f.Path+": "+f.Before+" -> "+f.After)
	}
	return all
}

func base() integration.Integration {
	return integration.Integration{
		Name: "hubspot", Label: "HubSpot", Type: "crm",
		Parameters: []integration.Parameter{{Name: "ApiKey", Secret: true, Required: true}},
		Endpoints: []integration.Endpoint{
			{
				Name: "findContact", Method: "GET", URL: "https://{{host}}/contacts",
				Headers: []integration.Row{{Name: "Accept", Value: "application/json"}, {Name: "X-Tag", Value: "one"}, {Name: "X-Tag", Value: "two"}},
				Params:  []string{"ApiKey"},
			},
			{Name: "saveCall", Type: "PostData", Method: "POST", URL: "/calls", Body: integration.Body{Kind: "json", Content: `{"a":1}`}},
			{Name: "sendNote", Method: "POST", URL: "/notes"},
		},
	}
}

func TestDiffTellsEveryChangeAtItsField(t *testing.T) {
	t.Parallel()
	off := false
	tests := []struct {
		name   string
		change func(*integration.Integration)
		want   []string
	}{
		{"nothing", func(*integration.Integration) {}, nil},
		{"a text", func(in *integration.Integration) { in.Label = "Hub" }, []string{"label: HubSpot -> Hub"}},
		{"a switch", func(in *integration.Integration) { in.Info = true }, []string{"info: false -> true"}},
		{"switched off", func(in *integration.Integration) { in.Endpoints[0].Enabled = &off }, []string{"endpoints.findContact.enabled: true -> false"}},
		{"a value in a row", func(in *integration.Integration) {
			in.Endpoints[0].Headers = slices.Clone(in.Endpoints[0].Headers)
			in.Endpoints[0].Headers[2].Value = "three"
		}, []string{"endpoints.findContact.headers.X-Tag#2.value: two -> three"}},
		{"a row more", func(in *integration.Integration) {
			in.Endpoints[1].Headers = []integration.Row{{Name: "Accept", Value: "text/xml", Enabled: &off}}
		}, []string{"endpoints.saveCall.headers.Accept:  -> text/xml, enabled: false"}},
		{"a row less", func(in *integration.Integration) {
			in.Endpoints[0].Headers = in.Endpoints[0].Headers[1:]
		}, []string{"endpoints.findContact.headers.Accept: application/json -> "}},
		{"rows in another order", func(in *integration.Integration) {
			h := in.Endpoints[0].Headers
			in.Endpoints[0].Headers = []integration.Row{h[1], h[2], h[0]}
		}, []string{"endpoints.findContact.headers: Accept, X-Tag, X-Tag#2 -> X-Tag, X-Tag#2, Accept"}},
		{"endpoints in another order", func(in *integration.Integration) {
			in.Endpoints = []integration.Endpoint{in.Endpoints[2], in.Endpoints[0], in.Endpoints[1]}
		}, []string{"endpoints: findContact, saveCall, sendNote -> sendNote, findContact, saveCall"}},
		{"an endpoint renamed", func(in *integration.Integration) {
			in.Endpoints[1].Name = "storeCall"
		}, []string{"endpoints.storeCall.name: saveCall -> storeCall"}},
		{"an endpoint renamed and changed", func(in *integration.Integration) {
			in.Endpoints[1].Name, in.Endpoints[1].URL = "storeCall", "/v2/calls"
		}, []string{"endpoints.storeCall.name: saveCall -> storeCall", "endpoints.storeCall.url: /calls -> /v2/calls"}},
		{"an endpoint less", func(in *integration.Integration) {
			in.Endpoints = in.Endpoints[:2]
		}, []string{"endpoints.sendNote: method: POST, url: /notes -> "}},
		{"an endpoint more", func(in *integration.Integration) {
			in.Endpoints = append(slices.Clone(in.Endpoints), integration.Endpoint{
				Name: "x", URL: "/x", Enabled: &off, Headers: []integration.Row{{Name: "A", Value: "b"}},
			})
		}, []string{"endpoints.x.name:  -> x", "endpoints.x.url:  -> /x", "endpoints.x.headers.A:  -> b", "endpoints.x.enabled:  -> false"}},
		{"a list of words", func(in *integration.Integration) {
			in.Endpoints[0].Params = []string{"ApiKey", "Tenant"}
		}, []string{"endpoints.findContact.params: ApiKey -> ApiKey, Tenant"}},
		{"something behind a pointer", func(in *integration.Integration) {
			in.Endpoints[0].Policy = &integration.Policy{TimeoutS: 5}
		}, []string{"endpoints.findContact.policy.timeout_s:  -> 5"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			after := base()
			tt.change(&after)
			if got := lines(Diff(base(), after)); !slices.Equal(got, tt.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
		})
	}
}

func TestDiffNeverShowsASecret(t *testing.T) {
	t.Parallel()
	sealed := func(data string) secret.Sealed { return secret.Sealed{Data: []byte(data), Hint: "…" + data} }
	before := integration.Integrator{ID: "1", Version: 1, Host: "a.test", Secrets: map[string]secret.Sealed{"field.Old": sealed("canary-1"), "auth.token": sealed("canary-2")}}
	after := integration.Integrator{ID: "2", Version: 2, Host: "b.test", Secrets: map[string]secret.Sealed{"field.New": sealed("canary-3"), "auth.token": sealed("canary-4")}}
	got := lines(Diff(before, after))
	want := []string{"host: a.test -> b.test", "secrets.auth.token: set -> changed", "secrets.field.New:  -> set", "secrets.field.Old: set -> "}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	user := lines(Diff(account.User{PasswordHash: "canary-5"}, account.User{PasswordHash: "canary-6"}))
	if !slices.Equal(user, []string{"password_hash: set -> changed"}) {
		t.Errorf("user: %q", user)
	}
}

func TestDiffOfThingsThatCameOrWent(t *testing.T) {
	t.Parallel()
	c := account.Customer{ID: "1", Slug: "acme", Name: "Acme", CallcenterID: "CC-1", Enabled: true, Version: 3, CreatedAt: time.Unix(1, 0)}
	want := []string{"slug:  -> acme", "name:  -> Acme", "callcenter_id:  -> CC-1", "enabled:  -> true"}
	if got := lines(Diff(nil, c)); !slices.Equal(got, want) {
		t.Errorf("created: %q\nwant %q", got, want)
	}
	want = []string{"slug: acme -> ", "name: Acme -> ", "callcenter_id: CC-1 -> ", "enabled: true -> "}
	if got := lines(Diff(&c, nil)); !slices.Equal(got, want) {
		t.Errorf("deleted: %q\nwant %q", got, want)
	}
}

func TestDiffOfFreeJSONIsByField(t *testing.T) {
	t.Parallel()
	before := integration.Integrator{Info: json.RawMessage(`{"a": 1, "listOptions":[{"name":"x","label":"X"}]}`)}
	after := integration.Integrator{Info: json.RawMessage(`{"a":1,"listOptions":[{"name":"x","label":"Y"}],"more":[1,2]}`)}
	want := []string{"info.listOptions.x.label: X -> Y", "info.more:  -> 1, 2"}
	if got := lines(Diff(before, after)); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
