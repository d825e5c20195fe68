package response

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"tieline/internal/integration"
	"tieline/internal/run"
)

// mostWait is the longest pause that is believed; what is longer than a day is a mistake, or a moment in the past
// written in an odd way.
const mostWait = 24 * time.Hour

// RetryAfter is how long a vendor asks to be left alone: its Retry-After header (RFC 9110: seconds or a date) or,
// where it refuses for a limit, the header that the policy names. Anything that cannot be read asks for nothing.
func RetryAfter(answer *run.Response, p integration.Policy, now time.Time) (run.Wait, bool) {
	if answer == nil || answer.Status < http.StatusBadRequest {
		return run.Wait{}, false
	}
	if value := strings.TrimSpace(answer.Header("Retry-After")); value != "" {
		if d, ok := pauseOf(value, "seconds", now); ok {
			return run.Wait{For: d, Why: "Retry-After: " + clip(value, 60)}, true
		}
	}
	limited := answer.Status == http.StatusTooManyRequests || answer.Status == http.StatusForbidden || answer.Status == http.StatusServiceUnavailable
	if value := strings.TrimSpace(answer.Header(p.ResetHeader)); p.ResetHeader != "" && value != "" && limited {
		if d, ok := pauseOf(value, p.ResetKind, now); ok {
			return run.Wait{For: d, Why: p.ResetHeader + ": " + clip(value, 60)}, true
		}
	}
	return run.Wait{}, false
}

// pauseOf reads seconds from now, or a moment: a date of HTTP, RFC 3339, or seconds or milliseconds since 1970.
func pauseOf(value, kind string, now time.Time) (time.Duration, bool) {
	n, err := strconv.ParseFloat(value, 64)
	var d time.Duration
	switch {
	case err == nil && kind != "moment" && n >= 0 && n <= mostWait.Seconds():
		d = time.Duration(n * float64(time.Second))
	case err == nil:
		at, ok := moment(value, "moment", now)
		if !ok || kind != "moment" {
			return 0, false
		}
		d = at.Sub(now)
	default:
		at, err := http.ParseTime(value)
		if err != nil {
			var ok bool
			if at, ok = moment(value, "moment", now); !ok {
				return 0, false
			}
		}
		d = at.Sub(now)
	}
	return min(max(d, 0), mostWait), true
}
