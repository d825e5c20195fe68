package integration

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"tieline/internal/fault"
)

// sound is an integration that nothing is wrong with; each test spoils one thing in it.
func sound() Integration {
	return Integration{
		Name: "hub-1", Label: "Hub", Type: "crm", Description: "Two\nlines.", Info: true, Iframe: true,
		Parameters: []Parameter{
			{Name: "X-Api-Key", Label: "API key", Required: true, Secret: true},
			{Name: "tenant", In: "path", Pattern: "[a-z]{1,20}", Default: "acme", Example: "acme"},
			{Name: "note", In: "body"},
		},
		Endpoints: []Endpoint{
			{
				Name: "find", Type: "GetData", Method: "GET", URL: "https://{{host}}:8443/{tenant}/c?x={{phone | default:\"a }} b\"}}", Params: []string{"X-Api-Key", "tenant"},
				Query:   []Row{{Name: "phone", Value: "{{phone_number}}"}},
				Headers: []Row{{Name: "Accept", Value: "application/json"}, {Name: "Accept", Value: "text/xml"}, {Name: "X-Key", Source: "field", Value: "X-Api-Key"}},
				Hard:    []HardRow{{Name: "fixed", Value: "1"}, {In: "query", Name: "v[]", Value: "2"}},
				Response: Response{
					Type: "json", Key: "results.0.id", Outputs: []Output{{Name: "id", Path: "results.0.id"}}, Statuses: []int{200, 404},
					Success: &Success{Path: "ok", Op: "=", Value: "true"},
				},
				Policy: &Policy{TimeoutS: 120, ConnectTimeoutS: 30, OKStatuses: []int{202}, MaxResponseBytes: 25 << 20},
			},
			{
				Name: "save", Type: "PostData", Method: "POST", URL: "/items/{id}", Path: []Row{{Name: "id", Source: "input", Value: "record.id"}},
				Body:   Body{Kind: "multipart", Rows: []BodyRow{{Name: "file", Value: "{{x}}", FileName: "a.txt", ContentType: "text/plain; charset=utf-8"}}},
				Repeat: "check_first", Lookup: "find",
			},
			{
				Name: "auth", Type: "Auth", Method: "POST", URL: "{{var.BASE}}/token", Body: Body{Kind: "form", Rows: []BodyRow{{Name: "u", Value: "{{field.note}}"}}},
				Token: &Token{Location: "json", Path: "access_token", ExpiresIn: 60, ExpiresKind: "seconds", Place: &TokenPlace{In: "query", Name: "t"}},
			},
			{Name: "image", Type: "Document", URL: "/inv/{{InvoiceNumber}}.pdf"},
			{Name: "login", Type: "Login", URL: "${PORTAL}/check?t={{ authToken | upper }}"},
			{Name: "hook", Type: "Inbound", Triggers: []Trigger{{Kind: "event", Event: "saveLogCRM", Scope: &Scope{Customers: []string{"a"}}, Conditions: []Condition{{Field: "status", Op: "in", Value: "SALE"}}}}},
		},
	}
}

func long(n int) string { return strings.Repeat("x", n) }

// check holds the problems of an error against the wanted field; "" wants none.
func check(t *testing.T, err error, field, words string) {
	t.Helper()
	got, _ := fault.FieldsOf(err)
	switch {
	case field == "" && err != nil:
		t.Errorf("got %v, want no problem", err)
	case field == "":
	case fault.KindOf(err) != fault.Invalid || err == nil:
		t.Errorf("got %v, want a problem at %s", err, field)
	case !slices.Equal(slices.Collect(maps.Keys(got)), []string{field}):
		t.Errorf("problems %q, want one at %s", got, field)
	case !strings.Contains(got[field], words) || !strings.HasSuffix(got[field], "."):
		t.Errorf("message %q, want a sentence with %q", got[field], words)
	}
}

func TestASoundIntegrationHasNoProblem(t *testing.T) {
	t.Parallel()
	check(t, sound().Validate(), "", "")
	if got := sound().Warnings(); len(got) != 2 {
		t.Errorf("warnings %q, want those of the trigger and the inbound endpoint", got)
	}
}

