package control

import (
	"context"
	"time"

	"tieline/db"
	"tieline/internal/account"
	"tieline/internal/fault"
)

// Bases stores the base URLs that an executor found anew, in the name of the look-up. It is safe for concurrent use.
type Bases struct{ db *db.DB }

// NewBases makes a Bases; it is what an executor is given.
func NewBases(d *db.DB) *Bases { return &Bases{db: d} }

// MoveBase changes the base URL of an integrator, with an audit entry. Where it is not the one that was looked up
// from any more, or the integrator is gone, nothing happens.
func (b *Bases) MoveBase(ctx context.Context, integratorID, from, to string) error {
	who := account.System("ConnectWise look-up")
	return b.db.Tx(ctx, func(tx *db.Tx) error {
		before, err := tx.Integrator(ctx, who.Scope, integratorID)
		switch {
		case err != nil && fault.KindOf(err) == fault.NotFound:
			return nil
		case err != nil || before.BaseURL != from:
			return err
		}
		stored, err := tx.IntegrationByID(ctx, who.Scope, before.IntegrationID)
		if err != nil {
			return err
		}
		customer, err := tx.Customer(ctx, who.Scope, before.CustomerID)
		if err != nil {
			return err
		}
		next := before
		next.BaseURL = to
		if next, err = tx.UpdateIntegrator(ctx, next); err != nil {
			return err
		}
		return tx.AddAudit(ctx, entryOf(who, integratorDone("update", stored.Document.Name, customer.Slug, before, next), time.Now()))
	})
}
