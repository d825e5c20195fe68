package mapping

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"tieline/internal/integration"
	"tieline/internal/token"
)

// row is one rule, read.
type row struct {
	integration.MapRow
	op     string
	name   *token.Token   // From is the name of a value
	names  []*token.Token // of concat: From is a list of names
	parts  []token.Part   // From is a template
	to     []target
	when   *token.Token
	broken bool
}

// target is one name of To: as written, and as steps.
type target struct {
	text  string
	steps []string
}

// compiler reads one row.
type compiler struct {
	plan  *Plan
	index int
	found row
}

func (c *compiler) problem(key, message string) {
	c.found.broken = true
	c.plan.problems = append(c.plan.problems, Problem{Field: (&Error{Row: c.index, Key: key}).Field(), Message: message})
}

func (c *compiler) warn(key, message string) {
	c.plan.problems = append(c.plan.problems, Problem{Field: (&Error{Row: c.index, Key: key}).Field(), Message: message, Warning: true})
}

func (c *compiler) row(m integration.MapRow) row {
	c.found = row{MapRow: m, op: m.Op}
	if c.found.op == "" {
		c.found.op = "copy"
	}
	if c.found.op == "json_patch" {
		c.patchTargets(m.To)
	} else {
		c.targets(m.To)
	}
	c.from(m.From)
	if m.When != nil {
		c.found.when = c.named("when.path", m.When.Path)
	}
	switch c.found.op {
	case "date":
		if message := token.CheckDate(m.Format, m.Zone); message != "" {
			c.problem(dateKey(m), message)
		}
	case "number":
		if !numberFormat(m.Format) {
			c.problem("format", `A number is written 0, 0.00 (as many decimals as zeros) or #,##0.00; empty keeps it as it is.`)
		}
	}
	return c.found
}

// dateKey tells whether the pattern or the zone is to blame.
func dateKey(m integration.MapRow) string {
	if token.CheckDate(m.Format, "") == "" {
		return "zone"
	}
	return "format"
}

// targets reads a comma list of dotted names. A backslash takes the next character as it is.
func (c *compiler) targets(list string) {
	for _, text := range token.SplitEscaped(list, ',') {
		text = strings.TrimSpace(text)
		if text == "" {
			continue
		}
		t := target{text: text}
		for _, step := range token.SplitEscaped(text, '.') {
			if step = strings.TrimSpace(unescape(step)); step == "" {
				c.problem("to", "The name "+text+" has an empty part between its dots.")
				return
			}
			t.steps = append(t.steps, step)
		}
		if len(t.steps) > maxDepth {
			c.problem("to", "At most "+strconv.Itoa(maxDepth)+" names below one another.")
			return
		}
		c.found.to = append(c.found.to, t)
	}
}

// patchTargets reads a comma list of paths as the other side writes them.
func (c *compiler) patchTargets(list string) {
	for _, text := range token.SplitEscaped(list, ',') {
		if text = strings.TrimSpace(unescape(text)); text == "" {
			continue
		}
		c.found.to = append(c.found.to, target{text: text})
		if strings.Contains(strings.TrimPrefix(text, "/"), "/") && !strings.HasPrefix(text, "/") {
			c.warn("to", "ConnectWise answers 200 to the nested path "+text+" and changes nothing. Patch the whole of "+text[:strings.IndexByte(text, '/')]+" instead.")
		}
	}
}

func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		out.WriteByte(s[i])
	}
	return out.String()
}

// from reads where the value comes from: for set and wherever a token stands it is a template, else a name.
func (c *compiler) from(text string) {
	switch {
	case text == "":
	case c.found.op == "set" || strings.Contains(text, "{{") || strings.Contains(text, "${"):
		template, err := token.Parse(text)
		if e, bad := errors.AsType[*token.SyntaxError](err); bad {
			c.problem("from", e.Message)
		}
		c.found.parts = template.Parts
		for _, p := range template.Parts {
			if p.Token != nil {
				c.spelling("from", p.Token)
			}
		}
	case c.found.op == "concat":
		for _, name := range token.SplitEscaped(text, ',') {
			if t := c.named("from", strings.TrimSpace(unescape(name))); t != nil {
				c.found.names = append(c.found.names, t)
			}
		}
	default:
		c.found.name = c.named("from", text)
	}
}

// named reads the name of a value. What is no name of the token language is a key of the record all the same.
func (c *compiler) named(key, text string) *token.Token {
	text = strings.TrimSpace(text)
	if template, err := token.Parse("{{" + text + "}}"); err == nil && len(template.Parts) == 1 && template.Parts[0].Token != nil && len(template.Parts[0].Token.Filters) == 0 {
		c.spelling(key, template.Parts[0].Token)
		return template.Parts[0].Token
	}
	path := strings.Split(text, ".")
	if slices.Contains(path, "") {
		c.problem(key, "This is not the name of a value. Write a name such as email or record.id, or a template such as {{email|lower}}.")
		return nil
	}
	return &token.Token{Name: text, Namespace: token.Event, Path: path, Text: text}
}
