package request

import (
	"strconv"
	"strings"

	"tieline/internal/integration"
	"tieline/internal/run"
	"tieline/internal/token"
)

// hardTexts reads the hard rows. Their tokens come from this side alone, and they do not name one another.
func (c *compiler) hardTexts() {
	for i, h := range c.ep.Hard {
		field := "hard." + strconv.Itoa(i) + ".value"
		t := c.text(field, "hard "+h.Name, h.Value, atText)
		for _, p := range t.parts {
			if p.tok != nil && p.tok.Namespace == token.Hard {
				c.problem(field, run.TokenPosition, "A hard parameter cannot name another one: "+p.tok.Text+".")
			}
		}
		c.plan.hard[h.Name] = t
	}
}

// hardIn are the hard rows that are placed somewhere.
func (c *compiler) hardIn(place string) []integration.HardRow {
	var rows []integration.HardRow
	for _, h := range c.ep.Hard {
		if h.In == place && h.Name != "" {
			rows = append(rows, h)
		}
	}
	return rows
}

// hardRow is a placed hard row as a row of a call.
func (c *compiler) hardRow(h integration.HardRow, where string, at position) row {
	for i := range c.ep.Hard {
		if c.ep.Hard[i] == h {
			t := c.text("hard."+strconv.Itoa(i)+".value", where, h.Value, at)
			return row{name: h.Name, text: t}
		}
	}
	return row{}
}

// isHard tells whether a placed hard row of this name exists, so that another row of the name gives way.
func (c *compiler) isHard(place, name string) bool {
	for _, h := range c.hardIn(place) {
		if h.Name == name || place == "header" && strings.EqualFold(h.Name, name) {
			return true
		}
	}
	return false
}

// paramsIn are the listed parameters that go to a place, as rows.
func (c *compiler) paramsIn(place, where string, at position) []row {
	var rows []row
	for i, name := range c.ep.Params {
		field := "params." + strconv.Itoa(i)
		p, ok := c.plan.parameters[name]
		if !ok {
			if place == "header" {
				c.problem(field, run.UnknownToken, unknownName("parameter", name, c.plan.names))
			}
			continue
		}
		if in := p.In; in != place && (in != "" || place != "header") {
			continue
		}
		if c.isHard(place, name) {
			continue
		}
		w := where
		if place == "header" {
			w += name
		}
		tok := &token.Token{Name: "field." + name, Namespace: token.Field, Path: []string{name}, Text: "{{field." + name + "}}"}
		rows = append(rows, row{name: name, optional: !p.Required, text: &text{
			field: c.prefix + field, where: w, parts: []part{{tok: tok, at: at, param: p, shown: true, named: sensitive(tok)}},
		}})
	}
	return rows
}

// rowSource gives a row's template, and notes a source that is none.
func (c *compiler) rowSource(field string, r integration.Row) string {
	switch r.Source {
	case "", "field", "auth", "input", "event", "hard", "var", "ctx", "state", "steps", "option":
	default:
		c.problem(field+".source", run.TokenPosition, "There is no source "+r.Source+". Choose field, auth, input, event, hard, var or ctx.")
	}
	return rowText(r)
}

// noTokens refuses tokens in a name: names are sent as they are.
func (c *compiler) noTokens(field, name string) {
	if strings.Contains(name, "{{") || strings.Contains(name, "${") {
		c.problem(field+".name", run.TokenPosition, "A name cannot hold a token. Put it into the value.")
	}
}

func (c *compiler) queryRows() {
	for i, r := range c.ep.Query {
		field := "query." + strconv.Itoa(i)
		if !integration.On(r.Enabled) || r.Name == "" || c.isHard("query", r.Name) {
			continue
		}
		c.noTokens(field, r.Name)
		read := row{name: string(atQuery.append(nil, r.Name))}
		if c.isCondition(r.Name) {
			read.text, read.condition = c.conditionText(field+".value", "url", c.rowSource(field, r)), true
		} else {
			read.text = c.text(field+".value", "url", c.rowSource(field, r), atQuery)
		}
		c.plan.query = append(c.plan.query, read)
	}
	for _, r := range c.paramsIn("query", "url", atQuery) {
		r.name = string(atQuery.append(nil, r.name))
		c.plan.query = append(c.plan.query, r)
	}
	for _, h := range c.hardIn("query") {
		r := c.hardRow(h, "url", atQuery)
		r.name = string(atQuery.append(nil, r.name))
		c.plan.query = append(c.plan.query, r)
	}
}

func (c *compiler) headerRows() {
	add := func(field string, r row) {
		if _, managed := Managed(r.name); managed {
			return
		}
		if !ValidHeaderName(r.name) {
			c.problem(field+".name", run.HeaderValue, strconv.Quote(r.name)+" is not a header name. Letters, digits and - are usual.")
			return
		}
		c.checkLiteral(field, r)
		c.plan.rowNames[strings.ToLower(r.name)] = true
		c.plan.headers = append(c.plan.headers, r)
	}
	for i, r := range c.ep.Headers {
		field := "headers." + strconv.Itoa(i)
		r.Name = strings.TrimSpace(r.Name)
		if !integration.On(r.Enabled) || r.Name == "" && r.Value == "" || c.isHard("header", r.Name) {
			continue
		}
		t := c.text(field+".value", "header "+r.Name, c.rowSource(field, r), atHeader)
		add(field, row{name: r.Name, text: t})
	}
	for _, r := range c.paramsIn("header", "header ", atHeader) {
		add(strings.TrimPrefix(r.text.field, c.prefix), r)
	}
	for i, h := range c.hardIn("header") {
		add("hard."+strconv.Itoa(i), c.hardRow(h, "header "+h.Name, atHeader))
	}
}

// checkLiteral refuses control characters that are typed into a header value.
func (c *compiler) checkLiteral(field string, r row) {
	for _, p := range r.text.parts {
		if p.tok == nil && control(p.lit) >= 0 {
			c.problem(field+".value", run.HeaderValue, "The value of "+r.name+" holds a line break or another control character.")
			return
		}
	}
}

// pathRows fills the {name} slots: hard rows win over rows, rows over parameters.
func (c *compiler) pathRows() {
	for _, r := range c.paramsIn("path", "url", atText) {
		c.plan.path[r.name] = r.text
	}
	for i, r := range c.ep.Path {
		field := "path." + strconv.Itoa(i)
		if !integration.On(r.Enabled) || r.Name == "" || c.isHard("path", r.Name) {
			continue
		}
		c.noTokens(field, r.Name)
		if r.Value != "" || r.Source != "" {
			c.plan.path[r.Name] = c.text(field+".value", "url", c.rowSource(field, r), atText)
		}
	}
	for _, h := range c.hardIn("path") {
		c.plan.path[h.Name] = c.hardRow(h, "url", atText).text
	}
}
