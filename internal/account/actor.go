package account

import (
	"slices"

	"tieline/internal/fault"
)

// Scope is the set of customers whose rows somebody may see. The zero Scope sees nothing. Only the
// authorisation layer makes one (signin, and cmd for the program itself); a test over the sources holds that.
type Scope struct {
	all       bool
	customers []string
}

// Everything is the scope of whoever is not bound to customers.
func Everything() Scope { return Scope{all: true} }

// Only is the scope of the customers with these ids.
func Only(customerIDs ...string) Scope { return Scope{customers: slices.Clone(customerIDs)} }

// All tells whether the scope holds every customer.
func (s Scope) All() bool { return s.all }

// Customers are the ids in a scope that does not hold every customer.
func (s Scope) Customers() []string { return s.customers }

// Holds tells whether a customer's rows may be seen.
func (s Scope) Holds(customerID string) bool {
	return s.all || slices.Contains(s.customers, customerID)
}

// Covers tells whether everything that these customers bind is within the scope: a person or a key that is bound
// to none of them sees everything, and is only within a scope that does.
func (s Scope) Covers(customerIDs []string) bool {
	if s.all {
		return true
	}
	return len(customerIDs) > 0 && !slices.ContainsFunc(customerIDs, func(id string) bool { return !s.Holds(id) })
}

// ActorKind says what sort of somebody acts.
type ActorKind string

// The kinds of actors.
const (
	Person  ActorKind = "person"
	KeyUser ActorKind = "api key"
	Program ActorKind = "program" // the command line, or Tieline itself
)

// Actor is somebody who acts, as the authorisation layer found them. ID is a user's or API key's id; Address
// is where they act from, without a port.
type Actor struct {
	Kind    ActorKind
	ID      string
	Name    string
	Role    Role
	Scope   Scope
	Address string
}

// May is nil when the actor may do an action, else a Forbidden fault that names it.
func (a Actor) May(action Action) error {
	if a.Role.May(action) {
		return nil
	}
	return fault.New(fault.Forbidden, "Your role does not allow this ("+string(action)+").")
}

// System is Tieline itself at work on everything; name says which part ("retention", "import").
func System(name string) Actor {
	return Actor{Kind: Program, Name: name, Role: Owner, Scope: Everything()}
}
