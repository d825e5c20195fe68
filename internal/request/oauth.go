package request

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"tieline/internal/integration"
	"tieline/internal/redact"
	"tieline/internal/run"
	"tieline/internal/secret"
)

// Grant is what a token call of OAuth 2.0 presents: a refresh token (RFC 6749, 6), a code with the verifier and
// the redirect it was asked for (4.1.3, RFC 7636), or, as the zero Grant, the client's own credentials (4.4).
type Grant struct {
	Refresh  secret.Text
	Code     secret.Text
	Verifier secret.Text
	Redirect string
}

// TokenCall makes the token call of an OAuth integrator. The client's secret goes to the token URL of the same
// settings and nowhere else.
func TokenCall(d Data, g Grant) Call {
	o := oauth{d: &d, settings: d.Integrator.Auth.Settings}
	o.call.Request = run.Request{Method: "POST", URL: d.Integrator.TokenURL(!g.Refresh.Empty())}
	o.head("Accept", "application/json")
	o.grant(g)
	o.client()
	if g.Refresh.Empty() {
		o.add("scope", o.settings["scopes"])
		o.add("audience", o.settings["audience"])
	}
	for _, pair := range ExtraParameters(o.settings["extra"]) {
		o.set(pair[0], pair[1])
	}
	o.body()
	return o.call
}

// oauth is a token call under construction.
type oauth struct {
	d        *Data
	settings map[string]string
	fields   [][2]string
	hidden   []string // values of fields that are secret
	call     Call
}

func (o *oauth) head(name, value string) {
	o.call.Request.Headers = append(o.call.Request.Headers, run.Header{Name: name, Value: value})
}

func (o *oauth) add(name, value string) {
	if value != "" {
		o.fields = append(o.fields, [2]string{name, value})
	}
}

// set puts a value in the place of the one that stands under the name.
func (o *oauth) set(name, value string) {
	o.fields = slices.DeleteFunc(o.fields, func(f [2]string) bool { return f[0] == name })
	o.add(name, value)
}

// keep adds a secret value.
func (o *oauth) keep(name string, value secret.Text) {
	o.add(name, value.Reveal())
	if !value.Empty() {
		o.hidden = append(o.hidden, value.Reveal())
		o.call.Secrets = append(o.call.Secrets, value.Reveal())
	}
}

func (o *oauth) grant(g Grant) {
	switch {
	case !g.Refresh.Empty():
		o.add("grant_type", "refresh_token")
		o.keep("refresh_token", g.Refresh)
	case !g.Code.Empty():
		o.add("grant_type", "authorization_code")
		o.keep("code", g.Code)
		o.add("redirect_uri", g.Redirect)
		o.keep("code_verifier", g.Verifier)
	default:
		o.add("grant_type", "client_credentials")
	}
}

// client says who asks. A client without a secret names itself in the body (RFC 6749, 2.3.1 and 3.2.1).
func (o *oauth) client() {
	id, hidden := o.settings["client_id"], o.d.Secrets["auth.client_secret"]
	if cmp.Or(o.settings["body_style"], "basic") != "basic" || hidden.Empty() {
		o.add("client_id", id)
		o.keep("client_secret", hidden)
		return
	}
	pair := base64.StdEncoding.EncodeToString([]byte(url.QueryEscape(id) + ":" + url.QueryEscape(hidden.Reveal())))
	o.call.Secrets = append(o.call.Secrets, hidden.Reveal(), pair)
	o.call.Spans = append(o.call.Spans, redact.Span{Where: "header", Index: len(o.call.Request.Headers), From: len("Basic "), To: len("Basic ") + len(pair)})
	o.head("Authorization", "Basic "+pair)
}

// body writes the fields in their order, as a form or as JSON, and notes where the secret ones stand.
func (o *oauth) body() {
	write, open, equals, between, end, kind := url.QueryEscape, "", "=", "&", "", "application/x-www-form-urlencoded"
	if o.settings["body_style"] == "json" {
		write, open, equals, between, end, kind = jsonString, "{", ":", ",", "}", "application/json"
	}
	b := []byte(open)
	for i, f := range o.fields {
		if i > 0 {
			b = append(b, between...)
		}
		b = append(append(b, write(f[0])...), equals...)
		from := len(b)
		b = append(b, write(f[1])...)
		if slices.Contains(o.hidden, f[1]) {
			quote := len(open) // those of JSON stay
			o.call.Spans = append(o.call.Spans, redact.Span{Where: "body", From: from + quote, To: len(b) - quote})
		}
	}
	o.head("Content-Type", kind)
	o.call.Request.Body = append(b, end...)
}

// jsonString is a text as JSON writes it; a text can always be written.
func jsonString(s string) string {
	quoted, _ := json.Marshal(s)
	return string(quoted)
}

// ExtraParameters reads name=value lines; what has no name is passed over.
func ExtraParameters(lines string) [][2]string {
	var pairs [][2]string
	for line := range strings.Lines(lines) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		if name = strings.TrimSpace(name); name != "" {
			pairs = append(pairs, [2]string{name, strings.TrimSpace(value)})
		}
	}
	return pairs
}

// AuthorizeURL is where a person agrees that Tieline may act for them (RFC 6749, 4.1.1; RFC 7636, 4.3). What the
// address holds already, such as access_type=offline, stays.
func AuthorizeURL(in integration.Integrator, redirect, state string, verifier secret.Text) (string, error) {
	settings := in.Auth.Settings
	u, err := url.Parse(settings["authorize_url"])
	if err != nil {
		return "", err
	}
	q := u.Query()
	for _, pair := range [][2]string{
		{"response_type", "code"},
		{"client_id", settings["client_id"]},
		{"redirect_uri", redirect},
		{"scope", settings["scopes"]},
		{"audience", settings["audience"]},
		{"state", state},
	} {
		if pair[1] != "" {
			q.Set(pair[0], pair[1])
		}
	}
	switch settings["pkce"] {
	case "off":
	case "plain":
		q.Set("code_challenge", verifier.Reveal())
		q.Set("code_challenge_method", "plain")
	default:
		sum := sha256.Sum256([]byte(verifier.Reveal()))
		q.Set("code_challenge", base64.RawURLEncoding.EncodeToString(sum[:]))
		q.Set("code_challenge_method", "S256")
	}
	u.RawQuery = strings.ReplaceAll(q.Encode(), "+", "%20")
	return u.String(), nil
}
