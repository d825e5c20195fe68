package run

import "time"

// Event is something that happened. Type is one of the known types or custom.…; Alias is the name it was sent under,
// where that was another. Integration, where it is set, is the only one whose triggers are considered.
type Event struct {
	ID             string
	Type           string
	Alias          string
	CustomerID     string
	Customer       string // slug
	CallcenterID   string
	Integration    string
	Source         string // who sent it: the name of an API key, of a webhook, of a schedule
	IdempotencyKey string
	CorrelationID  string // the call
	RecordType     string
	RecordID       string
	OccurredAt     time.Time
	ReceivedAt     time.Time
	Payload        Payload
	Decisions      []Decision
}

// Payload is what an event says. Its parts are merged into bare names, tokens first.
type Payload struct {
	Tokens  map[string]any `json:"tokens,omitempty"`
	Data    map[string]any `json:"data,omitempty"`
	Call    map[string]any `json:"call,omitempty"`
	Record  map[string]any `json:"record,omitempty"`
	Agent   map[string]any `json:"agent,omitempty"`
	Page    map[string]any `json:"page,omitempty"`    // read from the page that an agent looks at; never trusted
	Options map[string]any `json:"options,omitempty"` // what the agent ticked
}

// Decision is what became of one trigger at one event: it ran, or the reason why not, with the values that decided.
type Decision struct {
	Integration string    `json:"integration"`
	Endpoint    string    `json:"endpoint"`
	Trigger     string    `json:"trigger"`
	Integrator  string    `json:"integrator,omitempty"`
	Ran         bool      `json:"ran"`
	Reason      string    `json:"reason,omitempty"`
	DueAt       time.Time `json:"due_at,omitzero"` // when the run is to start, where that is later
	RunID       string    `json:"run_id,omitempty"`
}
