package executor

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"tieline/internal/outbound"
	"tieline/internal/redact"
	"tieline/internal/run"
)

// lookups remembers what ConnectWise said of an integrator's company, so that calls that fail for another reason do
// not ask every time. The zero value is ready.
type lookups struct {
	mu    sync.Mutex
	known map[string]lookup
}

type lookup struct {
	at   time.Time
	base string
}

const (
	lookupHolds = 5 * time.Minute
	lookupsKept = 4096
	lookupBytes = 64 << 10
)

func (l *lookups) of(key string, now time.Time) (string, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	found, ok := l.known[key]
	return found.base, ok && now.Sub(found.at) < lookupHolds && !now.Before(found.at)
}

func (l *lookups) keep(key, base string, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.known == nil || len(l.known) >= lookupsKept {
		l.known = map[string]lookup{}
	}
	l.known[key] = lookup{at: now, base: base}
}

// findBase looks up the release of a ConnectWise company whose integrator has no base URL yet. A server that does
// not answer as ConnectWise does is called as it stands. With a failure, the look-up is all there was.
func (c *call) findBase(ctx context.Context) (run.Exchange, *run.Failure) {
	in := c.job.Integrator
	if in.Auth.Kind != "connectwise" || in.BaseURL != "" || in.Host == "" || !strings.HasPrefix(c.endpoint.URL, "/") {
		return run.Exchange{}, nil
	}
	base, fresh := c.e.lookups.of(in.CompanyInfoURL(), c.e.options.Now())
	if !fresh {
		x, found, failure := c.lookUp(ctx)
		if failure != nil {
			return x, failure
		}
		c.aside(x, run.ForLookup, nil)
		base = found
	}
	if base != "" {
		c.rebase(ctx, base)
	}
	return run.Exchange{}, nil
}

// moved asks ConnectWise after a 404 whether the company's release has changed since the base URL was stored; then
// the request stands ready to be sent to the new one. A 404 did nothing, so that holds for every call.
func (c *call) moved(ctx context.Context, x run.Exchange) bool {
	in := c.job.Integrator
	if in.Auth.Kind != "connectwise" || x.Response == nil || x.Response.Status != http.StatusNotFound || !in.HasCodebase() ||
		!strings.HasPrefix(c.built.Request.URL, in.Base()+"/") {
		return false
	}
	key := in.Base() + " " + in.CompanyInfoURL()
	base, asked := c.e.lookups.of(key, c.e.options.Now())
	var found []run.Exchange
	if !asked {
		look, now, failure := c.lookUp(ctx)
		if failure != nil || now == in.Base() {
			now = ""
		}
		c.e.lookups.keep(key, now, c.e.options.Now())
		base, found = now, []run.Exchange{look}
	}
	if base != "" {
		c.aside(x, "", moved(c.built, x.Request))
	}
	for _, look := range found {
		c.aside(look, run.ForLookup, nil)
	}
	if base != "" {
		c.rebase(ctx, base)
	}
	return base != ""
}

// lookUp asks ConnectWise for the release of the integrator's company.
func (c *call) lookUp(ctx context.Context) (run.Exchange, string, *run.Failure) {
	in := c.job.Integrator
	p := c.outboundPolicy()
	p.Unsafe, p.Identity, p.MaxBytes, p.Room = false, outbound.Identity{}, lookupBytes, nil
	x, failure := c.e.options.Outbound.Do(ctx, run.Request{Method: http.MethodGet, URL: in.CompanyInfoURL()}, p)
	if failure != nil {
		return x, "", failure
	}
	base, known := "", true
	if x.Response.Status == http.StatusOK {
		base, known = in.CompanyBase(x.Response.Body)
	}
	if !known {
		return x, "", &run.Failure{
			Cause: run.AuthFailed, Summary: "ConnectWise does not know the company " + in.Auth.Settings["company_id"],
			Evidence: "The look-up of the company at " + in.CompanyInfoURL() + " was answered with null.",
			Hint:     "Check the company ID and the host in the integrator's authentication. Nothing else was sent.",
		}
	}
	c.e.lookups.keep(in.CompanyInfoURL(), base, c.e.options.Now())
	return x, base, nil
}

// rebase puts another base URL before the request under way, and has it stored for the calls to come.
func (c *call) rebase(ctx context.Context, base string) {
	in := &c.job.Integrator
	was, old := in.BaseURL, in.Base()
	rest, ok := strings.CutPrefix(c.built.Request.URL, old)
	if !ok {
		return
	}
	in.BaseURL, c.built.Request.URL = base, base+rest
	shift := len(base) - len(old)
	spans := make([]redact.Span, len(c.built.Spans))
	for i, s := range c.built.Spans {
		if s.Where == "url" && s.From >= len(old) {
			s.From, s.To = s.From+shift, s.To+shift
		}
		spans[i] = s
	}
	c.built.Spans = spans
	if c.e.options.Bases == nil {
		return
	}
	if err := c.e.options.Bases.MoveBase(ctx, in.ID, was, base); err != nil && c.e.options.Logger != nil {
		c.e.options.Logger.LogAttrs(ctx, slog.LevelError, "a base URL could not be stored",
			slog.String("integrator", in.ID), slog.String("error", err.Error()))
	}
}

// aside keeps an exchange that is not the call's own answer: a look-up, a challenge.
func (c *call) aside(x run.Exchange, purpose string, spans []redact.Span) {
	x.Purpose = purpose
	attempt := &c.attempts[len(c.attempts)-1]
	attempt.Exchanges = append(attempt.Exchanges, c.hiding().Exchange(x, spans, outbound.KeptBytes))
}

// identity is the certificate that the call is made with, where the integrator has one.
func (c *call) identity() outbound.Identity {
	if c.built.Presents != "client_cert" {
		return outbound.Identity{}
	}
	settings := c.job.Integrator.Auth.Settings
	return outbound.Identity{Certificate: settings["certificate"], Key: c.opened.integrator["auth.key"], Authorities: settings["ca"]}
}
