package control

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"tieline/internal/account"
	"tieline/internal/executor"
	"tieline/internal/fault"
	"tieline/internal/id"
	"tieline/internal/integration"
	"tieline/internal/request"
	"tieline/internal/response"
	"tieline/internal/run"
)

// Record is what a call is about: a lead, a contact, an invoice.
type Record = executor.Record

// CallRequest is a call by name. Customer is a slug, Integrator an id; either Customer, CallcenterID or
// Integrator must be given. Tokens are bare names, Input is input. Document, where it is set, takes the bytes
// of a document endpoint as they come. RunID is the id that the run shall have, as id.New makes it; empty for a
// new one.
type CallRequest struct {
	Integration   string
	Endpoint      string
	Customer      string
	CallcenterID  string
	Integrator    string
	Tokens        map[string]any
	Input         any
	HasInput      bool
	Record        Record
	CorrelationID string
	Document      func(response.Document, *run.Response) (io.Writer, error)
	RunID         string
}

// origin says where a run comes from.
type origin struct {
	trigger  string
	test     bool
	replayOf string
}

// check says everything that is wrong with the form of a call.
func (c CallRequest) check() error {
	var f fault.Fields
	short := func(field, value string) {
		if utf8.RuneCountInString(value) > 200 || strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r == utf8.RuneError }) {
			f.Add(field, "At most 200 characters of plain text.")
		}
	}
	short("customer", c.Customer)
	short("callcenter_id", c.CallcenterID)
	short("integrator", c.Integrator)
	short("correlation_id", c.CorrelationID)
	short("record.type", c.Record.Type)
	short("record.id", c.Record.ID)
	if len(c.Tokens) > 1000 {
		f.Add("tokens", "At most 1000 tokens.")
	}
	return f.Err()
}

// Call runs an endpoint by name and waits. What became of the call is in the run, also when it failed; an
// error means that no run was made, or that it could not be kept.
func (p *Plane) Call(ctx context.Context, who account.Actor, c CallRequest) (run.Run, error) {
	if err := who.May(account.Call); err != nil {
		return run.Run{}, err
	}
	return p.named(ctx, who, c, origin{trigger: "call"})
}

// named runs a saved endpoint for whom the names of a call stand for.
func (p *Plane) named(ctx context.Context, who account.Actor, c CallRequest, from origin) (run.Run, error) {
	if err := c.check(); err != nil {
		return run.Run{}, err
	}
	t, err := p.resolve(ctx, who, c)
	if err != nil {
		return run.Run{}, err
	}
	return p.saved(ctx, who, t, c, from)
}

// saved runs a target's endpoint as it is saved. A real call whose integration, endpoint, customer or
// integrator is switched off becomes a failed run.
func (p *Plane) saved(ctx context.Context, who account.Actor, t target, c CallRequest, from origin) (run.Run, error) {
	endpoint, ok := t.stored.Document.Endpoint(c.Endpoint)
	if !ok {
		return run.Run{}, noEndpoint(c)
	}
	job, err := p.job(ctx, who, t, endpoint, c, from)
	if err != nil {
		return run.Run{}, err
	}
	if off := switchedOff(t, endpoint); off != "" && !from.test {
		return p.refuseDisabled(ctx, job, off)
	}
	return p.executor.Run(ctx, job)
}

func noEndpoint(c CallRequest) error {
	return fault.New(fault.NotFound, "There is no endpoint "+strconv.Quote(c.Endpoint)+" in "+c.Integration+".")
}

// switchedOff names what keeps a call from being sent, or is empty.
func switchedOff(t target, e integration.Endpoint) string {
	switch {
	case !integration.On(t.stored.Document.Enabled):
		return "the integration " + t.stored.Document.Title()
	case !integration.On(e.Enabled):
		return "the endpoint " + e.Title()
	case !t.customer.Enabled:
		return "the customer " + t.customer.Name
	case !t.integrator.Enabled:
		return "the integrator " + t.integrator.Title(t.customer.Name)
	}
	return ""
}

