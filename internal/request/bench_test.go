package request_test

import (
	"encoding/json"
	"testing"

	"tieline/internal/integration"
	"tieline/internal/request"
)

// BenchmarkBuild builds the everyday call: a body of 300 bytes with 4 tokens, 4 headers, a token in the URL,
// bearer authentication.
func BenchmarkBuild(b *testing.B) {
	body := `{"first_name":"{{first_name}}","last_name":"{{last_name}}","phone":"{{phone_number}}","seconds":{{length_in_sec}},` +
		`"note":"a text of the usual length that stands in the template as it is, with no tokens in it at all, just words",` +
		`"tags":["inbound","sale","2026"],"nested":{"a":true,"b":null,"c":[1,2,3]}}`
	in := integration.Integration{Name: "crm", Endpoints: []integration.Endpoint{{
		Name: "save", Method: "POST", URL: "https://{{host}}/v1/contacts/{{lead_id}}",
		Headers: []integration.Row{
			{Name: "Accept", Value: "application/json"},
			{Name: "X-Call", Value: "{{call_log_id}}"},
			{Name: "X-Source", Value: "tieline"},
			{Name: "Content-Type", Value: "application/json"},
		},
		Body: integration.Body{Kind: "json", Content: body},
	}}}
	plan, err := request.Compile(in, "save")
	if err != nil {
		b.Fatal(err)
	}
	data := values{
		Host: "api.example.com", Auth: integration.Auth{Kind: "bearer"}, Secrets: map[string]string{"auth.token": "canary-7f3a9c21-0123456789"},
		Record: map[string]any{"first_name": "Test", "last_name": "O'Neill", "phone_number": "+15551234567", "lead_id": "1234567"},
		Call:   map[string]any{"call_log_id": "88", "length_in_sec": json.Number("73")},
	}.request()
	b.ReportAllocs()
	for b.Loop() {
		if _, failure := plan.Build(data); failure != nil {
			b.Fatal(failure)
		}
	}
}
