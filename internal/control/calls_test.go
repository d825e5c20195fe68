package control_test

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"

	"tieline/db"
	"tieline/db/dbtest"
	"tieline/internal/account"
	"tieline/internal/control"
	"tieline/internal/fault"
	"tieline/internal/id"
	"tieline/internal/integration"
	"tieline/internal/response"
	"tieline/internal/run"
)

func TestACallByNameIsStoredBeforeItIsAnswered(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		st := w.stage(t)
		ask := st.call("find")
		ask.RunID = id.New()
		ask.Record = control.Record{Type: "lead", ID: "101", Data: map[string]any{"phone_number": "+15550000001"}}
		ask.Tokens = nil
		r, err := w.Call(t.Context(), as(account.Builder), ask)
		must(t, err)
		if r.Status != run.Succeeded || r.Result == nil || *r.Result != "51" || r.ID != ask.RunID {
			t.Fatalf("run = %+v", r)
		}
		sent, _ := w.vendor.last(t)
		if sent.URL.Query().Get("phone") != "+15550000001" || sent.Header.Get("ApiKey") != "canary-key-0123456789" {
			t.Errorf("sent %s with %v", sent.URL, sent.Header)
		}
		stored, err := d.Run(t.Context(), account.Everything(), r.ID)
		must(t, err)
		if stored.Key != "+15550000001" || stored.RecordID != "101" || stored.Trigger != "call" || stored.Test || stored.CreatedBy != "builder@acme.test" || stored.Revision != 1 {
			t.Errorf("stored = %+v", stored)
		}
		text, err := json.Marshal(stored)
		if err != nil || bytes.Contains(text, []byte("canary-key")) {
			t.Errorf("the stored run shows the secret (%v)", err)
		}
	})
}

func TestAChangeIsSeenByTheNextCall(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		st := w.stage(t)
		for range 3 {
			r, err := w.Call(t.Context(), owner, st.call("find"))
			must(t, err)
			if r.Status != run.Succeeded {
				t.Fatalf("status = %s (%+v)", r.Status, r.Failure)
			}
		}
		e := st.saved.Integration.Endpoints[0]
		e.URL = "/gone"
		_, err := w.SaveEndpoint(t.Context(), owner, st.saved.Integration.Name, st.saved.Revision, "find", e)
		must(t, err)
		r, err := w.Call(t.Context(), owner, st.call("find"))
		must(t, err)
		if r.Revision != 2 || r.HTTPStatus != 404 {
			t.Errorf("the call after the change used revision %d (status %d)", r.Revision, r.HTTPStatus)
		}
	})
}

func TestWhatIsSwitchedOffBecomesARunWithTheReason(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		for _, off := range []struct {
			what string
			turn func(st stage, on bool) error
		}{
			{"integration", func(st stage, on bool) error {
				_, err := w.EnableIntegration(t.Context(), owner, st.saved.Integration.Name, on)
				return err
			}},
			{"endpoint", func(st stage, on bool) error {
				_, err := w.EnableEndpoint(t.Context(), owner, st.saved.Integration.Name, "find", on)
				return err
			}},
			{"integrator", func(st stage, on bool) error {
				_, err := w.EnableIntegrator(t.Context(), owner, st.integrator.ID, on)
				return err
			}},
			{"customer", func(st stage, on bool) error { return w.EnableCustomer(t.Context(), owner, st.customer.Slug, on) }},
		} {
			st := w.stage(t)
			hits := w.vendor.hits()
			must(t, off.turn(st, false))
			r, err := w.Call(t.Context(), owner, st.call("find"))
			must(t, err)
			if r.Status != run.Failed || r.Failure.Cause != run.Disabled || !strings.Contains(r.Failure.Summary, off.what) || w.vendor.hits() != hits {
				t.Errorf("%s off: %s %+v, %d requests", off.what, r.Status, r.Failure, w.vendor.hits()-hits)
			}
			must(t, off.turn(st, true))
			again, err := w.Retry(t.Context(), owner, r.ID, control.RetryRequest{})
			if err != nil || again.Status != run.Succeeded {
				t.Errorf("%s on again: retry %v, %s", off.what, err, again.Status)
			}
		}
	})
}

