package request_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tieline/internal/integration"
	"tieline/internal/request"
	"tieline/internal/run"
)

// everywhere puts {{v}} into every place of a request that a value can stand in, one endpoint each.
func everywhere() integration.Integration {
	post := func(name string, body integration.Body) integration.Endpoint {
		return integration.Endpoint{Name: name, Method: "POST", URL: "https://{{host}}/x", Body: body}
	}
	return integration.Integration{Name: "demo", Endpoints: []integration.Endpoint{
		{Name: "path", URL: "https://{{host}}/a/{{v}}/b"},
		{Name: "slot", URL: "/a/{id}/b", Path: []integration.Row{{Name: "id", Value: "{{v}}"}}},
		{Name: "query", URL: "https://{{host}}/a?x={{v}}&y=1"},
		{Name: "row", URL: "https://{{host}}/a?y=1", Query: []integration.Row{{Name: "x", Value: "{{v}}"}}},
		{Name: "header", URL: "https://{{host}}/a", Headers: []integration.Row{{Name: "X-V", Value: "{{v}}"}}},
		post("quoted", integration.Body{Kind: "json", Content: `{"a":[{"x":"{{v}}","k{{v}}":1}],"b":"-{{v}}-"}`}),
		post("bare", integration.Body{Kind: "json", Content: `{"a":[{"x": {{v}} ,"y":[1]}],"b":"c"}`}),
		post("form", integration.Body{Kind: "form", Rows: []integration.BodyRow{{Name: "x", Value: "{{v}}"}, {Name: "y", Value: "1"}}}),
		post("xml", integration.Body{Kind: "xml", Content: `<r p="{{v}}" q='{{v}}'><t>{{v}}</t><c><![CDATA[{{v}}]]></c><d><![CDATA[[{{v}}>]]></d></r>`}),
		post("multipart", integration.Body{Kind: "multipart", Rows: []integration.BodyRow{
			{Name: "x", Value: "{{v}}"}, {Name: "f", Value: "{{v}}", FileName: "a.txt"}, {Name: "y", Value: "1"},
		}}),
	}}
}

func send(t *testing.T, in integration.Integration, endpoint string, v any) (run.Request, *run.Failure) {
	t.Helper()
	plan, err := request.Compile(in, endpoint)
	if err != nil {
		t.Fatal(err)
	}
	call, failure := plan.Build(values{Host: "api.example.com", Tokens: map[string]any{"v": v}}.request())
	return call.Request, failure
}

// refusal names the cause of a failure, "" for none.
func refusal(f *run.Failure) run.Cause {
	if f == nil {
		return ""
	}
	return f.Cause
}

// checkWire holds the promise: what arrives is the value, and everything around it is the template's.
func checkWire(t *testing.T, v string) {
	t.Helper()
	in := everywhere()
	for _, endpoint := range []string{"path", "slot"} {
		req, failure := send(t, in, endpoint, v)
		u, err := url.Parse(req.URL)
		switch {
		case failure != nil:
			if failure.Cause != run.TokenPosition && failure.Cause != run.PathParam {
				t.Errorf("%s refuses %q: %+v", endpoint, v, failure)
			}
		case err != nil || u.Host != "api.example.com" || u.Path != "/a/"+v+"/b" || u.EscapedPath() != "/a/"+url.PathEscape(v)+"/b" && strings.Count(u.EscapedPath(), "/") != 3:
			t.Errorf("%s: %q arrives as %q, %v", endpoint, v, req.URL, err)
		}
	}
	for _, endpoint := range []string{"query", "row"} {
		req, failure := send(t, in, endpoint, v)
		u, err := url.Parse(req.URL)
		if failure != nil || err != nil || !reflect.DeepEqual(u.Query(), url.Values{"x": {v}, "y": {"1"}}) || u.Fragment != "" {
			t.Errorf("%s: %q arrives as %q, %v, %v", endpoint, v, req.URL, failure, err)
		}
	}
	checkHeader(t, in, v)
	checkJSON(t, in, v)
	req, failure := send(t, in, "form", v)
	got, err := url.ParseQuery(string(req.Body))
	if failure != nil || err != nil || !reflect.DeepEqual(got, url.Values{"x": {v}, "y": {"1"}}) {
		t.Errorf("form: %q arrives as %q", v, req.Body)
	}
	checkXML(t, in, v)
	checkMultipart(t, in, v)
}

func checkHeader(t *testing.T, in integration.Integration, v string) {
	t.Helper()
	req, failure := send(t, in, "header", v)
	forbidden := strings.ContainsFunc(v, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f })
	if forbidden {
		if refusal(failure) != run.HeaderValue {
			t.Errorf("header: %q is not refused: %v", v, failure)
		}
		return
	}
	if failure != nil || len(req.Headers) != 1 || req.Headers[0].Value != strings.Trim(v, " \t") {
		t.Errorf("header: %q arrives as %v, %v", v, req.Headers, failure)
	}
}

func checkJSON(t *testing.T, in integration.Integration, v string) {
	t.Helper()
	valid := strings.ToValidUTF8(v, "\ufffd")
	if valid != v {
		valid = string([]rune(v)) // one replacement character for each bad byte
	}
	want := map[string]any{
		"quoted": map[string]any{"a": []any{map[string]any{"x": valid, "k" + valid: 1.0}}, "b": "-" + valid + "-"},
		"bare":   map[string]any{"a": []any{map[string]any{"x": valid, "y": []any{1.0}}}, "b": "c"},
	}
	for endpoint, want := range want {
		req, failure := send(t, in, endpoint, v)
		var got any
		err := json.Unmarshal(req.Body, &got)
		if failure != nil || err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %q arrives as %q, %v, %v", endpoint, v, req.Body, failure, err)
		}
	}
}

