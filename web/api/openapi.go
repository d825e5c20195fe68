package api

import (
	"encoding/json"
	"net/http"
	"reflect"
	"regexp"
	"strings"

	"tieline/internal/integration"
	"tieline/internal/run"
)

type object = map[string]any

// openapi answers the OpenAPI 3.1 document, which is written from the route table and the Go shapes beside it.
func (s *server) openapi(c call) error {
	return c.json(http.StatusOK, s.document())
}

func (s *server) document() object {
	shapes := &shapes{known: object{}}
	paths := object{}
	for _, r := range s.routes {
		path, ok := paths[Prefix+r.path].(object)
		if !ok {
			path = object{}
			paths[Prefix+r.path] = path
		}
		path[strings.ToLower(r.method)] = operation(r, shapes)
	}
	shapes.known["Problem"] = shapes.structure(reflect.TypeFor[problem]())
	document := object{
		"openapi": "3.1.0",
		"info": object{
			"title": "Tieline", "version": s.version,
			"description": "Integrations, integrators, calls and runs. Errors are application/problem+json with fields keyed as in the document.",
		},
		"paths": paths,
		"components": object{
			"schemas":         shapes.known,
			"securitySchemes": object{"key": object{"type": "http", "scheme": "bearer", "description": "An API key (tl_…)."}},
		},
		"security": []object{{"key": []string{}}},
	}
	if s.base != "" {
		document["servers"] = []object{{"url": s.base}}
	}
	return document
}

var inPath = regexp.MustCompile(`\{(\w+)\}`)

// operation describes one route.
func operation(r route, shapes *shapes) object {
	o := object{
		"summary": r.does, "operationId": operationID(r), "tags": []string{tag(r.path)},
		"parameters": parameters(r), "responses": answers(r, shapes),
	}
	if r.open {
		o["security"] = []object{}
	} else {
		o["x-action"] = string(r.action)
	}
	if r.text {
		o["requestBody"] = object{"required": true, "content": object{"*/*": object{"schema": object{"type": "string"}}}}
	}
	if r.body != nil {
		shape := object{"schema": shapes.of(reflect.TypeOf(r.body))}
		content := object{"application/json": shape}
		if r.yaml {
			content["application/yaml"] = shape
		}
		o["requestBody"] = object{"content": content}
	}
	return o
}

func tag(path string) string {
	first, _, _ := strings.Cut(strings.Trim(path, "/"), "/")
	return first
}

// operationID names a route: "getCustomersSlug".
func operationID(r route) string {
	var id strings.Builder
	id.WriteString(strings.ToLower(r.method))
	for part := range strings.FieldsFuncSeq(r.path, func(c rune) bool { return c == '/' || c == '{' || c == '}' || c == '.' }) {
		id.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	return id.String()
}

func parameters(r route) []object {
	list := []object{}
	for _, name := range inPath.FindAllStringSubmatch(r.path, -1) {
		list = append(list, object{"name": name[1], "in": "path", "required": true, "schema": object{"type": "string"}})
	}
	for name := range strings.FieldsSeq(r.query) {
		list = append(list, object{"name": name, "in": "query", "required": false, "schema": object{"type": "string"}})
	}
	return list
}

func answers(r route, shapes *shapes) object {
	problems := object{"description": "A problem", "content": object{"application/problem+json": object{"schema": ref("Problem")}}}
	list := object{"default": problems}
	switch {
	case r.answer == nil && r.method == http.MethodDelete:
		list["204"] = object{"description": "Done"}
	case r.answer == nil:
		list["200"] = object{"description": "Done"}
	default:
		content := object{"application/json": object{"schema": shapes.of(reflect.TypeOf(r.answer))}}
		if r.bytes {
			for _, kind := range []string{"application/pdf", "image/png", "image/jpeg"} {
				content[kind] = object{"schema": object{"type": "string", "contentMediaType": kind}}
			}
			list["502"] = object{"description": "There is no document", "content": object{"application/json": object{"schema": shapes.of(reflect.TypeOf(r.answer))}}}
		}
		list["200"] = object{"description": "Done", "content": content}
		if r.method == http.MethodPost && r.body != nil || r.method == http.MethodPut {
			list["201"] = object{"description": "Created", "content": content}
		}
	}
	return list
}

func ref(name string) object { return object{"$ref": "#/components/schemas/" + name} }

// shapes turns Go types into schemas; structs are named once and referred to.
type shapes struct{ known object }

func (s *shapes) of(t reflect.Type) object {
	if shape, ok := special(t); ok {
		return shape
	}
	if name, ok := plainKinds[t.Kind()]; ok {
		return object{"type": name}
	}
	if t.Kind() == reflect.Struct {
		return s.named(t)
	}
	if t.Kind() == reflect.Slice || t.Kind() == reflect.Array {
		return object{"type": "array", "items": s.of(t.Elem())}
	}
	if t.Kind() == reflect.Map {
		return object{"type": "object", "additionalProperties": s.of(t.Elem())}
	}
	if t.Kind() != reflect.Pointer {
		return object{} // a value of any form
	}
	shape := s.of(t.Elem())
	if name, ok := shape["type"].(string); ok {
		shape["type"] = []string{name, "null"}
	}
	return shape
}

var plainKinds = map[reflect.Kind]string{
	reflect.String: "string", reflect.Bool: "boolean", reflect.Float64: "number", reflect.Int: "integer", reflect.Int64: "integer",
}

// named is a struct's schema by reference.
func (s *shapes) named(t reflect.Type) object {
	name := title(t)
	if _, ok := s.known[name]; !ok {
		s.known[name] = object{} // stands while a shape refers to itself
		s.known[name] = s.structure(t)
	}
	return ref(name)
}

// special are the types that are written in a form of their own.
func special(t reflect.Type) (object, bool) {
	switch {
	case t == reflect.TypeFor[json.RawMessage]():
		return object{}, true
	case t.PkgPath() == "time" && t.Name() == "Time":
		return object{"type": "string", "format": "date-time"}, true
	case t.PkgPath() == "tieline/internal/secret" && t.Name() == "Text":
		return object{"type": "string", "writeOnly": true}, true
	case t == reflect.TypeFor[run.Status]():
		return object{"type": "string", "enum": run.Statuses()}, true
	case t == reflect.TypeFor[run.Cause]():
		return object{"type": "string", "enum": run.Causes()}, true
	case t == reflect.TypeFor[*integration.Success]():
		return object{"description": "A condition on the body: {path, op, value}, or a text such as CodeResult=100."}, true
	}
	return nil, false
}

// title is what a struct is called in the document: customerInput is CustomerInput, list[runRow] ListOfRunRow.
func title(t reflect.Type) string {
	name := t.Name()
	if outer, inner, ok := strings.Cut(name, "["); ok {
		inner = inner[strings.LastIndexAny(inner, "./")+1:]
		name = outer + "Of" + strings.ToUpper(inner[:1]) + strings.TrimSuffix(inner[1:], "]")
	}
	return strings.ToUpper(name[:1]) + name[1:]
}

func (s *shapes) structure(t reflect.Type) object {
	properties := object{}
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous || name == "" || name == "-" {
			continue
		}
		properties[name] = s.of(f.Type)
	}
	return object{"type": "object", "properties": properties, "additionalProperties": false}
}
