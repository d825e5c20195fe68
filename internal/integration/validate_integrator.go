package integration

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"tieline/internal/fault"
)

// Validate says everything that is wrong with an integrator of an integration. has tells whether a secret
// ("field.<parameter>", "auth.<setting>") is stored or given with this change; the form of a secret's value is
// for CheckSecret. Keys are those of the API, with "field.<parameter>" and "auth.<setting>" for the values.
func (in Integrator) Validate(of Integration, has func(secretName string) bool) error {
	var f fault.Fields
	if in.CustomerID == "" {
		f.Add("customer", "Choose the customer.")
	}
	line(&f, "label", in.Label, "The label", maxLabel)
	text(&f, "description", in.Description, "The description", maxDescription)
	line(&f, "callcenter_id", in.CallcenterID, "The call-centre id", maxLabel)
	in.validateHost(&f, of, has)
	in.validateAuth(&f, has)
	in.validateToken(&f, of)
	in.validateFields(&f, of, has)
	checkObject(&f, "info", in.Info, of.Info)
	checkObject(&f, "iframe", in.Iframe, of.Iframe)
	f.Under("policy", in.Policy.Validate())
	return f.Err()
}

func (in Integrator) validateHost(f *fault.Fields, of Integration, has func(string) bool) {
	if in.Host != "" {
		if problem := checkHost(in.Host); problem != "" {
			f.Add("host", problem)
		}
	} else if in.BaseURL == "" && of.needsHost(in, has) {
		f.Add("host", "The host is needed, for example app.example.com.")
	}
	if in.BaseURL == "" {
		return
	}
	if problem := checkBaseURL(in.BaseURL); problem != "" {
		f.Add("base_url", problem)
	} else if strings.HasPrefix(in.BaseURL, "http://") && !in.AllowHTTP && publicAddress(hostOf(in.BaseURL)) {
		f.Add("base_url", "Must start with https://, or allow plain http for this integrator.")
	}
}

// publicAddress tells whether a host is written as an address of the public internet. What a name stands for
// is judged where it is resolved, when it is saved and at every call.
func publicAddress(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	a, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && a.IsGlobalUnicast() && !a.IsPrivate()
}

// needsHost tells whether an integrator must name a host: a URL is built from it, or secrets are bound to it.
func (in Integration) needsHost(one Integrator, has func(string) bool) bool {
	for _, e := range in.Endpoints {
		if strings.HasPrefix(e.URL, "/") || strings.Contains(e.URL, "host") && hasToken(e.URL) {
			return true
		}
	}
	if len(one.Policy.ExtraHosts) > 0 {
		return false
	}
	return len(in.Endpoints) == 0 || slices.ContainsFunc(SecretNames(in, one.Auth.Kind), has)
}

// SecretNames are the names of the secrets that an integrator of an integration may hold.
func SecretNames(of Integration, authKind string) []string {
	var all []string
	for _, p := range of.Parameters {
		if p.Secret {
			all = append(all, "field."+p.Name)
		}
	}
	kind, _ := AuthKindOf(authKind)
	for _, s := range kind.Settings {
		if s.Secret {
			all = append(all, "auth."+s.Name)
		}
	}
	return all
}

func (in Integrator) validateAuth(f *fault.Fields, has func(string) bool) {
	kind, ok := AuthKindOf(in.Auth.Kind)
	if !ok {
		var kinds []string
		for _, k := range AuthKinds() {
			kinds = append(kinds, k.Kind)
		}
		f.Add("auth.kind", Choose(kinds))
		return
	}
	for _, name := range slices.Sorted(maps.Keys(in.Auth.Settings)) {
		at := slices.IndexFunc(kind.Settings, func(s AuthSetting) bool { return s.Name == name })
		switch {
		case at < 0:
			f.Add("auth."+printable(name), "The authentication “"+kind.Label+"” does not ask for this.")
		case kind.Settings[at].Secret:
			f.Add("auth."+name, "This is a secret and is kept sealed, not as plain text.")
		}
	}
	for _, s := range kind.Settings {
		value, secretName := in.Auth.Settings[s.Name], "auth."+s.Name
		switch {
		case s.Secret && s.Required && !has(secretName), !s.Secret && s.Required && strings.TrimSpace(value) == "":
			f.Add(secretName, s.Label+" is needed.")
		case !s.Secret && value != "":
			if problem := checkSetting(in.Auth, s, value); problem != "" {
				f.Add(secretName, problem)
			}
		}
	}
}

// CheckSecret says what is wrong with the value of a secret ("field.<parameter>" or "auth.<setting>") before it
// is sealed, or "". A name that the integration and the kind of authentication do not know is refused.
func CheckSecret(of Integration, auth Auth, name, value string) string {
	if !slices.Contains(SecretNames(of, auth.Kind), name) {
		return "There is no such secret here."
	}
	if parameter, ok := strings.CutPrefix(name, "field."); ok {
		p, _ := of.Parameter(parameter)
		return p.Check(value)
	}
	kind, _ := AuthKindOf(auth.Kind)
	return checkSetting(auth, kind.Setting(strings.TrimPrefix(name, "auth.")), value)
}

func (in Integrator) validateFields(f *fault.Fields, of Integration, has func(string) bool) {
	for _, name := range slices.Sorted(maps.Keys(in.Fields)) {
		p, ok := of.Parameter(name)
		switch {
		case !ok:
			f.Add("field."+printable(name), "The integration has no parameter of that name.")
		case p.Secret && in.Fields[name] != "":
			f.Add("field."+name, "This is a secret and is kept sealed, not as plain text.")
		default:
			if problem := p.Check(in.Fields[name]); problem != "" {
				f.Add("field."+name, problem)
			}
		}
	}
	for _, p := range of.Parameters {
		missing := in.Fields[p.Name] == "" && p.Default == ""
		if p.Secret {
			missing = !has("field." + p.Name)
		}
		if p.Required && missing {
			f.Add("field."+p.Name, p.Title()+" is needed.")
		}
	}
}

// checkObject checks the JSON of info or iframe: allowed by the integration's switch, and one object.
func checkObject(f *fault.Fields, field string, raw json.RawMessage, allowed bool) {
	text := bytes.TrimSpace(raw)
	switch {
	case len(text) == 0 || string(text) == "null":
		return
	case !allowed:
		f.Add(field, "The integration does not allow "+field+" JSON; its settings have a switch for it.")
		return
	case len(raw) > maxContent:
		f.Add(field, "This is longer than 256 KiB.")
		return
	case !utf8.Valid(raw):
		f.Add(field, "This is not UTF-8 text.")
		return
	}
	var value json.RawMessage
	if err := json.Unmarshal(raw, &value); err != nil {
		f.Add(field, jsonProblem(raw, err))
	} else if text[0] != '{' {
		f.Add(field, "Expected an object { … }.")
	}
}

// jsonProblem says where a JSON text goes wrong.
func jsonProblem(raw []byte, err error) string {
	offset, why := len(raw), "it ends too early"
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		if offset = int(e.Offset) - 1; e.Error() != "unexpected end of JSON input" {
			why = e.Error()
		} else {
			offset = len(raw)
		}
	}
	head := raw[:min(max(offset, 0), len(raw))]
	row := bytes.Count(head, []byte("\n")) + 1
	column := utf8.RuneCount(head[bytes.LastIndexByte(head, '\n')+1:]) + 1
	return "This is not valid JSON (line " + strconv.Itoa(row) + ", column " + strconv.Itoa(column) + "): " + why + "."
}
