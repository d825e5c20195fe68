package integration

import (
	"net/url"
	"strconv"
	"strings"

	"tieline/internal/fault"
)

// validateToken checks what a fetched token is got with, and by which signs it is renewed.
func (in Integrator) validateToken(f *fault.Fields, of Integration) {
	in.Auth.RefreshOn.validate(f)
	settings := in.Auth.Settings
	switch in.Auth.Kind {
	case "endpoint":
		in.validateAuthEndpoint(f, of)
	case "oauth2_client", "oauth2_code":
		for _, name := range []string{"token_url", "refresh_url"} {
			if problem := in.checkTokenURL(settings[name]); problem != "" {
				f.Add("auth."+name, problem)
			}
		}
		if address := settings["authorize_url"]; address != "" {
			if problem := checkAddress(address, in.AllowHTTP); problem != "" {
				f.Add("auth.authorize_url", problem)
			}
		}
		if line := oddParameter(settings["extra"]); line > 0 {
			f.Add("auth.extra", "Line "+strconv.Itoa(line)+" is not of the form name=value.")
		}
	}
}

func (in Integrator) validateAuthEndpoint(f *fault.Fields, of Integration) {
	name := in.Auth.Settings["endpoint"]
	if name == "" {
		return // that it is needed is said already
	}
	var known []string
	for _, e := range of.Endpoints {
		if e.Type == "Auth" {
			known = append(known, e.Name)
		}
	}
	switch e, ok := of.Endpoint(name); {
	case ok && e.Type == "Auth":
	case len(known) == 0:
		f.Add("auth.endpoint", "The integration has no endpoint of type Auth. Add one first.")
	case ok:
		f.Add("auth.endpoint", "This endpoint is not of type Auth. "+Choose(known))
	default:
		f.Add("auth.endpoint", "The integration has no endpoint of that name. "+Choose(known))
	}
}

// checkTokenURL judges an absolute address, or a path of the integrator's base.
func (in Integrator) checkTokenURL(address string) string {
	switch {
	case address == "":
		return ""
	case !strings.HasPrefix(address, "/"):
		return checkAddress(address, in.AllowHTTP)
	case strings.HasPrefix(address, "//"), len(address) > maxURL, hasControl(address), strings.ContainsAny(address, " \\#"), hasToken(address):
		return "A path starts with one / and has no blanks, no # and no tokens."
	case in.Host == "" && in.BaseURL == "":
		return "A path needs the integrator's host or base URL; write the whole address instead."
	}
	return ""
}

// checkAddress judges the address of a page or call at the vendor, which holds no tokens.
func checkAddress(address string, allowHTTP bool) string {
	u, err := url.Parse(address)
	switch {
	case err != nil, len(address) > maxURL, hasControl(address), strings.ContainsAny(address, " \\"), u.Scheme != "http" && u.Scheme != "https", u.Host == "":
		return "Must start with https://, then a host and a path."
	case hasToken(address):
		return "This address holds no tokens."
	case u.User != nil:
		return "User name and password do not belong into the address."
	case strings.Contains(address, "#"):
		return "Without the # and what follows it."
	case u.Scheme == "http" && !allowHTTP:
		return "Must start with https://, or allow plain http for this integrator."
	}
	return checkHost(strings.ToLower(u.Host))
}

// oddParameter is the first line that is not name=value, 0 where there is none.
func oddParameter(lines string) int {
	n := 0
	for line := range strings.Lines(lines) {
		n++
		if name, _, ok := strings.Cut(line, "="); strings.TrimSpace(line) != "" && (!ok || strings.TrimSpace(name) == "") {
			return n
		}
	}
	return 0
}

func (r RefreshOn) validate(f *fault.Fields) {
	if len(r.Statuses) > 20 {
		f.Add("auth.refresh_on.statuses", "At most 20 statuses.")
		return
	}
	for _, status := range r.Statuses {
		if status < 300 || status > 599 {
			f.Add("auth.refresh_on.statuses", "A status that refuses a token is a number from 300 to 599.")
			break
		}
	}
	line(f, "auth.refresh_on.body_contains", r.BodyContains, "The text", maxLabel)
}
