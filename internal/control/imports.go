package control

import (
	"context"
	"strconv"
	"time"

	"tieline/db"
	"tieline/internal/account"
	"tieline/internal/catalogue"
	"tieline/internal/fault"
	"tieline/internal/imports"
	"tieline/internal/integration"
)

// unusedFor is how long a catalogue waits for something to be imported from it.
const unusedFor = 24 * time.Hour

// ReadCatalogue reads a foreign description of an API and stores nothing. One text is read at a time, so that several
// large ones do not add up; the others wait.
func (p *Plane) ReadCatalogue(ctx context.Context, who account.Actor, format string, text []byte) (catalogue.Catalogue, error) {
	if err := who.May(account.EditIntegrations); err != nil {
		return catalogue.Catalogue{}, err
	}
	select {
	case p.reading <- struct{}{}:
		defer func() { <-p.reading }()
	case <-ctx.Done():
		return catalogue.Catalogue{}, ctx.Err()
	}
	return imports.Read(format, text)
}

// KeepCatalogue reads like ReadCatalogue and stores the result for its reader to pick from; it gives its id. It goes
// after a day unless something is imported from it.
func (p *Plane) KeepCatalogue(ctx context.Context, who account.Actor, format string, text []byte) (string, catalogue.Catalogue, error) {
	c, err := p.ReadCatalogue(ctx, who, format, text)
	if err != nil {
		return "", c, err
	}
	packed, err := db.PackCatalogue(c)
	if err != nil {
		return "", c, err
	}
	var stored string
	err = p.db.Tx(ctx, func(tx *db.Tx) error {
		stored, err = tx.CreateCatalogue(ctx, who.ID, packed, p.now().Add(unusedFor))
		return err
	})
	return stored, c, err
}

// Catalogue finds a catalogue that the actor may pick from.
func (p *Plane) Catalogue(ctx context.Context, who account.Actor, catalogueID string) (db.StoredCatalogue, error) {
	if err := who.May(account.EditIntegrations); err != nil {
		return db.StoredCatalogue{}, err
	}
	return p.db.Catalogue(ctx, who.Scope, who.ID, catalogueID)
}

// Pick gives the picked operations of a catalogue by their numbers, each of which stands once; they come in the order
// of the numbers.
func (p *Plane) Pick(ctx context.Context, who account.Actor, catalogueID string, numbers []int) (db.StoredCatalogue, []catalogue.Operation, error) {
	stored, err := p.Catalogue(ctx, who, catalogueID)
	if err != nil {
		return stored, nil, err
	}
	if len(numbers) > integration.MaxEndpoints {
		return stored, nil, fault.At("n", "At most "+strconv.Itoa(integration.MaxEndpoints)+" operations become endpoints of one integration; "+strconv.Itoa(len(numbers))+" are picked.")
	}
	picked, err := p.db.PickOperations(ctx, catalogueID, numbers)
	switch {
	case err == nil && len(numbers) == 0:
		err = fault.At("n", "Pick at least one operation.")
	case err == nil && len(picked) != len(numbers):
		err = fault.At("n", "Some of what was picked is not in this import. Pick again.")
	}
	return stored, picked, err
}

// Import saves what build makes of an integration – the one that is called into, or an empty one where into is "" – and
// keeps the catalogue with it, so that more can be picked later. build may be called more than once, when somebody
// saves meanwhile. A dry run says what would change and stores nothing.
func (p *Plane) Import(ctx context.Context, who account.Actor, catalogueID, into string, build func(integration.Integration) integration.Integration, dry bool) (Saved, error) {
	if _, err := p.Catalogue(ctx, who, catalogueID); err != nil {
		return Saved{}, err
	}
	keep := func(tx *db.Tx, saved db.StoredIntegration) error { return tx.KeepCatalogue(ctx, catalogueID, saved.ID) }
	switch {
	case into == "" && dry:
		return p.dryRun(ctx, who, db.StoredIntegration{}, build(integration.Integration{}))
	case into == "":
		next := build(integration.Integration{})
		return p.save(ctx, who, &draft{next: next, what: done{action: "import", subject: "integration", name: next.Name}, also: keep})
	case dry:
		stored, err := p.db.Integration(ctx, who.Scope, into)
		if err != nil {
			return Saved{}, err
		}
		return p.dryRun(ctx, who, stored, build(clone(stored.Document)))
	}
	return p.edit(ctx, who, into, func(d *draft) error {
		d.next, d.also = build(d.next), keep
		d.what = done{action: "import", subject: "integration", name: into}
		return nil
	})
}
