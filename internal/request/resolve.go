package request

import (
	"strings"
	"time"

	"tieline/internal/integration"
	"tieline/internal/secret"
	"tieline/internal/token"
)

// lookup finds what a token stands for, before its filters.
func (b *builder) lookup(tok *token.Token) (token.Value, bool) {
	switch tok.Namespace {
	case token.Event:
		return b.event(tok)
	case token.Field:
		return b.fieldValue(pathName(tok), "")
	case token.Var:
		return b.variable(pathName(tok))
	case token.Auth:
		return b.authToken()
	case token.Hard:
		return b.hardValue(pathName(tok))
	case token.Input:
		if !b.d.HasInput {
			return token.Value{}, false
		}
		return walk(b.d.Input, tok.Path, "body sent by the client")
	case token.Ctx:
		return walkMap(b.d.Context, tok.Path, "call context")
	case token.State:
		return walkMap(b.d.State, tok.Path, "state")
	case token.Steps:
		return walkMap(b.d.Steps, tok.Path, "an earlier step")
	case token.Option:
		return walkMap(b.d.Options, tok.Path, "option of the agent")
	case token.Run:
		return token.Value{Data: b.d.RunID, Source: "this run"}, b.d.RunID != ""
	case token.Now:
		return token.Value{Data: b.d.Now.UTC().Format(time.RFC3339), Source: "clock"}, true
	case token.Host:
		return token.Value{Data: b.d.Integrator.Host, Source: "host of " + b.integrator()}, b.d.Integrator.Host != ""
	}
	return token.Value{}, false
}

func pathName(tok *token.Token) string {
	if len(tok.Path) == 1 {
		return tok.Path[0]
	}
	return strings.Join(tok.Path, ".")
}

func walk(root any, path []string, source string) (token.Value, bool) {
	data, ok := token.Walk(root, path)
	return token.Value{Data: data, Source: source}, ok
}

func walkMap(root map[string]any, path []string, source string) (token.Value, bool) {
	if root == nil {
		return token.Value{}, false
	}
	return walk(root, path, source)
}

// event resolves a bare name; a value that Event merged knows its source.
func (b *builder) event(tok *token.Token) (token.Value, bool) {
	if len(tok.Path) == 0 {
		return token.Value{Data: plainEvent(b.d.Event), Source: "event"}, b.d.Event != nil
	}
	first, known := b.d.Event[tok.Path[0]].(token.Value)
	if known && len(tok.Path) == 1 {
		return first, true
	}
	v, ok := walkMap(b.d.Event, tok.Path, "event")
	if known {
		v.Source, v.Shadowed, v.Secret = first.Source, first.Shadowed, first.Secret
	}
	return v, ok
}

// plainEvent is an event without the notes about its values' sources.
func plainEvent(event map[string]any) map[string]any {
	plain := make(map[string]any, len(event))
	for name, value := range event {
		if v, ok := value.(token.Value); ok {
			value = v.Data
		}
		plain[name] = value
	}
	return plain
}

func (b *builder) integrator() string {
	return "integrator " + b.d.IntegratorName
}

// fieldValue is the integrator's value of a parameter, or the parameter's default, transformed, between its
// prefix and suffix. A value that is not filled in is missing.
func (b *builder) fieldValue(name, transform string) (token.Value, bool) {
	p := b.p.parameters[name]
	v := token.Value{Source: "field " + name + " of " + b.integrator()}
	text := b.d.Integrator.Fields[name]
	if hidden, ok := b.d.Secrets["field."+name]; ok && !hidden.Empty() {
		text, v.Secret = hidden.Reveal(), true
	}
	if text == "" && p != nil && p.Default != "" {
		text, v.Source = p.Default, "default of the parameter "+name
	}
	if text == "" {
		return v, false
	}
	if p == nil {
		v.Data = text
		return v, true
	}
	v.Secret = v.Secret || p.Secret
	changed := token.Transform(transform, text)
	whole := p.Prefix + changed + p.Suffix
	if v.Secret {
		b.secret(text)
		b.secret(changed)
	}
	v.Data = whole
	return v, true
}

func (b *builder) variable(name string) (token.Value, bool) {
	v, ok := b.d.Variables[name]
	if !ok || v.Value.Empty() {
		return token.Value{}, false
	}
	source := v.Source
	if source == "" {
		source = "variable " + name
	}
	return token.Value{Data: v.Value.Reveal(), Secret: v.Secret, Source: source}, true
}

// hardValue renders a hard row as text. Its tokens are resolved once; what they give is not read again.
func (b *builder) hardValue(name string) (token.Value, bool) {
	t, ok := b.p.hard[name]
	if !ok || b.inHard {
		return token.Value{}, false
	}
	b.inHard = true
	text, hidden, ok := b.plain(t)
	b.inHard = false
	return token.Value{Data: text, Secret: hidden, Source: "hard parameter " + name}, ok
}

// authToken is what {{auth.token}} stands for: the value with its prefix, as it would be placed.
func (b *builder) authToken() (token.Value, bool) {
	c, ok := b.credentials()
	return token.Value{Data: c.value, Secret: true, Source: c.source}, ok
}

// credentials are the integrator's own way to authenticate, ready to be placed.
type credentials struct {
	in     string // header, query
	name   string
	value  string
	source string
	bare   string // the part of value that is secret by itself
}

// setting is a value of the integrator's auth, secret or plain.
func (b *builder) setting(name string) string {
	if t, ok := b.d.Secrets["auth."+name]; ok && !t.Empty() {
		return t.Reveal()
	}
	return b.d.Integrator.Auth.Settings[name]
}

// credentials gives what the integrator's auth kind sends; false where the kind is none or its secret is not set.
func (b *builder) credentials() (credentials, bool) {
	c := credentials{in: "header", name: "Authorization"}
	if t := b.d.AuthToken; !t.Bare.Empty() {
		return credentials{in: t.Place.In, name: t.Place.Name, value: t.Prefix + t.Bare.Reveal(), source: t.Source, bare: t.Bare.Reveal()}, true
	}
	switch b.d.Integrator.Auth.Kind {
	case "basic":
		pair := secret.NewText(b.setting("username") + ":" + b.setting("password"))
		c.source, c.bare = "user name and password of "+b.integrator(), b.setting("password")
		c.value = "Basic " + token.Transform("base64", pair.Reveal())
		return c, pair.Reveal() != ":"
	case "bearer":
		c.source, c.bare = "bearer token of "+b.integrator(), b.setting("token")
		c.value = "Bearer " + c.bare
	case "api_key_header", "api_key_query":
		c.source, c.bare, c.name = "API key of "+b.integrator(), b.setting("value"), b.setting("name")
		c.value = c.bare
		if b.d.Integrator.Auth.Kind == "api_key_query" {
			c.in = "query"
		}
		return c, c.bare != "" && c.name != ""
	default:
		return c, false
	}
	return c, c.bare != ""
}

// kindOf is the integrator's auth kind, "" for none.
func kindOf(in integration.Integrator) string {
	if in.Auth.Kind == "none" {
		return ""
	}
	return in.Auth.Kind
}
