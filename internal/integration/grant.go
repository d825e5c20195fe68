package integration

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"tieline/internal/secret"
)

// GrantSettings names everything that a fetched token depends on, as a digest: a token that was fetched with
// other settings, or for other hosts, is not used any more. It is "" for a kind of authentication without one.
func (in Integrator) GrantSettings(of Integration) string {
	if !in.Auth.HasToken() {
		return ""
	}
	on := struct {
		Kind     string
		Settings map[string]string
		Base     string
		HTTP     bool
		Hosts    []string
		Secrets  []string
		Fields   map[string]string
		Endpoint Endpoint
	}{Kind: in.Auth.Kind, Settings: in.Auth.Settings, Base: in.Base(), HTTP: in.AllowHTTP, Hosts: in.Hosts()}
	prefix := "auth."
	if endpoint, ok := in.AuthEndpoint(of); ok { // the login is made of fields
		prefix, on.Fields, on.Endpoint = "", in.Fields, endpoint
	}
	for _, name := range slices.Sorted(maps.Keys(in.Secrets)) {
		if strings.HasPrefix(name, prefix) {
			on.Secrets = append(on.Secrets, name, hex.EncodeToString(in.Secrets[name].Data))
		}
	}
	text, err := json.Marshal(on)
	if err != nil {
		return "" // only texts, numbers and lists are in it
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16])
}

// AuthEndpoint is the endpoint of type Auth that gives this integrator's token, where its authentication is a
// two-step login.
func (in Integrator) AuthEndpoint(of Integration) (Endpoint, bool) {
	if in.Auth.Kind != "endpoint" {
		return Endpoint{}, false
	}
	e, ok := of.Endpoint(in.Auth.Settings["endpoint"])
	return e, ok && e.Type == "Auth"
}

// TokenURL is where an OAuth integrator's tokens come from; a path is joined to the base URL. Renewing has an
// address of its own where one is set.
func (in Integrator) TokenURL(renewing bool) string {
	address := in.Auth.Settings["token_url"]
	if other := in.Auth.Settings["refresh_url"]; renewing && other != "" {
		address = other
	}
	if strings.HasPrefix(address, "/") {
		address = in.Base() + address
	}
	return address
}

// TokenOrigins are the origins (https://login.example.com) that the client's secret of an OAuth integrator goes to.
func (in Integrator) TokenOrigins() []string {
	if in.Auth.Settings["token_url"] == "" {
		return nil
	}
	var origins []string
	for _, renewing := range []bool{false, true} {
		address := in.TokenURL(renewing)
		scheme, _, _ := strings.Cut(address, "://")
		if origin := strings.ToLower(scheme + "://" + hostOf(address)); !slices.Contains(origins, origin) {
			origins = append(origins, origin)
		}
	}
	return origins
}

// HasToken tells whether the credentials are fetched, kept and renewed, as the table of kinds says. Every call
// asks, and the table is dear to make.
func (a Auth) HasToken() bool {
	return a.Kind == "endpoint" || a.Kind == "oauth2_client" || a.Kind == "oauth2_code"
}

// NeedsPerson tells whether the token comes from a person who agrees at the vendor.
func (a Auth) NeedsPerson() bool { return a.Kind == "oauth2_code" }

// EffectivePrefix is what stands before the token: the endpoint's own, none where it says "none", else "Bearer "
// in a header and nothing in a query.
func (t Token) EffectivePrefix() string {
	switch {
	case t.Prefix == "none", t.Prefix == "" && t.EffectivePlace().In == "query":
		return ""
	case t.Prefix == "":
		return "Bearer "
	}
	return t.Prefix
}

// EffectivePlace is where the token goes.
func (t Token) EffectivePlace() TokenPlace {
	if t.Place == nil {
		return TokenPlace{In: "header", Name: "Authorization"}
	}
	return *t.Place
}

// GrantPlace is the one cell that a part ("access", "refresh") of an integrator's token is sealed for.
func (in Integrator) GrantPlace(part string) secret.Place {
	return secret.Place{Table: "auth_tokens", Row: in.ID, Column: part, Customer: in.CustomerID}
}
