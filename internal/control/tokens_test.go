package control_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tieline/db"
	"tieline/db/dbtest"
	"tieline/internal/account"
	"tieline/internal/control"
	"tieline/internal/integration"
	"tieline/internal/run"
)

func ran(t testing.TB, p *control.Plane, c control.CallRequest) run.Run {
	t.Helper()
	r, err := p.Call(t.Context(), owner, c)
	mustDo(t, err)
	return r
}

func wantCause(t testing.TB, r run.Run, cause run.Cause) {
	t.Helper()
	if cause == "" && r.Status != run.Succeeded || cause != "" && (r.Failure == nil || r.Failure.Cause != cause) {
		t.Fatalf("status %s, failure %+v, want %q", r.Status, r.Failure, cause)
	}
}

// together makes calls at once through some processes and gives the runs.
func together(t testing.TB, calls int, c control.CallRequest, planes ...*control.Plane) []run.Run {
	t.Helper()
	runs := make([]run.Run, calls)
	var group sync.WaitGroup
	for i := range calls {
		group.Go(func() {
			r, err := planes[i%len(planes)].Call(t.Context(), owner, c)
			if err != nil {
				t.Error(err)
			}
			runs[i] = r
		})
	}
	group.Wait()
	return runs
}

func TestTwentyRunsOnAColdTokenMakeOneTokenCall(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, v := newWorld(t, d), newTokenVendor(t)
		v.slow = 300 * time.Millisecond
		for name, auth := range map[string]integration.Auth{"oauth2_client": clientCredentials(v), "endpoint": login()} {
			before, dataBefore := v.count()
			s := w.signIn(t, v, auth)
			for _, r := range together(t, 20, s.call("read"), w.Plane) {
				wantCause(t, r, "")
			}
			tokens, data := v.count()
			if tokens-before != 1 || data-dataBefore != 20 {
				t.Errorf("%s: %d token calls and %d calls, want 1 and 20", name, tokens-before, data-dataBefore)
			}
		}
	})
}

func TestTwoProcessesShareOneTokenCall(t *testing.T) {
	t.Parallel()
	url := dbtest.URL(t, db.PostgreSQL)
	open := func() *db.DB {
		d, err := db.Open(t.Context(), db.Options{URL: url})
		mustDo(t, err)
		t.Cleanup(func() { _ = d.Close() })
		return d
	}
	first, second := open(), open()
	w, v := newWorld(t, first), newTokenVendor(t)
	other := w.node(t, second)
	v.slow = 300 * time.Millisecond
	s := w.signIn(t, v, clientCredentials(v))
	for _, r := range together(t, 20, s.call("read"), w.Plane, other) {
		wantCause(t, r, "")
	}
	if tokens, _ := v.count(); tokens != 1 {
		t.Fatalf("%d token calls on a cold token, want 1", tokens)
	}
	v.revoke()
	for _, r := range together(t, 20, s.call("read"), w.Plane, other) {
		wantCause(t, r, "")
	}
	if tokens, _ := v.count(); tokens != 2 {
		t.Errorf("%d token calls after the token was revoked, want 2", tokens)
	}
}

func TestAProcessThatDiesWhileItRenewsHoldsUpNobodyForLong(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, v := newWorld(t, d), newTokenVendor(t)
		s := w.signIn(t, v, clientCredentials(v))
		dbtest.Tx(t, d, func(tx *db.Tx) error { // what a process that was killed leaves behind
			now := time.Now()
			got, err := tx.LeaseGrant(t.Context(), s.integrator.ID, s.customer.ID, "dead", now, now.Add(2*time.Second))
			if !got {
				t.Error("the lease was not given")
			}
			return err
		})
		began := time.Now()
		wantCause(t, ran(t, w.Plane, s.call("read")), "")
		if waited := time.Since(began); waited < time.Second || waited > 10*time.Second {
			t.Errorf("waited %s for a lease of 2 s", waited)
		}
	})
}

func TestARevokedTokenCostsOneRefreshAndOneRepeat(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, v := newWorld(t, d), newTokenVendor(t)
		s := w.signIn(t, v, clientCredentials(v))
		wantCause(t, ran(t, w.Plane, s.call("read")), "")
		for _, endpoint := range []string{"read", "write", "row"} {
			v.revoke()
			v.set(func() { v.calls = nil })
			r := ran(t, w.Plane, s.call(endpoint))
			wantCause(t, r, "")
			if v.order() != "data token data" || len(r.Attempts) != 1 || len(r.Attempts[0].Exchanges) != 3 || r.Attempts[0].Exchanges[1].Purpose != run.ForToken {
				t.Errorf("%s: %s, attempts %+v", endpoint, v.order(), r.Attempts)
			}
		}
	})
}

