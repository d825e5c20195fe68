package views

import (
	"slices"
	"strconv"

	"tieline/internal/account"
	"tieline/internal/integration"
	"tieline/internal/secret"
)

// IntegratorForm is a customer's use of an integration as it stands in the form. Secrets are never in it:
// Integrator.Secrets holds the sealed ones, of which only the hint and the time are shown. Problems are keyed
// as in the document, with field.<parameter> and auth.<setting>.
type IntegratorForm struct {
	Of         integration.Integration
	Integrator integration.Integrator
	Customer   string // slug, as chosen
	Customers  []account.Customer
	Typed      map[string]string // number fields as typed, by key
	Info       string
	Iframe     string
	Clear      []string // secrets to remove, by key
	Retype     []string // secrets that were typed and must be typed again
	Problems   map[string]string
	Notices    map[string]string
}

// New tells whether the integrator was never saved.
func (f IntegratorForm) New() bool { return f.Integrator.ID == "" }

// Stored gives the sealed secret under a key; the zero Sealed where none is set.
func (f IntegratorForm) Stored(key string) secret.Sealed { return f.Integrator.Secrets[key] }

// Clears tells whether the box that removes a secret is ticked.
func (f IntegratorForm) Clears(key string) bool { return slices.Contains(f.Clear, key) }

// MustRetype tells whether a secret was typed into a form that came back, and is gone.
func (f IntegratorForm) MustRetype(key string) bool { return slices.Contains(f.Retype, key) }

// Kind is the auth kind as chosen, with the values it asks for.
func (f IntegratorForm) Kind() integration.AuthKind {
	kind, _ := integration.AuthKindOf(f.Integrator.Auth.Kind)
	return kind
}

// Number gives a number field as typed, else as it stands, "" for zero.
func (f IntegratorForm) Number(key string, value int64) string {
	if typed, ok := f.Typed[key]; ok {
		return typed
	}
	if value == 0 {
		return ""
	}
	return strconv.FormatInt(value, 10)
}

// Statuses gives a list of status codes as typed, else as it stands.
func (f IntegratorForm) Statuses(key string, codes []int) string {
	if typed, ok := f.Typed[key]; ok {
		return typed
	}
	return StatusText(codes)
}

// CustomPolicy tells whether any limit differs from the default, so that the folded part is worth opening.
func (f IntegratorForm) CustomPolicy() bool {
	p := f.Integrator.Policy
	return p.TimeoutS != 0 || p.ConnectTimeoutS != 0 || p.MaxResponseBytes != 0 || p.FollowRedirects ||
		len(p.OKStatuses) > 0 || len(p.ExtraHosts) > 0 || len(f.Typed) > 0
}
