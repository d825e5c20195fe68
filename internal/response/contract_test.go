package response_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"tieline/internal/integration"
	"tieline/internal/redact"
	"tieline/internal/response"
	"tieline/internal/run"
)

func readAs(t *testing.T, x run.Exchange, e integration.Endpoint) (response.Reading, *run.Failure) {
	t.Helper()
	return response.Read(x, response.Asked{Endpoint: e, URL: x.Request.URL})
}

func TestTokensWithTheirEnd(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name, contentType, body string
		def                     *integration.Token
		token                   string
		expires                 time.Time
	}{
		{"defaults", "application/json", `{"access_token":"t1","expires_in":600}`, nil, "t1", start.Add(10 * time.Minute)},
		{"seconds as text", "application/json", `{"access_token":"t1","expires_in":"600"}`, nil, "t1", start.Add(10 * time.Minute)},
		{"no end", "application/json", `{"access_token":"t1"}`, nil, "t1", start.Add(time.Hour)},
		{"assumed end", "application/json", `{"t":5}`, &integration.Token{Path: "t", ExpiresIn: 60}, "5", start.Add(time.Minute)},
		{"moment", "application/json", `{"t":"x","e":"2026-11-22T12:00:00Z"}`, &integration.Token{Path: "t", ExpiresPath: "e", ExpiresKind: "moment"}, "x", start.Add(2 * time.Hour)},
		{"milliseconds", "application/json", `{"t":"x","e":1795348800000}`, &integration.Token{Path: "t", ExpiresPath: "e", ExpiresKind: "moment"}, "x", time.UnixMilli(1795348800000).UTC()},
		{"xml", "text/xml", `<r><Token>x</Token></r>`, &integration.Token{Location: "xml", Path: "r.Token"}, "x", start.Add(time.Hour)},
		{"text", "text/plain", " x\n", &integration.Token{Location: "text"}, "x", start.Add(time.Hour)},
		{"header", "application/json", `{}`, &integration.Token{Location: "header", Path: "x-token"}, "h1", start.Add(time.Hour)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			x := answer(200, c.contentType, c.body)
			x.Response.Headers = append(x.Response.Headers, run.Header{Name: "X-Token", Value: "h1"})
			got, f := readAs(t, x, integration.Endpoint{Type: "Auth", Token: c.def})
			if f != nil {
				t.Fatalf("%+v", f)
			}
			if got.Token.Value.Reveal() != c.token || !got.Token.Expires.Equal(c.expires) {
				t.Errorf("token %q until %v, want %q until %v", got.Token.Value.Reveal(), got.Token.Expires, c.token, c.expires)
			}
			if got.Result != nil || len(got.Secrets) != 1 || got.Secrets[0] != c.token {
				t.Errorf("result %v, secrets %q: a token is a secret and no result", got.Result, got.Secrets)
			}
		})
	}
}

func TestATokenIsHiddenInTheAnswerHoweverShortItIs(t *testing.T) {
	t.Parallel()
	for _, token := range []string{"t1", "5", "a-much-longer-token"} {
		x := answer(200, "application/json", `{"t":"`+token+`","again":"`+token+`","other":"x`+token+`x"}`)
		got, f := readAs(t, x, integration.Endpoint{Type: "Auth", Token: &integration.Token{Path: "t"}})
		if f != nil {
			t.Fatal(f)
		}
		stored := redact.New(got.Secrets).Exchange(x, got.Spans, 1000)
		if strings.Contains(string(stored.Response.Body), `"`+token+`"`) {
			t.Errorf("%s is left in %s", token, stored.Response.Body)
		}
	}
}

