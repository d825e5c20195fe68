package control_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"tieline/db"
	"tieline/db/dbtest"
	"tieline/internal/account"
	"tieline/internal/control"
	"tieline/internal/fault"
	"tieline/internal/integration"
	"tieline/internal/secret"
)

func TestTwoPeopleOnDifferentEndpointsDoNotConflict(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		s := w.integration(t)
		name, base := s.Integration.Name, s.Revision
		one, two := s.Integration.Endpoints[0], s.Integration.Endpoints[1]
		one.Description, two.Description = "by one", "by two"
		_, err := w.SaveEndpoint(t.Context(), owner, name, base, one.Name, one)
		must(t, err)
		saved, err := w.SaveEndpoint(t.Context(), owner, name, base, two.Name, two)
		must(t, err)
		a, _ := saved.Integration.Endpoint("find")
		b, _ := saved.Integration.Endpoint("save")
		if a.Description != "by one" || b.Description != "by two" || saved.Revision != base+2 {
			t.Fatalf("stored %q and %q at revision %d", a.Description, b.Description, saved.Revision)
		}
		settings := s.Integration
		settings.Description = "by three"
		saved, err = w.SaveSettings(t.Context(), owner, name, base, settings)
		must(t, err)
		if a, _ = saved.Integration.Endpoint("find"); a.Description != "by one" {
			t.Error("saving the settings put an endpoint back")
		}
	})
}

func TestTwoPeopleOnTheSameEndpointConflictWithBothVersions(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		s := w.integration(t)
		name, base := s.Integration.Name, s.Revision
		mine, theirs := s.Integration.Endpoints[0], s.Integration.Endpoints[0]
		mine.Description, theirs.Description = "mine", "theirs"
		_, err := w.SaveEndpoint(t.Context(), owner, name, base, "find", theirs)
		must(t, err)
		_, err = w.SaveEndpoint(t.Context(), owner, name, base, "find", mine)
		conflict, ok := errors.AsType[*control.ConflictError](err)
		if !ok || fault.KindOf(err) != fault.Conflict {
			t.Fatalf("error = %v, want a conflict", err)
		}
		was, a := conflict.Base.(integration.Endpoint), conflict.Theirs.(integration.Endpoint)
		if was.Description != "" || a.Description != "theirs" || conflict.Mine.(integration.Endpoint).Description != "mine" {
			t.Errorf("conflict = %+v", conflict)
		}
		saved, err := w.SaveEndpoint(t.Context(), owner, name, conflict.Revision, "find", mine) // keep mine
		must(t, err)
		if e, _ := saved.Integration.Endpoint("find"); e.Description != "mine" {
			t.Errorf("stored %q", e.Description)
		}
		_, err = w.SaveEndpoint(t.Context(), owner, name, base, "find", mine) // the same thing twice is no conflict
		must(t, err)

		gone := s.Integration.Endpoints[1]
		_, err = w.DeleteEndpoint(t.Context(), owner, name, "save")
		must(t, err)
		_, err = w.SaveEndpoint(t.Context(), owner, name, base, "save", gone)
		wantKind(t, err, fault.Conflict)

		a1, a2 := s.Integration, s.Integration
		a1.Description, a2.Description = "one", "two"
		_, err = w.SaveSettings(t.Context(), owner, name, base, a1)
		must(t, err)
		_, err = w.SaveSettings(t.Context(), owner, name, base, a2)
		if _, ok := errors.AsType[*control.ConflictError](err); !ok {
			t.Errorf("settings saved twice from one base: %v, want a conflict", err)
		}
	})
}

func TestManyPeopleSavingAtOnceLoseNothing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		s := w.integration(t)
		var wait sync.WaitGroup
		errs := make([]error, len(s.Integration.Endpoints))
		for n, e := range s.Integration.Endpoints {
			wait.Go(func() {
				e.Description = "by " + e.Name
				_, errs[n] = w.SaveEndpoint(t.Context(), owner, s.Integration.Name, s.Revision, e.Name, e)
			})
		}
		wait.Wait()
		stored, err := d.Integration(t.Context(), account.Everything(), s.Integration.Name)
		must(t, err)
		for n, e := range stored.Document.Endpoints {
			if errs[n] != nil || e.Description != "by "+e.Name {
				t.Errorf("%s: %v, stored %q", e.Name, errs[n], e.Description)
			}
		}
	})
}