func TestAVendorThatRefusesForEverMakesNoLoop(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, v := newWorld(t, d), newTokenVendor(t)
		s := w.signIn(t, v, clientCredentials(v))
		wantCause(t, ran(t, w.Plane, s.call("read")), "")
		v.set(func() {
			v.calls = nil
			v.answer = func(w http.ResponseWriter, _ int) bool {
				w.Header().Set("Content-Type", "application/json")
				_, _ = io.WriteString(w, `{"access_token":"some-token-that-is-not-taken"}`)
				return true
			}
			v.good = ""
		})
		for _, endpoint := range []string{"read", "write"} {
			v.set(func() { v.calls = nil })
			r := ran(t, w.Plane, s.call(endpoint))
			wantCause(t, r, run.Unauthorized)
			if v.order() != "data token data" || !strings.Contains(r.Failure.Hint, "fresh token") || r.HTTPStatus != 401 {
				t.Errorf("%s: %s, %+v", endpoint, v.order(), r.Failure)
			}
		}
	})
}

func TestWordsInAGoodAnswerRenewTheTokenAndRepeatOnlyWhatIsSafe(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, v := newWorld(t, d), newTokenVendor(t)
		v.refuse = func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"id":null,"status":"SESSION_EXPIRED"}`)
		}
		auth := clientCredentials(v)
		auth.RefreshOn = integration.RefreshOn{BodyContains: "SESSION_EXPIRED"}
		s := w.signIn(t, v, auth)
		wantCause(t, ran(t, w.Plane, s.call("read")), "")
		v.revoke()
		v.set(func() { v.calls = nil })
		wantCause(t, ran(t, w.Plane, s.call("read")), "")
		if v.order() != "data token data" {
			t.Errorf("read: %s", v.order())
		}
		v.revoke()
		v.set(func() { v.calls = nil })
		r := ran(t, w.Plane, s.call("write"))
		if v.order() != "data token" || r.Failure == nil || !strings.Contains(r.Failure.Hint, "not repeated") {
			t.Errorf("write: %s, %+v", v.order(), r.Failure)
		}
		wantCause(t, ran(t, w.Plane, s.call("write")), "") // the next one has the new token
	})
}

func TestStatusesOfOnesOwnRenewTheToken(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, v := newWorld(t, d), newTokenVendor(t)
		v.refuse = func(w http.ResponseWriter) { w.WriteHeader(http.StatusForbidden) }
		auth := clientCredentials(v)
		auth.RefreshOn = integration.RefreshOn{Statuses: []int{403}}
		s := w.signIn(t, v, auth)
		wantCause(t, ran(t, w.Plane, s.call("read")), "")
		v.revoke()
		wantCause(t, ran(t, w.Plane, s.call("write")), "")
		if tokens, _ := v.count(); tokens != 2 {
			t.Errorf("%d token calls, want 2", tokens)
		}
		plain := w.signIn(t, v, clientCredentials(v))
		wantCause(t, ran(t, w.Plane, plain.call("read")), "")
		v.revoke()
		wantCause(t, ran(t, w.Plane, plain.call("read")), run.Forbidden)
	})
}

func TestATokenIsRenewedAMinuteBeforeItEnds(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, v := newWorld(t, d), newTokenVendor(t)
		for _, c := range []struct {
			expires any
			tokens  int // for two calls one after the other
		}{{3600, 1}, {"3600", 1}, {nil, 1}, {59, 2}, {0, 2}, {120, 1}} {
			v.set(func() { v.expires = c.expires })
			before, _ := v.count()
			s := w.signIn(t, v, clientCredentials(v))
			wantCause(t, ran(t, w.Plane, s.call("read")), "")
			wantCause(t, ran(t, w.Plane, s.call("read")), "")
			if after, _ := v.count(); after-before != c.tokens {
				t.Errorf("expires_in %v: %d token calls, want %d", c.expires, after-before, c.tokens)
			}
		}
	})
}

func TestManyRunsOnATokenThatEndsAtOnceStillShareIt(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, v := newWorld(t, d), newTokenVendor(t)
		v.expires, v.slow = 0, 300*time.Millisecond
		s := w.signIn(t, v, clientCredentials(v))
		for _, r := range together(t, 10, s.call("read"), w.Plane) {
			wantCause(t, r, "")
		}
		if tokens, _ := v.count(); tokens != 1 {
			t.Errorf("%d token calls, want 1", tokens)
		}
	})
}

func TestATokenCallThatFailsSaysWhyOnceForAllWhoWait(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer   func(w http.ResponseWriter)
		cause    run.Cause
		evidence string
	}{
		"refused client": {func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = io.WriteString(w, `{"error":"invalid_client","error_description":"who are you"}`)
		}, run.AuthFailed, "who are you"},
		"login page": {func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, `<html><head><title>Sign in</title></head><body><form action="/login"><input type="password" name="p"></form></body></html>`)
		}, run.AuthFailed, "login_page"},
		"error in 200": {func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"error":"unauthorized_client","error_description":"not for you"}`)
		}, run.AuthFailed, "not for you"},
		"no token": {func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"accessToken":"`+canaryToken+`0"}`)
		}, run.AuthFailed, "accessToken"},
		"invalid grant": {func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, `{"error":"invalid_grant"}`)
		}, run.Reconnect, "invalid_grant"},
		"invalid grant in 200": {func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"error":"invalid_grant"}`)
		}, run.Reconnect, "invalid_grant"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				w, v := newWorld(t, d), newTokenVendor(t)
				v.slow = 300 * time.Millisecond
				v.answer = func(w http.ResponseWriter, _ int) bool { c.answer(w); return true }
				s := w.signIn(t, v, clientCredentials(v))
				for _, r := range together(t, 5, s.call("write"), w.Plane) {
					wantCause(t, r, c.cause)
					if !strings.Contains(r.Failure.Evidence, c.evidence) || r.Failure.Hint == "" {
						t.Errorf("evidence %q, hint %q", r.Failure.Evidence, r.Failure.Hint)
					}
				}
				if tokens, data := v.count(); tokens != 1 || data != 0 {
					t.Errorf("%d token calls and %d calls, want 1 and none", tokens, data)
				}
			})
		})
	}
}

