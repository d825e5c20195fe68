package control

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"tieline/db"
	"tieline/internal/account"
	"tieline/internal/audit"
	"tieline/internal/document"
	"tieline/internal/fault"
	"tieline/internal/integration"
	"tieline/internal/run"
)

// Saved is a definition after a change. Changed is false when what was stored was the same already. Warnings
// do not keep a definition from being saved; their fields are as in the document.
type Saved struct {
	ID          string
	Integration integration.Integration
	Revision    int64
	Created     bool
	Changed     bool
	Warnings    []run.Problem
	Diff        []audit.Field
}

// draft is a change to one definition while it is worked out: before is what is stored.
type draft struct {
	stored  db.StoredIntegration
	next    integration.Integration
	renames map[string]string // endpoints, old name to new
	what    done
	also    func(tx *db.Tx, saved db.StoredIntegration) error // in the same transaction
}

// moved tells edit that the definition was saved by somebody else while a change was worked out.
var errMoved = errors.New("the definition moved")

// edit works out a change outside of the transaction, checks the whole definition and saves it as a new
// revision. When somebody saved in between, the change is worked out again on what they saved.
func (p *Plane) edit(ctx context.Context, who account.Actor, name string, work func(d *draft) error) (Saved, error) {
	if err := who.May(account.EditIntegrations); err != nil {
		return Saved{}, err
	}
	for range 5 {
		stored, err := p.db.Integration(ctx, who.Scope, name)
		if err != nil {
			return Saved{}, err
		}
		if err := ownIntegration(who, stored); err != nil {
			return Saved{}, err
		}
		d := &draft{stored: stored, next: clone(stored.Document)}
		if err := work(d); err != nil {
			return Saved{}, err
		}
		saved, err := p.save(ctx, who, d)
		if !errors.Is(err, errMoved) {
			return saved, err
		}
	}
	return Saved{}, fault.New(fault.Conflict, "Others are saving this integration just now. Try again.")
}

// ownIntegration is nil when the actor may change a definition: a shared one touches every customer.
func ownIntegration(who account.Actor, stored db.StoredIntegration) error {
	if stored.CustomerID != "" {
		return nil // the scope was asked when it was read
	}
	return shared(who)
}

// save checks and stores a draft. An unchanged one is not stored.
func (p *Plane) save(ctx context.Context, who account.Actor, d *draft) (Saved, error) {
	saved := Saved{ID: d.stored.ID, Integration: d.next, Revision: d.stored.Revision, Created: d.stored.ID == ""}
	warnings, err := p.judge(ctx, who, d.stored.ID, d.next)
	if err != nil {
		return Saved{}, err
	}
	saved.Warnings = warnings
	if !saved.Created && same(d.stored.Document, d.next) {
		return saved, nil
	}
	saved.Changed = true
	saved.Diff = document.Diff(d.stored.Document, d.next)
	d.what.fields = saved.Diff
	err = p.change(ctx, who, account.EditIntegrations, func(tx *db.Tx) (done, error) {
		stored, err := p.store(ctx, tx, who, d)
		if err != nil {
			return done{}, err
		}
		saved.ID, saved.Revision = stored.ID, stored.Revision
		d.what.subjectID, d.what.customerID = stored.ID, stored.CustomerID
		if d.also != nil {
			err = d.also(tx, stored)
		}
		return d.what, err
	})
	return saved, err
}

