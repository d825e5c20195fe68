package redact_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"tieline/internal/redact"
	"tieline/internal/run"
)

const canary = `s3cr/t "k&y<+ü%`

func escapeXML(s string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(s))
	return b.String()
}

func quoteJSON(s string) string {
	b, _ := json.Marshal(s)
	return string(b[1 : len(b)-1])
}

func percentAll(s string, upper bool) string {
	digits := "0123456789abcdef"
	if upper {
		digits = "0123456789ABCDEF"
	}
	var b strings.Builder
	for _, c := range []byte(s) {
		b.WriteByte('%')
		b.WriteByte(digits[c>>4])
		b.WriteByte(digits[c&15])
	}
	return b.String()
}

func unicodeAll(s string) string {
	var b strings.Builder
	for _, r := range s {
		b.WriteString(`\u`)
		b.WriteString(strings.ToUpper(("0000" + strconv.FormatInt(int64(r), 16))[len(strconv.FormatInt(int64(r), 16)):]))
	}
	return b.String()
}

// forms are the encodings in which a vendor may give a secret back.
func forms(s string) map[string]string {
	f := map[string]string{
		"raw":              s,
		"query":            url.QueryEscape(s),
		"path":             url.PathEscape(s),
		"percent lower":    percentAll(s, false),
		"percent upper":    percentAll(s, true),
		"json":             quoteJSON(s),
		"json slash":       strings.ReplaceAll(quoteJSON(s), "/", `\/`),
		"json unicode":     unicodeAll(s),
		"json in json":     quoteJSON(quoteJSON(s)),
		"xml":              escapeXML(s),
		"json in xml":      escapeXML(quoteJSON(s)),
		"query in json":    quoteJSON(url.QueryEscape(s)),
		"folded":           strings.ToLower(s),
		"mime":             wrapped("some text that makes the line long enough to be broken: " + s),
		"hex lower":        hex.EncodeToString([]byte(s)),
		"hex upper":        strings.ToUpper(hex.EncodeToString([]byte(s))),
		"basic user":       base64.StdEncoding.EncodeToString([]byte("user:" + s)),
		"basic in query":   url.QueryEscape(base64.StdEncoding.EncodeToString([]byte("u:" + s))),
		"base64 in json":   strings.ReplaceAll(base64.StdEncoding.EncodeToString([]byte(s)), "/", `\/`),
		"utf-16":           utf16le(s),
		"basic as company": base64.StdEncoding.EncodeToString([]byte("acme+pub:" + s)),
	}
	for shift := range 3 {
		for tail := range 3 {
			in := []byte("xyz"[:shift] + s + "tuv"[:tail])
			name := "base64 " + strconv.Itoa(shift) + strconv.Itoa(tail)
			f[name+" std"] = base64.StdEncoding.EncodeToString(in)
			f[name+" raw url"] = base64.RawURLEncoding.EncodeToString(in)
		}
	}
	return f
}

// wrapped is base64 as mail carries it.
func wrapped(s string) string {
	text := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("-", 60) + s))
	var b strings.Builder
	for len(text) > 76 {
		b.WriteString(text[:76] + "\r\n")
		text = text[76:]
	}
	return b.String() + text
}

func utf16le(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r > 0x7f || r == 0 {
			return "" // only ASCII without NUL is promised
		}
		b.WriteRune(r)
		b.WriteByte(0)
	}
	return b.String()
}

func TestEveryEncodingOfASecretIsHidden(t *testing.T) {
	t.Parallel()
	for _, s := range []string{canary, "plain-ascii-token", "12345678", "????>>>>~~~~", "pass word with spaces"} {
		r := redact.New([]string{s})
		for name, form := range forms(s) {
			text := `before ` + form + ` after`
			got := r.Text(text)
			if form != "" && (strings.Contains(got, form) || !strings.Contains(got, "••••")) {
				t.Errorf("%s of %q is left: %q", name, s, got)
			}
			if !strings.HasPrefix(got, "before ") || !strings.HasSuffix(got, " after") {
				t.Errorf("%s of %q: the text around it changed: %q", name, s, got)
			}
			if strings.Contains(got, s) {
				t.Errorf("%s: the value is left in %q", name, got)
			}
		}
	}
}

