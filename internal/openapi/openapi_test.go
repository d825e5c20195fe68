package openapi

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"tieline/internal/catalogue"
	"tieline/internal/integration"
)

func read(t testing.TB, text string) catalogue.Catalogue {
	t.Helper()
	c, err := Read([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func endpoint(t testing.TB, c catalogue.Catalogue, name string) integration.Endpoint {
	t.Helper()
	for _, o := range c.Operations {
		if o.Endpoint.Name == name {
			return o.Endpoint
		}
	}
	t.Fatalf("there is no %s", name)
	return integration.Endpoint{}
}

func rows(list []integration.Row) string {
	var parts []string
	for _, r := range list {
		part := r.Name + "=" + r.Template()
		if !integration.On(r.Enabled) {
			part = "(" + part + ")"
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, " ")
}

func noted(c catalogue.Catalogue, words string) bool {
	for _, n := range c.Notes {
		if strings.Contains(n.Place+" "+n.Message, words) {
			return true
		}
	}
	return false
}

// The testdata are small documents with the faults of real ones; each names in its first lines what must be noted,
// as "# note: words", and "# refused: words" where it is none that can be read.
func TestBrokenDocumentsAreReadWithANoteForEachFault(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d documents, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			c, err := Read(text)
			wanted := 0
			for line := range strings.Lines(string(text)) {
				if words, ok := strings.CutPrefix(strings.TrimSpace(line), "# refused: "); ok {
					if err == nil || !strings.Contains(err.Error(), words) {
						t.Errorf("err = %v, want one that says %q", err, words)
					}
					return
				}
				if words, ok := strings.CutPrefix(strings.TrimSpace(line), "# note: "); ok {
					if wanted++; !noted(c, words) {
						t.Errorf("no note says %q: %v", words, c.Notes)
					}
				}
			}
			if err != nil {
				t.Fatal(err)
			}
			if wanted == 0 && len(c.Notes) > 0 {
				t.Errorf("nothing is wrong with it, and yet: %v", c.Notes)
			}
			if err := c.Into(c.Fresh(), c.Operations).Validate(); err != nil {
				t.Errorf("what is made of it cannot be saved: %v", err)
			}
		})
	}
}

func TestAnOperationBecomesAnEndpoint(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/fine-3.0.yaml")
	if err != nil {
		t.Fatal(err)
	}
	c := read(t, string(text))
	list := endpoint(t, c, "listTickets")
	for what, pair := range map[string][2]string{
		"url":        {list.URL, "/api/v2/tickets"},
		"query":      {rows(list.Query), "status={{status}} version=2024-01 (limit={{limit}})"},
		"headers":    {rows(list.Headers), "Idempotency-Key={{run.id}} (X-Trace={{X_Trace}}) Accept=application/json"},
		"params":     {strings.Join(list.Params, " "), "Tenant X-Desk-Key"},
		"contract":   {list.Contract + " " + list.Response.Items + " " + list.Response.Identifier, "records tickets id"},
		"pagination": {fmt.Sprint(*list.Pagination), fmt.Sprint(integration.Pagination{Kind: "cursor", CursorParam: "cursor", CursorPath: "meta.next_cursor"})},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s = %q, want %q", what, pair[0], pair[1])
		}
	}
	create := endpoint(t, c, "createTicket")
	const body = `{
  "subject": "{{subject}}",
  "kind": "phone",
  "requester": {
    "name": "{{requester.name}}",
    "state": {{requester.state}}
  },
  "lines": [{
    "sku": "{{lines.0.sku}}",
    "count": {{lines.0.count}}
  }],
  "tags": {{tags}}
}`
	if create.Type != "PostData" || create.Body.Kind != "json" || create.Body.Content != body {
		t.Errorf("body = %s", create.Body.Content)
	}
	if !strings.Contains(create.Description, "The body may also have: note, parent.") {
		t.Errorf("description = %q", create.Description)
	}
	if e := endpoint(t, c, "shape"); e.Body.Content != "{\n  \"a\": \"{{a}}\",\n  \"b\": {\n    \"c\": {{b.c}}\n  }\n}" || e.Auth != "none" || len(e.Params) != 0 {
		t.Errorf("of an example: %s, auth %q %v", e.Body.Content, e.Auth, e.Params)
	}
	form := endpoint(t, c, "upload")
	if form.Body.Kind != "multipart" || form.Body.Rows[0].FileName != "{{file_name}}" || integration.On(form.Body.Rows[1].Enabled) {
		t.Errorf("multipart = %+v", form.Body)
	}
	if e := endpoint(t, c, "sendXML"); e.Body.Content != "<Order>\n  <Number>{{Number}}</Number>\n</Order>" {
		t.Errorf("xml = %s", e.Body.Content)
	}
	if e := endpoint(t, c, "invoice"); e.Type != "Document" || rows(e.Path) != "invoice_id={{invoice_id}}" || e.URL != "/api/v2/invoices/{invoice_id}/pdf" {
		t.Errorf("document = %+v", e)
	}
	if e := endpoint(t, c, "find"); e.Response.Items != "" || e.Contract != "records" || e.Pagination.Kind != "page" {
		t.Errorf("list of the whole answer = %+v", e)
	}
	kinds := map[string]catalogue.Auth{}
	for _, a := range c.Auth {
		kinds[a.Kind] = a
	}
	if kinds["oauth2_client"].Settings["token_url"] != "https://desk.example.com/token" || kinds["oauth2_client"].Settings["scopes"] != "read write" || kinds["api_key_header"].Parameter != "X-Desk-Key" {
		t.Errorf("auth = %+v", c.Auth)
	}
	if p := c.Parameters[0]; p.Name != "X-Desk-Key" || !p.Secret || p.In != "header" {
		t.Errorf("parameters = %+v", c.Parameters)
	}
}

