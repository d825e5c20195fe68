package executor

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"runtime"
	"runtime/debug"
	"slices"
	"time"

	"tieline/internal/id"
	"tieline/internal/integration"
	"tieline/internal/outbound"
	"tieline/internal/redact"
	"tieline/internal/request"
	"tieline/internal/response"
	"tieline/internal/run"
)

// call is one job under way.
type call struct {
	e        *Executor
	job      Job
	endpoint integration.Endpoint
	policy   integration.Policy
	began    time.Time
	opened   opened
	signing  *signing // nil where the integrator's authentication has no token
	secrets  []string
	hide     *redact.Redactor
	built    request.Call     // the request under way
	page     *request.Page    // what the page under way changes in it; nil: nothing
	walk     *walk            // the way through the pages; nil: there is one answer
	until    time.Time        // when the request under way must be over with all its tries
	late     bool             // some of that time went by before the request
	waits    []run.Wait       // before the next request
	last     run.Exchange     // the newest exchange, as it was
	reading  response.Reading // what its answer says
	failure  *run.Failure
	attempts []run.Attempt // as they are stored
	tried    bool          // the last attempt sent the call itself
	found    []string      // secrets that answers brought
	handed   bool          // a document went on to the sink
	held     int64         // bytes taken from the executor's memory for large answers
	run      run.Run
}

// begin opens the secrets and fills in what is known before anything is sent.
func (e *Executor) begin(job Job) *call {
	c := &call{e: e, job: job, began: e.options.Now(), run: job.Run}
	c.endpoint, _ = job.Definition.Endpoint(job.Endpoint)
	c.policy = merged(c.endpoint.Policy, job.Integrator.Policy)
	if c.walk = newWalk(c.endpoint.Pagination); c.walk != nil {
		c.page = c.walk.start()
	}
	c.run.Status = run.Running
	if c.run.ID == "" {
		c.run.ID = id.New()
	}
	if c.run.CreatedAt.IsZero() {
		c.run.CreatedAt = c.began.UTC()
	}
	c.opened, c.failure = e.open(job)
	c.secrets = c.opened.values()
	if token, ok := job.Tokens["authToken"].(string); ok {
		c.secrets = append(c.secrets, token) // a one-time sign-in token, secret also where no template names it
	}
	c.hide = e.hides.of(c.secrets, nil)
	c.signing = signingOf(job)
	return c
}

// start builds the request and, where a repeat could do harm, has the run recorded before it is sent. What keeps
// a request from being built is a failure of the run, not an error.
func (c *call) start(ctx context.Context) error {
	c.prepare(ctx)
	if c.failure != nil || c.safe() {
		return nil
	}
	return c.e.options.Recorder.Start(ctx, c.run)
}

// prepare gets the token where one is needed, builds the request, and fills in what the run says of it.
func (c *call) prepare(ctx context.Context) {
	c.guarded(ctx, func() { c.authorise(ctx) })
	c.guarded(ctx, c.build)
	c.run.Input = c.input()
	c.run.Key, c.run.RecordID = c.hide.Text(c.run.Key), c.hide.Text(c.run.RecordID)
	c.run.CorrelationID, c.run.RecordType = c.hide.Text(c.run.CorrelationID), c.hide.Text(c.run.RecordType)
}

func (c *call) safe() bool { return c.endpoint.EffectiveRepeat() == "safe" }

func (c *call) build() {
	if c.failure != nil {
		return
	}
	c.built, c.failure = c.job.Plan.Build(c.data())
	c.hide = c.hiderOf(c.built)
	c.run.Tokens = hiddenTokens(c.hide, c.built.Trace)
	c.run.Remember = c.built.Remember
}

// perform sends and reads. Whatever goes wrong ends up in c.failure.
func (c *call) perform(ctx context.Context) {
	if c.failure != nil {
		return
	}
	c.guarded(ctx, func() {
		c.attempt()
		if c.walk != nil {
			c.pages(ctx)
		} else {
			c.until = c.began.Add(c.total())
			c.try(ctx)
		}
	})
}

// attempt begins the next try of the call. A token call that went before the first one belongs to it.
func (c *call) attempt() {
	if c.tried || len(c.attempts) == 0 {
		c.open()
	}
	c.tried = true
}

// open begins another attempt.
func (c *call) open() {
	c.attempts = append(c.attempts, run.Attempt{Number: len(c.attempts) + 1, StartedAt: c.e.options.Now().UTC()})
}

// exchange makes one authorised exchange: where the vendor says that the token is no longer good, the call goes
// out once more with a new one.
func (c *call) exchange(ctx context.Context) {
	x := c.once(ctx)
	if sign := c.refusal(x); sign != "" {
		c.afresh(ctx, x, sign)
	}
}

// once sends the request that was built, judges what comes back and keeps it with its secrets hidden, also when
// judging breaks. It gives the exchange as it really was.
func (c *call) once(ctx context.Context) run.Exchange {
	x, failure := c.send(ctx)
	c.reading, c.failure = response.Reading{}, failure
	defer func() { c.sent(x) }()
	c.judge(x)
	return x
}

// sent keeps the call's own exchange. What was never sent is none.
func (c *call) sent(x run.Exchange) {
	if x.StartedAt.IsZero() {
		return
	}
	c.last = x
	x.Waits, c.waits = c.waits, nil
	if c.walk != nil {
		x.Page = c.walk.page
	}
	c.keep(x, c.built, c.reading, c.failure)
	if x.Response != nil {
		c.run.HTTPStatus = x.Response.Status
	}
}