func TestATokenIsPlacedAsTheAuthEndpointSays(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, v := newWorld(t, d), newTokenVendor(t)
		for name, c := range map[string]struct {
			token integration.Token
			sent  func(r *http.Request) string
			want  string
		}{
			"default": {integration.Token{}, func(r *http.Request) string { return r.Header.Get("Authorization") }, "Bearer " + canaryToken},
			"header": {
				integration.Token{Prefix: "none", Place: &integration.TokenPlace{In: "header", Name: "X-Session"}},
				func(r *http.Request) string { return r.Header.Get("X-Session") }, canaryToken,
			},
			"query": {
				integration.Token{Place: &integration.TokenPlace{In: "query", Name: "session"}},
				func(r *http.Request) string { return r.URL.Query().Get("session") }, canaryToken,
			},
		} {
			s := w.signIn(t, v, login(), func(in *integration.Integration) {
				in.Endpoints[4].Token = &c.token
			})
			r := ran(t, w.Plane, s.call("read"))
			wantCause(t, r, "")
			if got := c.sent(v.lastData()); !strings.HasPrefix(got, c.want) {
				t.Errorf("%s: sent %q", name, got)
			}
			if ask := v.lastAsk(); ask.path != "/login" || ask.form.Get("password") != canaryLogin || ask.form.Get("user") != "tieline" {
				t.Errorf("%s: asked %+v", name, ask)
			}
			at := func(u run.TokenUse) bool {
				return u.Name == "auth.token" && u.Masked && strings.Contains(u.Source, "good until")
			}
			if len(r.Tokens) != 1 || !at(r.Tokens[0]) {
				t.Errorf("%s: trace %+v", name, r.Tokens)
			}
		}
	})
}

