package response_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"tieline/internal/integration"
	"tieline/internal/redact"
	"tieline/internal/response"
	"tieline/internal/run"
)

// answer is a complete answer with a body and a content type.
func answer(status int, contentType, body string) run.Exchange {
	return run.Exchange{
		StartedAt: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC),
		Request:   run.Request{Method: "GET", URL: "https://vendor.test/v1/x"},
		Response: &run.Response{
			Status: status, Body: []byte(body), Size: int64(len(body)), Complete: true,
			Headers: []run.Header{{Name: "Content-Type", Value: contentType}},
		},
	}
}

func read(t *testing.T, x run.Exchange, def integration.Response) (response.Reading, *run.Failure) {
	t.Helper()
	return response.Read(x, response.Asked{Endpoint: integration.Endpoint{Response: def}, URL: "https://vendor.test/v1/x"})
}

func TestAKeyWithAnExpectedValueIsTheSuccessRule(t *testing.T) {
	t.Parallel()
	def := integration.Response{Type: "json", Key: "success=true"}
	got, f := read(t, answer(200, "application/json", `{"success":true}`), def)
	if f != nil || got.Result == nil || *got.Result != "true" {
		t.Errorf("true: %+v, %+v", got.Result, f)
	}
	if _, f = read(t, answer(200, "application/json", `{"success":false}`), def); f == nil || f.Cause != run.Rule {
		t.Errorf("false: %+v, want rule", f)
	}
	_, f = read(t, answer(200, "application/json", `{"status":"ok"}`), def)
	if f == nil || f.Cause != run.KeyMissing || !strings.Contains(f.Evidence, "status") {
		t.Errorf("status: %+v, want key_missing that lists status", f)
	}
}

func TestHTMLWhereJSONIsExpectedSaysSo(t *testing.T) {
	t.Parallel()
	_, f := read(t, answer(200, "text/html", "<html><body>hello</body></html>"), integration.Response{Type: "json"})
	if f == nil || f.Cause != run.BadType || f.Summary != "expected JSON, got text/html" {
		t.Errorf("got %+v", f)
	}
}

