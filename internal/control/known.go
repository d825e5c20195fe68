package control

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"tieline/internal/account"
	"tieline/internal/fault"
	"tieline/internal/integration"
)

// knownVariables are the variables that calls of a definition can find, with the names of the customers that
// use it and lack the variable.
func (p *Plane) knownVariables(ctx context.Context, scope account.Scope, integrationID string, in integration.Integration) (map[string]string, error) {
	all, err := p.db.AllVariables(ctx, scope)
	if err != nil {
		return nil, err
	}
	owners := map[string][]string{} // by name; "" is the installation
	for _, v := range all {
		owners[v.Name] = append(owners[v.Name], v.CustomerID)
	}
	users, err := p.usersOf(ctx, scope, integrationID, in)
	if err != nil {
		return nil, err
	}
	known := map[string]string{}
	for name, has := range owners {
		lacking := slices.DeleteFunc(slices.Clone(users), func(user account.Customer) bool { return slices.Contains(has, user.ID) })
		if slices.Contains(has, "") {
			lacking = nil
		}
		known[name] = inWords(lacking)
	}
	return known, nil
}

// usersOf are the customers that calls of a definition are for: those with integrators of it, and the one it is
// private to.
func (p *Plane) usersOf(ctx context.Context, scope account.Scope, integrationID string, in integration.Integration) ([]account.Customer, error) {
	users, err := p.db.CustomersUsing(ctx, scope, integrationID)
	if err != nil || in.Visibility != "private" {
		return users, err
	}
	owner, err := p.db.CustomerBySlug(ctx, scope, in.Customer)
	switch {
	case fault.KindOf(err) == fault.NotFound: // said at its own field
		return users, nil
	case err == nil && !slices.ContainsFunc(users, func(user account.Customer) bool { return user.ID == owner.ID }):
		users = append(users, owner)
	}
	return users, err
}

// inWords lists customers by name, the first three of many; "" for none.
func inWords(customers []account.Customer) string {
	var names []string
	for _, customer := range customers {
		names = append(names, customer.Name)
	}
	last := len(names) - 1
	switch {
	case last > 3:
		return strings.Join(names[:3], ", ") + fmt.Sprintf(" and %d more", last-2)
	case last > 0:
		return strings.Join(names[:last], ", ") + " and " + names[last]
	}
	return strings.Join(names, "")
}