func TestARenamedEndpointKeepsItsLogsAndItsUses(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		st := w.stage(t)
		name := st.saved.Integration.Name
		save := st.saved.Integration.Endpoints[1]
		save.Repeat, save.Lookup = "check_first", "find"
		saved, err := w.SaveEndpoint(t.Context(), owner, name, st.saved.Revision, "save", save)
		must(t, err)
		r := w.failed(t, st)
		gone := saved.Integration.Endpoints[3]
		gone.Name = "missing"
		_, err = w.SaveEndpoint(t.Context(), owner, name, saved.Revision, "gone", gone)
		must(t, err)
		find := saved.Integration.Endpoints[0]
		find.Name = "lookUp"
		saved, err = w.SaveEndpoint(t.Context(), owner, name, saved.Revision, "find", find)
		must(t, err)
		if e, _ := saved.Integration.Endpoint("save"); e.Lookup != "lookUp" {
			t.Errorf("look-up = %q, want the new name", e.Lookup)
		}
		endpointID, err := d.EndpointID(t.Context(), account.Everything(), saved.ID, "missing")
		must(t, err)
		if endpointID != r.EndpointID {
			t.Error("the renamed endpoint has another id: its logs are lost")
		}
		again, err := w.Retry(t.Context(), owner, r.ID, control.RetryRequest{})
		must(t, err)
		if again.Endpoint != "missing" || again.ReplayOf != r.ID {
			t.Errorf("retry ran %q, replay of %q", again.Endpoint, again.ReplayOf)
		}
		_, err = w.DeleteEndpoint(t.Context(), owner, name, "lookUp")
		wantKind(t, err, fault.Invalid)
	})
}

func TestProblemsOfAnEndpointAreKeyedWithinIt(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		s := w.integration(t)
		bad := s.Integration.Endpoints[1]
		bad.URL = "ftp://x"
		bad.Headers = []integration.Row{{Name: "Fine"}, {Name: "not fine"}}
		_, err := w.SaveEndpoint(t.Context(), owner, s.Integration.Name, s.Revision, "save", bad)
		wantField(t, err, "url")
		wantField(t, err, "headers.1.name")
		bad.Name = "find"
		_, err = w.SaveEndpoint(t.Context(), owner, s.Integration.Name, s.Revision, "", bad)
		wantField(t, err, "name")
		stored, err := d.Integration(t.Context(), account.Everything(), s.Integration.Name)
		if err != nil || stored.Revision != s.Revision {
			t.Errorf("a refused save was stored: revision %d, %v", stored.Revision, err)
		}
	})
}

func TestAnUnknownTokenIsAWarningWithTheNearestSpelling(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		s := w.integration(t)
		e := s.Integration.Endpoints[0]
		e.URL = "/inv/{{invoicenumber}}.pdf"
		saved, err := w.SaveEndpoint(t.Context(), owner, s.Integration.Name, s.Revision, "find", e)
		must(t, err)
		for _, p := range saved.Warnings {
			if p.Field == "url" && strings.Contains(p.Message, "InvoiceNumber") {
				return
			}
		}
		t.Errorf("warnings = %+v, want one at url that names InvoiceNumber", saved.Warnings)
	})
}

func TestADryRunSaysTheDifferenceAndStoresNothing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		s := w.integration(t)
		next := s.Integration
		next.Description = "changed"
		saved, err := w.ReplaceIntegration(t.Context(), owner, next.Name, next, control.Replace{DryRun: true})
		must(t, err)
		if !saved.Changed || len(saved.Diff) != 1 || saved.Diff[0].Path != "description" {
			t.Errorf("diff = %+v", saved.Diff)
		}
		fresh, err := w.ReplaceIntegration(t.Context(), owner, "not-there", definition("not-there"), control.Replace{DryRun: true})
		if err != nil || !fresh.Created {
			t.Errorf("dry run of a new one: %+v, %v", fresh.Created, err)
		}
		stored, err := d.Integration(t.Context(), account.Everything(), next.Name)
		if err != nil || stored.Revision != 1 || stored.Document.Description != "" {
			t.Errorf("a dry run stored something: %v", err)
		}
		_, err = d.Integration(t.Context(), account.Everything(), "not-there")
		wantKind(t, err, fault.NotFound)
	})
}

