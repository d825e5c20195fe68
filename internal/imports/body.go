package imports

import (
	"encoding/json"
	"strings"

	"tieline/internal/catalogue"
	"tieline/internal/integration"
)

// body makes the endpoint's body of what was sent.
func (d *draft) body(s sample) {
	media := ""
	for _, h := range s.headers {
		if strings.EqualFold(strings.TrimSpace(h.name), "Content-Type") {
			media = strings.ToLower(h.value)
		}
	}
	switch {
	case s.kind == "form" || s.kind == "multipart":
		d.form(s.kind, s.fields)
	case s.body == "":
		return
	case strings.Contains(media, "x-www-form-urlencoded") && !strings.HasPrefix(strings.TrimSpace(s.body), "{"):
		d.form("form", pairs(s.body))
	case strings.Contains(media, "json"), media == "" && json.Valid([]byte(s.body)):
		d.out.Endpoint.Body = integration.Body{Kind: "json", Content: d.hideJSON(tokens(s.body))}
	case strings.Contains(media, "xml"):
		d.out.Endpoint.Body = integration.Body{Kind: "xml", Content: d.hideXML(tokens(s.body))}
	default:
		d.out.Endpoint.Body = integration.Body{Kind: "raw", Content: d.hideXML(d.hideJSON(tokens(s.body)))}
	}
	d.out.Body = d.out.Endpoint.Body.Kind != ""
	d.settle(media)
}

// settle adds the Content-Type that the body kind asks for where no header says one.
func (d *draft) settle(media string) {
	types := map[string]string{"json": "application/json", "form": "application/x-www-form-urlencoded", "xml": "application/xml"}
	if kind := types[d.out.Endpoint.Body.Kind]; media == "" && kind != "" {
		d.out.Endpoint.Headers = append(d.out.Endpoint.Headers, integration.Row{Name: "Content-Type", Value: kind})
	}
	if len(d.out.Endpoint.Body.Content) > 200<<10 {
		d.out.Endpoint.Body.Content = "{{body}}"
		d.note("The body is larger than an endpoint holds; it is left to you.")
	}
}

// pairs are the fields of a form as it is sent.
func pairs(body string) []field {
	var fields []field
	for pair := range strings.SplitSeq(strings.TrimSpace(body), "&") {
		name, value, _ := strings.Cut(pair, "=")
		if name != "" {
			fields = append(fields, field{name: plain(name), value: plain(value)})
		}
	}
	return fields
}

func (d *draft) form(kind string, fields []field) {
	d.out.Endpoint.Body.Kind = kind
	for i, f := range fields {
		if i == 100 {
			d.note("The form has more fields than a body holds; the first 100 were taken.")
			return
		}
		row := integration.BodyRow{Name: catalogue.Line(f.name, 200), Value: tokens(f.value), Enabled: integration.Switch(!f.off)}
		if kind == "multipart" {
			row.FileName, row.ContentType = catalogue.Line(f.file, 200), catalogue.Line(f.media, 100)
		}
		if d.isSecret(f.name, f.value) {
			row.Value = d.secret(f.name, "body")
		}
		d.out.Endpoint.Body.Rows = append(d.out.Endpoint.Body.Rows, row)
	}
}
