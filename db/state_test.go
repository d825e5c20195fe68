package db_test

import (
	"testing"
	"time"

	"tieline/db"
	"tieline/db/dbtest"
	"tieline/internal/account"
)

// stateOf is what an integrator and an endpoint remember, key by key.
func stateOf(t *testing.T, d *db.DB, scope account.Scope, integrator, endpoint string) map[string]string {
	t.Helper()
	list, err := d.State(t.Context(), scope, integrator, endpoint, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, e := range list {
		found[e.Key] = e.Value
	}
	return found
}

func TestStateBelongsToOneIntegratorAndOneEndpoint(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := dbtest.Customer(t, d, "acme")
		in := dbtest.Integration(t, d, "crm")
		g, other := dbtest.Integrator(t, d, in, c), dbtest.Integrator(t, d, in, c)
		endpoint, err := d.EndpointID(t.Context(), everything, in.ID, "findContact")
		if err != nil {
			t.Fatal(err)
		}
		now := time.Now()
		set := func(key, value string, since, expires time.Time) {
			dbtest.Tx(t, d, func(tx *db.Tx) error {
				return tx.SetState(db.StateEntry{IntegratorID: g.ID, EndpointID: endpoint, Key: key, Value: value, Since: since, Expires: expires})
			})
		}
		set("cursor", `"b"`, now, time.Time{})
		set("cursor", `"a"`, now.Add(-time.Minute), time.Time{}) // of a run that began before and ended after
		set("brief", `1`, now, now.Add(-time.Second))
		if got := stateOf(t, d, everything, g.ID, endpoint); len(got) != 1 || got["cursor"] != `"b"` {
			t.Errorf("state = %v, want the cursor of the run that began last, and nothing that has expired", got)
		}
		set("cursor", `"c"`, now.Add(time.Minute), time.Time{})
		if got := stateOf(t, d, account.Only(c.ID), g.ID, endpoint); got["cursor"] != `"c"` {
			t.Errorf("state = %v, want the newer cursor", got)
		}
		for name, empty := range map[string]map[string]string{
			"another customer":   stateOf(t, d, account.Only("other"), g.ID, endpoint),
			"another integrator": stateOf(t, d, everything, other.ID, endpoint),
			"another endpoint":   stateOf(t, d, everything, g.ID, "other"),
		} {
			if len(empty) != 0 {
				t.Errorf("%s sees %v", name, empty)
			}
		}
		dbtest.Tx(t, d, func(tx *db.Tx) error { return tx.DeleteExpired(t.Context(), now) })
		if list, err := d.State(t.Context(), everything, g.ID, endpoint, now.Add(-time.Hour)); err != nil || len(list) != 1 {
			t.Errorf("after what expired was removed: %v, %v", list, err)
		}
	})
}

func TestStateGoesWithItsEndpointAndItsIntegrator(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := dbtest.Customer(t, d, "acme")
		in := dbtest.Integration(t, d, "crm")
		g := dbtest.Integrator(t, d, in, c)
		ids := map[string]string{}
		for _, name := range []string{"findContact", "saveCall"} {
			endpoint, err := d.EndpointID(t.Context(), everything, in.ID, name)
			if err != nil {
				t.Fatal(err)
			}
			ids[name] = endpoint
			dbtest.Tx(t, d, func(tx *db.Tx) error {
				return tx.SetState(db.StateEntry{IntegratorID: g.ID, EndpointID: endpoint, Key: "k", Value: `1`, Since: time.Now()})
			})
		}
		save := func(change db.SaveIntegration) {
			change.ID = in.ID
			dbtest.Tx(t, d, func(tx *db.Tx) error { _, err := tx.SaveIntegration(t.Context(), change); return err })
		}
		renamed := dbtest.Document("crm")
		renamed.Endpoints[0].Name = "search"
		save(db.SaveIntegration{Document: renamed, Renames: map[string]string{"findContact": "search"}})
		if got := stateOf(t, d, everything, g.ID, ids["findContact"]); got["k"] != `1` {
			t.Errorf("a renamed endpoint remembers %v", got)
		}
		renamed.Endpoints = renamed.Endpoints[:1]
		save(db.SaveIntegration{Document: renamed})
		if got := stateOf(t, d, everything, g.ID, ids["saveCall"]); len(got) != 0 {
			t.Errorf("a removed endpoint remembers %v", got)
		}
		dbtest.Tx(t, d, func(tx *db.Tx) error { return tx.DeleteIntegrator(t.Context(), g.ID) })
		dbtest.Tx(t, d, func(tx *db.Tx) error { // a run that ends after that
			return tx.SetState(db.StateEntry{IntegratorID: g.ID, EndpointID: ids["findContact"], Key: "k", Value: `1`, Since: time.Now()})
		})
		if got := stateOf(t, d, everything, g.ID, ids["findContact"]); len(got) != 0 {
			t.Errorf("a removed integrator remembers %v", got)
		}
	})
}
