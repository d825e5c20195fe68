package imports

import (
	"strings"
	"testing"

	"tieline/internal/catalogue"
	"tieline/internal/document"
)

const canary = "Zx9Kq2Lm7Rt4Vb1Nc8Wp"

const collectionText = `{"info":{"name":"Shop API","schema":"https://schema.getpostman.com/json/collection/v2.1.0/collection.json"},
"auth":{"type":"apikey","apikey":[{"key":"key","value":"X-Shop-Key"},{"key":"value","value":"` + canary + `"},{"key":"in","value":"header"}]},
"variable":[{"key":"baseUrl","value":"https://shop.example.com/api"},{"key":"shop","value":"north"},{"key":"apiToken","value":"` + canary + `"}],
"event":[{"listen":"prerequest","script":{"exec":["pm.environment.set('a', 1)"]}}],
"item":[
 {"name":"Orders","item":[
  {"name":"List orders","request":{"method":"GET","header":[{"key":"Accept","value":"application/json"},{"key":"X-Debug","value":"1","disabled":true}],
   "url":{"raw":"{{baseUrl}}/shops/{{shop}}/orders?status=open&page=2","query":[{"key":"status","value":"open"},{"key":"page","value":"2","disabled":true}]}}},
  {"name":"Get order","request":{"method":"GET","auth":{"type":"noauth"},"url":{"raw":"{{baseUrl}}/orders/:orderId","variable":[{"key":"orderId","value":"5"}]}}},
  {"name":"Inner","item":[{"name":"Create order","event":[{"listen":"test","script":{"exec":["pm.test('x')"]}}],
   "request":{"method":"POST","auth":{"type":"bearer","bearer":[{"key":"token","value":"` + canary + `"}]},"url":"{{baseUrl}}/orders",
   "body":{"mode":"raw","raw":"{\"id\": \"{{$guid}}\", \"phone\": \"{{phone_number}}\", \"secret\": \"{{apiToken}}\"}","options":{"raw":{"language":"json"}}}}}]}]},
 {"name":"Log in","request":{"method":"POST","url":"{{baseUrl}}/login","body":{"mode":"urlencoded","urlencoded":[{"key":"user","value":"a"},{"key":"password","value":"` + canary + `"},{"key":"otp","value":"1","disabled":true}]}}},
 {"name":"Upload","request":{"method":"POST","url":"{{baseUrl}}/up","body":{"mode":"formdata","formdata":[{"key":"doc","type":"file","src":"/home/a.pdf"},{"key":"n","value":"1"}]}}},
 {"name":"Ask","request":{"method":"POST","url":"{{baseUrl}}/graphql","body":{"mode":"graphql","graphql":{"query":"{ shop { name } }","variables":"{}"}}}},
 {"name":"Plain","request":"https://other.example.com/x"}]}`

func TestAPostmanCollectionBecomesEndpoints(t *testing.T) {
	t.Parallel()
	c, err := Read("", []byte(collectionText))
	if err != nil {
		t.Fatal(err)
	}
	if c.Format != catalogue.Postman || c.Title != "Shop API" || c.Servers[0] != "https://shop.example.com" {
		t.Errorf("format %q, title %q, servers %q", c.Format, c.Title, c.Servers)
	}
	want := []string{
		"Orders: listOrders\nGET /api/shops/{{field.shop}}/orders\nquery status=open\nquery page={{page}} (off)\nheader Accept=application/json\nheader X-Debug=1 (off)",
		"Orders: getOrder\nGET /api/orders/{orderId}\npath orderId={{orderId}}",
		"Orders / Inner: createOrder\nPOST /api/orders\nheader Content-Type=application/json\nbody json\n{\"id\": \"{{run.id}}\", \"phone\": \"{{phone_number}}\", \"secret\": \"{{field.apiToken}}\"}",
		"Shop API: logIn\nPOST /api/login\nheader Content-Type=application/x-www-form-urlencoded\nbody form\nfield user=a\nfield password={{field.password}}\nfield otp=1 (off)",
		"Shop API: Upload\nPOST /api/up\nbody multipart\nfield doc={{doc}} file {{doc_name}}\nfield n=1",
		"Shop API: Ask\nPOST /api/graphql\nheader Content-Type=application/json\nbody json\n{\"query\":\"{ shop { name } }\"}",
		"Shop API: Plain\nGET https://other.example.com/x",
	}
	if len(c.Operations) != len(want) {
		t.Fatalf("%d operations, want %d", len(c.Operations), len(want))
	}
	for i, o := range c.Operations {
		if got := o.Group + ": " + o.Endpoint.Name + "\n" + summary(o); got != want[i] {
			t.Errorf("got:\n%s\nwant:\n%s", got, want[i])
		}
	}
	if got := auths(c); got != "api_key_header bearer" || c.Auth[0].Settings["name"] != "X-Shop-Key" {
		t.Errorf("auth = %q (%v)", got, c.Auth)
	}
	if c.Operations[1].Endpoint.Auth != "none" {
		t.Error("a request without authentication became one with it")
	}
	for _, words := range []string{"collection The prerequest script", "Orders / Inner / Create order The test script", "variables of the GraphQL", "part doc was not read"} {
		if !noted(c, words) {
			t.Errorf("no note says %q: %v", words, c.Notes)
		}
	}
	saved := c.Into(c.Fresh(), c.Operations)
	if err := saved.Validate(); err != nil {
		t.Error(err)
	}
	if p, _ := saved.Parameter("shop"); p.Default != "north" || p.Secret {
		t.Errorf("a plain variable became %+v", p)
	}
	if strings.Contains(string(document.JSON(c)), canary) {
		t.Error("a secret of the collection is in the catalogue")
	}
}

