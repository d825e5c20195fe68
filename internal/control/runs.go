package control

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"tieline/db"
	"tieline/internal/account"
	"tieline/internal/fault"
	"tieline/internal/run"
)

// Run is one run whole. What was sent and answered, and the values of tokens, are a right of their own: who
// may not read bodies gets the run without them; who may leaves an entry in the audit trail.
func (p *Plane) Run(ctx context.Context, who account.Actor, runID string) (run.Run, error) {
	if err := who.May(account.View); err != nil {
		return run.Run{}, err
	}
	r, err := p.db.Run(ctx, who.Scope, runID)
	if err != nil {
		return run.Run{}, err
	}
	if !who.Role.May(account.ReadBodies) {
		return stripped(r), nil
	}
	if p.readings.first(who.ID+" "+r.ID, p.now()) {
		if err := p.noteRun(ctx, who, "read", r); err != nil {
			// Reading goes on when the disk is full: whoever mends it needs the log.
			p.log.ErrorContext(ctx, "reading of a run not kept", slog.String("run_id", r.ID), slog.Any("error", err))
		}
	}
	return r, nil
}

// stripped is a run without what was sent and answered.
func stripped(r run.Run) run.Run {
	r.Outputs, r.Input, r.Tokens = nil, nil, nil
	if r.Failure != nil {
		failure := *r.Failure
		failure.Evidence = ""
		r.Failure = &failure
	}
	attempts := make([]run.Attempt, len(r.Attempts))
	for i, attempt := range r.Attempts {
		if attempt.Failure != nil {
			attempt.Failure = &run.Failure{Cause: attempt.Failure.Cause, Summary: attempt.Failure.Summary, Hint: attempt.Failure.Hint}
		}
		exchanges := make([]run.Exchange, len(attempt.Exchanges))
		for j, exchange := range attempt.Exchanges {
			exchange.Hops = bareHops(exchange.Hops)
			exchange.Request = run.Request{Method: exchange.Request.Method, URL: bare(exchange.Request.URL), Size: exchange.Request.Size}
			if exchange.Response != nil {
				exchange.Response = &run.Response{Status: exchange.Response.Status, Size: exchange.Response.Size, Complete: exchange.Response.Complete}
			}
			exchanges[j] = exchange
		}
		attempt.Exchanges = exchanges
		attempts[i] = attempt
	}
	r.Attempts = attempts
	return r
}

// bare is a URL without its query.
func bare(url string) string {
	url, _, _ = strings.Cut(url, "?")
	return url
}

// bareHops are redirects without the queries of their addresses.
func bareHops(hops []run.Hop) []run.Hop {
	shown := slices.Clone(hops)
	for i := range shown {
		shown[i].From, shown[i].To = bare(shown[i].From), bare(shown[i].To)
	}
	return shown
}

// readings remembers who read which run within the last hour, so that the audit trail names each once.
type readings struct {
	mu   sync.Mutex
	seen map[string]time.Time
}

func newReadings() *readings { return &readings{seen: map[string]time.Time{}} }

func (r *readings) first(key string, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if at, ok := r.seen[key]; ok && now.Sub(at) < time.Hour {
		return false
	}
	if len(r.seen) > 10_000 {
		r.seen = map[string]time.Time{}
	}
	r.seen[key] = now
	return true
}

func runDone(action string, r run.Run) done {
	return done{action: action, subject: "run", subjectID: r.ID, name: r.Integration + "/" + r.Endpoint, customerID: r.CustomerID}
}

// noteRun keeps what somebody did with a run.
func (p *Plane) noteRun(ctx context.Context, who account.Actor, action string, r run.Run) error {
	return p.db.Tx(ctx, func(tx *db.Tx) error { return tx.AddAudit(ctx, entryOf(who, runDone(action, r), p.now())) })
}

func checkNote(note string) error {
	if utf8.RuneCountInString(note) > 2000 || !utf8.ValidString(note) {
		return fault.At("note", "At most 2000 characters.")
	}
	return nil
}

// Skip ends a run that failed, or waits, as skipped.
func (p *Plane) Skip(ctx context.Context, who account.Actor, runID, note string) (run.Run, error) {
	return p.onRun(ctx, who, runID, note, "skip", func(tx *db.Tx, r run.Run) error {
		if r.Status == run.Succeeded || r.Status == run.Running || r.Status == run.Skipped {
			return fault.New(fault.Conflict, "This run is "+string(r.Status)+" and cannot be skipped.")
		}
		return tx.SetRunStatus(ctx, r.ID, run.Skipped, note, p.now().UTC())
	})
}

// Dismiss takes a failed or unknown run off the list of failures. It stays in the log.
func (p *Plane) Dismiss(ctx context.Context, who account.Actor, runID, note string) (run.Run, error) {
	return p.onRun(ctx, who, runID, note, "dismiss", func(tx *db.Tx, r run.Run) error {
		if r.Status != run.Failed && r.Status != run.Unknown {
			return fault.New(fault.Conflict, "Only a run that failed can be dismissed.")
		}
		return tx.DismissRun(ctx, r.ID, note, p.now().UTC())
	})
}

