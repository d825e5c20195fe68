package openapi

import (
	"strings"

	"tieline/internal/catalogue"
	"tieline/internal/integration"
)

// scheme is a way to authenticate: a secret parameter that is sent, or an auth kind of integrators.
type scheme struct {
	parameter string // "" for none
	known     bool
}

// readSchemes reads what the document says about authentication.
func (r *reader) readSchemes() {
	r.schemes = map[string]scheme{}
	all, at := r.root.at("components", "securitySchemes"), "components.securitySchemes"
	if r.old {
		all, at = r.root.get("securityDefinitions"), "securityDefinitions"
	}
	for i, name := range all.names {
		place := at + "." + catalogue.Line(name, 80)
		s := r.follow(all.items[i], place)
		r.schemes[name] = r.scheme(s, place)
	}
}

func (r *reader) scheme(s *node, place string) scheme {
	kind := strings.ToLower(s.get("type").scalar())
	word := strings.ToLower(s.get("scheme").scalar())
	if kind == "basic" || kind == "bearer" || kind == "digest" {
		kind, word = "http", kind // 2.0 has basic; the others are met in broken documents
	}
	place = s.place(place)
	switch {
	case kind == "apikey":
		return r.apiKey(s, place)
	case kind == "http" && (word == "basic" || word == "bearer" || word == "digest"):
		r.into.AddAuth(catalogue.Auth{Kind: word, Place: place})
	case kind == "oauth2":
		r.oauth2(s, place)
	case kind == "openidconnect":
		r.into.Note(place, "OpenID Connect discovery ("+catalogue.Line(s.get("openIdConnectUrl").scalar(), 120)+") was not fetched; integrators give the addresses of OAuth 2.0 themselves.")
		r.into.AddAuth(catalogue.Auth{Kind: "oauth2_code", Place: place})
	case kind == "mutualtls":
		r.into.AddAuth(catalogue.Auth{Kind: "client_cert", Place: place})
	default:
		r.into.Note(place, "The security scheme of type \""+catalogue.Line(kind+" "+word, 60)+"\" is not known; choose the authentication in the integrator.")
		return scheme{}
	}
	return scheme{known: true}
}

// apiKey makes a key that is sent in a header or the query a secret parameter.
func (r *reader) apiKey(s *node, place string) scheme {
	name, in := strings.TrimSpace(s.get("name").scalar()), s.get("in").scalar()
	switch {
	case in != "header" && in != "query":
		r.into.Note(place, "A key in \""+catalogue.Line(in, 30)+"\" is not sent by endpoints; choose the authentication in the integrator.")
		return scheme{}
	case name == "":
		r.into.Note(place, "The key has no name; choose the authentication in the integrator.")
		return scheme{}
	}
	p := integration.Parameter{Name: name, Label: catalogue.Line(name, 120), In: in, Secret: true, Required: true, Help: catalogue.Line(s.get("description").scalar(), 300)}
	if p.Validate() != nil {
		r.into.AddAuth(catalogue.Auth{Kind: "api_key_" + in, Settings: map[string]string{"name": catalogue.Line(name, 200)}, Place: place})
		return scheme{known: true}
	}
	r.into.AddParameter(p)
	r.into.AddAuth(catalogue.Auth{Kind: "api_key_" + in, Settings: map[string]string{"name": name}, Parameter: name, Place: place})
	return scheme{parameter: name, known: true}
}

func (r *reader) oauth2(s *node, place string) {
	flows := map[string]*node{}
	for i, name := range s.get("flows").names {
		flows[name] = s.get("flows").items[i]
	}
	if flow := s.get("flow").scalar(); flow != "" {
		flows[flow] = s
	}
	found := false
	for _, try := range []struct{ flow, kind string }{
		{"authorizationCode", "oauth2_code"}, {"accessCode", "oauth2_code"}, {"clientCredentials", "oauth2_client"}, {"application", "oauth2_client"},
	} {
		flow, ok := flows[try.flow]
		if !ok {
			continue
		}
		found = true
		settings := map[string]string{}
		for setting, name := range map[string]string{"token_url": "tokenUrl", "authorize_url": "authorizationUrl", "refresh_url": "refreshUrl"} {
			if value := catalogue.Line(flow.get(name).scalar(), 500); value != "" {
				settings[setting] = value
			}
		}
		if scopes := flow.get("scopes"); len(scopes.names) > 0 && len(scopes.names) <= 40 {
			settings["scopes"] = catalogue.Line(strings.Join(scopes.names, " "), 2000)
		}
		r.into.AddAuth(catalogue.Auth{Kind: try.kind, Settings: settings, Place: place})
	}
	if !found {
		r.into.Note(place, "None of the OAuth 2.0 flows of this scheme is one that a server can do by itself (implicit, password or none).")
		r.into.AddAuth(catalogue.Auth{Kind: "bearer", Place: place})
	}
}

// security lists the key parameters that an operation asks for. Of several ways the first that is known is taken.
func (d *draft) security() {
	all := d.op.get("security")
	if all.kind == isNull {
		all = d.root.get("security")
	} else if all.kind == isList && len(all.items) == 0 {
		d.call.Auth = "none"
		return
	}
	strangers := false
	for _, way := range all.list() {
		if way.kind != isObject {
			strangers = true
			continue
		}
		params, known := []string(nil), true
		for _, name := range way.names {
			s, ok := d.schemes[name]
			strangers = strangers || !ok
			known = known && ok && s.known
			if s.parameter != "" {
				params = append(params, s.parameter)
			}
		}
		if known {
			d.call.Params = append(d.call.Params, params...)
			return
		}
	}
	if strangers {
		d.note(all, "The security asked for is not described in the document; choose the authentication in the integrator.")
	}
}
