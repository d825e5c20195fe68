package control_test

import (
	"context"
	"testing"
	"time"

	"tieline/db"
	"tieline/db/dbtest"
	"tieline/internal/control"
	"tieline/internal/integration"
	"tieline/internal/run"
	"tieline/internal/secret"
)

func contextFor(t testing.TB, d time.Duration) (context.Context, context.CancelFunc) {
	t.Helper()
	return context.WithTimeout(t.Context(), d)
}

func TestACheckTakesTheTokenCallOrTheFirstReadThatNeedsNothing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, v := newWorld(t, d), newTokenVendor(t)
		s := w.signIn(t, v, login())
		found, err := w.CheckIntegrator(t.Context(), owner, s.integrator.ID)
		mustDo(t, err)
		if found.Verdict != control.CheckAccepted || v.order() != "token" {
			t.Errorf("token kind: %+v, %s", found, v.order())
		}
		v.set(func() { v.calls = nil; v.good = "canary-key-55-long-enough" })
		wantCause(t, ran(t, w.Plane, s.call("read")), "") // the token that the check brought is not good any more: one refresh
		kinds := map[string]struct {
			auth    integration.Auth
			secret  string
			verdict string
		}{
			"good key":    {integration.Auth{Kind: "bearer"}, "", control.CheckAccepted},
			"bad key":     {integration.Auth{Kind: "bearer"}, "canary-key-66-not-known", control.CheckRefused},
			"no auth":     {integration.Auth{Kind: "none"}, "", control.CheckNothing},
			"not defined": {integration.Auth{}, "", control.CheckNothing},
		}
		for name, c := range kinds {
			v.set(func() { v.good = "canary-key-55-long-enough" })
			s := w.signIn(t, v, integration.Auth{Kind: "none"}, func(in *integration.Integration) {
				in.Endpoints[0].Query = []integration.Row{{Name: "phone", Value: "{{phone_number}}"}} // needs a call
				in.Endpoints[2].Headers = nil
			})
			in := control.IntegratorInput{Integrator: s.integrator, Secrets: map[string]secret.Text{}}
			in.Auth = c.auth
			if c.auth.Kind == "bearer" {
				in.Secrets["auth.token"] = secret.NewText("canary-key-55-long-enough")
				if c.secret != "" {
					in.Secrets["auth.token"] = secret.NewText(c.secret)
				}
			}
			found, err := w.CheckInput(t.Context(), owner, s.name, in)
			mustDo(t, err)
			if found.Verdict != c.verdict || found.Message == "" {
				t.Errorf("%s: %s, %s (%+v)", name, found.Verdict, found.Message, found.Run.Failure)
			}
			stored, err := d.Integrator(t.Context(), owner.Scope, s.integrator.ID)
			if err != nil || stored.Auth.Kind != "none" || len(stored.Secrets) != 1 {
				t.Errorf("%s: the check changed the integrator: %+v, %v", name, stored.Auth, err)
			}
			if found.Run.ID != "" {
				if _, err := d.Run(t.Context(), owner.Scope, found.Run.ID); err == nil {
					t.Errorf("%s: the check left a run", name)
				}
			}
		}
	})
}

func TestACheckOfUnsavedOAuthKeepsNoToken(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, v := newWorld(t, d), newTokenVendor(t)
		s := w.signIn(t, v, integration.Auth{Kind: "none"})
		in := control.IntegratorInput{Integrator: s.integrator, Secrets: map[string]secret.Text{"auth.client_secret": secret.NewText(canaryClient)}}
		in.Auth = clientCredentials(v)
		found, err := w.CheckInput(t.Context(), owner, s.name, in)
		mustDo(t, err)
		if found.Verdict != control.CheckAccepted || v.order() != "token" {
			t.Errorf("%+v, %s", found, v.order())
		}
		if g, err := d.Grant(t.Context(), owner.Scope, s.integrator.ID); err != nil || g.Serial != 0 {
			t.Errorf("the check kept %+v, %v", g, err)
		}
		in.ID = "" // and one that was never saved
		found, err = w.CheckInput(t.Context(), owner, s.name, in)
		if err != nil || found.Verdict != control.CheckNothing && found.Verdict != control.CheckAccepted {
			t.Errorf("%+v, %v", found, err)
		}
		in.Auth = authorizationCode(v)
		if found, err = w.CheckInput(t.Context(), owner, s.name, in); err != nil || found.Verdict != control.CheckNothing {
			t.Errorf("nobody has agreed: %+v, %v", found, err)
		}
		in.Auth.Settings["token_url"] = "http://"
		_, err = w.CheckInput(t.Context(), owner, s.name, in)
		wantField(t, err, "auth.token_url")
	})
}

func TestAPresetNamesItsOwnCheck(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, v := newWorld(t, d), newTokenVendor(t)
		s := w.signIn(t, v, integration.Auth{Kind: "none"}, func(in *integration.Integration) {
			in.Preset = "sandbox-crm"
			in.Parameters = append(in.Parameters, integration.Parameter{Name: "ApiKey", In: "header"})
		})
		found, err := w.CheckIntegrator(t.Context(), owner, s.integrator.ID)
		mustDo(t, err)
		exchanges := found.Run.Attempts[0].Exchanges
		if len(exchanges) != 1 || exchanges[0].Request.URL != v.URL+"/crm/contacts" || found.Run.Status == run.Running {
			t.Errorf("%+v", found)
		}
	})
}
