package openapi

import (
	"net/http"
	"strings"

	"tieline/internal/catalogue"
	"tieline/internal/integration"
)

// answer guesses how the answer is read: its type, where a list stands in it, and how the next page is asked for.
func (d *draft) answer() {
	responses := d.op.get("responses")
	if responses.kind != isObject || len(responses.items) == 0 {
		d.note(d.op, "The document says nothing about the answers.")
		return
	}
	var good *node
	for _, status := range []string{"200", "201", "202", "203", "2XX", "2xx", "206", "default"} {
		if n := responses.get(status); n != nothing {
			good = d.follow(n, d.at, "responses", status)
			break
		}
	}
	if good == nil {
		return
	}
	media, schema := d.answerContent(good)
	switch {
	case media == "":
		return
	case isJSON(media):
		d.call.Response.Type = "json"
		d.accept(media)
		d.items(schema)
	case isXML(media):
		d.call.Response.Type = "xml"
		d.accept(media)
	case strings.Contains(media, "csv"):
		d.call.Response.Type = "csv"
	case strings.HasPrefix(media, "text/"):
		d.call.Response.Type = "text"
	case media == "application/pdf" || media == "image/png" || media == "image/jpeg":
		d.call.Type = "Document"
	default:
		d.call.Response.Type = "binary"
	}
}

func (d *draft) accept(media string) {
	if !strings.Contains(media, "*") {
		d.call.Headers = append(d.call.Headers, integration.Row{Name: "Accept", Value: media})
	}
}

// answerContent is the media type of an answer that is easiest to read, with its schema.
func (d *draft) answerContent(response *node) (string, *node) {
	var all []content
	if d.old {
		produces := d.op.get("produces").list()
		if len(produces) == 0 {
			produces = d.root.get("produces").list()
		}
		for _, media := range produces {
			all = append(all, content{media: strings.ToLower(media.scalar()), schema: response.get("schema")})
		}
		if len(all) == 0 && response.get("schema") != nothing {
			all = append(all, content{media: "application/json", schema: response.get("schema")})
		}
	}
	types := response.get("content")
	for i, media := range types.names {
		all = append(all, d.content(media, types.items[i]))
	}
	chosen, _ := choose(all)
	return chosen.media, chosen.schema
}

// items finds the list in an answer: the answer itself, or the only list among its members.
func (d *draft) items(n *node) {
	schema := d.schema(n, 0)
	if d.out.Method != http.MethodGet && !strings.HasSuffix(strings.ToLower(d.out.Path), "search") {
		return
	}
	if d.typeOf(schema) == "array" {
		d.list("", schema, schema)
		return
	}
	names, items := d.properties(schema, 0)
	var at string
	var found *node
	best := 0
	for i, name := range names {
		worth := d.worth(name)
		if worth <= best {
			continue
		}
		if property := d.schema(items[i], 1); d.typeOf(property) == "array" && d.typeOf(d.schema(property.get("items"), 1)) == "object" {
			at, found, best = name, property, worth
		}
	}
	if found != nil && (best > 1 || !strings.HasSuffix(d.route.path, "}")) {
		d.list(at, found, schema)
	}
}

// worth says how likely a list of this name is the one that was asked for; 0 is not at all.
func (d *draft) worth(name string) int {
	plain := strings.ToLower(name)
	if strings.HasSuffix(plain, "warnings") || strings.HasSuffix(plain, "errors") || plain == "included" || plain == "links" {
		return 0
	}
	segments := strings.Split(strings.TrimSuffix(d.route.path, "/"), "/")
	if catalogue.Segment(segments[len(segments)-1]) == catalogue.Segment(name) {
		return 3
	}
	switch plain {
	case "data", "items", "results", "records", "value", "values", "entries", "list", "rows":
		return 2
	}
	return 1
}

func (d *draft) list(at string, list, whole *node) {
	d.call.Contract, d.call.Response.Items = "records", catalogue.Line(at, 200)
	item := d.schema(list.get("items"), 1)
	names, _ := d.properties(item, 1)
	for _, want := range []string{"id", "ID", "Id", "sid"} {
		for _, name := range names {
			if name == want && d.call.Response.Identifier == "" {
				d.call.Response.Identifier = name
			}
		}
	}
	d.paging(whole)
}