func TestReplacingKeepsTheIdsOfEndpointsAndGuardsTheRevision(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		s := w.integration(t)
		before, err := d.EndpointID(t.Context(), account.Everything(), s.ID, "find")
		must(t, err)
		next := s.Integration
		next.Endpoints = []integration.Endpoint{next.Endpoints[2], next.Endpoints[0]}
		saved, err := w.ReplaceIntegration(t.Context(), owner, next.Name, next, control.Replace{Base: s.Revision})
		must(t, err)
		after, err := d.EndpointID(t.Context(), account.Everything(), s.ID, "find")
		if err != nil || after != before {
			t.Errorf("id of find = %s, %v, want %s", after, err, before)
		}
		_, err = w.ReplaceIntegration(t.Context(), owner, next.Name, s.Integration, control.Replace{Base: s.Revision})
		wantKind(t, err, fault.Conflict)
		same, err := w.ReplaceIntegration(t.Context(), owner, next.Name, next, control.Replace{})
		if err != nil || same.Changed || same.Revision != saved.Revision {
			t.Errorf("the same document again: changed %v, revision %d, %v", same.Changed, same.Revision, err)
		}
		_, err = w.ReplaceIntegration(t.Context(), owner, "other", next, control.Replace{})
		wantField(t, err, "name")
	})
}

func TestAnOldRevisionComesBackWholeOrByEndpoint(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		s := w.integration(t)
		next := s.Integration
		next.Description = "changed"
		next.Endpoints = []integration.Endpoint{next.Endpoints[0], next.Endpoints[1]}
		next.Endpoints[0].Description = "changed too"
		_, err := w.ReplaceIntegration(t.Context(), owner, next.Name, next, control.Replace{})
		must(t, err)
		saved, err := w.RestoreRevision(t.Context(), owner, next.Name, 1, "gone")
		must(t, err)
		if _, ok := saved.Integration.Endpoint("gone"); !ok || saved.Integration.Description != "changed" {
			t.Errorf("restoring one endpoint gave %+v", saved.Integration)
		}
		saved, err = w.RestoreRevision(t.Context(), owner, next.Name, 1, "")
		must(t, err)
		first, err := d.Revision(t.Context(), account.Everything(), s.ID, 1)
		must(t, err)
		now, err := d.Revision(t.Context(), account.Everything(), s.ID, saved.Revision)
		must(t, err)
		if len(now.Document.Endpoints) != len(first.Document.Endpoints) || now.Document.Description != first.Document.Description {
			t.Error("the restored revision is not the old one")
		}
		_, err = w.RestoreRevision(t.Context(), owner, next.Name, 99, "")
		wantKind(t, err, fault.NotFound)
	})
}

func TestNamesAreUniqueAndAProblemAtTheField(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		s, other := w.integration(t), w.integration(t)
		_, err := w.CreateIntegration(t.Context(), owner, s.Integration)
		wantField(t, err, "name")
		renamed := s.Integration
		renamed.Name = other.Integration.Name
		_, err = w.SaveSettings(t.Context(), owner, s.Integration.Name, s.Revision, renamed)
		wantField(t, err, "name")
		c := w.customer(t)
		_, err = w.CreateCustomer(t.Context(), owner, account.Customer{Name: "Acme", Slug: c.Slug})
		wantField(t, err, "slug")
		c.CallcenterID = "CC-7"
		_, err = w.UpdateCustomer(t.Context(), owner, c.Slug, c)
		must(t, err)
		_, err = w.CreateCustomer(t.Context(), owner, account.Customer{Name: "Bolt", CallcenterID: "CC-7"})
		wantField(t, err, "callcenter_id")
		u := w.user(t, account.Builder)
		_, _, err = w.CreateUser(t.Context(), owner, control.UserInput{User: account.User{Email: strings.ToUpper(u.Email), Name: "x", Role: account.Builder}})
		wantField(t, err, "email")
		v := w.variable(t)
		_, err = w.CreateVariable(t.Context(), owner, control.VariableInput{Variable: account.Variable{Name: v.Name}})
		wantField(t, err, "name")
	})
}

