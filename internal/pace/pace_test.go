package pace

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestAMinuteHasNoMoreThanItsNumber(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := New(nil)
		g := Gate{Name: "a", PerMinute: 5}
		var sent []time.Time
		for range 23 {
			pass, refused := p.Enter(t.Context(), g, time.Now().Add(time.Hour))
			if refused != nil {
				t.Fatalf("refused: %+v", refused)
			}
			sent = append(sent, time.Now())
			pass.Release()
			time.Sleep(3 * time.Second)
		}
		for i := 5; i < len(sent); i++ {
			if d := sent[i].Sub(sent[i-5]); d < time.Minute {
				t.Errorf("requests %d to %d went out within %v", i-5, i, d)
			}
		}
	})
}

func TestARequestThatCannotWaitIsRefusedAndTakesNoPlace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := New(nil)
		g := Gate{Name: "a", PerMinute: 1}
		start := time.Now()
		if _, refused := p.Enter(t.Context(), g, start); refused != nil {
			t.Fatal("the first was refused")
		}
		for range 3 {
			_, refused := p.Enter(t.Context(), g, start.Add(10*time.Second))
			if refused == nil || !refused.Until.Equal(start.Add(time.Minute)) {
				t.Fatalf("refused = %+v, want until a minute later", refused)
			}
		}
		pass, refused := p.Enter(t.Context(), g, start.Add(time.Minute))
		if refused != nil || pass.Rate != time.Minute {
			t.Errorf("waited %v, refused %v, want a minute", pass.Rate, refused)
		}
	})
}

func TestNoMoreThanTheSeatsAreTakenAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := New(nil)
		g := Gate{Name: "a", Concurrency: 3}
		var mu sync.Mutex
		var now, most int
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				pass, refused := p.Enter(t.Context(), g, time.Now().Add(time.Hour))
				if refused != nil {
					t.Error("refused")
					return
				}
				mu.Lock()
				now++
				most = max(most, now)
				mu.Unlock()
				time.Sleep(time.Second)
				mu.Lock()
				now--
				mu.Unlock()
				pass.Release()
				pass.Release() // twice does no harm
			})
		}
		synctest.Wait()
		if _, refused := p.Enter(t.Context(), g, time.Now().Add(time.Millisecond)); refused == nil || !refused.Until.IsZero() {
			t.Errorf("refused = %+v, want one without a time", refused)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, refused := p.Enter(ctx, g, time.Now().Add(time.Hour)); refused == nil {
			t.Error("a caller who left got a seat")
		}
		all.Wait()
		if most != 3 {
			t.Errorf("%d at a time, want 3", most)
		}
	})
}

func TestAChangedNumberKeepsWhatWentOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := New(nil)
		enter := func(perMinute int) bool {
			_, refused := p.Enter(t.Context(), Gate{Name: "a", PerMinute: perMinute}, time.Now())
			return refused == nil
		}
		for range 4 {
			enter(10)
		}
		if enter(3) {
			t.Error("a fifth request went out where three a minute are allowed")
		}
		time.Sleep(time.Minute)
		for i, want := range []bool{true, true, true, false} {
			if enter(3) != want {
				t.Errorf("request %d after a minute: %v", i, !want)
			}
		}
		if !enter(5) {
			t.Error("with five a minute a fourth was refused")
		}
	})
}

func TestGatesOfOtherNamesAreApart(t *testing.T) {
	t.Parallel()
	p := New(nil)
	for _, name := range []string{"a", "b"} {
		if _, refused := p.Enter(t.Context(), Gate{Name: name, PerMinute: 1}, time.Now()); refused != nil {
			t.Errorf("gate %s held back what went through another", name)
		}
	}
}

func TestABreakerOpensAfterTenFailuresInARowAndProbesEveryMinute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, c := New(nil), Circuit{"i1", "vendor:443"}
		may := func() bool { _, ok := p.Allow(c, false); return ok }
		for range 9 {
			p.Fails(c, "connection refused")
		}
		p.Works(c)
		for range 9 {
			p.Fails(c, "connection refused")
		}
		if !may() {
			t.Fatal("open before ten in a row")
		}
		p.Fails(c, "HTTP 503")
		start := time.Now()
		if s, ok := p.Allow(c, false); ok || !s.Since.Equal(start) || s.Last != "HTTP 503" || s.Failures != 10 {
			t.Fatalf("state %+v, allowed %v", s, ok)
		}
		if _, ok := p.Allow(Circuit{"i2", c.Host}, false); !ok {
			t.Error("another integrator is refused too")
		}
		time.Sleep(time.Minute)
		if !may() || may() {
			t.Error("want one probe after a minute, and one only")
		}
		p.Fails(c, "HTTP 503")
		if _, ok := p.Allow(c, true); !ok {
			t.Error("a request by hand was refused")
		}
		time.Sleep(time.Minute)
		if !may() {
			t.Error("no second probe")
		}
		p.Works(c)
		if !may() || len(p.Breakers("i1")) != 0 {
			t.Error("still open after a probe that worked")
		}
	})
}

func TestAHeldBreakerStaysOpenUntilItIsClosed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, c := New(nil), Circuit{"i1", "vendor:443"}
		p.Hold(c)
		p.Works(c) // of a request that was under way
		time.Sleep(time.Hour)
		for _, byHand := range []bool{false, true} {
			if s, ok := p.Allow(c, byHand); ok || !s.Held {
				t.Errorf("state %+v, allowed %v", s, ok)
			}
		}
		if list := p.Breakers("i1"); len(list) != 1 || list[0].Host != c.Host || !list[0].Open() {
			t.Errorf("breakers = %+v", list)
		}
		p.Close(c)
		if _, ok := p.Allow(c, false); !ok {
			t.Error("refused after it was closed")
		}
	})
}
