package response_test

import (
	"strconv"
	"strings"
	"testing"

	"tieline/internal/integration"
	"tieline/internal/redact"
	"tieline/internal/response"
	"tieline/internal/run"
)

func contacts(size int) string {
	var b strings.Builder
	b.WriteString(`{"total":7,"results":[`)
	for i := 0; b.Len() < size-40; i++ {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`{"id":"` + strconv.Itoa(1000+i) + `","name":"Contact ` + strconv.Itoa(i) + `","phone":"+1555123000` + strconv.Itoa(i%10) + `"}`)
	}
	b.WriteString(`]}`)
	return b.String()
}

func BenchmarkRead1KiB(b *testing.B) {
	x := answer(200, "application/json", contacts(1024))
	asked := response.Asked{
		Endpoint: integration.Endpoint{Response: integration.Response{Type: "json", Key: "results.0.id", Outputs: []integration.Output{{Name: "id", Path: "results.0.id"}}}},
		URL:      "https://vendor.test/v1/x", Hide: redact.New([]string{"gck-0123456789abcdef-taJ9"}),
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, f := response.Read(x, asked); f != nil {
			b.Fatal(f)
		}
	}
}

// Hostile answers must end soon: none of these may take more than a blink.
func BenchmarkHostile(b *testing.B) {
	for name, x := range hostile() {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				response.Read(x, response.Asked{Endpoint: integration.Endpoint{Response: integration.Response{Key: "x.y"}}, Hide: redact.New([]string{"gck-0123456789abcdef-taJ9"})})
			}
		})
	}
}

func hostile() map[string]run.Exchange {
	fill := func(s string, size int) string { return strings.Repeat(s, size/len(s)) }
	const most = 2<<20 - 100
	return map[string]run.Exchange{
		"json objects":  answer(200, "application/json", "["+fill("{},", most)+"{}]"),
		"json deep":     answer(200, "application/json", fill("[", most)),
		"json escapes":  answer(200, "application/json", `{"a":"`+fill(`\u0041`, most)+`"}`),
		"xml elements":  answer(200, "text/xml", "<r>"+fill(`<a b="1"/>`, most)+"</r>"),
		"xml deep":      answer(200, "text/xml", fill("<a>", most)),
		"xml text":      answer(200, "text/xml", "<r>"+fill("x&amp;", most)+"</r>"),
		"xml attribute": answer(200, "text/xml", "<r "+fill(`a="1" `, most)+"/>"),
		"xml names":     answer(200, "text/xml", "<r>"+fill("<a/>", 400_000)+"</r>"),
		"csv":           answer(200, "text/csv", "a,b\n"+fill("1,2\n", most)),
		"html":          answer(200, "text/html", "<html>"+fill("<input <form action=", most)),
		"html title":    answer(500, "text/html", "<html>"+fill("<title>", most)),
		"percent":       answer(500, "text/plain", fill("%25", most)),
		"backslashes":   answer(500, "text/plain", fill(`\\\`, most)),
		"xml pieces":    answer(200, "text/xml", "<r>"+fill("x<!---->", most)+"</r>"),
		"same names":    answer(200, "application/json", `{"message":1`+fill(`,"status":1`, 900_000)+`}`),
		"quotes":        answer(500, "application/json", `{"message":"`+fill(`\"`, most)+`"}`),
	}
}
