package request_test

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"tieline/internal/integration"
	"tieline/internal/request"
	"tieline/internal/run"
	"tieline/internal/secret"
)

func tokenData(settings map[string]string, clientSecret string) request.Data {
	all := map[string]string{"token_url": "https://login.test/token", "client_id": "my id"}
	maps.Copy(all, settings)
	return request.Data{
		Integrator: integration.Integrator{Host: "app.test", Auth: integration.Auth{Kind: "oauth2_code", Settings: all}},
		Secrets:    map[string]secret.Text{"auth.client_secret": secret.NewText(clientSecret)},
	}
}

func header(r run.Request, name string) string {
	for _, h := range r.Headers {
		if h.Name == name {
			return h.Value
		}
	}
	return ""
}

func TestATokenCallHoldsTheGrantAndTheClient(t *testing.T) {
	t.Parallel()
	refresh := request.Grant{Refresh: secret.NewText("r+/1")}
	code := request.Grant{Code: secret.NewText("c1"), Verifier: secret.NewText("v1"), Redirect: "https://p.test/cb"}
	for name, c := range map[string]struct {
		settings            map[string]string
		client              string
		grant               request.Grant
		url, basic, content string
	}{
		"client credentials": {
			map[string]string{"scopes": "a b", "audience": "x"},
			"s:1",
			request.Grant{},
			"https://login.test/token", "Basic bXkraWQ6cyUzQTE=", "grant_type=client_credentials&scope=a+b&audience=x",
		},
		"code": {nil, "s1", code, "https://login.test/token", "Basic bXkraWQ6czE=", "grant_type=authorization_code&code=c1&redirect_uri=https%3A%2F%2Fp.test%2Fcb&code_verifier=v1"},
		"refresh": {
			map[string]string{"refresh_url": "/renew", "scopes": "a", "body_style": "form"},
			"s1", refresh,
			"https://app.test/renew", "", "grant_type=refresh_token&refresh_token=r%2B%2F1&client_id=my+id&client_secret=s1",
		},
		"public client": {nil, "", code, "https://login.test/token", "", "grant_type=authorization_code&code=c1&redirect_uri=https%3A%2F%2Fp.test%2Fcb&code_verifier=v1&client_id=my+id"},
		"json": {
			map[string]string{"body_style": "json", "extra": "resource=q\"\ngrant_type=account_credentials"},
			"s1",
			request.Grant{},
			"https://login.test/token", "", `{"client_id":"my id","client_secret":"s1","resource":"q\"","grant_type":"account_credentials"}`,
		},
	} {
		call := request.TokenCall(tokenData(c.settings, c.client), c.grant)
		if r := call.Request; r.Method != http.MethodPost || r.URL != c.url || header(r, "Authorization") != c.basic || string(r.Body) != c.content {
			t.Errorf("%s: %s %s %q\n%s", name, r.Method, r.URL, header(r, "Authorization"), r.Body)
		}
	}
}

// Secrets too short to be searched for are hidden where they stand.
func TestEverySecretOfATokenCallHasItsPlace(t *testing.T) {
	t.Parallel()
	for _, style := range []string{"basic", "form", "json"} {
		call := request.TokenCall(tokenData(map[string]string{"body_style": style}, "s1"), request.Grant{Code: secret.NewText("c1"), Verifier: secret.NewText("v1")})
		var hidden []string
		for _, s := range call.Spans {
			text := string(call.Request.Body)
			if s.Where == "header" {
				text = call.Request.Headers[s.Index].Value
			}
			hidden = append(hidden, text[s.From:s.To])
		}
		want := map[string]string{"basic": "bXkraWQ6czE= c1 v1", "form": "c1 v1 s1", "json": "c1 v1 s1"}[style]
		if got := strings.Join(hidden, " "); got != want {
			t.Errorf("%s: hidden %q, want %q", style, got, want)
		}
	}
}

func TestTheWayToAVendorHoldsTheChallengeOfTheKindThatWasChosen(t *testing.T) {
	t.Parallel()
	// The pair of RFC 7636, appendix B.
	verifier := secret.NewText("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
	for pkce, want := range map[string]string{"": "S256 E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "S256": "S256 E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "plain": "plain " + verifier.Reveal(), "off": " "} {
		in := tokenData(map[string]string{"authorize_url": "https://login.test/a?prompt=consent&state=x", "scopes": "a+b,c d", "pkce": pkce}, "").Integrator
		address, err := request.AuthorizeURL(in, "https://p.test/cb", "st/1", verifier)
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		q := u.Query()
		if got := q.Get("code_challenge_method") + " " + q.Get("code_challenge"); got != want {
			t.Errorf("%q: %q, want %q", pkce, got, want)
		}
		if q.Get("prompt") != "consent" || len(q["state"]) != 1 || q.Get("state") != "st/1" || q.Get("scope") != "a+b,c d" || strings.Contains(u.RawQuery, "+") {
			t.Errorf("%q: %s", pkce, address)
		}
	}
}
