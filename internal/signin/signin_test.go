package signin_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"tieline/db"
	"tieline/db/dbtest"
	"tieline/internal/account"
	"tieline/internal/fault"
	"tieline/internal/secret"
	"tieline/internal/signin"
)

func TestTheSetUpLinkMakesOneOwnerOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, _ := service(d)
		ctx := t.Context()
		old, needed, err := s.SetupLink(ctx)
		if err != nil || !needed || len(old.Reveal()) != 43 {
			t.Fatalf("SetupLink = %d characters, %v, %v", len(old.Reveal()), needed, err)
		}
		link, _, err := s.SetupLink(ctx)
		must(t, err)
		wantKind(t, s.SetupValid(ctx, old.Reveal()), fault.NotFound)
		must(t, s.SetupValid(ctx, link.Reveal()))

		_, err = s.Setup(ctx, link.Reveal(), signin.NewOwner{Email: "nobody", Password: secret.NewText("short")}, home)
		fields, _ := fault.FieldsOf(err)
		if fields["email"] == "" || fields["password"] == "" {
			t.Fatalf("a bad first owner: %v, want problems at email and password", err)
		}
		in := signin.NewOwner{Email: "owner@acme.test", Password: good}
		session, err := s.Setup(ctx, link.Reveal(), in, home)
		must(t, err)
		if session.Actor.Role != account.Owner || !session.Actor.Scope.All() {
			t.Errorf("the first owner is %+v", session.Actor)
		}
		if _, err = s.Resume(ctx, session.ID.Reveal(), home); err != nil {
			t.Errorf("the session of the set-up does not hold: %v", err)
		}
		_, err = s.Setup(ctx, link.Reveal(), in, home)
		wantKind(t, err, fault.NotFound)
		if _, needed, _ := s.SetupLink(ctx); needed {
			t.Error("a set-up link was made though there is an owner")
		}
		_, err = s.CreateOwner(ctx, signin.NewOwner{Email: "second@acme.test", Password: good})
		wantKind(t, err, fault.Conflict)
	})
}

func TestTwoAtOnceMakeOneOwner(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, _ := service(d)
		link, _, err := s.SetupLink(t.Context())
		must(t, err)
		var wait sync.WaitGroup
		errs := make([]error, 2)
		for n, email := range []string{"one@acme.test", "two@acme.test"} {
			wait.Go(func() {
				_, errs[n] = s.Setup(t.Context(), link.Reveal(), signin.NewOwner{Email: email, Password: good}, home)
			})
		}
		wait.Wait()
		owners, err := d.CountOwners(t.Context())
		if err != nil || owners != 1 || (errs[0] == nil) == (errs[1] == nil) {
			t.Fatalf("%d owners (%v), errors %v", owners, err, errs)
		}
	})
}

func TestARefusalIsTheSameForEverybody(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, _ := service(d)
		u := person(t, d, s, "known@acme.test", account.Builder)
		off := person(t, d, s, "off@acme.test", account.Builder)
		off.Enabled = false
		dbtest.Tx(t, d, func(tx *db.Tx) error {
			_, err := tx.UpdateUser(t.Context(), off)
			return err
		})
		var texts []string
		for email, password := range map[string]string{
			u.Email: "wrong-password-1", "unknown@acme.test": goodPassword, off.Email: goodPassword, "": "",
		} {
			_, err := s.SignIn(t.Context(), email, secret.NewText(password), home)
			wantKind(t, err, fault.Unauthenticated)
			texts = append(texts, fault.MessageOf(err))
		}
		for _, text := range texts {
			if text != texts[0] {
				t.Errorf("refusals differ: %q and %q", text, texts[0])
			}
		}
	})
}

func TestSigningInTakesTheEmailAddressInAnyCase(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, _ := service(d)
		c := dbtest.Customer(t, d, "acme")
		u := person(t, d, s, "Known@acme.test", account.Support, c.ID)
		session, err := s.SignIn(t.Context(), " kNOWN@ACME.test ", good, home)
		must(t, err)
		if session.Actor.ID != u.ID || session.Actor.Scope.All() || !session.Actor.Scope.Holds(c.ID) || session.Actor.Address != home.Address {
			t.Errorf("actor = %+v", session.Actor)
		}
		entries, _, err := d.AuditEntries(t.Context(), account.Everything(), db.AuditFilter{Action: "sign in", Limit: 10})
		if err != nil || len(entries) != 1 || entries[0].Address != home.Address {
			t.Errorf("audit entries = %+v, %v", entries, err)
		}
	})
}