// Whatever is wrong with one field is said at that field, and only there.
func TestEveryFieldOfAnIntegrationIsJudged(t *testing.T) {
	t.Parallel()
	type in = Integration
	tests := []struct {
		name, field, words string
		spoil              func(*in)
	}{
		{"no name", "name", "Lower-case", func(i *in) { i.Name = "" }},
		{"name of a page", "name", "own addresses", func(i *in) { i.Name = "import" }},
		{"name of an endpoint's page", "endpoints.1.name", "own addresses", func(i *in) { i.Endpoints[1].Name = "new" }},
		{"name in capitals", "name", "Lower-case", func(i *in) { i.Name = "Hub" }},
		{"name with a slash", "name", "Lower-case", func(i *in) { i.Name = "a/b" }},
		{"name like a path", "name", "Lower-case", func(i *in) { i.Name = ".." }},
		{"name with a line break", "name", "Lower-case", func(i *in) { i.Name = "hub\n" }},
		{"name with a hyphen at its end", "name", "hyphen", func(i *in) { i.Name = "hub-" }},
		{"name too long", "name", "63", func(i *in) { i.Name = long(64) }},
		{"longest name", "", "", func(i *in) { i.Name = long(63) }},
		{"label too long", "label", "120", func(i *in) { i.Label = long(121) }},
		{"label in letters beyond ASCII", "", "", func(i *in) { i.Label = strings.Repeat("é", 120) }},
		{"label with NUL", "label", "cannot be shown", func(i *in) { i.Label = "a\x00b" }},
		{"label of two lines", "label", "one line", func(i *in) { i.Label = "a\r\nb" }},
		{"label not UTF-8", "label", "UTF-8", func(i *in) { i.Label = "a\xffb" }},
		{"type", "type", "Choose crm, sms, psa, billing or other.", func(i *in) { i.Type = "CRM" }},
		{"description too long", "description", "10000", func(i *in) { i.Description = long(10_001) }},
		{"description with escape", "description", "cannot be shown", func(i *in) { i.Description = "\x1b[31m" }},
		{"visibility", "visibility", "Choose shared or private.", func(i *in) { i.Visibility = "public" }},
		{"private without customer", "customer", "needs its customer", func(i *in) { i.Visibility = "private" }},
		{"private with customer", "", "", func(i *in) { i.Visibility, i.Customer = "private", "acme" }},
		{"shared with customer", "customer", "Only a private", func(i *in) { i.Customer = "acme" }},
		{"customer that is none", "customer", "short name", func(i *in) { i.Visibility, i.Customer = "private", "Acme Ltd" }},
		{"preset", "preset", "preset", func(i *in) { i.Preset = "../../etc" }},

		{"too many parameters", "parameters", "100", func(i *in) { i.Parameters, i.Endpoints = make([]Parameter, 101), nil }},
		{"parameter without name", "parameters.0.name", "letter first", func(i *in) { i.Parameters[0].Name = ""; i.Endpoints = nil }},
		{"parameter name with a dot", "parameters.2.name", "letter first", func(i *in) { i.Parameters[2].Name = "a.b" }},
		{"parameter name with a line break", "parameters.2.name", "letter first", func(i *in) { i.Parameters[2].Name = "a\r\nX: 1" }},
		{"parameter named twice", "parameters.2.name", "Another", func(i *in) { i.Parameters[2].Name = "tenant" }},
		{"parameter place", "parameters.2.in", "Choose header, query, path or body.", func(i *in) { i.Parameters[2].In = "cookie" }},
		{"parameter transform", "parameters.2.transform", "Choose none, md5", func(i *in) { i.Parameters[2].Transform = "rot13" }},
		{"parameter label", "parameters.2.label", "120", func(i *in) { i.Parameters[2].Label = long(121) }},
		{"default of a secret", "parameters.0.default", "no secrets", func(i *in) { i.Parameters[0].Default = "hunter2" }},
		{"default against the pattern", "parameters.1.default", "form asked for", func(i *in) { i.Parameters[1].Default = "ACME" }},
		{"default matches only in part", "parameters.1.default", "form asked for", func(i *in) { i.Parameters[1].Default = "acme\n" }},
		{"default with a line break in a header", "parameters.2.default", "one line", func(i *in) { i.Parameters[2].In, i.Parameters[2].Default = "header", "a\r\nX: 1" }},
		{"default too long", "parameters.2.default", "65536", func(i *in) { i.Parameters[2].Default = long(64<<10 + 1) }},
		{"example too long", "parameters.2.example", "1000", func(i *in) { i.Parameters[2].Example = long(1001) }},
		{"help too long", "parameters.2.help", "10000", func(i *in) { i.Parameters[2].Help = long(10_001) }},
		{"prefix of two lines", "parameters.2.prefix", "one line", func(i *in) { i.Parameters[2].Prefix = "a\nb" }},
		{"suffix of two lines", "parameters.2.suffix", "one line", func(i *in) { i.Parameters[2].Suffix = "a\nb" }},
		{"pattern that is none", "parameters.2.pattern", "missing closing )", func(i *in) { i.Parameters[2].Pattern = "(" }},
		{"pattern that looks behind", "parameters.2.pattern", "RE2", func(i *in) { i.Parameters[2].Pattern = "(?<=a)b" }},
		{"pattern that takes long", "parameters.2.pattern", "too long", func(i *in) { i.Parameters[2].Pattern = "(a{0,100}){0,10}b" }},
		{"pattern that is huge", "parameters.2.pattern", "1000", func(i *in) { i.Parameters[2].Pattern = long(1001) }},
		{"pattern of an everyday key", "", "", func(i *in) { i.Parameters[2].Pattern = "[0-9a-fA-F-]{36}" }},

		{"too many endpoints", "endpoints", "500", func(i *in) { i.Endpoints = make([]Endpoint, 501) }},
		{"endpoint without name", "endpoints.3.name", "letter first", func(i *in) { i.Endpoints[3].Name = "" }},
		{"endpoint name with a hyphen", "endpoints.3.name", "letter first", func(i *in) { i.Endpoints[3].Name = "get-image" }},
		{"endpoint name with markup", "endpoints.3.name", "letter first", func(i *in) { i.Endpoints[3].Name = "<script>" }},
		{"endpoint name too long", "endpoints.3.name", "64", func(i *in) { i.Endpoints[3].Name = long(65) }},
		{"endpoint named twice", "endpoints.3.name", "Another endpoint", func(i *in) { i.Endpoints[3].Name = "find" }},
		{"endpoint label", "endpoints.3.label", "120", func(i *in) { i.Endpoints[3].Label = long(121) }},
		{"endpoint description", "endpoints.3.description", "10000", func(i *in) { i.Endpoints[3].Description = long(10_001) }},
		{"endpoint type", "endpoints.0.type", "Choose GetData, PostData", func(i *in) { i.Endpoints[0].Type = "getdata" }},
		{"direction", "endpoints.0.direction", "Choose outbound or inbound.", func(i *in) { i.Endpoints[0].Direction = "both" }},
		{"inbound that goes out", "endpoints.5.direction", "inbound", func(i *in) { i.Endpoints[5].Direction = "outbound" }},
		{"inbound with a URL", "endpoints.5.url", "leave the URL empty", func(i *in) { i.Endpoints[5].URL = "/x" }},
		{"method in small letters", "endpoints.0.method", "Choose GET, POST, PUT, PATCH, DELETE or HEAD.", func(i *in) { i.Endpoints[0].Method = "get" }},
		{"method CONNECT", "endpoints.0.method", "Choose GET", func(i *in) { i.Endpoints[0].Method = "CONNECT" }},
		{"auth", "endpoints.0.auth", "Choose inherit or none.", func(i *in) { i.Endpoints[0].Auth = "basic" }},

		{"param that is none", "endpoints.0.params.0", "no parameter", func(i *in) { i.Endpoints[0].Params[0] = "Nope" }},
		{"param twice", "endpoints.0.params.1", "twice", func(i *in) { i.Endpoints[0].Params[1] = "X-Api-Key" }},
		{"path param without place", "endpoints.0.params.1", "no {tenant}", func(i *in) { i.Endpoints[0].URL = "https://{{host}}/" }},
		{"path row without place", "endpoints.1.path.0.name", "no {id}", func(i *in) { i.Endpoints[1].URL = "/items" }},
		{"path row twice", "endpoints.1.path.1.name", "Another path row", func(i *in) { i.Endpoints[1].Path = append(i.Endpoints[1].Path, Row{Name: "id"}) }},
		{"path row without name", "endpoints.1.path.1.name", "Name this row", func(i *in) { i.Endpoints[1].Path = append(i.Endpoints[1].Path, Row{}) }},

		{"header without name", "endpoints.0.headers.0.name", "letters, digits and hyphens", func(i *in) { i.Endpoints[0].Headers[0].Name = "" }},
		{"header name with a colon", "endpoints.0.headers.0.name", "without spaces or a colon", func(i *in) { i.Endpoints[0].Headers[0].Name = "Accept:" }},
		{"header name with a line break", "endpoints.0.headers.0.name", "letters", func(i *in) { i.Endpoints[0].Headers[0].Name = "A\r\nB" }},
		{"header name beyond ASCII", "endpoints.0.headers.0.name", "letters", func(i *in) { i.Endpoints[0].Headers[0].Name = "Naïve" }},
		{"header value of two lines", "endpoints.0.headers.0.value", "one line", func(i *in) { i.Endpoints[0].Headers[0].Value = "a\r\nX-Evil: 1" }},
		{"header value with NUL", "endpoints.0.headers.0.value", "one line", func(i *in) { i.Endpoints[0].Headers[0].Value = "a\x00" }},
		{"header value too long", "endpoints.0.headers.0.value", "64 KiB", func(i *in) { i.Endpoints[0].Headers[0].Value = long(64<<10 + 1) }},
		{"managed headers are accepted", "", "", func(i *in) { i.Endpoints[0].Headers[0] = Row{Name: "Content-Length", Value: "0"} }},
		{"too many headers", "endpoints.0.headers", "100", func(i *in) { i.Endpoints[0].Headers = make([]Row, 101) }},
		{"too many query rows", "endpoints.0.query", "100", func(i *in) { i.Endpoints[0].Query = make([]Row, 101) }},
		{"query row without name", "endpoints.0.query.0.name", "Name this row", func(i *in) { i.Endpoints[0].Query[0].Name = "" }},
		{"query name too long", "endpoints.0.query.0.name", "256", func(i *in) { i.Endpoints[0].Query[0].Name = long(257) }},
		{"query name with a line break", "endpoints.0.query.0.name", "cannot be sent", func(i *in) { i.Endpoints[0].Query[0].Name = "a\nb" }},
		{"query value not UTF-8", "endpoints.0.query.0.value", "UTF-8", func(i *in) { i.Endpoints[0].Query[0].Value = "\xff" }},
		{"source", "endpoints.0.query.0.source", "Choose field, auth", func(i *in) { i.Endpoints[0].Query[0].Source = "env" }},
		{"source with a template", "endpoints.0.query.0.value", "bare name", func(i *in) { i.Endpoints[0].Query[0].Source = "ctx" }},
		{"source auth", "endpoints.0.query.0.value", "token", func(i *in) { i.Endpoints[0].Query[0] = Row{Name: "a", Source: "auth", Value: "secret"} }},
		{"source field of no parameter", "endpoints.0.query.0.value", "no parameter", func(i *in) { i.Endpoints[0].Query[0] = Row{Name: "a", Source: "field", Value: "Nope"} }},
		{"too many hard rows", "endpoints.0.hard", "100", func(i *in) { i.Endpoints[0].Hard = make([]HardRow, 101) }},
		{"hard row place", "endpoints.0.hard.0.in", "Choose header", func(i *in) { i.Endpoints[0].Hard[0].In = "cookie" }},
		{"hard row name", "endpoints.0.hard.0.name", "letter first", func(i *in) { i.Endpoints[0].Hard[0].Name = "a b" }},
		{"hard header name", "endpoints.0.hard.0.name", "header name", func(i *in) { i.Endpoints[0].Hard[0] = HardRow{In: "header", Name: "a b"} }},
		{"hard header value", "endpoints.0.hard.0.value", "one line", func(i *in) { i.Endpoints[0].Hard[0] = HardRow{In: "header", Name: "A", Value: "b\nc"} }},
		{"hard path row without place", "endpoints.0.hard.0.name", "no {x}", func(i *in) { i.Endpoints[0].Hard[0] = HardRow{In: "path", Name: "x"} }},

		{"body kind", "endpoints.2.body.kind", "Choose none, raw", func(i *in) { i.Endpoints[2].Body = Body{Kind: "yaml"} }},
		{"content without a kind", "endpoints.3.body.kind", "would not be sent", func(i *in) { i.Endpoints[3].Body.Content = "x" }},
		{"rows in a JSON body", "endpoints.2.body.rows", "form and multipart", func(i *in) { i.Endpoints[2].Body.Kind = "json" }},
		{"content in a form", "endpoints.2.body.content", "as rows", func(i *in) { i.Endpoints[2].Body.Content = "a=b" }},
		{"content too long", "endpoints.3.body.content", "256 KiB", func(i *in) { i.Endpoints[3].Body = Body{Kind: "raw", Content: long(256<<10 + 1)} }},
		{"content not UTF-8", "endpoints.3.body.content", "UTF-8", func(i *in) { i.Endpoints[3].Body = Body{Kind: "raw", Content: "\xfe"} }},
		{"body row without name", "endpoints.2.body.rows.0.name", "Name this row", func(i *in) { i.Endpoints[2].Body.Rows[0].Name = "" }},
		{"too many body rows", "endpoints.2.body.rows", "100", func(i *in) { i.Endpoints[2].Body.Rows = make([]BodyRow, 101) }},
		{"file name in a form", "endpoints.2.body.rows.0.file_name", "multipart", func(i *in) { i.Endpoints[2].Body.Rows[0].FileName = "a" }},
		{"content type in a form", "endpoints.2.body.rows.0.content_type", "multipart", func(i *in) { i.Endpoints[2].Body.Rows[0].ContentType = "text/plain" }},
		{"content type that is none", "endpoints.1.body.rows.0.content_type", "text/plain", func(i *in) { i.Endpoints[1].Body.Rows[0].ContentType = "text" }},
		{"file name of two lines", "endpoints.1.body.rows.0.file_name", "one line", func(i *in) { i.Endpoints[1].Body.Rows[0].FileName = "a\r\nb" }},
		{"no data", "endpoints.1.body", "choose a mapping or write a body", func(i *in) {
			i.Endpoints[1] = Endpoint{Name: "save", Type: "PostData", Method: "POST", URL: "/x", Headers: []Row{{Name: "A", Value: "b"}}}
		}},
		{"data by the URL", "", "", func(i *in) {
			i.Endpoints[1] = Endpoint{Name: "save", Type: "PostData", Method: "POST", URL: "/x/{{id}}"}
		}},
		{"no data where none is asked", "", "", func(i *in) { i.Endpoints[1] = Endpoint{Name: "save", Type: "PostData", Method: "DELETE", URL: "/x"} }},
		{"login without the token", "endpoints.4.url", "{{authToken}}", func(i *in) { i.Endpoints[4].URL = "/check?t={{authtoken}}" }},
		{"login token in a row that is off", "endpoints.4.url", "{{authToken}}", func(i *in) {
			i.Endpoints[4].URL, i.Endpoints[4].Query = "/check", []Row{{Name: "t", Value: "{{authToken}}", Enabled: Switch(false)}}
		}},
		{"login token by source", "", "", func(i *in) {
			i.Endpoints[4].URL, i.Endpoints[4].Headers = "/check", []Row{{Name: "T", Source: "event", Value: "authToken"}}
		}},
		{"login token in the body", "", "", func(i *in) {
			i.Endpoints[4].URL, i.Endpoints[4].Method, i.Endpoints[4].Body = "/check", "POST", Body{Kind: "json", Content: `{"t":"{{event.authToken}}"}`}
		}},

		{"response type", "endpoints.0.response.type", "Choose auto, json", func(i *in) { i.Endpoints[0].Response.Type = "JSON" }},
		{"delimiter of JSON", "endpoints.0.response.delimiter", "TEXT and CSV", func(i *in) { i.Endpoints[0].Response.Delimiter = "," }},
		{"delimiter too long", "endpoints.0.response.delimiter", "16", func(i *in) { i.Endpoints[0].Response.Type, i.Endpoints[0].Response.Delimiter = "text", long(17) }},
		{"delimiter of CSV", "endpoints.0.response.delimiter", "one character", func(i *in) { i.Endpoints[0].Response.Type, i.Endpoints[0].Response.Delimiter = "csv", "||" }},
		{"key of two lines", "endpoints.0.response.key", "one line", func(i *in) { i.Endpoints[0].Response.Key = "a\nb" }},
		{"key too long", "endpoints.0.response.key", "1000", func(i *in) { i.Endpoints[0].Response.Key = long(1001) }},
		{"items too long", "endpoints.0.response.items", "1000", func(i *in) { i.Endpoints[0].Response.Items = long(1001) }},
		{"identifier too long", "endpoints.0.response.identifier", "1000", func(i *in) { i.Endpoints[0].Response.Identifier = long(1001) }},
		{"status 101", "endpoints.0.response.statuses.1", "200 to 599", func(i *in) { i.Endpoints[0].Response.Statuses[1] = 101 }},
		{"status 600", "endpoints.0.response.statuses.0", "200 to 599", func(i *in) { i.Endpoints[0].Response.Statuses[0] = 600 }},
		{"too many statuses", "endpoints.0.response.statuses", "100", func(i *in) { i.Endpoints[0].Response.Statuses = make([]int, 101) }},
		{"output without name", "endpoints.0.response.outputs.0.name", "letter first", func(i *in) { i.Endpoints[0].Response.Outputs[0].Name = "" }},
		{"output without path", "endpoints.0.response.outputs.0.path", "where in the answer", func(i *in) { i.Endpoints[0].Response.Outputs[0].Path = "" }},
		{"output twice", "endpoints.0.response.outputs.1.name", "Another output", func(i *in) {
			i.Endpoints[0].Response.Outputs = append(i.Endpoints[0].Response.Outputs, Output{Name: "id", Path: "x"})
		}},
		{"too many outputs", "endpoints.0.response.outputs", "100", func(i *in) { i.Endpoints[0].Response.Outputs = make([]Output, 101) }},
		{"success without path", "endpoints.0.response.success.path", "where in the answer", func(i *in) { i.Endpoints[0].Response.Success.Path = "" }},
		{"success operator", "endpoints.0.response.success.op", "Choose =, !=", func(i *in) { i.Endpoints[0].Response.Success.Op = "like" }},
		{"success changed", "endpoints.0.response.success.op", "Choose", func(i *in) { i.Endpoints[0].Response.Success.Op = "changed" }},
		{"success pattern", "endpoints.0.response.success.value", "RE2", func(i *in) { *i.Endpoints[0].Response.Success = Success{"a", "matches", "("} }},
		{"success pattern that takes long", "endpoints.0.response.success.value", "too long", func(i *in) { *i.Endpoints[0].Response.Success = Success{"a", "matches", "(a{0,100}){0,10}b"} }},
		{"success between one", "endpoints.0.response.success.value", "two bounds", func(i *in) { *i.Endpoints[0].Response.Success = Success{"a", "between", "1"} }},
		{"success greater than nothing", "endpoints.0.response.success.value", "number", func(i *in) { *i.Endpoints[0].Response.Success = Success{"a", ">", ""} }},
		{"success in nothing", "endpoints.0.response.success.value", "something", func(i *in) { *i.Endpoints[0].Response.Success = Success{"a", "in", ""} }},
		{"success empty with a value", "endpoints.0.response.success.value", "nothing", func(i *in) { *i.Endpoints[0].Response.Success = Success{"a", "is empty", "x"} }},
		{"contract", "endpoints.0.contract", "Choose none, result", func(i *in) { i.Endpoints[0].Contract = "any" }},
		{"contract of a document", "endpoints.3.contract", "contract document", func(i *in) { i.Endpoints[3].Contract = "records" }},
		{"contract token elsewhere", "endpoints.0.contract", "type Auth", func(i *in) { i.Endpoints[0].Contract = "token" }},
		{"document as JSON", "endpoints.3.response.type", "auto or binary", func(i *in) { i.Endpoints[3].Response.Type = "json" }},
		{"records from bytes", "endpoints.3.response.type", "binary", func(i *in) {
			i.Endpoints[3] = Endpoint{Name: "x", URL: "/", Contract: "records", Response: Response{Type: "binary"}}
		}},

		{"token elsewhere", "endpoints.0.token", "type Auth", func(i *in) { i.Endpoints[0].Token = &Token{} }},
		{"token location", "endpoints.2.token.location", "Choose json", func(i *in) { i.Endpoints[2].Token.Location = "body" }},
		{"token header", "endpoints.2.token.path", "header", func(i *in) { i.Endpoints[2].Token.Location, i.Endpoints[2].Token.Path = "header", "a b" }},
		{"token element", "endpoints.2.token.path", "element", func(i *in) { i.Endpoints[2].Token.Location, i.Endpoints[2].Token.Path = "xml", "" }},
		{"token expiry", "endpoints.2.token.expires_in", "year", func(i *in) { i.Endpoints[2].Token.ExpiresIn = -1 }},
		{"token expiry kind", "endpoints.2.token.expires_kind", "Choose seconds or moment.", func(i *in) { i.Endpoints[2].Token.ExpiresKind = "minutes" }},
		{"token prefix", "endpoints.2.token.prefix", "one line", func(i *in) { i.Endpoints[2].Token.Prefix = "Bearer\r\n" }},
		{"token place", "endpoints.2.token.place.in", "header or query", func(i *in) { i.Endpoints[2].Token.Place.In = "body" }},
		{"token place name", "endpoints.2.token.place.name", "header name", func(i *in) { i.Endpoints[2].Token.Place = &TokenPlace{In: "header", Name: "a b"} }},

		{"repeat", "endpoints.0.repeat", "Choose safe, check_first or never.", func(i *in) { i.Endpoints[0].Repeat = "always" }},
		{"look-up without check_first", "endpoints.0.lookup", "check_first", func(i *in) { i.Endpoints[0].Lookup = "image" }},
		{"check_first without look-up", "endpoints.1.lookup", "Choose the endpoint", func(i *in) { i.Endpoints[1].Lookup = "" }},
		{"look-up that is none", "endpoints.1.lookup", "no endpoint", func(i *in) { i.Endpoints[1].Lookup = "nope" }},
		{"look-up of itself", "endpoints.1.lookup", "its own", func(i *in) { i.Endpoints[1].Lookup = "save" }},
		{"look-up that writes", "endpoints.1.lookup", "safe to repeat", func(i *in) { i.Endpoints[1].Lookup = "auth" }},

		{"time-out", "endpoints.0.policy.timeout_s", "1 to 120", func(i *in) { i.Endpoints[0].Policy.TimeoutS = 121 }},
		{"time-out below zero", "endpoints.0.policy.timeout_s", "1 to 120", func(i *in) { i.Endpoints[0].Policy.TimeoutS = -1 }},
		{"connect time-out", "endpoints.0.policy.connect_timeout_s", "1 to 30", func(i *in) { i.Endpoints[0].Policy.ConnectTimeoutS = 31 }},
		{"answer too large", "endpoints.0.policy.max_response_bytes", "25 MiB", func(i *in) { i.Endpoints[0].Policy.MaxResponseBytes = 25<<20 + 1 }},
		{"policy statuses", "endpoints.0.policy.ok_statuses.0", "200 to 599", func(i *in) { i.Endpoints[0].Policy.OKStatuses[0] = 0 }},
		{"more hosts", "endpoints.0.policy.extra_hosts", "integrator", func(i *in) { i.Endpoints[0].Policy.ExtraHosts = []string{"a.test"} }},

		{"too many triggers", "endpoints.5.triggers", "50", func(i *in) { i.Endpoints[5].Triggers = make([]Trigger, 51) }},
		{"trigger kind", "endpoints.5.triggers.0.kind", "Choose event", func(i *in) { i.Endpoints[5].Triggers[0].Kind = "" }},
		{"trigger event", "endpoints.5.triggers.0.event", "no such event", func(i *in) { i.Endpoints[5].Triggers[0].Event = "call.exploded" }},
		{"trigger of its own event", "", "", func(i *in) { i.Endpoints[5].Triggers[0].Event = "custom.ours" }},
		{"trigger without event", "endpoints.5.triggers.0.event", "Choose an event", func(i *in) { i.Endpoints[5].Triggers[0].Event = "" }},
		{"trigger on", "endpoints.5.triggers.0.on", "Choose success", func(i *in) { i.Endpoints[5].Triggers[0].On = "always" }},
		{"trigger cron", "endpoints.5.triggers.0.cron", "Five fields", func(i *in) { i.Endpoints[5].Triggers[0].Cron = "every day" }},
		{"schedule without cron", "endpoints.5.triggers.0.cron", "Five fields", func(i *in) { i.Endpoints[5].Triggers[0].Kind = "schedule" }},
		{"trigger zone", "endpoints.5.triggers.0.time_zone", "Europe/Amsterdam", func(i *in) { i.Endpoints[5].Triggers[0].TimeZone = "../../etc/passwd" }},
		{"trigger output", "endpoints.5.triggers.0.output", "letter first", func(i *in) { i.Endpoints[5].Triggers[0].Output = "a b" }},
		{"trigger position", "endpoints.5.triggers.0.position", "10000", func(i *in) { i.Endpoints[5].Triggers[0].Position = -1 }},
		{"trigger scope", "endpoints.5.triggers.0.scope.lists.0", "Fill this in", func(i *in) { i.Endpoints[5].Triggers[0].Scope = &Scope{Lists: []string{" "}} }},
		{"trigger window day", "endpoints.5.triggers.0.window.days.0", "Choose mon", func(i *in) { i.Endpoints[5].Triggers[0].Window = &Window{Days: []string{"Monday"}} }},
		{"trigger window time", "endpoints.5.triggers.0.window.to", "09:00", func(i *in) { i.Endpoints[5].Triggers[0].Window = &Window{From: "09:00", To: "24:00"} }},
		{"trigger window of no length", "endpoints.5.triggers.0.window.to", "never open", func(i *in) { i.Endpoints[5].Triggers[0].Window = &Window{From: "09:00", To: "09:00"} }},
		{"trigger delay", "endpoints.5.triggers.0.delay.fixed", "90s", func(i *in) { i.Endpoints[5].Triggers[0].Delay = &Delay{Fixed: "soon"} }},
		{"trigger delay by a field", "endpoints.5.triggers.0.delay.before_field", "callback_at", func(i *in) { i.Endpoints[5].Triggers[0].Delay = &Delay{BeforeField: "15m"} }},
		{"two delays", "endpoints.5.triggers.0.delay", "one kind", func(i *in) { i.Endpoints[5].Triggers[0].Delay = &Delay{Fixed: "1m", AfterLastCall: "1m"} }},
		{"trigger percent", "endpoints.5.triggers.0.percent", "0 to 100", func(i *in) { i.Endpoints[5].Triggers[0].Percent = new(101) }},
		{"trigger limit", "endpoints.5.triggers.0.limit.seconds", "86400", func(i *in) { i.Endpoints[5].Triggers[0].Limit = &Limit{Runs: 9} }},
		{"trigger retries", "endpoints.5.triggers.0.retry.attempts", "0 to 10", func(i *in) { i.Endpoints[5].Triggers[0].Retry = &Retry{Attempts: 11, IntervalS: 60} }},
		{"trigger retries too far apart", "endpoints.5.triggers.0.retry.interval_s", "360 minutes", func(i *in) { i.Endpoints[5].Triggers[0].Retry = &Retry{Attempts: 1, IntervalS: 21601} }},
		{"trigger missed", "endpoints.5.triggers.0.missed", "Choose once", func(i *in) { i.Endpoints[5].Triggers[0].Missed = "all" }},
		{"trigger batch", "endpoints.5.triggers.0.batch", "10000", func(i *in) { i.Endpoints[5].Triggers[0].Batch = -1 }},
		{"route without source", "endpoints.5.triggers.0.source", "Name the endpoint", func(i *in) { i.Endpoints[5].Triggers[0].Kind = "endpoint" }},
		{"cron that never comes", "endpoints.5.triggers.0.cron", "never comes", func(i *in) { i.Endpoints[5].Triggers[0].Cron = "0 0 30 2 *" }},
		{"cron too often", "endpoints.5.triggers.0.cron", "10s", func(i *in) { i.Endpoints[5].Triggers[0].Cron = "@every 1s" }},
		{"trigger stop_if", "endpoints.5.triggers.0.stop_if.op", "Choose", func(i *in) { i.Endpoints[5].Triggers[0].StopIf = &Condition{Field: "status"} }},
		{"condition within", "endpoints.5.triggers.0.conditions.0.value", "90s", func(i *in) { i.Endpoints[5].Triggers[0].Conditions[0] = Condition{"called_at", "within", "lately"} }},
		{"trigger name", "endpoints.5.triggers.0.name", "120", func(i *in) { i.Endpoints[5].Triggers[0].Name = long(121) }},
		{"condition field", "endpoints.5.triggers.0.conditions.0.field", "Name the field", func(i *in) { i.Endpoints[5].Triggers[0].Conditions[0].Field = "" }},
		{"condition operator", "endpoints.5.triggers.0.conditions.0.op", "Choose", func(i *in) { i.Endpoints[5].Triggers[0].Conditions[0].Op = "~" }},
		{"condition value", "endpoints.5.triggers.0.conditions.0.value", "1000", func(i *in) { i.Endpoints[5].Triggers[0].Conditions[0].Value = long(1001) }},
		{"too many conditions", "endpoints.5.triggers.0.conditions", "100", func(i *in) { i.Endpoints[5].Triggers[0].Conditions = make([]Condition, 101) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			i := sound()
			tt.spoil(&i)
			check(t, i.Validate(), tt.field, tt.words)
		})
	}
}