func TestResults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, contentType, body string
		def                     integration.Response
		want, note              string
	}{
		{"json path", "application/json", `{"data":[{"id":12345678901234567890}]}`, integration.Response{Key: "data.0.id"}, "12345678901234567890", ""},
		{"name with a dot", "application/json", `{"a.b":{"c":1.50}}`, integration.Response{Key: `a\.b.c`}, "1.50", ""},
		{"object", "application/json", `{"a":{"b":[1,null,"x"]}}`, integration.Response{Key: "a"}, `{"b":[1,null,"x"]}`, ""},
		{"no key", "application/json", `{"a":1}`, integration.Response{}, `{"a":1}`, ""},
		{"long", "text/plain", strings.Repeat("é", 300), integration.Response{}, strings.Repeat("é", 200), "the first 200 of 300 characters"},
		{"xml with root", "text/xml", `<Values><value>a</value><value>b</value></Values>`, integration.Response{Key: "Values.value.1"}, "b", ""},
		{"xml without root", "text/xml", `<Values><value>a</value></Values>`, integration.Response{Key: "value"}, "a", ""},
		{"xml single as list", "text/xml", `<Values><value>a</value></Values>`, integration.Response{Key: "Values.value.0"}, "a", ""},
		{"xml attribute", "text/xml", `<r xmlns:s="u"><s:item s:id="4">x</s:item></r>`, integration.Response{Key: "r.item.@id"}, "4", ""},
		{"xml text beside attribute", "text/xml", `<r><item id="4">x</item></r>`, integration.Response{Key: "r.item"}, "x", ""},
		{"xml prefix in path", "text/xml", `<s:r xmlns:s="u"><s:item>x</s:item></s:r>`, integration.Response{Key: "s:r.s:item"}, "x", ""},
		{"xml declared latin", "text/xml", "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><n>J\xfcrgen</n>", integration.Response{Key: "n"}, "Jürgen", ""},
		{"text by name", "text/plain", "OK;id=77;to: 123", integration.Response{Type: "text", Delimiter: ";", Key: "id"}, "77", ""},
		{"text by colon", "text/plain", "OK;id=77;to: 123", integration.Response{Type: "text", Delimiter: ";", Key: "to"}, "123", ""},
		{"text by position", "text/plain", "value1,value2,value3", integration.Response{Type: "text", Delimiter: ",", Key: "1"}, "value2", ""},
		{"text by lines", "text/plain", "a=1\nb=2\n", integration.Response{Type: "text", Delimiter: `\n`, Key: "b=2"}, "2", ""},
		{"csv by name", "text/csv", "id,email\n1,a@b.test\n", integration.Response{Type: "csv", Key: "0.email"}, "a@b.test", ""},
		{"csv by position", "text/csv", "id;email\n1;a@b.test\n", integration.Response{Type: "csv", Key: "0.1"}, "a@b.test", ""},
		{"byte order mark", "application/json", "\xef\xbb\xbf{\"a\":1}", integration.Response{Type: "json", Key: "a"}, "1", ""},
		{"utf-16", "application/json; charset=utf-16", "\xff\xfe{\x00\"\x00a\x00\"\x00:\x001\x00}\x00", integration.Response{Type: "json", Key: "a"}, "1", ""},
		{"windows-1252", "application/json; charset=windows-1252", "{\"a\":\"\x80 5\"}", integration.Response{Type: "json", Key: "a"}, "€ 5", ""},
		{"escapes", "application/json", `{"a":"\u00e9\ud83d\ude00\/\n"}`, integration.Response{Key: "a"}, "é😀/", ""},
		{"key with two equals signs", "application/json", `{"a":"x"}`, integration.Response{Key: "a == x"}, "x", ""},
		{"key with an escaped sign", "application/json", `{"a=b":"x"}`, integration.Response{Key: `a\=b`}, "x", ""},
		{"key at least", "application/json", `{"n":"5.0"}`, integration.Response{Key: "n>=5"}, "5.0", ""},
		{"name given twice", "application/json", `{"a":1,"a":2}`, integration.Response{Key: "a"}, "2", ""},
		{"utf-8 called utf-16", "application/json; charset=utf-16", `{"a":"é"}`, integration.Response{Key: "a"}, "é", ""},
		{"number rule", "application/json", `{"CodeResult":"100"}`, integration.Response{Success: &integration.Success{Path: "CodeResult", Value: "100"}, Key: "CodeResult"}, "100", ""},
		{"html read as text", "text/html", "<p>done</p>", integration.Response{Type: "text"}, "<p>done</p>", ""},
		{"sensitive key", "application/json", `{"apiKey":"abc"}`, integration.Response{Key: "apiKey"}, "••••", ""},
		{"empty value", "application/json", `{"a":""}`, integration.Response{Key: "a"}, "", "the value at a is empty"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, f := read(t, answer(200, c.contentType, c.body), c.def)
			if f != nil {
				t.Fatalf("failed: %+v", f)
			}
			if got.Result == nil || *got.Result != c.want || got.Note != c.note {
				t.Errorf("result %v, note %q; want %q, %q", deref(got.Result), got.Note, c.want, c.note)
			}
		})
	}
}

func deref(s *string) string {
	if s == nil {
		return "<nil>"
	}
	return *s
}

func TestANullThatCameIsShownAsSuch(t *testing.T) {
	t.Parallel()
	got, f := read(t, answer(200, "application/json", "null"), integration.Response{Type: "json"})
	if f != nil || got.Result != nil || got.Note != "null (the server answered null)" {
		t.Errorf("result %v, note %q, %+v", got.Result, got.Note, f)
	}
	_, f = read(t, answer(200, "application/json", `{"a":null}`), integration.Response{Type: "json", Key: "a"})
	if f == nil || f.Cause != run.ValueNull || !strings.Contains(f.Summary, "null (the server answered null)") {
		t.Errorf("key: %+v", f)
	}
}

func TestSignInPagesAndOthers(t *testing.T) {
	t.Parallel()
	for page, login := range map[string]bool{
		"<html><title>Vendor - Log in</title></html>":                                          true,
		"<html><title>Login to Vendor</title></html>":                                          true,
		"<html><title>Sign in | Vendor</title></html>":                                         true,
		"<html><title>Anmelden</title></html>":                                                 true,
		"<html><body>Your session has expired. Please log in again.</body></html>":             true,
		"<html><body><form action='/adfs/ls/'><input name=UserName></form></body></html>":      true,
		"<html><head><meta http-equiv=refresh content='0;url=/auth/signin'></head></html>":     true,
		"<html><title>Blog about login security</title></html>":                                false,
		"<html><title>Catalogue of logins</title></html>":                                      false,
		"<html><body><h1>Welcome</h1><a href='/login'>Customer area</a></body></html>":         false,
		"<html><body><form action='/search'><input type=text></form></body></html>":            false,
		"<html><title>500 Internal Server Error</title><body>Design in progress</body></html>": false,
	} {
		_, f := read(t, answer(200, "text/html", page), integration.Response{Type: "json", Key: "id"})
		if f == nil || (f.Cause == run.LoginPage) != login || !login && f.Cause != run.BadType {
			t.Errorf("%s: %+v, want login_page = %v", page, f, login)
		}
	}
}