// xmlDocument is what the XML template holds.
type xmlDocument struct {
	XMLName xml.Name `xml:"r"`
	P       string   `xml:"p,attr"`
	Q       string   `xml:"q,attr"`
	T       string   `xml:"t"`
	C       string   `xml:"c"`
	D       string   `xml:"d"`
}

func checkXML(t *testing.T, in integration.Integration, v string) {
	t.Helper()
	req, failure := send(t, in, "xml", v)
	if failure != nil {
		if failure.Cause != run.TokenPosition || !strings.Contains(failure.Hint, "XML cannot carry") {
			t.Errorf("xml refuses %q: %+v", v, failure)
		}
		return
	}
	var got xmlDocument
	err := xml.Unmarshal(req.Body, &got)
	if err != nil || got.P != v || got.Q != v || got.T != v || got.C != v || got.D != "["+v+">" {
		t.Errorf("xml: %q arrives as %q: %+v, %v", v, req.Body, got, err)
	}
}

func checkMultipart(t *testing.T, in integration.Integration, v string) {
	t.Helper()
	req, failure := send(t, in, "multipart", v)
	if failure != nil {
		t.Errorf("multipart refuses %q: %v", v, failure)
		return
	}
	_, params, err := mime.ParseMediaType(req.Headers[0].Value)
	if err != nil {
		t.Fatal(err)
	}
	r := multipart.NewReader(bytes.NewReader(req.Body), params["boundary"])
	for _, want := range []struct{ name, file, value string }{{"x", "", v}, {"f", "a.txt", v}, {"y", "", "1"}} {
		p, err := r.NextRawPart()
		if err != nil {
			t.Fatalf("multipart: %q: %v", v, err)
		}
		got, err := io.ReadAll(p)
		if err != nil || p.FormName() != want.name || p.FileName() != want.file || string(got) != want.value {
			t.Errorf("multipart: %q arrives as %q, %v", want.value, got, err)
		}
	}
	if _, err := r.NextRawPart(); !errors.Is(err, io.EOF) {
		t.Errorf("multipart: %q adds a part: %v", v, err)
	}
}

func TestAValueArrivesAsItIsAndChangesNothingAroundIt(t *testing.T) {
	t.Parallel()
	for _, v := range []string{
		"", "x", " a b ", "\"", "'", "\\", "</t><t>", "]]>", "]]", "]", ">", "&amp;", "&", "=", "+", "%2F", "%", "/", "?#", "..", ".", "a/../b",
		"\r\nX: 1", "\x00", "\x7f", "\u2028\ufeff", "ü😀", "\xff\xfe", "{{x}}", "${X}", "\t", "\n", "\r", "\",\"admin\":true,\"",
		"\\u0022", "--tieline-", "<!--", "<![CDATA[", "null", "1e5", "\ufffe", "a;b", "%2e%2e/",
	} {
		checkWire(t, v)
	}
}

func TestAnyValueArrivesAsItIs(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) { checkWire(t, rapid.String().Draw(r, "v")) })
}

// FuzzRender holds decode(wire) == value, with the structure unchanged, in every context.
func FuzzRender(f *testing.F) {
	for _, s := range []string{"x", "\"\\\r\n", "]]>", "..", "&<>'", "a=b&c", "\xff", "{{x}}"} {
		f.Add(s)
	}
	f.Fuzz(checkWire)
}

// FuzzTemplate holds that no template makes compiling, building or previewing fail badly, and that a JSON body
// that is built is JSON.
func FuzzTemplate(f *testing.F) {
	f.Add(`{"a":"{{v}}","b":{{v}}}`, "x", "https://{{host}}/{{v}}?{{v}}#{{v}}")
	f.Add(`<a b="{{v}}">{{v}}<![CDATA[{{v}}]]></a>`, "y", "/{v}/{id}?a={id}")
	f.Add(`a={{v}}&b`, "..", "${B}/x")
	f.Fuzz(func(t *testing.T, content, v, address string) {
		for _, kind := range []string{"raw", "json", "xml"} {
			in := integration.Integration{Endpoints: []integration.Endpoint{{
				Name: "e", Method: "POST", URL: address, Body: integration.Body{Kind: kind, Content: content},
				Path: []integration.Row{{Name: "id", Value: "{{v}}"}}, Hard: []integration.HardRow{{In: "body", Name: "h", Value: "{{v}}"}},
			}}}
			request.Check(in)
			plan, err := request.Compile(in, "e")
			if err != nil {
				t.Fatal(err)
			}
			data := values{Host: "api.example.com", Tokens: map[string]any{"v": v}, Variables: map[string]string{"B": "https://b.example.com"}}.request()
			plan.Preview(data)
			call, failure := plan.Build(data)
			if failure != nil {
				continue
			}
			u, err := url.Parse(call.Request.URL)
			if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
				t.Errorf("%q with %q gives the URL %q: %v", address, v, call.Request.URL, err)
			}
			if kind == "json" && len(call.Request.Body) > 0 && !json.Valid(call.Request.Body) {
				t.Errorf("%q with %q gives %q", content, v, call.Request.Body)
			}
		}
	})
}