func TestRecordsAreCounted(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, contentType, body, items string
		count                          int
	}{
		{"bare list", "application/json", `[{"id":1},{"id":2}]`, "", 2},
		{"empty list", "application/json", `{"data":[]}`, "data", 0},
		{"one object", "application/json", `{"data":{"id":1}}`, "data", 1},
		{"xml repeated", "text/xml", `<r><c><id>1</id></c><c><id>2</id></c></r>`, "r.c", 2},
		{"xml single", "text/xml", `<r><c><id>1</id></c></r>`, "r.c", 1},
		{"xml none", "text/xml", `<r></r>`, "r", 0},
		{"csv", "text/csv", "id\n1\n2\n3\n", "", 3},
		{"csv header only", "text/csv", "id,name\n", "", 0},
	} {
		got, f := readAs(t, answer(200, c.contentType, c.body), integration.Endpoint{Contract: "records", Response: integration.Response{Items: c.items}})
		if f != nil || got.Count != c.count || len(got.Items) != c.count || got.Items == nil {
			t.Errorf("%s: count %d, items %v, %+v; want %d", c.name, got.Count, got.Items, f, c.count)
		}
	}
	got, f := readAs(t, answer(200, "application/json", `{"data":[1,2],"total":2}`), integration.Endpoint{Contract: "records"})
	if f != nil || got.Count != 1 || len(got.Warnings) != 1 || !strings.Contains(got.Warnings[0], "items path data") {
		t.Errorf("a wrapped list: %d, %q, %+v", got.Count, got.Warnings, f)
	}
}

func TestIdentityInAnyLetterCase(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]response.Identity{
		`{"ContactEmail":"Contact@Acme.test"}`:          {ContactEmail: "Contact@Acme.test"},
		`{"contactid":17,"CONTACTEMAIL":"a@acme.test"}`: {ContactID: "17", ContactEmail: "a@acme.test"},
		`{"contactId":"17","ContactEmail":null}`:        {ContactID: "17"},
	} {
		got, f := readAs(t, answer(200, "application/json", body), integration.Endpoint{Type: "Login"})
		if f != nil || got.Identity != want {
			t.Errorf("%s: %+v, %+v", body, got.Identity, f)
		}
	}
	for path, want := range map[string]response.Identity{
		"user":       {ContactID: "5"},
		"user.email": {ContactEmail: "a@acme.test"},
		"user.no":    {ContactID: "9"},
	} {
		x := answer(200, "application/json", `{"user":{"contactID":5,"email":"a@acme.test","no":9}}`)
		got, f := readAs(t, x, integration.Endpoint{Type: "Login", Response: integration.Response{Identifier: path}})
		if f != nil || got.Identity != want {
			t.Errorf("%s: %+v, %+v", path, got.Identity, f)
		}
	}
}

func TestDocumentsAreProvedByTheirBytes(t *testing.T) {
	t.Parallel()
	e := integration.Endpoint{Type: "Document"}
	for _, c := range []struct{ contentType, body, want string }{
		{"application/pdf; charset=binary", "%PDF-1.4\n%%EOF", "application/pdf"},
		{"text/html", "%PDF-1.4\n%%EOF", "application/pdf"},
		{"", "\x89PNG\r\n\x1a\n....", "image/png"},
		{"image/jpeg", "\xff\xd8\xff\xe0....", "image/jpeg"},
	} {
		x := answer(200, c.contentType, c.body)
		got, f := readAs(t, x, e)
		if f != nil || got.Document.Type != c.want {
			t.Errorf("%q: %+v, %+v", c.body, got.Document, f)
		}
		doc, f := response.AcceptDocument(x, []byte(c.body), response.Asked{Endpoint: e})
		if f != nil || doc.Type != c.want {
			t.Errorf("accept %q: %+v, %+v", c.body, doc, f)
		}
	}
	for _, body := range []string{" %PDF-1.4", "<html>%PDF-", "GIF89a", "", "%PDF", "\x1f\x8b.."} {
		x := answer(200, "application/pdf", body)
		if _, f := readAs(t, x, e); f == nil || f.Cause != run.NotDocument {
			t.Errorf("%q: %+v, want not_document", body, f)
		}
		if _, f := response.AcceptDocument(x, []byte(body), response.Asked{Endpoint: e}); f == nil || f.Cause != run.NotDocument {
			t.Errorf("accept %q: %+v, want not_document", body, f)
		}
	}
	if _, f := response.AcceptDocument(answer(401, "application/pdf", "%PDF-1.4"), []byte("%PDF-1.4"), response.Asked{Endpoint: e}); f == nil || f.Cause != run.Unauthorized {
		t.Errorf("401: %+v", f)
	}
}

