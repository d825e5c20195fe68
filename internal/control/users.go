package control

import (
	"context"
	"slices"
	"strings"

	"tieline/db"
	"tieline/internal/account"
	"tieline/internal/document"
	"tieline/internal/fault"
	"tieline/internal/id"
	"tieline/internal/secret"
	"tieline/internal/signin"
)

// UserInput is a new person as typed; without a password they get a one-time link to set one.
type UserInput struct {
	account.User
	Password secret.Text
}

type userFields struct {
	Email     string       `json:"email"`
	Name      string       `json:"name"`
	Role      account.Role `json:"role"`
	Enabled   bool         `json:"enabled"`
	Customers []string     `json:"customers,omitempty"`
}

func fieldsOfUser(u account.User) userFields {
	return userFields{Email: u.Email, Name: u.Name, Role: u.Role, Enabled: u.Enabled, Customers: u.CustomerIDs}
}

// mayTouch is nil when the actor may make or change somebody with this role and these customers: owners are
// for owners, and nobody hands out customers that they do not see.
func mayTouch(who account.Actor, role account.Role, customerIDs []string) error {
	if role == account.Owner && who.Role != account.Owner {
		return fault.New(fault.Forbidden, "Only an owner may do this to an owner.")
	}
	if who.Scope.All() {
		return nil
	}
	if len(customerIDs) == 0 {
		return fault.At("customers", "Choose among your own customers.")
	}
	for _, customerID := range customerIDs {
		if !who.Scope.Holds(customerID) {
			return fault.At("customers", "Choose among your own customers.")
		}
	}
	return nil
}

// knownCustomers refuses customer ids that are not there.
func knownCustomers(ctx context.Context, tx *db.Tx, who account.Actor, ids []string) error {
	for _, customerID := range ids {
		if _, err := tx.Customer(ctx, who.Scope, customerID); fault.KindOf(err) == fault.NotFound {
			return fault.At("customers", "Choose among the customers.")
		} else if err != nil {
			return err
		}
	}
	return nil
}

func tidyUser(u account.User) account.User {
	u.Email, u.Name = strings.TrimSpace(u.Email), strings.TrimSpace(u.Name)
	u.CustomerIDs = slices.Clone(u.CustomerIDs)
	slices.Sort(u.CustomerIDs)
	u.CustomerIDs = slices.Compact(u.CustomerIDs)
	return u
}

// CreateUser makes a person. Without a password the returned token is their one-time link to set one.
func (p *Plane) CreateUser(ctx context.Context, who account.Actor, in UserInput) (account.User, secret.Text, error) {
	if err := who.May(account.ManageUsers); err != nil {
		return account.User{}, secret.Text{}, err
	}
	u, hash, err := p.newUser(ctx, in)
	if err != nil {
		return account.User{}, secret.Text{}, err
	}
	u.PasswordHash = hash
	var link secret.Text
	err = p.change(ctx, who, account.ManageUsers, func(tx *db.Tx) (done, error) {
		if err := mayTouch(who, u.Role, u.CustomerIDs); err != nil {
			return done{}, err
		}
		if err := knownCustomers(ctx, tx, who, u.CustomerIDs); err != nil {
			return done{}, err
		}
		stored, err := tx.CreateUser(ctx, u)
		if err != nil {
			return done{}, taken(err, "email", "Somebody has this e-mail address already.")
		}
		u = stored
		if hash == "" {
			if link, err = p.signin.AddLink(ctx, tx, u.ID, signin.PurposePassword); err != nil {
				return done{}, err
			}
		}
		return userDone("create", account.User{}, u), nil
	})
	return u, link, err
}

// newUser checks a person as typed and hashes the password outside of any transaction.
func (p *Plane) newUser(ctx context.Context, in UserInput) (account.User, string, error) {
	u := tidyUser(in.User)
	u.ID, u.Version, u.Enabled, u.PasswordHash = id.New(), 0, true, ""
	var f fault.Fields
	f.Under("", u.Validate())
	if in.Password.Empty() {
		return u, "", f.Err()
	}
	f.Under("", signin.CheckNewPassword(in.Password, u.Email))
	if err := f.Err(); err != nil {
		return u, "", err
	}
	hash, err := p.signin.HashPassword(ctx, in.Password, u.Email)
	return u, hash, err
}

func userDone(action string, before, after account.User) done {
	u := after
	if u.ID == "" {
		u = before
	}
	return done{
		action: action, subject: "user", subjectID: u.ID, name: u.Email,
		fields: document.Diff(fieldsOfUser(before), fieldsOfUser(after)),
	}
}

