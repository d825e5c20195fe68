package control

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"tieline/db"
	"tieline/internal/account"
	"tieline/internal/audit"
	"tieline/internal/fault"
	"tieline/internal/id"
	"tieline/internal/secret"
)

// VariableInput is a variable as typed. An encrypted one takes its value from Secret; an empty Secret keeps
// what is stored. The sealed value within Variable is not looked at.
type VariableInput struct {
	account.Variable
	Secret secret.Text
}

// mayVariable is nil when the actor may change a variable of this customer, or of the installation.
func mayVariable(ctx context.Context, tx *db.Tx, who account.Actor, customerID string) error {
	if customerID == "" {
		return shared(who)
	}
	if _, err := tx.Customer(ctx, who.Scope, customerID); fault.KindOf(err) == fault.NotFound {
		return fault.At("customer", "Choose a customer.")
	} else if err != nil {
		return err
	}
	return nil
}

// filled seals or clears the value of a variable as typed.
func (p *Plane) filled(before account.Variable, in VariableInput) (account.Variable, error) {
	next := in.Variable
	next.Secret = secret.Sealed{}
	var f fault.Fields
	f.Under("", next.Validate())
	switch {
	case !in.Encrypted:
	case next.Value != "":
		in.Secret, next.Value = secret.NewText(next.Value), ""
		fallthrough
	case !in.Secret.Empty():
		value := in.Secret.Reveal()
		if len(value) > 16<<10 || !utf8.ValidString(value) || strings.ContainsRune(value, 0) {
			f.Add("value", "At most 16 KiB of text.")
			break
		}
		sealed, err := p.seal.Seal(next.SecretPlace(), in.Secret)
		if err != nil {
			return next, err
		}
		next.Secret = sealed
	case before.Encrypted && before.Secret.Set():
		next.Secret = before.Secret
	default:
		f.Add("value", "A value is needed.")
	}
	return next, f.Err()
}

func variableDone(action string, before, after account.Variable) done {
	name := after
	if after.ID == "" {
		name = before
	}
	what := done{action: action, subject: "variable", subjectID: name.ID, name: name.Name, customerID: name.CustomerID}
	add := func(path, was, now string) {
		if was != now {
			what.fields = append(what.fields, audit.Field{Path: path, Before: was, After: now})
		}
	}
	add("name", before.Name, after.Name)
	add("value", before.Value, after.Value)
	was := map[string]secret.Sealed{"secret": before.Secret}
	now := map[string]secret.Sealed{"secret": after.Secret}
	what.fields = append(what.fields, secretFields(was, now)...)
	return what
}

const variableTaken = "There is a variable of this name already."

// CreateVariable makes a variable of the installation (no customer) or of one customer.
func (p *Plane) CreateVariable(ctx context.Context, who account.Actor, in VariableInput) (account.Variable, error) {
	in.ID, in.Version = id.New(), 0
	var made account.Variable
	err := p.change(ctx, who, account.EditIntegrations, func(tx *db.Tx) (done, error) {
		if err := mayVariable(ctx, tx, who, in.CustomerID); err != nil {
			return done{}, err
		}
		next, err := p.filled(account.Variable{}, in)
		if err != nil {
			return done{}, err
		}
		if made, err = tx.CreateVariable(ctx, next); err != nil {
			return done{}, taken(err, "name", variableTaken)
		}
		return variableDone("create", account.Variable{}, made), nil
	})
	return made, err
}

// UpdateVariable replaces a variable's name and value. One that is encrypted stays so: its value cannot be
// read back.
func (p *Plane) UpdateVariable(ctx context.Context, who account.Actor, in VariableInput) (account.Variable, error) {
	var saved account.Variable
	err := p.change(ctx, who, account.EditIntegrations, func(tx *db.Tx) (done, error) {
		before, err := tx.Variable(ctx, who.Scope, in.ID)
		if err != nil {
			return done{}, err
		}
		if err := mayVariable(ctx, tx, who, before.CustomerID); err != nil {
			return done{}, err
		}
		in.CustomerID = before.CustomerID
		if before.Encrypted && !in.Encrypted && in.Value == "" {
			return done{}, fault.At("value", "An encrypted value cannot be read back. Give it again.")
		}
		next, err := p.filled(before, in)
		if err != nil {
			return done{}, err
		}
		if in.Version != 0 && in.Version != before.Version {
			return done{}, &ConflictError{What: "this variable", Mine: next, Theirs: before, Revision: before.Version}
		}
		if next.Version = before.Version; next.Name != before.Name {
			if err := unused(ctx, tx, before); err != nil {
				return done{}, err
			}
		}
		if saved, err = tx.UpdateVariable(ctx, next); err != nil {
			return done{}, taken(err, "name", variableTaken)
		}
		return variableDone("update", before, saved), nil
	})
	return saved, err
}

// DeleteVariable removes a variable that no definition names; integrators hold no tokens.
func (p *Plane) DeleteVariable(ctx context.Context, who account.Actor, variableID string) error {
	return p.change(ctx, who, account.EditIntegrations, func(tx *db.Tx) (done, error) {
		before, err := tx.Variable(ctx, who.Scope, variableID)
		if err != nil {
			return done{}, err
		}
		if err := mayVariable(ctx, tx, who, before.CustomerID); err != nil {
			return done{}, err
		}
		if err := unused(ctx, tx, before); err != nil {
			return done{}, err
		}
		return variableDone("delete", before, account.Variable{}), tx.DeleteVariable(ctx, variableID)
	})
}

// unused is a conflict that lists where a variable is in use. An override is never in use by itself: the
// installation's value takes over.
func unused(ctx context.Context, tx *db.Tx, v account.Variable) error {
	if v.CustomerID != "" {
		all, err := tx.Variables(ctx, account.System("variables").Scope, v.CustomerID)
		if err != nil {
			return err
		}
		for _, other := range all {
			if other.Name == v.Name && other.CustomerID == "" {
				return nil
			}
		}
	}
	uses, err := usesOf(ctx, tx, v.Name)
	if err != nil || len(uses) == 0 {
		return err
	}
	more := ""
	if len(uses) > 5 {
		more = fmt.Sprintf(" and %d more", len(uses)-5)
		uses = uses[:5]
	}
	return fault.New(fault.Conflict, "${"+v.Name+"} is in use: "+strings.Join(uses, ", ")+more+".")
}
