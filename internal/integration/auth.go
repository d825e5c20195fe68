package integration

import (
	"slices"

	"tieline/internal/sign"
)

// AuthSetting is one value that an auth kind asks for. Options are the words it may hold, the first of them where
// it is empty; Lines says that it has several lines (a certificate). Form is what the API makes of the text:
// "json" an object, "number" a whole number, "list" its lines, "words" its words, "pairs" an object of its name=value
// lines, "switch" true for the first of Options and false for the last, "escaped" a text whose line breaks are
// written \n; each is taken as text too.
type AuthSetting struct {
	Name     string
	Label    string
	Secret   bool
	Required bool
	Lines    bool
	Form     string
	Options  []string
	Help     string
}

// OptionLabel is an option as people read it: one that protects little says so.
func (s AuthSetting) OptionLabel(option string) string {
	if sign.Weak(option) {
		return option + " (weak, only for old gateways)"
	}
	return option
}

// AuthKind is one way to authenticate, with the values it asks for. Token says that its credentials are fetched,
// kept and renewed.
type AuthKind struct {
	Kind     string
	Label    string
	Token    bool
	Settings []AuthSetting
}

// Setting finds a setting by name; the zero setting where the kind has none of that name.
func (k AuthKind) Setting(name string) AuthSetting {
	if i := slices.IndexFunc(k.Settings, func(s AuthSetting) bool { return s.Name == name }); i >= 0 {
		return k.Settings[i]
	}
	return AuthSetting{}
}