// refuseDisabled keeps a run that was not sent because something is switched off.
func (p *Plane) refuseDisabled(ctx context.Context, j executor.Job, off string) (run.Run, error) {
	return p.executor.Refuse(ctx, j, run.Failure{
		Cause: run.Disabled, Summary: off + " is switched off",
		Hint: "Nothing was sent. Switch " + off + " on again if calls should go out.",
	})
}

// job gathers everything that a call of a stored endpoint needs.
func (p *Plane) job(ctx context.Context, who account.Actor, t target, e integration.Endpoint, c CallRequest, from origin) (executor.Job, error) {
	plan, err := p.directory.plans.of(t.stored, e.Name)
	if err != nil {
		return executor.Job{}, err
	}
	endpointID, err := p.directory.endpointID(ctx, t.stored.ID, e.Name)
	if err != nil {
		return executor.Job{}, err
	}
	return p.assemble(ctx, who, t, e, endpointID, plan, c, from)
}

// assemble puts a job together around a plan.
func (p *Plane) assemble(ctx context.Context, who account.Actor, t target, e integration.Endpoint, endpointID string, plan *request.Plan, c CallRequest, from origin) (executor.Job, error) {
	variables, err := p.directory.variables(ctx, t.customer.ID)
	if err != nil {
		return executor.Job{}, err
	}
	allow, err := p.directory.allowed(ctx, t.customer.ID)
	if err != nil {
		return executor.Job{}, err
	}
	state, err := p.state(ctx, plan, t.integrator.ID, endpointID)
	if err != nil {
		return executor.Job{}, err
	}
	return executor.Job{
		Run: run.Run{
			ID: cmp.Or(c.RunID, id.New()), Status: run.Running, IntegrationID: t.stored.ID, Integration: t.stored.Document.Name,
			Revision: t.stored.Revision, EndpointID: endpointID, Endpoint: e.Name, Method: e.EffectiveMethod(),
			IntegratorID: t.integrator.ID, IntegratorVersion: t.integrator.Version, Integrator: t.integrator.Title(t.customer.Name),
			CustomerID: t.customer.ID, Customer: t.customer.Slug, Trigger: from.trigger, CorrelationID: c.CorrelationID,
			ReplayOf: from.replayOf, Test: from.test, Key: keyOf(c), RecordType: c.Record.Type, RecordID: c.Record.ID,
			CreatedBy: who.Name, CreatedAt: p.now().UTC(),
		},
		Definition: t.stored.Document, Endpoint: e.Name, Plan: plan, Integrator: t.integrator, Allow: allow, Variables: variables,
		Tokens: c.Tokens, Input: c.Input, HasInput: c.HasInput, Record: c.Record, State: state, Document: c.Document,
	}, nil
}

// keyNames are where the key that lists show is looked for, in this order.
var keyNames = []string{
	"phone_number", "primary_phone", "phone", "phoneNumber", "PhoneNumber", "mobile", "to", "InvoiceNumber", "invoice_number", "email",
}

// keyOf is what lists show of a call: a phone number, an invoice number, an e-mail address, or the record's id.
func keyOf(c CallRequest) string {
	input, _ := c.Input.(map[string]any)
	for _, from := range []map[string]any{c.Record.Data, c.Tokens, input} {
		for _, name := range keyNames {
			if key := plain(from[name]); key != "" {
				return key
			}
		}
	}
	return c.Record.ID
}

// plain is a text or a number in at most 100 characters; everything else is empty.
func plain(value any) string {
	var text string
	switch v := value.(type) {
	case string:
		text = strings.TrimSpace(v)
	case json.Number:
		text = v.String()
	case float64, int, int64:
		text = fmt.Sprint(v)
	}
	if r := []rune(text); len(r) > 100 {
		text = string(r[:100])
	}
	return strings.ToValidUTF8(text, "\uFFFD")
}