// store writes a draft as the next revision of what it was worked out on.
func (p *Plane) store(ctx context.Context, tx *db.Tx, who account.Actor, d *draft) (db.StoredIntegration, error) {
	if d.stored.ID != "" {
		now, err := tx.IntegrationByID(ctx, who.Scope, d.stored.ID)
		if err != nil {
			return now, err
		}
		if now.Revision != d.stored.Revision {
			return now, errMoved
		}
	}
	if err := placed(ctx, tx, who, d); err != nil {
		return db.StoredIntegration{}, err
	}
	stored, err := tx.SaveIntegration(ctx, db.SaveIntegration{
		ID: d.stored.ID, Document: d.next, Base: d.stored.Revision, Author: who.Name, Parts: parts(d), Renames: d.renames,
	})
	switch {
	case d.stored.ID == "":
		err = taken(err, "name", "Another integration has this name.")
	case fault.KindOf(err) == fault.Conflict: // its name was free a moment ago: somebody saved in between
		err = errMoved
	}
	return stored, err
}

// CreateIntegration stores a new definition as revision 1.
func (p *Plane) CreateIntegration(ctx context.Context, who account.Actor, in integration.Integration) (Saved, error) {
	if err := who.May(account.EditIntegrations); err != nil {
		return Saved{}, err
	}
	return p.save(ctx, who, &draft{next: in, what: done{action: "create", subject: "integration", name: in.Name}})
}

// Replace says how ReplaceIntegration goes about it. Base is the revision that the new definition was made
// from; 0 takes whatever is stored. A dry run says what would change and stores nothing.
type Replace struct {
	Base   int64
	DryRun bool
}

// ReplaceIntegration makes the integration with a name what a document says, or creates it. Endpoints keep
// their identity, and so their logs, where their names stay.
func (p *Plane) ReplaceIntegration(ctx context.Context, who account.Actor, name string, in integration.Integration, o Replace) (Saved, error) {
	if in.Name != name {
		return Saved{}, fault.At("name", "The address names "+strconv.Quote(name)+". Give the same name, or rename it in its settings.")
	}
	stored, err := p.db.Integration(ctx, who.Scope, name)
	switch kind := fault.KindOf(err); {
	case err == nil && o.Base != 0 && o.Base != stored.Revision:
		return Saved{}, &ConflictError{What: "this integration", Mine: in, Theirs: stored.Document, Revision: stored.Revision}
	case err != nil && kind != fault.NotFound:
		return Saved{}, err
	case err != nil && o.Base != 0:
		return Saved{}, err
	case o.DryRun:
		return p.dryRun(ctx, who, stored, in)
	case err != nil:
		return p.CreateIntegration(ctx, who, in)
	}
	return p.edit(ctx, who, name, func(d *draft) error {
		if o.Base != 0 && o.Base != d.stored.Revision {
			return &ConflictError{What: "this integration", Mine: in, Theirs: d.stored.Document, Revision: d.stored.Revision}
		}
		d.next = in
		d.what = done{action: "update", subject: "integration", name: in.Name}
		return p.sealNew(ctx, d)
	})
}

func (p *Plane) dryRun(ctx context.Context, who account.Actor, stored db.StoredIntegration, in integration.Integration) (Saved, error) {
	if err := who.May(account.EditIntegrations); err != nil {
		return Saved{}, err
	}
	if stored.ID != "" {
		if err := ownIntegration(who, stored); err != nil {
			return Saved{}, err
		}
	}
	warnings, err := p.judge(ctx, who, stored.ID, in)
	if err != nil {
		return Saved{}, err
	}
	if err := placed(ctx, p.db, who, &draft{stored: stored, next: in}); err != nil {
		return Saved{}, err
	}
	return Saved{
		ID: stored.ID, Integration: in, Revision: stored.Revision, Created: stored.ID == "",
		Changed: stored.ID == "" || !same(stored.Document, in), Warnings: warnings, Diff: document.Diff(stored.Document, in),
	}, nil
}

