package integration

import (
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
)

// connectWiseUI is a cloud host that people sign in at; calls go to the one with api- before it.
var connectWiseUI = regexp.MustCompile(`^[a-z0-9][a-z0-9-]*\.(myconnectwise\.net|connectwisedev\.com)$`)

// ConnectWiseHost gives the API host of a ConnectWise cloud host (na.myconnectwise.net is api-na.myconnectwise.net).
// Every other host stays as it is.
func ConnectWiseHost(host string) string {
	if !connectWiseUI.MatchString(host) || strings.HasPrefix(host, "api-") || strings.HasPrefix(host, "www.") {
		return host
	}
	return "api-" + host
}

// ConnectWiseBaseURL is ConnectWiseHost for the host of a URL.
func ConnectWiseBaseURL(base string) string {
	host := hostOf(base)
	if api := ConnectWiseHost(strings.ToLower(host)); api != strings.ToLower(host) {
		return strings.Replace(base, host, api, 1)
	}
	return base
}

// codebase is the part of a ConnectWise base URL that names the release and changes with it.
var (
	codebase     = regexp.MustCompile(`^v[0-9][0-9A-Za-z_.-]*$`)
	codebaseBase = regexp.MustCompile(`^https?://[^/]+/v[0-9][0-9A-Za-z_.-]*/apis/3\.0/?$`)
)

// HasCodebase tells whether the base URL names a ConnectWise release, so that it can grow old.
func (in Integrator) HasCodebase() bool { return codebaseBase.MatchString(in.BaseURL) }

// site is scheme and host of the integrator's base.
func (in Integrator) site() string {
	base := in.Base()
	scheme, rest, _ := strings.Cut(base, "://")
	host, _, _ := strings.Cut(rest, "/")
	return scheme + "://" + host
}

// CompanyInfoURL is where ConnectWise tells a company's codebase, to anybody.
func (in Integrator) CompanyInfoURL() string {
	return in.site() + "/login/companyinfo/" + url.PathEscape(in.Auth.Settings["company_id"])
}

// CompanyBase reads the answer of CompanyInfoURL: the base URL that calls should have, "" where the answer is none
// that can be read. A company that ConnectWise does not know is answered with null.
func (in Integrator) CompanyBase(answer []byte) (base string, known bool) {
	var info *struct{ Codebase string }
	if err := json.Unmarshal(answer, &info); err != nil {
		return "", true
	}
	if info == nil {
		return "", false
	}
	release := strings.Trim(info.Codebase, "/")
	if !codebase.MatchString(release) {
		return "", true
	}
	return in.site() + "/" + release + "/apis/3.0", true
}
