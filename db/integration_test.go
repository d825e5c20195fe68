package db_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"tieline/db"
	"tieline/db/dbtest"
	"tieline/internal/account"
	"tieline/internal/fault"
	"tieline/internal/integration"
	"tieline/internal/secret"
)

func save(t *testing.T, d *db.DB, s db.SaveIntegration) (db.StoredIntegration, error) {
	t.Helper()
	var in db.StoredIntegration
	err := d.Tx(t.Context(), func(tx *db.Tx) (err error) { in, err = tx.SaveIntegration(t.Context(), s); return err })
	return in, err
}

func endpointIDs(t *testing.T, d *db.DB, integrationID string) map[string]string {
	t.Helper()
	ids := map[string]string{}
	for _, e := range must[[]db.EndpointRow](t)(d.Endpoints(t.Context(), everything, integrationID)) {
		ids[e.Name] = e.ID
	}
	return ids
}

func TestEverySaveIsARevisionAndTheOldOnesStay(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		first := dbtest.Integration(t, d, "hubspot")
		doc := dbtest.Document("hubspot")
		doc.Label, doc.Endpoints[0].URL, doc.Endpoints[0].Description = "Renamed \u2028 <é>", "https://{{host}}/v4", "nul \u0000 in a document"
		second, err := save(t, d, db.SaveIntegration{ID: first.ID, Base: 1, Document: doc, Author: "builder", Parts: []string{"settings", "endpoint findContact"}})
		if err != nil || second.Revision != 2 {
			t.Fatalf("%+v %v", second, err)
		}
		back := must[db.StoredIntegration](t)(d.Integration(ctx, everything, "hubspot"))
		if !reflect.DeepEqual(back.Document, doc) || back.Revision != 2 || !back.CreatedAt.Equal(first.CreatedAt) {
			t.Fatalf("stored %+v", back)
		}
		list := must[[]db.Revision](t)(d.Revisions(ctx, everything, first.ID, "", 0))
		if len(list) != 2 || list[0].N != 2 || list[0].Author != "builder" || !slices.Equal(list[0].Parts, []string{"settings", "endpoint findContact"}) {
			t.Fatalf("%+v", list)
		}
		old := must[db.Revision](t)(d.Revision(ctx, everything, first.ID, 1))
		if !reflect.DeepEqual(old.Document, dbtest.Document("hubspot")) {
			t.Errorf("revision 1 = %+v", old.Document)
		}
		for part, want := range map[string]int{"endpoint findContact": 2, "endpoint saveCall": 1, "endpoint findcontact": 1, "mapping lead": 1} {
			if got := must[[]db.Revision](t)(d.Revisions(ctx, everything, first.ID, part, 0)); len(got) != want {
				t.Errorf("%s: %d revisions, want %d", part, len(got), want)
			}
		}
		_, err = save(t, d, db.SaveIntegration{ID: first.ID, Base: 1, Document: doc})
		wantKind(t, err, fault.Conflict)
		_, err = save(t, d, db.SaveIntegration{Document: doc})
		wantKind(t, err, fault.Conflict)
		_, err = save(t, d, db.SaveIntegration{ID: "none", Document: doc})
		wantKind(t, err, fault.NotFound)
		_, err = d.Revision(ctx, everything, first.ID, 3)
		wantKind(t, err, fault.NotFound)
	})
}

func TestEndpointsKeepTheirIDsThroughRenamesAndSwaps(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		in := dbtest.Integration(t, d, "hubspot")
		before := endpointIDs(t, d, in.ID)
		doc := dbtest.Document("hubspot")
		doc.Endpoints[0].Name, doc.Endpoints[1].Name = "saveCall", "findContact"
		if _, err := save(t, d, db.SaveIntegration{ID: in.ID, Document: doc, Renames: map[string]string{"findContact": "saveCall", "saveCall": "findContact"}}); err != nil {
			t.Fatal(err)
		}
		after := endpointIDs(t, d, in.ID)
		if after["saveCall"] != before["findContact"] || after["findContact"] != before["saveCall"] {
			t.Errorf("before %v, after %v", before, after)
		}
		// One takes the name of another that is removed.
		doc.Endpoints = doc.Endpoints[:1]
		doc.Endpoints[0].Name = "findContact"
		if _, err := save(t, d, db.SaveIntegration{ID: in.ID, Document: doc, Renames: map[string]string{"saveCall": "findContact"}}); err != nil {
			t.Fatal(err)
		}
		if got := endpointIDs(t, d, in.ID); len(got) != 1 || got["findContact"] != before["findContact"] {
			t.Errorf("after the removal: %v, want the id %s", got, before["findContact"])
		}
		doc.Endpoints = append(doc.Endpoints, integration.Endpoint{Name: "findContact"})
		_, err := save(t, d, db.SaveIntegration{ID: in.ID, Document: doc})
		wantKind(t, err, fault.Conflict)
		if got := must[string](t)(d.EndpointID(t.Context(), everything, in.ID, "findContact")); got != before["findContact"] {
			t.Errorf("a refused save changed the endpoints")
		}
	})
}

