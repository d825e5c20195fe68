package control

import (
	"cmp"
	"context"
	"slices"

	"tieline/db"
	"tieline/internal/account"
	"tieline/internal/executor"
	"tieline/internal/fault"
	"tieline/internal/integration"
	"tieline/internal/preset"
	"tieline/internal/request"
	"tieline/internal/run"
)

// What a check of credentials found.
const (
	CheckAccepted = "accepted"
	CheckRefused  = "refused"
	CheckUnclear  = "unclear" // something else went wrong before the credentials were judged
	CheckNothing  = "nothing" // there is no request to check with
)

// Checked is a check of credentials. Message is a sentence for people; Run is what was sent and answered, its
// secrets hidden. It is not stored.
type Checked struct {
	Verdict string
	Message string
	Run     run.Run
}

// CheckIntegrator tries an integrator's credentials with a harmless request. Nothing of it is recorded; a token
// that comes is kept.
func (p *Plane) CheckIntegrator(ctx context.Context, who account.Actor, integratorID string) (Checked, error) {
	if err := who.May(account.Test); err != nil {
		return Checked{}, err
	}
	t, err := p.ownTarget(ctx, who, integratorID)
	if err != nil {
		return Checked{}, err
	}
	return p.check(ctx, who, t, false)
}

// CheckInput tries the credentials of an integrator as typed, saved or not, and stores nothing. What is wrong with
// the input is told at its fields. Secrets that were not typed are those that are stored, as saving would keep
// them.
func (p *Plane) CheckInput(ctx context.Context, who account.Actor, name string, in IntegratorInput) (Checked, error) {
	if err := errorsOf(who.May(account.EditIntegrators), who.May(account.Test)); err != nil {
		return Checked{}, err
	}
	stored, err := p.db.Integration(ctx, who.Scope, name)
	if err != nil {
		return Checked{}, err
	}
	before := integration.Integrator{}
	if in.ID != "" {
		if before, err = p.db.Integrator(ctx, who.Scope, in.ID); err != nil {
			return Checked{}, err
		}
		in.CustomerID = before.CustomerID
	}
	customer, err := p.customerOf(ctx, who, stored, in.CustomerID)
	if err != nil {
		return Checked{}, err
	}
	in, _ = tidyIntegrator(stored.Document, in)
	in.IntegrationID = stored.ID
	in.ID = cmp.Or(in.ID, "unsaved")
	saved, err := p.prepare(ctx, stored, before, in)
	if err != nil {
		return Checked{}, err
	}
	same := before.ID != "" && before.GrantSettings(stored.Document) == saved.Integrator.GrantSettings(stored.Document)
	return p.check(ctx, who, target{stored: stored, customer: customer, integrator: saved.Integrator}, !same)
}

func errorsOf(list ...error) error {
	if i := slices.IndexFunc(list, func(err error) bool { return err != nil }); i >= 0 {
		return list[i]
	}
	return nil
}

// ownTarget is an integrator by its id, with what belongs to it, as it is stored now.
func (p *Plane) ownTarget(ctx context.Context, who account.Actor, integratorID string) (t target, err error) {
	if t.integrator, err = p.db.Integrator(ctx, who.Scope, integratorID); err != nil {
		return t, err
	}
	if t.stored, err = p.db.IntegrationByID(ctx, who.Scope, t.integrator.IntegrationID); err != nil {
		return t, err
	}
	t.customer, err = p.db.Customer(ctx, who.Scope, t.integrator.CustomerID)
	return t, err
}

// check makes the request that a preset names, else the token call, else the first read that needs nothing of a
// call.
func (p *Plane) check(ctx context.Context, who account.Actor, t target, unsaved bool) (Checked, error) {
	if !t.customer.Enabled {
		return Checked{}, fault.New(fault.Conflict, "The customer "+t.customer.Name+" is switched off, so nothing is sent.")
	}
	if e, ok := preset.Check(t.stored.Document.Preset); ok {
		t.stored.Document = drafted(t.stored.Document, e.Name, e)
		return p.tried(ctx, who, t, e, unsaved)
	}
	if t.integrator.Auth.HasToken() {
		if unsaved && t.integrator.Auth.NeedsPerson() {
			return Checked{Verdict: CheckNothing, Message: "A person has to agree at the vendor first: save, then press Connect."}, nil
		}
		job, err := p.bare(ctx, who, t, unsaved)
		if err != nil {
			return Checked{}, err
		}
		return judged(p.executor.Renew(ctx, job)), nil
	}
	for _, e := range t.stored.Document.Endpoints {
		fits, err := p.checks(ctx, who, t, e)
		if err != nil {
			return Checked{}, err
		}
		if fits {
			return p.tried(ctx, who, t, e, unsaved)
		}
	}
	return Checked{
		Verdict: CheckNothing,
		Message: "There is nothing to check with: no endpoint of type GetData sends these credentials without needing values of a call. Save, then test an endpoint.",
	}, nil
}

