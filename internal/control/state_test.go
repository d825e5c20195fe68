package control_test

import (
	"net/url"
	"testing"
	"time"

	"tieline/db"
	"tieline/db/dbtest"
	"tieline/internal/control"
	"tieline/internal/integration"
	"tieline/internal/run"
)

func TestARunFindsWhenTheLastOneThatSucceededBegan(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		s := w.stage(t)
		def := s.saved.Integration
		def.Endpoints = append(def.Endpoints,
			integration.Endpoint{Name: "news", URL: "/news", Query: []integration.Row{{Name: "since", Value: `{{state.last_success_at | default:"never"}}`}}},
			integration.Endpoint{Name: "flaky", URL: "/gone", Query: []integration.Row{{Name: "since", Value: `{{state.last_success_at | default:"never"}}`}}},
		)
		_, err := w.ReplaceIntegration(t.Context(), owner, def.Name, def, control.Replace{})
		must(t, err)
		since := func(endpoint string) string {
			t.Helper()
			_, err := w.Call(t.Context(), owner, s.call(endpoint))
			must(t, err)
			r, _ := w.vendor.last(t)
			return r.URL.Query().Get("since")
		}
		if _, err := w.Test(t.Context(), owner, control.TestRequest{CallRequest: s.call("news")}); err != nil {
			t.Fatal(err)
		}
		first, err := w.Call(t.Context(), owner, s.call("news"))
		must(t, err)
		if r, _ := w.vendor.last(t); r.URL.Query().Get("since") != "never" {
			t.Errorf("the first run after a test asked since %s", r.URL.RawQuery)
		}
		want := first.CreatedAt.UTC().Truncate(time.Second)
		if got, err := time.Parse(time.RFC3339, since("news")); err != nil || got.Before(want) || got.After(want.Add(2*time.Second)) {
			t.Errorf("the second run asked since %v (%v), want %v", got, err, want)
		}
		if a, b := since("flaky"), since("flaky"); a != "never" || b != "never" {
			t.Errorf("runs that failed moved the time on: %s, %s", a, b)
		}
		shown, err := w.Preview(t.Context(), owner, control.TestRequest{CallRequest: s.call("news")})
		must(t, err)
		if u, err := url.Parse(shown.Request.URL); err != nil || u.Query().Get("since") == "never" {
			t.Errorf("the preview shows %s", shown.Request.URL)
		}
	})
}

func TestOnlyARunThatSucceededRemembers(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c, in := dbtest.Customer(t, d, "acme"), dbtest.Integration(t, d, "crm")
		g := dbtest.Integrator(t, d, in, c)
		recorder := control.NewRecorder(d)
		at := time.Now().UTC()
		for i, status := range []run.Status{run.Succeeded, run.Failed, run.Unknown} {
			r := dbtest.NewRun(t, d, in, g, c, at.Add(time.Duration(i)*time.Second))
			r.Status, r.Remember = status, map[string]string{"cursor": `"` + string(status) + `"`}
			if status == run.Unknown {
				started := r
				started.Status = run.Running
				must(t, recorder.Start(t.Context(), started))
			}
			must(t, recorder.Finish(t.Context(), r))
			list, err := d.State(t.Context(), owner.Scope, g.ID, r.EndpointID, at)
			must(t, err)
			if len(list) != 1 || list[0].Value != `"succeeded"` {
				t.Errorf("after a run that ended %s: %v", status, list)
			}
		}
	})
}