func TestTheCustomerAndTheIntegratorAreFoundOrNamedAtTheField(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		st := w.stage(t)
		other := w.customer(t)
		in := reload(t, d, st.integrator.ID)
		in.CallcenterID = "CC-1001"
		_, err := w.UpdateIntegrator(t.Context(), owner, control.IntegratorInput{Integrator: in})
		must(t, err)

		ask := st.call("find")
		refused := func(field string, change func(c *control.CallRequest)) {
			t.Helper()
			c := ask
			change(&c)
			_, err := w.Call(t.Context(), owner, c)
			wantField(t, err, field)
		}
		fine := func(change func(c *control.CallRequest)) {
			t.Helper()
			c := ask
			change(&c)
			r, err := w.Call(t.Context(), owner, c)
			must(t, err)
			if r.IntegratorID != in.ID || r.Customer != st.customer.Slug {
				t.Errorf("called for %s of %s", r.IntegratorID, r.Customer)
			}
		}
		fine(func(c *control.CallRequest) { c.Customer, c.CallcenterID = "", "CC-1001" })
		fine(func(c *control.CallRequest) { c.CallcenterID = "CC-1001" })
		fine(func(c *control.CallRequest) { c.Customer, c.Integrator = "", in.ID })
		refused("customer", func(c *control.CallRequest) { c.Customer = "" })
		refused("customer", func(c *control.CallRequest) { c.Customer = "nobody" })
		refused("customer", func(c *control.CallRequest) { c.Customer = other.Slug })
		refused("callcenter_id", func(c *control.CallRequest) { c.Customer, c.CallcenterID = "", "CC-0" })
		refused("callcenter_id", func(c *control.CallRequest) { c.Customer, c.CallcenterID = other.Slug, "CC-1001" })
		refused("integrator", func(c *control.CallRequest) { c.Integrator = id.New() })
		refused("integrator", func(c *control.CallRequest) { c.Customer, c.Integrator = other.Slug, in.ID })
		refused("correlation_id", func(c *control.CallRequest) { c.CorrelationID = strings.Repeat("x", 300) })
		refused("record.id", func(c *control.CallRequest) { c.Record.ID = "a\nb" })

		_, err = w.Call(t.Context(), owner, control.CallRequest{Integration: "nothing", Endpoint: "find", Customer: st.customer.Slug})
		wantKind(t, err, fault.NotFound)
		_, err = w.Call(t.Context(), owner, st.call("nothing"))
		wantKind(t, err, fault.NotFound)
		_, err = w.Call(t.Context(), as(account.Builder, other.ID), ask)
		wantField(t, err, "customer")

		second := w.integrator(t, st.saved, st.customer)
		_, err = w.Call(t.Context(), owner, ask)
		fields, _ := fault.FieldsOf(err)
		if !strings.Contains(fields["integrator"], second.ID) || !strings.Contains(fields["integrator"], in.ID) {
			t.Errorf("two integrators: %v, want the list at integrator", err)
		}
		fine(func(c *control.CallRequest) { c.CallcenterID = "CC-1001" })
		_, err = w.EnableIntegrator(t.Context(), owner, second.ID, false)
		must(t, err)
		fine(func(*control.CallRequest) {})
	})
}

func TestATestTakesAnUnsavedDefinitionAndAPreviewSendsNothing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		st := w.stage(t)
		draft := st.saved.Integration.Endpoints[0]
		draft.Headers = []integration.Row{{Name: "X-Draft", Value: "yes {{phone_number}}"}}
		ask := control.TestRequest{CallRequest: st.call("find"), Definition: &draft}
		shown, err := w.Preview(t.Context(), owner, ask)
		must(t, err)
		if w.vendor.hits() != 0 {
			t.Fatal("a preview sent something")
		}
		text, err := json.Marshal(shown)
		if err != nil || bytes.Contains(text, []byte("canary-key")) || !bytes.Contains(text, []byte("X-Draft")) {
			t.Errorf("preview = %s, %v", text, err)
		}
		r, err := w.Test(t.Context(), owner, ask)
		must(t, err)
		sent, _ := w.vendor.last(t)
		if !r.Test || r.Trigger != "test" || sent.Header.Get("X-Draft") != "yes +15551234567" || r.EndpointID == "" || r.Revision != 0 {
			t.Errorf("test %v by %q of revision %d sent %v", r.Test, r.Trigger, r.Revision, sent.Header)
		}
		untouched := st.saved.Integration.Endpoints[0]
		r, err = w.Test(t.Context(), owner, control.TestRequest{CallRequest: st.call("find"), Definition: &untouched})
		if err != nil || r.Revision != 1 {
			t.Errorf("a draft that is what is saved ran revision %d, %v", r.Revision, err)
		}
		stored, err := d.Integration(t.Context(), account.Everything(), st.saved.Integration.Name)
		if err != nil || stored.Revision != 1 {
			t.Errorf("a test stored the draft: revision %d, %v", stored.Revision, err)
		}
		fresh := integration.Endpoint{URL: "/contacts"}
		r, err = w.Test(t.Context(), owner, control.TestRequest{CallRequest: control.CallRequest{
			Integration: st.saved.Integration.Name, Integrator: st.integrator.ID,
		}, Definition: &fresh})
		if err != nil || r.Status != run.Succeeded || r.EndpointID != "" {
			t.Errorf("a draft of a new endpoint: %s (%+v), %v", r.Status, r.Failure, err)
		}
	})
}

