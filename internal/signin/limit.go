package signin

import (
	"errors"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"tieline/internal/fault"
)

// waitError says how long to wait; it travels inside a Limited fault.
type waitError struct{ after time.Duration }

func (w *waitError) Error() string { return "wait " + w.after.String() }

// limited is the fault of too many tries.
func limited(after time.Duration) error {
	after = max(after.Round(time.Second), time.Second)
	return fault.Wrap(fault.Limited, "Too many tries. Wait "+words(after)+" and try again.", &waitError{after})
}

// words is a wait as people say it, rounded up.
func words(d time.Duration) string {
	n, unit := int64((d+time.Second-1)/time.Second), "second"
	if d >= 2*time.Minute {
		n, unit = int64((d+time.Minute-1)/time.Minute), "minute"
	}
	if n != 1 {
		unit += "s"
	}
	return strconv.FormatInt(n, 10) + " " + unit
}

// RetryAfter tells how long somebody who was limited has to wait.
func RetryAfter(err error) (time.Duration, bool) {
	if w, ok := errors.AsType[*waitError](err); ok {
		return w.after, true
	}
	return 0, false
}

// bound is how many wrong tries something has before it must wait, and the longest wait.
type bound struct {
	free    int
	longest time.Duration
}

// An account's wait stays short, so that nobody can lock another out; an address waits longer.
var (
	accountBound = bound{free: 5, longest: time.Minute}
	addressBound = bound{free: 20, longest: 15 * time.Minute}
)

// forget is after how long without a wrong try the count starts again.
const forget = 15 * time.Minute

// remembered is how many accounts and addresses are counted at most.
const remembered = 20_000

type tries struct {
	wrong int
	last  time.Time
	next  time.Time
}

// limiter counts wrong tries by account and by address. A try counts as wrong until it is taken back, so that
// many at once do not slip through.
type limiter struct {
	mu   sync.Mutex
	seen map[string]*tries
}

func newLimiter() *limiter { return &limiter{seen: map[string]*tries{}} }

// attempt counts a try. It is Limited while a wait is on; else it gives the function that takes the try back
// (right: the account starts afresh), and how long to hold back a refusal.
func (l *limiter) attempt(account, address string, now time.Time) (right func(), pause time.Duration, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	accountKey, addressKey := "account "+account, "address "+block(address)
	a, b := l.of(accountKey, now), l.of(addressKey, now)
	if wait := max(a.next.Sub(now), b.next.Sub(now)); wait > 0 {
		return nil, 0, limited(wait) // nothing is remembered: whoever must wait cannot push other counts out
	}
	l.sweep(now)
	l.seen[accountKey], l.seen[addressKey] = a, b
	a.count(accountBound, now)
	b.count(addressBound, now)
	pause = min(time.Duration(max(a.wrong-2, 0))*250*time.Millisecond, time.Second)
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		*a = tries{last: now}
		b.wrong = max(b.wrong-1, 0)
		b.next = time.Time{}
	}, pause, nil
}

// of is the count of an account or an address, a fresh one where none is remembered.
func (l *limiter) of(key string, now time.Time) *tries {
	t := l.seen[key]
	if t == nil || now.Sub(t.last) > forget {
		t = &tries{}
	}
	return t
}

func (t *tries) count(b bound, now time.Time) {
	t.wrong++
	t.last = now
	if over := t.wrong - b.free; over >= 0 {
		t.next = now.Add(min(time.Second<<min(over, 20), b.longest))
	}
}

// sweep keeps the memory bounded: old counts go first, then those that nobody waits for, then any.
func (l *limiter) sweep(now time.Time) {
	if len(l.seen) < remembered {
		return
	}
	for key, t := range l.seen {
		if now.Sub(t.last) > forget {
			delete(l.seen, key)
		}
	}
	for _, waiting := range []bool{false, true} {
		for key, t := range l.seen {
			if len(l.seen) < remembered*9/10 {
				return
			}
			if waiting || !t.next.After(now) {
				delete(l.seen, key)
			}
		}
	}
}

// block is what an address counts as: itself, or the /64 of a version 6 address.
func block(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	a = a.Unmap().WithZone("")
	if a.Is4() {
		return a.String()
	}
	p, _ := a.Prefix(64)
	return p.String()
}

// normal is how an e-mail address is counted and looked up.
func normal(email string) string { return strings.ToLower(strings.TrimSpace(email)) }
