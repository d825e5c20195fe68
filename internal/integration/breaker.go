package integration

import "time"

// Breaker is how the circuit breaker of an integrator stands towards one host ("api.example.com:443"). Since is when
// it opened, zero while it is closed; Held that somebody holds it open by hand. Failures count in a row; Last is the
// newest in half a sentence, LastAt when it was. NextProbe is when one request is let through.
type Breaker struct {
	Host      string
	Since     time.Time
	Held      bool
	Failures  int
	Last      string
	LastAt    time.Time
	NextProbe time.Time
}

// Open tells whether requests are refused.
func (b Breaker) Open() bool { return !b.Since.IsZero() }

// State is how the breaker stands in one word: closed (requests go out), open, or held (open by hand).
func (b Breaker) State() string {
	switch {
	case b.Held:
		return "held"
	case b.Open():
		return "open"
	}
	return "closed"
}

// BreakerActions are what people can do to a breaker: let requests through again, or hold them back.
func BreakerActions() []string { return []string{"close", "hold"} }
