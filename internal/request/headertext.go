package request

import (
	"fmt"
	"slices"
	"strings"

	"tieline/internal/fault"
	"tieline/internal/integration"
	"tieline/internal/token"
)

// ParseHeaderText reads header rows from text in either of two forms: "Name: value" on a line each, or several on
// a line with pipes between them ("Content-type: application/json|Authorization: OAuth abc:def"). On a line, a
// pipe parts two headers only where "Name:" follows it, so that "Authorization: Bearer 12|abc" keeps its pipe;
// \| is always a pipe in a value. A part without a colon is an error that names the part. Every problem is at
// the field "headers".
func ParseHeaderText(text string) ([]integration.Row, error) {
	var rows []integration.Row
	var f fault.Fields
	for n, line := range strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		if strings.TrimSpace(line) == "" {
			continue
		}
		for _, part := range splitHeaders(line) {
			row, problem := headerPart(part)
			if problem != "" {
				f.Add("headers", fmt.Sprintf("Line %d: %s", n+1, problem))
				continue
			}
			rows = append(rows, row)
		}
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	return rows, nil
}

// HeaderText writes rows as "Name: value" lines that ParseHeaderText reads back. Rows that are switched off
// are left out, as the text cannot say so; pipes that would part a line are escaped.
func HeaderText(rows []integration.Row) string {
	var out strings.Builder
	for _, r := range rows {
		if !integration.On(r.Enabled) || r.Name == "" && r.Value == "" {
			continue
		}
		value := rowText(r)
		line := r.Name + ": " + value
		if again, err := ParseHeaderText(line); err != nil || len(again) != 1 || again[0].Value != strings.TrimSpace(value) {
			line = r.Name + ": " + strings.ReplaceAll(value, "|", `\|`)
		}
		out.WriteString(line + "\n")
	}
	return out.String()
}

// splitHeaders cuts a line at its pipes. The pipe syntax is in force when the text before the first pipe or
// some text after a pipe shows it: every part is then a header, and a part without a colon an error. A line
// whose pipes all stand inside one value has no "Name:" behind any of them.
func splitHeaders(line string) []string {
	parts := cutPipes(line)
	if len(parts) == 1 {
		return parts
	}
	if isHeader(parts[0]) && !slices.ContainsFunc(parts[1:], isHeader) {
		return []string{line}
	}
	return parts
}

// cutPipes cuts at every pipe that has no backslash before it and stands outside {{ }}.
func cutPipes(line string) []string {
	var parts []string
	start, depth := 0, 0
	for i := 0; i < len(line); i++ {
		switch {
		case line[i] == '\\' && i+1 < len(line) && line[i+1] == '|':
			i++
		case strings.HasPrefix(line[i:], "{{") && strings.Contains(line[i:], "}}"):
			depth++
			i++
		case strings.HasPrefix(line[i:], "}}") && depth > 0:
			depth--
			i++
		case line[i] == '|' && depth == 0:
			parts = append(parts, line[start:i])
			start = i + 1
		}
	}
	return append(parts, line[start:])
}

// isHeader tells whether a part has the form of a header.
func isHeader(part string) bool {
	name, _, ok := strings.Cut(part, ":")
	return ok && ValidHeaderName(strings.TrimSpace(name))
}

func headerPart(part string) (integration.Row, string) {
	shown := strings.TrimSpace(part)
	if len(shown) > 60 {
		shown = strings.ToValidUTF8(shown[:60], "") + "…"
	}
	name, value, found := strings.Cut(part, ":")
	if !found {
		return integration.Row{}, fmt.Sprintf("%q has no colon; a header is written Name: value.", shown)
	}
	name = strings.TrimSpace(name)
	if !ValidHeaderName(name) {
		return integration.Row{}, fmt.Sprintf("%q is not a header name, in %q.", name, shown)
	}
	value = strings.TrimSpace(strings.ReplaceAll(value, `\|`, "|"))
	if control(value) >= 0 {
		return integration.Row{}, fmt.Sprintf("The value of %s holds a control character.", name)
	}
	return integration.Row{Name: name, Value: value}, ""
}

// rowText is a row's value as a template, also where a source is named.
func rowText(r integration.Row) string {
	if r.Source == "" {
		return r.Value
	}
	return sourceTemplate(r.Source, r.Value, r.Name)
}

// sourceTemplate writes a source and a bare name as a token. A row without a value names itself.
func sourceTemplate(source, value, name string) string {
	value = strings.TrimSpace(value)
	if value == "" {
		value = name
	}
	switch {
	case source == "auth" && !slices.Contains(token.AuthNames(), value):
		return "{{auth.token}}"
	case source == "event" && strings.HasPrefix(value, "event."):
		return "{{" + value + "}}"
	}
	return "{{" + source + "." + value + "}}"
}
