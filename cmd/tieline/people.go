package main

import (
	"bufio"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"tieline/internal/account"
	"tieline/internal/config"
	"tieline/internal/control"
	"tieline/internal/secret"
)

// apiKeyCommands make API keys.
type apiKeyCommands struct {
	Create apiKeyCreate `cmd:"" help:"Make an API key; it is printed once, alone on stdout."`
	List   apiKeyList   `cmd:"" help:"List the API keys."`
	Revoke apiKeyRevoke `cmd:"" help:"End an API key."`
}

type apiKeyCreate struct {
	config.Common `embed:""`
	Name          string        `required:"" help:"What the key is for."`
	Role          account.Role  `required:"" help:"owner, admin, builder, support or auditor."`
	Customer      []string      `help:"Only this customer's rows (slug); may be repeated." placeholder:"SLUG"`
	Expires       time.Duration `help:"How long it lives, as 720h; without it the key does not expire."`
}

// Run makes the key and prints it, and nothing else, on stdout.
func (a *apiKeyCreate) Run(w *world) error {
	return command(w, a.Common, func(c *core) error {
		ids, err := c.customers(w, a.Customer)
		if err != nil {
			return err
		}
		key := account.APIKey{Name: a.Name, Role: a.Role, CustomerIDs: ids}
		if a.Expires > 0 {
			key.ExpiresAt = time.Now().Add(a.Expires)
		}
		_, shown, err := c.control.CreateAPIKey(w.ctx, operator(), key)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(w.stdout, shown.Reveal())
		return err
	})
}

// customers finds the ids of customers by slug.
func (c *core) customers(w *world, slugs []string) ([]string, error) {
	var ids []string
	for _, slug := range slugs {
		customer, err := c.db.CustomerBySlug(w.ctx, account.Everything(), slug)
		if err != nil {
			return nil, fmt.Errorf("customer %s: %w", slug, err)
		}
		ids = append(ids, customer.ID)
	}
	return ids, nil
}

type apiKeyList struct {
	config.Common `embed:""`
}

// Run prints one key a line: id, masked key, role, state, name.
func (a *apiKeyList) Run(w *world) error {
	return command(w, a.Common, func(c *core) error {
		keys, err := c.db.APIKeys(w.ctx)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(w.stdout, 0, 4, 2, ' ', 0)
		for _, k := range keys {
			state := "live"
			if !k.Live(time.Now()) {
				state = "ended"
			}
			_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", k.ID, k.Hint, k.Role, state, k.Name)
		}
		return table.Flush()
	})
}

type apiKeyRevoke struct {
	config.Common `embed:""`
	ID            string `arg:"" help:"The key's id, from list."`
}

// Run ends the key.
func (a *apiKeyRevoke) Run(w *world) error {
	return command(w, a.Common, func(c *core) error { return c.control.RevokeAPIKey(w.ctx, operator(), a.ID) })
}

// userCommands help people who are locked out.
type userCommands struct {
	Create        userCreate `cmd:"" help:"Make a user; the password is read from stdin, or a link to set one is printed."`
	ResetPassword userLink   `cmd:"" help:"Print a one-time link to set a new password."`
	LoginLink     userSignIn `cmd:"" help:"Print a one-time link that signs in."`
	List          userList   `cmd:"" help:"List the users."`
}

type userCreate struct {
	config.Common `embed:""`
	Email         string       `required:"" help:"Address to sign in with."`
	Name          string       `help:"Name to show; by default the address."`
	Role          account.Role `required:"" help:"owner, admin, builder, support or auditor."`
	Customer      []string     `help:"Only this customer's rows (slug); may be repeated." placeholder:"SLUG"`
	BaseURL       string       `help:"Address of the portal, for the link."`
	PasswordStdin bool         `help:"Read the password from the first line of stdin."`
}

// Run makes the user.
func (u *userCreate) Run(w *world) error {
	return command(w, u.Common, func(c *core) error {
		ids, err := c.customers(w, u.Customer)
		if err != nil {
			return err
		}
		in := control.UserInput{User: account.User{Email: u.Email, Name: u.Name, Role: u.Role, CustomerIDs: ids, Enabled: true}}
		if in.Name == "" {
			in.Name = u.Email
		}
		if u.PasswordStdin {
			line, err := bufio.NewReader(w.stdin).ReadString('\n')
			if err != nil && line == "" {
				return errors.New("no password came on stdin")
			}
			in.Password = secret.NewText(strings.TrimRight(line, "\r\n"))
		}
		_, link, err := c.control.CreateUser(w.ctx, operator(), in)
		if err != nil || link.Empty() {
			return err
		}
		return printLink(w, u.BaseURL, link)
	})
}

type userLink struct {
	config.Common `embed:""`
	Email         string `arg:"" help:"Address the user signs in with."`
	BaseURL       string `help:"Address of the portal, for the link."`
}

// Run prints a link to set a password.
func (u *userLink) Run(w *world) error {
	return oneTimeLink(w, u.Common, u.Email, u.BaseURL, "password")
}

type userSignIn struct {
	config.Common `embed:""`
	Email         string `arg:"" help:"Address the user signs in with."`
	BaseURL       string `help:"Address of the portal, for the link."`
}

// Run prints a link that signs in.
func (u *userSignIn) Run(w *world) error {
	return oneTimeLink(w, u.Common, u.Email, u.BaseURL, "login")
}

func oneTimeLink(w *world, common config.Common, email, base, purpose string) error {
	return command(w, common, func(c *core) error {
		user, err := c.db.UserByEmail(w.ctx, email)
		if err != nil {
			return err
		}
		link, err := c.signin.NewLink(w.ctx, operator(), user.ID, purpose)
		if err != nil {
			return err
		}
		return printLink(w, base, link)
	})
}

func printLink(w *world, base string, link secret.Text) error {
	if base == "" {
		base = "http://127.0.0.1:8080"
	}
	_, err := fmt.Fprintln(w.stdout, strings.TrimRight(base, "/")+"/link/"+link.Reveal())
	return err
}

type userList struct {
	config.Common `embed:""`
}

// Run prints one user a line: address, role, state, name.
func (u *userList) Run(w *world) error {
	return command(w, u.Common, func(c *core) error {
		users, err := c.db.Users(w.ctx)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(w.stdout, 0, 4, 2, ' ', 0)
		for _, user := range users {
			state := "enabled"
			if !user.Enabled {
				state = "disabled"
			}
			_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", user.Email, user.Role, state, user.Name)
		}
		return table.Flush()
	})
}
