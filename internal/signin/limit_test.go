package signin

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"tieline/internal/secret"
)

func TestWhoMustWaitCannotPushOtherCountsOut(t *testing.T) {
	t.Parallel()
	l, now := newLimiter(), time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	for n := range 2 * addressBound.free {
		_, _, _ = l.attempt("someone"+strconv.Itoa(n), "192.0.2.7", now)
	}
	before := len(l.seen)
	passed := 0
	for n := range 3 * remembered {
		if _, _, err := l.attempt("flood"+strconv.Itoa(n), "192.0.2.7", now); err == nil {
			passed++
		}
	}
	if passed > 0 || len(l.seen) != before {
		t.Errorf("%d tries passed while the address had to wait, and %d counts became %d", passed, before, len(l.seen))
	}
}

func TestTheLimiterForgetsLastWhoMustWait(t *testing.T) {
	t.Parallel()
	l, now := newLimiter(), time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	for range accountBound.free + 3 {
		_, _, _ = l.attempt("target", "192.0.2.7", now)
		now = now.Add(time.Second)
	}
	l.seen["account target"].next = now.Add(time.Minute)
	for n := range remembered {
		_, _, _ = l.attempt("other"+strconv.Itoa(n), "2001:db8:"+strconv.FormatInt(int64(n/60000), 16)+":"+strconv.FormatInt(int64(n%60000), 16)+"::1", now)
	}
	if len(l.seen) > remembered+2 {
		t.Errorf("%d counts are remembered", len(l.seen))
	}
	if _, _, err := l.attempt("target", "198.51.100.1", now); err == nil {
		t.Error("a flood of other names made the limiter forget an account that must wait")
	}
}

func TestAHugePasswordIsNotEvenHashed(t *testing.T) {
	t.Parallel()
	h, salt := newHasher(), random(saltSize)
	huge := secret.NewText(strings.Repeat("x", 16*longest+1))
	if fits, err := h.matches(t.Context(), encode(salt, derive(huge, salt)), huge); fits || err != nil {
		t.Errorf("matches = %v, %v, so that a sign-in can cost whatever a form can hold", fits, err)
	}
	if CheckNewPassword(huge, "a@acme.test") == nil {
		t.Error("it may be set")
	}
	if tooLong(secret.NewText(strings.Repeat("e\u0301", longest))) {
		t.Error("the longest password in its longest spelling is refused")
	}
}
