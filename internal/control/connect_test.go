package control_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"tieline/db"
	"tieline/db/dbtest"
	"tieline/internal/account"
	"tieline/internal/control"
	"tieline/internal/fault"
	"tieline/internal/integration"
	"tieline/internal/run"
	"tieline/internal/secret"
)

var mySession = secret.NewText("session-of-the-owner")

func authorizationCode(v *tokenVendor) integration.Auth {
	return integration.Auth{Kind: "oauth2_code", Settings: map[string]string{
		"authorize_url": "https://login.vendor.test/authorize", "token_url": v.URL + "/token", "refresh_url": v.URL + "/refresh", "client_id": "tieline",
	}}
}

// connect takes the owner to the vendor and back.
func (w *world) connect(t testing.TB, s signed) control.Connected {
	t.Helper()
	address, err := w.Connect(t.Context(), owner, s.integrator.ID, mySession, "https://portal.test/oauth/callback")
	mustDo(t, err)
	u, err := url.Parse(address)
	mustDo(t, err)
	done, err := w.Reconnect(t.Context(), owner, mySession, control.Returned{State: u.Query().Get("state"), Code: "canary-code-33"})
	mustDo(t, err)
	return done
}

func TestARefreshTokenThatIsGoodOnceIsKeptBeforeTheCall(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, v := newWorld(t, d), newTokenVendor(t)
		s := w.signIn(t, v, authorizationCode(v))
		wantCause(t, ran(t, w.Plane, s.call("read")), run.Reconnect)
		if tokens, data := v.count(); tokens+data != 0 {
			t.Fatalf("an integrator that is not connected sent %d requests", tokens+data)
		}
		if done := w.connect(t, s); done.Failure != nil {
			t.Fatalf("%+v", done.Failure)
		}
		wantCause(t, ran(t, w.Plane, s.call("read")), "")
		for n := range 4 { // each time another refresh token, or the same one where none came
			v.revoke()
			v.set(func() { v.rotate = n < 2 })
			r := ran(t, w.Plane, s.call("write"))
			wantCause(t, r, "")
			if ask := v.lastAsk(); ask.path != "/refresh" || ask.form.Get("grant_type") != "refresh_token" || ask.form.Has("scope") {
				t.Errorf("renewed with %+v", ask)
			}
			if text := whole(t, r); strings.Contains(text, "canary-") {
				t.Fatalf("a secret is in\n%s", text)
			}
		}
		if tokens, _ := v.count(); tokens != 5 {
			t.Errorf("%d token calls, want 1 code and 4 refreshes", tokens)
		}
	})
}

func TestTwoProcessesSpendARefreshTokenOnce(t *testing.T) {
	t.Parallel()
	at := dbtest.URL(t, db.PostgreSQL)
	open := func() *db.DB {
		d, err := db.Open(t.Context(), db.Options{URL: at})
		mustDo(t, err)
		t.Cleanup(func() { _ = d.Close() })
		return d
	}
	first, second := open(), open()
	w, v := newWorld(t, first), newTokenVendor(t)
	other := w.node(t, second)
	s := w.signIn(t, v, authorizationCode(v))
	if done := w.connect(t, s); done.Failure != nil {
		t.Fatalf("%+v", done.Failure)
	}
	v.slow = 200 * time.Millisecond
	for n := range 3 {
		v.revoke()
		for _, r := range together(t, 16, s.call("read"), w.Plane, other) {
			wantCause(t, r, "")
		}
		if tokens, _ := v.count(); tokens != n+2 {
			t.Fatalf("%d token calls after %d revocations", tokens, n+1)
		}
	}
}

func TestARefreshIsKeptAlsoWhenNobodyWaitsForTheCall(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, v := newWorld(t, d), newTokenVendor(t)
		v.expires = 1
		s := w.signIn(t, v, authorizationCode(v))
		if done := w.connect(t, s); done.Failure != nil {
			t.Fatalf("%+v", done.Failure)
		}
		kept := func() run.Grant {
			g, err := d.Grant(t.Context(), account.Everything(), s.integrator.ID)
			mustDo(t, err)
			return g
		}
		before := kept().Serial
		v.set(func() { v.slow, v.expires = time.Second, 3600 })
		ctx, cancel := contextFor(t, 300*time.Millisecond)
		defer cancel()
		_, _ = w.Call(ctx, owner, s.call("read")) // whoever called is gone before the token comes
		for range 100 {
			if kept().Serial > before {
				break
			}
			time.Sleep(50 * time.Millisecond)
		}
		v.set(func() { v.slow = 0 })
		wantCause(t, ran(t, w.Plane, s.call("read")), "")
		if tokens, _ := v.count(); tokens != 2 {
			t.Errorf("%d token calls, want 2: the one that was under way was kept", tokens)
		}
	})
}

func TestACodeThatIsRefusedLeavesAGoodConnectionAlone(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, v := newWorld(t, d), newTokenVendor(t)
		s := w.signIn(t, v, authorizationCode(v))
		if done := w.connect(t, s); done.Failure != nil {
			t.Fatalf("%+v", done.Failure)
		}
		v.set(func() {
			v.answer = func(w http.ResponseWriter, _ int) bool {
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(http.StatusBadRequest)
				_, _ = io.WriteString(w, `{"error":"invalid_grant","error_description":"the code is too old"}`)
				return true
			}
		})
		if done := w.connect(t, s); done.Failure == nil || !strings.Contains(done.Failure.Evidence, "too old") {
			t.Errorf("failure = %+v", done.Failure)
		}
		wantCause(t, ran(t, w.Plane, s.call("read")), "")
		v.revoke()
		v.set(func() { v.answer = nil })
		wantCause(t, ran(t, w.Plane, s.call("read")), "")
	})
}

func TestAGrantThatIsOverIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, v := newWorld(t, d), newTokenVendor(t)
		s := w.signIn(t, v, authorizationCode(v))
		if done := w.connect(t, s); done.Failure != nil {
			t.Fatalf("%+v", done.Failure)
		}
		v.revoke()
		v.set(func() { v.fresh, v.slow = "another", 200*time.Millisecond })
		for _, r := range together(t, 5, s.call("read"), w.Plane) {
			wantCause(t, r, run.Reconnect)
			if !strings.Contains(r.Failure.Evidence, "the refresh token was used") {
				t.Errorf("evidence %q", r.Failure.Evidence)
			}
		}
		if tokens, _ := v.count(); tokens != 2 {
			t.Fatalf("%d token calls, want 2", tokens)
		}
		wantCause(t, ran(t, w.Plane, s.call("read")), run.Reconnect)
		if tokens, _ := v.count(); tokens != 2 {
			t.Error("the grant that is over was tried again")
		}
		if done := w.connect(t, s); done.Failure != nil {
			t.Fatalf("%+v", done.Failure)
		}
		wantCause(t, ran(t, w.Plane, s.call("read")), "")
	})
}

func TestAVendorWithoutRefreshTokensIsUsedUntilItRefuses(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, v := newWorld(t, d), newTokenVendor(t)
		v.answer = func(rw http.ResponseWriter, _ int) bool {
			v.good = canaryToken + "plain"
			rw.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(rw, `{"access_token":"`+canaryToken+`plain"}`)
			return true
		}
		s := w.signIn(t, v, authorizationCode(v))
		if done := w.connect(t, s); done.Failure != nil {
			t.Fatalf("%+v", done.Failure)
		}
		g, err := d.Grant(t.Context(), account.Everything(), s.integrator.ID)
		if err != nil || !g.ExpiresAt.IsZero() || g.Refresh.Set() {
			t.Fatalf("%+v, %v", g, err)
		}
		wantCause(t, ran(t, w.Plane, s.call("read")), "")
		v.revoke()
		wantCause(t, ran(t, w.Plane, s.call("read")), run.Reconnect)
		if tokens, _ := v.count(); tokens != 1 {
			t.Errorf("%d token calls, want 1", tokens)
		}
	})
}

func TestOnlyWhoMayChangeIntegratorsConnectsThem(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, v := newWorld(t, d), newTokenVendor(t)
		s := w.signIn(t, v, authorizationCode(v))
		foreign := as(account.Builder, "another-customer")
		for _, c := range []struct {
			who  account.Actor
			want fault.Kind
		}{{as(account.Support), fault.Forbidden}, {as(account.Auditor), fault.Forbidden}, {foreign, fault.NotFound}} {
			who, want := c.who, c.want
			_, err := w.Connect(t.Context(), who, s.integrator.ID, mySession, "https://portal.test/oauth/callback")
			wantKind(t, err, want)
			wantKind(t, w.Disconnect(t.Context(), who, s.integrator.ID), want)
			_, err = w.TestToken(t.Context(), who, s.integrator.ID)
			wantKind(t, err, want)
			_, err = w.CheckIntegrator(t.Context(), who, s.integrator.ID)
			wantKind(t, err, want)
		}
		address, err := w.Connect(t.Context(), owner, s.integrator.ID, mySession, "https://portal.test/oauth/callback")
		mustDo(t, err)
		u, err := url.Parse(address)
		mustDo(t, err)
		// The right was lost on the way.
		_, err = w.Reconnect(t.Context(), foreign, mySession, control.Returned{State: u.Query().Get("state"), Code: "c"})
		wantKind(t, err, fault.NotFound)
		if tokens, _ := v.count(); tokens != 0 {
			t.Errorf("%d token calls", tokens)
		}
	})
}

func TestAStateIsOverAfterTenMinutes(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, v := newWorld(t, d), newTokenVendor(t)
		s := w.signIn(t, v, authorizationCode(v))
		put := func(hash string, until time.Time) {
			dbtest.Tx(t, d, func(tx *db.Tx) error {
				return tx.CreateConnection(t.Context(), db.Connection{Hash: hash, Session: "s", IntegratorID: s.integrator.ID, Verifier: []byte{}, ExpiresAt: until})
			})
		}
		now := time.Now()
		put("old", now.Add(-time.Second))
		put("new", now.Add(time.Minute))
		use := func(hash string) error {
			return d.Tx(t.Context(), func(tx *db.Tx) error {
				_, err := tx.UseConnection(t.Context(), hash, "s", now)
				return err
			})
		}
		wantKind(t, use("old"), fault.NotFound)
		mustDo(t, use("new"))
		wantKind(t, use("new"), fault.NotFound)
		put("older", now.Add(-time.Hour))
		dbtest.Tx(t, d, func(tx *db.Tx) error { return tx.DeleteExpired(t.Context(), now) })
		put("older", now.Add(time.Hour)) // its place is free
	})
}