// SaveSettings replaces all of a definition but its mappings and endpoints. base is the revision it was made from;
// it is a conflict only when somebody else changed the settings meanwhile, not a mapping or an endpoint.
func (p *Plane) SaveSettings(ctx context.Context, who account.Actor, name string, base int64, in integration.Integration) (Saved, error) {
	in = settings(in)
	return p.edit(ctx, who, name, func(d *draft) error {
		theirs := settings(d.stored.Document)
		was, err := p.baseOf(ctx, who, d.stored, base)
		if err != nil {
			return err
		}
		if mine := settings(was); !same(mine, theirs) && !same(in, theirs) {
			return &ConflictError{What: "these settings", Base: mine, Mine: in, Theirs: theirs, Revision: d.stored.Revision}
		}
		d.next = in
		d.next.Mappings, d.next.Endpoints = d.stored.Document.Mappings, d.stored.Document.Endpoints
		d.what = done{action: "update", subject: "integration", name: in.Name}
		return p.sealNew(ctx, d)
	})
}

func settings(in integration.Integration) integration.Integration {
	in.Mappings, in.Endpoints = nil, nil
	return in
}

// baseOf is the definition at a revision; 0 and the current one are what is stored.
func (p *Plane) baseOf(ctx context.Context, who account.Actor, stored db.StoredIntegration, base int64) (integration.Integration, error) {
	if base == 0 || base == stored.Revision {
		return stored.Document, nil
	}
	old, err := p.db.Revision(ctx, who.Scope, stored.ID, base)
	if fault.KindOf(err) == fault.NotFound {
		return integration.Integration{}, fault.New(fault.Conflict, "The revision that this was made from is not there any more. Load the page again.")
	}
	return old.Document, err
}

// EnableIntegration switches an integration on or off.
func (p *Plane) EnableIntegration(ctx context.Context, who account.Actor, name string, on bool) (Saved, error) {
	return p.edit(ctx, who, name, func(d *draft) error {
		d.next.Enabled = integration.Switch(on)
		if integration.On(d.stored.Document.Enabled) == on {
			d.next.Enabled = d.stored.Document.Enabled
		}
		d.what = done{action: switched(on), subject: "integration", name: name}
		return nil
	})
}

// DuplicateIntegration stores a copy under a new name; an empty one is made up. The copy has no integrators.
func (p *Plane) DuplicateIntegration(ctx context.Context, who account.Actor, name, as string) (Saved, error) {
	if err := who.May(account.EditIntegrations); err != nil {
		return Saved{}, err
	}
	stored, err := p.db.Integration(ctx, who.Scope, name)
	if err != nil {
		return Saved{}, err
	}
	next := clone(stored.Document)
	if next.Name = as; as == "" {
		if next.Name, err = p.freeName(ctx, name); err != nil {
			return Saved{}, err
		}
	}
	if next.Label != "" {
		next.Label += " (copy)"
	}
	return p.save(ctx, who, &draft{next: next, what: done{action: "create", subject: "integration", name: next.Name}})
}

func (p *Plane) freeName(ctx context.Context, name string) (string, error) {
	stem := strings.TrimRight(name[:min(len(name), 50)], "-") + "-copy"
	for n := 1; n < 1000; n++ {
		candidate := stem
		if n > 1 {
			candidate += "-" + strconv.Itoa(n)
		}
		_, err := p.db.Integration(ctx, account.System("uniqueness").Scope, candidate)
		if fault.KindOf(err) == fault.NotFound {
			return candidate, nil
		}
		if err != nil {
			return "", err
		}
	}
	return "", fault.At("name", "Choose a name for the copy.")
}

// DeleteIntegration removes a definition with its revisions and integrators; its runs stay.
func (p *Plane) DeleteIntegration(ctx context.Context, who account.Actor, name string) error {
	return p.change(ctx, who, account.EditIntegrations, func(tx *db.Tx) (done, error) {
		stored, err := tx.Integration(ctx, who.Scope, name)
		if err != nil {
			return done{}, err
		}
		if err := ownIntegration(who, stored); err != nil {
			return done{}, err
		}
		what := done{action: "delete", subject: "integration", subjectID: stored.ID, name: name, customerID: stored.CustomerID}
		return what, tx.DeleteIntegration(ctx, stored.ID)
	})
}
