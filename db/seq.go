package db

import (
	"strconv"
	"strings"
	"time"

	"tieline/internal/fault"
)

// A run's row is keyed by a number made from its id: 48 bits of milliseconds, the 12 bits that order ids within
// one, and 3 more. It sorts as the ids do, serves as the key of the full-text index, and turns a bound in time
// into a bound of the key, so that one short key does the work of three indexes. Two ids may fall on one
// number: then the later row takes the next free one, which is why a row is looked up among a few neighbours.

const (
	seqShift = 15
	// seqReach is how far from its own number a row may stand.
	seqReach = 64
)

// seqOf is the number that an id asks for; false for what is not an id.
func seqOf(runID string) (int64, bool) {
	digits := strings.ReplaceAll(runID, "-", "")
	if len(runID) != 36 || len(digits) != 32 {
		return 0, false
	}
	ms, err1 := strconv.ParseUint(digits[:12], 16, 48)
	order, err2 := strconv.ParseUint(digits[13:16], 16, 12)
	rest, err3 := strconv.ParseUint(digits[16:17], 16, 4)
	if err1 != nil || err2 != nil || err3 != nil {
		return 0, false
	}
	// The variant takes the two upper bits of rest; one more comes from the digit after it.
	next, err := strconv.ParseUint(digits[17:18], 16, 4)
	if err != nil {
		return 0, false
	}
	return int64(ms<<seqShift | order<<3 | (rest&3)<<1 | next>>3), true //nolint:gosec // 63 bits
}

// seqFloor is the smallest number of a moment's millisecond.
func seqFloor(t time.Time) int64 { return max(t.UnixMilli(), 0) << seqShift }

// seqMillis is the millisecond that a number stands for.
func seqMillis(seq int64) int64 { return seq >> seqShift }

// cursorOf and seqAt turn a number into the cursor of a page and back.
func cursorOf(seq int64) string { return strconv.FormatInt(seq, 36) }

func seqAt(cursor string) (int64, error) {
	seq, err := strconv.ParseInt(cursor, 36, 64)
	if err != nil || seq < 0 {
		return 0, fault.At("cursor", "This is not a cursor of this list.")
	}
	return seq, nil
}