func TestTextWithoutSecretsStaysAsItIs(t *testing.T) {
	t.Parallel()
	r := redact.New([]string{"long-enough-secret", "short"})
	for _, text := range []string{
		"", "nothing here", `{"id":1,"name":"short & sweet","path":"a\\b","pct":"50%"}`, "<a>1 &lt; 2</a>", "a=1&b=2%20",
		`{"token":null,"password":"","secret":false}`, `{"next_page_token":"abc"}`, "token={{field.ApiKey}}",
	} {
		if got := r.Text(text); got != text {
			t.Errorf("Text(%q) = %q", text, got)
		}
		if got := r.Bytes([]byte(text)); string(got) != text {
			t.Errorf("Bytes(%q) = %q", text, got)
		}
	}
}

func TestValuesUnderSensitiveNamesAreHidden(t *testing.T) {
	t.Parallel()
	var r *redact.Redactor
	for in, want := range map[string]string{
		`{"access_token":"abc","expires_in":3600}`:             `{"access_token":"••••","expires_in":3600}`,
		`{"authToken" : "a\"b" , "x":1}`:                       `{"authToken" : "••••" , "x":1}`,
		`{"client_secret": 12345, "x":1}`:                      `{"client_secret": "••••", "x":1}`,
		`{"pin":{"user-Password":"x y"}}`:                      `{"pin":{"user-Password":"••••"}}`,
		`{"inner":"{\"password\":\"p\\\\w\",\"id\":1}"}`:       `{"inner":"{\"password\":\"••••\",\"id\":1}"}`,
		`{"refresh_token":"never ends`:                         `{"refresh_token":"••••`,
		`user=u&password=p%20w&x=1`:                            `user=u&password=••••&x=1`,
		`a=1&api_key=k`:                                        `a=1&api_key=••••`,
		`<Auth Password="p w" Id="3"/>`:                        `<Auth Password="••••" Id="3"/>`,
		`<s:ApiKey x="1">k</s:ApiKey><id>4</id>`:               `<s:ApiKey x="1">••••</s:ApiKey><id>4</id>`,
		`<password><![CDATA[a<b]]></password>`:                 `<password><![CDATA[••••]]></password>`,
		"form-data; name=\"password\"\r\n\r\npw\r\n--b":        "form-data; name=\"password\"\r\n\r\n••••\r\n--b",
		`{"passwords":["a"],"password": ["b", "c"],"x":["d"]}`: `{"passwords":["a"],"password": ["••••", "••••"],"x":["d"]}`,
		`{"password":"••••and more behind it"}`:                `{"password":"••••"}`,
		`{'token': 'abc'}`:                                     `{'token': '••••'}`,
		`{"Authorization":"Bearer abc","ok":true}`:             `{"Authorization":"••••","ok":true}`,
		`{"token_type":"Bearer","tokens":5,"passwords_set":1}`: `{"token_type":"Bearer","tokens":5,"passwords_set":1}`,
	} {
		if got := r.Text(in); got != want {
			t.Errorf("Text(%q)\n got %q\nwant %q", in, got, want)
		}
	}
}

