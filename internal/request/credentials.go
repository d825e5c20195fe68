package request

import (
	"strconv"
	"strings"

	"tieline/internal/integration"
	"tieline/internal/run"
	"tieline/internal/secret"
	"tieline/internal/token"
)

// credentials are the integrator's own way to authenticate, ready to be placed. pairs are whole parameters for the
// query string; they take the place of name and value.
type credentials struct {
	in     string // header, query
	name   string
	value  string
	pairs  [][2]string
	source string
	bare   string   // the part of value that is secret by itself
	joined string   // what value was encoded from
	once   []string // secrets that were made for this request
}

type madeCredentials struct {
	credentials
	ok bool
}

// authValue is what {{auth.<name>}} stands for.
func (b *builder) authValue(name string) (token.Value, bool) {
	switch name {
	case "timestamp":
		return token.Value{Data: b.timestamp(), Source: "clock, as it is signed"}, true
	case "nonce":
		return token.Value{Data: b.d.Nonce, Source: "made for this request, as it is signed"}, b.d.Nonce != ""
	}
	return b.authToken()
}

// timestamp is the moment of the request in Unix seconds.
func (b *builder) timestamp() string { return strconv.FormatInt(b.d.Now.Unix(), 10) }

// authToken is what {{auth.token}} stands for: the value with its prefix, as it would be placed.
func (b *builder) authToken() (token.Value, bool) {
	switch {
	case b.unsigned:
		return token.Value{Data: "", Source: "left out of what is signed"}, true
	case !b.signature.Empty():
		return token.Value{Data: b.signature.Reveal(), Secret: true, Source: b.signatureSource()}, true
	}
	c, ok := b.credentials()
	b.credentialSecrets(c)
	return token.Value{Data: c.value, Secret: true, Source: c.source}, ok && len(c.pairs) == 0
}

// setting is a value of the integrator's auth, secret or plain.
func (b *builder) setting(name string) string {
	if t, ok := b.d.Secrets["auth."+name]; ok && !t.Empty() {
		return t.Reveal()
	}
	return b.d.Integrator.Auth.Setting(name)
}

// credentials gives what the integrator's auth kind sends; false where the kind is none or its secret is not set.
func (b *builder) credentials() (credentials, bool) {
	if b.made == nil && !b.making {
		b.making = true
		c, ok := b.makeCredentials()
		b.made, b.making = &madeCredentials{c, ok}, false
	}
	if b.made == nil {
		return credentials{}, false
	}
	return b.made.credentials, b.made.ok
}

func (b *builder) makeCredentials() (credentials, bool) {
	if t := b.d.AuthToken; !t.Bare.Empty() {
		bare := t.Bare.Reveal()
		return credentials{in: t.Place.In, name: t.Place.Name, value: t.Prefix + bare, source: t.Source, bare: bare}, true
	}
	switch b.d.Integrator.Auth.Kind {
	case "basic":
		return b.basic("user name and password", b.setting("username"), b.setting("password"))
	case "connectwise":
		c, _ := b.basic("API member keys", b.setting("company_id")+"+"+b.setting("public_key"), b.setting("private_key"))
		return c, c.bare != ""
	case "bearer":
		c := credentials{in: "header", name: "Authorization", source: "bearer token of " + b.integrator(), bare: b.setting("token")}
		c.value = "Bearer " + c.bare
		return c, c.bare != ""
	case "jwt":
		return b.jwt()
	case "api_key_header":
		c := credentials{in: "header", name: b.setting("name"), source: "API key of " + b.integrator(), bare: b.setting("value")}
		c.value = c.bare
		return c, c.bare != "" && c.name != ""
	case "api_key_query":
		return b.queryKey()
	}
	return credentials{}, false
}

// basic joins a user name and a password (RFC 7617).
func (b *builder) basic(what, user, password string) (credentials, bool) {
	pair := secret.NewText(user + ":" + password)
	return credentials{
		in: "header", name: "Authorization", value: "Basic " + token.Transform("base64", pair.Reveal()),
		source: what + " of " + b.integrator(), bare: password, joined: pair.Reveal(),
	}, pair.Reveal() != ":"
}

// queryKey is one named parameter, or whole parameters as they were typed.
func (b *builder) queryKey() (credentials, bool) {
	c := credentials{in: "query", name: b.setting("name"), source: "API key of " + b.integrator(), bare: b.setting("value")}
	if c.value = c.bare; c.bare == "" || c.name != "" {
		return c, c.bare != ""
	}
	pairs, ok := integration.QueryPairs(c.bare)
	c.pairs = pairs
	return c, ok
}

// clientHeader adds the header with which ConnectWise knows the program that calls. A row of that name wins.
func (b *builder) clientHeader() {
	const name = "clientId"
	if b.fail != nil || b.p.noAuth || b.d.Integrator.Auth.Kind != "connectwise" || b.p.rowNames[strings.ToLower(name)] {
		return
	}
	value := b.setting("client_id")
	if value == "" || control(value) >= 0 {
		b.refuse(b.p.prefix+"auth", run.Failure{
			Cause: run.UnknownToken, Summary: "the client ID is not filled in",
			Evidence: "Authentication of " + b.integrator() + ": connectwise.",
			Hint:     "ConnectWise wants a client ID with every call. Open the integrator and fill it in. Nothing was sent.",
		})
		return
	}
	b.call.Request.Headers = append(b.call.Request.Headers, run.Header{Name: name, Value: value})
	b.call.Added = append(b.call.Added, name)
}

// present notes what is not a part of the request and is shown beside it: the answer to a digest challenge, or a
// client certificate. Both speak for the integrator, so they go to its hosts alone.
func (b *builder) present() {
	kind := b.d.Integrator.Auth.Kind
	if b.fail != nil || b.p.noAuth || kind != "digest" && kind != "client_cert" {
		return
	}
	use := run.TokenUse{Name: "auth.token", Masked: true, Value: secret.Bullets}
	needed := "password"
	if kind == "digest" {
		use.Source = "user name and password of " + b.integrator() + ", by digest: the server is asked first, and its challenge (401) is answered"
		use.Where = "header Authorization"
		if b.p.rowNames["authorization"] {
			use.Value, use.Masked, use.Source = "not sent", false, "the row Authorization of the endpoint takes its place"
			b.call.Trace = append(b.call.Trace, use)
			return
		}
	} else {
		needed = "key"
		use.Source, use.Where = "client certificate of "+b.integrator()+", shown when the connection is made", "connection"
	}
	if b.setting(needed) == "" {
		b.notFilledIn(kind)
		return
	}
	b.bound, b.call.Presents = true, kind
	b.call.Trace = append(b.call.Trace, use)
}

func (b *builder) notFilledIn(kind string) {
	b.refuse(b.p.prefix+"auth", run.Failure{
		Cause: run.UnknownToken, Summary: "the credentials are not filled in",
		Evidence: "Authentication of " + b.integrator() + ": " + kind + ".",
		Hint:     "Open the integrator and fill in its authentication, or choose None there. Nothing was sent.",
	})
}
