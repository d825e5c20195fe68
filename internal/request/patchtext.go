package request

import (
	"encoding/json"
	"strings"
)

// PatchRow is one operation of a patch: op add, replace or remove, the path, and the value. A value that is JSON
// by itself (a number, true, null, an object, a list, a quoted text) or one whole token is sent as such; every
// other is sent as text.
type PatchRow struct {
	Op, Path, Value string
}

// PatchText writes patch rows as the body of a request: [{"op":"replace","path":"name","value":"X"}]. A row
// without any text is left out; remove has no value.
func PatchText(rows []PatchRow) string {
	var lines []string
	for _, r := range rows {
		if r.Path == "" && r.Value == "" {
			continue
		}
		line := `{"op":` + quoteJSON(r.Op) + `,"path":` + quoteJSON(r.Path)
		if r.Op != "remove" {
			line += `,"value":` + patchValue(r.Value)
		}
		lines = append(lines, "  "+line+"}")
	}
	if len(lines) == 0 {
		return ""
	}
	if len(lines) == 1 {
		return "[" + strings.TrimSpace(lines[0]) + "]"
	}
	return "[\n" + strings.Join(lines, ",\n") + "\n]"
}

// patchValue is a typed value as JSON.
func patchValue(typed string) string {
	trimmed := strings.TrimSpace(typed)
	if trimmed != "" && isJSONText(trimmed) {
		return trimmed
	}
	return quoteJSON(typed)
}

// ParsePatch reads a body as patch rows; ok is false where it is anything else, which only text can show.
func ParsePatch(content string) (rows []PatchRow, ok bool) {
	if strings.TrimSpace(content) == "" {
		return nil, true
	}
	t, err := newJSONText(content)
	if err != nil {
		return nil, false
	}
	if open, err := t.Token(); err != nil || open != json.Delim('[') {
		return nil, false
	}
	for t.More() {
		row, ok := t.patchRow()
		if !ok {
			return nil, false
		}
		rows = append(rows, row)
	}
	if _, err := t.Token(); err != nil || t.More() {
		return nil, false
	}
	return rows, true
}

// patchRow reads one object of a patch.
func (t *jsonText) patchRow() (PatchRow, bool) {
	row, plain, valued := PatchRow{}, true, false
	err := t.object(func(key string, _ int) error {
		at := t.here()
		var value any
		if err := t.Decode(&value); err != nil {
			return err
		}
		text, scalar := value.(string)
		switch key {
		case "op":
			row.Op, plain = text, plain && scalar
		case "path":
			row.Path, plain = text, plain && scalar
		case "value":
			valued = true
			row.Value = strings.TrimSpace(t.source[at:t.place(t.InputOffset())])
			if scalar && !strings.HasPrefix(text, bareMark) && patchValue(text) == quoteJSON(text) {
				row.Value = text
			}
		default:
			plain = false
		}
		return nil
	})
	known := row.Op == "add" || row.Op == "replace" || row.Op == "remove"
	return row, err == nil && plain && known && valued == (row.Op != "remove") && !strings.HasPrefix(row.Path, bareMark)
}