func TestATokenIsReadWhereTheAuthEndpointSays(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, v := newWorld(t, d), newTokenVendor(t)
		in := time.Now().Add(2 * time.Hour).UTC().Truncate(time.Second)
		for name, c := range map[string]struct {
			kind, head, body string
			token            integration.Token
			ends             time.Duration
		}{
			"json":      {"application/json", "", `{"auth":{"key":"` + canaryToken + `x","until":"` + in.Format(time.RFC3339) + `"}}`, integration.Token{Path: "auth.key", ExpiresPath: "auth.until", ExpiresKind: "moment"}, 2 * time.Hour},
			"json unix": {"application/json", "", fmt.Sprintf(`{"access_token":"%sx","exp":%d}`, canaryToken, in.Unix()), integration.Token{ExpiresPath: "exp", ExpiresKind: "moment"}, 2 * time.Hour},
			"header":    {"text/plain", "X-Auth-Token", "ok", integration.Token{Location: "header", Path: "X-Auth-Token", ExpiresIn: 600}, 10 * time.Minute},
			"xml":       {"text/xml", "", `<login><session>` + canaryToken + `x</session></login>`, integration.Token{Location: "xml", Path: "login.session"}, time.Hour},
			"text":      {"text/plain", "", canaryToken + "x\n", integration.Token{Location: "text", ExpiresIn: 7200}, 2 * time.Hour},
		} {
			v.set(func() {
				v.answer = func(w http.ResponseWriter, _ int) bool {
					v.good = canaryToken + "x"
					w.Header().Set("Content-Type", c.kind)
					if c.head != "" {
						w.Header().Set(c.head, v.good)
					}
					_, _ = io.WriteString(w, c.body)
					return true
				}
			})
			s := w.signIn(t, v, login(), func(in *integration.Integration) { in.Endpoints[4].Token = &c.token })
			for range 2 {
				r := ran(t, w.Plane, s.call("read"))
				wantCause(t, r, "")
				if text := whole(t, r); strings.Contains(text, "canary-") {
					t.Errorf("%s: a secret is in\n%s", name, text)
				}
			}
			g, err := d.Grant(t.Context(), account.Everything(), s.integrator.ID)
			if err != nil || g.Serial != 1 || g.ExpiresAt.Sub(g.ObtainedAt.Add(c.ends)).Abs() > 5*time.Second {
				t.Errorf("%s: fetched %d times, from %s to %s, want %s (%v)", name, g.Serial, g.ObtainedAt, g.ExpiresAt, c.ends, err)
			}
		}
	})
}

func TestAnEndpointWithoutAuthAsksForNoToken(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, v := newWorld(t, d), newTokenVendor(t)
		s := w.signIn(t, v, login())
		wantCause(t, ran(t, w.Plane, s.call("open")), run.Unauthorized)
		wantCause(t, ran(t, w.Plane, s.call("login")), "")
		if v.order() != "data token" {
			t.Errorf("calls: %s", v.order())
		}
	})
}

func TestTheTokenCallIsMadeAsTheSettingsSay(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, v := newWorld(t, d), newTokenVendor(t)
		more := map[string]string{"scopes": "a,b c", "audience": "api", "extra": "resource=x y\nacr=1"}
		for style, kind := range map[string]string{"": "application/x-www-form-urlencoded", "form": "application/x-www-form-urlencoded", "json": "application/json"} {
			auth := clientCredentials(v)
			auth.Settings["token_url"] = "/token"
			auth.Settings["body_style"] = style
			maps.Copy(auth.Settings, more)
			s := w.signIn(t, v, auth)
			wantCause(t, ran(t, w.Plane, s.call("read")), "")
			ask := v.lastAsk()
			if ask.kind != kind || ask.path != "/token" || ask.form.Get("scope") != "a,b c" || ask.form.Get("audience") != "api" || ask.form.Get("resource") != "x y" || ask.form.Get("grant_type") != "client_credentials" {
				t.Errorf("%q: %+v", style, ask)
			}
			switch {
			case style == "" && (ask.basic != basicOf("tieline", canaryClient) || ask.form.Has("client_secret")):
				t.Errorf("%q: %+v", style, ask)
			case style != "" && (ask.basic != "" || ask.form.Get("client_secret") != canaryClient || ask.form.Get("client_id") != "tieline"):
				t.Errorf("%q: %+v", style, ask)
			}
		}
	})
}

func TestAChangeOfAuthOrHostDropsTheToken(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, v := newWorld(t, d), newTokenVendor(t)
		s := w.signIn(t, v, clientCredentials(v))
		wantCause(t, ran(t, w.Plane, s.call("read")), "")
		change := func(do func(in *control.IntegratorInput)) int {
			before, _ := v.count()
			stored, err := d.Integrator(t.Context(), account.Everything(), s.integrator.ID)
			mustDo(t, err)
			in := control.IntegratorInput{Integrator: stored}
			do(&in)
			_, err = w.UpdateIntegrator(t.Context(), owner, in)
			mustDo(t, err)
			wantCause(t, ran(t, w.Plane, s.call("read")), "")
			after, _ := v.count()
			return after - before
		}
		if n := change(func(in *control.IntegratorInput) { in.Label = "Other" }); n != 0 {
			t.Errorf("a new label cost %d token calls", n)
		}
		if n := change(func(in *control.IntegratorInput) {
			in.Auth.Settings = map[string]string{"token_url": v.URL + "/token", "client_id": "tieline", "scopes": "more"}
		}); n != 1 {
			t.Errorf("new scopes cost %d token calls, want 1", n)
		}
		mustDo(t, w.DeleteIntegrator(t.Context(), owner, s.integrator.ID))
		if g, err := d.Grant(t.Context(), account.Everything(), s.integrator.ID); err != nil || g.Access.Set() {
			t.Errorf("the token of a deleted integrator: %v, %v", g.Access.Set(), err)
		}
	})
}