func TestARedirectThatWasNotFollowedNamesItsAddress(t *testing.T) {
	t.Parallel()
	for location, cause := range map[string]run.Cause{
		"https://api2.vendor.test/v2?token=abc": run.HTTPStatus, "/users/login?next=1": run.LoginPage, "https://id.vendor.test/oauth2/authorize?x=1": run.LoginPage,
		"https://vendor.test/author/5": run.HTTPStatus,
	} {
		x := answer(302, "text/html", "")
		x.Response.Headers = append(x.Response.Headers, run.Header{Name: "Location", Value: location})
		_, f := read(t, x, integration.Response{Key: "id"})
		if f == nil || f.Cause != cause || !strings.Contains(f.Evidence, strings.TrimSuffix(location, "abc")) || strings.Contains(f.Evidence, "abc") {
			t.Errorf("%s: %+v, want %s", location, f, cause)
		}
	}
}

func TestGoodAnswersAreNotTakenForErrors(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{"error":null,"id":1}`, `{"errors":[],"data":{}}`, `{"error":"","ok":true}`, `{"error":0}`, `{"error":false}`,
		`{"id":7,"status":"failed","message":"call dropped"}`, `{"status":"error_count","value":0}`, `{"errorCode":"0000"}`,
		`{"errors":{}}`, `{"error":"none"}`, `{"error":{"code":0,"message":""}}`, `{"status":"ok","message":"done"}`,
		`{"CodeResult":"100","SMSID":"1"}`, `{"code":200,"message":"OK"}`, `[{"error":"in a record"}]`, `{"result":"failed"}`,
		`{"success":true,"error":null}`, `{"call_id":"5","status":"failed","reason":"busy"}`, `{"code":450,"description":"Product"}`,
		`{"status":false}`, `{"success":0}`, `{"type":"error_report","message":"x"}`, `{"status":404,"rows":[]}`, `"Errors: none"`, `{"code":0,"msg":"success"}`, `{"errors":[""]}`,
	} {
		if _, f := read(t, answer(200, "application/json", body), integration.Response{}); f != nil {
			t.Errorf("%s: %+v", body, f)
		}
	}
	for _, body := range []string{"OK", "errors: 0", "result=failed tests", "code: 404 records", "Error count: 0", "error=0;id=5", "0", "failure rate by week", "Errors: none"} {
		if _, f := read(t, answer(200, "text/plain", body), integration.Response{}); f != nil {
			t.Errorf("%s: %+v", body, f)
		}
	}
}

func TestErrorsWithAGoodStatusAreSeen(t *testing.T) {
	t.Parallel()
	for body, contentType := range map[string]string{
		`{"error":"bad key"}`:                                       "application/json",
		`{"errors":[{"message":"x"}]}`:                              "application/json",
		`{"success":false,"id":1}`:                                  "application/json",
		`{"Success":"false"}`:                                       "application/json",
		`{"status":"error","message":"no"}`:                         "application/json",
		`{"status":"fail","data":{"title":"needed"}}`:               "application/json",
		`{"CodeResult":"104","ErrorMessage":"Brandname"}`:           "application/json",
		`{"statusCode":500,"message":"boom"}`:                       "application/json",
		`{"response":{"error":{"code":5,"message":"x"}}}`:           "application/json",
		`{"errcode":40001,"errmsg":"invalid credential"}`:           "application/json",
		`{"hasError":true}`:                                         "application/json",
		`{"status":false,"message":"Invalid sender"}`:               "application/json",
		`{"success":0,"error_message":"no credit"}`:                 "application/json",
		`{"type":"error","message":"x"}`:                            "application/json",
		`"ERROR: invalid user"`:                                     "application/json",
		`<string xmlns="http://vendor.test/">ERR: bad key</string>`: "text/xml",
		`<response status="error"><message>no</message></response>`: "text/xml",
		`ERR: 103 bad number`:                                       "text/plain",
		`ERROR`:                                                     "text/plain",
		`Access denied`:                                             "text/plain",
		`<r><CodeResult>99</CodeResult></r>`:                        "text/xml",
		`<Error><Code>X</Code><Message>no</Message></Error>`:        "application/xml",
		`<s:Envelope xmlns:s="u"><s:Body><s:Fault><faultstring>no</faultstring></s:Fault></s:Body></s:Envelope>`: "text/xml",
	} {
		if _, f := read(t, answer(200, contentType, body), integration.Response{}); f == nil || f.Cause != run.ErrorIn200 {
			t.Errorf("%s: %+v, want error_in_200", body, f)
		}
	}
}

func TestErrorsInDelimitedTextAreSeen(t *testing.T) {
	t.Parallel()
	for body, failed := range map[string]bool{"status=error;message=bad": true, "id=5;error=Invalid number": true, "id=5;error=0": false, "status=ok;message=sent": false} {
		_, f := read(t, answer(200, "text/plain", body), integration.Response{Type: "text", Delimiter: ";"})
		if (f != nil) != failed || failed && f.Cause != run.ErrorIn200 {
			t.Errorf("%s: %+v, want a failure = %v", body, f, failed)
		}
	}
}

func TestTheAdminsRuleWinsOverWhatLooksLikeAnError(t *testing.T) {
	t.Parallel()
	def := integration.Response{Success: &integration.Success{Path: "id", Op: "is numeric"}}
	if _, f := read(t, answer(200, "application/json", `{"id":5,"error":"only a warning"}`), def); f != nil {
		t.Errorf("rule holds: %+v", f)
	}
	if _, f := read(t, answer(200, "application/json", `{"id":"x","error":"only a warning"}`), def); f == nil || f.Cause != run.Rule {
		t.Errorf("rule broken: %+v, want rule", f)
	}
}

func TestRuleOperators(t *testing.T) {
	t.Parallel()
	body := `{"n":"10","s":"Sent to 5","b":true,"e":"","l":[],"x":null,"v":"1.50"}`
	for _, c := range []struct {
		path, op, value string
		holds           bool
	}{
		{"n", "=", "10", true},
		{"n", "", "10.0", true},
		{"n", ">", "9", true},
		{"n", "<", "9", false},
		{"n", ">=", "10", true},
		{"n", "<=", "9.99", false},
		{"v", "=", "1.5", true},
		{"b", "=", "TRUE", true},
		{"s", "=", "sent to 5", false},
		{"s", "contains", "to", true},
		{"s", "starts with", "Sent", true},
		{"s", "matches", `^Sent to \d$`, true},
		{"s", "matches", `(`, false},
		{"n", "in", "9, 10,11", true},
		{"n", "not in", "9,11", true},
		{"n", "between", "1,20", true},
		{"n", "between", "11 and 20", false},
		{"e", "is empty", "", true},
		{"l", "is empty", "", true},
		{"x", "is empty", "", true},
		{"nope", "is empty", "", true},
		{"nope", "!=", "x", true},
		{"nope", "=", "x", false},
		{"s", "is not empty", "", true},
		{"s", "is numeric", "", false},
		{"", "contains", "Sent", true},
	} {
		_, f := read(t, answer(200, "application/json", body), integration.Response{Success: &integration.Success{Path: c.path, Op: c.op, Value: c.value}})
		if (f == nil) != c.holds {
			t.Errorf("%s %s %s: %+v, want holds = %v", c.path, c.op, c.value, f, c.holds)
		}
		want := run.Rule
		if c.path == "nope" {
			want = run.KeyMissing // there is nothing to compare
		}
		if f != nil && f.Cause != want {
			t.Errorf("%s %s %s: cause %s", c.path, c.op, c.value, f.Cause)
		}
	}
}

func TestSuggestions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ key, body, want string }{
		{"id", `{"data":{"id":1}}`, "Did you mean data.id?"},
		{"data.id", `{"Data":{"ID":1}}`, "Did you mean Data.ID?"},
		{"id", `[{"id":1}]`, "Did you mean 0.id?"},
		{"data.id", `{"data":[{"id":1}]}`, "Did you mean data.0.id?"},
		{"results[0].id", `{"results":[{"id":1}]}`, "Did you mean results.0.id?"},
		{"$.data.id", `{"data":{"id":1}}`, "Did you mean data.id?"},
		{"results.1.id", `{"results":[{"id":1}]}`, "Did you mean results.0.id?"},
		{"response.data.id", `{"data":{"id":1}}`, "Did you mean data.id?"},
		{"contact_id", `{"contactId":1}`, "Did you mean contactId?"},
		{"mesage", `{"message2":1,"message":"x"}`, "Did you mean message?"},
		{"a.b", `{"a.b":1}`, `Did you mean a\.b?`},
		{"data.id", `{"data":"{\"id\":1}"}`, "encoded twice"},
		{"data.0.id", `{"data":{"id":1}}`, "Did you mean data.id?"},
		{"data.0.id", `{"data":[]}`, "Nothing was found"},
		{"data.id", `{"data":null}`, "nothing at data"},
		{"contacts.email", `{"contacts":[{"properties":{"email":"x"}}]}`, "Did you mean contacts.0.properties.email? The value stands deeper"},
	} {
		_, f := read(t, answer(200, "application/json", c.body), integration.Response{Key: c.key})
		if f == nil || f.Cause != run.KeyMissing || !strings.Contains(f.Hint, c.want) {
			t.Errorf("%s in %s: %+v, want %q", c.key, c.body, f, c.want)
		}
	}
}

func TestOutputsMayBeAbsent(t *testing.T) {
	t.Parallel()
	got, f := read(t, answer(200, "application/json", `{"a":1.10,"l":[true,null],"secret":"s3"}`), integration.Response{Outputs: []integration.Output{
		{Name: "a", Path: "a"}, {Name: "gone", Path: "x.y"}, {Name: "l", Path: "l"}, {Name: "t", Path: "secret"},
	}})
	if f != nil {
		t.Fatal(f)
	}
	b, _ := json.Marshal(got.Outputs)
	if string(b) != `{"a":1.10,"l":[true,null],"t":"s3"}` {
		t.Errorf("outputs = %s", b)
	}
	if len(got.Secrets) != 1 || got.Secrets[0] != "s3" {
		t.Errorf("secrets = %q", got.Secrets)
	}
}

func TestAnExplanationNeverHoldsPartOfASecret(t *testing.T) {
	t.Parallel()
	for _, hidden := range []string{"Q7-canary-value-Zx9", "Q7canaryWithoutSigns", "Q7-canary." + strings.Repeat("long-", 50) + "Zx9"} {
		hide := redact.New([]string{hidden})
		for pad := range 14 {
			p := strings.Repeat("p", pad*16)
			for _, body := range []string{
				`{"a":"` + p + hidden + `" oops}`, `{"message":"` + p + hidden + `"}`, p + hidden, `{` + hidden + `:1}`, `[` + hidden + `]`,
				`{"` + p + hidden + `":1}`, `{"id":{"` + hidden + `":1}}`, `{"id":"` + p + hidden + `"}`, `["` + p + hidden + `"]`,
				`{"error":"` + p + hidden + `"}`, `{"success":"` + p + hidden + `"}`, `{"CodeResult":"` + p + hidden + `"}`,
				`<html><title>` + p + hidden + `</title><body>` + p + hidden, `<a><b` + hidden + `></c></a>`, `<Error>` + p + hidden + `</Error>`,
				"ERR: " + p + hidden, `{"ID":1,"x` + hidden + `":2}`, `[{"status":500,"message":"` + p + hidden + `"}]`,
			} {
				for _, status := range []int{200, 207, 401, 500} {
					for _, key := range []string{"", "id", "id.x", "0.y", "success=true", "$.a.b"} {
						x := answer(status, "", body)
						x.Response.Headers = append(x.Response.Headers, run.Header{Name: "WWW-Authenticate", Value: `Bearer error="` + p + hidden + `"`})
						got, f := response.Read(x, response.Asked{Endpoint: integration.Endpoint{Response: integration.Response{Key: key}}, Hide: hide})
						all := strings.Join(got.Warnings, "") + got.Note + deref(got.Result)
						if f != nil {
							all += f.Summary + f.Evidence + f.Hint
						}
						for _, part := range []string{"Q7", "canary", "long-", "Zx9"} {
							if strings.Contains(all, part) {
								t.Fatalf("pad %d, key %q, status %d: %q of %q is in %q", pad*16, key, status, part, body, all)
							}
						}
					}
				}
			}
		}
	}
}
