package imports

import (
	"strings"
	"testing"

	"tieline/internal/catalogue"
	"tieline/internal/document"
	"tieline/internal/integration"
)

// summary is an operation in a few lines, for comparing.
func summary(o catalogue.Operation) string {
	e := o.Endpoint
	lines := []string{e.Method + " " + e.URL}
	rows := func(kind string, list []integration.Row) {
		for _, r := range list {
			line := kind + " " + r.Name + "=" + r.Template()
			if !integration.On(r.Enabled) {
				line += " (off)"
			}
			lines = append(lines, line)
		}
	}
	rows("path", e.Path)
	rows("query", e.Query)
	rows("header", e.Headers)
	for _, p := range e.Params {
		lines = append(lines, "param "+p)
	}
	if e.Body.Kind != "" {
		lines = append(lines, "body "+e.Body.Kind)
	}
	if e.Body.Content != "" {
		lines = append(lines, e.Body.Content)
	}
	for _, r := range e.Body.Rows {
		line := "field " + r.Name + "=" + r.Value
		if r.FileName != "" {
			line += " file " + r.FileName
		}
		if !integration.On(r.Enabled) {
			line += " (off)"
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func auths(c catalogue.Catalogue) string {
	var kinds []string
	for _, a := range c.Auth {
		kinds = append(kinds, a.Kind)
	}
	return strings.Join(kinds, " ")
}

func noted(c catalogue.Catalogue, words string) bool {
	for _, n := range c.Notes {
		if strings.Contains(n.Place+" "+n.Message, words) {
			return true
		}
	}
	return false
}

func TestCURLCommandsOfEveryShell(t *testing.T) {
	t.Parallel()
	const json = "POST /v1/contacts\nheader Content-Type=application/json\nbody json\n"
	tests := []struct{ name, text, want string }{
		{"plain", `curl https://api.example.com/v1/ping`, "GET /v1/ping"},
		{"bash", "curl -X POST 'https://api.example.com/v1/contacts' \\\n  -H 'Content-Type: application/json' \\\n  -d '{\"name\":\"O'\\''Hara\"}'", json + `{"name":"O'Hara"}`},
		{"ansi", `curl https://api.example.com/v1/contacts -H 'Content-Type: application/json' --data-raw $'{"name":"O\'Hara\u0021"}'`, json + `{"name":"O'Hara!"}`},
		{"cmd", "curl \"https://api.example.com/v1/contacts\" ^\r\n  -H \"Content-Type: application/json\" ^\r\n  --data-raw \"{\\\"name\\\":\\\"a\\\"}\"", json + `{"name":"a"}`},
		{"newer cmd", "curl ^\"https://api.example.com/v1/contacts^\" ^\r\n  -H ^\"Content-Type: application/json^\" ^\r\n  --data-raw ^\"^{^\\^\"name^\\^\":^\\^\"a^\\^\"^}^\"", json + `{"name":"a"}`},
		{"powershell", "curl.exe https://api.example.com/v1/contacts `\n  -H 'Content-Type: application/json' `\n  -d '{\"name\":\"it''s\"}'", json + `{"name":"it's"}`},
		{"one line of an input", `curl -X POST https://api.example.com/v1/contacts \  -H 'Content-Type: application/json' \ -d '{"a":1}'`, json + `{"a":1}`},
		{"json", `curl --json '{"a":1}' https://api.example.com/v1/contacts`, "POST /v1/contacts\nheader Content-Type=application/json\nheader Accept=application/json\nbody json\n{\"a\":1}"},
		{
			"form", `curl https://api.example.com/sms -d to=%2B15551234567 -d 'text=Hi there' --data-urlencode 'note=a&b'`,
			"POST /sms\nheader Content-Type=application/x-www-form-urlencoded\nbody form\nfield to=+15551234567\nfield text=Hi there\nfield note=a&b",
		},
		{
			"multipart", `curl -F name=x -F 'file=@/tmp/a.pdf;type=application/pdf' https://api.example.com/up`,
			"POST /up\nbody multipart\nfield name=x\nfield file={{file}} file a.pdf",
		},
		{"query", `curl -G https://api.example.com/find -d q=abc --data-urlencode 'since=a b' --compressed -sSL`, "GET /find\nquery q=abc\nquery since=a b"},
		{"joined short options", `curl -XDELETE -sk https://api.example.com/v1/contacts/5`, "DELETE /v1/contacts/5"},
		{"head", `curl -I --url https://api.example.com/v1/ping`, "HEAD /v1/ping"},
		{"tokens", `curl 'https://api.example.com/find?phone=%phone_number%&x={{first_name}}&y=a%20b'`, "GET /find\nquery phone={{phone_number}}\nquery x={{first_name}}\nquery y=a b"},
		{"variable", `curl "https://api.example.com/$REGION/x"`, "GET /${REGION}/x"},
		{"no scheme", `curl api.example.com/x`, "GET /x"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, err := Read("", []byte(tt.text))
			if err != nil {
				t.Fatal(err)
			}
			if c.Format != catalogue.CURL || len(c.Operations) != 1 {
				t.Fatalf("%s with %d operations, want one of curl", c.Format, len(c.Operations))
			}
			if got := summary(c.Operations[0]); got != tt.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, tt.want)
			}
		})
	}
}

