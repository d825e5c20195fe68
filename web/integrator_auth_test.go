package web_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"
)

// certified is a client certificate that is valid for so long, and its key.
func certified(t *testing.T, valid time.Duration) (certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "acme client"}, NotBefore: time.Now().Add(-90 * 24 * time.Hour), NotAfter: time.Now().Add(valid)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	text, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: text}))
}

// kind opens an integrator's form with another kind of authentication chosen.
func (k *desk) kind(path, kind string) *form {
	k.t.Helper()
	f := k.open(path).form("#integrator-form form").set("auth.kind", kind)
	f.values.Set("op", "change")
	return f.submit("", nil).must(http.StatusOK).form("#integrator-form form")
}

func TestClosedListsAreSelectedAndTextsHaveLines(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	in := k.crm()
	path := "/integrations/crm/integrators/" + in.ID
	f := k.kind(path, "jwt")
	for _, selector := range []string{`select[name="auth.algorithm"]`, `textarea[name="auth.key"]`, `textarea[name="auth.claims"]`, `input[name="auth.ttl_s"]`} {
		if !f.page.has(selector) {
			t.Errorf("%s is missing", selector)
		}
	}
	const key = "canary-jwt-0123456789-9f2c"
	p := f.set("auth.algorithm", "HS512", "auth.key", key+"\r\n", "auth.claims", "{\r\n \"iss\": \"acme\"\r\n}").press("save").must(http.StatusOK)
	if strings.Contains(p.text, key) {
		t.Error("the key is shown")
	}
	stored := k.integrator(in.ID)
	if stored.Auth.Settings["claims"] != "{\n \"iss\": \"acme\"\n}" || stored.Auth.Settings["algorithm"] != "HS512" || stored.Secrets["auth.key"].Ends() != "…9f2c" {
		t.Errorf("stored %+v, hint %q", stored.Auth.Settings, stored.Secrets["auth.key"].Ends())
	}
	again := k.open(path)
	if again.value("auth.algorithm") != "HS512" && !again.has(`select[name="auth.algorithm"] option[value="HS512"][selected]`) || strings.Contains(again.text, key) {
		t.Error("the algorithm is not selected, or the key is in the form")
	}
	if text := strings.Join(again.texts(".secret-set"), " "); !strings.Contains(text, "Set on") || !strings.Contains(text, "…9f2c") {
		t.Errorf("what is said of the key: %q", text)
	}
	again.form("#integrator-form form").set("label", "kept").press("save").must(http.StatusOK)
	if got := k.integrator(in.ID); !got.Secrets["auth.key"].Set() || got.Label != "kept" {
		t.Error("an empty area did not keep the key")
	}
	if text := strings.Join(k.kind(path, "signature").page.texts(`select[name="auth.algorithm"] option[value="md5"]`), ""); !strings.Contains(text, "weak, only for old gateways") {
		t.Errorf("md5 is offered as %q", text)
	}
}

func TestMistakesInKeysAreToldAtTheirFields(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	in := k.crm()
	path := "/integrations/crm/integrators/" + in.ID
	certificate, key := certified(t, time.Hour)
	_, other := certified(t, time.Hour)
	for _, tc := range []struct {
		kind, field, want string
		values            []string
	}{
		{"jwt", "auth.key", "not a private key", []string{"auth.algorithm", "RS256", "auth.key", "secret"}},
		{"jwt", "auth.key", "curve P-256", []string{"auth.algorithm", "ES384", "auth.key", key}},
		{"jwt", "auth.claims", "line 2, column 10", []string{"auth.key", "secret", "auth.claims", "{\n \"a\": tru\n}"}},
		{"jwt", "auth.ttl_s", "whole number", []string{"auth.key", "secret", "auth.ttl_s", "soon"}},
		{"signature", "auth.fields", "Did you mean body?", []string{"auth.key", "secret", "auth.fields", "bdoy", "auth.name", "X-S"}},
		{"signature", "auth.fields", "plain hash does not use the key", []string{"auth.algorithm", "md5", "auth.key", "secret", "auth.fields", "body", "auth.name", "X-S"}},
		{"signature", "auth.name", "cannot carry a signature", []string{"auth.key", "secret", "auth.fields", "body", "auth.name", "Content-Length"}},
		{"client_cert", "auth.key", "does not belong to the certificate", []string{"auth.certificate", certificate, "auth.key", other}},
		{"client_cert", "auth.certificate", "not a certificate", []string{"auth.certificate", "x", "auth.key", key}},
		{"client_cert", "auth.certificate", "something else", []string{"auth.certificate", certificate + key, "auth.key", key}},
		{"connectwise", "auth.client_id", "needed", []string{"auth.company_id", "acme", "auth.public_key", "pub", "auth.private_key", "priv"}},
	} {
		p := k.kind(path, tc.kind).set(append(tc.values, "label", "typed")...).press("save")
		if p.status != http.StatusUnprocessableEntity || !strings.Contains(p.problem(tc.field), tc.want) || p.value("label") != "typed" {
			t.Errorf("%s %s: status %d, %q, want %q", tc.kind, tc.field, p.status, p.problem(tc.field), tc.want)
		}
		if strings.Contains(p.text, "BEGIN PRIVATE KEY-----\n") {
			t.Errorf("%s %s: the key is shown again", tc.kind, tc.field)
		}
	}
	if got := k.integrator(in.ID); got.Auth.Kind != "" && got.Auth.Kind != "none" || got.Label != "" {
		t.Errorf("stored %+v", got.Auth)
	}
}

