// Package account says who somebody is: customers, users, API keys, sessions, what each role may do and which
// customers an actor may see. It does no I/O.
package account

// Role is what a person or an API key may do, in one word.
type Role string

// The roles, from the most to the least.
const (
	Owner   Role = "owner"   // everything, outgoing addresses and other owners included
	Admin   Role = "admin"   // everything but what only an owner may
	Builder Role = "builder" // defines integrations and integrators, tests and calls
	Support Role = "support" // reads definitions and logs, retries and skips; never sees a secret
	Auditor Role = "auditor" // reads definitions, the list of runs and the audit trail, no bodies
)

// Roles are all roles, from the most to the least.
func Roles() []Role { return []Role{Owner, Admin, Builder, Support, Auditor} }

// Valid tells whether r is one of the roles.
func (r Role) Valid() bool { return rank(r) > 0 }

func rank(r Role) int {
	switch r {
	case Owner:
		return 5
	case Admin:
		return 4
	case Builder:
		return 3
	case Support:
		return 2
	case Auditor:
		return 1
	}
	return 0
}

// Action is something a role may or may not do. Every route and every change names exactly one.
type Action string

// The actions.
const (
	View             Action = "view"              // definitions, customers, runs without bodies, the dashboard
	ReadBodies       Action = "read bodies"       // what was sent and answered in a run
	ReadAudit        Action = "read audit"        // the audit trail
	ActOnRuns        Action = "act on runs"       // retry, skip, dismiss
	EditIntegrations Action = "edit integrations" // integrations, endpoints, variables
	EditIntegrators  Action = "edit integrators"  // hosts, field values, secrets
	Test             Action = "test"              // send a test
	Call             Action = "call"              // call an endpoint by name
	EditCustomers    Action = "edit customers"    // customers
	ManageUsers      Action = "manage users"      // people and API keys (only an owner touches owners)
	ManageSettings   Action = "manage settings"   // retention and the like, the demo
	ManageOutbound   Action = "manage outbound"   // allow outgoing addresses
	OwnAccount       Action = "own account"       // the own password and sessions
)

// Actions are all actions.
func Actions() []Action {
	return []Action{
		View, ReadBodies, ReadAudit, ActOnRuns, EditIntegrations, EditIntegrators, Test, Call, EditCustomers,
		ManageUsers, ManageSettings, ManageOutbound, OwnAccount,
	}
}

// May tells whether a role may do an action. It is the one table of rights.
func (r Role) May(a Action) bool {
	switch a {
	case View, OwnAccount:
		return r.Valid()
	case ReadBodies, ActOnRuns:
		return rank(r) >= rank(Support)
	case ReadAudit:
		return rank(r) >= rank(Admin) || r == Auditor
	case EditIntegrations, EditIntegrators, Test, Call:
		return rank(r) >= rank(Builder)
	case EditCustomers, ManageUsers, ManageSettings:
		return rank(r) >= rank(Admin)
	case ManageOutbound:
		return r == Owner
	}
	return false
}