func TestANewTokenURLLetsTheClientSecretGoAndNothingElse(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, v := newWorld(t, d), newTokenVendor(t)
		for name, c := range map[string]struct {
			settings map[string]string
			blanked  string
		}{
			"another path":    {map[string]string{"token_url": v.URL + "/other", "client_id": "tieline"}, ""},
			"another host":    {map[string]string{"token_url": "https://evil.test/token", "client_id": "tieline"}, "auth.client_secret"},
			"to plain http":   {map[string]string{"token_url": "http://login.test/token", "client_id": "tieline"}, "auth.client_secret"},
			"refresh apart":   {map[string]string{"token_url": v.URL + "/token", "refresh_url": "https://evil.test/token", "client_id": "tieline", "authorize_url": "https://login.test/a"}, "auth.client_secret"},
			"authorize apart": {map[string]string{"token_url": v.URL + "/token", "client_id": "tieline", "authorize_url": "https://other.test/a"}, ""},
		} {
			s := w.signIn(t, v, authorizationCode(v))
			stored, err := d.Integrator(t.Context(), account.Everything(), s.integrator.ID)
			mustDo(t, err)
			in := control.IntegratorInput{Integrator: stored}
			in.Auth.Settings = c.settings
			if c.settings["authorize_url"] == "" {
				in.Auth.Kind = "oauth2_client"
			}
			saved, err := w.UpdateIntegrator(t.Context(), owner, in)
			mustDo(t, err)
			if got := strings.Join(saved.Blanked, " "); got != c.blanked {
				t.Errorf("%s: blanked %q, want %q", name, got, c.blanked)
			}
			if !saved.Integrator.Secrets["field.Password"].Set() || saved.Integrator.Secrets["auth.client_secret"].Set() != (c.blanked == "") {
				t.Errorf("%s: secrets %v", name, len(saved.Integrator.Secrets))
			}
		}
	})
}

func TestNoTokenIsInAnyStoredByte(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, v := newWorld(t, d), newTokenVendor(t)
		for _, auth := range []integration.Auth{clientCredentials(v), login()} {
			for _, style := range []string{"", "form", "json"} {
				if auth.Kind == "oauth2_client" {
					auth.Settings["body_style"] = style
				}
				s := w.signIn(t, v, auth)
				for range 2 {
					for _, endpoint := range []string{"read", "write", "row", "login"} {
						r := ran(t, w.Plane, s.call(endpoint))
						stored, err := d.Run(t.Context(), account.Everything(), r.ID)
						mustDo(t, err)
						for _, one := range []run.Run{r, stored} {
							if text := whole(t, one); strings.Contains(text, "canary-") || strings.Contains(text, basicOf("tieline", canaryClient)[6:]) {
								t.Fatalf("%s %s: a secret is in\n%s", auth.Kind, endpoint, text)
							}
						}
					}
					v.revoke()
				}
				for _, file := range []string{d.File(), d.File() + "-wal"} {
					if text, err := os.ReadFile(file); d.Engine() == db.SQLite && err == nil && bytes.Contains(text, []byte("canary-")) {
						t.Errorf("a secret is in %s", filepath.Base(file))
					}
				}
				grant, err := d.Grant(t.Context(), account.Everything(), s.integrator.ID)
				if err != nil || !grant.Access.Set() || strings.Contains(string(grant.Access.Data), "canary") {
					t.Errorf("the grant is not sealed (%v)", err)
				}
			}
		}
	})
}

// whole is everything of a run as text, bodies included.
func whole(t testing.TB, r run.Run) string {
	t.Helper()
	text, err := json.Marshal(r)
	mustDo(t, err)
	var b strings.Builder
	b.Write(text)
	b.Write(r.Input)
	for _, a := range r.Attempts {
		for _, x := range a.Exchanges {
			b.Write(x.Request.Body)
			if x.Response != nil {
				b.Write(x.Response.Body)
			}
		}
	}
	return b.String()
}
