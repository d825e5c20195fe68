package api

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"tieline/internal/account"
	"tieline/internal/control"
	"tieline/internal/fault"
	"tieline/internal/secret"
)

type userJSON struct {
	ID          string   `json:"id"`
	Email       string   `json:"email"`
	Name        string   `json:"name"`
	Role        string   `json:"role"`
	Customers   []string `json:"customers"`
	Enabled     bool     `json:"enabled"`
	Version     int64    `json:"version"`
	LastLoginAt string   `json:"last_login_at,omitempty"`
	CreatedAt   string   `json:"created_at"`
	Link        string   `json:"link,omitempty"`
}

func showUser(n *names, u account.User) userJSON {
	return userJSON{
		ID: u.ID, Email: u.Email, Name: u.Name, Role: string(u.Role), Customers: n.slugs(u.CustomerIDs), Enabled: u.Enabled,
		Version: u.Version, LastLoginAt: moment(u.LastLoginAt), CreatedAt: moment(u.CreatedAt),
	}
}

// userInput is a new person; customers are slugs, none means all.
type userInput struct {
	Email     string      `json:"email"`
	Name      string      `json:"name"`
	Role      string      `json:"role"`
	Customers []string    `json:"customers"`
	Password  secret.Text `json:"password"`
}

type userPatch struct {
	Email     *string   `json:"email"`
	Name      *string   `json:"name"`
	Role      *string   `json:"role"`
	Customers *[]string `json:"customers"`
	Enabled   *bool     `json:"enabled"`
}

// customerIDs finds the ids of slugs.
func (s *server) customerIDs(c call, slugs []string) ([]string, error) {
	var ids []string
	var f fault.Fields
	for i, slug := range slugs {
		id, err := s.customerID(c, "customers."+strconv.Itoa(i), slug)
		switch {
		case err != nil && fault.KindOf(err) == fault.Invalid:
			f.Under("", err)
		case err != nil:
			return nil, err
		case id == "":
			f.Add("customers."+strconv.Itoa(i), "There is no customer with this slug.")
		}
		ids = append(ids, id)
	}
	return ids, f.Err()
}

// mine tells whether a person or a key with these customers is within what the caller sees.
func mine(who account.Actor, customerIDs []string) bool { return who.Scope.Covers(customerIDs) }

func (s *server) users(c call) error {
	if err := c.query().done(); err != nil {
		return err
	}
	rows, err := s.db.Users(c.ctx())
	if err != nil {
		return err
	}
	rows = slices.DeleteFunc(rows, func(u account.User) bool { return !mine(c.who, u.CustomerIDs) })
	n := s.names(c)
	return c.json(http.StatusOK, listOf(rows, "", func(u account.User) userJSON { return showUser(n, u) }))
}

func (s *server) answerUser(c call, status int, u account.User, link secret.Text) error {
	shown := showUser(s.names(c), u)
	if !link.Empty() {
		shown.Link = s.link(link)
	}
	c.etag(u.Version)
	return c.json(status, shown)
}

// link is the address of a one-time link; it is told this once, to who may make it.
func (s *server) link(token secret.Text) string { return s.base + "/link/" + token.Reveal() }

func (s *server) createUser(c call) error {
	in, err := decode[userInput](c)
	if err != nil {
		return err
	}
	ids, err := s.customerIDs(c, in.Customers)
	if err != nil {
		return err
	}
	u := account.User{Email: in.Email, Name: in.Name, Role: account.Role(in.Role), CustomerIDs: ids}
	made, link, err := s.control.CreateUser(c.ctx(), c.who, control.UserInput{User: u, Password: in.Password})
	if err != nil {
		return err
	}
	c.created("/users/" + made.ID)
	return s.answerUser(c, http.StatusCreated, made, link)
}

func (s *server) oneUser(c call) (account.User, error) {
	u, err := s.db.User(c.ctx(), c.Param("id"))
	if err == nil && !mine(c.who, u.CustomerIDs) {
		err = fault.New(fault.NotFound, "There is no such user.")
	}
	return u, err
}

func (s *server) user(c call) error {
	u, err := s.oneUser(c)
	if err != nil {
		return err
	}
	return s.answerUser(c, http.StatusOK, u, secret.Text{})
}

