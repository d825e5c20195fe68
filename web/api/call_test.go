package api_test

import (
	"strings"
	"testing"

	"tieline/db"
	"tieline/db/dbtest"
	"tieline/internal/account"
	"tieline/internal/id"
)

func TestACallByNameAnswersWhatBecameOfTheRun(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPortal(t, d)
		s := p.scene(t)
		a := p.owner(t, "POST", s.path("find")+"/call", map[string]any{
			"customer": s.customer, "tokens": map[string]any{"phone_number": "+15551234567"}, "record": map[string]any{"type": "lead", "id": "101", "data": map[string]any{}},
		}).want(t, 200)
		if a.text("status") != "succeeded" || a.text("result") != "51" || a.text("outputs", "second") != "52" || a.text("http_status") != "200" || a.json["cause"] != nil {
			t.Errorf("answer = %s", a.body)
		}
		if a.head.Get("Tieline-Run-Id") != a.text("run_id") || a.head.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("headers = %v", a.head)
		}
		r := p.owner(t, "GET", "/runs/"+a.text("run_id"), nil).want(t, 200)
		if r.text("record_id") != "101" || strings.Contains(r.body, "canary-key") || !strings.Contains(r.body, `"base64"`) && !strings.Contains(r.body, `success`) {
			t.Errorf("run = %s", r.body)
		}
		a = p.owner(t, "POST", s.path("find")+"/call", map[string]any{"customer": s.customer}).want(t, 200)
		if a.text("status") != "failed" || a.text("cause") != "unknown_token" || a.text("hint") == "" || a.json["result"] != nil {
			t.Errorf("answer = %s", a.body)
		}
		a = p.owner(t, "POST", s.path("all")+"/call", map[string]any{"customer": s.customer}).want(t, 200)
		if items, _ := a.json["items"].([]any); len(items) != 2 || a.text("count") != "2" {
			t.Errorf("records = %s", a.body)
		}
	})
}

func TestADocumentEndpointAnswersItsBytes(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPortal(t, d)
		s := p.scene(t)
		ask := map[string]any{"customer": s.customer, "tokens": map[string]any{"InvoiceNumber": "INV0000001"}}
		a := p.owner(t, "POST", s.path("invoice")+"/call", ask).want(t, 200)
		if a.body != vendorPDF || a.head.Get("Content-Type") != "application/pdf" || a.head.Get("X-Content-Type-Options") != "nosniff" || a.head.Get("Tieline-Run-Id") == "" {
			t.Errorf("document = %q with %v", a.body, a.head)
		}
		if a.head.Get("Content-Disposition") != `inline; filename="INV0000001.pdf"` {
			t.Errorf("disposition = %q", a.head.Get("Content-Disposition"))
		}
		r := p.owner(t, "GET", "/runs/"+a.head.Get("Tieline-Run-Id"), nil).want(t, 200)
		if r.text("status") != "succeeded" {
			t.Errorf("run = %s", r.body)
		}
		a = p.owner(t, "POST", s.path("page")+"/call", ask).want(t, 502)
		if a.text("cause") != "not_document" || a.head.Get("Content-Type") != "application/json" || a.head.Get("Tieline-Run-Id") != a.text("run_id") {
			t.Errorf("no document = %s with %v", a.body, a.head)
		}
		a = p.owner(t, "POST", s.path("cut")+"/call", ask)
		if a.status == 200 && !strings.Contains(a.body, "[broken off]") {
			t.Error("a document that was cut short ended as if it were whole")
		}
	})
}

func TestADocumentIsNamedAsItsBytesAre(t *testing.T) {
	t.Parallel()
	p := newPortal(t, dbtest.Open(t, db.SQLite))
	s := p.scene(t)
	for number, want := range map[string]string{
		"INV-7": "INV-7.pdf", "INV-7.PDF": "INV-7.PDF", "setup.html": "setup.html.pdf", "a\"; x=\"b": "a---x--b.pdf", "Ü": "invoice.pdf",
	} {
		ask := map[string]any{"customer": s.customer, "tokens": map[string]any{"InvoiceNumber": number}}
		a := p.owner(t, "POST", s.path("invoice")+"/call", ask).want(t, 200)
		if got := a.head.Get("Content-Disposition"); got != `inline; filename="`+want+`"` {
			t.Errorf("%q is called %s, want %s", number, got, want)
		}
	}
}

