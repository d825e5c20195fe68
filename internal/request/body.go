package request

import (
	"mime"
	"strconv"
	"strings"

	"tieline/internal/integration"
	"tieline/internal/run"
)

// bodyPlan is what a request carries.
type bodyPlan struct {
	kind        string // "", raw, json, form, xml, multipart; a raw body that is declared as another kind has that kind
	text        *text  // raw, json, xml
	pairs       bool   // the text is a form that was typed as text
	fields      []row  // form; json: what is set in the object afterwards
	parts       []partPlan
	json        *jsonShape // nil where the template cannot be compared
	xml         []string
	contentType string // added when no row gives one; "" adds none
}

// partPlan is one part of a multipart body.
type partPlan struct {
	name        string
	text        *text
	file        *text
	contentType string
	optional    bool
}

func (c *compiler) body() {
	b := &c.plan.body
	b.kind = c.ep.Body.Kind
	if b.kind == "none" {
		b.kind = ""
	}
	fields := append(c.paramsIn("body", "body", c.fieldPosition()), c.hardFields()...)
	if b.kind == "" && (len(fields) > 0 || c.mapsBody()) {
		b.kind = "json"
	}
	switch b.kind {
	case "raw":
		c.rawBody(fields)
	case "json":
		b.fields = fields
		c.jsonBody(c.ep.Body.Content)
	case "xml":
		c.noFields(fields)
		c.xmlBody(c.ep.Body.Content)
	case "form":
		c.formBody(fields)
	case "multipart":
		c.multipartBody(fields)
	}
	b.contentType = defaultType(c.ep.Body.Kind, b.kind)
	if c.plan.mapped != nil {
		c.plan.mapped.written = b.json.rootNames()
	}
}

// mapsBody tells whether a mapping fills the body.
func (c *compiler) mapsBody() bool { return c.plan.mapped != nil && c.plan.mapped.where == "body" }

// defaultType is the content type that goes with a kind; a raw body's is the author's own affair.
func defaultType(asked, kind string) string {
	if asked == "raw" {
		return ""
	}
	switch kind {
	case "json":
		return "application/json"
	case "form":
		return "application/x-www-form-urlencoded"
	case "xml":
		return "application/xml"
	}
	return ""
}

// fieldPosition is where the values of parameters and hard rows of the body stand.
func (c *compiler) fieldPosition() position {
	if c.ep.Body.Kind == "form" {
		return atForm
	}
	return atText
}

func (c *compiler) hardFields() []row {
	var rows []row
	for _, h := range c.hardIn("body") {
		rows = append(rows, c.hardRow(h, "body", c.fieldPosition()))
	}
	return rows
}

func (c *compiler) noFields(fields []row) {
	if len(fields) > 0 {
		c.problem("body.kind", run.TokenPosition, "The parameter "+fields[0].name+" goes into the body, which is possible for JSON, form and multipart bodies alone.")
	}
}

// contentTypeRow is the media type that an enabled header row gives, where it holds no token.
func (c *compiler) contentTypeRow() string {
	for _, h := range c.ep.Headers {
		if integration.On(h.Enabled) && strings.EqualFold(strings.TrimSpace(h.Name), "Content-Type") {
			if media, _, err := mime.ParseMediaType(h.Value); err == nil {
				return media
			}
		}
	}
	return ""
}

// rawBody reads a raw body. Where the author declares it as JSON, XML or a form, or wrote plain JSON, its
// tokens are written in that way; else as they are.
func (c *compiler) rawBody(fields []row) {
	b, content, media := &c.plan.body, c.ep.Body.Content, c.contentTypeRow()
	trimmed := strings.TrimSpace(content)
	switch {
	case media == "application/x-www-form-urlencoded":
		c.noFields(fields)
		b.pairs = true
		b.text = c.formText(content)
	case media == "application/json" || strings.HasSuffix(media, "+json") || media == "" && jsonLike(trimmed) && shapeOf(c.quietParse(content)).valid == nil:
		b.kind, b.fields = "json", fields
		c.jsonBody(content)
	case media == "application/xml" || media == "text/xml" || strings.HasSuffix(media, "+xml"):
		b.kind = "xml"
		c.noFields(fields)
		c.xmlBody(content)
	default:
		c.noFields(fields)
		b.text = c.text("body.content", "body", content, atText)
	}
}

// jsonLike tells whether a text starts as a JSON object or list does; a text that starts with a token does not.
func jsonLike(s string) bool {
	return strings.HasPrefix(s, "{") && !strings.HasPrefix(s, "{{") || strings.HasPrefix(s, "[")
}

// quietParse reads a template for a look at its form alone.
func (c *compiler) quietParse(content string) *text {
	probe := compiler{in: c.in, ep: c.ep, prefix: c.prefix, plan: &Plan{}}
	return probe.parse("body.content", "body", content)
}

// formText reads a form that was typed as text: literals stay as they are, tokens are escaped.
func (c *compiler) formText(content string) *text {
	t := c.parse("body.content", "body", content)
	for i := range t.parts {
		t.parts[i].at = atForm
	}
	c.finish(t)
	return t
}

func (c *compiler) jsonBody(content string) {
	b := &c.plan.body
	b.text = c.parse("body.content", "body", content)
	shape := shapeOf(b.text)
	switch {
	case strings.TrimSpace(content) == "":
	case shape.valid != nil:
		c.problem("body.content", run.Parse, "The body is not valid JSON: "+jsonMessage(content, shape.valid))
	default:
		b.json = shape
	}
	c.finish(b.text)
}

func (c *compiler) xmlBody(content string) {
	b := &c.plan.body
	b.text = c.parse("body.content", "body", content)
	for _, message := range xmlPositions(b.text) {
		c.problem("body.content", run.TokenPosition, message)
	}
	shape, err := xmlTemplateShape(b.text)
	switch {
	case strings.TrimSpace(content) == "":
	case err != nil:
		c.problem("body.content", run.Parse, "The body is not valid XML: "+err.Error()+".")
	default:
		b.xml = shape
	}
	c.finish(b.text)
}

func (c *compiler) formBody(fields []row) {
	b := &c.plan.body
	for i, r := range c.ep.Body.Rows {
		field := "body.rows." + strconv.Itoa(i)
		if !integration.On(r.Enabled) || r.Name == "" || c.isHard("body", r.Name) {
			continue
		}
		c.noTokens(field, r.Name)
		t := c.text(field+".value", "body", r.Value, atForm)
		b.fields = append(b.fields, row{name: string(appendForm(nil, r.Name)), text: t})
	}
	for _, f := range fields {
		f.name = string(appendForm(nil, f.name))
		b.fields = append(b.fields, f)
	}
}

func (c *compiler) multipartBody(fields []row) {
	b := &c.plan.body
	for i, r := range c.ep.Body.Rows {
		field := "body.rows." + strconv.Itoa(i)
		if !integration.On(r.Enabled) || r.Name == "" || c.isHard("body", r.Name) {
			continue
		}
		c.noTokens(field, r.Name)
		if control(r.Name) >= 0 || control(r.ContentType) >= 0 {
			c.problem(field+".name", run.HeaderValue, "Name and content type of a part cannot hold line breaks.")
			continue
		}
		p := partPlan{name: r.Name, contentType: r.ContentType, text: c.text(field+".value", "body", r.Value, atText)}
		if r.FileName != "" {
			p.file = c.text(field+".file_name", "body", r.FileName, atText)
		}
		b.parts = append(b.parts, p)
	}
	for _, f := range fields {
		b.parts = append(b.parts, partPlan{name: f.name, text: f.text, optional: f.optional})
	}
}
