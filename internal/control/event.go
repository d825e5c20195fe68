package control

import (
	"strings"
	"time"

	"tieline/internal/document"
	"tieline/internal/fault"
	"tieline/internal/integration"
	"tieline/internal/run"
)

// eventInput is an event as it is sent or pasted.
type eventInput struct {
	Type          string         `json:"type"`
	Customer      string         `json:"customer"`
	CallcenterID  string         `json:"callcenter_id"`
	CorrelationID string         `json:"correlation_id"`
	OccurredAt    string         `json:"occurred_at"`
	Integration   string         `json:"integration"`
	Agent         map[string]any `json:"agent"`
	Call          map[string]any `json:"call"`
	Tokens        map[string]any `json:"tokens"`
	Data          map[string]any `json:"data"`
	Page          map[string]any `json:"page"`
	Options       map[string]any `json:"options"`
	Record        struct {
		Type string         `json:"type"`
		ID   string         `json:"id"`
		Data map[string]any `json:"data"`
	} `json:"record"`
}

// ReadEvent reads an event from JSON, with its type as the closed list has it. Problems are keyed as in the document.
func ReadEvent(text []byte) (run.Event, error) {
	var in eventInput
	if err := document.DecodeJSON(text, &in); err != nil {
		return run.Event{}, err
	}
	e := run.Event{
		Type: integration.EventType(in.Type), Customer: in.Customer, CallcenterID: in.CallcenterID, Integration: in.Integration,
		CorrelationID: in.CorrelationID, RecordType: in.Record.Type, RecordID: in.Record.ID,
		Payload: run.Payload{
			Tokens: in.Tokens, Data: in.Data, Call: in.Call, Record: in.Record.Data, Agent: in.Agent, Page: in.Page, Options: in.Options,
		},
	}
	if e.Type != in.Type {
		e.Alias = in.Type
	}
	var f fault.Fields
	switch {
	case strings.TrimSpace(in.Type) == "":
		f.Add("type", "Name the event, for example call.ended.")
	case !integration.KnownEvent(in.Type):
		f.Add("type", "There is no such event; your own begin with custom.")
	}
	if in.OccurredAt != "" {
		at, err := time.Parse(time.RFC3339Nano, in.OccurredAt)
		if err != nil {
			f.Add("occurred_at", "A moment such as 2026-11-22T10:15:00Z.")
		}
		e.OccurredAt = at.UTC()
	}
	return e, f.Err()
}
