package web

import (
	"bytes"
	"encoding/json"
	"maps"

	"github.com/labstack/echo/v4"

	"tieline/db"
	"tieline/internal/control"
	"tieline/internal/document"
	"tieline/internal/fault"
	"tieline/internal/integration"
	"tieline/views"
)

// recent is a record to try a mapping on: that of the newest run that had one, else an example.
func (h mappings) recent(c echo.Context, of db.StoredIntegration, mapping string) (string, error) {
	d, err := h.Control.MappingDefaults(c.Request().Context(), actor(c), of.Document.Name, mapping)
	if err != nil {
		return "", err
	}
	record := map[string]any{}
	maps.Copy(record, d.Record.Data)
	maps.Copy(record, d.Tokens)
	if d.Record.ID != "" {
		record["record"] = map[string]any{"id": d.Record.ID, "type": d.Record.Type}
	}
	if len(record) == 0 {
		record = map[string]any{
			"id": "1234567", "first_name": "Test", "last_name": "Lead", "phone_number": "+15551234567", "email": "", "status": "SALE",
			"created_at": "2024-03-15 14:30:00", "call_log_id": "88", "length_in_sec": json.Number("73"), "agent_full_name": "Agent 17",
		}
	}
	return string(bytes.TrimSpace(document.JSON(record))), nil
}

// try is what the mapping as typed makes of the input as typed.
func (h mappings) try(c echo.Context, of db.StoredIntegration, f views.MappingForm, m integration.Mapping) views.MappingTryView {
	var record map[string]any
	if err := document.DecodeJSON([]byte(f.Input), &record); err != nil {
		return views.MappingTryView{Error: "The input is no JSON object. " + jsonProblem(err)}
	}
	made, err := h.Control.TryMapping(c.Request().Context(), actor(c), control.MappingTry{
		CallRequest: control.CallRequest{Integration: of.Document.Name, Endpoint: f.Endpoint, Record: control.Record{Data: record}},
		Mapping:     f.Was, Definition: &m,
	})
	if err != nil {
		return views.MappingTryView{Error: fault.MessageOf(err)}
	}
	return views.MappingTryView{Output: indented(made.Output), Request: made.Request, Tokens: made.Tokens, Problems: made.Problems}
}

// indented is JSON as people read it, with its numbers as they are.
func indented(text []byte) string {
	var out bytes.Buffer
	if json.Indent(&out, text, "", "  ") != nil {
		return string(text)
	}
	return out.String()
}
