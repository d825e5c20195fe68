package request

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"tieline/internal/fault"
	"tieline/internal/integration"
)

// ParametersText writes the path rows, query rows and JSON body of an endpoint as one JSON template,
// {"path":{"id":4},"query":{"type":"true"},"payload":{}}, which ParseParameters reads back. All three keys are
// there; a query name that has several rows holds a list. Rows that are switched off are left out, and so is a
// body that is no JSON template.
func ParametersText(e integration.Endpoint) string {
	var out strings.Builder
	out.WriteString("{\n  \"path\": " + rowsJSON(e.Path) + ",\n  \"query\": " + rowsJSON(e.Query))
	if payload := strings.TrimSpace(e.Body.Content); e.Body.Kind != "json" || payload == "" {
		out.WriteString(",\n  \"payload\": {}")
	} else if isJSONText(payload) {
		out.WriteString(",\n  \"payload\": " + strings.ReplaceAll(payload, "\n", "\n  "))
	}
	out.WriteString("\n}\n")
	return out.String()
}

// rowsJSON writes rows as an object in their order.
func rowsJSON(rows []integration.Row) string {
	var names []string
	values := map[string][]string{}
	for _, r := range rows {
		if !integration.On(r.Enabled) || r.Name == "" {
			continue
		}
		if values[r.Name] == nil {
			names = append(names, r.Name)
		}
		values[r.Name] = append(values[r.Name], quoteJSON(rowText(r)))
	}
	if len(names) == 0 {
		return "{}"
	}
	lines := make([]string, 0, len(names))
	for _, name := range names {
		value := values[name][0]
		if len(values[name]) > 1 {
			value = "[" + strings.Join(values[name], ", ") + "]"
		}
		lines = append(lines, "    "+quoteJSON(name)+": "+value)
	}
	return "{\n" + strings.Join(lines, ",\n") + "\n  }"
}

// isJSONText tells whether a template is one JSON value.
func isJSONText(source string) bool {
	t, err := newJSONText(source)
	if err != nil {
		return false
	}
	var whole any
	return t.Decode(&whole) == nil && !t.More()
}

// ParseParameters gives the endpoint the rows and the body of a text that ParametersText could have written. The
// order of the text is the order of the rows; a key that is left out leaves its rows as they are, and an empty
// payload the body. Rows that are switched off stay, behind the others. What cannot be read is a problem at the
// field "parameters", with line and column.
func ParseParameters(text string, e integration.Endpoint) (integration.Endpoint, error) {
	bad := func(err error) error {
		if flaw, ok := errors.AsType[*jsonFlawError](err); ok {
			var f fault.Fields
			f.Add("parameters", flaw.in(text))
			return f.Err()
		}
		return err
	}
	t, err := newJSONText(text)
	if err != nil {
		return e, bad(err)
	}
	seen := map[string]bool{}
	err = t.object(func(key string, at int) error {
		if seen[key] {
			return &jsonFlawError{at, "the key " + key + " stands twice"}
		}
		seen[key] = true
		switch key {
		case "path", "query":
			rows, err := t.rows(key == "query")
			if err != nil {
				return err
			}
			if key == "path" {
				e.Path = KeepRows(e.Path, rows, sameRow)
			} else {
				e.Query = KeepRows(e.Query, rows, sameRow)
			}
			return nil
		case "payload":
			return t.payload(&e.Body)
		}
		return &jsonFlawError{at, "the key " + quoteJSON(key) + " is not known here; there are path, query and payload"}
	})
	if err == nil && t.More() {
		err = &jsonFlawError{t.here(), "there is more text behind the object"}
	}
	return e, bad(err)
}

// object reads an object and gives its keys one by one; each must read its value.
func (t *jsonText) object(each func(key string, at int) error) error {
	at := t.here()
	open, err := t.Token()
	if err != nil {
		return t.flaw(err)
	}
	if open != json.Delim('{') {
		return &jsonFlawError{at, "an object is needed here, in braces"}
	}
	for t.More() {
		at := t.here()
		key, err := t.Token()
		if err != nil {
			return t.flaw(err)
		}
		name, _ := key.(string)
		if err := each(name, at); err != nil {
			return err
		}
	}
	if _, err = t.Token(); err != nil {
		return t.flaw(err)
	}
	return nil
}

// rows reads an object of plain values as rows; several tells whether a value may be a list of them.
func (t *jsonText) rows(several bool) ([]integration.Row, error) {
	var rows []integration.Row
	err := t.object(func(name string, at int) error {
		if !several && slices.ContainsFunc(rows, func(r integration.Row) bool { return r.Name == name }) {
			return &jsonFlawError{at, "the name " + name + " stands twice"}
		}
		at = t.here()
		var value any
		if err := t.Decode(&value); err != nil {
			return t.flaw(err)
		}
		list, ok := value.([]any)
		if !ok || !several {
			list = []any{value}
		}
		for _, one := range list {
			text, plain := scalarText(one)
			if !plain && one != nil {
				return &jsonFlawError{at, "the value of " + name + " must be a text, a number, true or false"}
			}
			rows = append(rows, integration.Row{Name: name, Value: text})
		}
		return nil
	})
	return rows, err
}

// payload reads the JSON body as it is written.
func (t *jsonText) payload(body *integration.Body) error {
	at := t.here()
	var value any
	if err := t.Decode(&value); err != nil {
		return t.flaw(err)
	}
	content := strings.ReplaceAll(strings.TrimSpace(t.source[at:t.place(t.InputOffset())]), "\n  ", "\n")
	empty := content == "{}" || content == "null"
	switch body.Kind {
	case "json":
		if !empty || body.Content != "" {
			body.Content = content
		}
	case "", "none":
		if !empty {
			body.Kind, body.Content = "json", content
		}
	default:
		if !empty {
			return &jsonFlawError{at, "the body of this endpoint is of the kind " + body.Kind + "; choose JSON as its kind first"}
		}
	}
	return nil
}

// KeepRows are the rows of a text, with what the text cannot say: the source of a row that did not change, and
// rows that are switched off, which the text leaves out. Same tells whether a typed row is what a row before
// looks like as text.
func KeepRows(old, typed []integration.Row, same func(before, typed integration.Row) bool) []integration.Row {
	taken := make([]bool, len(old))
	merged := make([]integration.Row, 0, len(typed))
	for _, row := range typed {
		for i, before := range old {
			if !taken[i] && integration.On(before.Enabled) && same(before, row) {
				row, taken[i] = before, true
				break
			}
		}
		merged = append(merged, row)
	}
	for _, before := range old {
		if !integration.On(before.Enabled) {
			merged = append(merged, before)
		}
	}
	return merged
}

func sameRow(before, typed integration.Row) bool {
	return before.Name == typed.Name && rowText(before) == typed.Value
}