func TestHeadersAreHiddenByNameAndValue(t *testing.T) {
	t.Parallel()
	r := redact.New([]string{"value-of-a-key"})
	for _, c := range []struct{ name, value, want string }{
		{"Authorization", "Bearer abc", "Bearer ••••"},
		{"authorization", "abc", "••••"},
		{"Authorization", "OAuth abc:def", "OAuth ••••"},
		{"X-Api-Key", "k", "••••"},
		{"Cookie", "a=1; b=2", "a=••••; b=••••"},
		{"Set-Cookie", "sid=1; Path=/; HttpOnly", "sid=••••; Path=/; HttpOnly"},
		{"X-Auth-Token", "t", "••••"},
		{"X-RateLimit-Remaining-Tokens", "12", "12"},
		{"X-Custom", "value-of-a-key", "••••"},
		{"X-Custom", "VALUE-OF-A-KEY", "••••"},
		{"Location", "https://h/?token=1&x=2", "https://h/?token=••••&x=2"},
		{"Content-Type", "application/json", "application/json"},
	} {
		got := r.Headers([]run.Header{{Name: c.name, Value: c.value}})
		if got[0].Value != c.want || got[0].Name != c.name {
			t.Errorf("%s: %q = %q, want %q", c.name, c.value, got[0].Value, c.want)
		}
	}
}

