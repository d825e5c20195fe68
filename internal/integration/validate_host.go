package integration

import (
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

var hostName = regexp.MustCompile(`^([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*$`)

// CleanHost makes a bare host of what somebody pasted: "https://App.Example.com/" is "app.example.com". The
// notice says what was taken off, "" where nothing was. What is left may still be no host; Validate judges it.
func CleanHost(pasted string) (host, notice string) {
	host = strings.ToLower(strings.TrimSpace(pasted))
	typed := host
	scheme, rest, hasScheme := strings.Cut(host, "://")
	switch {
	case hasScheme:
		host = rest
	case strings.HasPrefix(host, "//"):
		host = host[2:]
	}
	path := ""
	if i := strings.IndexAny(host, "/?#"); i >= 0 {
		host, path = host[:i], host[i:]
	}
	host = strings.TrimSuffix(host, ".")
	if host == "" || host == typed {
		return host, ""
	}
	notice = "Stored as " + host + ": just the host, without a scheme or a path."
	if strings.Trim(path, "/") != "" {
		notice += " The path " + printable(path) + " was taken off; it belongs into the base URL or the endpoints."
	}
	if hasScheme && scheme == "http" {
		notice += " Calls use https unless plain http is allowed below."
	}
	return host, notice
}

// checkHost says what is wrong with a bare host, which may carry a port, or "".
func checkHost(host string) string {
	const bare = "Just the host, without https:// or a path."
	name, port := host, ""
	switch i := strings.LastIndexByte(host, ':'); {
	case len(host) > 260:
		return "The host is too long."
	case strings.ContainsAny(host, "/?#\\ @{}"):
		if strings.Contains(host, "@") {
			return "User name and password belong to the authentication, not into the host."
		}
		return bare
	case strings.HasPrefix(host, "["):
		end := strings.IndexByte(host, ']')
		if end < 0 {
			return "An IPv6 address stands in brackets: [2001:db8::1]."
		}
		name, port = host[1:end], host[end+1:]
		if a, err := netip.ParseAddr(name); err != nil || !a.Is6() || a.Zone() != "" {
			return "This is not an IPv6 address."
		}
		if port != "" && !strings.HasPrefix(port, ":") {
			return bare
		}
		return checkPort(port)
	case strings.Count(host, ":") > 1:
		return "An IPv6 address stands in brackets: [2001:db8::1]."
	case i >= 0:
		name, port = host[:i], host[i:]
	}
	switch {
	case name == "":
		return "The host is missing before the port."
	case strings.ContainsFunc(name, func(r rune) bool { return r > 0x7e }):
		return "Write the host in its xn-- form (only letters, digits and hyphens)."
	case name != strings.ToLower(name):
		return "Write the host in lower case."
	case !hostName.MatchString(name) || len(name) > 253:
		return "This is not the name of a host, such as app.example.com."
	}
	return checkPort(port)
}

// checkPort judges ":443"; nothing is no port.
func checkPort(port string) string {
	if port == "" {
		return ""
	}
	number, err := strconv.ParseUint(port[1:], 10, 16)
	if err != nil || number == 0 || port[1] == '0' {
		return "A port is a number from 1 to 65535."
	}
	return ""
}

// checkBaseURL says what is wrong with an integrator's base URL, or "".
func checkBaseURL(base string) string {
	const rule = "Must start with https://, then a host and maybe a path."
	if len(base) > maxURL || hasControl(base) || strings.ContainsAny(base, " \\\t") {
		return rule
	}
	if strings.Contains(base, "{{") || strings.Contains(base, "${") {
		return "A base URL holds no tokens; an endpoint's URL may."
	}
	u, err := url.Parse(base)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return rule
	case u.User != nil:
		return "User name and password belong to the authentication, not into the URL."
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.Contains(base, "#"):
		return "A base URL has no ? and no #; put those into the endpoints."
	}
	if problem := checkHost(strings.ToLower(u.Host)); problem != "" {
		return problem
	}
	return ""
}