func TestTooManyWrongPasswordsAreLimited(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, c := service(d)
		person(t, d, s, "known@acme.test", account.Owner)
		var err error
		for n := 0; n < 20 && fault.KindOf(err) != fault.Limited; n++ {
			_, err = s.SignIn(t.Context(), "known@acme.test", secret.NewText("wrong-password-1"), home)
		}
		after, ok := signin.RetryAfter(err)
		if !ok {
			t.Fatalf("last error = %v, want Limited", err)
		}
		_, err = s.SignIn(t.Context(), "known@acme.test", good, home)
		wantKind(t, err, fault.Limited)
		c.move(after + time.Second)
		_, err = s.SignIn(t.Context(), "known@acme.test", good, home)
		must(t, err)
	})
}

func TestASessionEndsByIdlenessAgeAndRevocation(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, c := service(d)
		person(t, d, s, "admin@acme.test", account.Admin)
		person(t, d, s, "support@acme.test", account.Support)
		open := func(email string) string {
			t.Helper()
			session, err := s.SignIn(t.Context(), email, good, home)
			must(t, err)
			return session.ID.Reveal()
		}
		alive := func(id string, want bool) {
			t.Helper()
			_, err := s.Resume(t.Context(), id, home)
			if (err == nil) != want {
				t.Errorf("session alive = %v (%v), want %v", err == nil, err, want)
			}
		}
		admin, support := open("admin@acme.test"), open("support@acme.test")
		c.move(9 * time.Hour)
		alive(admin, false) // idle 8 hours
		alive(support, true)
		admin = open("admin@acme.test")
		for range 23 {
			c.move(time.Hour)
			alive(admin, true)
		}
		c.move(time.Hour)
		alive(admin, false) // 24 hours at most
		alive(support, false)

		admin = open("admin@acme.test")
		must(t, s.SignOut(t.Context(), admin, home))
		alive(admin, false)
		must(t, s.SignOut(t.Context(), admin, home))
		alive("", false)
		alive("made-up", false)
	})
}

func TestAChangedPasswordEndsTheOtherSessions(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, _ := service(d)
		u := person(t, d, s, "known@acme.test", account.Builder)
		one, err := s.SignIn(t.Context(), u.Email, good, home)
		must(t, err)
		two, err := s.SignIn(t.Context(), u.Email, good, home)
		must(t, err)
		listed, err := s.Sessions(t.Context(), one.Actor)
		if err != nil || len(listed) != 2 {
			t.Fatalf("sessions = %d, %v", len(listed), err)
		}
		_, err = s.ChangePassword(t.Context(), one.Actor, secret.NewText("not-the-password"), secret.NewText("blue-boat-17-hill"), home)
		if fields, _ := fault.FieldsOf(err); fields["old_password"] == "" {
			t.Fatalf("a wrong old password: %v", err)
		}
		_, err = s.ChangePassword(t.Context(), one.Actor, good, secret.NewText("short"), home)
		if fields, _ := fault.FieldsOf(err); fields["password"] == "" {
			t.Fatalf("a short new password: %v", err)
		}
		fresh, err := s.ChangePassword(t.Context(), one.Actor, good, secret.NewText("blue-boat-17-hill"), home)
		must(t, err)
		for _, old := range []signin.Session{one, two} {
			if _, err := s.Resume(t.Context(), old.ID.Reveal(), home); err == nil {
				t.Error("a session from before the change still holds")
			}
		}
		if _, err := s.Resume(t.Context(), fresh.ID.Reveal(), home); err != nil {
			t.Errorf("the new session does not hold: %v", err)
		}
		_, err = s.SignIn(t.Context(), u.Email, good, home)
		wantKind(t, err, fault.Unauthenticated)
	})
}