func TestAPreviewIsMaskedAndSendsNothing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPortal(t, d)
		s := p.scene(t)
		before := p.vendorHits()
		a := p.owner(t, "POST", s.path("find")+"/test?preview=1", map[string]any{
			"customer": s.customer, "tokens": map[string]any{"phone_number": "+1555"},
			"definition": map[string]any{"name": "find", "url": "/contacts/{{phone_number}}", "params": []string{"ApiKey"}, "headers": []any{map[string]any{"name": "X-Draft", "value": "{{nope}}"}}},
		}).want(t, 200)
		if p.vendorHits() != before {
			t.Fatal("a preview sent something")
		}
		if strings.Contains(a.body, "canary-key") || !strings.Contains(a.text("request", "url"), "/contacts/%2B1555") || len(a.json["problems"].([]any)) == 0 {
			t.Errorf("preview = %s", a.body)
		}
		a = p.owner(t, "POST", s.path("find")+"/test", map[string]any{"integrator": s.integrator, "tokens": map[string]any{"phone_number": "+1555"}}).want(t, 200)
		r := p.owner(t, "GET", "/runs/"+a.text("run_id"), nil).want(t, 200)
		if r.text("test") != "true" || p.vendorHits() != before+1 {
			t.Errorf("test run = %s", r.body)
		}
	})
}

func TestRunsAreListedRetriedAndDismissed(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPortal(t, d)
		s := p.scene(t)
		p.owner(t, "POST", s.path("find")+"/call", map[string]any{"customer": s.customer, "tokens": map[string]any{"phone_number": "+15551234567"}}).want(t, 200)
		bad := p.owner(t, "POST", s.path("find")+"/call", map[string]any{"customer": s.customer}).want(t, 200).text("run_id")
		count := func(query string) int {
			t.Helper()
			items, _ := p.owner(t, "GET", "/runs?"+query, nil).want(t, 200).json["items"].([]any)
			return len(items)
		}
		for query, want := range map[string]int{
			"customer=" + s.customer: 2, "integration=" + s.name + "&endpoint=find": 2, "status=failed": 1, "status=failed,succeeded": 2,
			"cause=unknown_token": 1, "limit=1": 1, "from=2020-01-01": 2, "to=2020-01-01": 0, "q=15551234567": 1, "test=1": 0,
		} {
			if got := count(query); got != want {
				t.Errorf("runs?%s = %d, want %d", query, got, want)
			}
		}
		first := p.owner(t, "GET", "/runs?limit=1", nil)
		if next := first.text("next"); next == "" || count("limit=1&cursor="+next) != 1 {
			t.Errorf("the second page after %q is missing", next)
		}
		again := p.ask(t, p.keys[account.Support], "POST", "/runs/"+bad+"/retry", nil).want(t, 200)
		if again.text("replay_of") != bad || again.text("run_id") == bad {
			t.Errorf("retry = %s", again.body)
		}
		p.owner(t, "POST", "/runs/"+bad+"/dismiss", map[string]any{"note": "seen"}).want(t, 200)
		if r := p.owner(t, "GET", "/runs/"+bad, nil); r.text("note") != "seen" || r.text("dismissed_at") == "" {
			t.Errorf("dismissed = %s", r.body)
		}
		p.owner(t, "POST", "/runs/"+bad+"/skip", nil).want(t, 200)
		p.owner(t, "POST", "/runs/"+bad+"/skip", nil).want(t, 409)
		bulk := p.owner(t, "POST", "/runs/bulk", map[string]any{"action": "dismiss", "filter": map[string]any{"customer": s.customer, "status": []string{"failed"}}}).want(t, 200)
		if bulk.text("done") != "1" {
			t.Errorf("bulk = %s", bulk.body)
		}
		p.owner(t, "GET", "/runs/"+id.New(), nil).want(t, 404)
	})
}

func TestSeveralIntegratorsAreListedAtTheField(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPortal(t, d)
		s := p.scene(t)
		second := p.integrator(t, s.name, s.customer)
		a := p.owner(t, "POST", s.path("all")+"/call", map[string]any{"customer": s.customer}).wantField(t, "integrator")
		if !strings.Contains(a.body, second) || !strings.Contains(a.body, s.integrator) {
			t.Errorf("fields = %v", a.fields())
		}
		p.owner(t, "POST", s.path("all")+"/call", map[string]any{"integrator": second}).want(t, 200)
		p.owner(t, "POST", "/integrations/nope/endpoints/all/call", map[string]any{"customer": s.customer}).want(t, 404)
		p.owner(t, "POST", s.path("nope")+"/call", map[string]any{"integrator": second}).want(t, 404)
	})
}