func TestDocumentNamesAreHarmless(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]string{
		`attachment; filename="INV 1.pdf"`:               "INV 1.pdf",
		`inline; filename="../../etc/passwd"`:            "passwd",
		`inline; filename="C:\\x\\a<b>.pdf"`:             "ab.pdf",
		`inline; filename*=UTF-8''Rechnung%20%C3%9C.pdf`: "Rechnung Ü.pdf",
		`inline; filename=".."`:                          "",
		`inline`:                                         "",
		`;;;`:                                            "",
	} {
		x := answer(200, "application/pdf", "%PDF-1.4\n%%EOF")
		x.Response.Headers = append(x.Response.Headers, run.Header{Name: "Content-Disposition", Value: header})
		if got, f := readAs(t, x, integration.Endpoint{Type: "Document"}); f != nil || got.Document.Name != want {
			t.Errorf("%s: %q, want %q (%+v)", header, got.Document.Name, want, f)
		}
	}
}

func TestABrokenPDFIsOnlyAWarning(t *testing.T) {
	t.Parallel()
	got, f := readAs(t, answer(200, "text/html", "%PDF-1.4\nhalf"), integration.Endpoint{Type: "Document"})
	if f != nil || len(got.Warnings) != 2 {
		t.Errorf("%q, %+v", got.Warnings, f)
	}
}

func TestSniffGoesByTheFirstBytes(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"%PDF-1.7": "application/pdf", "\xff\xd8\xff\xdb": "image/jpeg", "<html>": "text/html", "{}": "application/json",
		"<a/>": "application/xml", "hello": "text/plain", "\x00\x01\x02\x03\x04": "application/octet-stream", "": "text/plain",
	} {
		mime, ok := response.Sniff([]byte(in))
		if mime != want || ok != (want == "application/pdf" || want == "image/jpeg") {
			t.Errorf("%q: %s, %v", in, mime, ok)
		}
	}
}

func TestStatusesOfTheEndpointWinOverThePolicys(t *testing.T) {
	t.Parallel()
	asked := response.Asked{
		Endpoint: integration.Endpoint{Response: integration.Response{Statuses: []int{404}}},
		Policy:   integration.Policy{OKStatuses: []int{200}},
	}
	if _, f := response.Read(answer(404, "text/plain", "gone"), asked); f != nil {
		t.Errorf("404: %+v", f)
	}
	if _, f := response.Read(answer(200, "text/plain", "here"), asked); f == nil || f.Cause != run.HTTPStatus {
		t.Errorf("200: %+v, want http_status", f)
	}
	asked.Endpoint.Response.Statuses = nil
	if _, f := response.Read(answer(201, "text/plain", "here"), asked); f == nil || f.Cause != run.HTTPStatus {
		t.Errorf("201: %+v, want http_status", f)
	}
}

func TestEmptyAnswersAreFineWhereNothingIsAsked(t *testing.T) {
	t.Parallel()
	got, f := read(t, answer(204, "", ""), integration.Response{Type: "json", Outputs: []integration.Output{{Name: "id", Path: "id"}}})
	if f != nil || got.Result != nil || got.Note != "the answer is empty (HTTP 204 No Content)" {
		t.Errorf("%v, %q, %+v", got.Result, got.Note, f)
	}
}

func TestOtherTypesThanDeclaredAreAWarning(t *testing.T) {
	t.Parallel()
	got, f := read(t, answer(200, "text/html", `{"id":1}`), integration.Response{Type: "json", Key: "id"})
	if f != nil || len(got.Warnings) != 1 || !strings.Contains(got.Warnings[0], "text/html") {
		t.Errorf("%q, %+v", got.Warnings, f)
	}
	got, f = read(t, answer(200, "application/json", `OK`), integration.Response{})
	if f != nil || *got.Result != "OK" || len(got.Warnings) != 1 {
		t.Errorf("%q, %+v", got.Warnings, f)
	}
}

func TestHostileAnswersEndSoon(t *testing.T) {
	t.Parallel()
	for name, x := range hostile() {
		began := time.Now()
		response.Read(x, response.Asked{Endpoint: integration.Endpoint{Response: integration.Response{Key: "x.y"}}})
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("%s took %v", name, took)
		}
	}
	big := bytes.Repeat([]byte(" "), 3<<20)
	big[0] = '{'
	_, f := read(t, answer(200, "application/json", string(big)), integration.Response{Key: "a"})
	if f == nil || f.Cause != run.TooLarge {
		t.Errorf("3 MiB: %+v, want too_large", f)
	}
}