func TestASessionOfSomebodyElseCannotBeEnded(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, _ := service(d)
		person(t, d, s, "one@acme.test", account.Owner)
		person(t, d, s, "two@acme.test", account.Support)
		one, err := s.SignIn(t.Context(), "one@acme.test", good, home)
		must(t, err)
		two, err := s.SignIn(t.Context(), "two@acme.test", good, home)
		must(t, err)
		hash := signin.Current(one.ID.Reveal())
		wantKind(t, s.EndSession(t.Context(), two.Actor, hash), fault.NotFound)
		must(t, s.EndSession(t.Context(), one.Actor, hash))
		_, err = s.Resume(t.Context(), one.ID.Reveal(), home)
		wantKind(t, err, fault.Unauthenticated)
	})
}

func TestAOneTimeLinkWorksOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, c := service(d)
		u := person(t, d, s, "known@acme.test", account.Builder)
		boss := account.System("test")
		login, err := s.NewLink(t.Context(), boss, u.ID, signin.PurposeLogin)
		must(t, err)
		_, err = s.UseLink(t.Context(), login.Reveal(), secret.Text{}, home)
		must(t, err)
		_, err = s.UseLink(t.Context(), login.Reveal(), secret.Text{}, home)
		wantKind(t, err, fault.NotFound)

		password, err := s.NewLink(t.Context(), boss, u.ID, signin.PurposePassword)
		must(t, err)
		_, err = s.UseLink(t.Context(), password.Reveal(), secret.NewText("short"), home)
		wantKind(t, err, fault.Invalid)
		_, err = s.UseLink(t.Context(), password.Reveal(), secret.NewText("blue-boat-17-hill"), home)
		must(t, err)
		_, err = s.SignIn(t.Context(), u.Email, secret.NewText("blue-boat-17-hill"), home)
		must(t, err)

		late, err := s.NewLink(t.Context(), boss, u.ID, signin.PurposeLogin)
		must(t, err)
		c.move(time.Hour)
		_, _, err = s.LinkValid(t.Context(), late.Reveal())
		wantKind(t, err, fault.NotFound)
		wantKind(t, s.SetupValid(t.Context(), late.Reveal()), fault.NotFound)
	})
}

func TestParallelUsesOfALinkGiveOneSession(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, _ := service(d)
		u := person(t, d, s, "known@acme.test", account.Builder)
		link, err := s.NewLink(t.Context(), account.System("test"), u.ID, signin.PurposeLogin)
		must(t, err)
		var wait sync.WaitGroup
		errs := make([]error, 8)
		for n := range errs {
			wait.Go(func() { _, errs[n] = s.UseLink(t.Context(), link.Reveal(), secret.Text{}, home) })
		}
		wait.Wait()
		fine := 0
		for _, err := range errs {
			if err == nil {
				fine++
			}
		}
		if fine != 1 {
			t.Fatalf("%d of 8 uses worked, want 1 (%v)", fine, errs)
		}
	})
}

func TestNothingThatOpensADoorIsStoredInClear(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, _ := service(d)
		u := person(t, d, s, "known@acme.test", account.Owner)
		session, err := s.SignIn(t.Context(), u.Email, good, home)
		must(t, err)
		stored, err := d.Sessions(t.Context(), u.ID)
		if err != nil || len(stored) != 1 || strings.Contains(stored[0].Hash, session.ID.Reveal()) {
			t.Errorf("stored sessions = %+v, %v", stored, err)
		}
		again, err := d.User(t.Context(), u.ID)
		if err != nil || strings.Contains(again.PasswordHash, goodPassword) {
			t.Errorf("stored password = %q, %v", again.PasswordHash, err)
		}
	})
}

func TestARefusalIsWrittenDownForKnownAndUnknownAlike(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, _ := service(d)
		person(t, d, s, "known@acme.test", account.Builder)
		for _, email := range []string{"known@acme.test", "canary-typed-in-the-wrong-field"} {
			_, err := s.SignIn(t.Context(), email, secret.NewText("wrong-password-1"), home)
			wantKind(t, err, fault.Unauthenticated)
		}
		entries, _, err := d.AuditEntries(t.Context(), account.Everything(), db.AuditFilter{Action: "sign in refused", Limit: 10})
		must(t, err)
		if len(entries) != 2 || entries[0].Address != home.Address {
			t.Fatalf("entries = %+v, want one for each try", entries)
		}
		for _, e := range entries {
			if strings.Contains(e.ActorName+e.Name, "canary") {
				t.Errorf("what was typed is kept: %+v", e)
			}
		}
	})
}
