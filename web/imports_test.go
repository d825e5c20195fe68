package web_test

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"tieline/internal/account"
	"tieline/internal/catalogue"
)

const shopAPI = `openapi: 3.0
info: {title: Shop, version: 1.0}
servers: [{url: "https://shop.example.com/api/v2"}]
security: [{key: []}]
components:
  securitySchemes:
    key: {type: apiKey, in: header, name: X-Shop-Key}
paths:
  /orders:
    get:
      tags: [Orders]
      summary: List orders
      operationId: listOrders
      parameters:
        - {name: page, in: query, schema: {type: integer}}
        - {name: status, in: query, required: true, schema: {type: string}}
      responses:
        "200": {content: {application/json: {schema: {type: array, items: {type: object, properties: {id: {type: string}}}}}}}
    post:
      tags: [Orders]
      summary: "Create an\norder"
      operationId: list orders
      requestBody: {content: {application/json: {schema: {type: object, required: [customer], properties: {customer: {type: string}, note: {type: string}}}}}}
      responses: {"201": {description: made}}
  /orders/{id:
    delete: {tags: [Orders], summary: Delete an order, responses: {"204": {description: gone}}}
  /invoices/{number}/pdf:
    get: {tags: [Invoices], operationId: getInvoicePDF, responses: {"200": {content: {application/pdf: {}}}}}
`

// uploads sends a file to the import page the way a browser does, without following to the next page.
func (k *desk) upload(name string, content []byte, fields ...string) *http.Response {
	k.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	part, err := w.CreateFormFile("file", name)
	if err != nil {
		k.t.Fatal(err)
	}
	_, _ = part.Write(content)
	for i := 0; i+1 < len(fields); i += 2 {
		_ = w.WriteField(fields[i], fields[i+1])
	}
	_ = w.Close()
	r, err := http.NewRequestWithContext(k.t.Context(), http.MethodPost, k.server.URL+"/integrations/import", &body)
	if err != nil {
		k.t.Fatal(err)
	}
	r.Header.Set("Content-Type", w.FormDataContentType())
	client := *k.client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := client.Do(r)
	if err != nil {
		k.t.Fatal(err)
	}
	k.t.Cleanup(func() { _ = res.Body.Close() })
	return res
}

// read uploads a foreign document and gives the page of its operations.
func (k *desk) read(name string, content []byte) page {
	k.t.Helper()
	res := k.upload(name, content, "document", "", "format", "", "op", "show")
	if res.StatusCode != http.StatusSeeOther {
		text, _ := io.ReadAll(res.Body)
		k.t.Fatalf("%s: status %d: %.3000s", name, res.StatusCode, text)
	}
	return k.open(res.Header.Get("Location")).must(http.StatusOK)
}

// review goes on from the operations with some of them picked, as a browser without scripts does.
func (p page) review(numbers ...int) page {
	p.k.t.Helper()
	q := url.Values{}
	for _, n := range numbers {
		q.Add("n", strconv.Itoa(n))
	}
	if into := p.all(`#pick-form input[name="into"]`); len(into) > 0 {
		q.Set("into", attr(into[0], "value"))
	}
	return p.k.open(p.url.Path + "/review?" + q.Encode())
}

