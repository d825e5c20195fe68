package web

import (
	"net/http"
	"strings"

	"tieline/internal/request"
	"tieline/views"
)

// patch reads the rows of a patch, which then say what the body's content is. nil where the body is typed as text.
func (v *fields) patch(content *string) []views.PatchRow {
	if !v.form.Has("patch") {
		return nil
	}
	rows := []views.PatchRow{}
	for i := range v.rows("patch") {
		rows = append(rows, views.PatchRow{Op: v.text(at("patch", i, "op")), Path: v.text(at("patch", i, "name")), Value: v.block(at("patch", i, "value"))})
	}
	*content = patchContent(rows)
	return rows
}

func patchContent(rows []views.PatchRow) string {
	written := make([]request.PatchRow, 0, len(rows))
	for _, r := range rows {
		written = append(written, request.PatchRow(r))
	}
	return request.PatchText(written)
}

// applyPatchOp does what the buttons of a patch ask for: rows, and the change between rows and text.
func applyPatchOp(f *views.EndpointForm, op string) bool {
	switch op {
	case "patch-text":
		f.Patch, f.PatchText, f.Focus = nil, true, "body.content"
		return true
	case "patch-rows":
		f.PatchText = false
		if f.Patch = patchRows(f.Endpoint.Body.Content); f.Patch == nil {
			f.PatchText = true
		}
		return true
	}
	row, ok := parseRowOp(op)
	if !ok || row.List != "patch" || f.Patch == nil {
		return false
	}
	f.Focus = at("patch", row.focus(len(f.Patch)), "name")
	f.Patch = applyRows(f.Patch, row, views.PatchRow{Op: "replace"})
	f.Endpoint.Body.Content = patchContent(f.Patch)
	return true
}

// settlePatch shows the body of a PATCH as rows where rows can say it; usual tells whether the vendor takes patches
// in this form, so that an empty body begins as rows.
func settlePatch(f *views.EndpointForm, usual bool) {
	e := f.Endpoint
	switch {
	case e.Method != http.MethodPatch || e.Body.Kind != "json" || f.PatchText:
		f.Patch = nil
	case f.Patch == nil && (usual || strings.TrimSpace(e.Body.Content) != ""):
		f.Patch = patchRows(e.Body.Content)
	}
}

// patchRows are the rows of a body, with an empty one where there is none; nil where only text can show it.
func patchRows(content string) []views.PatchRow {
	parsed, ok := request.ParsePatch(content)
	if !ok {
		return nil
	}
	rows := []views.PatchRow{}
	for _, r := range parsed {
		rows = append(rows, views.PatchRow(r))
	}
	if len(rows) == 0 {
		rows = append(rows, views.PatchRow{Op: "replace"})
	}
	return rows
}
