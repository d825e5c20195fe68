// Package executor does one call from end to end: it opens the secrets, builds the request, sends it, reads
// and judges the answer, hides every secret and has the run recorded. It promises that a run is recorded
// exactly once when it ends (and before its first byte is sent where a repeat could do harm), that nothing it
// records or returns holds a secret, and that a call that fails is a run and not an error: an error means that
// Tieline itself could not keep its word.
//
// Who may call, what is called and when it is called again is decided by others.
package executor

import (
	"context"
	"io"
	"log/slog"
	"time"

	"golang.org/x/sync/semaphore"

	"tieline/internal/account"
	"tieline/internal/integration"
	"tieline/internal/outbound"
	"tieline/internal/pace"
	"tieline/internal/request"
	"tieline/internal/response"
	"tieline/internal/run"
	"tieline/internal/secret"
)

// Recorder keeps runs. Start is called only for calls that are not safe to repeat, before the first byte is
// sent; Finish once for every run, before its outcome is told to anybody. When either fails, the caller gets
// the error.
type Recorder interface {
	Start(ctx context.Context, r run.Run) error
	Finish(ctx context.Context, r run.Run) error
}

// Bases keeps the base URL of an integrator that the vendor told anew. It is not asked to check anything: from is
// what the call was made with, "" for none, and where another one is stored by now that one stays.
type Bases interface {
	MoveBase(ctx context.Context, integratorID, from, to string) error
}

// Options are what an Executor is made with.
type Options struct {
	Outbound *outbound.Client
	Opener   secret.Opener
	Recorder Recorder
	Bases    Bases                                             // nil: a base URL that was found again is used for the call at hand alone
	Tokens   Tokens                                            // nil: no token is kept, every call that needs one fetches it
	Program  func(source string, input []byte) ([]byte, error) // runs the programs of mappings; nil: none can be run
	Now      func() time.Time                                  // nil: time.Now
	Logger   *slog.Logger
}

// Executor makes calls. It is safe for concurrent use.
type Executor struct {
	options Options
	pace    *pace.Pace
	hides   hides
	nonces  nonces
	lookups lookups
	large   *semaphore.Weighted // bytes of large answers that are in memory
}

// largeBytes is how much memory all large answers together may take, whatever vendors send.
const largeBytes = 64 << 20

// New makes an executor.
func New(options Options) *Executor {
	if options.Now == nil {
		options.Now = time.Now
	}
	return &Executor{options: options, pace: pace.New(options.Now), large: semaphore.NewWeighted(largeBytes)}
}

// Record is what a call is about: a lead, a ticket. Its Data are bare names in templates.
type Record struct {
	Type string
	ID   string
	Data map[string]any
}

// Sink gives the writer that shall have a document, byte for byte, once its first bytes have proved what it
// is. An error ends the call.
type Sink func(response.Document, *run.Response) (io.Writer, error)

// Job is one call to make. Run holds what is known of it before (ids, names, who asked); the rest of it is
// filled in here. Plan belongs to Endpoint of Definition. Document, where it is set, gets the bytes of a
// document endpoint; nil keeps the first part of them like any other answer. Unsaved says that the integrator is
// not stored as it is here: a token that is fetched for it is used for this job alone.
type Job struct {
	Run        run.Run
	Definition integration.Integration
	Endpoint   string
	Plan       *request.Plan
	Integrator integration.Integrator
	Allow      []account.AllowEntry
	Variables  []account.Variable
	Tokens     map[string]any
	Input      any
	HasInput   bool
	Record     Record
	State      map[string]any                                         // what earlier runs remembered; may be nil where the plan does not ask for it
	Last       func(key string) (value string, found bool, err error) // one of many values that mappings remember; may be nil
	Document   Sink
	Unsaved    bool
}

// Run makes a call and waits for its end. The run it returns is what was recorded. An error says that the call
// could not be recorded; nothing was sent when the run has no attempts.
func (e *Executor) Run(ctx context.Context, job Job) (run.Run, error) {
	c := e.begin(job)
	if err := c.start(ctx); err != nil {
		return c.run, err
	}
	c.perform(ctx)
	c.end()
	e.large.Release(c.held)
	return c.run, e.record(ctx, c.run)
}

// recordTimeout is how long the recorder may take once a run is over. The caller's own time does not count
// any more: what happened is kept also when nobody waits for it.
const recordTimeout = 30 * time.Second

func (e *Executor) record(ctx context.Context, r run.Run) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
	defer cancel()
	return e.options.Recorder.Finish(ctx, r)
}

// Preview is a request as it would be sent, with its secrets hidden.
type Preview struct {
	Request  run.Request
	Tokens   []run.TokenUse
	Problems []run.Problem
}

// Preview renders a call as far as it can be rendered and sends nothing. Tokens without a value stay as they
// are written; what keeps the call from being sent is among the problems.
func (e *Executor) Preview(ctx context.Context, job Job) (Preview, error) {
	c := e.begin(job)
	if c.failure != nil {
		c.failure = nil // a secret that does not open is named by the token that has no value
	}
	data := c.data()
	data.AuthToken = c.previewed(ctx)
	call, problems := job.Plan.Preview(data)
	c.hide = c.hiderOf(call)
	shown := c.hide.Exchange(run.Exchange{Request: call.Request}, call.Spans, outbound.KeptBytes)
	shown.Request.Size = int64(len(call.Request.Body))
	for i := range problems {
		problems[i].Message = c.hide.Text(problems[i].Message)
	}
	return Preview{Request: shown.Request, Tokens: hiddenTokens(c.hide, call.Trace), Problems: problems}, nil
}
