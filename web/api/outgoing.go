package api

import (
	"net/http"

	"tieline/internal/account"
	"tieline/internal/fault"
)

type addressJSON struct {
	ID        string `json:"id"`
	Customer  string `json:"customer"`
	Target    string `json:"target"`
	Ports     string `json:"ports"`
	Reason    string `json:"reason"`
	AddedBy   string `json:"added_by"`
	CreatedAt string `json:"created_at"`
}

func showAddress(n *names, e account.AllowEntry) addressJSON {
	return addressJSON{
		ID: e.ID, Customer: n.slug(e.CustomerID), Target: e.Target, Ports: e.Ports, Reason: e.Reason, AddedBy: e.AddedBy,
		CreatedAt: moment(e.CreatedAt),
	}
}

// addressInput allows a target (an address, a range or an exact host), or the subject of a blocked result.
type addressInput struct {
	Customer string `json:"customer"`
	Target   string `json:"target"`
	Ports    string `json:"ports"`
	Subject  string `json:"subject"`
	Reason   string `json:"reason"`
}

func (s *server) outgoing(c call) error {
	q := c.query()
	slug := q.text("customer")
	if err := q.done(); err != nil {
		return err
	}
	customerID := ""
	if slug != "" {
		customer, err := s.db.CustomerBySlug(c.ctx(), c.who.Scope, slug)
		if err != nil {
			return err
		}
		customerID = customer.ID
	}
	rows, err := s.db.AllowEntries(c.ctx(), c.who.Scope, customerID)
	if err != nil {
		return err
	}
	n := s.names(c)
	return c.json(http.StatusOK, listOf(rows, "", func(e account.AllowEntry) addressJSON { return showAddress(n, e) }))
}

func (s *server) allowAddress(c call) error {
	in, err := decode[addressInput](c)
	if err != nil {
		return err
	}
	customerID, err := s.customerID(c, "customer", in.Customer)
	if err != nil {
		return err
	}
	if customerID == "" {
		return fault.At("customer", "Name the customer.")
	}
	if in.Subject != "" && in.Target != "" {
		return fault.At("subject", "Give a target or a subject, not both.")
	}
	var made account.AllowEntry
	if in.Subject != "" {
		made, err = s.control.AllowSubject(c.ctx(), c.who, customerID, in.Subject, in.Reason)
	} else {
		made, err = s.control.AllowAddress(c.ctx(), c.who, account.AllowEntry{CustomerID: customerID, Target: in.Target, Ports: in.Ports, Reason: in.Reason})
	}
	if err != nil {
		return err
	}
	return c.json(http.StatusCreated, showAddress(s.names(c), made))
}

func (s *server) removeAddress(c call) error {
	if err := s.control.RemoveAddress(c.ctx(), c.who, c.Param("id")); err != nil {
		return err
	}
	return c.none()
}
