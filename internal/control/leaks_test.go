package control_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"tieline/db"
	"tieline/db/dbtest"
	"tieline/internal/account"
	"tieline/internal/control"
	"tieline/internal/integration"
	"tieline/internal/run"
)

func TestAParameterThatBecomesSecretByADocumentIsSealedToo(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		st := w.stage(t)
		in := st.integrator
		in.Fields = map[string]string{"Region": "canary-region-value"}
		_, err := w.UpdateIntegrator(t.Context(), owner, control.IntegratorInput{Integrator: in})
		must(t, err)
		next := st.saved.Integration
		next.Parameters = []integration.Parameter{next.Parameters[0], {Name: "Region", In: "query", Secret: true}}
		_, err = w.ReplaceIntegration(t.Context(), owner, next.Name, next, control.Replace{})
		must(t, err)
		stored, err := d.Integrator(t.Context(), account.Everything(), in.ID)
		must(t, err)
		if stored.Fields["Region"] != "" || !stored.Secrets["field.Region"].Set() {
			t.Fatalf("the value is still plain: %+v", stored.Fields)
		}
		next.Parameters[1].Secret = false
		_, err = w.ReplaceIntegration(t.Context(), owner, next.Name, next, control.Replace{})
		wantField(t, err, "parameters.1.secret")
	})
}

func TestARetriedTestIsHeldBackForACustomerWhoIsOff(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		st := w.stage(t)
		first, err := w.Test(t.Context(), owner, control.TestRequest{CallRequest: st.call("find")})
		must(t, err)
		again, err := w.Retry(t.Context(), as(account.Support), first.ID, control.RetryRequest{})
		if err != nil || again.Status != run.Succeeded || !again.Test {
			t.Fatalf("a test made again: %v, %+v", err, again)
		}
		must(t, w.EnableCustomer(t.Context(), owner, st.customer.Slug, false))
		hits := w.vendor.hits()
		again, err = w.Retry(t.Context(), as(account.Support), first.ID, control.RetryRequest{})
		must(t, err)
		if again.Status != run.Failed || again.Failure.Cause != run.Disabled || w.vendor.hits() != hits {
			t.Errorf("%s %+v, %d requests for a customer who is off", again.Status, again.Failure, w.vendor.hits()-hits)
		}
	})
}

func TestWhoMayNotReadBodiesSeesNoQueriesOfRedirects(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Open(t, db.SQLite))
	st := w.stage(t)
	w.vendor.Config.Handler = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		http.Redirect(rw, r, "/elsewhere?lead=canary-lead-41", http.StatusFound)
	})
	made, err := w.Call(t.Context(), owner, st.call("find"))
	must(t, err)
	whole, err := w.Run(t.Context(), as(account.Support), made.ID)
	must(t, err)
	if len(whole.Attempts[0].Exchanges[0].Hops) != 1 {
		t.Fatalf("hops = %+v, want one", whole.Attempts[0].Exchanges[0].Hops)
	}
	shown, err := w.Run(t.Context(), as(account.Auditor), made.ID)
	must(t, err)
	text, err := json.Marshal(shown)
	if err != nil || strings.Contains(string(text), "canary-lead-41") || strings.Contains(string(text), "phone=") {
		t.Errorf("an auditor sees %s", text)
	}
}

func TestAParameterThatComesBackKeepsItsSecretsAndHidesItsValues(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		st := w.stage(t)
		in := st.integrator
		in.Fields = map[string]string{"Region": "canary-region-value"}
		_, err := w.UpdateIntegrator(t.Context(), owner, control.IntegratorInput{Integrator: in})
		must(t, err)
		next := st.saved.Integration
		next.Endpoints = next.Endpoints[1:] // the first one sends ApiKey
		next.Parameters = nil
		_, err = w.ReplaceIntegration(t.Context(), owner, next.Name, next, control.Replace{})
		must(t, err)
		next.Parameters = []integration.Parameter{{Name: "ApiKey", In: "header"}}
		_, err = w.ReplaceIntegration(t.Context(), owner, next.Name, next, control.Replace{})
		wantField(t, err, "parameters.0.secret")
		next.Parameters = []integration.Parameter{{Name: "Region", In: "query", Secret: true}}
		_, err = w.ReplaceIntegration(t.Context(), owner, next.Name, next, control.Replace{})
		must(t, err)
		stored, err := d.Integrator(t.Context(), account.Everything(), in.ID)
		must(t, err)
		if stored.Fields["Region"] != "" || !stored.Secrets["field.Region"].Set() {
			t.Errorf("the value is still plain: %+v", stored.Fields)
		}
	})
}
