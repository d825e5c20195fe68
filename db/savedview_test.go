package db_test

import (
	"slices"
	"testing"

	"tieline/db"
	"tieline/db/dbtest"
	"tieline/internal/account"
	"tieline/internal/fault"
)

func TestAViewIsSeenByItsOwnerOrByWhoSeesItsCustomer(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		acme := dbtest.Customer(t, d, "acme")
		keep := func(v account.SavedView) account.SavedView {
			t.Helper()
			err := d.Tx(ctx, func(tx *db.Tx) (err error) { v, err = tx.CreateSavedView(ctx, v); return err })
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		mine := keep(account.SavedView{Name: "Mine", Query: "status=failed", UserID: "u1"})
		keep(account.SavedView{Name: "Theirs", Query: "status=failed", UserID: "u2"})
		keep(account.SavedView{Name: "acme only", Query: "customer=acme", CustomerID: acme.ID})
		keep(account.SavedView{Name: "All", Query: "status=unknown"})
		names := func(scope account.Scope, user string) []string {
			t.Helper()
			list, err := d.SavedViews(ctx, scope, user)
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, v := range list {
				names = append(names, v.Name)
			}
			return names
		}
		for _, c := range []struct {
			scope account.Scope
			user  string
			want  []string
		}{
			{everything, "u1", []string{"acme only", "All", "Mine"}},
			{account.Only("other"), "u1", []string{"All", "Mine"}},
			{account.Only(acme.ID), "u3", []string{"acme only", "All"}},
			{account.Only(), "u3", []string{"All"}},
		} {
			if got := names(c.scope, c.user); !slices.Equal(got, c.want) {
				t.Errorf("%s sees %q, want %q", c.user, got, c.want)
			}
		}
		_, err := d.SavedView(ctx, everything, "u2", mine.ID)
		wantKind(t, err, fault.NotFound)

		wantKind(t, d.Tx(ctx, func(tx *db.Tx) error {
			_, err := tx.CreateSavedView(ctx, account.SavedView{Name: "MINE", Query: "q=x", UserID: "u1"})
			return err
		}), fault.Conflict)
		mine.Name, mine.Query = "Renamed", "status=rejected"
		dbtest.Tx(t, d, func(tx *db.Tx) (err error) { mine, err = tx.UpdateSavedView(ctx, mine); return err })
		if back, err := d.SavedView(ctx, everything, "u1", mine.ID); err != nil || back != mine {
			t.Errorf("stored %+v, want %+v (%v)", back, mine, err)
		}
		dbtest.Tx(t, d, func(tx *db.Tx) error { return tx.DeleteSavedView(ctx, mine.ID) })
		wantKind(t, d.Tx(ctx, func(tx *db.Tx) error { return tx.DeleteSavedView(ctx, mine.ID) }), fault.NotFound)
		dbtest.Tx(t, d, func(tx *db.Tx) error { return tx.DeleteCustomer(ctx, acme.ID) })
		if got := names(everything, "u1"); !slices.Equal(got, []string{"All"}) {
			t.Errorf("after its customer was deleted: %q", got)
		}
	})
}
