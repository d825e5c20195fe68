package imports

import (
	"encoding/json"
	"strings"

	"tieline/internal/catalogue"
	"tieline/internal/integration"
)

// postmanRequest is one request of a collection.
type postmanRequest struct {
	Method string          `json:"method"`
	URL    json.RawMessage `json:"url"`
	Header json.RawMessage `json:"header"` // a list, or a text
	Auth   *auth           `json:"auth"`
	Body   *postmanBody    `json:"body"`
}

type postmanField struct {
	Key         string `json:"key"`
	Value       any    `json:"value"`
	Disabled    bool   `json:"disabled"`
	Type        string `json:"type"`
	Src         any    `json:"src"`
	ContentType string `json:"contentType"`
}

type postmanBody struct {
	Mode       string         `json:"mode"`
	Raw        string         `json:"raw"`
	URLEncoded []postmanField `json:"urlencoded"`
	FormData   []postmanField `json:"formdata"`
	GraphQL    *struct {
		Query     string `json:"query"`
		Variables any    `json:"variables"`
	} `json:"graphql"`
	Options struct {
		Raw struct {
			Language string `json:"language"`
		} `json:"raw"`
	} `json:"options"`
	Disabled bool `json:"disabled"`
}

func (r *postmanReader) request(i item, folder, place string, above *auth) {
	var q postmanRequest
	var address string
	if json.Unmarshal(i.Request, &address) == nil {
		q = postmanRequest{Method: "GET", URL: i.Request}
	} else if err := json.Unmarshal(i.Request, &q); err != nil {
		r.into.Note(place, "This request cannot be read: "+problem(err))
		return
	}
	s := sample{group: folder, name: i.Name, method: q.Method, place: place}
	if s.group == "" {
		s.group = r.into.Title
	}
	if s.method == "" {
		s.method = "GET"
	}
	off := r.address(&s, q.URL)
	if s.address == "" {
		r.into.Note(place, "This request has no address.")
		return
	}
	s.headers = r.headers(q.Header)
	r.body(&s, q.Body)
	if q.Auth != nil {
		above = q.Auth
	}
	r.auth(&s, above)
	at := len(r.into.Operations)
	r.add(s)
	for _, f := range off {
		row := integration.Row{Name: catalogue.Line(f.Key, 200), Value: catalogue.Token(f.Key), Enabled: integration.Switch(false)}
		if len(r.into.Operations[at].Endpoint.Query) < 100 && f.Key != "" {
			r.into.Operations[at].Endpoint.Query = append(r.into.Operations[at].Endpoint.Query, row)
		}
	}
	if above != nil && above.Type == "noauth" {
		r.into.Operations[at].Endpoint.Auth = "none"
	}
}

// address reads a URL, which is a text or an object. It gives the query parameters that are switched off.
func (r *postmanReader) address(s *sample, raw json.RawMessage) (off []postmanField) {
	var parts struct {
		Raw   string         `json:"raw"`
		Query []postmanField `json:"query"`
	}
	if json.Unmarshal(raw, &s.address) == nil {
		s.address = r.tokens(s.address)
		return nil
	}
	if json.Unmarshal(raw, &parts) != nil {
		return nil
	}
	s.address, _, _ = strings.Cut(parts.Raw, "?")
	var on []string
	for _, f := range parts.Query {
		if f.Disabled {
			off = append(off, f)
			continue
		}
		value, _ := f.Value.(string)
		on = append(on, f.Key+"="+strings.ReplaceAll(value, "&", "%26"))
	}
	if len(on) > 0 {
		s.address += "?" + strings.Join(on, "&")
	} else if _, query, ok := strings.Cut(parts.Raw, "?"); ok && len(parts.Query) == 0 {
		s.address += "?" + query
	}
	s.address = r.tokens(s.address)
	return off
}

func (r *postmanReader) headers(raw json.RawMessage) []field {
	var list []postmanField
	var text string
	var headers []field
	if json.Unmarshal(raw, &list) == nil {
		for _, h := range list {
			value, _ := h.Value.(string)
			headers = append(headers, field{name: h.Key, value: r.tokens(value), off: h.Disabled})
		}
	} else if json.Unmarshal(raw, &text) == nil {
		for line := range strings.Lines(text) {
			if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
				headers = append(headers, field{name: name, value: r.tokens(strings.TrimSpace(value))})
			}
		}
	}
	return headers
}

func (r *postmanReader) body(s *sample, b *postmanBody) {
	if b == nil || b.Disabled {
		return
	}
	typed := func(media string) {
		for _, h := range s.headers {
			if strings.EqualFold(h.name, "Content-Type") && !h.off {
				return
			}
		}
		s.headers = append(s.headers, field{name: "Content-Type", value: media})
	}
	switch b.Mode {
	case "", "none":
	case "raw":
		s.body = r.tokens(b.Raw)
		if media := map[string]string{"json": "application/json", "xml": "application/xml", "html": "text/html", "text": "text/plain"}[b.Options.Raw.Language]; media != "" && s.body != "" {
			typed(media)
		}
	case "urlencoded":
		s.kind, s.fields = "form", r.fields(s, b.URLEncoded)
	case "formdata":
		s.kind, s.fields = "multipart", r.fields(s, b.FormData)
	case "graphql":
		if b.GraphQL != nil {
			typed("application/json")
			text, err := json.Marshal(map[string]string{"query": b.GraphQL.Query})
			if s.body = r.tokens(string(text)); err == nil && b.GraphQL.Variables != nil {
				r.into.Note(s.place, "The variables of the GraphQL query were left out.")
			}
		}
	default:
		r.into.Note(s.place, "A body of the mode \""+catalogue.Line(b.Mode, 30)+"\" is not read; it is left to you.")
		s.body = "{{body}}"
	}
}

func (r *postmanReader) fields(s *sample, list []postmanField) []field {
	var fields []field
	for _, f := range list {
		value, _ := f.Value.(string)
		out := field{name: f.Key, value: r.tokens(value), off: f.Disabled, media: f.ContentType}
		if f.Type == "file" {
			r.into.Note(s.place, "The file of the part "+catalogue.Line(f.Key, 60)+" was not read; it is left to you.")
			out.value, out.file = catalogue.Token(f.Key), "{{"+catalogue.Segment(f.Key)+"_name}}"
		}
		fields = append(fields, out)
	}
	return fields
}