// onRun acts on one run and gives it as it is afterwards, for who may read it.
func (p *Plane) onRun(ctx context.Context, who account.Actor, runID, note, action string, do func(*db.Tx, run.Run) error) (run.Run, error) {
	if err := checkNote(note); err != nil {
		return run.Run{}, err
	}
	err := p.change(ctx, who, account.ActOnRuns, func(tx *db.Tx) (done, error) {
		r, err := tx.Run(ctx, who.Scope, runID)
		if err != nil {
			return done{}, err
		}
		return runDone(action, r), do(tx, r)
	})
	if err != nil {
		return run.Run{}, err
	}
	return p.db.Run(ctx, who.Scope, runID)
}

// BulkRequest acts on many runs: those listed, or the newest that a filter finds. RatePerMin spreads retries, so
// that a vendor that just came back is not run over; 0 is as fast as they go.
type BulkRequest struct {
	IDs        []string
	Filter     *db.RunFilter
	Action     string // "retry", "skip", "dismiss"
	Note       string
	RatePerMin int
}

// BulkFailure is a run that could not be acted on, and why.
type BulkFailure struct {
	ID      string
	Message string
}

// BulkResult says what became of a BulkRequest. More tells that the filter finds further runs.
type BulkResult struct {
	Done   int
	Failed []BulkFailure
	More   bool
}

// The most runs that one BulkRequest acts on: retries wait for their answers.
const (
	bulkMost  = 1000
	bulkRetry = 100
)

// Bulk acts on many runs, one after the other. It stops when the caller goes away.
func (p *Plane) Bulk(ctx context.Context, who account.Actor, b BulkRequest) (BulkResult, error) {
	if err := who.May(account.ActOnRuns); err != nil {
		return BulkResult{}, err
	}
	act, most, err := p.bulkAction(b)
	if err != nil {
		return BulkResult{}, err
	}
	ids, more, err := p.bulkIDs(ctx, who, b, most)
	if err != nil {
		return BulkResult{}, err
	}
	result := BulkResult{More: more}
	for n, runID := range ids {
		if err := p.pace(ctx, b, n); err != nil {
			return result, err
		}
		if err := act(ctx, who, runID); err == nil {
			result.Done++
		} else if message := fault.MessageOf(err); message != "" && fault.KindOf(err) != fault.Unavailable {
			result.Failed = append(result.Failed, BulkFailure{ID: runID, Message: message})
		} else {
			return result, err
		}
	}
	return result, nil
}

// pace waits for the turn of the next run.
func (p *Plane) pace(ctx context.Context, b BulkRequest, n int) error {
	pause := time.Duration(0)
	if b.Action == "retry" && b.RatePerMin > 0 && n > 0 {
		pause = time.Minute / time.Duration(b.RatePerMin)
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return fault.Wrap(fault.Unavailable, "The request was given up.", ctx.Err())
	}
}

func (p *Plane) bulkAction(b BulkRequest) (func(context.Context, account.Actor, string) error, int, error) {
	if err := checkNote(b.Note); err != nil {
		return nil, 0, err
	}
	if b.RatePerMin < 0 || b.RatePerMin > 60_000 {
		return nil, 0, fault.At("rate_per_min", "Give a number of runs a minute, 0 for as fast as they go.")
	}
	switch b.Action {
	case "retry":
		return func(ctx context.Context, who account.Actor, runID string) error {
			_, err := p.Retry(ctx, who, runID, RetryRequest{})
			return err
		}, bulkRetry, nil
	case "skip":
		return func(ctx context.Context, who account.Actor, runID string) error {
			_, err := p.Skip(ctx, who, runID, b.Note)
			return err
		}, bulkMost, nil
	case "dismiss":
		return func(ctx context.Context, who account.Actor, runID string) error {
			_, err := p.Dismiss(ctx, who, runID, b.Note)
			return err
		}, bulkMost, nil
	}
	return nil, 0, fault.At("action", "Choose retry, skip or dismiss.")
}

func (p *Plane) bulkIDs(ctx context.Context, who account.Actor, b BulkRequest, most int) (ids []string, more bool, err error) {
	switch {
	case len(b.IDs) > 0 && b.Filter != nil:
		return nil, false, fault.At("ids", "Give ids or a filter, not both.")
	case len(b.IDs) > most:
		return nil, false, fault.At("ids", "Too many at once.")
	case len(b.IDs) > 0:
		return b.IDs, false, nil
	case b.Filter == nil:
		return nil, false, fault.At("ids", "Give ids or a filter.")
	}
	filter := *b.Filter
	filter.Limit, filter.Cursor = most, ""
	found, next, err := p.db.Runs(ctx, who.Scope, filter)
	for _, r := range found {
		ids = append(ids, r.ID)
	}
	return ids, next != "", err
}
