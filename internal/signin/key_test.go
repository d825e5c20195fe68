package signin_test

import (
	"testing"
	"time"

	"tieline/db"
	"tieline/db/dbtest"
	"tieline/internal/account"
	"tieline/internal/fault"
	"tieline/internal/id"
	"tieline/internal/signin"
)

// newKey stores an API key and gives its text.
func newKey(t *testing.T, d *db.DB, expires time.Time, customers ...string) (account.APIKey, string) {
	t.Helper()
	text, hash, hint := signin.NewAPIKey()
	k := account.APIKey{ID: id.New(), Name: "key " + id.New(), Hash: hash, Hint: hint, Role: account.Builder, CustomerIDs: customers, ExpiresAt: expires}
	dbtest.Tx(t, d, func(tx *db.Tx) error {
		_, err := tx.CreateAPIKey(t.Context(), k)
		return err
	})
	return k, text.Reveal()
}

func TestAnAPIKeyIsItsRoleAndItsCustomers(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, c := service(d)
		acme := dbtest.Customer(t, d, "acme")
		k, text := newKey(t, d, time.Time{}, acme.ID)
		if len(text) != 46 || text[:3] != "tl_" {
			t.Fatalf("key = %q", text)
		}
		for range 3 {
			who, err := s.Key(t.Context(), text, home)
			must(t, err)
			if who.Kind != account.KeyUser || who.ID != k.ID || who.Role != account.Builder || who.Scope.All() || !who.Scope.Holds(acme.ID) {
				t.Fatalf("actor = %+v", who)
			}
		}
		used, err := d.APIKey(t.Context(), k.ID)
		if err != nil || !used.LastUsedAt.Equal(c.now()) {
			t.Errorf("last used = %v, %v, want %v", used.LastUsedAt, err, c.now())
		}
		for _, wrong := range []string{"", "tl_", text[:45], text + "A", "tl_" + text[4:] + "A", "xx_" + text[3:]} {
			_, err := s.Key(t.Context(), wrong, home)
			wantKind(t, err, fault.Unauthenticated)
		}
	})
}

func TestARevokedOrExpiredKeyIsRefusedThoughItWasCached(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, c := service(d)
		k, text := newKey(t, d, time.Time{})
		_, late := newKey(t, d, c.now().Add(time.Hour))
		for _, key := range []string{text, late} {
			_, err := s.Key(t.Context(), key, home)
			must(t, err)
		}
		dbtest.Tx(t, d, func(tx *db.Tx) error { return tx.RevokeAPIKey(t.Context(), k.ID, c.now()) })
		c.move(250 * time.Millisecond)
		_, err := s.Key(t.Context(), text, home)
		wantKind(t, err, fault.Unauthenticated)
		_, err = s.Key(t.Context(), late, home)
		must(t, err)
		c.move(time.Hour)
		_, err = s.Key(t.Context(), late, home)
		wantKind(t, err, fault.Unauthenticated)
	})
}
