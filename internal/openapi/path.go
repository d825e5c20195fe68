package openapi

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"tieline/internal/catalogue"
	"tieline/internal/integration"
)

func pathUnescape(text string) (string, error) { return url.PathUnescape(text) }

// servers reads the addresses that the document names. Paths are joined to the path of the first; its host is for
// each integrator to give.
func (r *reader) servers() {
	if r.old {
		r.oldServer()
	}
	for _, server := range r.root.get("servers").list() {
		if address := r.serverURL(server); address != "" {
			r.into.Servers = append(r.into.Servers, address)
		}
		if len(r.into.Servers) == 20 {
			break
		}
	}
	if len(r.into.Servers) == 0 {
		r.into.Note("servers", "The document names no server: the host, and perhaps a base path, are for each integrator to give.")
		return
	}
	r.base = basePath(r.into.Servers[0])
	if strings.HasPrefix(r.into.Servers[0], "/") {
		r.into.Note("servers", "The server is a path without a host ("+r.into.Servers[0]+"); the host is for each integrator to give.")
	}
	if len(r.into.Servers) > 1 {
		r.into.Note("servers", "The document names "+strconv.Itoa(len(r.into.Servers))+" servers; paths are joined to the first, "+r.into.Servers[0]+".")
	}
}

// serverURL is the address of a server with its variables filled in where the document gives a value for the path;
// a variable in the host stays, as it tells what the host looks like.
func (r *reader) serverURL(server *node) string {
	address := catalogue.Line(server.get("url").scalar(), 300)
	if server.kind == isText {
		address = catalogue.Line(server.text, 300)
	}
	variables := server.get("variables")
	for i, name := range variables.names {
		standard := catalogue.Line(variables.items[i].get("default").scalar(), 100)
		at := strings.Index(address, "{"+name+"}")
		_, rest, absolute := strings.Cut(address, "://")
		inHost := absolute && at >= 0 && at < len(address)-len(rest)+max(strings.IndexByte(rest+"/", '/'), 0)
		if at >= 0 && !inHost && standard != "" {
			address = strings.ReplaceAll(address, "{"+name+"}", standard)
			r.into.Note("servers.variables."+name, "Its default "+standard+" was taken.")
		}
	}
	return address
}

func (r *reader) oldServer() {
	host, path := r.root.get("host").scalar(), r.root.get("basePath").scalar()
	scheme := "https"
	if schemes := r.root.get("schemes").list(); len(schemes) == 1 && schemes[0].scalar() == "http" {
		scheme = "http"
	}
	switch {
	case host != "":
		r.into.Servers = []string{catalogue.Line(scheme+"://"+host+"/"+strings.TrimPrefix(path, "/"), 300)}
	case strings.Trim(path, "/") != "":
		r.into.Servers = []string{"/" + strings.Trim(catalogue.Line(path, 300), "/")}
	}
}

// basePath is the path of a server, ready to have an operation's path appended.
func basePath(server string) string {
	if _, rest, ok := strings.Cut(server, "://"); ok {
		_, path, _ := strings.Cut(rest, "/")
		server = "/" + path
	}
	server, _, _ = strings.Cut(server, "?")
	if server = strings.Trim(server, "/"); server == "" {
		return ""
	}
	return "/" + server
}

// route is a path template as it can be called.
type route struct {
	path   string // "/contacts/{contact_id}"
	names  []string
	called map[string]string // what the document calls a placeholder, to its name here
	query  []integration.Row
	notes  []string
}

var (
	braces  = regexp.MustCompile(`\{+[^{}/?]*\}*`)
	escaped = regexp.MustCompile(`^%[0-9a-fA-F]{2}`)
)

// route mends a path template: a missing slash, brackets that do not match, spaces and line breaks, a query string.
func (r *reader) route(path string) route {
	p := route{called: map[string]string{}}
	note := func(message string) { p.notes = append(p.notes, message) }
	clean := strings.Join(strings.Fields(path), " ")
	if clean != path {
		note("The path has line breaks or spaces around it; they were left out.")
	}
	if !strings.HasPrefix(clean, "/") {
		clean = "/" + clean
		note("The path does not begin with a slash.")
	}
	if strings.HasPrefix(clean, "//") {
		clean = "/" + strings.TrimLeft(clean, "/")
		note("The path begins with more than one slash.")
	}
	clean, fragment, _ := strings.Cut(clean, "#")
	if fragment != "" {
		note("What follows # in the path is never sent and was left out.")
	}
	clean, query, asked := strings.Cut(clean, "?")
	if asked {
		p.query = queryRows(query)
		note("The query string in the path became query rows.")
	}
	whole := r.base + clean
	p.path = literalPath(braces.ReplaceAllStringFunc(whole, func(found string) string {
		name := strings.Trim(found, "{} ")
		if found != "{"+name+"}" {
			note("The placeholder " + catalogue.Line(found, 60) + " is broken and was read as {" + catalogue.Line(name, 60) + "}.")
		}
		name = strings.TrimLeft(strings.TrimRight(name, "*+"), "+#./;?&")
		own := catalogue.Segment(name)
		p.called[name] = own
		if !slices.Contains(p.names, own) {
			p.names = append(p.names, own)
		}
		return "{" + own + "}"
	}))
	return p
}

// literalPath escapes what a URL path cannot hold outside of its {placeholders}.
func literalPath(path string) string {
	path = strings.ReplaceAll(path, "${", "%24{")
	var b strings.Builder
	for i := range len(path) {
		switch c := path[i]; {
		case c == '}' && !closes(path[:i]):
			b.WriteString("%7D")
		case c == '%' && !escaped.MatchString(path[i:]), c <= ' ', c >= 0x7f, strings.IndexByte("\"<>\\^`", c) >= 0:
			b.WriteString("%" + strings.ToUpper(strconv.FormatInt(int64(c)|0x100, 16)[1:]))
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// closes tells whether a bracket is open at the end of a text.
func closes(text string) bool {
	return strings.LastIndexByte(text, '{') > strings.LastIndexByte(text, '}')
}

func queryRows(query string) []integration.Row {
	var rows []integration.Row
	for pair := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if plain, err := url.QueryUnescape(name); err == nil {
			name = plain
		}
		if name == "" || len(rows) == maxParameters {
			continue
		}
		row := integration.Row{Name: catalogue.Line(name, 200), Value: catalogue.Token(name)}
		if plain, err := url.QueryUnescape(value); err == nil && value != "" && !strings.ContainsAny(value, "{}<>") {
			row.Value = catalogue.Literal(plain)
		}
		rows = append(rows, row)
	}
	return rows
}
