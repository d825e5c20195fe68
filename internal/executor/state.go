package executor

import (
	"encoding/json"
	"time"

	"tieline/internal/run"
)

// lastSuccess is the key under which the start of the newest run that succeeded is found: {{state.last_success_at}}.
const lastSuccess = "last_success_at"

// remember notes when a run that succeeded began, for an endpoint that asks for it. A test leaves no trace, since
// what it fetched went nowhere; and so does a list that was cut off: the next run must fetch it all again.
func (c *call) remember() {
	switch {
	case c.run.Status != run.Succeeded || c.run.Test || c.walk != nil && c.walk.after:
		c.run.Remember = nil
	case c.job.Plan.UsesState():
		c.note(lastSuccess, c.began.UTC().Format(time.RFC3339))
	}
}

// note has a value stored for later runs of this endpoint and integrator, if this run succeeds.
func (c *call) note(key string, value any) {
	text, err := json.Marshal(value)
	if err != nil {
		return
	}
	if c.run.Remember == nil {
		c.run.Remember = map[string]string{}
	}
	c.run.Remember[key] = string(text)
}
