package executor

import (
	"context"

	"tieline/internal/fault"
	"tieline/internal/request"
	"tieline/internal/run"
	"tieline/internal/secret"
)

// superseded tells whether a token could not be kept because the integrator's was removed or renewed meanwhile.
func superseded(err error) bool { return fault.KindOf(err) == fault.Conflict }

// Try makes a call like Run and records nothing: what became of it is in the run that comes back, and nowhere
// else. It is for calls that are safe to repeat.
func (e *Executor) Try(ctx context.Context, job Job) run.Run {
	c := e.begin(job)
	c.prepare(ctx)
	c.perform(ctx)
	c.end()
	e.large.Release(c.held)
	return c.run
}

// Renew fetches a new token for the job's integrator now, whatever is kept, and makes no other call. The run that
// comes back is not recorded. The token is kept, unless the integrator is unsaved.
func (e *Executor) Renew(ctx context.Context, job Job) run.Run {
	return e.sign(ctx, job, request.Grant{})
}

// Code is what a person brings back from a vendor: a code, the sealed verifier it was asked for with, and the
// address it came to.
type Code struct {
	Code     secret.Text
	Verifier secret.Sealed
	At       secret.Place // where the verifier is sealed for
	Redirect string
}

// Connect trades a code for a token and keeps it. The run that comes back is not recorded.
func (e *Executor) Connect(ctx context.Context, job Job, code Code) run.Run {
	verifier, err := e.options.Opener.Open(code.At, code.Verifier)
	if err != nil {
		c := e.begin(job)
		c.failure = unopened("what this connection was begun with")
		c.end()
		return c.run
	}
	return e.sign(ctx, job, request.Grant{Code: code.Code, Verifier: verifier, Redirect: code.Redirect})
}

// sign makes a token call alone.
func (e *Executor) sign(ctx context.Context, job Job, code request.Grant) run.Run {
	job.Plan = &request.Plan{} // nothing but the token call is made
	c := e.begin(job)
	c.guarded(ctx, func() {
		if c.failure == nil {
			c.failure = c.leased(ctx, code)
		}
	})
	if c.failure == nil {
		c.reading.Note = "a token came: " + life(c.signing.grant, e.options.Now())
	}
	c.end()
	e.large.Release(c.held)
	return c.run
}

func (c *call) leased(ctx context.Context, code request.Grant) *run.Failure {
	if c.signing == nil {
		return &run.Failure{Cause: run.AuthFailed, Summary: "this kind of authentication has no token", Hint: "Nothing was sent."}
	}
	wait, cancel := context.WithTimeout(ctx, renewWait)
	defer cancel()
	kept, lease, err := c.tokens().Lease(wait, c.job.Integrator, func(run.Grant) bool { return false })
	if err != nil {
		return tokensAway(err)
	}
	defer lease.Release(ctx)
	c.fetch(ctx, kept, lease, code)
	return c.failure
}