func TestEveryProblemIsToldAtOnce(t *testing.T) {
	t.Parallel()
	i := sound()
	i.Name, i.Endpoints[0].Method, i.Endpoints[1].URL = "", "FETCH", "ftp://x/{id}"
	got, _ := fault.FieldsOf(i.Validate())
	if want := []string{"endpoints.0.method", "endpoints.1.url", "name"}; !slices.Equal(fault.Names(got), want) {
		t.Errorf("problems at %q, want %q", fault.Names(got), want)
	}
}

func TestURLTemplates(t *testing.T) {
	t.Parallel()
	tests := []struct{ url, words string }{
		{"https://api.test/v1", ""},
		{"http://10.0.0.1:8080/x?y=1&z=%20", ""},
		{"https://[2001:db8::1]:8443/", ""},
		{"https://{{host}}", ""},
		{"https://{{field.sub}}.api.test:{{field.port}}/", ""},
		{"/path?x={{a}}", ""},
		{"{{var.BASE}}/v1?x=1", ""},
		{"{{ field.base_url }}", ""},
		{"${CW_BASE}/x", ""},
		{"/a/{id}/b/{other_id}", ""},
		{"/x?q={{a | default:\"}} # {\"}}", ""},
		{"", "Write the URL"},
		{"   ", "Write the URL"},
		{"api.test/v1", "Must start with https:// or /."},
		{"ftp://api.test", "Must start with https:// or /"},
		{"file:///etc/passwd", "Must start with https:// or /"},
		{"javascript:alert(1)", "Must start with https:// or /."},
		{"HTTPS://api.test/", "Must start with https:// or /"},
		{"{{phone}}/x", "Must start with https:// or /."},
		{"//api.test/x", "one slash"},
		{"https:///x", "host is missing"},
		{"https://", "host is missing"},
		{"https://user:pw@api.test/", "User name and password"},
		{"https://api.test\\@evil.test/", "User name and password"},
		{`https://api.test\x`, "backslash"},
		{"https://api.test:99x/", "name of a host"},
		{"https://api test/", "name of a host"},
		{"/a b", "%20"},
		{"/a?q=x#y", "%23"},
		{"/a/%zz", "hexadecimal"},
		{"/a?q=100%", "hexadecimal"},
		{"/a/{", "left over"},
		{"/a/{id", "left over"},
		{"/a\r\nHost: evil", "line break"},
		{"/a\x00", "line break"},
		{"/" + long(8<<10), "8 KiB"},
	}
	for _, tt := range tests {
		got := Endpoint{URL: tt.url}.checkURL()
		if (got == "") != (tt.words == "") || !strings.Contains(got, tt.words) {
			t.Errorf("%.60q: got %q, want %q", tt.url, got, tt.words)
		}
	}
}

