package condition

import (
	"strings"
	"testing"
	"time"
)

func TestHoldsComparesAsAPersonWould(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		got   string
		there bool
		op    string
		want  string
		ok    bool
	}{
		{"SALE", true, "=", "SALE", true},
		{"sale", true, "=", "SALE", false},
		{"100", true, "=", "100.0", true},
		{"12345678901234567890", true, "=", "12345678901234567891", false},
		{"TRUE", true, "=", "true", true},
		{"", false, "=", "", false},
		{"", false, "!=", "x", true},
		{"HU", true, "in", "SALE, APPT", false},
		{"APPT", true, "in", `("SALE", "APPT")`, true},
		{"", false, "not in", "SALE", true},
		{"9", true, "<", "10", true},
		{"b", true, ">", "a", true},
		{"abc", true, "<", "10", false},
		{"5", true, "between", "1,10", true},
		{"11", true, "between", "1 and 10", false},
		{"", true, "is empty", "", true},
		{"null", true, "is empty", "", true},
		{"x", true, "is not empty", "", true},
		{"1.50", true, "is numeric", "", true},
		{"1e9999999", true, "is numeric", "", false},
		{"+15551234567", true, "starts with", "+1", true},
		{"hello world", true, "contains", "o w", true},
		{"INV0001", true, "matches", `^INV\d+$`, true},
	} {
		ok, trouble := Holds(c.got, c.there, c.op, c.want)
		if ok != c.ok || trouble != "" {
			t.Errorf("%q (%t) %s %q: %t %q, want %t", c.got, c.there, c.op, c.want, ok, trouble, c.ok)
		}
	}
}

func TestACostlyPatternIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	began := time.Now()
	ok, trouble := Holds(strings.Repeat("a", maxMatchInput), true, "matches", "(a{0,100}){0,10}b")
	if ok || trouble == "" || time.Since(began) > time.Second {
		t.Errorf("%t %q after %v", ok, trouble, time.Since(began))
	}
}

func TestWhatCannotBeAppliedSaysWhy(t *testing.T) {
	t.Parallel()
	for op, want := range map[string]string{"matches": "(", "between": "5", "like": "x"} {
		if ok, trouble := Holds("5", true, op, want); ok || trouble == "" {
			t.Errorf("%s %q: %t %q", op, want, ok, trouble)
		}
	}
}
