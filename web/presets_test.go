package web_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"tieline/internal/preset"
)

// Every preset is offered, fills the form, brings its endpoints, and tells whoever adds an integrator where to find
// the credentials.
func TestEveryPresetLeadsToAnIntegrationWithItsEndpoints(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.customer("acme")
	start := k.open("/integrations/new").must(http.StatusOK)
	for _, p := range preset.Library() {
		if !start.has(`a[href="/integrations/new?preset=` + p.Key + `"]`) {
			t.Errorf("%s is not offered", p.Key)
		}
		form := k.open("/integrations/new?preset=" + p.Key).must(http.StatusOK)
		if !strings.Contains(form.text, p.About.Summary) {
			t.Errorf("%s: the form does not say what it brings", p.Key)
		}
		form.form("#settings-form form").set("label", "Ours").press("save").must(http.StatusOK)
		endpoints := k.open("/integrations/" + p.Key + "?tab=endpoints").must(http.StatusOK)
		for _, e := range p.Integration.Endpoints {
			if !strings.Contains(endpoints.text, e.Name) {
				t.Errorf("%s: no endpoint %s", p.Key, e.Name)
			}
		}
		integrator := k.open("/integrations/" + p.Key + "/integrators/new").must(http.StatusOK)
		if got := integrator.texts(".preset-steps li"); !slices.Equal(got, p.About.Steps) {
			t.Errorf("%s: the form of an integrator says %q, want %q", p.Key, got, p.About.Steps)
		}
		if got := attr(integrator.one(`input[name="host"]`), "value"); got != p.About.Host {
			t.Errorf("%s: host %q, want %q", p.Key, got, p.About.Host)
		}
	}
}

func TestAnUnknownPresetIsNotFound(t *testing.T) {
	t.Parallel()
	newDesk(t).open("/integrations/new?preset=nope").must(http.StatusNotFound)
}
