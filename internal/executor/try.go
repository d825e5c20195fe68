package executor

import (
	"context"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"time"

	"tieline/internal/outbound"
	"tieline/internal/pace"
	"tieline/internal/response"
	"tieline/internal/run"
)

// How long the pauses before repeats are: doubled from the first up to the most, half of each left to chance, so
// that many callers do not come back at once. Where somebody waits for a screen, there is one quick repeat.
const (
	firstPause  = 250 * time.Millisecond
	mostPause   = 8 * time.Second
	quickPause  = 150 * time.Millisecond
	pageRepeats = 3 // of every page of a list, where the policy says less
)

// try makes the request that was built, again as the policy allows. Each repeat is an attempt of its own; what the
// one before ended with stays with it.
func (c *call) try(ctx context.Context) {
	for repeat := 0; ; repeat++ {
		c.last = run.Exchange{}
		c.exchange(ctx)
		pause, again := c.again(ctx, repeat)
		if !again || !pace.Sleep(ctx, pause.For) {
			return
		}
		c.attempts[len(c.attempts)-1].Failure = hiddenFailure(c.hiding(), c.failure)
		c.attempt()
		c.waits, c.late, c.failure = append(c.waits, pause), true, nil
		if len(c.built.Made) > 0 { // what was made for the request holds for one moment
			c.build()
		}
		if c.failure != nil {
			return
		}
	}
}

// again tells whether the try that just ended may be followed by another, and after which pause. A vendor that asks
// for a longer pause than there is time for has its failure say so.
func (c *call) again(ctx context.Context, repeat int) (run.Wait, bool) {
	if c.failure == nil || ctx.Err() != nil || c.handed || repeat >= c.repeats() || !c.repeatable() {
		return run.Wait{}, false
	}
	pause, asked := c.pause(repeat)
	if left := c.left(); pause.For >= left {
		if asked {
			c.tooLong(pause, left)
		}
		return pause, false
	}
	return pause, true
}

// repeats is how many times a request may be repeated.
func (c *call) repeats() int {
	switch {
	case c.walk != nil:
		return max(c.policy.Retries, pageRepeats)
	case c.onScreen():
		return min(c.policy.Retries, 1)
	}
	return c.policy.Retries
}

// onScreen tells whether somebody looks at an empty screen until the answer is there.
func (c *call) onScreen() bool {
	return slices.Contains([]string{"Auth", "Document", "Login"}, c.endpoint.Type)
}

// repeatable tells whether the last try may be repeated without harm: where nothing was sent, or where the trouble
// may pass and the endpoint is safe to repeat. check_first counts as never here: nobody looks before the repeat.
func (c *call) repeatable() bool {
	if unsent(c.failure.Cause) && len(c.last.Hops) == 0 {
		return true
	}
	if !c.safe() || c.onScreen() {
		return false
	}
	switch answer := c.last.Response; {
	case answer == nil:
		return c.failure.Cause == run.ReadTimeout
	case c.failure.Cause == run.RateLimited:
		return true
	case !answer.Complete:
		return c.failure.Cause == run.ReadTimeout || c.failure.Cause == run.Parse
	case c.accepted(answer.Status):
		return false
	default:
		return passing(answer.Status)
	}
}

// unsent tells whether a cause means that no byte of the request left.
func unsent(cause run.Cause) bool {
	return slices.Contains([]run.Cause{run.DNS, run.ConnectRefused, run.ConnectTimeout, run.TLSFailure}, cause)
}

// passing tells whether a status says that the same request may work later.
func passing(status int) bool {
	return status == http.StatusRequestTimeout || status == http.StatusTooEarly || status == http.StatusTooManyRequests || status >= 500
}

// pause is how long to wait before a repeat: what the vendor asks for, else longer each time.
func (c *call) pause(repeat int) (pause run.Wait, asked bool) {
	if wish, ok := response.RetryAfter(c.last.Response, c.policy, c.e.options.Now()); ok {
		return run.Wait{For: wish.For + jitter(firstPause), Why: wish.Why}, true
	}
	why := "repeat " + strconv.Itoa(repeat+1) + " of " + strconv.Itoa(c.repeats())
	if c.onScreen() {
		return run.Wait{For: quickPause, Why: why}, false
	}
	d := min(firstPause<<repeat, mostPause)
	return run.Wait{For: d/2 + jitter(d/2), Why: why}, false
}

func jitter(most time.Duration) time.Duration { return rand.N(most) } //nolint:gosec // spreads callers, guards nothing

// tooLong says in the failure that the vendor's wish could not be met.
func (c *call) tooLong(pause run.Wait, left time.Duration) {
	f := *c.failure
	at := c.e.options.Now().Add(pause.For)
	f.Evidence += " The vendor takes calls again at " + at.UTC().Format("15:04:05") + " UTC (" + pause.Why + "); this call had " + spell(left) + " left and was not repeated."
	c.failure = &f
}

// total is how long one request may take with all its tries.
func (c *call) total() time.Duration {
	if c.policy.TimeoutS > 0 {
		return time.Duration(c.policy.TimeoutS) * time.Second
	}
	return outbound.DefaultTotal
}

// left is how much of that time is left.
func (c *call) left() time.Duration { return c.until.Sub(c.e.options.Now()) }

// spell is a span of time for people.
func spell(d time.Duration) string {
	if d < 10*time.Second {
		return strconv.FormatFloat(max(d, 0).Seconds(), 'f', 1, 64) + " s"
	}
	return strconv.Itoa(int(d.Round(time.Second).Seconds())) + " s"
}