func TestACertificateIsToldOfAndWarnedAbout(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	in := k.crm()
	path := "/integrations/crm/integrators/" + in.ID
	for valid, want := range map[time.Duration]string{
		100 * 24 * time.Hour: "", 12*24*time.Hour + time.Hour: "in 12 days", -time.Hour: "expired on",
	} {
		certificate, key := certified(t, valid)
		saved := k.kind(path, "client_cert").set("auth.certificate", certificate, "auth.key", key).press("save").must(http.StatusOK)
		p := k.open(path).must(http.StatusOK)
		note, facts := strings.Join(p.texts("#auth .notice"), " "), strings.Join(p.texts("#auth .facts"), " ")
		if !strings.Contains(facts, "CN=acme client") || !strings.Contains(facts, "Valid until") {
			t.Errorf("facts = %q", facts)
		}
		if want == "" && note != "" || !strings.Contains(note, want) || !strings.Contains(strings.Join(saved.texts(".toast-note"), " "), want) {
			t.Errorf("notice = %q, toast %q, want %q", note, saved.texts(".toast-note"), want)
		}
		if strings.Contains(p.text, "PRIVATE KEY") {
			t.Error("the key is in the page")
		}
	}
}

// AL-01: the member keys go with every call, and the private key never appears again.
func TestAL01ConnectWiseIntegratorFromFormToLog(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	in := k.crm()
	path := "/integrations/crm/integrators/" + in.ID
	const private = "canary-private-0123456789"
	f := k.kind(path, "connectwise").set("auth.company_id", "acme", "auth.public_key", "pub", "auth.private_key", private, "auth.client_id", "cid", "base_url", k.vendor.URL, "field.ApiKey", deskKey)
	pages := f.press("save").must(http.StatusOK).text + k.open(path).text
	pages += k.open(findContact + "?tab=test").form("#endpoint-form").press("preview").must(http.StatusOK).text
	tested := k.open(findContact + "?tab=test").form("#endpoint-form").press("test").must(http.StatusOK)
	sent, _ := k.vendor.last(t)
	token := base64.StdEncoding.EncodeToString([]byte("acme+pub:" + private))
	if sent.Header.Get("Authorization") != "Basic "+token || sent.Header.Get("ClientId") != "cid" {
		t.Errorf("sent %v", sent.Header)
	}
	pages += tested.text + k.open(findContact+"?tab=logs").text + k.open(attr(k.open("/runs").one("td.cell-actions a"), "href")).must(http.StatusOK).text
	if strings.Contains(pages, private) || strings.Contains(pages, token) || !strings.Contains(pages, "API member keys") {
		t.Error("the private key is shown, or the trace does not say where the token came from")
	}
}

// A ConnectWise address that people sign in at becomes the one for calls, and the form says so.
func TestConnectWiseHostsAreRewrittenWithANotice(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	k.crm()
	k.customer("globex")
	p := k.kind(newIntegrator, "connectwise").
		set("customer", "globex", "host", "https://na.myconnectwise.net/", "base_url", "https://Staging.connectwisedev.com/v4_6_release/apis/3.0", "auth.company_id", "acme",
			"auth.public_key", "pub", "auth.private_key", "priv", "auth.client_id", "cid", "field.ApiKey", "some-key-of-globex-1234").press("save").must(http.StatusOK)
	note := strings.Join(p.texts(".toast-note"), " ")
	if !strings.Contains(note, "Stored as api-na.myconnectwise.net") || !strings.Contains(note, "api-staging.connectwisedev.com/v4_6_release/apis/3.0") {
		t.Errorf("notice = %q", note)
	}
}
