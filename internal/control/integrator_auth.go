package control

import (
	"context"
	"net/http"
	"strings"
	"time"

	"tieline/internal/account"
	"tieline/internal/integration"
	"tieline/internal/outbound"
	"tieline/internal/request"
	"tieline/internal/run"
)

// tidyAuth cleans the plain values of an authentication, and says what it changed. ConnectWise's hosts for people
// become those for programs.
func tidyAuth(in *IntegratorInput) []run.Problem {
	kind, _ := integration.AuthKindOf(in.Auth.Kind)
	for _, setting := range kind.Settings {
		if value, ok := in.Auth.Settings[setting.Name]; ok && setting.Lines {
			in.Auth.Settings[setting.Name] = tidyLines(value)
		}
	}
	if in.Auth.Kind != "connectwise" {
		return nil
	}
	var notices []run.Problem
	if api := integration.ConnectWiseHost(in.Host); api != in.Host {
		notices = append(notices, apiHost("host", in.Host, api))
		in.Host = api
	}
	if api := integration.ConnectWiseBaseURL(in.BaseURL); api != in.BaseURL {
		notices = append(notices, apiHost("base_url", in.BaseURL, api))
		in.BaseURL = api
	}
	return notices
}

func apiHost(field, typed, api string) run.Problem {
	return run.Problem{Field: field, Message: "Stored as " + api + ": " + typed + " is where people sign in, and calls go to the API host."}
}

// tidyLines is a text of several lines as it is kept: \n between them, nothing around them.
func tidyLines(text string) string {
	return strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
}

// authNotices is what is odd about an authentication and does not keep it from being saved.
func (p *Plane) authNotices(of integration.Integration, auth integration.Auth) []run.Problem {
	var notices []run.Problem
	for _, problem := range request.CheckAuth(of, auth) {
		if !request.Refuse(problem) {
			notices = append(notices, problem)
		}
	}
	if warning := auth.CertificateWarning(p.now()); warning != "" {
		notices = append(notices, run.Problem{Field: "auth.certificate", Message: warning})
	}
	return notices
}

// outlived tells whether a base URL that was looked up at ConnectWise belongs to a host or company that was changed
// with this very change, while it stayed as it was.
func outlived(before, next integration.Integrator) bool {
	if next.Auth.Kind != "connectwise" || before.Auth.Kind != "connectwise" || next.BaseURL != before.BaseURL || !before.HasCodebase() {
		return false
	}
	company := before.Auth.Settings["company_id"] != next.Auth.Settings["company_id"]
	return next.Host != "" && (company || before.Host != next.Host && strings.HasPrefix(before.BaseURL, "https://"+before.Host+"/"))
}

// lookUpTime is how long saving may wait for ConnectWise's look-up. A call does it again where it is missing.
const lookUpTime = 5 * time.Second

// fillBase looks up the release of a ConnectWise company where no base URL is given, and says what came of it.
func (p *Plane) fillBase(ctx context.Context, in *integration.Integrator) (run.Problem, bool) {
	if in.Auth.Kind != "connectwise" || in.BaseURL != "" || in.Host == "" || in.Auth.Settings["company_id"] == "" || p.out == nil {
		return run.Problem{}, false
	}
	allow, err := p.db.AllowEntries(ctx, account.System("company look-up").Scope, in.CustomerID)
	if err != nil {
		return run.Problem{}, false // the look-up is a courtesy; the first call does it again
	}
	policy := outbound.Policy{CustomerID: in.CustomerID, Allow: allow, AllowHTTP: in.AllowHTTP, Connect: lookUpTime, Total: lookUpTime}
	x, failure := p.out.Do(ctx, run.Request{Method: http.MethodGet, URL: in.CompanyInfoURL()}, policy)
	told := run.Problem{Field: "base_url"}
	base, known := "", true
	if failure == nil && x.Response.Status == http.StatusOK {
		base, known = in.CompanyBase(x.Response.Body)
	}
	switch {
	case !known:
		told.Field = "auth.company_id"
		told.Message = "ConnectWise at " + in.Host + " does not know this company. Check the company ID and the host."
	case base != "":
		in.BaseURL = base
		told.Message = "Looked up at ConnectWise: the base URL is " + base + "."
	case failure != nil:
		told.Message = "The release could not be looked up now (" + failure.Summary + "); the first call does it."
	default:
		told.Message = "The release could not be looked up: " + in.Host + " did not answer as ConnectWise does. Check the host, or give the base URL."
	}
	return told, true
}
