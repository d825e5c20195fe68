package control

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"

	"tieline/internal/account"
	"tieline/internal/fault"
	"tieline/internal/integration"
	"tieline/internal/run"
	"tieline/internal/secret"
)

// How a run is made again.
const (
	RetrySaved = "saved" // rendered afresh with the definition as it is saved now
	RetryDraft = "draft" // rendered with an unsaved definition
)

// RetryRequest says how a run is made again; an empty mode is RetrySaved.
type RetryRequest struct {
	Mode       string
	Definition *integration.Endpoint
}

// storedInput is what a run keeps of what it was asked, redacted.
type storedInput struct {
	Tokens   map[string]any `json:"tokens"`
	Input    any            `json:"input"`
	HasInput bool           `json:"has_input"`
	Record   *struct {
		Type string         `json:"type"`
		ID   string         `json:"id"`
		Data map[string]any `json:"data"`
	} `json:"record"`
}

// inputOf reads what a run was asked; numbers keep their text.
func inputOf(r run.Run) (storedInput, error) {
	var in storedInput
	if len(r.Input) == 0 {
		return in, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(r.Input))
	decoder.UseNumber()
	err := decoder.Decode(&in)
	in.HasInput = in.HasInput || in.Input != nil
	return in, err
}

func (in storedInput) record(r run.Run) Record {
	record := Record{Type: r.RecordType, ID: r.RecordID}
	if in.Record != nil {
		record.Data = in.Record.Data
	}
	return record
}

// Retry makes a run again from what it was asked: a new run that names the one it repeats. A run whose input
// held secrets cannot be repeated, because they were not kept.
func (p *Plane) Retry(ctx context.Context, who account.Actor, runID string, how RetryRequest) (run.Run, error) {
	if err := mayRetry(who, how); err != nil {
		return run.Run{}, err
	}
	old, err := p.db.Run(ctx, who.Scope, runID)
	if err != nil {
		return run.Run{}, err
	}
	asked, err := p.asked(ctx, who, old)
	if err != nil {
		return run.Run{}, err
	}
	again, err := p.again(ctx, who, old, asked, how)
	if err != nil {
		return run.Run{}, err
	}
	return again, p.noteRun(ctx, who, "retry", old)
}

func mayRetry(who account.Actor, how RetryRequest) error {
	switch how.Mode {
	case RetrySaved, "":
		return who.May(account.ActOnRuns)
	case RetryDraft:
		if err := who.May(account.Test); err != nil {
			return err
		}
		if how.Definition == nil {
			return fault.At("definition", "Give the definition to try.")
		}
		return nil
	}
	return fault.At("mode", "Choose saved or draft.")
}

// asked turns a run back into the call that made it, with the names as they are now.
func (p *Plane) asked(ctx context.Context, who account.Actor, old run.Run) (CallRequest, error) {
	gone := fault.New(fault.Conflict, "The definition or the integrator of this run is not there any more.")
	switch {
	case !old.Status.Ended():
		return CallRequest{}, fault.New(fault.Conflict, "This run is not over yet.")
	case old.Input == nil:
		return CallRequest{}, fault.New(fault.Conflict, "What this run was asked is not kept any more, so it cannot be repeated.")
	case strings.Contains(string(old.Input), secret.Bullets):
		return CallRequest{}, fault.New(fault.Conflict, "What this run was asked held secrets, which are not kept. Send it again from where it came.")
	}
	stored, err := p.db.IntegrationByID(ctx, who.Scope, old.IntegrationID)
	if fault.KindOf(err) == fault.NotFound {
		return CallRequest{}, gone
	}
	if err != nil {
		return CallRequest{}, err
	}
	name, err := p.endpointName(ctx, who, old)
	if err != nil {
		return CallRequest{}, err
	}
	if _, err := p.db.Integrator(ctx, who.Scope, old.IntegratorID); fault.KindOf(err) == fault.NotFound {
		return CallRequest{}, gone
	} else if err != nil {
		return CallRequest{}, err
	}
	in, err := inputOf(old)
	return CallRequest{
		Integration: stored.Document.Name, Endpoint: name, Integrator: old.IntegratorID, Tokens: in.Tokens,
		Input: in.Input, HasInput: in.HasInput, Record: in.record(old), CorrelationID: old.CorrelationID,
	}, err
}

// endpointName is what the endpoint of a run is called now; a run of an unsaved draft keeps the name it had.
func (p *Plane) endpointName(ctx context.Context, who account.Actor, old run.Run) (string, error) {
	if old.EndpointID == "" {
		return old.Endpoint, nil
	}
	rows, err := p.db.Endpoints(ctx, who.Scope, old.IntegrationID)
	if err != nil {
		return "", err
	}
	for _, row := range rows {
		if row.ID == old.EndpointID {
			return row.Name, nil
		}
	}
	return "", fault.New(fault.Conflict, "The endpoint of this run is not there any more.")
}

func (p *Plane) again(ctx context.Context, who account.Actor, old run.Run, c CallRequest, how RetryRequest) (run.Run, error) {
	t, err := p.resolve(ctx, who, c)
	if err != nil {
		return run.Run{}, err
	}
	from := origin{trigger: "retry", test: old.Test, replayOf: old.ID}
	if how.Mode == RetryDraft || old.Test {
		from.test = true
		return p.tested(ctx, who, t, TestRequest{CallRequest: c, Definition: how.Definition}, from)
	}
	return p.saved(ctx, who, t, c, from)
}
