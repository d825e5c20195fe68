package imports

import (
	"encoding/json"

	"tieline/internal/catalogue"
)

// auth is how a collection, folder or request authenticates. Its settings are a list of keys and values in version
// 2.1, an object in 2.0.
type auth struct {
	Type     string
	settings map[string]string
}

// UnmarshalJSON reads either form.
func (a *auth) UnmarshalJSON(data []byte) error {
	var parts map[string]json.RawMessage
	if err := json.Unmarshal(data, &parts); err != nil {
		return err
	}
	if json.Unmarshal(parts["type"], &a.Type) != nil {
		a.Type = ""
	}
	a.settings = map[string]string{}
	var list []postmanField
	var object map[string]any
	if json.Unmarshal(parts[a.Type], &list) == nil {
		for _, f := range list {
			a.settings[f.Key], _ = f.Value.(string)
		}
	} else if json.Unmarshal(parts[a.Type], &object) == nil {
		for key, value := range object {
			a.settings[key], _ = value.(string)
		}
	}
	return nil
}

// auth makes the authentication of a request a proposal; credentials are left out.
func (r *postmanReader) auth(s *sample, a *auth) {
	if a == nil {
		return
	}
	propose := func(kind string, settings map[string]string) {
		s.auth = &catalogue.Auth{Kind: kind, Settings: settings, Place: s.place}
		r.into.Note("", "Credentials of the collection ("+a.Type+") were left out; give them in the integrator.")
	}
	switch a.Type {
	case "", "noauth":
	case "basic", "bearer", "digest":
		propose(a.Type, nil)
	case "apikey":
		kind := "api_key_header"
		if a.settings["in"] == "query" {
			kind = "api_key_query"
		}
		propose(kind, map[string]string{"name": catalogue.Line(a.settings["key"], 200)})
	case "oauth2":
		kind, settings := "oauth2_code", map[string]string{}
		if a.settings["grant_type"] == "client_credentials" {
			kind = "oauth2_client"
		}
		for name, from := range map[string]string{"token_url": "accessTokenUrl", "authorize_url": "authUrl", "scopes": "scope", "refresh_url": "refreshTokenUrl"} {
			if value := a.settings[from]; value != "" {
				settings[name] = catalogue.Line(value, 500)
			}
		}
		propose(kind, settings)
	case "jwt":
		propose("jwt", map[string]string{"algorithm": catalogue.Line(a.settings["algorithm"], 20)})
	default:
		r.into.Note(s.place, "The authentication \""+catalogue.Line(a.Type, 30)+"\" is not one that integrators have.")
	}
}