func TestAPreviewBearsHalfTypedDefinitionsAndNoCustomer(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		st := w.stage(t)
		for _, draft := range []integration.Endpoint{
			{},
			{URL: "https://{{ho"},
			{URL: "{{", Method: "NOPE"},
			{URL: "/x", Headers: []integration.Row{{Name: " ", Value: "{{a | }}"}}},
			{URL: "/x", Body: integration.Body{Kind: "json", Content: `{"a": "{{`}},
			{URL: "\x00"},
		} {
			for _, in := range []string{"", st.integrator.ID} {
				shown, err := w.Preview(t.Context(), owner, control.TestRequest{CallRequest: control.CallRequest{
					Integration: st.saved.Integration.Name, Endpoint: "find", Integrator: in,
				}, Definition: &draft})
				if err != nil {
					t.Errorf("preview of %+v: %v", draft, err)
				}
				for _, p := range shown.Problems {
					if strings.HasPrefix(p.Field, "endpoints.") || strings.HasPrefix(p.Field, "definition.") {
						t.Errorf("problem at %q, want it keyed within the endpoint", p.Field)
					}
				}
			}
		}
		if w.vendor.hits() != 0 {
			t.Error("a preview sent something")
		}
	})
}

func TestTheTestFormIsFilledFromTheNewestRecord(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		st := w.stage(t)
		name := st.saved.Integration.Name
		empty, err := w.TestDefaults(t.Context(), owner, name, "find")
		if err != nil || empty.Record.ID != "" {
			t.Fatalf("defaults without runs = %+v, %v", empty, err)
		}
		for _, lead := range []string{"101", "102"} {
			ask := st.call("find")
			ask.Record = control.Record{Type: "lead", ID: lead, Data: map[string]any{"phone_number": "+1555" + lead, "n": json.Number("12345678901234567890")}}
			_, err := w.Call(t.Context(), owner, ask)
			must(t, err)
		}
		filled, err := w.TestDefaults(t.Context(), owner, name, "find")
		must(t, err)
		if filled.Record.ID != "102" || filled.Record.Type != "lead" || filled.Record.Data["n"] != json.Number("12345678901234567890") || filled.Integrator != st.integrator.ID {
			t.Errorf("defaults = %+v", filled)
		}
	})
}

func TestARetryIsANewRunFromTheStoredInput(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		st := w.stage(t)
		ask := st.call("save")
		ask.Tokens = map[string]any{"contact_id": json.Number("12345678901234567890")}
		ask.Input, ask.HasInput = map[string]any{"note": "hello"}, true
		first, err := w.Call(t.Context(), owner, ask)
		must(t, err)
		_, body := w.vendor.last(t)
		again, err := w.Retry(t.Context(), as(account.Support), first.ID, control.RetryRequest{})
		must(t, err)
		_, second := w.vendor.last(t)
		if again.ID == first.ID || again.ReplayOf != first.ID || again.Trigger != "retry" || second != body || !strings.Contains(body, "12345678901234567890") {
			t.Errorf("retry %+v sent %s, the first sent %s", again, second, body)
		}
		draft := st.saved.Integration.Endpoints[1]
		draft.URL = "/drafted"
		_, err = w.Retry(t.Context(), as(account.Support), first.ID, control.RetryRequest{Mode: "draft", Definition: &draft})
		wantKind(t, err, fault.Forbidden)
		drafted, err := w.Retry(t.Context(), owner, first.ID, control.RetryRequest{Mode: "draft", Definition: &draft})
		must(t, err)
		if sent, _ := w.vendor.last(t); sent.URL.Path != "/drafted" || !drafted.Test {
			t.Errorf("the draft sent %s, test %v", sent.URL, drafted.Test)
		}
		_, err = w.Retry(t.Context(), owner, first.ID, control.RetryRequest{Mode: "backwards"})
		wantField(t, err, "mode")
		_, err = w.Retry(t.Context(), owner, id.New(), control.RetryRequest{})
		wantKind(t, err, fault.NotFound)

		hidden := st.call("save")
		hidden.Input, hidden.HasInput = map[string]any{"note": "the key is canary-key-0123456789"}, true
		withSecret, err := w.Call(t.Context(), owner, hidden)
		must(t, err)
		_, err = w.Retry(t.Context(), owner, withSecret.ID, control.RetryRequest{})
		wantKind(t, err, fault.Conflict)
		must(t, w.DeleteIntegrator(t.Context(), owner, st.integrator.ID))
		_, err = w.Retry(t.Context(), owner, first.ID, control.RetryRequest{})
		wantKind(t, err, fault.Conflict)
	})
}

