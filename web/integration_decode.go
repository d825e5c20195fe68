package web

import (
	"net/url"
	"strings"

	"tieline/internal/integration"
	"tieline/views"
)

// decodeIntegration reads the form of an integration's settings and parameters. What the form cannot say
// differently from its default stays as it is stored.
func decodeIntegration(form url.Values, stored integration.Integration) views.IntegrationForm {
	v := newFields(form)
	f := views.IntegrationForm{Was: v.text("was"), Base: v.number("base")}
	f.Integration = integration.Integration{
		Name:        v.text("name"),
		Label:       v.text("label"),
		Type:        v.text("type"),
		Description: strings.TrimSpace(v.block("description")),
		Info:        v.is("info"),
		Iframe:      v.is("iframe"),
		Visibility:  keep(v.text("visibility"), stored.Visibility, "shared"),
		Preset:      v.text("preset"),
		Enabled:     integration.Switch(v.is("enabled")),
		Parameters:  v.parameters(),
	}
	if f.Integration.Visibility == "private" {
		f.Integration.Customer = v.text("customer")
	}
	f.Problems = v.problems()
	return f
}

func (v *fields) parameters() []integration.Parameter {
	var rows []integration.Parameter
	for i := range v.rows("parameters") {
		key := func(field string) string { return at("parameters", i, field) }
		rows = append(rows, integration.Parameter{
			Name:      v.text(key("name")),
			Label:     v.text(key("label")),
			In:        v.text(key("in")),
			Transform: v.text(key("transform")),
			Required:  v.is(key("required")),
			Secret:    v.is(key("secret")),
			Default:   v.form.Get(key("default")),
			Example:   v.form.Get(key("example")),
			Help:      v.text(key("help")),
			Prefix:    v.form.Get(key("prefix")),
			Suffix:    v.form.Get(key("suffix")),
			Pattern:   v.text(key("pattern")),
		})
	}
	return rows
}

// applyIntegrationOp does what a button inside the form asks for without saving; it is false for others.
func applyIntegrationOp(f *views.IntegrationForm, op string) bool {
	if op == "change" {
		return true
	}
	row, ok := parseRowOp(op)
	if !ok || row.List != "parameter" {
		return false
	}
	f.Focus = at("parameters", row.focus(len(f.Integration.Parameters)), "name")
	f.Integration.Parameters = applyRows(f.Integration.Parameters, row, integration.Parameter{})
	return true
}
