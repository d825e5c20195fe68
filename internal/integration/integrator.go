package integration

import (
	"encoding/json"
	"net/netip"
	"strings"
	"time"

	"tieline/internal/secret"
)

// Integrator is one customer's use of an integration. Host is bare ("app.example.com", ":port" allowed).
// Fields holds the plain parameter values by name; Secrets holds sealed ones under "field.<parameter>" and
// "auth.<setting>". Info and Iframe are JSON kept byte for byte. Version counts changes.
type Integrator struct {
	ID            string
	IntegrationID string
	CustomerID    string
	Label         string
	Description   string
	CallcenterID  string
	Host          string
	BaseURL       string
	AllowHTTP     bool
	Auth          Auth
	Fields        map[string]string
	Secrets       map[string]secret.Sealed
	Info          json.RawMessage
	Iframe        json.RawMessage
	Policy        Policy
	Enabled       bool
	Version       int64
	LastSuccessAt time.Time // zero: never
	LastFailureAt time.Time // zero: never
	LastRunID     string    // of the last failure
	LastCause     string    // of the last failure
	CreatedAt     time.Time
	UpdatedAt     time.Time
}

// Auth is how an integrator's calls say who they are. Settings are the plain values; secret ones are in the
// integrator's Secrets under "auth.<name>".
type Auth struct {
	Kind      string            `json:"kind"`
	Settings  map[string]string `json:"settings,omitempty"`
	RefreshOn RefreshOn         `json:"refresh_on,omitzero"`
}

// RefreshOn are the signs that a vendor no longer takes a token: one of the statuses (401 where none is named),
// or a text in the body of an answer with a status from 200 to 299.
type RefreshOn struct {
	Statuses     []int  `json:"statuses,omitempty"`
	BodyContains string `json:"body_contains,omitempty"`
}

// Empty tells whether no sign was named, so that the usual one holds.
func (r RefreshOn) Empty() bool { return len(r.Statuses) == 0 && r.BodyContains == "" }

// AuthKindOf finds an auth kind by its key; an empty key is none.
func AuthKindOf(kind string) (AuthKind, bool) {
	if kind == "" {
		kind = "none"
	}
	for _, k := range AuthKinds() {
		if k.Kind == kind {
			return k, true
		}
	}
	return AuthKind{}, false
}

// Title is the label, or the given customer's name where there is none.
func (in Integrator) Title(customer string) string {
	if in.Label != "" {
		return in.Label
	}
	return customer
}

// Base is the URL that paths are appended to: the base URL without a trailing slash, else https://{{host}}.
func (in Integrator) Base() string {
	if in.BaseURL != "" {
		return strings.TrimRight(in.BaseURL, "/")
	}
	return "https://" + in.Host
}

// Hosts are the host names (lower case, with a port where one is named) that may see the integrator's secrets.
func (in Integrator) Hosts() []string {
	var hosts []string
	add := func(h string) {
		if h = strings.ToLower(strings.TrimSpace(h)); h != "" {
			hosts = append(hosts, h)
		}
	}
	add(in.Host)
	add(hostOf(in.BaseURL))
	for _, h := range in.Policy.ExtraHosts {
		add(h)
	}
	return hosts
}

// hostOf cuts the host (with port) out of an absolute URL without judging it.
func hostOf(url string) string {
	_, rest, ok := strings.Cut(url, "://")
	if !ok {
		return ""
	}
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		rest = rest[i+1:]
	}
	return rest
}

// HostMatches tells whether a request to host (with its port, "" for the scheme's own) may carry secrets bound
// to the listed hosts. An entry without a port holds for the scheme's default port and, for names and
// addresses alike, for that port only.
func HostMatches(hosts []string, host, scheme string) bool {
	want := withPort(strings.ToLower(host), scheme)
	for _, h := range hosts {
		if withPort(h, scheme) == want {
			return true
		}
	}
	return false
}

func withPort(host, scheme string) string {
	if a, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil && a.Is6() {
		host = "[" + a.String() + "]"
	} else if strings.Contains(host, ":") {
		return host
	}
	if scheme == "http" {
		return host + ":80"
	}
	return host + ":443"
}

func equalFold(a, b string) bool { return strings.EqualFold(a, b) }
