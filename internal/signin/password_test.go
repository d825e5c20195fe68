package signin

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"tieline/internal/fault"
	"tieline/internal/secret"
)

func TestANewPasswordIsLongAndNotGuessedFirst(t *testing.T) {
	t.Parallel()
	for password, fine := range map[string]bool{
		"":                                false,
		"short-one-1":                     false,
		"green-lamp-42-river":             true,
		"пароль-из-слов":                  true,
		"password1234":                    false,
		"Password2026!":                   false,
		"QWERTYUIOP123":                   false,
		"aaaaaaaaaaaaaaa":                 false,
		"abcabcabcabcabc":                 false,
		"1234567890123":                   false,
		"abcdefghijklm":                   false,
		"olive.branch@acme.test":          false,
		"olive.branch2026":                false,
		"olive.branch and more":           true,
		strings.Repeat("xyzzy-frob-", 30): false,
		"bad\xffutf8-bad-bytes":           false,
	} {
		err := CheckNewPassword(secret.NewText(password), "Olive.Branch@acme.test")
		if (err == nil) != fine {
			t.Errorf("CheckNewPassword(%q) = %v, want fine %v", password, err, fine)
		}
		if _, ok := fault.FieldsOf(err); err != nil && !ok {
			t.Errorf("CheckNewPassword(%q) = %v, which names no field", password, err)
		}
	}
}

func TestAHashFitsItsPasswordAlone(t *testing.T) {
	t.Parallel()
	h := newHasher()
	hash, err := h.hash(t.Context(), secret.NewText("green-lamp-42-river"))
	if err != nil || !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Fatalf("hash = %q, %v", hash, err)
	}
	again, _ := h.hash(t.Context(), secret.NewText("green-lamp-42-river"))
	if again == hash {
		t.Error("two hashes of one password are equal: there is no salt")
	}
	for _, c := range []struct {
		hash, password string
		want           bool
	}{
		{hash, "green-lamp-42-river", true},
		{hash, "green-lamp-42-rivet", false},
		{hash, "", false},
		{"", "green-lamp-42-river", false},
	} {
		got, err := h.matches(t.Context(), c.hash, secret.NewText(c.password))
		if err != nil || got != c.want {
			t.Errorf("matches(%q, %q) = %v, %v, want %v", c.hash, c.password, got, err, c.want)
		}
	}
	if _, err := h.matches(t.Context(), "$argon2id$v=19$m=9999999,t=99,p=1$AAAA$AAAA", secret.NewText("x")); err == nil {
		t.Error("a hash that names a cost of its own was computed")
	}
}

func TestThePasswordOfAnUnknownPersonCostsAHashToo(t *testing.T) {
	t.Parallel()
	h := newHasher()
	salt, sum, err := decode(h.dummy)
	if err != nil || len(salt) != saltSize || len(sum) != hashSize {
		t.Fatalf("the dummy hash cannot be computed: %v", err)
	}
}

func TestAtMostTwoHashesRunAtOnce(t *testing.T) {
	t.Parallel()
	if got := cap(newHasher().slots); got != 2 {
		t.Fatalf("slots = %d, want 2", got)
	}
}

func TestWrongTriesAreHeldBackAndThenLimitedButNeverForever(t *testing.T) {
	t.Parallel()
	l, now := newLimiter(), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var pauses []time.Duration
	var err error
	for range accountBound.free {
		var pause time.Duration
		if _, pause, err = l.attempt("a@acme.test", "192.0.2.1", now); err != nil {
			t.Fatalf("limited too early: %v", err)
		}
		pauses = append(pauses, pause)
	}
	if pauses[0] != 0 || pauses[len(pauses)-1] <= pauses[1] {
		t.Errorf("pauses = %v, want them to grow", pauses)
	}
	_, _, err = l.attempt("a@acme.test", "192.0.2.99", now)
	after, ok := RetryAfter(err)
	if !ok || fault.KindOf(err) != fault.Limited || after < time.Second || after > time.Minute {
		t.Fatalf("the next try = %v (after %v), want Limited by at most a minute", err, after)
	}
	for n := range 40 { // an attacker with many addresses keeps the owner out for a minute at most
		now = now.Add(time.Minute)
		if _, _, err := l.attempt("a@acme.test", "198.51.100."+strconv.Itoa(n), now); err != nil {
			t.Fatalf("limited for longer than a minute: %v", err)
		}
	}
}

func TestARightPasswordTakesItsTryBack(t *testing.T) {
	t.Parallel()
	l, now := newLimiter(), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for n := range 200 {
		right, _, err := l.attempt("a@acme.test", "192.0.2.1", now)
		if err != nil {
			t.Fatalf("sign-in %d was limited: %v", n, err)
		}
		right()
	}
}

func TestAnAddressIsLimitedOverManyAccountsAndByItsNetwork(t *testing.T) {
	t.Parallel()
	l, now := newLimiter(), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var err error
	for n := 0; err == nil && n < 100; n++ {
		_, _, err = l.attempt(string(rune('a'+n%26))+strings.Repeat("x", n/26)+"@acme.test", "2001:db8:0:1::"+string(rune('1'+n%9)), now)
	}
	if fault.KindOf(err) != fault.Limited {
		t.Fatal("one /64 may try on and on")
	}
	if _, _, err := l.attempt("fresh@acme.test", "2001:db8:0:1:ffff::1", now); fault.KindOf(err) != fault.Limited {
		t.Errorf("another address of the same /64: %v, want Limited", err)
	}
	if _, _, err := l.attempt("fresh@acme.test", "2001:db8:0:2::1", now); err != nil {
		t.Errorf("another /64: %v, want no limit", err)
	}
	if _, _, err := l.attempt("fresh2@acme.test", "::ffff:192.0.2.1", now); err != nil {
		t.Errorf("a version 4 address in version 6 form: %v", err)
	}
}

func TestTheLimiterForgetsAndStaysBounded(t *testing.T) {
	t.Parallel()
	l, now := newLimiter(), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for n := range remembered + 5000 {
		_, _, _ = l.attempt(strings.Repeat("a", n%50)+time.Duration(n).String(), "192.0.2."+time.Duration(n).String(), now)
	}
	if len(l.seen) > remembered+2 {
		t.Fatalf("%d counters are kept, want at most %d", len(l.seen), remembered)
	}
}