// AuthKinds are the ways to authenticate, in the order of the form.
func AuthKinds() []AuthKind {
	return []AuthKind{
		{Kind: "none", Label: "None"},
		{Kind: "basic", Label: "Basic (user name and password)", Settings: []AuthSetting{
			{Name: "username", Label: "User name", Required: true, Help: "Must not contain a colon (RFC 7617)."},
			{Name: "password", Label: "Password", Secret: true},
		}},
		{Kind: "bearer", Label: "Bearer token", Settings: []AuthSetting{
			{Name: "token", Label: "Token", Secret: true, Required: true, Help: "Sent as Authorization: Bearer, without the word itself."},
		}},
		{Kind: "api_key_header", Label: "API key in a header", Settings: []AuthSetting{
			{Name: "name", Label: "Header name", Required: true, Help: "For example X-Api-Key."},
			{Name: "value", Label: "Key", Secret: true, Required: true},
		}},
		{Kind: "api_key_query", Label: "API key in the query string", Settings: []AuthSetting{
			{Name: "name", Label: "Parameter name", Help: "For example api_key. Empty where the key below is whole parameters: api_key=…&credential=…"},
			{Name: "value", Label: "Key", Secret: true, Required: true},
		}},
		{Kind: "connectwise", Label: "ConnectWise (API member keys)", Settings: []AuthSetting{
			{Name: "company_id", Label: "Company ID", Required: true, Help: "What is typed as Company at the sign-in of ConnectWise PSA."},
			{Name: "public_key", Label: "Public key", Required: true, Help: "System → Members → API Members → API Keys."},
			{Name: "private_key", Label: "Private key", Secret: true, Required: true, Help: "Shown once, when the key is made."},
			{Name: "client_id", Label: "Client ID", Required: true, Help: "Your own, from the vendor's developer site. Sent as the header clientId."},
		}},
		{Kind: "oauth2_client", Label: "OAuth 2.0, client credentials", Token: true, Settings: oauth2Settings()},
		{Kind: "oauth2_code", Label: "OAuth 2.0, a person signs in once", Token: true, Settings: append([]AuthSetting{
			{Name: "authorize_url", Label: "Authorize URL", Required: true, Help: "Where a person signs in and agrees."},
		}, append(oauth2Settings(),
			AuthSetting{Name: "refresh_url", Label: "Refresh URL", Help: "Where tokens are renewed, if not at the token URL."},
			AuthSetting{Name: "pkce", Label: "PKCE", Form: "switch", Options: []string{"S256", "plain", "off"}, Help: "RFC 7636; leave it at S256 unless the vendor refuses it."},
		)...)},
		{Kind: "endpoint", Label: "Two-step login through an Auth endpoint", Token: true, Settings: []AuthSetting{
			{Name: "endpoint", Label: "Auth endpoint", Required: true, Help: "The endpoint of type Auth that gives the token."},
		}},
		{Kind: "jwt", Label: "JWT that Tieline signs", Settings: []AuthSetting{
			{Name: "algorithm", Label: "Algorithm", Options: sign.JWTAlgorithms()},
			{Name: "key", Label: "Key", Secret: true, Required: true, Lines: true, Help: "The shared secret for HS, a private key in PEM for RS and ES."},
			{Name: "claims", Label: "Claims", Lines: true, Form: "json", Help: "A JSON object; tokens are filled in: {\"iss\": \"{{field.Issuer}}\"}. iat and exp are added."},
			{Name: "header", Label: "Header", Lines: true, Form: "json", Help: "A JSON object that is added to the token's header, for example {\"kid\":\"1\"}."},
			{Name: "ttl_s", Label: "Lifetime in seconds", Form: "number", Help: "From 1 to 86400; 300 where it is empty."},
		}},
		{Kind: "signature", Label: "Signature over the request", Settings: []AuthSetting{
			{Name: "algorithm", Label: "Algorithm", Options: sign.SumAlgorithms()},
			{Name: "key", Label: "Key", Secret: true, Required: true, Help: "The key of the HMAC; for a plain hash, what stands where the line key is."},
			{Name: "fields", Label: "What is signed", Required: true, Lines: true, Form: "list", Help: "In order, one a line: method, path, query, query_sorted, body, body_sorted, host, url, timestamp, nonce, key, header:Name, a \"fixed text\", or a template such as {{field.User}}. Filters work: body|sha256. Send the same moment and nonce in rows as {{auth.timestamp}} and {{auth.nonce}}."},
			{Name: "separator", Label: "Between the parts", Form: "escaped", Help: "Empty for nothing; \\n for a line break, \\s for a blank."},
			{Name: "encoding", Label: "Encoding", Options: sign.SumEncodings()},
			{Name: "in", Label: "Sent in", Options: []string{"header", "query"}},
			{Name: "name", Label: "Name", Required: true, Help: "Of the header or the parameter that carries the signature. A row of the endpoint with {{auth.token}} takes its place."},
		}},
		{Kind: "digest", Label: "Digest (RFC 7616)", Settings: []AuthSetting{
			{Name: "username", Label: "User name", Required: true},
			{Name: "password", Label: "Password", Secret: true, Required: true},
		}},
		{Kind: "client_cert", Label: "Client certificate", Settings: []AuthSetting{
			{Name: "certificate", Label: "Certificate", Required: true, Lines: true, Help: "PEM, with the chain after it."},
			{Name: "key", Label: "Private key", Secret: true, Required: true, Lines: true, Help: "PEM, without a passphrase."},
			{Name: "ca", Label: "Certificate authority", Lines: true, Help: "PEM. Where it is given, only servers that it vouches for are trusted."},
		}},
	}
}

func oauth2Settings() []AuthSetting {
	return []AuthSetting{
		{Name: "token_url", Label: "Token URL", Required: true, Help: "Absolute, or a path of the integrator's host."},
		{Name: "client_id", Label: "Client ID", Required: true},
		{Name: "client_secret", Label: "Client secret", Secret: true},
		{Name: "scopes", Label: "Scopes", Form: "words", Help: "As the vendor writes them, divided by blanks (or by what the vendor asks for)."},
		{Name: "audience", Label: "Audience"},
		{Name: "body_style", Label: "How the client says who it is", Options: []string{"basic", "form", "json"}, Help: "Basic header, or in the body as a form or as JSON."},
		{Name: "extra", Label: "Extra parameters", Lines: true, Form: "pairs", Help: "name=value, one a line; sent with every token call."},
	}
}
