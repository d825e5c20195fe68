package id

import (
	"testing"
	"time"
)

func TestIDsSortByTimeAndFloorsBoundThem(t *testing.T) {
	t.Parallel()
	now := time.Now()
	a, b := New(), New()
	if a >= b {
		t.Errorf("%s was made before %s and sorts after it", a, b)
	}
	if !Valid(a) || Valid("x") || Valid(a+"0") {
		t.Error("Valid is wrong")
	}
	if Floor(now) > a || Floor(now.Add(time.Minute)) < b {
		t.Errorf("%s is not between its floors", a)
	}
	past := At(now.Add(-time.Hour))
	if past < Floor(now.Add(-time.Hour)) || past >= Floor(now.Add(-time.Hour+time.Millisecond)) || !Valid(past) {
		t.Errorf("%s is not in its millisecond", past)
	}
}
