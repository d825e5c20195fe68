package api

import (
	"net/http"

	"tieline/internal/account"
	"tieline/internal/control"
	"tieline/internal/fault"
	"tieline/internal/secret"
)

type variableJSON struct {
	ID        string      `json:"id"`
	Name      string      `json:"name"`
	Customer  string      `json:"customer,omitempty"`
	Value     *string     `json:"value,omitempty"`
	Encrypted bool        `json:"encrypted"`
	Secret    *secretJSON `json:"secret,omitempty"`
	Version   int64       `json:"version"`
	UpdatedAt string      `json:"updated_at"`
}

func showVariable(n *names, v account.Variable) variableJSON {
	shown := variableJSON{
		ID: v.ID, Name: v.Name, Customer: n.slug(v.CustomerID), Encrypted: v.Encrypted, Version: v.Version, UpdatedAt: moment(v.UpdatedAt),
	}
	if v.Encrypted {
		hidden := showSecret(v.Secret)
		shown.Secret = &hidden
	} else {
		shown.Value = &v.Value
	}
	return shown
}

// variableInput is a variable as sent; an encrypted one's value is write-only.
type variableInput struct {
	Name      string `json:"name"`
	Customer  string `json:"customer"`
	Value     string `json:"value"`
	Encrypted bool   `json:"encrypted"`
}

type variablePatch struct {
	Name      *string `json:"name"`
	Value     *string `json:"value"`
	Encrypted *bool   `json:"encrypted"`
}

// input puts the value where it belongs.
func variableOf(v account.Variable, value *string) control.VariableInput {
	in := control.VariableInput{Variable: v}
	if value != nil {
		in.Value = *value
	}
	if in.Encrypted {
		in.Secret, in.Value = secret.NewText(in.Value), ""
		if value == nil {
			in.Secret = secret.Text{}
		}
	}
	return in
}

// customerID finds the id of a slug for an input field.
func (s *server) customerID(c call, field, slug string) (string, error) {
	if slug == "" {
		return "", nil
	}
	found, err := s.db.CustomerBySlug(c.ctx(), c.who.Scope, slug)
	if fault.KindOf(err) == fault.NotFound {
		return "", fault.At(field, "There is no customer with this slug.")
	}
	return found.ID, err
}

func (s *server) variables(c call) error {
	q := c.query()
	slug := q.text("customer")
	if err := q.done(); err != nil {
		return err
	}
	n := s.names(c)
	if slug == "" {
		rows, err := s.db.AllVariables(c.ctx(), c.who.Scope)
		if err != nil {
			return err
		}
		return c.json(http.StatusOK, listOf(rows, "", func(v account.Variable) variableJSON { return showVariable(n, v) }))
	}
	customer, err := s.db.CustomerBySlug(c.ctx(), c.who.Scope, slug)
	if err != nil {
		return err
	}
	rows, err := s.db.Variables(c.ctx(), c.who.Scope, customer.ID)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, listOf(rows, "", func(v account.Variable) variableJSON { return showVariable(n, v) }))
}

func (s *server) answerVariable(c call, status int, v account.Variable) error {
	c.etag(v.Version)
	return c.json(status, showVariable(s.names(c), v))
}

func (s *server) createVariable(c call) error {
	in, err := decode[variableInput](c)
	if err != nil {
		return err
	}
	customerID, err := s.customerID(c, "customer", in.Customer)
	if err != nil {
		return err
	}
	v := account.Variable{Name: in.Name, CustomerID: customerID, Encrypted: in.Encrypted}
	made, err := s.control.CreateVariable(c.ctx(), c.who, variableOf(v, &in.Value))
	if err != nil {
		return err
	}
	c.created("/variables/" + made.ID)
	return s.answerVariable(c, http.StatusCreated, made)
}

func (s *server) variable(c call) error {
	v, err := s.db.Variable(c.ctx(), c.who.Scope, c.Param("id"))
	if err != nil {
		return err
	}
	return s.answerVariable(c, http.StatusOK, v)
}

func (s *server) patchVariable(c call) error {
	in, err := decode[variablePatch](c)
	if err != nil {
		return err
	}
	base, err := c.base()
	if err != nil {
		return err
	}
	v, err := s.db.Variable(c.ctx(), c.who.Scope, c.Param("id"))
	if err != nil {
		return err
	}
	if base != 0 {
		v.Version = base
	}
	set(&v.Name, in.Name)
	set(&v.Encrypted, in.Encrypted)
	given := in.Value
	if given == nil && v.Value != "" {
		given = &v.Value
	}
	saved, err := s.control.UpdateVariable(c.ctx(), c.who, variableOf(v, given))
	if err != nil {
		return matched(err, base != 0)
	}
	return s.answerVariable(c, http.StatusOK, saved)
}

func (s *server) deleteVariable(c call) error {
	if err := s.control.DeleteVariable(c.ctx(), c.who, c.Param("id")); err != nil {
		return err
	}
	return c.none()
}
