package db_test

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tieline/db"
	"tieline/db/dbtest"
	"tieline/internal/account"
	"tieline/internal/audit"
	"tieline/internal/fault"
	"tieline/internal/secret"
)

func TestCustomersAreStoredListedChangedAndDeleted(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		in := dbtest.Integration(t, d, "hubspot")
		for _, slug := range []string{"zeta", "acme", "mid_way", "beta"} {
			dbtest.Customer(t, d, slug)
		}
		acme := must[account.Customer](t)(d.CustomerBySlug(ctx, everything, "acme"))
		dbtest.Integrator(t, d, in, acme)
		rows, next, err := d.Customers(ctx, everything, db.CustomerFilter{Limit: 2})
		if err != nil || len(rows) != 2 || rows[0].Slug != "acme" || rows[0].Integrators != 1 || rows[1].Slug != "beta" || next == "" {
			t.Fatalf("first page: %+v %q %v", rows, next, err)
		}
		rows, next, err = d.Customers(ctx, everything, db.CustomerFilter{Limit: 2, Cursor: next})
		if err != nil || len(rows) != 2 || rows[1].Slug != "zeta" || next != "" {
			t.Fatalf("second page: %+v %q %v", rows, next, err)
		}
		rows, _, err = d.Customers(ctx, everything, db.CustomerFilter{Text: "D_W"})
		if err != nil || len(rows) != 1 || rows[0].Slug != "mid_way" {
			t.Fatalf("search: %+v %v", rows, err)
		}

		acme.Name, acme.CallcenterID, acme.Notes, acme.Enabled = "Acme GmbH", "CC-1001", "line\nline 😀 ' \" \\", false
		dbtest.Tx(t, d, func(tx *db.Tx) (err error) { acme, err = tx.UpdateCustomer(ctx, acme); return err })
		back := must[account.Customer](t)(d.CustomerByCallcenter(ctx, everything, "CC-1001"))
		if back != acme || back.Version != 2 || back.Notes != "line\nline 😀 ' \" \\" {
			t.Fatalf("stored %+v, want %+v", back, acme)
		}
		stale := acme
		stale.Version = 1
		wantKind(t, d.Tx(ctx, func(tx *db.Tx) error { _, err := tx.UpdateCustomer(ctx, stale); return err }), fault.Conflict)
		wantKind(t, d.Tx(ctx, func(tx *db.Tx) error {
			_, err := tx.CreateCustomer(ctx, account.Customer{Slug: "acme", Name: "Other"})
			return err
		}), fault.Conflict)
		wantKind(t, d.Tx(ctx, func(tx *db.Tx) error {
			_, err := tx.CreateCustomer(ctx, account.Customer{Slug: "other", Name: "Other", CallcenterID: "CC-1001"})
			return err
		}), fault.Conflict)

		dbtest.Tx(t, d, func(tx *db.Tx) error { return tx.DeleteCustomer(ctx, acme.ID) })
		_, err = d.Customer(ctx, everything, acme.ID)
		wantKind(t, err, fault.NotFound)
		wantKind(t, d.Tx(ctx, func(tx *db.Tx) error { return tx.DeleteCustomer(ctx, acme.ID) }), fault.NotFound)
	})
}

