package control

import (
	"context"
	"strings"

	"tieline/db"
	"tieline/internal/account"
	"tieline/internal/document"
	"tieline/internal/fault"
)

const customerTaken = "Another customer has this slug or this call-centre id."

func tidyCustomer(c account.Customer) account.Customer {
	c.Name, c.CallcenterID = strings.TrimSpace(c.Name), strings.TrimSpace(c.CallcenterID)
	if c.Slug = strings.TrimSpace(c.Slug); c.Slug == "" {
		c.Slug = account.Slug(c.Name)
	}
	return c
}

// customerFields is what is compared and audited of a customer.
type customerFields struct {
	Slug         string `json:"slug"`
	Name         string `json:"name"`
	CallcenterID string `json:"callcenter_id"`
	Enabled      bool   `json:"enabled"`
	Notes        string `json:"notes"`
}

func fieldsOfCustomer(c account.Customer) customerFields {
	return customerFields{Slug: c.Slug, Name: c.Name, CallcenterID: c.CallcenterID, Enabled: c.Enabled, Notes: c.Notes}
}

// CreateCustomer makes a customer; an empty slug is made from the name. Only who is bound to no customers
// makes new ones.
func (p *Plane) CreateCustomer(ctx context.Context, who account.Actor, in account.Customer) (account.Customer, error) {
	in = tidyCustomer(in)
	in.ID, in.Version = "", 0
	err := p.change(ctx, who, account.EditCustomers, func(tx *db.Tx) (done, error) {
		if err := shared(who); err != nil {
			return done{}, err
		}
		if err := in.Validate(); err != nil {
			return done{}, err
		}
		if err := freeCustomer(ctx, tx, in); err != nil {
			return done{}, err
		}
		stored, err := tx.CreateCustomer(ctx, in)
		if err != nil {
			return done{}, taken(err, "slug", customerTaken)
		}
		in = stored
		return customerDone("create", customerFields{}, in), nil
	})
	return in, err
}

// freeCustomer says at the field which value another customer has already.
func freeCustomer(ctx context.Context, tx *db.Tx, in account.Customer) error {
	var f fault.Fields
	everybody := account.System("uniqueness").Scope
	if other, err := tx.CustomerBySlug(ctx, everybody, in.Slug); err == nil && other.ID != in.ID {
		f.Add("slug", "Another customer has this slug.")
	}
	if in.CallcenterID != "" {
		if other, err := tx.CustomerByCallcenter(ctx, everybody, in.CallcenterID); err == nil && other.ID != in.ID {
			f.Add("callcenter_id", "Another customer has this call-centre id.")
		}
	}
	return f.Err()
}

func customerDone(action string, before customerFields, c account.Customer) done {
	return done{
		action: action, subject: "customer", subjectID: c.ID, name: c.Slug, customerID: c.ID,
		fields: document.Diff(before, fieldsOfCustomer(c)),
	}
}

// UpdateCustomer replaces what a person may change of the customer with a slug. in.Version is the version the
// change was made from; 0 takes whatever is stored.
func (p *Plane) UpdateCustomer(ctx context.Context, who account.Actor, slug string, in account.Customer) (account.Customer, error) {
	in = tidyCustomer(in)
	err := p.change(ctx, who, account.EditCustomers, func(tx *db.Tx) (done, error) {
		before, err := tx.CustomerBySlug(ctx, who.Scope, slug)
		if err != nil {
			return done{}, err
		}
		next := before
		next.Slug, next.Name, next.CallcenterID, next.Enabled, next.Notes = in.Slug, in.Name, in.CallcenterID, in.Enabled, in.Notes
		if err := next.Validate(); err != nil {
			return done{}, err
		}
		if in.Version != 0 && in.Version != before.Version {
			return done{}, &ConflictError{What: "this customer", Mine: next, Theirs: before, Revision: before.Version}
		}
		if fieldsOfCustomer(next) == fieldsOfCustomer(before) {
			in = before
			return done{}, nil
		}
		if err := freeCustomer(ctx, tx, next); err != nil {
			return done{}, err
		}
		if in, err = tx.UpdateCustomer(ctx, next); err != nil {
			return done{}, taken(err, "slug", customerTaken)
		}
		return customerDone("update", fieldsOfCustomer(before), in), nil
	})
	return in, err
}

// EnableCustomer switches a customer on or off. Calls for one that is off are refused and logged.
func (p *Plane) EnableCustomer(ctx context.Context, who account.Actor, slug string, on bool) error {
	return p.change(ctx, who, account.EditCustomers, func(tx *db.Tx) (done, error) {
		before, err := tx.CustomerBySlug(ctx, who.Scope, slug)
		if err != nil || before.Enabled == on {
			return done{}, err
		}
		next := before
		next.Enabled = on
		if next, err = tx.UpdateCustomer(ctx, next); err != nil {
			return done{}, err
		}
		return customerDone(switched(on), fieldsOfCustomer(before), next), nil
	})
}

func switched(on bool) string {
	if on {
		return "enable"
	}
	return "disable"
}

// DeleteCustomer removes a customer with its integrators, secrets and allow entries; its runs stay. One with
// private integrations is kept until those are gone.
func (p *Plane) DeleteCustomer(ctx context.Context, who account.Actor, slug string) error {
	return p.change(ctx, who, account.EditCustomers, func(tx *db.Tx) (done, error) {
		c, err := tx.CustomerBySlug(ctx, who.Scope, slug)
		if err != nil {
			return done{}, err
		}
		if err := shared(who); err != nil {
			return done{}, err
		}
		return done{action: "delete", subject: "customer", subjectID: c.ID, name: c.Slug, customerID: c.ID}, tx.DeleteCustomer(ctx, c.ID)
	})
}
