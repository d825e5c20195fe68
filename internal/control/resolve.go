package control

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"tieline/db"
	"tieline/internal/account"
	"tieline/internal/fault"
	"tieline/internal/integration"
)

// target is what a call is for.
type target struct {
	stored     db.StoredIntegration
	customer   account.Customer
	integrator integration.Integrator
}

func noIntegration(name string) error {
	return fault.New(fault.NotFound, "There is no integration "+strconv.Quote(name)+".")
}

// resolve finds integration, customer and integrator of a call within what the actor sees.
func (p *Plane) resolve(ctx context.Context, who account.Actor, c CallRequest) (target, error) {
	if err := p.directory.refresh(ctx); err != nil {
		return target{}, err
	}
	stored, err := p.directory.integration(ctx, c.Integration)
	if fault.KindOf(err) == fault.NotFound || err == nil && stored.CustomerID != "" && !who.Scope.Holds(stored.CustomerID) {
		return target{}, noIntegration(c.Integration)
	}
	if err != nil {
		return target{}, err
	}
	t := target{stored: stored}
	if c.Integrator != "" {
		return p.byIntegrator(ctx, who, c, t)
	}
	if t.customer, err = p.customerFor(ctx, who, c); err != nil {
		return target{}, err
	}
	t.integrator, err = p.pick(ctx, c, t)
	return t, err
}

// byIntegrator takes the integrator that was named; a customer named beside it must be its own.
func (p *Plane) byIntegrator(ctx context.Context, who account.Actor, c CallRequest, t target) (target, error) {
	unknown := notHere("integrator", "There is no such integrator of "+t.stored.Document.Name+".")
	found, err := p.directory.integrator(ctx, c.Integrator)
	if fault.KindOf(err) == fault.NotFound || err == nil && (found.IntegrationID != t.stored.ID || !who.Scope.Holds(found.CustomerID)) {
		return target{}, unknown
	}
	if err != nil {
		return target{}, err
	}
	t.integrator = found
	if t.customer, err = p.directory.customer(ctx, found.CustomerID); err != nil {
		return target{}, err
	}
	if c.Customer != "" && c.Customer != t.customer.Slug {
		return target{}, fault.At("integrator", "This integrator belongs to another customer.")
	}
	return t, nil
}

// ErrNotHere is in the error of a call that names somebody who does not exist, or whom its caller may not see.
var ErrNotHere = errors.New("it does not exist, or not for this caller")

func notHere(field, message string) error {
	return &fault.Error{Kind: fault.Invalid, Message: "Please check the marked field.", Problems: []fault.Problem{{Field: field, Message: message}}, Cause: ErrNotHere}
}

// customerFor finds the customer by slug or call-centre id. Nothing named is an error, never a default.
func (p *Plane) customerFor(ctx context.Context, who account.Actor, c CallRequest) (account.Customer, error) {
	if c.Customer == "" && c.CallcenterID == "" {
		return account.Customer{}, fault.At("customer", "Name the customer.")
	}
	var bySlug, byID account.Customer
	var err error
	if c.Customer != "" {
		bySlug, err = p.directory.customerBySlug(ctx, c.Customer)
		if fault.KindOf(err) == fault.NotFound || err == nil && !who.Scope.Holds(bySlug.ID) {
			return account.Customer{}, notHere("customer", "There is no customer "+strconv.Quote(c.Customer)+".")
		}
		if err != nil {
			return account.Customer{}, err
		}
	}
	if c.CallcenterID != "" {
		if byID, err = p.byCallcenter(ctx, who, c.CallcenterID); err != nil {
			return account.Customer{}, err
		}
	}
	switch {
	case bySlug.ID == "":
		return byID, nil
	case byID.ID != "" && byID.ID != bySlug.ID:
		return account.Customer{}, fault.At("callcenter_id", "It belongs to another customer than the one named.")
	}
	return bySlug, nil
}

// byCallcenter finds the one customer of a call-centre id, which integrators and customers may carry.
func (p *Plane) byCallcenter(ctx context.Context, who account.Actor, callcenterID string) (account.Customer, error) {
	owners, err := remember(p.directory, "callcenter "+callcenterID, func() ([]string, error) {
		return p.callcenterOwners(ctx, callcenterID)
	})
	if err != nil {
		return account.Customer{}, err
	}
	var mine []string
	for _, owner := range owners {
		if who.Scope.Holds(owner) {
			mine = append(mine, owner)
		}
	}
	switch len(mine) {
	case 0:
		return account.Customer{}, notHere("callcenter_id", "No customer has this call-centre id.")
	case 1:
		return p.directory.customer(ctx, mine[0])
	}
	return account.Customer{}, fault.At("callcenter_id", "Several customers have this call-centre id. Name the customer.")
}

func (p *Plane) callcenterOwners(ctx context.Context, callcenterID string) ([]string, error) {
	all := p.directory.all
	integrators, err := p.db.Integrators(ctx, all, db.IntegratorFilter{CallcenterID: callcenterID})
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	var owners []string
	add := func(customerID string) {
		if !seen[customerID] {
			seen[customerID] = true
			owners = append(owners, customerID)
		}
	}
	for _, in := range integrators {
		add(in.CustomerID)
	}
	customer, err := p.db.CustomerByCallcenter(ctx, all, callcenterID)
	switch {
	case err == nil:
		add(customer.ID)
	case fault.KindOf(err) != fault.NotFound:
		return nil, err
	}
	return owners, nil
}

// pick chooses the customer's integrator: the enabled one; the one with the call-centre id of the call where
// there are several; a disabled one where there is no other, so that the run can say so.
func (p *Plane) pick(ctx context.Context, c CallRequest, t target) (integration.Integrator, error) {
	name := t.stored.Document.Name
	all, err := p.directory.integrators(ctx, t.stored.ID, t.customer.ID)
	if err != nil {
		return integration.Integrator{}, err
	}
	if len(all) == 0 {
		return integration.Integrator{}, fault.At("customer", t.customer.Name+" has no integrator of "+name+".")
	}
	var enabled []integration.Integrator
	for _, in := range all {
		if c.CallcenterID != "" && in.CallcenterID == c.CallcenterID {
			return in, nil
		}
		if in.Enabled {
			enabled = append(enabled, in)
		}
	}
	switch len(enabled) {
	case 0:
		return all[0], nil
	case 1:
		return enabled[0], nil
	}
	var list []string
	for _, in := range enabled {
		list = append(list, in.Title(t.customer.Name)+" ("+in.ID+")")
	}
	return integration.Integrator{}, fault.At("integrator", t.customer.Name+" has several integrators of "+name+". Name one: "+strings.Join(list, ", ")+".")
}
