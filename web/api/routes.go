package api

import (
	"net/http"

	"tieline/internal/account"
)

// route is one line of the table: what it answers, the action that its caller needs, and, for the OpenAPI
// document, its words and the shapes of its body and its answer.
type route struct {
	method string
	path   string
	action account.Action
	handle func(call) error
	does   string
	body   any
	answer any
	query  string // names of query parameters
	open   bool   // needs no key
	yaml   bool   // the body may be YAML
	text   bool   // the body is a text of any kind
	bytes  bool   // may answer the bytes of a document
}

const (
	get    = http.MethodGet
	post   = http.MethodPost
	put    = http.MethodPut
	patch  = http.MethodPatch
	remove = http.MethodDelete
)

// table is every route of the API, with the action it needs beside it.
func (s *server) table() []route {
	const (
		one     = "/integrations/{name}"
		users   = one + "/integrators"
		point   = one + "/endpoints/{endpoint}"
		lists   = "limit cursor"
		runList = "customer integration endpoint integrator status cause from to q test limit cursor"
	)
	return []route{
		{method: get, path: "/openapi.json", open: true, handle: s.openapi, does: "This document"},
		{method: get, path: "/me", action: account.View, handle: s.me, does: "Who the key belongs to", answer: meJSON{}},

		{method: get, path: "/customers", action: account.View, handle: s.customers, does: "List customers", answer: list[customerJSON]{}, query: "q enabled " + lists},
		{method: post, path: "/customers", action: account.EditCustomers, handle: s.createCustomer, does: "Create a customer", body: customerInput{}, answer: customerJSON{}},
		{method: get, path: "/customers/{slug}", action: account.View, handle: s.customer, does: "Read a customer", answer: customerJSON{}},
		{method: put, path: "/customers/{slug}", action: account.EditCustomers, handle: s.putCustomer, does: "Create or replace a customer", body: customerInput{}, answer: customerJSON{}},
		{method: patch, path: "/customers/{slug}", action: account.EditCustomers, handle: s.patchCustomer, does: "Change a customer", body: customerPatch{}, answer: customerJSON{}},
		{method: remove, path: "/customers/{slug}", action: account.EditCustomers, handle: s.deleteCustomer, does: "Delete a customer with its integrators; its runs stay"},

		{method: get, path: "/integrations", action: account.View, handle: s.integrations, does: "List integrations", answer: list[integrationRow]{}, query: "q type customer " + lists},
		{method: post, path: "/integrations", action: account.EditIntegrations, handle: s.createIntegration, does: "Create an integration from a document", body: integrationJSON{}, answer: integrationJSON{}, yaml: true},
		{method: get, path: one, action: account.View, handle: s.integration, does: "Read an integration as a document", answer: integrationJSON{}, query: "format revision"},
		{method: put, path: one, action: account.EditIntegrations, handle: s.putIntegration, does: "Create or replace an integration; a dry run answers the difference and stores nothing", body: integrationJSON{}, answer: integrationJSON{}, query: "dry_run", yaml: true},
		{method: remove, path: one, action: account.EditIntegrations, handle: s.deleteIntegration, does: "Delete an integration with its integrators; its runs stay"},
		{method: get, path: one + "/revisions", action: account.View, handle: s.revisions, does: "List revisions, the newest first", answer: list[revisionJSON]{}, query: "endpoint mapping limit"},
		{method: post, path: one + "/restore", action: account.EditIntegrations, handle: s.restore, does: "Make an older revision, or one endpoint or mapping of it, the newest", body: restoreInput{}, answer: integrationJSON{}},
		{method: post, path: one + "/duplicate", action: account.EditIntegrations, handle: s.duplicate, does: "Copy an integration", body: duplicateInput{}, answer: integrationJSON{}},
		{method: get, path: point, action: account.View, handle: s.endpoint, does: "Read one endpoint", answer: endpointJSON{}},
		{method: put, path: point, action: account.EditIntegrations, handle: s.putEndpoint, does: "Create or replace one endpoint", body: endpointInput{}, answer: endpointJSON{}, yaml: true},
		{method: remove, path: point, action: account.EditIntegrations, handle: s.deleteEndpoint, does: "Delete one endpoint; its runs stay"},
		{method: post, path: point + "/call", action: account.Call, handle: s.call, does: "Call an endpoint by name and wait", body: callInput{}, answer: callJSON{}, bytes: true},
		{method: post, path: point + "/test", action: account.Test, handle: s.test, does: "Test an endpoint, saved or not; a preview sends nothing", body: testInput{}, answer: callJSON{}, query: "preview"},

		{method: post, path: one + "/mappings/{mapping}/test", action: account.Test, handle: s.tryMapping, does: "Try a mapping, saved or not, on a record; nothing is sent", body: mappingTryInput{}, answer: mappingTryJSON{}},

		{method: get, path: users, action: account.View, handle: s.integrators, does: "List integrators", answer: list[integratorJSON]{}, query: "customer"},
		{method: post, path: users, action: account.EditIntegrators, handle: s.createIntegrator, does: "Create an integrator; secrets are write-only", body: integratorInput{}, answer: integratorJSON{}},
		{method: get, path: users + "/{id}", action: account.View, handle: s.integrator, does: "Read an integrator", answer: integratorJSON{}},
		{method: patch, path: users + "/{id}", action: account.EditIntegrators, handle: s.patchIntegrator, does: "Change an integrator; absent secrets stay, null removes one", body: integratorInput{}, answer: integratorJSON{}},
		{method: post, path: users + "/{id}/breaker", action: account.EditIntegrators, handle: s.setBreaker, does: "Let calls to a host through again, or hold them back", body: breakerInput{}, answer: integratorJSON{}},
		{method: remove, path: users + "/{id}", action: account.EditIntegrators, handle: s.deleteIntegrator, does: "Delete an integrator with its secrets; its runs stay"},
		{method: post, path: users + "/{id}/check", action: account.Test, handle: s.checkIntegrator, does: "Try an integrator's credentials with a harmless request; nothing is stored", answer: checkJSON{}},

		{method: post, path: "/imports", action: account.EditIntegrations, handle: s.imports, does: "Read an OpenAPI document, cURL commands, a Postman collection or a HAR recording (the body, up to 50 MiB); answers the proposed integration and a report, and stores nothing", text: true, answer: importJSON{}, query: "format q"},

		{method: get, path: "/runs", action: account.View, handle: s.runs, does: "List runs, the newest first", answer: list[runRow]{}, query: runList},
		{method: post, path: "/runs/bulk", action: account.ActOnRuns, handle: s.bulk, does: "Retry, skip or dismiss many runs", body: bulkInput{}, answer: bulkJSON{}},
		{method: get, path: "/runs/{id}", action: account.View, handle: s.run, does: "Read a run with its exchanges and tokens", answer: runJSON{}},
		{method: post, path: "/runs/{id}/retry", action: account.ActOnRuns, handle: s.retry, does: "Make a run again", body: retryInput{}, answer: callJSON{}},
		{method: post, path: "/runs/{id}/skip", action: account.ActOnRuns, handle: s.skip, does: "Skip a run", body: noteInput{}, answer: runRow{}},
		{method: post, path: "/runs/{id}/dismiss", action: account.ActOnRuns, handle: s.dismiss, does: "Take a failed run off the list of failures", body: noteInput{}, answer: runRow{}},

		{method: get, path: "/variables", action: account.View, handle: s.variables, does: "List variables", answer: list[variableJSON]{}, query: "customer"},
		{method: post, path: "/variables", action: account.EditIntegrations, handle: s.createVariable, does: "Create a variable", body: variableInput{}, answer: variableJSON{}},
		{method: get, path: "/variables/{id}", action: account.View, handle: s.variable, does: "Read a variable", answer: variableJSON{}},
		{method: patch, path: "/variables/{id}", action: account.EditIntegrations, handle: s.patchVariable, does: "Change a variable", body: variablePatch{}, answer: variableJSON{}},
		{method: remove, path: "/variables/{id}", action: account.EditIntegrations, handle: s.deleteVariable, does: "Delete a variable that nothing names"},

		{method: get, path: "/outbound", action: account.View, handle: s.outgoing, does: "List allowed outgoing addresses", answer: list[addressJSON]{}, query: "customer"},
		{method: post, path: "/outbound", action: account.ManageOutbound, handle: s.allowAddress, does: "Allow an outgoing address for one customer", body: addressInput{}, answer: addressJSON{}},
		{method: remove, path: "/outbound/{id}", action: account.ManageOutbound, handle: s.removeAddress, does: "Take an allowed address back"},

		{method: get, path: "/users", action: account.ManageUsers, handle: s.users, does: "List people", answer: list[userJSON]{}},
		{method: post, path: "/users", action: account.ManageUsers, handle: s.createUser, does: "Create a person; without a password a one-time link is answered", body: userInput{}, answer: userJSON{}},
		{method: get, path: "/users/{id}", action: account.ManageUsers, handle: s.user, does: "Read a person", answer: userJSON{}},
		{method: patch, path: "/users/{id}", action: account.ManageUsers, handle: s.patchUser, does: "Change a person", body: userPatch{}, answer: userJSON{}},
		{method: remove, path: "/users/{id}", action: account.ManageUsers, handle: s.deleteUser, does: "Delete a person"},
		{method: post, path: "/users/{id}/link", action: account.ManageUsers, handle: s.userLink, does: "Make a one-time link to set a new password", answer: linkJSON{}},

		{method: get, path: "/apikeys", action: account.ManageUsers, handle: s.apikeys, does: "List API keys", answer: list[apikeyJSON]{}},
		{method: post, path: "/apikeys", action: account.ManageUsers, handle: s.createAPIKey, does: "Create an API key, which is answered this once", body: apikeyInput{}, answer: apikeyJSON{}},
		{method: remove, path: "/apikeys/{id}", action: account.ManageUsers, handle: s.revokeAPIKey, does: "Revoke an API key"},

		{method: get, path: "/audit", action: account.ReadAudit, handle: s.audit, does: "List changes, the newest first", answer: list[auditJSON]{}, query: "actor subject subject_id action q from to " + lists},
		{method: get, path: "/settings/retention", action: account.ManageSettings, handle: s.retention, does: "Read for how long runs are kept", answer: retentionJSON{}},
		{method: put, path: "/settings/retention", action: account.ManageSettings, handle: s.putRetention, does: "Say for how long runs are kept", body: retentionJSON{}, answer: retentionJSON{}},
	}
}
