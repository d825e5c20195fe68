package imports

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"tieline/internal/catalogue"
	"tieline/internal/fault"
	"tieline/internal/integration"
	"tieline/internal/redact"
)

// collection is a Postman collection 2.0 or 2.1, as far as calls can be made of it.
type collection struct {
	Info struct {
		Name   string `json:"name"`
		Schema string `json:"schema"`
	} `json:"info"`
	Item     []item     `json:"item"`
	Auth     *auth      `json:"auth"`
	Variable []variable `json:"variable"`
	Event    []event    `json:"event"`
}

type item struct {
	Name    string          `json:"name"`
	Item    []item          `json:"item"`
	Request json.RawMessage `json:"request"` // an object, or an address
	Auth    *auth           `json:"auth"`
	Event   []event         `json:"event"`
}

type event struct {
	Listen string          `json:"listen"`
	Script json.RawMessage `json:"script"`
}

type variable struct {
	Key   string `json:"key"`
	ID    string `json:"id"`
	Value any    `json:"value"`
	Type  string `json:"type"`
}

// postmanReader reads one collection.
type postmanReader struct {
	*builder
	values map[string]string // of variables
	secret map[string]bool   // variables that hold a credential
	count  int
}

// postman reads a collection with its folders.
func postman(data []byte) (catalogue.Catalogue, error) {
	c := catalogue.Catalogue{Format: catalogue.Postman}
	var all collection
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	var wrapped struct{ Collection json.RawMessage }
	if json.Unmarshal(data, &wrapped) == nil && wrapped.Collection != nil {
		data = wrapped.Collection
	}
	if err := json.Unmarshal(data, &all); err != nil {
		return c, fault.New(fault.Invalid, "This is not a Postman collection: "+problem(err))
	}
	if strings.Contains(all.Info.Schema, "/v1") {
		return c, fault.New(fault.Invalid, "This collection is of version 1. Export it as Collection v2.1.")
	}
	c.Title = catalogue.Line(all.Info.Name, 120)
	r := &postmanReader{builder: newBuilder(&c, ""), values: map[string]string{}, secret: map[string]bool{}}
	for _, v := range all.Variable {
		r.variable(v)
	}
	r.scripts("collection", all.Event)
	if err := r.items(all.Item, "", all.Auth, 0); err != nil {
		return c, err
	}
	if len(c.Operations) == 0 {
		return c, fault.New(fault.Invalid, "The collection holds no request.")
	}
	return c, nil
}

func (r *postmanReader) variable(v variable) {
	key := v.Key
	if key == "" {
		key = v.ID
	}
	text, _ := v.Value.(string)
	r.values[key] = text
	r.secret[key] = v.Type == "secret" || redact.Sensitive(key) || looksSecret(text)
}

// scripts notes what cannot be understood.
func (r *postmanReader) scripts(place string, events []event) {
	for _, e := range events {
		var script struct{ Exec any }
		if json.Unmarshal(e.Script, &script) != nil {
			continue
		}
		text, _ := script.Exec.(string)
		lines, _ := script.Exec.([]any)
		written := func(line any) bool { return line != "" }
		if text != "" || slices.ContainsFunc(lines, written) {
			r.into.Note(place, "The "+catalogue.Line(e.Listen, 20)+" script is not understood; it was left out.")
		}
	}
}

func (r *postmanReader) items(list []item, folder string, above *auth, depth int) error {
	if depth > 50 {
		return fault.New(fault.Invalid, "Folders are nested deeper than 50 levels.")
	}
	for _, i := range list {
		own := above
		if i.Auth != nil {
			own = i.Auth
		}
		place := strings.TrimPrefix(folder+" / "+catalogue.Line(i.Name, 80), " / ")
		r.scripts(place, i.Event)
		if i.Item != nil {
			if err := r.items(i.Item, place, own, depth+1); err != nil {
				return err
			}
		}
		if len(i.Request) == 0 {
			continue
		}
		if r.count++; r.count > catalogue.MaxOperations {
			return fault.New(fault.Invalid, "The collection has too many requests.")
		}
		r.request(i, folder, place, own)
	}
	return nil
}

// call of a collection: the request object.
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

var postmanToken = regexp.MustCompile(`\{\{\s*([^{}\s][^{}]*?)\s*\}\}`)

// tokens turns Postman's variables into ours: those of the collection are the integrator's to give, the others are
// values of the event. A variable that holds the address of the server is filled in.
func (r *postmanReader) tokens(text string) string {
	for range 3 { // a variable may hold another one
		before := text
		if name, rest, ok := strings.Cut(strings.TrimPrefix(text, "{{"), "}}"); ok && strings.HasPrefix(text, "{{") {
			if value := r.values[strings.TrimSpace(name)]; strings.Contains(value, "://") || strings.HasPrefix(value, "{{") {
				text = strings.TrimRight(value, "/") + "/" + strings.TrimLeft(rest, "/")
				if rest == "" {
					text = value
				}
			}
		}
		if text == before {
			break
		}
	}
	return postmanToken.ReplaceAllStringFunc(text, func(found string) string {
		return r.token(postmanToken.FindStringSubmatch(found)[1])
	})
}

func (r *postmanReader) token(name string) string {
	switch name {
	case "$guid", "$randomUUID":
		return "{{run.id}}"
	case "$timestamp":
		return "{{now | unix}}"
	case "$isoTimestamp":
		return "{{now}}"
	}
	value, known := r.values[name]
	own := catalogue.Segment(name)
	switch {
	case r.secret[name] || redact.Sensitive(name):
		r.into.AddParameter(integration.Parameter{Name: own, Label: catalogue.Line(name, 120), Secret: true, Required: true})
	case known && value != "" && !strings.Contains(value, "{{"):
		r.into.AddParameter(integration.Parameter{Name: own, Label: catalogue.Line(name, 120), Default: catalogue.Line(value, 500)})
	default:
		return catalogue.Token(own)
	}
	return "{{field." + own + "}}"
}