func TestTwoWhoSaveAtOnceGetOneRevisionEach(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		in := dbtest.Integration(t, d, "hubspot")
		var wait sync.WaitGroup
		results := make([]error, 8)
		for n := range results {
			wait.Go(func() {
				_, results[n] = save(t, d, db.SaveIntegration{ID: in.ID, Base: 1, Document: dbtest.Document("hubspot")})
			})
		}
		wait.Wait()
		won := 0
		for _, err := range results {
			if err == nil {
				won++
			} else if fault.KindOf(err) != fault.Conflict {
				t.Error(err)
			}
		}
		if won != 1 {
			t.Errorf("%d saves on revision 1 were taken", won)
		}
	})
}

func TestPrivateIntegrationsAreSeenByTheirCustomerOnly(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		a, b := dbtest.Customer(t, d, "a"), dbtest.Customer(t, d, "b")
		doc := dbtest.Document("secretive")
		doc.Visibility, doc.Customer = "private", "nobody"
		_, err := save(t, d, db.SaveIntegration{Document: doc})
		if fields, ok := fault.FieldsOf(err); !ok || fields["customer"] == "" {
			t.Fatalf("unknown customer: %v", err)
		}
		doc.Customer = "a"
		in, err := save(t, d, db.SaveIntegration{Document: doc})
		if err != nil || in.CustomerID != a.ID {
			t.Fatalf("%+v %v", in, err)
		}
		shared := dbtest.Integration(t, d, "shared")
		for _, c := range []struct {
			scope account.Scope
			sees  bool
		}{{everything, true}, {account.Only(a.ID), true}, {account.Only(b.ID), false}, {account.Only(), false}} {
			_, byName := d.Integration(ctx, c.scope, "secretive")
			_, byID := d.IntegrationByID(ctx, c.scope, in.ID)
			_, endpoint := d.EndpointID(ctx, c.scope, in.ID, "findContact")
			_, revision := d.Revision(ctx, c.scope, in.ID, 1)
			for _, err := range []error{byName, byID, endpoint, revision} {
				if c.sees != (err == nil) || err != nil && fault.KindOf(err) != fault.NotFound {
					t.Errorf("scope %v: %v", c.scope.Customers(), err)
				}
			}
			rows, _, err := d.Integrations(ctx, c.scope, db.IntegrationFilter{Text: "secretive"})
			if err != nil || (len(rows) == 1) != c.sees {
				t.Errorf("scope %v: list %+v %v", c.scope.Customers(), rows, err)
			}
			if list := must[[]db.EndpointRow](t)(d.Endpoints(ctx, c.scope, in.ID)); (len(list) > 0) != c.sees {
				t.Errorf("scope %v: %d endpoints", c.scope.Customers(), len(list))
			}
			if list := must[[]db.Revision](t)(d.Revisions(ctx, c.scope, in.ID, "", 0)); (len(list) > 0) != c.sees {
				t.Errorf("scope %v: %d revisions", c.scope.Customers(), len(list))
			}
		}
		if _, err := d.Integration(ctx, account.Only(b.ID), shared.Document.Name); err != nil {
			t.Errorf("a shared one: %v", err)
		}
		a.Slug = "renamed"
		err = d.Tx(ctx, func(tx *db.Tx) error { _, err := tx.UpdateCustomer(ctx, a); return err })
		if fields, ok := fault.FieldsOf(err); !ok || !strings.Contains(fields["slug"], "secretive") {
			t.Errorf("renaming its customer: %v", err)
		}
		wantKind(t, d.Tx(ctx, func(tx *db.Tx) error { return tx.DeleteCustomer(ctx, a.ID) }), fault.Conflict)
	})
}

