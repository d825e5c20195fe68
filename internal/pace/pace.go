// Package pace decides when a request may go out: how many a minute and how many at a time to one host with one
// credential, and whether a host that answered nothing but trouble is asked at all. Everything is kept in memory,
// so each process has a pace of its own. It sends nothing and knows nothing of what is sent.
package pace

import (
	"context"
	"sync"
	"time"
)

// Pace holds the gates and the breakers of a process. It is safe for concurrent use.
type Pace struct {
	now      func() time.Time
	gates    sync.Map // by name
	breakers sync.Map // by Circuit
}

// New makes a Pace. Now may be nil.
func New(now func() time.Time) *Pace {
	if now == nil {
		now = time.Now
	}
	return &Pace{now: now}
}

// Gate is what one group of requests passes, at most PerMinute in any minute and Concurrency at a time; zero sets no
// bound. Requests with the same Name share it; where they say different limits, those said last hold.
type Gate struct {
	Name        string
	PerMinute   int
	Concurrency int
}

// Open tells whether the gate holds nobody back.
func (g Gate) Open() bool { return g.PerMinute <= 0 && g.Concurrency <= 0 }

// Passage is how a request got through a gate. Release must be called when it is over. Full and Rate are how long it
// waited for others to end, and for the minute to pass.
type Passage struct {
	Release    func()
	Full, Rate time.Duration
}

// Refused is why a request did not get through: it would have waited longer than it had time. Until is when the
// minute has room again; zero where others were under way for too long.
type Refused struct {
	Gate  Gate
	Until time.Time
}

// Enter waits at a gate, at most until a moment. It says nil for a request that may go out, and that only in the
// order in which they came.
func (p *Pace) Enter(ctx context.Context, g Gate, until time.Time) (Passage, *Refused) {
	pass := Passage{Release: func() {}}
	if g.Open() {
		return pass, nil
	}
	found, ok := p.gates.Load(g.Name)
	if !ok {
		found, _ = p.gates.LoadOrStore(g.Name, &gate{})
	}
	shared, _ := found.(*gate)
	began := p.now()
	if g.Concurrency > 0 {
		seats := shared.seatsFor(g.Concurrency)
		if !take(ctx, seats, until.Sub(began)) {
			return pass, &Refused{Gate: g}
		}
		pass.Release = sync.OnceFunc(func() { <-seats })
		pass.Full = p.now().Sub(began)
	}
	if g.PerMinute <= 0 {
		return pass, nil
	}
	at, ok := shared.slot(g.PerMinute, p.now(), until)
	pass.Rate = max(at.Sub(p.now()), 0)
	if !ok || !Sleep(ctx, pass.Rate) {
		pass.Release()
		return Passage{}, &Refused{Gate: g, Until: at}
	}
	return pass, nil
}

// Sleep waits; false when the context ended before. It waits for nothing without a timer.
func Sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// take sits down on a free seat, within some time.
func take(ctx context.Context, seats chan struct{}, within time.Duration) bool {
	select {
	case seats <- struct{}{}:
		return true
	default:
	}
	timer := time.NewTimer(max(within, 0))
	defer timer.Stop()
	select {
	case seats <- struct{}{}:
		return true
	case <-timer.C:
	case <-ctx.Done():
	}
	return false
}

// gate is a Gate at work.
type gate struct {
	mu    sync.Mutex
	seats chan struct{}
	slots []time.Time // when the last requests went out or will, a ring of as many as a minute has
	next  int         // the oldest of them
}

// seatsFor gives the seats. After a change of their number, those who sit on the old ones do not count.
func (g *gate) seatsFor(n int) chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	if cap(g.seats) != n {
		g.seats = make(chan struct{}, n)
	}
	return g.seats
}

// slot is when the next request may go out: a minute after the one that is a minute's number before it. It is taken
// where it comes in time, and else only told.
func (g *gate) slot(perMinute int, now, until time.Time) (time.Time, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.resize(perMinute)
	at := now
	if oldest := g.slots[g.next]; !oldest.IsZero() && oldest.Add(time.Minute).After(now) {
		at = oldest.Add(time.Minute)
	}
	if at.After(now) && at.After(until) {
		return at, false
	}
	g.slots[g.next] = at
	g.next = (g.next + 1) % len(g.slots)
	return at, true
}

// resize keeps the latest slots when the number a minute changes.
func (g *gate) resize(n int) {
	if len(g.slots) == n {
		return
	}
	inOrder := append(g.slots[g.next:len(g.slots):len(g.slots)], g.slots[:g.next]...)
	g.slots, g.next = make([]time.Time, n), 0
	if extra := len(inOrder) - n; extra > 0 {
		inOrder = inOrder[extra:]
	}
	copy(g.slots[n-len(inOrder):], inOrder)
}