// What a command holds of credentials is nowhere in the catalogue, whatever way it was written.
func TestCredentialsOfACommandAreLeftOut(t *testing.T) {
	t.Parallel()
	const canary = "Zx9Kq2Lm7Rt4Vb1Nc8Wp"
	tests := []struct{ name, text, auth, want string }{
		{"basic", `curl -u user:` + canary + ` https://api.example.com/x`, "basic", "GET /x"},
		{"in the address", `curl https://user:` + canary + `@api.example.com/x`, "basic", "GET /x"},
		{"bearer", `curl -H 'Authorization: Bearer ` + canary + `' https://api.example.com/x`, "bearer", "GET /x"},
		{"own scheme", `curl -H 'Authorization: OAuth ` + canary + `' https://api.example.com/x`, "", "GET /x\nparam Authorization"},
		{"key header", `curl -H 'X-Api-Key: ` + canary + `' https://api.example.com/x`, "", "GET /x\nparam X-Api-Key"},
		{"any header by its look", `curl -H 'X-Tenant: ` + canary + `' https://api.example.com/x`, "", "GET /x\nparam X-Tenant"},
		{"query", `curl 'https://api.example.com/x?api_key=` + canary + `'`, "", "GET /x\nquery api_key={{field.api_key}}"},
		{"path", `curl https://hooks.example.com/services/` + canary + `/x`, "", "GET /services/{{field.PathSecret}}/x"},
		{"form", `curl -d 'password=` + canary + `' https://api.example.com/x`, "", "POST /x\nheader Content-Type=application/x-www-form-urlencoded\nbody form\nfield password={{field.password}}"},
		{
			"json", `curl --json '{"user":"a","password":"` + canary + `"}' https://api.example.com/x`, "",
			"POST /x\nheader Content-Type=application/json\nheader Accept=application/json\nbody json\n{\"user\":\"a\",\"password\":\"{{field.password}}\"}",
		},
		{
			"xml", `curl -H 'Content-Type: text/xml' -d '<a><ApiKey>` + canary + `</ApiKey></a>' https://api.example.com/x`, "",
			"POST /x\nheader Content-Type=text/xml\nbody xml\n<a><ApiKey>{{field.ApiKey}}</ApiKey></a>",
		},
		{"cookie", `curl -b 'sid=` + canary + `' https://api.example.com/x`, "", "GET /x"},
		{"token option", `curl --oauth2-bearer ` + canary + ` https://api.example.com/x`, "bearer", "GET /x"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, err := Read(catalogue.CURL, []byte(tt.text))
			if err != nil {
				t.Fatal(err)
			}
			if got := summary(c.Operations[0]); got != tt.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, tt.want)
			}
			if got := auths(c); got != tt.auth {
				t.Errorf("auth = %q, want %q", got, tt.auth)
			}
			in := c.Into(c.Fresh(), c.Operations)
			text, err := document.EncodeYAML(in)
			if err != nil || strings.Contains(string(text), canary) || strings.Contains(string(document.JSON(c)), canary) {
				t.Errorf("the secret is in the catalogue or the document (%v):\n%s", err, text)
			}
			if !noted(c, "left out") {
				t.Errorf("notes = %v, want one that says what was left out", c.Notes)
			}
			if err := in.Validate(); err != nil {
				t.Errorf("the document is refused: %v", err)
			}
		})
	}
}

func TestSeveralCommandsAndWhatIsNotUnderstood(t *testing.T) {
	t.Parallel()
	c, err := Read("", []byte("# first\ncurl https://a.example.com/one\n\ncurl https://b.example.com/two --frobnicate | jq .\nwget https://a.example.com/three\ncurl -k -d @body.json https://a.example.com/four\n"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, o := range c.Operations {
		got = append(got, o.Endpoint.Method+" "+o.Endpoint.URL)
	}
	if want := "GET /one, GET https://b.example.com/two, POST /four"; strings.Join(got, ", ") != want {
		t.Errorf("got %v, want %s", got, want)
	}
	for _, words := range []string{"--frobnicate is not understood", "Another host", "line 5 Not a cURL command", "-k:", "body.json was not read"} {
		if !noted(c, words) {
			t.Errorf("no note says %q: %v", words, c.Notes)
		}
	}
}

func FuzzCURL(f *testing.F) {
	for _, seed := range []string{`curl 'a' -d $'\x'`, "curl ^\"x^", "curl -", "curl \"$", "curl `", "curl -F =;", "curl -u", "curl https://a/{x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := Read(catalogue.CURL, []byte(text))
		if err != nil {
			return
		}
		for _, o := range c.Operations {
			if o.Endpoint.Name == "" || o.Endpoint.URL == "" {
				t.Fatalf("an endpoint without name or URL: %+v", o)
			}
		}
	})
}