// checks tells whether an endpoint shows if credentials are good: a read that can be sent without values of a
// call, and that carries a secret of the integrator.
func (p *Plane) checks(ctx context.Context, who account.Actor, t target, e integration.Endpoint) (bool, error) {
	read := e.Type == "" || e.Type == "GetData"
	if !read || e.EffectiveMethod() != "GET" || e.EffectiveRepeat() != "safe" || !integration.On(e.Enabled) || e.Inbound() {
		return false, nil
	}
	job, err := p.checkJob(ctx, who, t, e, true)
	if err != nil {
		return false, err
	}
	shown, err := p.executor.Preview(ctx, job)
	if err != nil || len(shown.Problems) > 0 {
		return false, err
	}
	carries := e.Auth != "none" && t.integrator.Auth.Kind != "" && t.integrator.Auth.Kind != "none"
	return carries || slices.ContainsFunc(shown.Tokens, func(u run.TokenUse) bool { return u.Masked }), nil
}

func (p *Plane) tried(ctx context.Context, who account.Actor, t target, e integration.Endpoint, unsaved bool) (Checked, error) {
	job, err := p.checkJob(ctx, who, t, e, unsaved)
	if err != nil {
		return Checked{}, err
	}
	return judged(p.executor.Try(ctx, job)), nil
}

func (p *Plane) checkJob(ctx context.Context, who account.Actor, t target, e integration.Endpoint, unsaved bool) (executor.Job, error) {
	plan, err := request.Compile(t.stored.Document, e.Name)
	if err != nil {
		return executor.Job{}, err
	}
	job, err := p.assemble(ctx, who, t, e, "", plan, CallRequest{}, origin{trigger: "check", test: true})
	job.Unsaved = unsaved
	return job, err
}

// bare is a job that makes a token call alone.
func (p *Plane) bare(ctx context.Context, who account.Actor, t target, unsaved bool) (executor.Job, error) {
	job, err := p.assemble(ctx, who, t, integration.Endpoint{}, "", nil, CallRequest{}, origin{trigger: "token", test: true})
	job.Unsaved = unsaved
	return job, err
}

// judged says in words what a check found. An answer that was let in and was only not what the endpoint expects
// says enough of the credentials.
func judged(r run.Run) Checked {
	c := Checked{Verdict: CheckUnclear, Run: r}
	if r.Failure == nil {
		c.Verdict, c.Message = CheckAccepted, "The vendor accepts these credentials."
		return c
	}
	is := func(causes ...run.Cause) bool { return slices.Contains(causes, r.Failure.Cause) }
	switch {
	case is(run.Unauthorized, run.AuthFailed, run.Reconnect, run.LoginPage):
		c.Verdict, c.Message = CheckRefused, "Credentials refused: "+r.Failure.Summary+"."
	case is(run.Forbidden):
		c.Verdict, c.Message = CheckRefused, "The vendor knows these credentials, and does not allow them this: "+r.Failure.Summary+"."
	case is(run.KeyMissing, run.ValueNull, run.EmptyBody):
		c.Verdict, c.Message = CheckAccepted, "The vendor accepts these credentials. Its answer is not what the endpoint expects: "+r.Failure.Summary+"."
	default:
		c.Message = "This could not be checked: " + r.Failure.Summary + "."
	}
	return c
}

// TestToken fetches a new token for an integrator now and keeps it. The run shows what was sent and why it
// failed; it is not recorded.
func (p *Plane) TestToken(ctx context.Context, who account.Actor, integratorID string) (run.Run, error) {
	if err := who.May(account.Test); err != nil {
		return run.Run{}, err
	}
	t, err := p.ownTarget(ctx, who, integratorID)
	if err != nil {
		return run.Run{}, err
	}
	if !t.customer.Enabled {
		return run.Run{}, fault.New(fault.Conflict, "The customer "+t.customer.Name+" is switched off, so nothing is sent.")
	}
	if !t.integrator.Auth.HasToken() {
		return run.Run{}, fault.New(fault.Conflict, "This integrator's authentication has no token.")
	}
	job, err := p.bare(ctx, who, t, false)
	if err != nil {
		return run.Run{}, err
	}
	return p.executor.Renew(ctx, job), nil
}

// Token is what is kept of an integrator's token, its values sealed. current tells whether it belongs to the
// integrator as it is now.
func (p *Plane) Token(ctx context.Context, who account.Actor, of db.StoredIntegration, in integration.Integrator) (kept run.Grant, current bool, err error) {
	if err := who.May(account.View); err != nil {
		return run.Grant{}, false, err
	}
	kept, err = p.db.Grant(ctx, who.Scope, in.ID)
	return kept, kept.Settings == in.GrantSettings(of.Document), err
}
