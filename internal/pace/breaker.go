package pace

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"tieline/internal/integration"
)

// When a breaker opens, and how often a request is let through to see whether the host is back.
const (
	OpensAfter = 10
	ProbeEvery = time.Minute
)

// Circuit is what a breaker stands for: one integrator's way to one host ("api.example.com:443").
type Circuit struct{ Integrator, Host string }

// breaker exists only for a circuit that is in trouble or held open.
type breaker struct {
	mu    sync.Mutex
	state integration.Breaker
}

// Allow tells whether a request may go out. Where it may not, the state says why. An open breaker lets one request
// through every minute, and every request that is made by hand, unless it is held open.
func (p *Pace) Allow(c Circuit, byHand bool) (integration.Breaker, bool) {
	b := p.breaker(c)
	if b == nil {
		return integration.Breaker{}, true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	now := p.now()
	switch {
	case !b.state.Open():
		return b.state, true
	case b.state.Held, !byHand && now.Before(b.state.NextProbe):
		return b.state, false
	}
	b.state.NextProbe = now.Add(ProbeEvery)
	return b.state, true
}

// Works notes that the host answered. It closes a breaker, unless that is held open.
func (p *Pace) Works(c Circuit) {
	b := p.breaker(c)
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.state.Held {
		p.breakers.CompareAndDelete(c, b)
	}
}

// Fails notes that the host did not do its work, and why.
func (p *Pace) Fails(c Circuit, why string) {
	p.change(c, func(s *integration.Breaker, now time.Time) {
		s.Failures++
		s.Last, s.LastAt = why, now
		if s.Failures >= OpensAfter && !s.Open() {
			s.Since, s.NextProbe = now, now.Add(ProbeEvery)
		}
	})
}

// Close lets requests through again and forgets what went wrong.
func (p *Pace) Close(c Circuit) { p.breakers.Delete(c) }

// Hold keeps requests back until Close.
func (p *Pace) Hold(c Circuit) {
	p.change(c, func(s *integration.Breaker, now time.Time) {
		s.Held = true
		if !s.Open() {
			s.Since = now
		}
	})
}

// Breakers are those of an integrator that are open or had trouble last, by host.
func (p *Pace) Breakers(integrator string) []integration.Breaker {
	var list []integration.Breaker
	p.breakers.Range(func(key, value any) bool {
		c, _ := key.(Circuit)
		if b, ok := value.(*breaker); ok && c.Integrator == integrator {
			b.mu.Lock()
			list = append(list, b.state)
			b.mu.Unlock()
		}
		return true
	})
	slices.SortFunc(list, func(a, b integration.Breaker) int { return cmp.Compare(a.Host, b.Host) })
	return list
}

func (p *Pace) breaker(c Circuit) *breaker {
	found, ok := p.breakers.Load(c)
	if !ok {
		return nil
	}
	b, _ := found.(*breaker)
	return b
}

// change works on the state of a circuit.
func (p *Pace) change(c Circuit, do func(s *integration.Breaker, now time.Time)) {
	found, _ := p.breakers.LoadOrStore(c, &breaker{state: integration.Breaker{Host: c.Host}})
	b, _ := found.(*breaker)
	b.mu.Lock()
	defer b.mu.Unlock()
	do(&b.state, p.now())
}
