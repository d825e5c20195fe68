package main

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"testing"
)

const invoice = `{"name":"GetInvoiceImage","type":"Document","method":"GET","url":"/inv/{{InvoiceNumber}}.pdf","params":["ApiKey"]}`

const invoicePage = "/integrations/crm/endpoints/GetInvoiceImage"

// CB-01, CB-02: header rows come and go by full-page posts, what was typed stays, and what is saved is sent.
func TestCB01CB02HeaderRowsComeAndGoWithoutScripts(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.define(`{"name":"findContact","method":"GET","url":"/contacts"}`)
	const path = "/integrations/crm/endpoints/findContact"
	p := d.open(path).is(200).form("#endpoint-form").press("add-header").is(200)
	p = p.form("#endpoint-form").press("add-header").is(200)
	if got := p.fields("headers.", ".name"); len(got) != 2 {
		t.Fatalf("rows after two presses: %q", got)
	}
	p = p.form("#endpoint-form").set("headers.0.name", "cache-control", "headers.0.value", "no-cache", "label", "typed").press("delete-header:1").is(200)
	if got := p.fields("headers.", ".name"); !slices.Equal(got, []string{"cache-control"}) || p.value("headers.0.value") != "no-cache" || p.value("label") != "typed" {
		t.Fatalf("after the bin: rows %q, label %q", got, p.value("label"))
	}
	p.form("#endpoint-form").press("save").is(200)
	if got := d.open(path).fields("headers.", ".name"); !slices.Equal(got, []string{"cache-control"}) {
		t.Errorf("after reload: %q", got)
	}
	if o := d.call("findContact", ""); o.Status != "succeeded" {
		t.Errorf("the call: %+v", o)
	}
	if r, _ := d.vendor.last(t); r.Header.Get("Cache-Control") != "no-cache" {
		t.Errorf("the vendor got %v", r.Header)
	}
}

// CB-03: a document endpoint answers the vendor's bytes, with headers of our own.
func TestCB03AnInvoiceComesByteForByte(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.define(invoice)
	pdf := append([]byte("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), bytes.Repeat([]byte{0, 1, 0xff, '\r', '\n'}, 60_000)...)
	d.vendor.answers(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/pdf; charset=binary")
		w.Header().Set("Set-Cookie", "vendor=1")
		w.Header().Set("X-Vendor", "yes")
		_, _ = w.Write(pdf)
	})
	a := d.must(t, 200, "POST", "/api/v1"+invoicePage+"/call", d.owner, `{"customer":"acme","tokens":{"InvoiceNumber":"INV0000001"}}`)
	if r, _ := d.vendor.last(t); r.URL.Path != "/inv/INV0000001.pdf" || r.Header.Get("Apikey") != stubKey {
		t.Errorf("the vendor saw %s with %v", r.URL, r.Header)
	}
	for name, want := range map[string]string{
		"Content-Type": "application/pdf", "Content-Disposition": `inline; filename="INV0000001.pdf"`, "X-Content-Type-Options": "nosniff",
		"Cache-Control": "private, no-store", "Set-Cookie": "", "X-Vendor": "",
	} {
		if got := a.header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if !bytes.Equal(a.body, pdf) {
		t.Errorf("%d bytes came, %d were sent, and they differ", len(a.body), len(pdf))
	}
	run := a.header.Get("Tieline-Run-Id")
	if b := d.must(t, 200, "GET", "/api/v1/runs/"+run, d.owner, ""); !strings.Contains(string(b.body), `"status":"succeeded"`) || !strings.Contains(string(b.body), `"outputs":{}`) {
		t.Errorf("the run: %s", b.body)
	}
	for name, broken := range map[string]string{"a page": "<html><title>Sign in</title></html>", "a late start": "\n%PDF-1.7", "nothing": ""} {
		d.vendor.answers(answering("application/pdf", broken))
		a := d.must(t, 502, "POST", "/api/v1"+invoicePage+"/call", d.owner, `{"customer":"acme","tokens":{"InvoiceNumber":"INV0000001"}}`)
		if !strings.Contains(string(a.body), `"run_id":"`) || strings.Contains(string(a.body), `"cause":null`) || a.header.Get("Content-Disposition") != "" {
			t.Errorf("%s: %v %s", name, a.header, a.body)
		}
	}
}

// CB-04: a wrong letter case is a warning when saved, and a failed run that sends nothing when run anyway.
func TestCB04AnUnknownTokenWarnsAndSendsNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.define(invoice)
	p := d.open(invoicePage).form("#endpoint-form").set("url", "/inv/{{invoicenumber}}.pdf").press("save").is(200)
	if got := p.words(".notice"); !strings.Contains(got, "nknown token") || !strings.Contains(got, "did you mean") || !strings.Contains(got, "InvoiceNumber") {
		t.Errorf("the warning reads %q", got)
	}
	a := d.must(t, 502, "POST", "/api/v1"+invoicePage+"/call", d.owner, `{"customer":"acme","tokens":{"InvoiceNumber":"INV0000001"}}`)
	if !strings.Contains(string(a.body), `"cause":"unknown_token"`) || !strings.Contains(string(a.body), "InvoiceNumber") {
		t.Errorf("the run: %s", a.body)
	}
	if n := d.vendor.hits(); n != 0 {
		t.Errorf("the vendor saw %d requests", n)
	}
}

// CB-15: the list says Never, then the time of the last success, which a failure leaves alone.
func TestCB15TheListSaysWhenItLastWorked(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.define(`{"name":"findContact","url":"/contacts"}`)
	if row := d.open("/integrations").words("#integration-crm"); !strings.Contains(row, "Never") || !strings.Contains(row, "gckQ...taJ9") {
		t.Errorf("before any run: %q", row)
	}
	d.call("findContact", "")
	p := d.open("/integrations")
	when := func(p page) string { return attr(p.one("#integration-crm time"), "datetime") }
	first := when(p)
	if row := p.words("#integration-crm"); strings.Contains(row, "Never") || strings.Contains(strings.ToLower(row), "last failure") || first == "" {
		t.Errorf("after a success: %q at %q", row, first)
	}
	d.vendor.answers(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
	d.call("findContact", "")
	p = d.open("/integrations")
	if row := strings.ToLower(p.words("#integration-crm")); !strings.Contains(row, "last failure") || when(p) != first {
		t.Errorf("after a failure: %q at %q, was %q", row, when(p), first)
	}
	if strings.Contains(p.text, stubKey) {
		t.Error("the key is in the page")
	}
}