func TestURLHidesUserInfoAndParameters(t *testing.T) {
	t.Parallel()
	r := redact.New(nil)
	for in, want := range map[string]string{
		"https://u:p@h/x?api_key=1&id=2": "https://u:••••@h/x?api_key=••••&id=2",
		"https://only@h/":                "https://••••@h/",
		"https://h/a@b?x=1":              "https://h/a@b?x=1",
		"https://h/#access_token=1":      "https://h/#access_token=••••",
	} {
		if got := r.URL(in); got != want {
			t.Errorf("URL(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestExchangeIsHiddenBeforeItIsCut(t *testing.T) {
	t.Parallel()
	s := "secret-that-straddles"
	r := redact.New([]string{s})
	for keep := 90; keep < 130; keep++ {
		body := []byte(strings.Repeat("x", 100) + s + strings.Repeat("y", 100))
		x := run.Exchange{
			Request:  run.Request{Method: "POST", URL: "https://h/p?pin=1234", Body: body, Headers: []run.Header{{Name: "X-Pin", Value: "v 1234"}}},
			Response: &run.Response{Status: 200, Body: body},
			Error:    "broken at " + s,
		}
		got := r.Exchange(x, []redact.Span{{Where: "url", From: 16, To: 20}, {Where: "header", Index: 0, From: 2, To: 6}}, keep)
		for n := 1; n <= len(s); n++ {
			if part := "x" + s[:n]; bytes.Contains(got.Request.Body, []byte(part)) || bytes.Contains(got.Response.Body, []byte(part)) {
				t.Fatalf("keep %d leaves %q", keep, part)
			}
		}
		if len(got.Request.Body) > keep || !got.Request.Truncated || !got.Response.Truncated {
			t.Fatalf("keep %d: %d bytes, truncated %v", keep, len(got.Request.Body), got.Request.Truncated)
		}
		if got.Request.URL != "https://h/p?pin=••••" || got.Request.Headers[0].Value != "v ••••" || got.Error != "broken at ••••" {
			t.Fatalf("url %q, header %q, error %q", got.Request.URL, got.Request.Headers[0].Value, got.Error)
		}
		if x.Request.URL != "https://h/p?pin=1234" || !bytes.Contains(x.Response.Body, []byte(s)) {
			t.Fatal("the exchange given was changed")
		}
	}
}

func TestAPackedBodyWithASecretIsNotKept(t *testing.T) {
	t.Parallel()
	r := redact.New([]string{"value-of-a-key"})
	for body, kept := range map[string]bool{`{"echo":"value-of-a-key"}`: false, `{"echo":"nothing"}`: true} {
		var packed bytes.Buffer
		zip := gzip.NewWriter(&packed)
		_, _ = zip.Write([]byte(body))
		_ = zip.Close()
		got := r.Exchange(run.Exchange{Response: &run.Response{Body: packed.Bytes()}}, nil, 1000)
		if bytes.Equal(got.Response.Body, packed.Bytes()) != kept {
			t.Errorf("%s: kept = %v, want %v", body, !kept, kept)
		}
	}
}

func TestCutNeverLeavesPartOfASecret(t *testing.T) {
	t.Parallel()
	s := "secret-that-straddles"
	r := redact.New([]string{s})
	b := []byte("....." + s + ".....")
	for from := range b {
		for to := from; to <= len(b); to++ {
			if got := r.Cut(b, from, to); strings.ContainsAny(got, "secrthadl-") {
				t.Fatalf("Cut(%d, %d) = %q", from, to, got)
			}
		}
	}
}

func TestValueHidesInTrees(t *testing.T) {
	t.Parallel()
	r := redact.New([]string{"value-of-a-key"})
	in := map[string]any{
		"token": "t", "id": json.Number("12345678901234567890"), "list": []any{"a value-of-a-key", nil, true},
		"nested": map[string]any{"password": json.Number("1"), "empty": map[string]any{"secret": ""}},
	}
	got, err := json.Marshal(r.Value(in))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"id":12345678901234567890,"list":["a ••••",null,true],"nested":{"empty":{"secret":""},"password":"••••"},"token":"••••"}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if in["token"] != "t" {
		t.Error("the tree given was changed")
	}
}

func FuzzNoFormIsLeft(f *testing.F) {
	f.Add(canary, "doc ", " end")
	f.Add("12345678", `{"a":"`, `"}`)
	f.Add("00000000", "0", "0")
	f.Fuzz(func(t *testing.T, s, before, after string) {
		if len([]rune(s)) < 8 || len(s) > 200 || len(before)+len(after) > 2000 || strings.Contains("••••", s) ||
			strings.ContainsAny(before[max(0, len(before)-12):], `\%&`) { // such an end would make another escape of the first character
			return
		}
		r := redact.New([]string{s})
		for name, form := range forms(s) {
			if len(form) < len(s) || lossy(form) {
				continue
			}
			got := r.Text(before + form + after)
			if strings.Contains(got, form) && !strings.Contains("••••", form) {
				t.Fatalf("%s of %q is left in %q", name, s, got)
			}
		}
	})
}

// lossy tells whether an encoding could not carry the value, so that the value is not there to be hidden.
func lossy(form string) bool {
	return strings.ContainsRune(form, '\uFFFD') || strings.Contains(strings.ToLower(form), "fffd")
}

func body1KiB() []byte {
	var b bytes.Buffer
	b.WriteString(`{"id":4711,"items":[`)
	for i := 0; b.Len() < 980; i++ {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`{"id":` + strconv.Itoa(i) + `,"name":"Contact ` + strconv.Itoa(i) + `","phone":"+15551234567"}`)
	}
	b.WriteString(`]}`)
	return b.Bytes()
}

func BenchmarkBytesWithoutMatch(b *testing.B) {
	body := body1KiB()
	r := redact.New([]string{"gck-0123456789abcdef-taJ9", "another secret value", "YWNtZTpwYXNzd29yZDEyMzQ="})
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		r.Bytes(body)
	}
}

func BenchmarkNew(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		redact.New([]string{"gck-0123456789abcdef-taJ9", "another secret value", "YWNtZTpwYXNzd29yZDEyMzQ="})
	}
}

func BenchmarkExchangeWithoutMatch(b *testing.B) {
	r := redact.New([]string{"gck-0123456789abcdef-taJ9", "another secret value"})
	headers := []run.Header{
		{Name: "Content-Type", Value: "application/json"},
		{Name: "Date", Value: "Sun, 22 Nov 2026 10:00:00 GMT"},
		{Name: "Content-Length", Value: "1024"},
		{Name: "X-Request-Id", Value: "018f2a"},
	}
	x := run.Exchange{
		Request:  run.Request{Method: "GET", URL: "https://vendor.test/crm/v3/objects/contacts?phone=15551234567", Headers: headers},
		Response: &run.Response{Status: 200, Headers: headers, Body: body1KiB()},
	}
	b.ReportAllocs()
	for b.Loop() {
		r.Exchange(x, nil, 256<<10)
	}
}
