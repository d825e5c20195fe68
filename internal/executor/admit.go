package executor

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"tieline/internal/integration"
	"tieline/internal/pace"
	"tieline/internal/run"
)

// admit asks whether the request that was built may go out now: the breaker of its host first, then the gates of
// the integrator's credential and of the endpoint. Leave must be called with what became of it. Where nothing is
// configured and nothing is broken, all of this is one look into an empty map.
func (c *call) admit(ctx context.Context) (leave func(run.Exchange, *run.Failure), refused *run.Failure) {
	circuit := pace.Circuit{Integrator: c.job.Integrator.ID, Host: hostOf(c.built.Request.URL)}
	if state, ok := c.e.pace.Allow(circuit, c.run.Test); !ok {
		return nil, broken(state, c.e.options.Now())
	}
	report := func(x run.Exchange, f *run.Failure) {
		if ctx.Err() == nil {
			c.report(circuit, x, f)
		}
	}
	gates := c.gates(circuit.Host)
	if len(gates) == 0 {
		return report, nil
	}
	var passed []pace.Passage
	release := func() {
		for _, p := range passed {
			p.Release()
		}
	}
	for _, g := range gates {
		p, refused := c.e.pace.Enter(ctx, g, c.until)
		if refused != nil {
			release()
			return nil, held(*refused, circuit.Host, c.left())
		}
		passed = append(passed, p)
		c.waited(p, g)
	}
	return func(x run.Exchange, f *run.Failure) {
		release()
		report(x, f)
	}, nil
}

// waited notes how long a gate held the request back.
func (c *call) waited(p pace.Passage, g pace.Gate) {
	note := func(d time.Duration, why string) {
		if d >= time.Millisecond {
			c.waits, c.late = append(c.waits, run.Wait{For: d, Why: why}), true
		}
	}
	note(p.Full, "at most "+strconv.Itoa(g.Concurrency)+" at a time")
	note(p.Rate, "at most "+strconv.Itoa(g.PerMinute)+" a minute")
}

// report tells the breaker how the host did. An answer of any other status than 5xx is a host that works.
func (c *call) report(circuit pace.Circuit, x run.Exchange, f *run.Failure) {
	switch answer := x.Response; {
	case answer != nil && answer.Status >= http.StatusInternalServerError:
		c.e.pace.Fails(circuit, "HTTP "+strconv.Itoa(answer.Status))
	case f != nil && (unsent(f.Cause) || f.Cause == run.ReadTimeout || f.Cause == run.OutcomeUnknown):
		c.e.pace.Fails(circuit, c.hiding().Text(f.Summary))
	case answer != nil:
		c.e.pace.Works(circuit)
	}
}

// gates are what the request must pass: the endpoint's own, and the integrator's, which is shared by all that goes to
// the host with the same credential. What the own one refuses takes no place in the shared one.
func (c *call) gates(host string) []pace.Gate {
	shared := pace.Gate{
		PerMinute:   c.job.Integrator.Policy.RatePerMin,
		Concurrency: c.job.Integrator.Policy.ConcurrencyFor(c.job.Integrator.Auth.Kind),
	}
	var own pace.Gate
	if p := c.endpoint.Policy; p != nil {
		own = pace.Gate{PerMinute: p.RatePerMin, Concurrency: p.Concurrency}
	}
	if shared.Open() && own.Open() {
		return nil
	}
	shared.Name = host + " " + c.credential()
	own.Name = shared.Name + " " + cmp.Or(c.run.EndpointID, c.run.Integration+" "+c.run.Endpoint)
	return slices.DeleteFunc([]pace.Gate{own, shared}, pace.Gate.Open)
}

// credential is a name for who the integrator is at the vendor, the same for all integrators that are the same
// there. It gives nothing away.
func (c *call) credential() string {
	h := sha256.New()
	add := func(text string) { _, _ = h.Write([]byte(text + "\x00")) }
	auth := c.job.Integrator.Auth
	add(auth.Kind)
	for _, name := range slices.Sorted(maps.Keys(auth.Settings)) {
		add(name)
		add(auth.Settings[name])
	}
	for _, name := range slices.Sorted(maps.Keys(c.opened.integrator)) {
		add(name)
		text := c.opened.integrator[name]
		add(text.Reveal())
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// hostOf is the host of an address with its port, in lower case.
func hostOf(address string) string {
	scheme, rest, _ := strings.Cut(address, "://")
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	host := strings.ToLower(rest)
	if strings.Contains(host, ":") && !strings.HasSuffix(host, "]") {
		return host
	}
	if strings.EqualFold(scheme, "http") {
		return host + ":80"
	}
	return host + ":443"
}

// broken is the failure of a request that an open breaker kept back.
func broken(s integration.Breaker, now time.Time) *run.Failure {
	f := &run.Failure{
		Cause: run.BreakerOpen, Summary: "calls to " + s.Host + " are stopped since " + clock(s.Since) + " UTC",
		Evidence: strconv.Itoa(s.Failures) + " requests in a row failed, the last at " + clock(s.LastAt) + " UTC: " + s.Last + ".",
		Hint: "Nothing was sent. One request is let through every minute, the next in " + spell(s.NextProbe.Sub(now)) +
			", and calls go on by themselves once one works. On the integrator's page they can be let through at once.",
	}
	if s.Held {
		f.Evidence = "Somebody holds the circuit breaker of this integrator open."
		f.Hint = "Nothing was sent. Let calls through again on the integrator's page."
		if s.Last != "" {
			f.Evidence += " The last failure was at " + clock(s.LastAt) + " UTC: " + s.Last + "."
		}
	}
	return f
}

func clock(t time.Time) string { return t.UTC().Format("15:04:05") }

// held is the failure of a request that would have waited at a gate for too long.
func held(r pace.Refused, host string, left time.Duration) *run.Failure {
	limit := "at most " + strconv.Itoa(r.Gate.Concurrency) + " requests to " + host + " at a time"
	when := "The others did not end in time."
	if !r.Until.IsZero() {
		limit = "at most " + strconv.Itoa(r.Gate.PerMinute) + " requests to " + host + " a minute"
		when = "The next may go out at " + clock(r.Until) + " UTC; this call had " + spell(left) + " left."
	}
	return &run.Failure{
		Cause: run.RateLimited, Summary: "our own limit: " + limit,
		Evidence: "The request policy allows " + limit + ". " + when,
		Hint:     "Nothing was sent. Try again later, call less often, or raise the limit in the request policy if the vendor allows more.",
	}
}
