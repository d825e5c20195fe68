package views

import (
	"strconv"

	"github.com/a-h/templ"

	"tieline/internal/account"
	"tieline/internal/integration"
	"tieline/views/ui"
)

// IntegrationForm is an integration's settings and parameters as they stand in the form. Endpoints are no
// part of it. Problems are keyed as in the document ("parameters.0.name").
type IntegrationForm struct {
	Was         string // the stored name; "" for a new integration
	Base        int64  // the revision that the form was filled from
	Integration integration.Integration
	Customers   []account.Customer
	Problems    map[string]string
	Warnings    map[string]string
	Focus       string // the field to go to after a button was pressed
	Presets     []PresetCard
}

// PresetCard is an integration that comes with the program, to begin from.
type PresetCard struct {
	Key, Label, Text string
	Endpoints        int
}

// New tells whether the integration was never saved.
func (f IntegrationForm) New() bool { return f.Was == "" }

func (f IntegrationForm) fields(p Page) ui.Form {
	return ui.Form{Problems: f.Problems, ReadOnly: !p.May(account.EditIntegrations)}
}

func (f IntegrationForm) focus(key string) templ.Attributes {
	if key == f.Focus {
		return templ.Attributes{"autofocus": true}
	}
	return nil
}

func (f IntegrationForm) cancel(p Page) string {
	if f.New() {
		return p.To.Integrations()
	}
	return p.To.Integration(f.Was, "")
}

func (f IntegrationForm) customerOptions() []ui.Option {
	return customerOptions(f.Customers, f.Integration.Customer)
}

// customerOptions offers customers by slug, and the one that is chosen in any case.
func customerOptions(customers []account.Customer, chosen string) []ui.Option {
	options := []ui.Option{{Value: "", Label: "Choose…"}}
	for _, c := range customers {
		options = append(options, ui.Option{Value: c.Slug, Label: c.Name})
	}
	return with(options, chosen)
}

func (f IntegrationForm) parameterTitle(i int, row integration.Parameter) string {
	if title := row.Title(); title != "" {
		return title
	}
	return "Parameter " + strconv.Itoa(i+1)
}

// moreOpen tells whether the folded part of a parameter holds something worth seeing.
func (f IntegrationForm) moreOpen(i int, row integration.Parameter) bool {
	for _, field := range []string{"transform", "default", "example", "prefix", "suffix", "pattern", "help"} {
		if f.Problems[rowKey("parameters", i, field)] != "" {
			return true
		}
	}
	return transform(row.Transform) != "" || row.Default != "" || row.Pattern != ""
}

// parameterPlace is "" for the header, which is the default.
func parameterPlace(in string) string {
	if in == "header" {
		return ""
	}
	return in
}

func transform(name string) string {
	if name == "none" {
		return ""
	}
	return name
}

// typeValue is the type in the form: a new integration starts as the first of the list.
func (f IntegrationForm) typeValue() string {
	if f.New() && f.Integration.Type == "" {
		return integrationTypes[0].Value
	}
	return f.Integration.Type
}
