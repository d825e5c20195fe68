package integration

import (
	"strings"
	"testing"

	"tieline/internal/fault"
	"tieline/internal/secret"
)

func TestTheKindsWithATokenAreThoseOfTheTable(t *testing.T) {
	t.Parallel()
	for _, k := range AuthKinds() {
		if got := (Auth{Kind: k.Kind}).HasToken(); got != k.Token {
			t.Errorf("%s: HasToken is %v, the table says %v", k.Kind, got, k.Token)
		}
	}
}

func tokenSound() (Integrator, Integration) {
	of := Integration{Name: "crm", Endpoints: []Endpoint{{Name: "login", Type: "Auth", URL: "/login"}, {Name: "read", URL: "/x"}}}
	return Integrator{
		ID: "i1", CustomerID: "c1", Host: "app.test", Fields: map[string]string{"User": "u"},
		Auth:    Auth{Kind: "oauth2_client", Settings: map[string]string{"token_url": "https://login.test/token", "client_id": "id"}},
		Secrets: map[string]secret.Sealed{"auth.client_secret": {Data: []byte("a")}, "field.Password": {Data: []byte("b")}},
	}, of
}

// A token must not outlive what it was fetched with, and must outlive everything else.
func TestATokenDependsOnAuthAndHostsAlone(t *testing.T) {
	t.Parallel()
	in, of := tokenSound()
	login := in
	login.Auth = Auth{Kind: "endpoint", Settings: map[string]string{"endpoint": "login"}}
	for name, c := range map[string]struct {
		base   Integrator
		change func(in *Integrator, of *Integration)
		same   bool
	}{
		"label":              {in, func(in *Integrator, _ *Integration) { in.Label, in.Enabled, in.Version = "x", true, 9 }, true},
		"signs":              {in, func(in *Integrator, _ *Integration) { in.Auth.RefreshOn.Statuses = []int{419} }, true},
		"fields of an OAuth": {in, func(in *Integrator, _ *Integration) { in.Fields = map[string]string{"User": "v"} }, true},
		"another endpoint": {login, func(_ *Integrator, of *Integration) {
			of.Endpoints = append([]Endpoint{}, of.Endpoints[0], Endpoint{Name: "read", URL: "/y"})
		}, true},
		"scopes": {in, func(in *Integrator, _ *Integration) {
			in.Auth.Settings = map[string]string{"token_url": "https://login.test/token", "client_id": "id", "scopes": "s"}
		}, false},
		"client secret": {in, func(in *Integrator, _ *Integration) {
			in.Secrets = map[string]secret.Sealed{"auth.client_secret": {Data: []byte("c")}}
		}, false},
		"host":              {in, func(in *Integrator, _ *Integration) { in.Host = "other.test" }, false},
		"extra host":        {in, func(in *Integrator, _ *Integration) { in.Policy.ExtraHosts = []string{"more.test"} }, false},
		"plain http":        {in, func(in *Integrator, _ *Integration) { in.AllowHTTP = true }, false},
		"kind":              {in, func(in *Integrator, _ *Integration) { in.Auth.Kind = "oauth2_code" }, false},
		"fields of a login": {login, func(in *Integrator, _ *Integration) { in.Fields = map[string]string{"User": "v"} }, false},
		"password of a login": {login, func(in *Integrator, _ *Integration) {
			in.Secrets = map[string]secret.Sealed{"field.Password": {Data: []byte("c")}}
		}, false},
		"the login's own terms": {login, func(_ *Integrator, of *Integration) {
			of.Endpoints = []Endpoint{{Name: "login", Type: "Auth", URL: "/v2/login"}}
		}, false},
	} {
		changed, def := c.base, of
		c.change(&changed, &def)
		if got := c.base.GrantSettings(of) == changed.GrantSettings(def); got != c.same {
			t.Errorf("%s: the same is %v, want %v", name, got, c.same)
		}
	}
	if (Integrator{Auth: Auth{Kind: "basic"}}).GrantSettings(of) != "" {
		t.Error("basic has a token")
	}
}

