package api

import (
	"net/http"
	"strconv"

	"tieline/db"
	"tieline/internal/account"
	"tieline/internal/fault"
)

type customerJSON struct {
	ID           string `json:"id"`
	Slug         string `json:"slug"`
	Name         string `json:"name"`
	CallcenterID string `json:"callcenter_id"`
	Enabled      bool   `json:"enabled"`
	Notes        string `json:"notes"`
	Version      int64  `json:"version"`
	Integrators  *int   `json:"integrators,omitempty"`
	CreatedAt    string `json:"created_at"`
	UpdatedAt    string `json:"updated_at"`
}

func showCustomer(c account.Customer) customerJSON {
	return customerJSON{
		ID: c.ID, Slug: c.Slug, Name: c.Name, CallcenterID: c.CallcenterID, Enabled: c.Enabled, Notes: c.Notes,
		Version: c.Version, CreatedAt: moment(c.CreatedAt), UpdatedAt: moment(c.UpdatedAt),
	}
}

type customerInput struct {
	Slug         string `json:"slug"`
	Name         string `json:"name"`
	CallcenterID string `json:"callcenter_id"`
	Enabled      *bool  `json:"enabled"`
	Notes        string `json:"notes"`
}

func (in customerInput) customer() account.Customer {
	return account.Customer{
		Slug: in.Slug, Name: in.Name, CallcenterID: in.CallcenterID, Enabled: in.Enabled == nil || *in.Enabled, Notes: in.Notes,
	}
}

type customerPatch struct {
	Slug         *string `json:"slug"`
	Name         *string `json:"name"`
	CallcenterID *string `json:"callcenter_id"`
	Enabled      *bool   `json:"enabled"`
	Notes        *string `json:"notes"`
}

// set puts a value where one was given.
func set[T any](into *T, given *T) {
	if given != nil {
		*into = *given
	}
}

func (s *server) customers(c call) error {
	q := c.query()
	filter := db.CustomerFilter{Text: q.text("q"), Enabled: q.maybe("enabled"), Limit: q.limit(), Cursor: q.text("cursor")}
	if err := q.done(); err != nil {
		return err
	}
	rows, next, err := s.db.Customers(c.ctx(), c.who.Scope, filter)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, listOf(rows, next, func(row db.CustomerRow) customerJSON {
		shown := showCustomer(row.Customer)
		shown.Integrators = &row.Integrators
		return shown
	}))
}

func (s *server) answerCustomer(c call, status int, customer account.Customer) error {
	c.etag(customer.Version)
	return c.json(status, showCustomer(customer))
}

func (s *server) createCustomer(c call) error {
	in, err := decode[customerInput](c)
	if err != nil {
		return err
	}
	made, err := s.control.CreateCustomer(c.ctx(), c.who, in.customer())
	if err != nil {
		return err
	}
	c.created("/customers/" + made.Slug)
	return s.answerCustomer(c, http.StatusCreated, made)
}

// created names where a new thing stands.
func (c call) created(path string) { c.Response().Header().Set("Location", c.at+Prefix+path) }

func (s *server) customer(c call) error {
	found, err := s.db.CustomerBySlug(c.ctx(), c.who.Scope, c.Param("slug"))
	if err != nil {
		return err
	}
	return s.answerCustomer(c, http.StatusOK, found)
}

// putCustomer creates or replaces the customer of a slug.
func (s *server) putCustomer(c call) error {
	slug := c.Param("slug")
	in, err := decode[customerInput](c)
	if err != nil {
		return err
	}
	base, err := c.base()
	if err != nil {
		return err
	}
	if in.Slug == "" {
		in.Slug = slug
	}
	next := in.customer()
	next.Version = base
	saved, err := s.control.UpdateCustomer(c.ctx(), c.who, slug, next)
	if fault.KindOf(err) == fault.NotFound && base == 0 {
		if in.Slug != slug {
			return fault.At("slug", "The address names "+strconv.Quote(slug)+".")
		}
		if saved, err = s.control.CreateCustomer(c.ctx(), c.who, next); err != nil {
			return err
		}
		c.created("/customers/" + saved.Slug)
		return s.answerCustomer(c, http.StatusCreated, saved)
	}
	if err != nil {
		return matched(err, base != 0)
	}
	return s.answerCustomer(c, http.StatusOK, saved)
}

func (s *server) patchCustomer(c call) error {
	in, err := decode[customerPatch](c)
	if err != nil {
		return err
	}
	base, err := c.base()
	if err != nil {
		return err
	}
	next, err := s.db.CustomerBySlug(c.ctx(), c.who.Scope, c.Param("slug"))
	if err != nil {
		return err
	}
	if base != 0 {
		next.Version = base
	}
	set(&next.Slug, in.Slug)
	set(&next.Name, in.Name)
	set(&next.CallcenterID, in.CallcenterID)
	set(&next.Enabled, in.Enabled)
	set(&next.Notes, in.Notes)
	if in.Slug != nil && *in.Slug == "" {
		return fault.At("slug", "Lower-case letters, digits and hyphens, at most 63.")
	}
	saved, err := s.control.UpdateCustomer(c.ctx(), c.who, c.Param("slug"), next)
	if err != nil {
		return matched(err, base != 0)
	}
	return s.answerCustomer(c, http.StatusOK, saved)
}

func (s *server) deleteCustomer(c call) error {
	if err := s.control.DeleteCustomer(c.ctx(), c.who, c.Param("slug")); err != nil {
		return err
	}
	return c.none()
}