func TestADocumentIsPassedOnByteForByte(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		st := w.stage(t)
		var got bytes.Buffer
		ask := st.call("invoice")
		ask.Document = func(doc response.Document, _ *run.Response) (io.Writer, error) {
			if doc.Type != "application/pdf" {
				t.Errorf("type = %q", doc.Type)
			}
			return &got, nil
		}
		r, err := w.Call(t.Context(), owner, ask)
		must(t, err)
		if r.Status != run.Succeeded || got.String() != "%PDF-1.4\n%%EOF\n" {
			t.Errorf("%s (%+v), %q", r.Status, r.Failure, got.String())
		}
	})
}

func TestWhoMayNotReadBodiesGetsARunWithoutThem(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		st := w.stage(t)
		made, err := w.Call(t.Context(), owner, st.call("find"))
		must(t, err)
		r, err := w.Run(t.Context(), as(account.Auditor), made.ID)
		must(t, err)
		text, err := json.Marshal(r)
		if err != nil || bytes.Contains(text, []byte("15551234567\"}")) || len(r.Tokens) != 0 || len(r.Input) != 0 {
			t.Errorf("an auditor sees %s", text)
		}
		x := r.Attempts[0].Exchanges[0]
		if len(x.Request.Headers) != 0 || strings.Contains(x.Request.URL, "?") || len(x.Response.Body) != 0 || len(x.Response.Headers) != 0 {
			t.Errorf("an auditor sees %+v", x)
		}
		for range 2 {
			r, err = w.Run(t.Context(), as(account.Support), made.ID)
			must(t, err)
			if len(r.Attempts[0].Exchanges[0].Response.Body) == 0 || len(r.Tokens) == 0 {
				t.Error("support sees no bodies")
			}
		}
		read, _, err := d.AuditEntries(t.Context(), account.Everything(), db.AuditFilter{Action: "read", Limit: 10})
		if err != nil || len(read) != 1 || read[0].SubjectID != made.ID {
			t.Errorf("entries of reading = %+v, %v", read, err)
		}
		_, err = w.Run(t.Context(), as(account.Support, w.customer(t).ID), made.ID)
		wantKind(t, err, fault.NotFound)
	})
}

func TestManyRunsAreDismissedByFilter(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		st := w.stage(t)
		for range 3 {
			w.failed(t, st)
		}
		good, err := w.Call(t.Context(), owner, st.call("find"))
		must(t, err)
		result, err := w.Bulk(t.Context(), owner, control.BulkRequest{Action: "dismiss", Note: "seen", Filter: &db.RunFilter{
			CustomerID: st.customer.ID, Status: []run.Status{run.Failed},
		}})
		if err != nil || result.Done != 3 || result.More {
			t.Errorf("result = %+v, %v", result, err)
		}
		result, err = w.Bulk(t.Context(), owner, control.BulkRequest{Action: "dismiss", IDs: []string{good.ID, id.New()}})
		if err != nil || result.Done != 0 || len(result.Failed) != 2 {
			t.Errorf("result = %+v, %v", result, err)
		}
		for _, bad := range []control.BulkRequest{{Action: "dismiss"}, {IDs: []string{"x"}, Filter: &db.RunFilter{}, Action: "dismiss"}} {
			_, err := w.Bulk(t.Context(), owner, bad)
			wantField(t, err, "ids")
		}
		_, err = w.Bulk(t.Context(), owner, control.BulkRequest{IDs: []string{"x"}, Action: "explode"})
		wantField(t, err, "action")
	})
}

func TestBulkRetriesKeepTheirRate(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Open(t, db.SQLite))
	st := w.stage(t)
	ids := []string{w.failed(t, st).ID, w.failed(t, st).ID, w.failed(t, st).ID}
	began := time.Now()
	result, err := w.Bulk(t.Context(), owner, control.BulkRequest{IDs: ids, Action: "retry", RatePerMin: 600})
	if err != nil || result.Done != 3 || time.Since(began) < 200*time.Millisecond {
		t.Errorf("result = %+v, %v after %s, want 3 over at least 200 ms", result, err, time.Since(began))
	}
}
