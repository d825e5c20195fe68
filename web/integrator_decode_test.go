package web

import (
	"net/url"
	"strings"
	"testing"

	"tieline/internal/integration"
	"tieline/internal/secret"
)

func TestIntegratorFormKeepsSecretsApart(t *testing.T) {
	t.Parallel()
	of := integration.Integration{Name: "crm", Parameters: []integration.Parameter{
		{Name: "ApiKey", Secret: true}, {Name: "Region"},
	}}
	stored := integration.Integrator{ID: "i1", Secrets: map[string]secret.Sealed{"field.ApiKey": {Data: []byte("x")}}}
	form := url.Values{
		"customer": {"acme"}, "host": {"https://app.example.test/"}, "version": {"3"}, "enabled": {"on"},
		"field.ApiKey": {"canary-8472-canary"}, "field.Region": {" eu "},
		"auth.kind": {"basic"}, "auth.username": {"acme"}, "auth.password": {"canary-9999"},
		"policy.extra_hosts": {"files.example.test\r\n\r\n b.test "}, "clear": {"field.ApiKey"},
	}
	got := decodeIntegrator(form, of, stored)
	in := got.Form.Integrator
	if in.Fields["Region"] != "eu" || in.Auth.Settings["username"] != "acme" || in.Version != 3 || in.Host != "https://app.example.test/" {
		t.Errorf("integrator = %+v", in)
	}
	if _, plain := in.Fields["ApiKey"]; plain || in.Auth.Settings["password"] != "" {
		t.Error("a secret is among the plain values")
	}
	if got.Secrets["field.ApiKey"].Reveal() != "canary-8472-canary" || got.Secrets["auth.password"].Reveal() != "canary-9999" {
		t.Error("the typed secrets were not taken")
	}
	if len(in.Policy.ExtraHosts) != 2 || in.Policy.ExtraHosts[1] != "b.test" {
		t.Errorf("hosts = %q", in.Policy.ExtraHosts)
	}
	if !got.Form.Clears("field.ApiKey") || !got.Form.MustRetype("auth.password") || !got.Form.Stored("field.ApiKey").Set() {
		t.Errorf("form = %+v", got.Form)
	}
}

func TestAnEmptySecretFieldIsNotASecret(t *testing.T) {
	t.Parallel()
	of := integration.Integration{Parameters: []integration.Parameter{{Name: "ApiKey", Secret: true}}}
	got := decodeIntegrator(url.Values{"field.ApiKey": {""}, "auth.kind": {"no such"}}, of, integration.Integrator{})
	if len(got.Secrets) != 0 || len(got.Form.Retype) != 0 || got.Form.Integrator.Auth.Kind != "no such" {
		t.Errorf("secrets = %v, form = %+v", got.Secrets, got.Form)
	}
}

func TestParameterRowsComeWithTheForm(t *testing.T) {
	t.Parallel()
	form := url.Values{
		"name": {"hubspot"}, "visibility": {"shared"}, "customer": {"acme"}, "enabled": {"on"},
		"parameters.0.name": {"ApiKey"}, "parameters.0.required": {"on"}, "parameters.0.secret": {"on"},
		"parameters.1.name": {"Region"}, "parameters.1.pattern": {"[a-z]+"},
	}
	f := decodeIntegration(form, integration.Integration{})
	p := f.Integration.Parameters
	if len(p) != 2 || !p[0].Secret || !p[0].Required || p[1].Pattern != "[a-z]+" || f.Integration.Customer != "" {
		t.Fatalf("integration = %+v", f.Integration)
	}
	if !applyIntegrationOp(&f, "up-parameter:1") || f.Integration.Parameters[0].Name != "Region" {
		t.Error("the parameter did not move")
	}
	if applyIntegrationOp(&f, "up-header:1") || applyIntegrationOp(&f, strings.Repeat("x", 10)) {
		t.Error("a foreign button was taken")
	}
}