func TestTheListOfIntegrationsShowsWhatTheScopeUses(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		a, b := dbtest.Customer(t, d, "a"), dbtest.Customer(t, d, "b")
		one, two := dbtest.Integration(t, d, "one"), dbtest.Integration(t, d, "two")
		ga, gb := dbtest.Integrator(t, d, one, a), dbtest.Integrator(t, d, one, b)
		dbtest.Integrator(t, d, two, b)
		ok := dbtest.Run(t, d, dbtest.NewRun(t, d, one, ga, a, stampAgo(60)))
		bad := dbtest.Run(t, d, failed(dbtest.NewRun(t, d, one, gb, b, stampAgo(30)), "dns"))
		row := func(scope account.Scope, f db.IntegrationFilter) []db.IntegrationRow {
			rows, next, err := d.Integrations(ctx, scope, f)
			if err != nil || next != "" {
				t.Fatalf("%q %v", next, err)
			}
			return rows
		}
		all := row(everything, db.IntegrationFilter{})
		if len(all) != 2 || all[0].Integrators != 2 || all[0].Endpoints != 2 || !all[0].LastSuccessAt.Equal(ok.FinishedAt) ||
			!all[0].LastFailureAt.Equal(bad.FinishedAt) || all[0].LastCause != "dns" || all[0].LastRunID != bad.ID || all[0].Visibility() != "shared" {
			t.Errorf("everything: %+v", all)
		}
		if only := row(account.Only(a.ID), db.IntegrationFilter{}); len(only) != 2 || only[0].Integrators != 1 || !only[0].LastFailureAt.IsZero() || only[1].Integrators != 0 {
			t.Errorf("customer a: %+v", only)
		}
		if used := row(everything, db.IntegrationFilter{CustomerID: a.ID}); len(used) != 1 || used[0].Name != "one" {
			t.Errorf("used by a: %+v", used)
		}
		if none := row(everything, db.IntegrationFilter{Type: "sms"}); len(none) != 0 {
			t.Errorf("of another type: %+v", none)
		}
		page, next, err := d.Integrations(ctx, everything, db.IntegrationFilter{Limit: 1})
		if err != nil || len(page) != 1 || next != "one" {
			t.Fatalf("%+v %q %v", page, next, err)
		}
		if page, next, err = d.Integrations(ctx, everything, db.IntegrationFilter{Limit: 1, Cursor: next}); err != nil || page[0].Name != "two" || next != "" {
			t.Errorf("%+v %q %v", page, next, err)
		}
		if list := must[[]db.StoredIntegration](t)(d.AllIntegrations(ctx, everything)); len(list) != 2 {
			t.Errorf("%d integrations", len(list))
		}
	})
}

func TestIntegratorsKeepEveryByteAndTheirSecretsSealed(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		c, in := dbtest.Customer(t, d, "acme"), dbtest.Integration(t, d, "hubspot")
		g := integration.Integrator{
			IntegrationID: in.ID, CustomerID: c.ID, Label: "Main", Description: "d", CallcenterID: "CC-1001", Host: "crm.example:8443", BaseURL: "https://crm.example/api",
			AllowHTTP: true, Auth: integration.Auth{Kind: "basic", Settings: map[string]string{"username": "u"}}, Fields: map[string]string{"Region": "eu é"},
			Info: []byte(`{ "renderTooltip" : 1.50, "unknown": [] }`), Iframe: []byte(`{"a":12345678901234567890}`), Policy: integration.Policy{TimeoutS: 9, ExtraHosts: []string{"x.example"}}, Enabled: true,
			Secrets: map[string]secret.Sealed{"field.ApiKey": sealed("one"), "auth.password": sealed("two"), "empty": {}},
		}
		dbtest.Tx(t, d, func(tx *db.Tx) (err error) { g, err = tx.CreateIntegrator(ctx, g); return err })
		delete(g.Secrets, "empty")
		back := must[integration.Integrator](t)(d.Integrator(ctx, everything, g.ID))
		if !reflect.DeepEqual(back, g) {
			t.Fatalf("stored\n%+v, want\n%+v", back, g)
		}
		back.Secrets, back.Label, back.CustomerID = map[string]secret.Sealed{"auth.password": sealed("three")}, "Other", "elsewhere"
		dbtest.Tx(t, d, func(tx *db.Tx) (err error) { _, err = tx.UpdateIntegrator(ctx, back); return err })
		after := must[integration.Integrator](t)(d.IntegratorByCallcenter(ctx, everything, in.ID, "CC-1001"))
		if len(after.Secrets) != 1 || string(after.Secrets["auth.password"].Data) != string(sealed("three").Data) || after.CustomerID != c.ID || after.Version != 2 || after.Label != "Other" {
			t.Errorf("%+v", after)
		}
		wantKind(t, d.Tx(ctx, func(tx *db.Tx) error { _, err := tx.UpdateIntegrator(ctx, back); return err }), fault.Conflict)
		for name, bad := range map[string]integration.Integrator{
			"same call-centre id": {IntegrationID: in.ID, CustomerID: c.ID, CallcenterID: "CC-1001"},
			"no such customer":    {IntegrationID: in.ID, CustomerID: "none"},
			"no such integration": {IntegrationID: "none", CustomerID: c.ID},
		} {
			err := d.Tx(ctx, func(tx *db.Tx) error { _, err := tx.CreateIntegrator(ctx, bad); return err })
			if fault.KindOf(err) != fault.Conflict {
				t.Errorf("%s: %v", name, err)
			}
		}
		if ids := must[[]string](t)(d.SecretKeyIDs(ctx)); !slices.Equal(ids, []string{"keyid123"}) {
			t.Errorf("key ids: %q", ids)
		}
		dbtest.Tx(t, d, func(tx *db.Tx) error { return tx.DeleteIntegration(ctx, in.ID) })
		if ids := must[[]string](t)(d.SecretKeyIDs(ctx)); len(ids) != 0 {
			t.Errorf("secrets are left behind: %q", ids)
		}
		wantKind(t, d.Tx(ctx, func(tx *db.Tx) error { return tx.DeleteIntegrator(ctx, g.ID) }), fault.NotFound)
	})
}