func TestADeletedCustomerTakesItsOwnAndNothingElse(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		in := dbtest.Integration(t, d, "hubspot")
		a, b := dbtest.Customer(t, d, "a"), dbtest.Customer(t, d, "b")
		ga, gb := dbtest.Integrator(t, d, in, a), dbtest.Integrator(t, d, in, b)
		for _, c := range []account.Customer{a, b} {
			dbtest.Tx(t, d, func(tx *db.Tx) error {
				if _, err := tx.CreateVariable(ctx, account.Variable{Name: "BASE", CustomerID: c.ID, Encrypted: true, Secret: sealed("s")}); err != nil {
					return err
				}
				_, err := tx.CreateAllowEntry(ctx, account.AllowEntry{CustomerID: c.ID, Target: "10.0.0.0/8"})
				return err
			})
		}
		for _, g := range []string{ga.ID, gb.ID} {
			dbtest.Tx(t, d, func(tx *db.Tx) error {
				stored, err := tx.Integrator(ctx, everything, g)
				if err != nil {
					return err
				}
				stored.Secrets = map[string]secret.Sealed{"field.ApiKey": sealed("k")}
				_, err = tx.UpdateIntegrator(ctx, stored)
				return err
			})
		}
		old := dbtest.Run(t, d, dbtest.NewRun(t, d, in, ga, a, time.Now()))
		user := account.User{Email: "s@x.test", Name: "S", Role: account.Support, Enabled: true, CustomerIDs: []string{a.ID}}
		dbtest.Tx(t, d, func(tx *db.Tx) (err error) { user, err = tx.CreateUser(ctx, user); return err })

		dbtest.Tx(t, d, func(tx *db.Tx) error { return tx.DeleteCustomer(ctx, a.ID) })
		if _, err := d.Integrator(ctx, everything, ga.ID); fault.KindOf(err) != fault.NotFound || err == nil {
			t.Errorf("its integrator: %v", err)
		}
		if got := must[account.User](t)(d.User(ctx, user.ID)); !slices.Equal(got.CustomerIDs, []string{a.ID}) {
			t.Errorf("a user bound to the deleted customer is now bound to %v", got.CustomerIDs)
		}
		if left := must[[]account.AllowEntry](t)(d.AllowEntries(ctx, everything, "")); len(left) != 1 || left[0].CustomerID != b.ID {
			t.Errorf("allow entries: %+v", left)
		}
		if left := must[[]account.Variable](t)(d.AllVariables(ctx, everything)); len(left) != 1 || left[0].CustomerID != b.ID || !left[0].Secret.Set() {
			t.Errorf("variables: %+v", left)
		}
		if _, err := d.Run(ctx, everything, old.ID); err != nil {
			t.Errorf("its run: %v", err)
		}
		kept, err := d.Integrator(ctx, everything, gb.ID)
		if err != nil || !kept.Secrets["field.ApiKey"].Set() {
			t.Errorf("the other's integrator: %+v %v", kept, err)
		}
	})
}

func TestVariablesOverrideByCustomerAndKeepSecretsSealed(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		c := dbtest.Customer(t, d, "acme")
		var plain, own account.Variable
		dbtest.Tx(t, d, func(tx *db.Tx) (err error) {
			if plain, err = tx.CreateVariable(ctx, account.Variable{Name: "BASE", Value: "https://a"}); err != nil {
				return err
			}
			own, err = tx.CreateVariable(ctx, account.Variable{Name: "BASE", CustomerID: c.ID, Value: "must not be stored", Encrypted: true, Secret: sealed("x")})
			return err
		})
		list := must[[]account.Variable](t)(d.Variables(ctx, account.Only(c.ID), c.ID))
		if len(list) != 2 || list[0].Value != "https://a" || list[1].Value != "" || string(list[1].Secret.Data) != string(sealed("x").Data) {
			t.Fatalf("%+v", list)
		}
		if list = must[[]account.Variable](t)(d.Variables(ctx, account.Only(), c.ID)); len(list) != 1 {
			t.Errorf("out of scope: %+v", list)
		}
		wantKind(t, d.Tx(ctx, func(tx *db.Tx) error { _, err := tx.CreateVariable(ctx, account.Variable{Name: "BASE"}); return err }), fault.Conflict)
		own.Encrypted, own.Value = false, "plain now"
		dbtest.Tx(t, d, func(tx *db.Tx) (err error) { own, err = tx.UpdateVariable(ctx, own); return err })
		if got := must[account.Variable](t)(d.Variable(ctx, everything, own.ID)); got.Value != "plain now" || got.Secret.Set() || got.Version != 2 {
			t.Errorf("after the change: %+v", got)
		}
		stale := own
		stale.Version = 1
		wantKind(t, d.Tx(ctx, func(tx *db.Tx) error { _, err := tx.UpdateVariable(ctx, stale); return err }), fault.Conflict)
		dbtest.Tx(t, d, func(tx *db.Tx) error { return tx.DeleteVariable(ctx, plain.ID) })
		_, err := d.Variable(ctx, everything, plain.ID)
		wantKind(t, err, fault.NotFound)
	})
}