func TestWhatATokenIsFetchedWithIsJudgedAtItsField(t *testing.T) {
	t.Parallel()
	for field, values := range map[string][]string{
		"token_url":     {"ftp://x.test/", "login.test/token", "http://login.test/token", "https://user:pw@login.test/", "https://login.test/#x", "https://{{host}}/token", "//login.test", "/to ken", "https:///x", "/t\nx"},
		"refresh_url":   {"http://login.test/token", "//x"},
		"authorize_url": {"/authorize", "javascript:alert(1)", "http://login.test/a", "https://login.test/a#b"},
		"extra":         {"novalue", "a=b\n=c"},
	} {
		for _, value := range values {
			in, of := tokenSound()
			in.Auth = Auth{Kind: "oauth2_code", Settings: map[string]string{"authorize_url": "https://login.test/a", "token_url": "https://login.test/token", "client_id": "id"}}
			in.Secrets, in.Fields = nil, nil
			in.Auth.Settings[field] = value
			problems, _ := fault.FieldsOf(in.Validate(of, func(string) bool { return true }))
			if problems["auth."+field] == "" || len(problems) != 1 {
				t.Errorf("%s %q: %v", field, value, problems)
			}
		}
	}
	for _, good := range []func(in *Integrator){
		func(in *Integrator) { in.Auth.Settings["token_url"] = "/oauth/token" },
		func(in *Integrator) { in.Auth.Settings["token_url"] = "https://login.test/token?tenant=1" },
		func(in *Integrator) { in.Auth.Settings["token_url"], in.AllowHTTP = "http://10.0.0.1/token", true },
		func(in *Integrator) { in.Auth.Settings["extra"] = "a=b\n\nresource=https://x.test/?y=z" },
		func(in *Integrator) {
			in.Auth = Auth{Kind: "endpoint", Settings: map[string]string{"endpoint": "login"}}
		},
	} {
		in, of := tokenSound()
		in.Secrets, in.Fields = nil, nil
		good(&in)
		if err := in.Validate(of, func(string) bool { return true }); err != nil {
			t.Errorf("%+v: %v", in.Auth, err)
		}
	}
	for name, want := range map[string]string{"": "needed", "read": "not of type Auth", "nothing": "no endpoint of that name"} {
		in, of := tokenSound()
		in.Fields, in.Auth = nil, Auth{Kind: "endpoint", Settings: map[string]string{"endpoint": name}}
		problems, _ := fault.FieldsOf(in.Validate(of, func(string) bool { return true }))
		if !strings.Contains(problems["auth.endpoint"], want) {
			t.Errorf("endpoint %q: %v", name, problems)
		}
	}
}

func TestTheClientSecretsOriginsAreKnown(t *testing.T) {
	t.Parallel()
	in, _ := tokenSound()
	in.Auth.Settings["refresh_url"] = "/refresh"
	if got := strings.Join(in.TokenOrigins(), " "); got != "https://login.test https://app.test" {
		t.Errorf("origins = %s", got)
	}
	if got := (Integrator{Host: "x.test", Auth: Auth{Kind: "basic"}}).TokenOrigins(); got != nil {
		t.Errorf("basic has %v", got)
	}
}

func TestTheDefaultPrefixFitsThePlace(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		token Token
		want  string
	}{
		{Token{}, "Bearer "},
		{Token{Prefix: "Token "}, "Token "},
		{Token{Prefix: "none"}, ""},
		{Token{Place: &TokenPlace{In: "header", Name: "X-Auth"}}, "Bearer "},
		{Token{Place: &TokenPlace{In: "query", Name: "t"}}, ""},
		{Token{Prefix: "v1.", Place: &TokenPlace{In: "query", Name: "t"}}, "v1."},
	} {
		if got := c.token.EffectivePrefix(); got != c.want {
			t.Errorf("%+v: %q, want %q", c.token, got, c.want)
		}
	}
}
