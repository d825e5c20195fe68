package integration

import (
	"slices"
	"strconv"
	"strings"

	"tieline/internal/fault"
)

// Warnings says what is allowed in an integration and yet odd, keyed as in the document. It is meant for values
// that Validate accepts. What tokens mean is for the request package.
func (in Integration) Warnings() []fault.Problem {
	var f fault.Fields
	for i, p := range in.Parameters {
		at := "parameters." + strconv.Itoa(i)
		if p.Transform == "md5" {
			f.Add(at+".transform", "MD5 is weak; use it only where an old gateway asks for it.")
		}
		if p.Secret && p.In == "query" {
			f.Add(at+".in", "A secret in the query string ends up in the other side's logs; prefer a header where it has one.")
		}
	}
	for i, e := range in.Endpoints {
		e.warnings(&f, in, "endpoints."+strconv.Itoa(i)+".")
	}
	return f.List()
}

func (e Endpoint) warnings(f *fault.Fields, of Integration, at string) {
	if len(e.Triggers) > 0 {
		f.Add(at+"triggers", "Triggers are kept and exported, and not run by this version.")
	}
	if e.Inbound() {
		f.Add(at+"direction", "Inbound endpoints are kept and exported, and not served by this version.")
		return
	}
	if strings.HasPrefix(e.URL, "http://") {
		f.Add(at+"url", "Plain http is refused for public addresses unless the integrator allows it.")
	}
	for _, name := range e.unfilled(of) {
		f.Add(at+"url", "No path row or parameter fills {"+name+"}; a run would stop with path_param.")
	}
	if of.Preset == "connectwise" {
		e.connectWiseWarnings(f, at)
	}
	method := e.EffectiveMethod()
	if (method == "GET" || method == "HEAD") && e.Body.Kind != "" && e.Body.Kind != "none" {
		f.Add(at+"body.kind", "Many servers ignore the body of a "+method+" request.")
	}
	if e.Body.Kind == "raw" && !e.hasHeader("Content-Type") {
		if shape := bodyShape(e.Body.Content); shape != "" {
			f.Add(at+"body.content", "This body looks like "+shape+", and no Content-Type header says so.")
		}
	}
	if e.Auth == "none" && len(e.Params) == 0 && e.Type == "Auth" && len(e.bodyTemplates()) == 0 && !hasToken(e.URL) {
		f.Add(at+"auth", "This request carries no credentials.")
	}
	if e.Repeat == "safe" && e.Type != "GetData" && (method == "POST" || method == "PATCH") && !e.hasHeader("Idempotency-Key") {
		f.Add(at+"repeat", "A "+method+" that is repeated may be done twice by the other side unless it recognises repeats.")
	}
}

// unfilled are the placeholders of the URL that no enabled path row, path parameter or hard row fills.
func (e Endpoint) unfilled(of Integration) []string {
	_, placeholders := maskTemplate(e.URL)
	return slices.DeleteFunc(placeholders, func(name string) bool {
		byRow := slices.ContainsFunc(e.Path, func(r Row) bool { return On(r.Enabled) && r.Name == name })
		byHard := slices.ContainsFunc(e.Hard, func(h HardRow) bool { return h.In == "path" && h.Name == name })
		p, ok := of.Parameter(name)
		return byRow || byHard || ok && p.In == "path" && slices.Contains(e.Params, name)
	})
}

func (e Endpoint) hasHeader(name string) bool {
	return slices.ContainsFunc(e.Headers, func(r Row) bool { return On(r.Enabled) && equalFold(r.Name, name) })
}

// bodyShape guesses what a raw body is meant to be.
func bodyShape(content string) string {
	content = strings.TrimSpace(content)
	switch {
	case strings.HasPrefix(content, "{") && !strings.HasPrefix(content, "{{") || strings.HasPrefix(content, "["):
		return "JSON"
	case strings.HasPrefix(content, "<"):
		return "XML"
	}
	return ""
}
