// Package href holds every address of the portal as a function, so that a page is found by its name and no
// template spells a path. It imports nothing of ours.
package href

import (
	"net/url"
	"strconv"
	"strings"
)

// Root is the path that the portal is served under: "" or "/tieline", without a slash at its end. Every
// address starts with it.
type Root string

// At joins path parts to the root; each part is one segment, escaped.
func (r Root) At(parts ...string) string {
	var b strings.Builder
	b.WriteString(string(r))
	for _, p := range parts {
		b.WriteByte('/')
		b.WriteString(url.PathEscape(p))
	}
	if len(parts) == 0 {
		b.WriteByte('/')
	}
	return b.String()
}

// With adds name, value pairs as a query string; pairs with an empty value are left out.
func With(path string, pairs ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Add(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// Local tells whether a path that came from a browser may be followed as a redirect: one slash first, no
// backslash or control character, no host.
func Local(path string) bool {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsFunc(path, func(c rune) bool {
		return c == '\\' || c < ' ' || c == 0x7f
	}) {
		return false
	}
	u, err := url.Parse(path)
	return err == nil && u.Host == "" && u.Scheme == "" && u.User == nil && !strings.HasPrefix(u.Path, "//")
}

// Static is a built file by its content-hashed name.
func (r Root) Static(name string) string { return r.At("static", name) }

// Home is the dashboard.
func (r Root) Home() string { return r.At() }

// Setup makes the first owner.
func (r Root) Setup(token string) string { return With(r.At("setup"), "token", token) }

// Login signs in; next is the local path to go to afterwards.
func (r Root) Login(next string) string { return With(r.At("login"), "next", next) }

// Logout signs out.
func (r Root) Logout() string { return r.At("logout") }

// Link uses a one-time link.
func (r Root) Link(token string) string { return r.At("link", token) }

// Theme keeps the wanted colours.
func (r Root) Theme() string { return r.At("theme") }

// Demo fills the portal with demo data.
func (r Root) Demo() string { return r.At("demo") }

// Customers lists the customers.
func (r Root) Customers() string { return r.At("customers") }

// NewCustomer is the form for another customer.
func (r Root) NewCustomer() string { return r.At("customers", "new") }

// Customer shows one customer; tab may be "".
func (r Root) Customer(slug, tab string) string { return With(r.At("customers", slug), "tab", tab) }

// CustomerDo posts an act on a customer: "enable", "delete", "outbound".
func (r Root) CustomerDo(slug, act string) string { return r.At("customers", slug, act) }

// RemoveAddress takes an outgoing address away from a customer.
func (r Root) RemoveAddress(slug, id string) string {
	return r.At("customers", slug, "outbound", id, "delete")
}

// Integrations lists the integrations.
func (r Root) Integrations() string { return r.At("integrations") }

// NewIntegration is the form for another integration.
func (r Root) NewIntegration() string { return r.At("integrations", "new") }

// NewIntegrationFrom is the same, filled from a preset.
func (r Root) NewIntegrationFrom(preset string) string {
	return With(r.NewIntegration(), "preset", preset)
}

// ImportIntegration takes a document.
func (r Root) ImportIntegration() string { return r.At("integrations", "import") }

// ImportInto takes a document whose operations shall be added to an integration.
func (r Root) ImportInto(integration string) string {
	return With(r.ImportIntegration(), "into", integration)
}

// Import picks from what was read; into is the integration that is added to, "" for a new one.
func (r Root) Import(id, into string) string {
	return With(r.At("integrations", "import", id), "into", into)
}

// ImportReview shows what was picked before it is saved.
func (r Root) ImportReview(id string) string {
	return r.At("integrations", "import", id, "review")
}

// Integration shows one integration; tab may be "".
func (r Root) Integration(name, tab string) string {
	return With(r.At("integrations", name), "tab", tab)
}

// IntegrationDo is an act on an integration: "settings", "enable", "duplicate", "delete", "export", "restore".
func (r Root) IntegrationDo(name, act string) string { return r.At("integrations", name, act) }

// NewIntegrator is the form for another integrator.
func (r Root) NewIntegrator(integration string) string {
	return r.At("integrations", integration, "integrators", "new")
}

// NewIntegratorFor is the form of a new integrator for one customer.
func (r Root) NewIntegratorFor(integration, customer string) string {
	return With(r.NewIntegrator(integration), "customer", customer)
}

// Integrator is the form of one integrator.
func (r Root) Integrator(integration, id string) string {
	return r.At("integrations", integration, "integrators", id)
}

// IntegratorDo is an act on an integrator: "enable", "delete", "token", "connect", "disconnect", "breaker".
func (r Root) IntegratorDo(integration, id, act string) string {
	return r.At("integrations", integration, "integrators", id, act)
}

// ConnectCallback is where vendors send people back to.
func (r Root) ConnectCallback() string { return r.At("oauth", "callback") }

// NewEndpoint is the form for another endpoint.
func (r Root) NewEndpoint(integration string) string {
	return r.At("integrations", integration, "endpoints", "new")
}

// Operations searches what the third party of an integration can do.
func (r Root) Operations(integration string) string {
	return r.At("integrations", integration, "operations")
}

// PickedEndpoint is the form for another endpoint, filled in for an operation.
func (r Root) PickedEndpoint(integration, method, path string) string {
	return With(r.NewEndpoint(integration), "method", method, "path", path)
}

// Endpoint shows one endpoint; tab may be "".
func (r Root) Endpoint(integration, endpoint, tab string) string {
	return With(r.At("integrations", integration, "endpoints", endpoint), "tab", tab)
}

// NewTrigger is the form for another trigger of an endpoint.
func (r Root) NewTrigger(integration, endpoint string) string {
	return r.At("integrations", integration, "endpoints", endpoint, "triggers", "new")
}

// Trigger is the form of one trigger, by its place in the list.
func (r Root) Trigger(integration, endpoint string, at int) string {
	return r.At("integrations", integration, "endpoints", endpoint, "triggers", strconv.Itoa(at))
}

// NewMapping is the form for another mapping.
func (r Root) NewMapping(integration string) string {
	return r.At("integrations", integration, "mappings", "new")
}

// Mapping is the editor of one mapping.
func (r Root) Mapping(integration, mapping string) string {
	return r.At("integrations", integration, "mappings", mapping)
}

// MappingDo is an act on a mapping: "preview", "duplicate", "delete", "restore".
func (r Root) MappingDo(integration, mapping, act string) string {
	return r.At("integrations", integration, "mappings", mapping, act)
}

// EndpointDo is an act on an endpoint: "preview", "test", "enable", "delete", "move", "restore", "key".
func (r Root) EndpointDo(integration, endpoint, act string) string {
	return r.At("integrations", integration, "endpoints", endpoint, act)
}

// Runs lists runs; pairs are filters by name and value.
func (r Root) Runs(pairs ...string) string { return With(r.At("runs"), pairs...) }

// RunViews keeps the list's state, given by its query string, under a name.
func (r Root) RunViews(query string) string { return withQuery(r.At("runs", "views"), query) }

// RunView renames a saved view and replaces its filter by the list's state.
func (r Root) RunView(id, query string) string { return withQuery(r.At("runs", "views", id), query) }

// DeleteRunView takes a saved view away.
func (r Root) DeleteRunView(id string) string { return r.At("runs", "views", id, "delete") }

// RunsCSV is the same list as a file; query is the list's own query string.
func (r Root) RunsCSV(query string) string { return withQuery(r.At("runs.csv"), query) }

// Run shows one run.
func (r Root) Run(id string) string { return r.At("runs", id) }

// RunDo posts an act on a run: "retry", "skip", "dismiss", "allow".
func (r Root) RunDo(id, act string) string { return r.At("runs", id, act) }

// Variables lists the variables; customer narrows to one customer's id.
func (r Root) Variables() string { return r.At("variables") }

// NewVariable is the form for another variable.
func (r Root) NewVariable() string { return r.At("variables", "new") }

// Variable is the form of one variable.
func (r Root) Variable(id string) string { return r.At("variables", id) }

// DeleteVariable takes a variable away.
func (r Root) DeleteVariable(id string) string { return r.At("variables", id, "delete") }

// Users lists the people.
func (r Root) Users() string { return r.At("users") }

// NewUser is the form for another person.
func (r Root) NewUser() string { return r.At("users", "new") }

// User is the form of one person.
func (r Root) User(id string) string { return r.At("users", id) }

// UserDo posts an act on a person: "link", "delete".
func (r Root) UserDo(id, act string) string { return r.At("users", id, act) }

// APIKeys lists the API keys.
func (r Root) APIKeys() string { return r.At("apikeys") }

// NewAPIKey is the form for another API key.
func (r Root) NewAPIKey() string { return r.At("apikeys", "new") }

// RevokeAPIKey ends an API key.
func (r Root) RevokeAPIKey(id string) string { return r.At("apikeys", id, "revoke") }

// Account is the own account.
func (r Root) Account() string { return r.At("account") }

// Password changes the own password.
func (r Root) Password() string { return r.At("account", "password") }

// EndSession ends one of the own sessions.
func (r Root) EndSession(hash string) string { return r.At("account", "sessions", hash, "end") }

// Audit lists the audit trail; pairs are filters by name and value.
func (r Root) Audit(pairs ...string) string { return With(r.At("audit"), pairs...) }

// AuditCSV is the same list as a file; query is the list's own query string.
func (r Root) AuditCSV(query string) string { return withQuery(r.At("audit.csv"), query) }

// Settings are the installation's settings.
func (r Root) Settings() string { return r.At("settings") }

// Page is a list's address with one parameter changed and the cursor left out where another one changes.
func Page(path string, query url.Values, name, value string) string {
	q := url.Values{}
	for k, v := range query {
		if k != name && k != "cursor" && len(v) > 0 && v[0] != "" {
			q[k] = v
		}
	}
	if value != "" {
		q.Set(name, value)
	}
	return withQuery(path, q.Encode())
}

// Limit is the address of a list with another page size.
func Limit(path string, query url.Values, size int) string {
	return Page(path, query, "limit", strconv.Itoa(size))
}

func withQuery(path, query string) string {
	if query == "" {
		return path
	}
	return path + "?" + query
}
