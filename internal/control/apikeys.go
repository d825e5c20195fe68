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

type keyFields struct {
	Name      string       `json:"name"`
	Role      account.Role `json:"role"`
	Customers []string     `json:"customers,omitempty"`
	Expires   string       `json:"expires,omitempty"`
}

// CreateAPIKey makes a key for a program. The key itself is told this once.
func (p *Plane) CreateAPIKey(ctx context.Context, who account.Actor, in account.APIKey) (account.APIKey, secret.Text, error) {
	in.Name = strings.TrimSpace(in.Name)
	in.CustomerIDs = slices.Compact(slices.Sorted(slices.Values(in.CustomerIDs)))
	in.ID, in.CreatedBy, in.CreatedAt = id.New(), who.Name, p.now().UTC()
	key, hash, hint := signin.NewAPIKey()
	in.Hash, in.Hint = hash, hint
	err := p.change(ctx, who, account.ManageUsers, func(tx *db.Tx) (done, error) {
		var f fault.Fields
		f.Under("", in.Validate())
		if !in.ExpiresAt.IsZero() && !in.ExpiresAt.After(in.CreatedAt) {
			f.Add("expires_at", "This moment has passed.")
		}
		if err := f.Err(); err != nil {
			return done{}, err
		}
		if err := mayTouch(who, in.Role, in.CustomerIDs); err != nil {
			return done{}, err
		}
		if err := knownCustomers(ctx, tx, who, in.CustomerIDs); err != nil {
			return done{}, err
		}
		stored, err := tx.CreateAPIKey(ctx, in)
		if err != nil {
			return done{}, taken(err, "name", "There is a key of this name already.")
		}
		in = stored
		return keyDone("create", in), nil
	})
	if err != nil {
		return account.APIKey{}, secret.Text{}, err
	}
	return in, key, nil
}

func keyDone(action string, k account.APIKey) done {
	fields := keyFields{Name: k.Name, Role: k.Role, Customers: k.CustomerIDs}
	if !k.ExpiresAt.IsZero() {
		fields.Expires = k.ExpiresAt.Format("2006-01-02 15:04 MST")
	}
	what := done{action: action, subject: "api key", subjectID: k.ID, name: k.Name}
	if action == "create" {
		what.fields = document.Diff(keyFields{}, fields)
	}
	return what
}

// RevokeAPIKey ends a key for good.
func (p *Plane) RevokeAPIKey(ctx context.Context, who account.Actor, keyID string) error {
	return p.change(ctx, who, account.ManageUsers, func(tx *db.Tx) (done, error) {
		k, err := tx.APIKey(ctx, keyID)
		if err != nil {
			return done{}, err
		}
		if err := mayTouch(who, k.Role, k.CustomerIDs); err != nil {
			if fault.KindOf(err) == fault.Invalid {
				return done{}, fault.New(fault.NotFound, "There is no such key.")
			}
			return done{}, err
		}
		if !k.RevokedAt.IsZero() {
			return done{}, nil
		}
		return keyDone("revoke", k), tx.RevokeAPIKey(ctx, keyID, p.now().UTC())
	})
}
