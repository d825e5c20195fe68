package integration

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"tieline/internal/fault"
)

// EndpointTypes are the types of endpoints.
func EndpointTypes() []string {
	return []string{"GetData", "PostData", "SendSMS", "Document", "Login", "Auth", "Inbound"}
}

// Directions are which way a request goes.
func Directions() []string { return []string{"outbound", "inbound"} }

// Methods are the HTTP methods of an endpoint.
func Methods() []string { return []string{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"} }

// Contracts are what an answer must be.
func Contracts() []string {
	return []string{"none", "result", "token", "records", "document", "identity"}
}

// Repeats are the repeat classes.
func Repeats() []string { return []string{"safe", "check_first", "never"} }

// loginToken finds the one token that a Login endpoint cannot do without.
var loginToken = regexp.MustCompile(`\{\{\s*(event\.)?authToken\s*(\||\}\})`)

// Validate says everything that is wrong with an endpoint of an integration.
func (e Endpoint) Validate(of Integration) error {
	var f fault.Fields
	if !nameForm.MatchString(e.Name) {
		f.Add("name", nameRule)
	} else if e.Name == "new" {
		f.Add("name", ownWord)
	}
	line(&f, "label", e.Label, "The label", maxLabel)
	text(&f, "description", e.Description, "The description", maxDescription)
	oneOf(&f, "type", e.Type, EndpointTypes())
	oneOf(&f, "direction", e.Direction, Directions())
	oneOf(&f, "method", e.Method, Methods())
	oneOf(&f, "auth", e.Auth, []string{"inherit", "none"})
	if e.Type == "Inbound" && e.Direction == "outbound" {
		f.Add("direction", "An endpoint of type Inbound has the direction inbound.")
	}
	e.validateURL(&f)
	e.validateRows(&f, of)
	e.validateParams(&f, of)
	e.validateBody(&f)
	e.validateMapping(&f, of)
	e.validateData(&f)
	e.validateAnswer(&f)
	e.validateRepeat(&f, of)
	e.validatePagination(&f)
	if e.Policy != nil {
		f.Under("policy", e.Policy.Validate())
		if len(e.Policy.ExtraHosts) > 0 {
			f.Add("policy.extra_hosts", "More hosts are named by the integrator, not by an endpoint.")
		}
	}
	e.validateTriggers(&f)
	return f.Err()
}

// Inbound tells whether the endpoint receives requests instead of sending them.
func (e Endpoint) Inbound() bool { return e.Direction == "inbound" || e.Type == "Inbound" }

// templates are the endpoint's enabled templates other than the body's, each with its field.
func (e Endpoint) templates() map[string]string {
	all := map[string]string{"url": e.URL}
	for name, rows := range map[string][]Row{"query": e.Query, "headers": e.Headers, "path": e.Path} {
		for i, r := range rows {
			if On(r.Enabled) {
				all[name+"."+strconv.Itoa(i)+".value"] = r.Template()
			}
		}
	}
	for i, h := range e.Hard {
		all["hard."+strconv.Itoa(i)+".value"] = h.Value
	}
	return all
}

// Template is the row's value as a template: with a source it is the token of that name.
func (r Row) Template() string {
	switch r.Source {
	case "":
		return r.Value
	case "event":
		return "{{" + r.Value + "}}"
	}
	return "{{" + r.Source + "." + r.Value + "}}"
}

// bodyTemplates are the templates that the body really sends.
func (e Endpoint) bodyTemplates() []string {
	switch e.Body.Kind {
	case "raw", "json", "xml":
		return []string{e.Body.Content}
	case "form", "multipart":
		var all []string
		for _, r := range e.Body.Rows {
			if On(r.Enabled) {
				all = append(all, r.Value)
			}
		}
		return all
	}
	return nil
}

// validateData checks that what must be sent is sent: the login token of a Login endpoint, and some data in
// a PostData endpoint.
func (e Endpoint) validateData(f *fault.Fields) {
	if e.Inbound() {
		return
	}
	head := e.templates()
	if e.Type == "Login" {
		found := slices.ContainsFunc(e.bodyTemplates(), loginToken.MatchString)
		for _, t := range head {
			found = found || loginToken.MatchString(t)
		}
		if !found {
			f.Add("url", "The one-time token must be sent to be checked: put {{authToken}} into the URL, a header or the body.")
		}
	}
	if e.Type == "PostData" && slices.Contains([]string{"POST", "PUT", "PATCH"}, e.EffectiveMethod()) && !e.carriesData(head) {
		f.Add("body", "This request would carry no data: choose a mapping or write a body.")
	}
}

// carriesData tells whether a mapping, body, row, parameter or URL token puts data into the request.
func (e Endpoint) carriesData(head map[string]string) bool {
	if e.Mapping != "" || len(e.Params) > 0 || slices.ContainsFunc(e.Query, func(r Row) bool { return On(r.Enabled) }) {
		return true
	}
	if slices.ContainsFunc(e.bodyTemplates(), func(t string) bool { return strings.TrimSpace(t) != "" }) {
		return true
	}
	for _, h := range e.Hard {
		if h.In == "query" || h.In == "body" {
			return true
		}
	}
	for _, t := range head {
		if hasToken(t) {
			return true
		}
	}
	return false
}

func (e Endpoint) validateRepeat(f *fault.Fields, of Integration) {
	oneOf(f, "repeat", e.Repeat, Repeats())
	switch {
	case e.Repeat != "check_first" && e.Lookup != "":
		f.Add("lookup", "A look-up is only asked with the repeat class check_first.")
	case e.Repeat != "check_first":
	case e.Lookup == "":
		f.Add("lookup", "Choose the endpoint that tells whether the record is there already.")
	case e.Lookup == e.Name:
		f.Add("lookup", "An endpoint cannot be its own look-up.")
	default:
		found, ok := of.Endpoint(e.Lookup)
		if !ok {
			f.Add("lookup", "This integration has no endpoint of that name.")
		} else if repeat := found.EffectiveRepeat(); repeat != "safe" && slices.Contains(Repeats(), repeat) && slices.Contains(Methods(), found.EffectiveMethod()) {
			f.Add("lookup", "A look-up must be safe to repeat; this endpoint is not.")
		}
	}
}
