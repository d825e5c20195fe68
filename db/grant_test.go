package db_test

import (
	"testing"
	"time"

	"tieline/db"
	"tieline/db/dbtest"
	"tieline/internal/account"
	"tieline/internal/fault"
	"tieline/internal/run"
)

func TestOneAtATimeMayRenewAToken(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, c := t.Context(), dbtest.Customer(t, d, "acme")
		g := dbtest.Integrator(t, d, dbtest.Integration(t, d, "crm"), c)
		now := time.Now().UTC().Truncate(time.Microsecond)
		lease := func(owner string, at time.Time) (got bool) {
			err := d.Tx(ctx, func(tx *db.Tx) (err error) {
				got, err = tx.LeaseGrant(ctx, g.ID, c.ID, owner, at, at.Add(10*time.Second))
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
		keep := func(owner string, grant run.Grant) (kept run.Grant, err error) {
			err = d.Tx(ctx, func(tx *db.Tx) error {
				kept, err = tx.KeepGrant(ctx, grant, c.ID, owner)
				return err
			})
			return kept, err
		}
		if !lease("a", now) || lease("b", now) || !lease("a", now.Add(5*time.Second)) || lease("b", now.Add(14*time.Second)) {
			t.Fatal("the lease is not one caller's alone")
		}
		want := run.Grant{
			IntegratorID: g.ID, Settings: "s", Access: sealed("access"), Refresh: sealed("refresh"), ObtainedAt: now, ExpiresAt: now.Add(time.Hour),
			RefreshedAt: now, FailedAt: now, Failure: &run.Failure{Cause: run.AuthFailed, Summary: "no"},
		}
		kept, err := keep("a", want)
		if err != nil || kept.Serial != 1 {
			t.Fatalf("%+v, %v", kept, err)
		}
		if !lease("b", now.Add(16*time.Second)) {
			t.Fatal("the lease of one who died does not end")
		}
		_, err = keep("a", want)
		wantKind(t, err, fault.Conflict)
		found, err := d.Grant(ctx, account.Only(c.ID), g.ID)
		if err != nil || string(found.Access.Data) != string(want.Access.Data) || string(found.Refresh.Data) != string(want.Refresh.Data) || *found.Failure != *want.Failure ||
			!found.ExpiresAt.Equal(want.ExpiresAt) || !found.RefreshedAt.Equal(now) || found.Settings != "s" {
			t.Errorf("found %+v, %v", found, err)
		}
		if other, err := d.Grant(ctx, account.Only("another"), g.ID); err != nil || other.Access.Set() || other.Serial != 0 {
			t.Errorf("another customer sees %+v, %v", other, err)
		}
		dbtest.Tx(t, d, func(tx *db.Tx) error { return tx.ReleaseGrant(ctx, g.ID, "b") })
		if !lease("c", now) {
			t.Error("a lease that was given back is not free")
		}
		dbtest.Tx(t, d, func(tx *db.Tx) error { return tx.DeleteGrant(ctx, g.ID) })
		_, err = keep("c", want)
		wantKind(t, err, fault.Conflict)
		if ids, err := d.SecretKeyIDs(ctx); err != nil || len(ids) != 0 {
			t.Errorf("sealed values are left: %v, %v", ids, err)
		}
	})
}

func TestATokenGoesWithItsOwner(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		for name, remove := range map[string]func(tx *db.Tx, c account.Customer, of db.StoredIntegration, integrator string) error{
			"integrator": func(tx *db.Tx, _ account.Customer, _ db.StoredIntegration, id string) error {
				return tx.DeleteIntegrator(ctx, id)
			},
			"integration": func(tx *db.Tx, _ account.Customer, of db.StoredIntegration, _ string) error {
				return tx.DeleteIntegration(ctx, of.ID)
			},
			"customer": func(tx *db.Tx, c account.Customer, _ db.StoredIntegration, _ string) error {
				return tx.DeleteCustomer(ctx, c.ID)
			},
		} {
			c, of := dbtest.Customer(t, d, "acme-"+name), dbtest.Integration(t, d, "crm-"+name)
			g := dbtest.Integrator(t, d, of, c)
			dbtest.Tx(t, d, func(tx *db.Tx) error {
				if _, err := tx.LeaseGrant(ctx, g.ID, c.ID, "a", time.Now(), time.Now().Add(time.Minute)); err != nil {
					return err
				}
				if _, err := tx.KeepGrant(ctx, run.Grant{IntegratorID: g.ID, Access: sealed("x")}, c.ID, "a"); err != nil {
					return err
				}
				return tx.CreateConnection(ctx, db.Connection{Hash: name, IntegratorID: g.ID, Verifier: []byte{}, ExpiresAt: time.Now().Add(time.Hour)})
			})
			dbtest.Tx(t, d, func(tx *db.Tx) error { return remove(tx, c, of, g.ID) })
			if found, err := d.Grant(ctx, everything, g.ID); err != nil || found.Serial != 0 {
				t.Errorf("%s: %+v, %v", name, found, err)
			}
			if ids, err := d.SecretKeyIDs(ctx); err != nil || len(ids) != 0 {
				t.Errorf("%s: sealed values are left: %v, %v", name, ids, err)
			}
		}
	})
}