func TestAParameterThatBecomesSecretIsSealedAndStaysSo(t *testing.T) {
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
		saved, err := w.SaveSettings(t.Context(), owner, next.Name, st.saved.Revision, next)
		must(t, err)
		stored, err := d.Integrator(t.Context(), account.Everything(), in.ID)
		must(t, err)
		if stored.Fields["Region"] != "" || !stored.Secrets["field.Region"].Set() {
			t.Fatalf("the value is still plain: %+v", stored.Fields)
		}
		opened, err := w.key.Open(stored.SecretPlace("field.Region"), stored.Secrets["field.Region"])
		if err != nil || opened.Reveal() != "canary-region-value" {
			t.Errorf("the sealed value does not open: %v", err)
		}
		next.Parameters[1].Secret = false
		_, err = w.SaveSettings(t.Context(), owner, next.Name, saved.Revision, next)
		wantField(t, err, "parameters.1.secret")
	})
}

func TestAPrivateIntegrationBelongsToItsCustomerAlone(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		mine, theirs := w.customer(t), w.customer(t)
		private := definition("private-crm")
		private.Visibility, private.Customer = "private", mine.Slug
		_, err := w.CreateIntegration(t.Context(), as(account.Builder, mine.ID), private)
		must(t, err)
		stranger := as(account.Builder, theirs.ID)
		_, err = w.SaveSettings(t.Context(), stranger, "private-crm", 1, private)
		wantKind(t, err, fault.NotFound)
		wantKind(t, w.DeleteIntegration(t.Context(), stranger, "private-crm"), fault.NotFound)
		_, err = w.Call(t.Context(), stranger, control.CallRequest{Integration: "private-crm", Endpoint: "find", Customer: theirs.Slug})
		wantKind(t, err, fault.NotFound)
		_, err = w.CreateIntegrator(t.Context(), owner, "private-crm", control.IntegratorInput{Integrator: integration.Integrator{CustomerID: theirs.ID, Host: "a.example"}})
		wantField(t, err, "customer")
		wantKind(t, w.DeleteCustomer(t.Context(), owner, mine.Slug), fault.Conflict)

		renamed := mine
		renamed.Slug += "-new"
		_, err = w.UpdateCustomer(t.Context(), owner, mine.Slug, renamed)
		wantField(t, err, "slug")
		private.Customer = "not-there"
		_, err = w.SaveSettings(t.Context(), owner, "private-crm", 0, private)
		wantField(t, err, "customer")
	})
}

func TestWhoIsBoundToCustomersCannotTouchWhatAllShare(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		st := w.stage(t)
		other := w.customer(t)
		bound := as(account.Admin, st.customer.ID)
		e := st.saved.Integration.Endpoints[0]
		e.Description = "changed"
		_, err := w.SaveEndpoint(t.Context(), bound, st.saved.Integration.Name, st.saved.Revision, "find", e)
		wantKind(t, err, fault.Forbidden)
		wantKind(t, w.DeleteIntegration(t.Context(), bound, st.saved.Integration.Name), fault.Forbidden)
		_, err = w.CreateIntegration(t.Context(), bound, definition("shared-by-bound"))
		wantKind(t, err, fault.Invalid)
		_, err = w.CreateCustomer(t.Context(), bound, account.Customer{Name: "New"})
		wantKind(t, err, fault.Forbidden)
		_, err = w.CreateVariable(t.Context(), bound, control.VariableInput{Variable: account.Variable{Name: "FOR_ALL"}})
		wantKind(t, err, fault.Forbidden)
		_, err = w.CreateVariable(t.Context(), bound, control.VariableInput{Variable: account.Variable{Name: "FOR_OTHER", CustomerID: other.ID}})
		wantField(t, err, "customer")
		_, _, err = w.CreateUser(t.Context(), bound, control.UserInput{User: account.User{Email: "x@acme.test", Name: "x", Role: account.Builder}})
		wantField(t, err, "customers")
		_, _, err = w.CreateAPIKey(t.Context(), bound, account.APIKey{Name: "x", Role: account.Builder, CustomerIDs: []string{other.ID}})
		wantField(t, err, "customers")
		wantKind(t, w.SetRetention(t.Context(), bound, control.Retention{RowDays: 1}), fault.Forbidden)
		_, err = w.UpdateIntegrator(t.Context(), as(account.Builder, other.ID), control.IntegratorInput{Integrator: st.integrator})
		wantKind(t, err, fault.NotFound)
		st.integrator.Label = "mine"
		_, err = w.UpdateIntegrator(t.Context(), bound, control.IntegratorInput{Integrator: st.integrator, Secrets: map[string]secret.Text{}})
		must(t, err)
	})
}
