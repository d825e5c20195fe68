package catalogue

import (
	"slices"
	"strings"

	"tieline/internal/integration"
)

// Named gives the operations with names that neither the integration nor another of them has, by numbers at their
// ends.
func Named(in integration.Integration, picked []Operation) []Operation {
	picked = slices.Clone(picked)
	names := Taken{}
	for _, e := range in.Endpoints {
		names[e.Name] = true
	}
	for i := range picked {
		picked[i].Endpoint.Name = names.Free(picked[i].Endpoint.Name)
	}
	return picked
}

// Into adds operations to an integration as endpoints, with the parameters that they use. A parameter that the
// integration has by name is taken for the same.
func (c *Catalogue) Into(in integration.Integration, picked []Operation) integration.Integration {
	in.Endpoints = slices.Clone(in.Endpoints)
	in.Parameters = slices.Clone(in.Parameters)
	for _, o := range picked {
		in.Endpoints = append(in.Endpoints, o.Endpoint)
		for _, name := range used(o.Endpoint) {
			c.give(&in, name)
		}
	}
	return in
}

// used are the parameters of the integration that an endpoint names.
func used(e integration.Endpoint) []string {
	names := slices.Clone(e.Params)
	for _, rows := range [][]integration.Row{e.Query, e.Headers, e.Path} {
		for _, r := range rows {
			if r.Source == "field" {
				names = append(names, r.Value)
			}
			names = append(names, fields(r.Value)...)
		}
	}
	for _, r := range e.Body.Rows {
		names = append(names, fields(r.Value)...)
	}
	return append(append(names, fields(e.URL)...), fields(e.Body.Content)...)
}

// fields are the {{field.names}} of a template.
func fields(template string) []string {
	var names []string
	for part := range strings.SplitSeq(template, "{{field.") {
		if name, _, ok := strings.Cut(part, "}}"); ok {
			names = append(names, name)
		}
	}
	return names
}

func (c *Catalogue) give(in *integration.Integration, name string) {
	if _, ok := in.Parameter(name); ok {
		return
	}
	for _, p := range c.Parameters {
		if p.Name == name {
			in.Parameters = append(in.Parameters, p)
			return
		}
	}
}

// Fresh is a new integration for what is picked from the catalogue: its name, its label, and what integrators need
// to know.
func (c *Catalogue) Fresh() integration.Integration {
	return integration.Integration{Name: Slug(c.Title), Label: Line(c.Title, 120), Type: "other", Description: c.Advice()}
}

// Advice tells whoever adds an integrator which host to give and how to authenticate, as the text says it.
func (c *Catalogue) Advice() string {
	var lines []string
	if len(c.Servers) > 0 {
		lines = append(lines, "Server: "+strings.Join(c.Servers[:min(len(c.Servers), 5)], ", "))
	}
	for _, a := range c.Auth {
		lines = append(lines, "Authentication: "+a.Words())
	}
	return strings.Join(lines, "\n")
}

// Words are a way to authenticate in a sentence.
func (a Auth) Words() string {
	kind, _ := integration.AuthKindOf(a.Kind)
	words := []string{kind.Label}
	if a.Parameter != "" {
		words[0] += " (the parameter " + a.Parameter + ")"
	} else if a.Settings["name"] != "" {
		words[0] += " (" + a.Settings["name"] + ")"
	}
	for _, s := range kind.Settings {
		if value := a.Settings[s.Name]; value != "" && s.Name != "name" {
			words = append(words, s.Label+": "+value)
		}
	}
	return strings.Join(words, "; ")
}