// UpdateUser changes a person's e-mail address, name, role, customers and whether they may sign in. Their
// sessions end when their rights changed. The last owner stays an owner who can sign in.
func (p *Plane) UpdateUser(ctx context.Context, who account.Actor, in account.User) (account.User, error) {
	in = tidyUser(in)
	var saved account.User
	err := p.change(ctx, who, account.ManageUsers, func(tx *db.Tx) (done, error) {
		before, err := p.touchable(ctx, tx, who, in.ID)
		if err != nil {
			return done{}, err
		}
		next := before
		next.Email, next.Name, next.Role, next.Enabled, next.CustomerIDs = in.Email, in.Name, in.Role, in.Enabled, in.CustomerIDs
		if err := next.Validate(); err != nil {
			return done{}, err
		}
		if err := mayTouch(who, next.Role, next.CustomerIDs); err != nil {
			return done{}, err
		}
		if err := knownCustomers(ctx, tx, who, next.CustomerIDs); err != nil {
			return done{}, err
		}
		if in.Version != 0 && in.Version != before.Version {
			return done{}, &ConflictError{What: "this person", Mine: next, Theirs: before, Revision: before.Version}
		}
		if same(fieldsOfUser(before), fieldsOfUser(next)) {
			saved = before
			return done{}, nil
		}
		if err := lastOwner(ctx, tx, before, next.Role == account.Owner && next.Enabled); err != nil {
			return done{}, err
		}
		saved, err = p.storeUser(ctx, tx, before, next)
		return userDone("update", before, saved), err
	})
	return saved, err
}

func (p *Plane) storeUser(ctx context.Context, tx *db.Tx, before, next account.User) (account.User, error) {
	saved, err := tx.UpdateUser(ctx, next)
	if err != nil {
		return saved, taken(err, "email", "Somebody has this e-mail address already.")
	}
	if before.Role != next.Role || before.Enabled != next.Enabled || !slices.Equal(before.CustomerIDs, next.CustomerIDs) {
		return saved, tx.DeleteSessionsOf(ctx, next.ID, "")
	}
	return saved, nil
}

// touchable finds a person whom the actor may change.
func (p *Plane) touchable(ctx context.Context, tx *db.Tx, who account.Actor, userID string) (account.User, error) {
	u, err := tx.User(ctx, userID)
	if err != nil {
		return u, err
	}
	if err := mayTouch(who, u.Role, u.CustomerIDs); err != nil {
		if fault.KindOf(err) == fault.Invalid {
			return u, fault.New(fault.NotFound, "There is no such person.")
		}
		return u, err
	}
	return u, nil
}

// lastOwner refuses a change after which nobody could do everything.
func lastOwner(ctx context.Context, tx *db.Tx, before account.User, stays bool) error {
	if before.Role != account.Owner || !before.Enabled || stays {
		return nil
	}
	// Two owners who are demoted at once must not each count the other: whoever writes this row first is waited
	// for, and what they did is counted.
	if err := tx.SetSetting(ctx, "owners.changed", before.ID); err != nil {
		return err
	}
	n, err := tx.CountOwners(ctx)
	if err == nil && n <= 1 {
		return fault.New(fault.Conflict, "This is the last owner. Make somebody else an owner first.")
	}
	return err
}

// DeleteUser removes a person with their sessions and links.
func (p *Plane) DeleteUser(ctx context.Context, who account.Actor, userID string) error {
	return p.change(ctx, who, account.ManageUsers, func(tx *db.Tx) (done, error) {
		before, err := p.touchable(ctx, tx, who, userID)
		if err != nil {
			return done{}, err
		}
		if before.ID == who.ID {
			return done{}, fault.New(fault.Conflict, "You cannot delete yourself.")
		}
		if err := lastOwner(ctx, tx, before, false); err != nil {
			return done{}, err
		}
		return userDone("delete", before, account.User{}), tx.DeleteUser(ctx, userID)
	})
}

// UserLink makes a one-time link with which a person sets a new password.
func (p *Plane) UserLink(ctx context.Context, who account.Actor, userID string) (secret.Text, error) {
	var link secret.Text
	err := p.change(ctx, who, account.ManageUsers, func(tx *db.Tx) (done, error) {
		u, err := p.touchable(ctx, tx, who, userID)
		if err != nil {
			return done{}, err
		}
		if !u.Enabled {
			return done{}, fault.New(fault.Conflict, "This person may not sign in. Enable them first.")
		}
		if err := tx.DeleteLinksOf(ctx, u.ID); err != nil {
			return done{}, err
		}
		link, err = p.signin.AddLink(ctx, tx, u.ID, signin.PurposePassword)
		return done{action: "make link", subject: "user", subjectID: u.ID, name: u.Email}, err
	})
	return link, err
}
