package control

import (
	"cmp"
	"context"
	"strconv"

	"tieline/internal/account"
	"tieline/internal/executor"
	"tieline/internal/fault"
	"tieline/internal/integration"
	"tieline/internal/request"
	"tieline/internal/run"
)

// TestRequest is a test of an endpoint as saved, or of an unsaved Definition of it.
type TestRequest struct {
	CallRequest
	Definition *integration.Endpoint
}

// Test sends an endpoint's request for real and keeps the run as a test. Switches that are off do not keep a
// test from going out, but a customer's own does.
func (p *Plane) Test(ctx context.Context, who account.Actor, t TestRequest) (run.Run, error) {
	if err := who.May(account.Test); err != nil {
		return run.Run{}, err
	}
	if err := t.check(); err != nil {
		return run.Run{}, err
	}
	found, err := p.resolve(ctx, who, t.CallRequest)
	if err != nil {
		return run.Run{}, err
	}
	return p.tested(ctx, who, found, t, origin{trigger: "test", test: true})
}

// tested runs a saved or a drafted endpoint against a target.
func (p *Plane) tested(ctx context.Context, who account.Actor, found target, t TestRequest, from origin) (run.Run, error) {
	job, err := p.testJob(ctx, who, found, t, from)
	if err != nil {
		return run.Run{}, err
	}
	if !found.customer.Enabled {
		return p.refuseDisabled(ctx, job, "the customer "+found.customer.Name)
	}
	return p.executor.Run(ctx, job)
}

// testJob puts a job together around the saved or the drafted endpoint. A run of a draft that differs from what
// is saved names revision 0: no revision holds it.
func (p *Plane) testJob(ctx context.Context, who account.Actor, found target, t TestRequest, from origin) (executor.Job, error) {
	saved, exists := found.stored.Document.Endpoint(t.Endpoint)
	if t.Definition == nil {
		if !exists {
			return executor.Job{}, noEndpoint(t.CallRequest)
		}
		return p.job(ctx, who, found, saved, t.CallRequest, from)
	}
	draft := *t.Definition
	draft.Name = cmp.Or(draft.Name, t.Endpoint, "draft")
	if exists && same(saved, draft) {
		return p.job(ctx, who, found, saved, t.CallRequest, from)
	}
	found.stored.Document = drafted(found.stored.Document, t.Endpoint, draft)
	found.stored.Revision = 0
	plan, err := request.Compile(found.stored.Document, draft.Name)
	if err != nil {
		return executor.Job{}, drafterr(found.stored.Document, draft.Name, err)
	}
	endpointID := ""
	if exists {
		if endpointID, err = p.directory.endpointID(ctx, found.stored.ID, t.Endpoint); err != nil {
			return executor.Job{}, err
		}
	}
	return p.assemble(ctx, who, found, draft, endpointID, plan, t.CallRequest, from)
}

// drafted is a definition with a draft in the place of one of its endpoints, or behind them.
func drafted(in integration.Integration, was string, e integration.Endpoint) integration.Integration {
	endpoints := make([]integration.Endpoint, 0, len(in.Endpoints)+1)
	placed := false
	for _, other := range in.Endpoints {
		switch other.Name {
		case was, e.Name:
			if !placed {
				endpoints = append(endpoints, e)
			}
			placed = true
		default:
			endpoints = append(endpoints, other)
		}
	}
	if !placed {
		endpoints = append(endpoints, e)
	}
	in.Endpoints = endpoints
	return in
}

// drafterr keys the problems of a draft as the caller knows them.
func drafterr(in integration.Integration, name string, err error) error {
	prefix := "endpoints." + strconv.Itoa(position(in, name)) + "."
	var f fault.Fields
	for _, problem := range problemsOf(unprefixed(err, prefix)) {
		f.Add("definition."+problem.Field, problem.Message)
	}
	if !f.Has() {
		return err
	}
	return f.Err()
}

// Preview renders the request that a test would send, as far as it can be rendered, and sends nothing. The
// customer may be missing while there is none to choose. Problem fields are keyed within the endpoint.
func (p *Plane) Preview(ctx context.Context, who account.Actor, t TestRequest) (executor.Preview, error) {
	if err := who.May(account.Test); err != nil {
		return executor.Preview{}, err
	}
	if err := t.check(); err != nil {
		return executor.Preview{}, err
	}
	found, err := p.previewTarget(ctx, who, t.CallRequest)
	if err != nil {
		return executor.Preview{}, err
	}
	job, err := p.testJob(ctx, who, found, t, origin{trigger: "test", test: true})
	if fields := problemsOf(err); len(fields) > 0 && fault.KindOf(err) == fault.Invalid {
		return executor.Preview{Problems: asProblems(fields)}, nil
	}
	if err != nil {
		return executor.Preview{}, err
	}
	shown, err := p.executor.Preview(ctx, job)
	prefix := "endpoints." + strconv.Itoa(position(job.Definition, job.Endpoint)) + "."
	for i := range shown.Problems {
		shown.Problems[i].Field = cutPrefix(shown.Problems[i].Field, prefix)
	}
	return shown, err
}

func cutPrefix(field, prefix string) string {
	if len(field) > len(prefix) && field[:len(prefix)] == prefix {
		return field[len(prefix):]
	}
	return field
}

func asProblems(fields []fault.Problem) []run.Problem {
	problems := make([]run.Problem, 0, len(fields))
	for _, f := range fields {
		problems = append(problems, run.Problem{Field: cutPrefix(f.Field, "definition."), Message: f.Message})
	}
	return problems
}

// previewTarget is the target of a preview, which may do without a customer.
func (p *Plane) previewTarget(ctx context.Context, who account.Actor, c CallRequest) (target, error) {
	if c.Integrator != "" || c.Customer != "" || c.CallcenterID != "" {
		return p.resolve(ctx, who, c)
	}
	if err := p.directory.refresh(ctx); err != nil {
		return target{}, err
	}
	stored, err := p.directory.integration(ctx, c.Integration)
	if fault.KindOf(err) == fault.NotFound || err == nil && stored.CustomerID != "" && !who.Scope.Holds(stored.CustomerID) {
		return target{}, noIntegration(c.Integration)
	}
	return target{stored: stored, integrator: integration.Integrator{IntegrationID: stored.ID, Enabled: true}}, err
}

// Defaults prefill the test form of an endpoint.
type Defaults struct {
	Key           string
	Record        Record
	Tokens        map[string]any
	Input         any
	HasInput      bool
	Integrator    string
	CorrelationID string
}

// TestDefaults are the values of the newest run of an endpoint that carried a record; empty where there is none.
func (p *Plane) TestDefaults(ctx context.Context, who account.Actor, name, endpoint string) (Defaults, error) {
	if err := who.May(account.Test); err != nil {
		return Defaults{}, err
	}
	stored, err := p.db.Integration(ctx, who.Scope, name)
	if err != nil {
		return Defaults{}, err
	}
	endpointID, err := p.db.EndpointID(ctx, who.Scope, stored.ID, endpoint)
	if err != nil {
		return Defaults{}, err
	}
	newest, err := p.db.NewestRunWithRecord(ctx, who.Scope, endpointID)
	if fault.KindOf(err) == fault.NotFound {
		return Defaults{}, nil
	}
	if err != nil {
		return Defaults{}, err
	}
	in, err := inputOf(newest)
	if err != nil {
		return Defaults{}, err
	}
	return Defaults{
		Key: newest.Key, Record: in.record(newest), Tokens: in.Tokens, Input: in.Input, HasInput: in.HasInput,
		Integrator: newest.IntegratorID, CorrelationID: newest.CorrelationID,
	}, nil
}
