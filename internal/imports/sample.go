package imports

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"tieline/internal/catalogue"
	"tieline/internal/fault"
	"tieline/internal/integration"
	"tieline/internal/request"
)

// sample is one call as it was once made or written down.
type sample struct {
	group   string
	name    string // what people read, "" for method and path
	method  string
	address string // absolute, or from a token on; with its query
	headers []field
	kind    string // of the body: "", raw, form, multipart
	body    string
	fields  []field // of a form
	auth    *catalogue.Auth
	answer  string // media type of the answer, where it is known
	place   string
}

// field is one header, query parameter or field of a form.
type field struct {
	name, value string
	off         bool
	file        string
	media       string
}

// builder makes operations of samples.
type builder struct {
	into  *catalogue.Catalogue
	names catalogue.Taken
	main  string // the server that paths belong to; others are written out
}

func newBuilder(c *catalogue.Catalogue, main string) *builder {
	return &builder{into: c, names: catalogue.Taken{}, main: main}
}

// add makes an operation of a sample.
func (b *builder) add(s sample) {
	d := draft{builder: b, at: s.place}
	server, path, query := split(s.address)
	d.out = catalogue.Operation{Group: catalogue.Line(s.group, 100), Name: catalogue.Line(s.name, 120), Method: strings.ToUpper(s.method)}
	e := &d.out.Endpoint
	if !slices.Contains(integration.Methods(), d.out.Method) {
		d.note("The method " + catalogue.Line(d.out.Method, 20) + " is not one that endpoints call; it became POST.")
		d.out.Method = "POST"
	}
	e.Method, e.Label = d.out.Method, d.out.Name
	e.URL = d.path(path)
	d.out.Path = catalogue.Line(e.URL, 300)
	d.server(server)
	d.query(query)
	d.headers(s)
	d.body(s)
	if s.auth != nil {
		b.into.AddAuth(*s.auth)
	}
	e.Name = b.names.Free(catalogue.EndpointName(s.name, d.out.Method, d.out.Path))
	if d.out.Name == "" {
		d.out.Name = d.out.Method + " " + d.out.Path
	}
	switch d.out.Method {
	case http.MethodPost, http.MethodPut, http.MethodPatch:
		if d.out.Body || len(e.Query) > 0 {
			e.Type = "PostData"
		}
	case http.MethodDelete:
		e.Type = "PostData"
	}
	e.Response.Type = answerType(s.answer)
	d.sweep()
	d.check()
	b.into.Operations = append(b.into.Operations, d.out)
}

// draft is an operation while it is made.
type draft struct {
	*builder
	at  string
	out catalogue.Operation
}

func (d *draft) note(message string) {
	d.out.Notes = append(d.out.Notes, catalogue.Note{Place: d.at, Message: message})
	d.into.Note(d.at, message)
}

// split cuts an address into server ("https://host", "{{baseUrl}}" or ""), path and query.
func split(address string) (server, path, query string) {
	address = strings.TrimSpace(address)
	address, _, _ = strings.Cut(address, "#")
	address, query, _ = strings.Cut(address, "?")
	if scheme, rest, ok := strings.Cut(address, "://"); ok {
		host, path, _ := strings.Cut(rest, "/")
		return strings.ToLower(scheme) + "://" + host, "/" + path, query
	}
	if strings.HasPrefix(address, "{{") {
		if token, rest, ok := strings.Cut(address, "}}"); ok {
			return token + "}}", "/" + strings.TrimLeft(rest, "/"), query
		}
	}
	if strings.HasPrefix(address, "/") {
		return "", address, query
	}
	host, path, _ := strings.Cut(address, "/") // curl takes example.com/path
	return "http://" + host, "/" + path, query
}

// server puts the address of another host before the path; that of the first is each integrator's.
func (d *draft) server(server string) {
	if _, rest, ok := strings.Cut(server, "://"); ok && strings.Contains(rest, "@") {
		scheme, _, _ := strings.Cut(server, "://")
		server = scheme + "://" + rest[strings.LastIndexByte(rest, '@')+1:]
		d.into.AddAuth(catalogue.Auth{Kind: "basic", Place: d.at})
		d.note("User name and password in the address were left out; give them in the integrator.")
	}
	if server == "" {
		return
	}
	if d.main == "" {
		d.main = server
		d.into.Servers = append(d.into.Servers, server)
	}
	if server == d.main {
		return
	}
	if !slices.Contains(d.into.Servers, server) && len(d.into.Servers) < 20 {
		d.into.Servers = append(d.into.Servers, server)
	}
	if !strings.HasPrefix(server, "{{") {
		d.out.Endpoint.URL = server + d.out.Endpoint.URL
		d.note("Another host than " + d.main + "; its address was written out.")
	}
}