func TestVersion2IsReadLikeVersion3(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/fine-2.0.yaml")
	if err != nil {
		t.Fatal(err)
	}
	c := read(t, string(text))
	if c.Servers[0] != "https://pets.example.com/v1" {
		t.Errorf("servers = %q", c.Servers)
	}
	if e := endpoint(t, c, "addPet"); e.URL != "/v1/pets" || e.Body.Content != "{\n  \"name\": \"{{name}}\",\n  \"age\": {{age}}\n}" || rows(e.Headers) != "Content-Type=application/json Accept=application/json" {
		t.Errorf("addPet = %+v", e)
	}
	if e := endpoint(t, c, "photo"); e.Body.Kind != "multipart" || e.Body.Rows[0].FileName == "" {
		t.Errorf("photo = %+v", e.Body)
	}
	if e := endpoint(t, c, "listPets"); e.Contract != "records" || e.Response.Type != "json" {
		t.Errorf("listPets = %+v", e)
	}
	if len(c.Auth) != 2 || c.Auth[0].Kind != "basic" || c.Auth[1].Settings["token_url"] == "" {
		t.Errorf("auth = %+v", c.Auth)
	}
}

// Hostile documents end with a reason or with notes, in bounded time and memory.
func TestHostileDocumentsAreBounded(t *testing.T) {
	var paths strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&paths, `%q:{"get":{}},`, fmt.Sprintf("/p%d", i))
	}
	var bomb, merges strings.Builder
	bomb.WriteString("a0: &a0 {type: string}\n")
	for i := 1; i < 40; i++ {
		fmt.Fprintf(&bomb, "a%d: &a%d {type: object, properties: {x: *a%d, y: *a%d, z: *a%d}}\n", i, i, i-1, i-1, i-1)
	}
	bomb.WriteString("openapi: 3.0.0\ninfo: {title: bomb}\npaths:\n  /x:\n    post: {operationId: x, requestBody: {content: {application/json: {schema: *a39}}}, responses: {}}\n")
	merges.WriteString("m0: &m0 {a: 1, b: 2}\n")
	for i := 1; i < 40; i++ {
		fmt.Fprintf(&merges, "m%d: &m%d {<<: [*m%d, *m%d]}\n", i, i, i-1, i-1)
	}
	var wide strings.Builder // every schema refers to all others
	wide.WriteString(`{"openapi":"3.0.0","components":{"schemas":{`)
	for i := range 200 {
		refs := make([]string, 200)
		for k := range refs {
			refs[k] = fmt.Sprintf(`{"$ref":"#/components/schemas/S%d"}`, k)
		}
		fmt.Fprintf(&wide, `"S%d":{"allOf":[%s]},`, i, strings.Join(refs, ","))
	}
	wide.WriteString(`"end":{}}},"paths":{`)
	for i := range 500 {
		fmt.Fprintf(&wide, `"/w%d":{"post":{"requestBody":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/S1"}}}}}},`, i)
	}
	wide.WriteString(`"/end":{"get":{}}}}`)
	enum := `{"openapi":"3.0.0","info":{"title":"e"},"paths":{"/x":{"get":{"parameters":[{"name":"a","in":"query","required":true,"schema":{"enum":[` + strings.TrimSuffix(strings.Repeat(`"v",`, 200_000), ",") + `]}}]}}}}`
	tests := []struct{ name, text, refused string }{
		{"deep JSON", `{"openapi":"3.0.0","paths":` + strings.Repeat(`{"a":`, 9000) + "1" + strings.Repeat("}", 9000) + "}", "nested deeper"},
		{"very deep JSON", strings.Repeat(`{"a":`, 5_000_000), "nested deeper"},
		{"deep YAML", "openapi: 3.0.0\npaths: " + strings.Repeat("[", 5000) + strings.Repeat("]", 5000), "nested deeper"},
		{"very deep YAML", strings.Repeat("- ", 400_000), "YAML"},
		{"many paths", `{"openapi":"3.0.0","paths":{` + strings.TrimSuffix(paths.String(), ",") + "}}", "at most 20000"},
		{"many values", `{"openapi":"3.0.0","x":[` + strings.Repeat("1,", 2_000_000) + "1]}", "more than 1500000 values"},
		{"many YAML values", "openapi: 3.0.0\nx: [" + strings.Repeat("1,", 2_000_000) + "1]", "more than 1500000 values"},
		{"alias bomb", bomb.String(), ""},
		{"merge bomb", merges.String() + "openapi: 3.0.0\npaths: {/x: {get: {}}}\n", "more than 1500000 values"},
		{"schemas that all refer to each other", wide.String(), ""},
		{"a huge enum", enum, ""},
		{"an alias of itself", "openapi: 3.0.0\ninfo: {title: x}\npaths: &p\n  /x: {get: {responses: {}}}\n  /y: *p\n", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			began := time.Now()
			c, err := Read([]byte(tt.text))
			took := time.Since(began)
			runtime.ReadMemStats(&after)
			if took > 20*time.Second {
				t.Errorf("it took %v", took)
			}
			if grown := after.HeapInuse - min(before.HeapInuse, after.HeapInuse); grown > 600<<20 {
				t.Errorf("the heap grew by %d MiB", grown>>20)
			}
			switch {
			case tt.refused == "" && err != nil:
				t.Errorf("refused: %v", err)
			case tt.refused == "":
				for _, o := range c.Operations {
					if len(o.Endpoint.Body.Content) > 32<<10 {
						t.Errorf("a body of %d bytes", len(o.Endpoint.Body.Content))
					}
				}
			case err == nil || !strings.Contains(err.Error(), tt.refused):
				t.Errorf("err = %v, want one that says %q", err, tt.refused)
			}
			t.Logf("%v, %d bytes, heap %d MiB: %v", took, len(tt.text), after.HeapInuse>>20, err)
		})
	}
}

func FuzzRead(f *testing.F) {
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := Read([]byte(text))
		if err != nil {
			return
		}
		seen := map[string]bool{}
		for _, o := range c.Operations {
			if seen[o.Endpoint.Name] {
				t.Errorf("the name %s stands twice", o.Endpoint.Name)
			}
			seen[o.Endpoint.Name] = true
			if err := o.Endpoint.Validate(integration.Integration{Parameters: c.Parameters}); err != nil && len(o.Notes) == 0 {
				t.Errorf("%s cannot be saved, and nothing says so: %v", o.Endpoint.Name, err)
			}
		}
	})
}
