package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	_ "image/jpeg"
	_ "image/png"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

type asked struct {
	method, path, body string
	header             map[string]string
}

func serve(t *testing.T) string {
	t.Helper()
	s := httptest.NewServer(New())
	t.Cleanup(s.Close)
	return s.URL
}

// ask makes one call and gives status, headers and body; it fails the test where no answer comes.
func ask(t *testing.T, base string, a asked) (*http.Response, string) {
	t.Helper()
	resp, body, err := try(t, base, a)
	if err != nil {
		t.Fatal(err)
	}
	return resp, body
}

func try(t *testing.T, base string, a asked) (*http.Response, string, error) {
	t.Helper()
	if a.method == "" {
		a.method = http.MethodGet
	}
	req, err := http.NewRequestWithContext(t.Context(), a.method, base+a.path, strings.NewReader(a.body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range a.header {
		req.Header[name] = []string{value}
	}
	resp, err := (&http.Client{Transport: &http.Transport{DisableCompression: true}}).Do(req)
	if err != nil {
		return nil, "", err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	return resp, string(body), err
}

var (
	crm     = map[string]string{"ApiKey": CRMKey}
	bearer  = map[string]string{"Authorization": "Bearer " + InvoiceToken}
	asJSON  = map[string]string{"Content-Type": "application/json"}
	asForm  = map[string]string{"Content-Type": "application/x-www-form-urlencoded"}
	psa     = map[string]string{"Authorization": "Basic YWNtZStzYW5kYm94cHVibGljOnNhbmRib3gtcHJpdmF0ZS1rZXktNjZiMQ==", "clientId": ClientID}
	psaPath = "/connectwise/v4_6_release/apis/3.0/company/companies"
	smsBody = `{"ApiKey":"` + SMSKey + `","SecretKey":"` + SMSSecret + `","Phone":"+15551234567","Content":"Hello"}`
)

func TestEveryRouteAnswers(t *testing.T) {
	t.Parallel()
	base := serve(t)
	for _, tc := range []struct {
		name   string
		asked  asked
		status int
		want   string
	}{
		{"index", asked{path: "/"}, 200, "Sandbox vendor"},
		{"unknown", asked{path: "/nothing"}, 404, ""},
		{"contact by phone", asked{path: "/crm/contacts?phone=%2B15551234567", header: crm}, 200, `"id":"501"`},
		{"contact by national phone", asked{path: "/crm/contacts?phone=5551234567", header: crm}, 200, `"total":1`},
		{"contact unknown", asked{path: "/crm/contacts?phone=000", header: crm}, 200, `{"results":[],"total":0}`},
		{"contact by id", asked{path: "/crm/contacts/502", header: crm}, 200, ContactEmail},
		{"contact by unknown id", asked{path: "/crm/contacts/9", header: crm}, 404, "not_found"},
		{"crm without key", asked{path: "/crm/contacts"}, 401, "missing"},
		{"crm with wrong key", asked{path: "/crm/contacts", header: map[string]string{"ApiKey": "x"}}, 401, "not known"},
		{"sms as json", asked{method: "POST", path: "/sms/send", header: asJSON, body: smsBody}, 200, `{"CodeResult":"100","CountRegenerate":0,"SMSID":"S-4567"}`},
		{"sms as form", asked{method: "POST", path: "/sms/send", header: asForm, body: "ApiKey=" + SMSKey + "&SecretKey=" + SMSSecret + "&Phone=15551234567&Content=Hello"}, 200, `"CodeResult":"100"`},
		{"sms with wrong key", asked{method: "POST", path: "/sms/send", header: asJSON, body: `{"ApiKey":"x"}`}, 200, `"CodeResult":"101"`},
		{"sms to no number", asked{method: "POST", path: "/sms/send", header: asJSON, body: strings.Replace(smsBody, "+15551234567", "12", 1)}, 200, `"CodeResult":"118"`},
		{"sms without text", asked{method: "POST", path: "/sms/send", header: asJSON, body: strings.Replace(smsBody, "Hello", "", 1)}, 200, `"CodeResult":"119"`},
		{"sms with no json", asked{method: "POST", path: "/sms/send", header: asJSON, body: `x`}, 400, "bad_json"},
		{"sms by get", asked{path: "/sms/send"}, 405, ""},
		{"invoice", asked{path: "/invoices/INV0000001.pdf", header: bearer}, 200, "%PDF-1.4"},
		{"invoice without token", asked{path: "/invoices/INV0000001.pdf"}, 401, "missing"},
		{"invoice with a foreign token", asked{path: "/invoices/INV0000001.pdf", header: map[string]string{"Authorization": "Bearer 99999999999.x"}}, 401, "not known"},
		{"invoice unknown", asked{path: "/invoices/X1.pdf", header: bearer}, 404, "not_found"},
		{"invoice in no format", asked{path: "/invoices/INV0000001.gif", header: bearer}, 404, "no_format"},
		{"companies", asked{path: psaPath, header: psa}, 200, `"id":1,`},
		{"companies last page", asked{path: psaPath + "?page=6", header: psa}, 200, `"id":137,`},
		{"companies after the last page", asked{path: psaPath + "?page=7", header: psa}, 200, `[]`},
		{"companies without credentials", asked{path: psaPath, header: map[string]string{"clientId": ClientID}}, 401, "Unauthorized"},
		{"companies without client id", asked{path: psaPath, header: map[string]string{"Authorization": psa["Authorization"]}}, 401, "InvalidClientId"},
		{"login", asked{method: "POST", path: "/login", header: asJSON, body: `{"user":"sandbox","password":"` + Password + `"}`}, 200, `"expires_in":3600`},
		{"login with wrong password", asked{method: "POST", path: "/login", header: asJSON, body: `{"user":"sandbox","password":"x"}`}, 401, "wrong"},
		{"validate", asked{method: "POST", path: "/validate", header: asJSON, body: `{"authToken":"T1","ipAddress":"127.0.0.1"}`}, 200, `{"ContactEmail":"` + ContactEmail + `","ContactId":"C-1001"}`},
		{"validate an expired token", asked{method: "POST", path: "/validate", header: asJSON, body: `{"authToken":"expired"}`}, 401, "expired"},
		{"validate nothing", asked{method: "POST", path: "/validate", header: asJSON, body: `{}`}, 400, "no_token"},
		{"lead", asked{method: "POST", path: "/leads", header: asJSON, body: `{"phone":12345678901234567890}`}, 201, `"received":{"phone":12345678901234567890}`},
		{"lead by form", asked{method: "POST", path: "/leads", header: asForm, body: "a=1%202"}, 201, `"received":{"a":"1 2"}`},
		{"echo", asked{method: "PUT", path: "/echo?a=1&a=2", header: map[string]string{"clientId": "x"}, body: `{"b":1}`}, 200, `"json":{"b":1}`},
		{"an unknown fault", asked{path: "/echo?fault=nonsense"}, 400, "unknown_fault"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			resp, body := ask(t, base, tc.asked)
			if resp.StatusCode != tc.status || !strings.Contains(body, tc.want) {
				t.Errorf("%d %s", resp.StatusCode, body)
			}
		})
	}
}

func TestATokenOfLoginOpensInvoicesUntilItExpires(t *testing.T) {
	t.Parallel()
	v := &vendor{key: []byte("k")}
	for _, tc := range []struct {
		token      string
		ours, live bool
	}{
		{v.sign(time.Now().Add(time.Minute)), true, true},
		{v.sign(time.Now().Add(-time.Minute)), true, false},
		{(&vendor{key: []byte("other")}).sign(time.Now().Add(time.Minute)), false, false},
		{"", false, false},
		{"x.y", false, false},
	} {
		if ours, live := v.good(tc.token); ours != tc.ours || live != tc.live {
			t.Errorf("%s: %t %t", tc.token, ours, live)
		}
	}
	base := serve(t)
	_, body := ask(t, base, asked{method: "POST", path: "/login", header: asJSON, body: `{"user":"sandbox","password":"` + Password + `"}`})
	var got struct {
		Token string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatal(err)
	}
	if resp, _ := ask(t, base, asked{path: "/invoices/INV0000001.png", header: map[string]string{"Authorization": "Bearer " + got.Token}}); resp.StatusCode != http.StatusOK {
		t.Errorf("status %d", resp.StatusCode)
	}
}

func TestTheLinkHeaderLeadsThroughAllPages(t *testing.T) {
	t.Parallel()
	base := serve(t)
	next := regexp.MustCompile(`<([^>]+)>; rel="next"`)
	seen := map[float64]bool{}
	path := psaPath + "?pageSize=50"
	for page := 1; path != ""; page++ {
		resp, body := ask(t, base, asked{path: path, header: psa})
		var list []object
		if err := json.Unmarshal([]byte(body), &list); err != nil || page > 3 {
			t.Fatal(page, err)
		}
		for _, c := range list {
			id, _ := c["id"].(float64)
			seen[id] = true
		}
		path = ""
		if m := next.FindStringSubmatch(resp.Header.Get("Link")); m != nil {
			path = strings.TrimPrefix(m[1], base)
		}
	}
	if len(seen) != companyCount {
		t.Errorf("%d companies were seen", len(seen))
	}
}

func TestInvoicesAreRealDocuments(t *testing.T) {
	t.Parallel()
	body, kind, err := render("INV0000042", ".pdf")
	if err != nil || kind != "application/pdf" {
		t.Fatal(kind, err)
	}
	checkPDF(t, body)
	if !bytes.Contains(body, []byte("(Invoice INV0000042) Tj")) || !bytes.Contains(body, []byte(`Harbour IT Services \(sandbox\)`)) {
		t.Error("the lines are not in the document")
	}
	again, _, _ := render("INV0000042", ".pdf")
	if !bytes.Equal(body, again) {
		t.Error("the same invoice gives other bytes")
	}
	for ending, format := range map[string]string{".png": "png", ".jpg": "jpeg"} {
		body, _, err := render("INV0123456789", ending)
		if err != nil {
			t.Fatal(err)
		}
		img, got, err := image.Decode(bytes.NewReader(body))
		if err != nil || got != format || img.Bounds().Dx() < 300 {
			t.Errorf("%s: %s %v", ending, got, err)
		}
	}
}

// checkPDF reads the cross-reference table back and follows every entry.
func checkPDF(t *testing.T, body []byte) {
	t.Helper()
	m := regexp.MustCompile(`startxref\n(\d+)\n%%EOF\n$`).FindSubmatch(body)
	if !bytes.HasPrefix(body, []byte("%PDF-1.4\n")) || m == nil {
		t.Fatal("no PDF")
	}
	table, _ := strconv.Atoi(string(m[1]))
	if !bytes.HasPrefix(body[table:], []byte("xref\n0 6\n")) {
		t.Fatalf("at %d there is %q", table, body[table:table+10])
	}
	for i, entry := range regexp.MustCompile(`(\d{10}) 00000 n \n`).FindAllSubmatch(body[table:], -1) {
		at, _ := strconv.Atoi(string(entry[1]))
		if want := fmt.Sprintf("%d 0 obj\n", i+1); !bytes.HasPrefix(body[at:], []byte(want)) {
			t.Errorf("object %d is not at %d", i+1, at)
		}
	}
	stream := regexp.MustCompile(`(?s)/Length (\d+) >>\nstream\n(.*)endstream`).FindSubmatch(body)
	if want, _ := strconv.Atoi(string(stream[1])); want != len(stream[2]) {
		t.Errorf("the stream says %d and is %d", want, len(stream[2]))
	}
}

func TestTheIndexNamesEveryRouteAndFault(t *testing.T) {
	t.Parallel()
	_, body := ask(t, serve(t), asked{path: "/?fault=500"})
	for _, f := range Faults() {
		if !strings.Contains(body, "<code>"+f.Name+"</code>") {
			t.Errorf("%s is not on the page", f.Name)
		}
	}
	for _, credential := range []string{CRMKey, SMSKey, SMSSecret, InvoiceToken, Password, PrivateKey, ClientID} {
		if !strings.Contains(body, credential) {
			t.Errorf("%s is not on the page", credential)
		}
	}
}

func TestServeEndsWithItsContext(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- Serve(ctx, l) }()
	if resp, _ := ask(t, "http://"+l.Addr().String(), asked{path: "/echo"}); resp.StatusCode != http.StatusOK {
		t.Errorf("status %d", resp.StatusCode)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if _, _, err := try(t, "http://"+l.Addr().String(), asked{path: "/echo"}); err == nil {
		t.Error("it still answers")
	}
}