func (s *server) patchUser(c call) error {
	in, err := decode[userPatch](c)
	if err != nil {
		return err
	}
	base, err := c.base()
	if err != nil {
		return err
	}
	u, err := s.oneUser(c)
	if err != nil {
		return err
	}
	if base != 0 {
		u.Version = base
	}
	set(&u.Email, in.Email)
	set(&u.Name, in.Name)
	set(&u.Enabled, in.Enabled)
	if in.Role != nil {
		u.Role = account.Role(*in.Role)
	}
	if in.Customers != nil {
		if u.CustomerIDs, err = s.customerIDs(c, *in.Customers); err != nil {
			return err
		}
	}
	saved, err := s.control.UpdateUser(c.ctx(), c.who, u)
	if err != nil {
		return matched(err, base != 0)
	}
	return s.answerUser(c, http.StatusOK, saved, secret.Text{})
}

func (s *server) deleteUser(c call) error {
	if err := s.control.DeleteUser(c.ctx(), c.who, c.Param("id")); err != nil {
		return err
	}
	return c.none()
}

type linkJSON struct {
	Link string `json:"link"`
}

func (s *server) userLink(c call) error {
	link, err := s.control.UserLink(c.ctx(), c.who, c.Param("id"))
	if err != nil {
		return err
	}
	return c.json(http.StatusCreated, linkJSON{Link: s.link(link)})
}

type apikeyJSON struct {
	ID         string   `json:"id"`
	Name       string   `json:"name"`
	Key        string   `json:"key,omitempty"`
	Hint       string   `json:"hint"`
	Role       string   `json:"role"`
	Customers  []string `json:"customers"`
	CreatedBy  string   `json:"created_by"`
	CreatedAt  string   `json:"created_at"`
	ExpiresAt  string   `json:"expires_at,omitempty"`
	LastUsedAt string   `json:"last_used_at,omitempty"`
	RevokedAt  string   `json:"revoked_at,omitempty"`
}

func showKey(n *names, k account.APIKey) apikeyJSON {
	return apikeyJSON{
		ID: k.ID, Name: k.Name, Hint: k.Hint, Role: string(k.Role), Customers: n.slugs(k.CustomerIDs), CreatedBy: k.CreatedBy,
		CreatedAt: moment(k.CreatedAt), ExpiresAt: moment(k.ExpiresAt), LastUsedAt: moment(k.LastUsedAt), RevokedAt: moment(k.RevokedAt),
	}
}

type apikeyInput struct {
	Name      string    `json:"name"`
	Role      string    `json:"role"`
	Customers []string  `json:"customers"`
	ExpiresAt time.Time `json:"expires_at"`
}

func (s *server) apikeys(c call) error {
	if err := c.query().done(); err != nil {
		return err
	}
	rows, err := s.db.APIKeys(c.ctx())
	if err != nil {
		return err
	}
	rows = slices.DeleteFunc(rows, func(k account.APIKey) bool { return !mine(c.who, k.CustomerIDs) })
	n := s.names(c)
	return c.json(http.StatusOK, listOf(rows, "", func(k account.APIKey) apikeyJSON { return showKey(n, k) }))
}

func (s *server) createAPIKey(c call) error {
	in, err := decode[apikeyInput](c)
	if err != nil {
		return err
	}
	ids, err := s.customerIDs(c, in.Customers)
	if err != nil {
		return err
	}
	k := account.APIKey{Name: in.Name, Role: account.Role(in.Role), CustomerIDs: ids, ExpiresAt: in.ExpiresAt.UTC()}
	if in.ExpiresAt.IsZero() {
		k.ExpiresAt = time.Time{}
	}
	made, key, err := s.control.CreateAPIKey(c.ctx(), c.who, k)
	if err != nil {
		return err
	}
	shown := showKey(s.names(c), made)
	shown.Key = key.Reveal() // told this once
	return c.json(http.StatusCreated, shown)
}

func (s *server) revokeAPIKey(c call) error {
	if err := s.control.RevokeAPIKey(c.ctx(), c.who, c.Param("id")); err != nil {
		return err
	}
	return c.none()
}

type meJSON struct {
	Kind      string   `json:"kind"`
	Name      string   `json:"name"`
	Role      string   `json:"role"`
	Customers []string `json:"customers"`
	Actions   []string `json:"actions"`
}

func (s *server) me(c call) error {
	shown := meJSON{
		Kind: string(c.who.Kind), Name: c.who.Name, Role: string(c.who.Role),
		Customers: s.names(c).slugs(c.who.Scope.Customers()), Actions: []string{},
	}
	for _, action := range account.Actions() {
		if c.who.Role.May(action) {
			shown.Actions = append(shown.Actions, string(action))
		}
	}
	return c.json(http.StatusOK, shown)
}