func TestWarningsTellWhatIsOdd(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, field string
		e           Endpoint
	}{
		{"raw JSON without a type", "endpoints.0.body.content", Endpoint{Name: "a", Method: "POST", URL: "/", Body: Body{Kind: "raw", Content: `{"a":1}`}}},
		{"raw JSON with a type", "", Endpoint{Name: "a", Method: "POST", URL: "/", Body: Body{Kind: "raw", Content: `{"a":1}`}, Headers: []Row{{Name: "content-type", Value: "application/json"}}}},
		{"raw token", "", Endpoint{Name: "a", Method: "POST", URL: "/", Body: Body{Kind: "raw", Content: `{{input}}`}}},
		{"body of a GET", "endpoints.0.body.kind", Endpoint{Name: "a", URL: "/", Body: Body{Kind: "json", Content: "{}"}}},
		{"unfilled placeholder", "endpoints.0.url", Endpoint{Name: "a", URL: "/{id}"}},
		{"plain http", "endpoints.0.url", Endpoint{Name: "a", URL: "http://a.test/"}},
		{"a POST called safe", "endpoints.0.repeat", Endpoint{Name: "a", Method: "POST", URL: "/", Repeat: "safe"}},
		{"a POST with a key", "", Endpoint{Name: "a", Method: "POST", URL: "/", Repeat: "safe", Headers: []Row{{Name: "Idempotency-Key", Value: "{{run.id}}"}}}},
		{"triggers", "endpoints.0.triggers", Endpoint{Name: "a", URL: "/", Triggers: []Trigger{{Kind: "button"}}}},
		{"inbound", "endpoints.0.direction", Endpoint{Name: "a", Type: "Inbound"}},
	}
	for _, tt := range tests {
		i := Integration{Name: "x", Endpoints: []Endpoint{tt.e}}
		if err := i.Validate(); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		var got []string
		for _, p := range i.Warnings() {
			got = append(got, p.Field)
		}
		if strings.Join(got, " ") != tt.field {
			t.Errorf("%s: warnings at %q, want %q", tt.name, got, tt.field)
		}
	}
	weak := Integration{Name: "x", Parameters: []Parameter{{Name: "a", Transform: "md5"}, {Name: "b", In: "query", Secret: true}}}
	if got := weak.Warnings(); len(got) != 2 || got[0].Field != "parameters.0.transform" || got[1].Field != "parameters.1.in" {
		t.Errorf("warnings %q", got)
	}
}