func TestAllowEntriesBelongToOneCustomer(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		a, b := dbtest.Customer(t, d, "a"), dbtest.Customer(t, d, "b")
		entry := account.AllowEntry{CustomerID: a.ID, Target: "10.1.2.3", Ports: "443", Reason: "PSA", AddedBy: "owner"}
		dbtest.Tx(t, d, func(tx *db.Tx) (err error) { entry, err = tx.CreateAllowEntry(ctx, entry); return err })
		wantKind(t, d.Tx(ctx, func(tx *db.Tx) error {
			_, err := tx.CreateAllowEntry(ctx, account.AllowEntry{CustomerID: a.ID, Target: "10.1.2.3", Ports: "443"})
			return err
		}), fault.Conflict)
		wantKind(t, d.Tx(ctx, func(tx *db.Tx) error {
			_, err := tx.CreateAllowEntry(ctx, account.AllowEntry{CustomerID: "nobody", Target: "10.1.2.3"})
			return err
		}), fault.NotFound)
		if got := must[[]account.AllowEntry](t)(d.AllowEntries(ctx, everything, a.ID)); len(got) != 1 || got[0] != entry {
			t.Errorf("%+v, want %+v", got, entry)
		}
		if got := must[[]account.AllowEntry](t)(d.AllowEntries(ctx, everything, b.ID)); len(got) != 0 {
			t.Errorf("the other customer has %+v", got)
		}
		dbtest.Tx(t, d, func(tx *db.Tx) error { return tx.DeleteAllowEntry(ctx, entry.ID) })
		_, err := d.AllowEntry(ctx, everything, entry.ID)
		wantKind(t, err, fault.NotFound)
	})
}

func TestUsersSessionsAndTheirEnds(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		now := time.Now().UTC().Truncate(time.Microsecond)
		if n := must[int](t)(d.CountOwners(ctx)); n != 0 {
			t.Fatalf("%d owners at first", n)
		}
		u := account.User{Email: "First.Owner@Example.test", Name: "Owner", Role: account.Owner, Enabled: true, PasswordHash: "$argon2id$x"}
		dbtest.Tx(t, d, func(tx *db.Tx) (err error) { u, err = tx.CreateUser(ctx, u); return err })
		if n := must[int](t)(d.CountOwners(ctx)); n != 1 {
			t.Fatalf("%d owners", n)
		}
		wantKind(t, d.Tx(ctx, func(tx *db.Tx) error {
			_, err := tx.CreateUser(ctx, account.User{Email: "first.owner@example.TEST", Name: "X", Role: account.Support})
			return err
		}), fault.Conflict)
		found := must[account.User](t)(d.UserByEmail(ctx, "FIRST.owner@example.test"))
		if found.ID != u.ID || found.Email != "First.Owner@Example.test" || found.PasswordHash != "$argon2id$x" {
			t.Fatalf("%+v", found)
		}
		found.Name, found.Role, found.CustomerIDs, found.PasswordHash = "New", account.Support, []string{"c1", "c2", "c1"}, "must not change"
		dbtest.Tx(t, d, func(tx *db.Tx) (err error) { found, err = tx.UpdateUser(ctx, found); return err })
		back := must[account.User](t)(d.User(ctx, u.ID))
		if back.Name != "New" || back.PasswordHash != "$argon2id$x" || !slices.Equal(back.CustomerIDs, []string{"c1", "c2"}) || back.Version != 2 {
			t.Fatalf("%+v", back)
		}
		wantKind(t, d.Tx(ctx, func(tx *db.Tx) error { _, err := tx.UpdateUser(ctx, u); return err }), fault.Conflict)
		dbtest.Tx(t, d, func(tx *db.Tx) error {
			if err := tx.SetPassword(ctx, u.ID, "$argon2id$y"); err != nil {
				return err
			}
			if err := tx.TouchLogin(ctx, u.ID, now); err != nil {
				return err
			}
			for n := range 3 {
				s := account.Session{Hash: fmt.Sprint("h", n), UserID: u.ID, CreatedAt: now, SeenAt: now, ExpiresAt: now.Add(time.Duration(n) * time.Hour), Address: "192.0.2.1", Agent: "x"}
				if err := tx.CreateSession(ctx, s); err != nil {
					return err
				}
			}
			return tx.TouchSession(ctx, "h1", now.Add(time.Minute))
		})
		s, su, err := d.BySessionHash(ctx, "h1")
		if err != nil || su.PasswordHash != "$argon2id$y" || !su.LastLoginAt.Equal(now) || !s.SeenAt.Equal(now.Add(time.Minute)) || len(su.CustomerIDs) != 2 {
			t.Fatalf("%+v %+v %v", s, su, err)
		}
		dbtest.Tx(t, d, func(tx *db.Tx) error { return tx.DeleteExpired(ctx, now.Add(time.Second)) })
		if list := must[[]account.Session](t)(d.Sessions(ctx, u.ID)); len(list) != 2 {
			t.Fatalf("after expiry: %+v", list)
		}
		dbtest.Tx(t, d, func(tx *db.Tx) error { return tx.DeleteSessionsOf(ctx, u.ID, "h2") })
		if list := must[[]account.Session](t)(d.Sessions(ctx, u.ID)); len(list) != 1 || list[0].Hash != "h2" {
			t.Fatalf("after sign-out elsewhere: %+v", list)
		}
		dbtest.Tx(t, d, func(tx *db.Tx) error { return tx.DeleteUser(ctx, u.ID) })
		_, _, err = d.BySessionHash(ctx, "h2")
		wantKind(t, err, fault.NotFound)
		if list := must[[]account.User](t)(d.Users(ctx)); len(list) != 0 {
			t.Errorf("%+v", list)
		}
	})
}

