package integration

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"tieline/internal/fault"
	"tieline/internal/token"
)

// Sources are where a row's value may come from instead of a template.
func Sources() []string { return []string{"field", "auth", "input", "event", "hard", "var", "ctx"} }

// BodyKinds are the kinds of bodies.
func BodyKinds() []string { return []string{"none", "raw", "json", "form", "xml", "multipart"} }

var (
	sourceForm = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*$`)
	mediaForm  = regexp.MustCompile(`^[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+( *;.*)?$`)
)

// ValidHeaderName tells whether a name is a token of RFC 9110, as every header name must be.
func ValidHeaderName(name string) bool {
	return name != "" && len(name) <= 256 && !strings.ContainsFunc(name, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("!#$%&'*+-.^_`|~", r)
	})
}

const headerRule = "A header name has letters, digits and hyphens, without spaces or a colon."

func (e Endpoint) validateRows(f *fault.Fields, of Integration) {
	_, placeholders := maskTemplate(e.URL)
	rows(f, "headers", e.Headers, of, func(r Row) string {
		if !ValidHeaderName(r.Name) {
			return headerRule
		}
		return ""
	})
	rows(f, "query", e.Query, of, rowName)
	seen := map[string]bool{}
	rows(f, "path", e.Path, of, func(r Row) string {
		switch {
		case rowName(r) != "":
			return rowName(r)
		case seen[r.Name]:
			return "Another path row has this name."
		case !slices.Contains(placeholders, r.Name) && !e.Inbound():
			return "The URL has no {" + r.Name + "} to fill."
		}
		seen[r.Name] = true
		return ""
	})
	if len(e.Hard) > maxRows {
		f.Add("hard", "At most 100 rows.")
		return
	}
	for i, h := range e.Hard {
		hardRow(f, "hard."+strconv.Itoa(i), h, placeholders)
	}
}

// rowName checks the name of a query, path or form row.
func rowName(r Row) string {
	switch {
	case r.Name == "":
		return "Name this row, or delete it."
	case len(r.Name) > 256:
		return "The name is longer than 256 characters."
	case hasControl(r.Name):
		return "The name has characters that cannot be sent."
	}
	return ""
}

// rows checks one list of rows; name judges a row's name.
func rows(f *fault.Fields, field string, list []Row, of Integration, name func(Row) string) {
	if len(list) > maxRows {
		f.Add(field, "At most 100 rows.")
		return
	}
	for i, r := range list {
		at := field + "." + strconv.Itoa(i)
		if problem := name(r); problem != "" {
			f.Add(at+".name", problem)
		}
		value(f, at+".value", r.Value, maxValue, field == "headers")
		oneOf(f, at+".source", r.Source, Sources())
		switch {
		case r.Source == "" || !slices.Contains(Sources(), r.Source):
		case !sourceForm.MatchString(r.Value):
			f.Add(at+".value", "With a source, the value is a bare name such as contact.id.")
		case r.Source == "auth" && !slices.Contains(token.AuthNames(), r.Value):
			f.Add(at+".value", "The source auth has the values token, timestamp and nonce.")
		case r.Source == "field":
			if _, ok := of.Parameter(r.Value); !ok {
				f.Add(at+".value", "This integration has no parameter "+r.Value+".")
			}
		}
	}
}

func hardRow(f *fault.Fields, at string, h HardRow, placeholders []string) {
	oneOf(f, at+".in", h.In, Places())
	switch {
	case h.In == "header" && !ValidHeaderName(h.Name):
		f.Add(at+".name", headerRule)
	case h.In == "" && !nameForm.MatchString(h.Name):
		f.Add(at+".name", nameRule)
	case rowName(Row{Name: h.Name}) != "":
		f.Add(at+".name", rowName(Row{Name: h.Name}))
	case h.In == "path" && !slices.Contains(placeholders, h.Name):
		f.Add(at+".name", "The URL has no {"+h.Name+"} to fill.")
	}
	value(f, at+".value", h.Value, maxValue, h.In == "header")
}

// value checks a template's text, not its tokens.
func value(f *fault.Fields, field, v string, limit int, header bool) {
	switch {
	case len(v) > limit:
		f.Add(field, "This is longer than "+strconv.Itoa(limit>>10)+" KiB.")
	case header && hasControl(v):
		f.Add(field, "A header value is one line without control characters.")
	default:
		text(f, field, v, "The value", limit)
	}
}

func (e Endpoint) validateParams(f *fault.Fields, of Integration) {
	_, placeholders := maskTemplate(e.URL)
	for i, name := range e.Params {
		at := "params." + strconv.Itoa(i)
		p, ok := of.Parameter(name)
		switch {
		case !ok:
			f.Add(at, "This integration has no parameter of that name.")
		case slices.Contains(e.Params[:i], name):
			f.Add(at, "This parameter is listed twice.")
		case p.In == "path" && !slices.Contains(placeholders, name) && !e.Inbound():
			f.Add(at, "The URL has no {"+name+"} for this path parameter.")
		}
	}
}

func (e Endpoint) validateBody(f *fault.Fields) {
	b := e.Body
	oneOf(f, "body.kind", b.Kind, BodyKinds())
	value(f, "body.content", b.Content, maxContent, false)
	listed := b.Kind == "form" || b.Kind == "multipart"
	switch {
	case (b.Kind == "" || b.Kind == "none") && (b.Content != "" || len(b.Rows) > 0):
		f.Add("body.kind", "Choose what kind of body this is; with none it would not be sent.")
	case listed && b.Content != "":
		f.Add("body.content", "A "+b.Kind+" body is written as rows.")
	case !listed && len(b.Rows) > 0:
		f.Add("body.rows", "Rows are for form and multipart bodies.")
	case len(b.Rows) > maxRows:
		f.Add("body.rows", "At most 100 rows.")
		return
	}
	for i, r := range b.Rows {
		at := "body.rows." + strconv.Itoa(i)
		if problem := rowName(Row{Name: r.Name}); problem != "" {
			f.Add(at+".name", problem)
		}
		value(f, at+".value", r.Value, maxValue, false)
		line(f, at+".file_name", r.FileName, "The file name", 256)
		line(f, at+".content_type", r.ContentType, "The content type", 256)
		switch {
		case b.Kind != "multipart" && r.FileName != "":
			f.Add(at+".file_name", "Only a part of a multipart body has a file name.")
		case b.Kind != "multipart" && r.ContentType != "":
			f.Add(at+".content_type", "Only a part of a multipart body has a content type.")
		case r.ContentType != "" && !hasToken(r.ContentType) && !mediaForm.MatchString(r.ContentType):
			f.Add(at+".content_type", "A content type looks like text/plain.")
		}
	}
}