func TestAnOpenAPIDocumentIsPickedReviewedAndSaved(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	list := k.read("shop.yaml", []byte(shopAPI))
	if got := len(list.all("#operations tbody tr")); got != 4 {
		t.Fatalf("%d operations, want 4", got)
	}
	for _, words := range []string{"has no quotes", "https://shop.example.com/api/v2", "API key in a header", "is broken", "line breaks"} {
		if !strings.Contains(list.text, words) {
			t.Errorf("the report does not say %q", words)
		}
	}
	found := k.open(list.url.Path + "?q=ORDERS+get&n=3")
	if got := found.texts("#operations .main-cell"); len(got) != 1 || got[0] != "List orders" {
		t.Errorf("a search for the words finds %q", got)
	}
	if !found.has(`#operations input[type=hidden][name=n][value="3"]`) {
		t.Error("a search forgets what was picked")
	}
	if all := k.open(list.url.Path + "?op=all&q=orders"); len(all.all("#operations input[checked]")) != 3 {
		t.Error("Pick all does not pick what was found")
	}
	if none := list.review(); none.status != http.StatusUnprocessableEntity || !strings.Contains(none.text, "Pick at least one") {
		t.Errorf("nothing picked: %d", none.status)
	}
	page := list.review(0, 1, 2, 3).must(http.StatusOK)
	if page.value("name") != "shop" || page.value("e.1.name") != "listOrders2" || page.value("e.2.url") != "/api/v2/orders/{id}" {
		t.Errorf("name %q, second %q, third %q", page.value("name"), page.value("e.1.name"), page.value("e.2.url"))
	}
	bad := page.form("#review-form").set("name", "Shop!", "e.1.name", "listOrders", "e.2.url", "orders/{id}").press("apply").must(http.StatusUnprocessableEntity)
	for _, field := range []string{"name", "e.1.name", "e.2.url"} {
		if bad.problem(field) == "" {
			t.Errorf("no problem at %s", field)
		}
	}
	if bad.value("e.2.url") != "orders/{id}" {
		t.Error("what was typed is gone")
	}
	done := bad.form("#review-form").set("name", "shop", "label", "The shop", "e.1.name", "createOrder", "e.1.label", "Order it", "e.2.url", "/api/v2/orders/{id}", "e.3.keep", "", "e.0.walk", "").press("apply").must(http.StatusOK)
	if done.url.Path != "/integrations/shop" {
		t.Fatalf("it leads to %s: %q", done.url, done.texts(".notice"))
	}
	in := k.stored("shop")
	if in.Label != "The shop" || len(in.Endpoints) != 3 || in.Endpoints[1].Name != "createOrder" || in.Endpoints[1].Label != "Order it" {
		t.Errorf("stored: %+v", in)
	}
	if in.Endpoints[0].Pagination != nil || in.Endpoints[0].Contract != "records" || in.Endpoints[0].Params[0] != "X-Shop-Key" {
		t.Errorf("listOrders = %+v", in.Endpoints[0])
	}
	if body := in.Endpoints[1].Body.Content; body != "{\n  \"customer\": \"{{customer}}\"\n}" {
		t.Errorf("body = %s", body)
	}
	if len(in.Parameters) != 1 || !in.Parameters[0].Secret {
		t.Errorf("parameters = %+v", in.Parameters)
	}
	if trail := k.open("/audit?action=import"); !strings.Contains(trail.text, "shop") {
		t.Error("the import is not in the audit trail")
	}
	// The operations stay with the integration: more can be picked without another upload.
	more := k.open("/integrations/shop?tab=endpoints").one(`a[href*="/integrations/import/"]`)
	again := k.open(attr(more, "href")).must(http.StatusOK).review(3).must(http.StatusOK)
	again.form("#review-form").press("apply").must(http.StatusOK)
	if e, ok := k.stored("shop").Endpoint("getInvoicePDF"); !ok || e.Type != "Document" {
		t.Errorf("the later pick is missing: %+v", e)
	}
}

func TestACommandIsReviewedAtOnceAndItsKeyIsNowhere(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.crm()
	const key = "Zx9Kq2Lm7Rt4Vb1Nc8Wp"
	f := k.open("/integrations/import?into=crm").form("form[action='/integrations/import']").
		set("document", "curl -X POST 'https://api.example.com/v1/notes' \\\n -H 'Authorization: Bearer "+key+"' -H 'X-Api-Key: "+key+"' -d '{\"text\":\"{{notes}}\"}'")
	page := f.press("show").must(http.StatusOK)
	if !strings.HasSuffix(page.url.Path, "/review") || strings.Contains(page.text, key) {
		t.Fatalf("at %s, with the key: %t", page.url, strings.Contains(page.text, key))
	}
	page.form("#review-form").press("apply").must(http.StatusOK)
	e, ok := k.stored("crm").Endpoint("postNotes")
	if !ok || e.URL != "/v1/notes" || e.Params[0] != "X-Api-Key" {
		t.Errorf("endpoint = %+v", e)
	}
	if strings.Contains(k.open("/integrations/crm/export").text, key) {
		t.Error("the key is in the document")
	}
}

func TestWhatCannotBeImportedIsSaidAtTheForm(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	for name, content := range map[string]string{
		"too large": strings.Repeat("x", catalogue.MaxBytes+3<<20),
		"no paths":  "openapi: 3.0.0\ninfo: {title: x}\n",
		"too deep":  `{"openapi":"3.0.0","paths":` + strings.Repeat(`{"a":`, 500) + "1" + strings.Repeat("}", 500) + "}",
		"binary":    "PK\x03\x04\x00\x00\xff\xfe",
	} {
		res := k.upload("x.yaml", []byte(content), "document", "", "op", "show")
		text, _ := io.ReadAll(res.Body)
		if res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(string(text), "notice-bad") {
			t.Errorf("%s: status %d", name, res.StatusCode)
		}
	}
}

// What somebody read is theirs alone until something of it was imported.
func TestWhatSomebodyReadIsTheirsAlone(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	list := k.read("shop.yaml", []byte(shopAPI))
	k.person(account.Admin)
	k.open(list.url.Path).must(http.StatusNotFound)
	list.review(0).must(http.StatusNotFound)
	k.send(http.MethodPost, list.url.Path+"/review", url.Values{"n": {"0"}, "op": {"apply"}, "name": {"stolen"}, "e.0.name": {"x"}, "e.0.url": {"/x"}, "e.0.keep": {"on"}}, nil).must(http.StatusNotFound)
	k.open("/integrations/stolen").must(http.StatusNotFound)
}

