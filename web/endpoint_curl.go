package web

import (
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"tieline/internal/catalogue"
	"tieline/internal/fault"
	foreign "tieline/internal/imports"
	"tieline/internal/integration"
	"tieline/views"
	"tieline/views/ui"
)

// fillFromCURL fills the form from a cURL command that was pasted into the URL. Credentials are left out; a toast
// says so, and what was not understood.
func fillFromCURL(c echo.Context, f *views.EndpointForm, of integration.Integration) (problem string) {
	read, err := foreign.Read(catalogue.CURL, []byte(f.Endpoint.URL))
	if err != nil {
		return fault.MessageOf(err)
	}
	e := read.Operations[0].Endpoint
	e.Params, e.Headers = knownParams(e, of)
	f.Endpoint.Method, f.Endpoint.URL, f.Endpoint.Body = e.Method, e.URL, e.Body
	f.Endpoint.Headers, f.Endpoint.Query, f.Endpoint.Path = e.Headers, e.Query, e.Path
	for _, name := range e.Params {
		if !slices.Contains(f.Endpoint.Params, name) {
			f.Endpoint.Params = append(f.Endpoint.Params, name)
		}
	}
	if f.Endpoint.Name == "" {
		f.Endpoint.Name, f.Endpoint.Type = e.Name, e.Type
	}
	toast(c, ui.Good, "The form was filled from the command. Nothing is saved yet.")
	for i, n := range read.Notes {
		if i == 6 {
			toast(c, ui.Warn, "There is more that was not understood; look at every row.")
			break
		}
		toast(c, ui.Warn, n.Message)
	}
	if len(read.Servers) > 0 {
		toast(c, ui.Info, "The host, "+strings.TrimPrefix(read.Servers[0], "https://")+", is each integrator’s to give.")
	}
	return ""
}

// knownParams are the parameters that the integration has already; what would be another one becomes a row that names
// it, and the form then warns until the integration has it.
func knownParams(e integration.Endpoint, of integration.Integration) ([]string, []integration.Row) {
	var known []string
	headers := e.Headers
	for _, name := range e.Params {
		if _, ok := of.Parameter(name); ok {
			known = append(known, name)
			continue
		}
		headers = append(headers, integration.Row{Name: name, Value: "{{field." + name + "}}"})
	}
	for i, r := range e.Query {
		if _, ok := of.Parameter(r.Value); r.Source == "field" && !ok {
			e.Query[i] = integration.Row{Name: r.Name, Value: "{{field." + r.Value + "}}"}
		}
	}
	return known, headers
}

// noticeCURL has the whole form drawn anew when the URL turned out to be a cURL command, so that it is offered.
func noticeCURL(c echo.Context, f *views.EndpointForm) {
	if f.CURL = foreign.IsCURL(f.Endpoint.URL); f.CURL && region(c) == "path-rows" {
		c.Request().Header.Set(hxTarget, "div#editor")
		c.Response().Header().Set(hxRetarget, "#editor")
		c.Response().Header().Set(hxReswap, "outerHTML")
	}
}
