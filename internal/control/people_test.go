package control_test

import (
	"testing"
	"time"

	"tieline/db"
	"tieline/db/dbtest"
	"tieline/internal/account"
	"tieline/internal/control"
	"tieline/internal/fault"
	"tieline/internal/secret"
	"tieline/internal/signin"
)

func TestOnlyAnOwnerTouchesOwnersAndTheLastOneStays(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		first := w.user(t, account.Owner)
		admin := as(account.Admin)
		_, _, err := w.CreateUser(t.Context(), admin, control.UserInput{User: account.User{Email: "o@acme.test", Name: "o", Role: account.Owner}})
		wantKind(t, err, fault.Forbidden)
		wantKind(t, w.DeleteUser(t.Context(), admin, first.ID), fault.Forbidden)
		_, err = w.UserLink(t.Context(), admin, first.ID)
		wantKind(t, err, fault.Forbidden)
		first.Role = account.Builder
		_, err = w.UpdateUser(t.Context(), admin, first)
		wantKind(t, err, fault.Forbidden)
		_, _, err = w.CreateAPIKey(t.Context(), admin, account.APIKey{Name: "k", Role: account.Owner})
		wantKind(t, err, fault.Forbidden)
		helper := w.user(t, account.Builder)
		helper.Role = account.Owner
		_, err = w.UpdateUser(t.Context(), admin, helper)
		wantKind(t, err, fault.Forbidden)

		_, err = w.UpdateUser(t.Context(), owner, first) // demoted
		wantKind(t, err, fault.Conflict)
		first.Role, first.Enabled = account.Owner, false
		_, err = w.UpdateUser(t.Context(), owner, first)
		wantKind(t, err, fault.Conflict)
		wantKind(t, w.DeleteUser(t.Context(), owner, first.ID), fault.Conflict)
		w.user(t, account.Owner)
		must(t, w.DeleteUser(t.Context(), owner, first.ID))
	})
}

func TestTwoOwnersDemotedAtOnceLeaveOne(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		users := []account.User{w.user(t, account.Owner), w.user(t, account.Owner)}
		errs := make(chan error, len(users))
		for _, u := range users {
			go func() {
				u.Role = account.Builder
				_, err := w.UpdateUser(t.Context(), owner, u)
				errs <- err
			}()
		}
		if one, two := <-errs, <-errs; one == nil && two == nil {
			t.Error("both owners were demoted")
		}
		if n, err := d.CountOwners(t.Context()); err != nil || n < 1 {
			t.Errorf("owners = %d, %v", n, err)
		}
	})
}

func TestChangedRightsEndTheSessions(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		c := w.customer(t)
		for name, change := range map[string]func(u *account.User){
			"role":      func(u *account.User) { u.Role = account.Support },
			"disabled":  func(u *account.User) { u.Enabled = false },
			"customers": func(u *account.User) { u.CustomerIDs = []string{c.ID} },
		} {
			in := control.UserInput{User: account.User{Email: name + "@acme.test", Name: "x", Role: account.Builder}, Password: secret.NewText("green-lamp-42-river")}
			u, link, err := w.CreateUser(t.Context(), owner, in)
			must(t, err)
			if !link.Empty() {
				t.Error("a link was made though a password was given")
			}
			session, err := w.signin.SignIn(t.Context(), u.Email, in.Password, signin.Client{})
			must(t, err)
			change(&u)
			_, err = w.UpdateUser(t.Context(), owner, u)
			must(t, err)
			_, err = w.signin.Resume(t.Context(), session.ID.Reveal(), signin.Client{})
			wantKind(t, err, fault.Unauthenticated)
		}
	})
}

func TestANewPersonSetsTheirPasswordByLink(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		u, link, err := w.CreateUser(t.Context(), owner, control.UserInput{User: account.User{Email: "new@acme.test", Name: "New", Role: account.Builder}})
		must(t, err)
		session, err := w.signin.UseLink(t.Context(), link.Reveal(), secret.NewText("green-lamp-42-river"), signin.Client{})
		must(t, err)
		if session.Actor.ID != u.ID {
			t.Errorf("signed in as %s", session.Actor.Name)
		}
		_, _, err = w.CreateUser(t.Context(), owner, control.UserInput{User: account.User{Email: "bad", Name: "", Role: "king"}, Password: secret.NewText("short")})
		for _, field := range []string{"email", "name", "role", "password"} {
			wantField(t, err, field)
		}
	})
}

func TestAnAPIKeyOpensTheDoorUntilItIsRevoked(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		k, text, err := w.CreateAPIKey(t.Context(), owner, account.APIKey{Name: "dialler", Role: account.Builder})
		must(t, err)
		who, err := w.signin.Key(t.Context(), text.Reveal(), signin.Client{})
		if err != nil || who.ID != k.ID {
			t.Fatalf("key = %+v, %v", who, err)
		}
		_, _, err = w.CreateAPIKey(t.Context(), owner, account.APIKey{Name: "late", Role: account.Builder, ExpiresAt: time.Now().Add(-time.Hour)})
		wantField(t, err, "expires_at")
		_, _, err = w.CreateAPIKey(t.Context(), owner, account.APIKey{Name: "", Role: "king"})
		wantField(t, err, "name")
		wantField(t, err, "role")
		must(t, w.RevokeAPIKey(t.Context(), owner, k.ID))
		late := signin.New(signin.Deps{DB: d})
		_, err = late.Key(t.Context(), text.Reveal(), signin.Client{})
		wantKind(t, err, fault.Unauthenticated)
	})
}

func TestARetentionIsCheckedAtItsFields(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		standard, err := w.Retention(t.Context())
		if err != nil || standard.RowDays != 90 || standard.BodyDays != 30 {
			t.Fatalf("standard = %+v, %v", standard, err)
		}
		wantField(t, w.SetRetention(t.Context(), owner, control.Retention{RowDays: -1}), "row_days")
		wantField(t, w.SetRetention(t.Context(), owner, control.Retention{RowDays: 10, BodyDays: 20}), "body_days")
		wantField(t, w.SetRetention(t.Context(), owner, control.Retention{MaxRuns: -5, MaxMiB: -5}), "max_mib")
		must(t, w.SetRetention(t.Context(), owner, control.Retention{RowDays: 10, BodyDays: 5, MaxRuns: 100}))
		if now, err := w.Retention(t.Context()); err != nil || now.MaxRuns != 100 {
			t.Errorf("retention = %+v, %v", now, err)
		}
	})
}