func TestAL18ADocumentOf1800OperationsIsListedAndSearched(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	document := vendorOf(1800)
	began := time.Now()
	list := k.read("large.json", document)
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %v until the operations were listed", took)
	}
	if !strings.Contains(list.text, "1800 operations") || len(list.all("#operations tbody tr")) != 100 {
		t.Errorf("the list says %q", list.texts("#operations h2"))
	}
	if next := k.open(list.url.Path + "?from=100&n=5").must(http.StatusOK); !strings.Contains(next.text, "101–200 of 1800") || !next.has(`#operations input[type=hidden][value="5"]`) {
		t.Error("the next page does not follow, or forgets what was picked")
	}
	part := k.region(list.url.Path+"?q=PUT+things17", "div#operations").must(http.StatusOK)
	if strings.Contains(part.text, "<html") || len(part.all("tbody tr")) == 0 || len(part.all("tbody tr")) > 20 {
		t.Errorf("the search finds %q", part.texts(".main-cell"))
	}
	if all := k.open(list.url.Path + "?op=all").must(http.StatusOK); !strings.Contains(all.text, "at most 500 endpoints") {
		t.Error("more than an integration holds were picked")
	}
}

// Documents of real vendors, where they lie beside the checkout. None of them is part of the project.
func TestRealDocumentsImportThroughThePage(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../shared/data/openapi/*")
	if err != nil || len(files) == 0 {
		t.Skip("no documents beside the checkout (../shared/data/openapi)")
	}
	want := map[string]int{"freshdesk.yaml": 7, "hubspot-crm-contacts-v3.json": 13, "twilio-messaging-v1.yaml": 58, "xero-accounting.yaml": 235, "zendesk-support.yaml": 439, "connectwise.json": 3100, "connectwise-fixed.json": 3100}
	k := newDesk(t)
	for _, file := range files {
		name := filepath.Base(file)
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		list := k.read(name, content)
		took := time.Since(began)
		if n := want[name]; n > 0 && !strings.Contains(list.text, strconv.Itoa(n)+" operations") {
			t.Errorf("%s: the list does not have %d operations", name, n)
		}
		began = time.Now()
		k.open(list.url.Path + "?q=contact+get").must(http.StatusOK)
		t.Logf("%s: read and listed in %v, search page in %v", name, took, time.Since(began))
		all := k.open(list.url.Path + "?op=all&q=get")
		if all.has("#operations .notice-bad") {
			all = k.open(list.url.Path + "?op=all&q=put")
		}
		var picked []int
		for _, n := range all.all(`#operations input[name="n"][checked], #operations input[type=hidden][name="n"]`) {
			number, _ := strconv.Atoi(attr(n, "value"))
			picked = append(picked, number)
		}
		page := list.review(picked...)
		if page.status != http.StatusOK {
			t.Errorf("%s: the review of %d endpoints answers %d: %q", name, len(picked), page.status, page.texts(".notice-bad"))
			continue
		}
		integration := strings.ReplaceAll(strings.TrimSuffix(name, filepath.Ext(name)), ".", "-")
		page.form("#review-form").set("name", integration).press("apply").must(http.StatusOK)
		if got := len(k.stored(integration).Endpoints); got != len(picked) || got == 0 {
			t.Errorf("%s: %d endpoints were saved of %d", name, got, len(picked))
		}
	}
}

func TestACommandInTheURLFillsTheForm(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.crm()
	const key = "Zx9Kq2Lm7Rt4Vb1Nc8Wp"
	form := k.open("/integrations/crm/endpoints/new").form("#endpoint-form").
		set("url", "curl 'https://api.example.com/v1/notes?api_key="+key+"' \\ -H 'ApiKey: "+key+"' -H 'Authorization: Bearer "+key+"' --json '{\"text\":\"hello\"}'")
	changed := form.again().values
	changed.Set("op", "change")
	swapped := k.send(http.MethodPost, "/integrations/crm/endpoints/new", changed, http.Header{"Hx-Request": {"true"}, "Hx-Request-Type": {"partial"}, "Hx-Target": {"div#path-rows"}})
	if swapped.header.Get("Hx-Retarget") != "#editor" || !strings.Contains(swapped.text, "This is a cURL command.") {
		t.Errorf("the command is not offered: retarget %q", swapped.header.Get("Hx-Retarget"))
	}
	offered := form.press("save").must(http.StatusUnprocessableEntity)
	filled := offered.form("#endpoint-form").press("curl").must(http.StatusOK)
	for name, want := range map[string]string{
		"name": "postNotes", "method": "POST", "url": "/v1/notes", "query.0.value": "{{field.api_key}}", "headers.0.name": "Content-Type", "body.kind": "json", "body.content": `{"text":"hello"}`,
	} {
		if got := filled.value(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	if strings.Contains(filled.text, key) || strings.Contains(filled.text, "This is a cURL command.") {
		t.Error("the key is still there, or the command is offered again")
	}
	if !strings.Contains(filled.text, "api.example.com") || !strings.Contains(filled.text, "left out") {
		t.Error("nothing says which host it was and what was left out")
	}
}