func TestIntegratorsAreFoundByWhatIsAsked(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		a, b, in := dbtest.Customer(t, d, "a"), dbtest.Customer(t, d, "b"), dbtest.Integration(t, d, "hubspot")
		first, off := dbtest.Integrator(t, d, in, a), dbtest.Integrator(t, d, in, a)
		dbtest.Integrator(t, d, in, b)
		off.Enabled = false
		dbtest.Tx(t, d, func(tx *db.Tx) error { _, err := tx.UpdateIntegrator(ctx, off); return err })
		if got := must[[]integration.Integrator](t)(d.FindIntegrators(ctx, everything, in.ID, a.ID)); len(got) != 1 || got[0].ID != first.ID {
			t.Errorf("%+v", got)
		}
		for n, want := range []struct {
			scope  account.Scope
			filter db.IntegratorFilter
			count  int
		}{
			{everything, db.IntegratorFilter{}, 3},
			{everything, db.IntegratorFilter{CustomerID: a.ID}, 2},
			{account.Only(b.ID), db.IntegratorFilter{}, 1},
			{account.Only(b.ID), db.IntegratorFilter{CustomerID: a.ID}, 0},
			{everything, db.IntegratorFilter{Text: "CRM.b."}, 1},
			{account.Scope{}, db.IntegratorFilter{}, 0},
		} {
			if got := must[[]integration.Integrator](t)(d.Integrators(ctx, want.scope, want.filter)); len(got) != want.count {
				t.Errorf("case %d: %d integrators, want %d", n, len(got), want.count)
			}
		}
		_, err := d.IntegratorByCallcenter(ctx, everything, in.ID, "")
		wantKind(t, err, fault.NotFound)
		_, err = d.Integrator(ctx, account.Only(b.ID), first.ID)
		wantKind(t, err, fault.NotFound)
	})
}

// hostile are texts that somebody may send; the last ones cannot be stored by every engine.
var hostile = []string{
	`'; DROP TABLE customers; --`, `" OR 1=1`, "😀 \u202e \u00e9", strings.Repeat("x", 100_000), `\`, "%_", "\r\n\t", "$1", "{{x}}",
	"nul\x00byte", "bad\xff\xfeutf8",
}

func TestHostileTextIsKeptByteForByteOrRefused(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		for n, text := range hostile {
			var c account.Customer
			err := d.Tx(ctx, func(tx *db.Tx) (err error) {
				c, err = tx.CreateCustomer(ctx, account.Customer{Slug: fmt.Sprint("s", n), Name: text, Notes: text})
				return err
			})
			bad := n >= len(hostile)-2
			if bad {
				wantKind(t, err, fault.Invalid)
			} else if err != nil {
				t.Fatalf("%.20q: %v", text, err)
			} else if back := must[account.Customer](t)(d.Customer(ctx, everything, c.ID)); back.Name != text || back.Notes != text {
				t.Errorf("%.20q came back as %.20q", text, back.Name)
			}
			_, err = d.CustomerBySlug(ctx, everything, text)
			wantKind(t, err, fault.NotFound)
			_, err = d.Run(ctx, everything, text)
			wantKind(t, err, fault.NotFound)
			_, err = d.UserByEmail(ctx, text)
			wantKind(t, err, fault.NotFound)
			if !bad {
				if rows, _, err := d.Customers(ctx, everything, db.CustomerFilter{Text: text}); err != nil || len(rows) > len(hostile) {
					t.Errorf("search for %.20q: %d rows, %v", text, len(rows), err)
				}
			}
			if list, _, err := d.Runs(ctx, everything, db.RunFilter{Text: text}); err != nil || len(list) != 0 {
				t.Errorf("runs with %.20q: %d, %v", text, len(list), err)
			}
		}
		if rows, _, err := d.Customers(ctx, everything, db.CustomerFilter{}); err != nil || len(rows) != len(hostile)-2 {
			t.Errorf("%d customers, %v", len(rows), err)
		}
	})
}