// keep adds an exchange to the attempt under way as it may be stored.
func (c *call) keep(x run.Exchange, built request.Call, reading response.Reading, failure *run.Failure) {
	c.found = append(c.found, reading.Secrets...)
	if len(c.attempts) == 0 {
		c.open()
	}
	attempt := &c.attempts[len(c.attempts)-1]
	attempt.Exchanges = append(attempt.Exchanges, c.hidden(x, built, reading.Spans, failure))
}

// send makes the exchange, and whatever the vendor wants beside it: a base URL that has moved is looked up, a
// challenge is answered. What came before the last exchange is kept with the attempt.
func (c *call) send(ctx context.Context) (run.Exchange, *run.Failure) {
	if x, failure := c.findBase(ctx); failure != nil {
		return x, failure
	}
	c.answerAhead()
	x, failure := c.transmit(ctx)
	if c.moved(ctx, x) {
		x, failure = c.transmit(ctx)
	}
	for answered := 0; c.challenged(x, answered); answered++ {
		x, failure = c.transmit(ctx)
	}
	return x, failure
}

// transmit makes one exchange, where the request may go out at all. A document goes on to the sink once its bytes
// have proved what it is.
func (c *call) transmit(ctx context.Context) (x run.Exchange, failure *run.Failure) {
	leave, failure := c.admit(ctx)
	if failure != nil {
		return run.Exchange{}, failure
	}
	defer func() { leave(x, failure) }()
	p := c.outboundPolicy()
	if c.job.Document == nil || c.endpoint.EffectiveContract() != "document" {
		return c.e.options.Outbound.Do(ctx, c.built.Request, p)
	}
	return c.e.options.Outbound.Stream(ctx, c.built.Request, p, c.accept)
}

// guarded does a piece of work; a panic in it becomes the failure of this run and nothing more. What is logged
// of it names the place and no values: they may be secrets.
func (c *call) guarded(ctx context.Context, work func()) {
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		text := "a value that is no error"
		if err, ok := p.(runtime.Error); ok && !errors.Is(err, context.Canceled) {
			text = err.Error()
		}
		if c.e.options.Logger != nil {
			c.e.options.Logger.LogAttrs(ctx, slog.LevelError, "a call broke",
				slog.String("run", c.run.ID), slog.String("panic", text), slog.String("stack", string(debug.Stack())))
		}
		c.failure = &run.Failure{
			Cause: run.InternalFailure, Summary: "Tieline failed at this call",
			Evidence: "Run " + c.run.ID + ".",
			Hint:     "This is a fault in Tieline, not in the definition. Please report it with the number of the run.",
		}
	}()
	work()
}

// hiding is the redactor for all secrets that are known by now.
func (c *call) hiding() *redact.Redactor {
	if len(c.found) == 0 {
		return c.hide
	}
	return redact.New(slices.Concat(c.secrets, c.built.Secrets, c.found))
}

// end closes the run: status, result, and everything hidden that must not be seen.
func (c *call) end() {
	r := &c.run
	hide := c.hiding()
	if len(c.attempts) == 0 { // nothing was sent, and that is a try too
		c.attempts = []run.Attempt{{Number: 1, StartedAt: c.began.UTC()}}
	}
	last := &c.attempts[len(c.attempts)-1]
	last.Failure = hiddenFailure(hide, c.failure)
	r.Attempts = c.attempts
	r.Failure = last.Failure
	if r.Status = statusOf(c.failure); c.built.Dropped {
		r.Status = run.Skipped
	}
	c.result(hide)
	c.remember()
	r.Duration = c.e.options.Now().Sub(c.began)
	r.FinishedAt = c.began.Add(r.Duration).UTC()
}

func statusOf(f *run.Failure) run.Status {
	switch {
	case f == nil:
		return run.Succeeded
	case f.Cause == run.OutcomeUnknown:
		return run.Unknown
	}
	return run.Failed
}

// outboundPolicy is the merged policy in outbound's terms.
func (c *call) outboundPolicy() outbound.Policy {
	p := c.limits(c.policy)
	p.Unsafe, p.Identity, p.Total = !c.safe(), c.identity(), c.total()
	if c.late {
		p.Total = max(c.left(), time.Millisecond)
	}
	if p.MaxBytes == 0 && c.endpoint.EffectiveContract() == "document" {
		p.MaxBytes = outbound.MaxBytes
	}
	return p
}

// room waits until there is memory for a large answer, and for all pages of a list together. It is asked for once
// and given back when the run is closed.
func (c *call) room(ctx context.Context, bytes int64) error {
	if c.walk != nil {
		bytes = max(bytes, walkBytes)
	}
	if c.held >= bytes {
		return nil
	}
	bytes -= c.held
	if err := c.e.large.Acquire(ctx, bytes); err != nil {
		return err
	}
	c.held += bytes
	return nil
}

// merged lays an endpoint's policy over its integrator's, but for rate and concurrency: those of the integrator are
// shared by all endpoints, and those of the endpoint hold besides.
func merged(endpoint *integration.Policy, integrator integration.Policy) integration.Policy {
	if endpoint == nil {
		return integrator
	}
	p := *endpoint
	if p.TimeoutS == 0 {
		p.TimeoutS = integrator.TimeoutS
	}
	if p.ConnectTimeoutS == 0 {
		p.ConnectTimeoutS = integrator.ConnectTimeoutS
	}
	if len(p.OKStatuses) == 0 {
		p.OKStatuses = integrator.OKStatuses
	}
	if p.MaxResponseBytes == 0 {
		p.MaxResponseBytes = integrator.MaxResponseBytes
	}
	p.Retries = cmp.Or(p.Retries, integrator.Retries)
	if p.ResetHeader == "" {
		p.ResetHeader, p.ResetKind = integrator.ResetHeader, integrator.ResetKind
	}
	p.FollowRedirects = p.FollowRedirects || integrator.FollowRedirects
	p.ExtraHosts = integrator.ExtraHosts
	return p
}