func TestALinkIsUsedExactlyOnceHoweverManyTry(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		now := time.Now()
		dbtest.Tx(t, d, func(tx *db.Tx) error {
			if err := tx.CreateLink(ctx, account.Link{Hash: "old", Purpose: "setup", ExpiresAt: now.Add(-time.Second)}); err != nil {
				return err
			}
			return tx.CreateLink(ctx, account.Link{Hash: "good", Purpose: "login", UserID: "u", ExpiresAt: now.Add(time.Minute)})
		})
		var won atomic.Int32
		var wait sync.WaitGroup
		for range 16 {
			wait.Go(func() {
				err := d.Tx(ctx, func(tx *db.Tx) error { _, err := tx.UseLink(ctx, "good", "login", now); return err })
				switch {
				case err == nil:
					won.Add(1)
				case fault.KindOf(err) != fault.NotFound:
					t.Error(err)
				}
			})
		}
		wait.Wait()
		if won.Load() != 1 {
			t.Errorf("%d got it", won.Load())
		}
		if l := must[account.Link](t)(d.Link(ctx, "good")); l.UsedAt.IsZero() || l.UserID != "u" {
			t.Errorf("%+v", l)
		}
		for _, try := range [][2]string{{"old", "setup"}, {"good", "setup"}, {"none", "login"}} {
			wantKind(t, d.Tx(ctx, func(tx *db.Tx) error { _, err := tx.UseLink(ctx, try[0], try[1], now); return err }), fault.NotFound)
		}
		dbtest.Tx(t, d, func(tx *db.Tx) error { return tx.DeleteLinks(ctx, "login") })
		_, err := d.Link(ctx, "good")
		wantKind(t, err, fault.NotFound)
	})
}