const harText = `{"log":{"version":"1.2","entries":[
 {"_resourceType":"document","request":{"method":"GET","url":"https://app.example.com/"},"response":{"content":{"mimeType":"text/html"}}},
 {"_resourceType":"image","request":{"method":"GET","url":"https://app.example.com/logo.png"},"response":{"content":{"mimeType":"image/png"}}},
 {"request":{"method":"GET","url":"https://api.example.com/v1/contacts?phone=%2B1555&access_token=` + canary + `","headers":[
   {"name":":authority","value":"api.example.com"},{"name":"Accept","value":"application/json"},{"name":"User-Agent","value":"Mozilla"},{"name":"sec-fetch-mode","value":"cors"},
   {"name":"Cookie","value":"sid=` + canary + `"},{"name":"Authorization","value":"Bearer ` + canary + `"},{"name":"X-CSRF-Token","value":"` + canary + `"}]},
  "response":{"content":{"mimeType":"application/json; charset=utf-8"}}},
 {"request":{"method":"GET","url":"https://api.example.com/v1/contacts?phone=2","headers":[]},"response":{"content":{"mimeType":"application/json"}}},
 {"request":{"method":"POST","url":"https://api.example.com/v1/login","headers":[{"name":"Content-Type","value":"application/json"}],"postData":{"mimeType":"application/json","text":"{\"user\":\"a\",\"password\":\"` + canary + `\"}"}},"response":{"content":{"mimeType":"application/json"}}},
 {"request":{"method":"POST","url":"https://stats.third.example/collect","headers":[{"name":"Content-Type","value":"application/x-www-form-urlencoded"}],"postData":{"mimeType":"application/x-www-form-urlencoded","params":[{"name":"t","value":"a%20b"}]}},"response":{"content":{"mimeType":"text/plain"}}}
]}}`

func TestARecordingBecomesEndpointsWithoutItsNoise(t *testing.T) {
	t.Parallel()
	c, err := Read("", []byte(harText))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"api.example.com\nGET /v1/contacts\nquery phone=+1555\nquery access_token={{field.access_token}}\nheader Accept=application/json\nparam X-CSRF-Token",
		"api.example.com\nPOST /v1/login\nheader Content-Type=application/json\nbody json\n{\"user\":\"a\",\"password\":\"{{field.password}}\"}",
		"stats.third.example\nPOST https://stats.third.example/collect\nheader Content-Type=application/x-www-form-urlencoded\nbody form\nfield t=a b",
	}
	if len(c.Operations) != len(want) {
		t.Fatalf("%d operations, want %d", len(c.Operations), len(want))
	}
	for i, o := range c.Operations {
		if got := o.Group + "\n" + summary(o); got != want[i] {
			t.Errorf("got:\n%s\nwant:\n%s", got, want[i])
		}
	}
	if c.Operations[0].Endpoint.Response.Type != "json" || auths(c) != "bearer" {
		t.Errorf("response %q, auth %q", c.Operations[0].Endpoint.Response.Type, auths(c))
	}
	if !noted(c, "2 pages, pictures") || !noted(c, "Cookies were left out") {
		t.Errorf("notes = %v", c.Notes)
	}
	if strings.Contains(string(document.JSON(c)), canary) {
		t.Error("a secret of the recording is in the catalogue")
	}
	if err := c.Into(c.Fresh(), c.Operations).Validate(); err != nil {
		t.Error(err)
	}
}

func TestWhatIsNoneOfThemIsRefusedWithAReason(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat(`{"item":[`, 60) + strings.Repeat(`]}`, 60)
	tests := []struct{ name, format, text, want string }{
		{"empty", "", "", "The document is empty."},
		{"prose", "", "hello", "no OpenAPI document"},
		{"broken recording", catalogue.HAR, `{"log":`, "not a HAR recording"},
		{"empty recording", catalogue.HAR, `{"log":{"entries":[]}}`, "no call"},
		{"broken collection", catalogue.Postman, `{"item":5}`, "not a Postman collection"},
		{"empty collection", catalogue.Postman, `{"info":{},"item":[]}`, "holds no request"},
		{"old collection", catalogue.Postman, `{"info":{"schema":"https://schema.getpostman.com/json/collection/v1.0.0/"},"item":[]}`, "version 1"},
		{"deep collection", catalogue.Postman, deep, "deeper than 50"},
		{"no command", catalogue.CURL, "wget x", "No cURL command"},
		{"no address", catalogue.CURL, "curl -k", "No cURL command"},
		{"too large", "", strings.Repeat(" ", catalogue.MaxBytes+1), "larger than 50 MiB"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := Read(tt.format, []byte(tt.text))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("err = %v, want one that says %q", err, tt.want)
			}
		})
	}
}
