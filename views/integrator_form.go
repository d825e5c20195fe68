package views

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"tieline/internal/account"
	"tieline/internal/integration"
	"tieline/internal/secret"
	"tieline/views/ui"
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
	Steps      []string // where the credentials are found, for an integration from a preset
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
	return !reflect.DeepEqual(f.Integrator.Policy, integration.Policy{}) || len(f.Typed) > 0
}

// IntegratorView is the page of one integrator. Name is the customer's, for the title; CertificateWarning is what
// there is to say about a client certificate that is not valid, or soon will not be; Token is nil where its stored
// authentication has none, Check where nothing was checked.
type IntegratorView struct {
	Form               IntegratorForm
	Name               string
	Conflict           *Conflict
	CertificateWarning string
	Token              *TokenView
	Check              *CheckView
	Breakers           []integration.Breaker
}

func (v IntegratorView) fields(p Page) ui.Form {
	return ui.Form{Problems: v.Form.Problems, ReadOnly: !p.May(account.EditIntegrators)}
}

func (v IntegratorView) title() string {
	if v.Form.New() {
		return "Add integrator"
	}
	return v.Form.Integrator.Title(v.Name)
}

func (v IntegratorView) crumbs(p Page) []ui.Crumb {
	return []ui.Crumb{
		{Label: "Integration", Href: p.To.Integrations()},
		{Label: v.Form.Of.Title(), Href: p.To.Integration(v.Form.Of.Name, "integrators")},
	}
}

func (v IntegratorView) action(p Page) string {
	if v.Form.New() {
		return p.To.NewIntegrator(v.Form.Of.Name)
	}
	return p.To.Integrator(v.Form.Of.Name, v.Form.Integrator.ID)
}

func (v IntegratorView) askDelete(p Page) ui.Ask {
	return ui.Ask{
		ID: "ask-delete-integrator", Label: "Delete", Icon: ui.IconTrash2(), Kind: ui.Plain,
		Title: "Delete " + v.title() + "?", Text: "Its host, fields and stored credentials are deleted. Its runs stay in Logs.",
		Href: p.To.IntegratorDo(v.Form.Of.Name, v.Form.Integrator.ID, "delete"), Button: "Delete it",
	}
}

// onChange are the attributes of the kind of authentication: another kind asks for other values.
func (v IntegratorView) onChange(p Page) templ.Attributes {
	return templ.Attributes{
		"hx-post": v.action(p), "hx-trigger": "change", "hx-vals": `{"op":"change"}`,
		"hx-target": "#integrator-form", "hx-swap": "outerMorph",
	}
}

// withStored adds to a secret's field what may be shown of the stored value.
func (v IntegratorView) withStored(in ui.SecretInput) ui.SecretInput {
	stored := v.Form.Stored(in.Name)
	in.Set, in.Hint, in.At, in.Clear = stored.Set(), stored.Ends(), stored.At, "clear"
	if in.Lines > 0 && strings.HasSuffix(in.Hint, "----") {
		in.Hint = "" // the last line of PEM says nothing
	}
	in.Cleared = v.Form.Clears(in.Name)
	if v.Form.MustRetype(in.Name) {
		in.Help = strings.TrimSpace("Type it again. " + in.Help)
	}
	return in
}

func (v IntegratorView) extraHosts() string {
	return strings.Join(v.Form.Integrator.Policy.ExtraHosts, "\n")
}

// problemIn tells whether a field whose key starts so has a problem.
func (v IntegratorView) problemIn(prefix string) bool {
	for key := range v.Form.Problems {
		if strings.HasPrefix(key, prefix) {
			return true
		}
	}
	return false
}

// shown is a plain value of the authentication as its field shows it. A private key that was put into the wrong
// field is not shown again.
func (v IntegratorView) shown(s integration.AuthSetting) string {
	value := v.Form.Integrator.Auth.Settings[s.Name]
	if strings.Contains(value, "PRIVATE KEY-----") {
		return ""
	}
	return value
}

// certificateDay is a moment of a certificate; its year matters more than the zone of whoever reads it.
func certificateDay(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04 UTC") }

// settingOptions offers the words of a closed list, and the one that was sent in any case.
func settingOptions(s integration.AuthSetting, chosen string) []ui.Option {
	options := make([]ui.Option, len(s.Options))
	for i, o := range s.Options {
		options[i] = ui.Option{Value: o, Label: s.OptionLabel(o)}
	}
	return with(options, chosen)
}

func authKinds(chosen string) []ui.Option {
	var options []ui.Option
	for _, k := range integration.AuthKinds() {
		options = append(options, ui.Option{Value: k.Kind, Label: k.Label})
	}
	return with(options, orDefault(chosen, "none"))
}

// fieldHelp explains a parameter's field: its own help, and an example where it has one.
func fieldHelp(p integration.Parameter) string {
	help := p.Help
	if p.Example != "" {
		help = strings.TrimSpace(help + " For example " + p.Example + ".")
	}
	return help
}
