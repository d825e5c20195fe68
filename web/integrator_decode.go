package web

import (
	"net/url"
	"strings"

	"tieline/internal/integration"
	"tieline/internal/secret"
	"tieline/views"
)

// integratorValues is what the integrator form says: the form to show again, and beside it the secrets that
// were typed, which are never shown again.
type integratorValues struct {
	Form    views.IntegratorForm
	Secrets map[string]secret.Text
}

// decodeIntegrator reads the form of an integrator of an integration. stored is the integrator as it is, for
// what the form does not show; the zero value for a new one.
func decodeIntegrator(form url.Values, of integration.Integration, stored integration.Integrator) integratorValues {
	v := newFields(form)
	in := stored
	in.Version = v.number("version")
	in.Label = v.text("label")
	in.Description = strings.TrimSpace(v.block("description"))
	in.CallcenterID = v.text("callcenter_id")
	in.Host = v.text("host")
	in.BaseURL = v.text("base_url")
	in.AllowHTTP = v.is("allow_http")
	in.Policy = v.policy()
	in.Policy.ExtraHosts = v.list("policy.extra_hosts")
	in.Info, in.Iframe = v.raw("info"), v.raw("iframe")
	in.Enabled = v.is("enabled")
	in.Fields, in.Auth = map[string]string{}, integration.Auth{Kind: v.text("auth.kind"), RefreshOn: stored.Auth.RefreshOn}
	if in.Auth.HasToken() && form.Has("auth.refresh_on.statuses") {
		in.Auth.RefreshOn = integration.RefreshOn{Statuses: v.statuses("auth.refresh_on.statuses"), BodyContains: v.text("auth.refresh_on.body_contains")}
	}

	out := integratorValues{Secrets: map[string]secret.Text{}}
	out.take(v, of, &in)
	out.Form = views.IntegratorForm{
		Of: of, Integrator: in, Customer: v.text("customer"), Typed: v.typed,
		Info: v.block("info"), Iframe: v.block("iframe"), Clear: chosen(form["clear"]),
	}
	for key := range out.Secrets {
		out.Form.Retype = append(out.Form.Retype, key)
	}
	out.Form.Problems = v.problems()
	return out
}

// take reads the values of the parameters and of the auth kind, the secret ones apart from the plain ones.
func (o *integratorValues) take(v *fields, of integration.Integration, in *integration.Integrator) {
	for _, p := range of.Parameters {
		o.value(v, "field."+p.Name, p.Secret, in.Fields, p.Name)
	}
	kind, ok := integration.AuthKindOf(in.Auth.Kind)
	if !ok {
		return
	}
	in.Auth.Settings = map[string]string{}
	for _, s := range kind.Settings {
		o.value(v, "auth."+s.Name, s.Secret, in.Auth.Settings, s.Name)
	}
}

func (o *integratorValues) value(v *fields, key string, hidden bool, plain map[string]string, name string) {
	value := v.form.Get(key)
	switch {
	case value == "":
	case hidden:
		o.Secrets[key] = secret.NewText(value)
	default:
		plain[name] = strings.TrimSpace(value)
	}
}