// path makes a path a template: what stands for a value becomes a token or a row.
func (d *draft) path(path string) string {
	segments := strings.Split(tokens(path), "/")
	for i, segment := range segments {
		switch name, ok := strings.CutPrefix(segment, ":"); {
		case ok && name != "":
			own := catalogue.Segment(name)
			segments[i] = "{" + own + "}"
			d.out.Endpoint.Path = append(d.out.Endpoint.Path, integration.Row{Name: own, Value: catalogue.Token(own)})
		case strings.Contains(segment, "{{"), strings.Contains(segment, "${"):
		case looksSecret(segment):
			segments[i] = d.secret("PathSecret", "path")
		default:
			segments[i] = strings.NewReplacer("{", "%7B", "}", "%7D", " ", "%20").Replace(segment)
		}
	}
	return strings.Join(segments, "/")
}

// query makes rows of a query string.
func (d *draft) query(query string) {
	for pair := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(pair, "=")
		name, value = plain(name), plain(value)
		if name == "" {
			continue
		}
		row := integration.Row{Name: catalogue.Line(name, 200), Value: tokens(value)}
		if d.isSecret(name, value) {
			row = d.secretRow(name, "query")
		}
		d.out.Endpoint.Query = append(d.out.Endpoint.Query, row)
	}
}

// plain undoes the escapes of a query, but leaves what is none alone.
func plain(text string) string {
	if out, err := url.QueryUnescape(text); err == nil && !strings.Contains(text, "{{") {
		return out
	}
	return text
}

// noise are headers that a browser or a client adds by itself.
var noise = []string{
	"accept-language", "referer", "origin", "cache-control", "pragma", "dnt", "priority", "if-none-match", "if-modified-since",
	"upgrade-insecure-requests", "postman-token", "x-client-data", "save-data", "user-agent",
}

func (d *draft) headers(s sample) {
	recorded := d.into.Format == catalogue.HAR
	for _, h := range s.headers {
		name := strings.TrimSpace(h.name)
		lower := strings.ToLower(name)
		_, managed := request.Managed(name)
		switch {
		case managed, strings.HasPrefix(name, ":"), recorded && (slices.Contains(noise, lower) || strings.HasPrefix(lower, "sec-")):
		case lower == "postman-token":
		case lower == "cookie":
			d.note("Cookies were left out; endpoints send none.")
		case lower == "content-type" && s.kind == "multipart": // it has a boundary that is made when it is sent
		case lower == "authorization":
			d.authorization(h)
		case !integration.ValidHeaderName(name):
			d.note("A header whose name cannot be sent was left out.")
		case secretHeader(name) || looksSecret(h.value):
			d.secretHeader(name)
		default:
			value := strings.Join(strings.FieldsFunc(tokens(h.value), func(r rune) bool { return r == '\r' || r == '\n' }), " ")
			d.out.Endpoint.Headers = append(d.out.Endpoint.Headers, integration.Row{Name: name, Value: value, Enabled: integration.Switch(!h.off)})
		}
	}
}

// authorization makes an Authorization header a way to authenticate; its value is left out.
func (d *draft) authorization(h field) {
	scheme, _, _ := strings.Cut(strings.TrimSpace(h.value), " ")
	switch kind := strings.ToLower(scheme); {
	case h.off:
	case kind == "basic" || kind == "bearer" || kind == "digest":
		d.into.AddAuth(catalogue.Auth{Kind: kind, Place: d.at})
		d.note("The credentials of the Authorization header (" + scheme + ") were left out; give them in the integrator.")
	case strings.TrimSpace(h.value) == "":
	default:
		d.secretHeader("Authorization")
	}
}

// secretHeader makes a header a secret parameter of the integration.
func (d *draft) secretHeader(name string) {
	p := integration.Parameter{Name: name, Label: name, In: "header", Secret: true, Required: true}
	if p.Validate() != nil {
		d.out.Endpoint.Headers = append(d.out.Endpoint.Headers, d.secretRow(name, "header"))
		return
	}
	d.into.AddParameter(p)
	if !slices.Contains(d.out.Endpoint.Params, name) {
		d.out.Endpoint.Params = append(d.out.Endpoint.Params, name)
	}
	d.note("The value of " + name + " was left out: it is a secret parameter now.")
}

func answerType(media string) string {
	switch {
	case strings.Contains(media, "json"):
		return "json"
	case strings.Contains(media, "xml"):
		return "xml"
	case strings.Contains(media, "csv"):
		return "csv"
	}
	return ""
}

// check notes what must be mended before the endpoint can be saved.
func (d *draft) check() {
	fields, bad := fault.FieldsOf(d.out.Endpoint.Validate(integration.Integration{Parameters: d.into.Parameters}))
	if !bad {
		return
	}
	for _, name := range fault.Names(fields) {
		d.note("To be mended before it can be saved: " + name + " – " + fields[name])
	}
}