func TestAPIKeysAreFoundByHashAndRevokedForGood(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		now := time.Now().UTC().Truncate(time.Microsecond)
		k := account.APIKey{Name: "dialler", Hash: "hash", Hint: "tl_a…9f2c", Role: account.Builder, CustomerIDs: []string{"c1"}, CreatedBy: "owner", ExpiresAt: now.Add(time.Hour)}
		dbtest.Tx(t, d, func(tx *db.Tx) (err error) { k, err = tx.CreateAPIKey(ctx, k); return err })
		wantKind(t, d.Tx(ctx, func(tx *db.Tx) error { _, err := tx.CreateAPIKey(ctx, account.APIKey{Hash: "hash"}); return err }), fault.Conflict)
		dbtest.Tx(t, d, func(tx *db.Tx) error {
			if err := tx.TouchAPIKey(ctx, k.ID, now); err != nil {
				return err
			}
			if err := tx.RevokeAPIKey(ctx, k.ID, now.Add(time.Second)); err != nil {
				return err
			}
			return tx.RevokeAPIKey(ctx, k.ID, now.Add(time.Hour))
		})
		back := must[account.APIKey](t)(d.APIKeyByHash(ctx, "hash"))
		if back.ID != k.ID || !back.LastUsedAt.Equal(now) || !back.RevokedAt.Equal(now.Add(time.Second)) || !slices.Equal(back.CustomerIDs, []string{"c1"}) || !back.ExpiresAt.Equal(k.ExpiresAt) {
			t.Errorf("%+v", back)
		}
		if list := must[[]account.APIKey](t)(d.APIKeys(ctx)); len(list) != 1 || len(list[0].CustomerIDs) != 1 {
			t.Errorf("%+v", list)
		}
		_, err := d.APIKey(ctx, "none")
		wantKind(t, err, fault.NotFound)
	})
}

func TestTheAuditTrailIsFilteredAndPaged(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		base := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
		dbtest.Tx(t, d, func(tx *db.Tx) error {
			for n := range 10 {
				e := audit.Entry{
					At: base.Add(time.Duration(n) * time.Hour), ActorKind: "person", ActorID: fmt.Sprint("u", n%2), ActorName: "Agent 17",
					Action: "update", Subject: "endpoint", SubjectID: fmt.Sprint("e", n%3), Name: "findContact", CustomerID: []string{"", "c1"}[n%2],
					Changes: []audit.Field{{Path: "url", Before: "a", After: "b"}},
				}
				if n == 9 {
					e.Action, e.Changes = "delete", nil
				}
				if err := tx.AddAudit(ctx, e); err != nil {
					return err
				}
			}
			return nil
		})
		for name, c := range map[string]struct {
			scope  account.Scope
			filter db.AuditFilter
			want   int
		}{
			"all":           {everything, db.AuditFilter{}, 10},
			"one customer":  {account.Only("c1"), db.AuditFilter{}, 5},
			"nobody":        {account.Only(), db.AuditFilter{}, 0},
			"actor":         {everything, db.AuditFilter{Actor: "u1"}, 5},
			"actor by name": {everything, db.AuditFilter{Actor: "Agent 17"}, 10},
			"subject":       {everything, db.AuditFilter{Subject: "endpoint", SubjectID: "e0"}, 4},
			"action":        {everything, db.AuditFilter{Action: "delete"}, 1},
			"text":          {everything, db.AuditFilter{Text: "FINDcon"}, 10},
			"text, none":    {everything, db.AuditFilter{Text: "100%"}, 0},
			"time":          {everything, db.AuditFilter{From: base.Add(2 * time.Hour), To: base.Add(5 * time.Hour)}, 3},
		} {
			list, next, err := d.AuditEntries(ctx, c.scope, c.filter)
			if err != nil || len(list) != c.want || next != "" {
				t.Errorf("%s: %d entries, next %q, %v; want %d", name, len(list), next, err, c.want)
			}
		}
		var seen []time.Time
		for cursor := ""; ; {
			list, next, err := d.AuditEntries(ctx, everything, db.AuditFilter{Limit: 3, Cursor: cursor})
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range list {
				seen = append(seen, e.At)
			}
			if cursor = next; next == "" {
				break
			}
		}
		if len(seen) != 10 || !slices.IsSortedFunc(seen, func(a, b time.Time) int { return b.Compare(a) }) {
			t.Errorf("pages gave %v", seen)
		}
	})
}
