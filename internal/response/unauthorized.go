package response

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"tieline/internal/run"
)

// explainUnauthorized says why a call was not accepted as signed in: what the vendor asks for, and what was
// sent.
func (r *reader) explainUnauthorized(f *run.Failure) {
	f.Cause = run.Unauthorized
	wants, challenge := r.challenge()
	said := strings.ToLower(challenge + " " + r.vendorMessage())
	scheme := sentScheme(r.sentRaw("Authorization"))
	switch {
	case strings.Contains(said, "expired"):
		f.Summary = "HTTP 401: the token has expired"
		f.Hint = "The token is too old. Get a new one from the vendor and put it into the integrator's credentials."
	case scheme == "" && wants != "" && !r.sentSomeKey():
		f.Hint = "No Authorization header was sent, and the vendor wants " + wants + ". Set the integrator's sign-in to " + wants + "."
	case scheme != "" && wants != "" && !strings.EqualFold(scheme, wants):
		f.Hint = "The vendor wants " + wants + ", but " + scheme + " was sent. Change the kind of sign-in at the integrator."
	case scheme == "" && !r.sentSomeKey():
		f.Hint = "The call carried no credentials at all. Choose how to sign in at the integrator, and check that the endpoint does not have sign-in switched off."
	case strings.EqualFold(scheme, "basic"):
		f.Hint = "The vendor does not accept this user name and password. Type them again at the integrator; also check that they belong to this host."
	default:
		f.Hint = "The vendor does not accept these credentials. Put a fresh key or token into the integrator; also check that it belongs to this host (test or live)."
	}
}

var challengeText = regexp.MustCompile(`(error_description|error|realm)\s*=\s*"([^"]{0,200})"`)

// challenge reads WWW-Authenticate: the scheme that is asked for, and what it says about an error.
func (r *reader) challenge() (scheme, said string) {
	value := r.answer.Header("WWW-Authenticate")
	scheme, _, _ = strings.Cut(strings.TrimSpace(value), " ")
	if scheme = strings.Trim(scheme, ","); strings.Contains(scheme, "=") {
		scheme = ""
	}
	var parts []string
	for _, m := range challengeText.FindAllStringSubmatch(value, 4) {
		if m[1] != "realm" {
			parts = append(parts, m[2])
		}
	}
	return clip(scheme, 20), strings.Join(parts, ": ")
}

func (r *reader) sentRaw(name string) string {
	for _, h := range r.x.Request.Headers {
		if strings.EqualFold(h.Name, name) {
			return h.Value
		}
	}
	return ""
}

// sentScheme is the first word of an Authorization value, where it is one of the usual schemes.
func sentScheme(value string) string {
	word, _, ok := strings.Cut(value, " ")
	if value == "" {
		return ""
	}
	if !ok || len(word) > 12 {
		return "a value without a scheme"
	}
	return word
}

// sentSomeKey tells whether credentials may have gone out elsewhere than in Authorization.
func (r *reader) sentSomeKey() bool {
	for _, h := range r.x.Request.Headers {
		name := strings.ToLower(h.Name)
		if name != "authorization" && (strings.Contains(name, "key") || strings.Contains(name, "token") || strings.Contains(name, "auth") || strings.Contains(name, "secret")) {
			return true
		}
	}
	_, query, _ := strings.Cut(strings.ToLower(r.x.Request.URL), "?")
	return strings.Contains(query, "key=") || strings.Contains(query, "token=") || strings.Contains(query, "auth")
}

// grantLost tells whether an OAuth server says that a grant is no longer good.
func grantLost(r *reader) bool {
	s := r.answer.Status
	return (s == http.StatusBadRequest || s == http.StatusUnauthorized) && r.invalidGrant()
}

func (r *reader) invalidGrant() bool {
	doc, bad := parseJSON(r.text[:min(len(r.text), 64<<10)])
	if bad != nil {
		return false
	}
	said, ok := doc.step("error")
	return ok && said.text == "invalid_grant"
}

const reconnectHint = "The vendor no longer accepts the stored grant (invalid_grant). Somebody has to connect this integrator to the vendor again."

// outOfQuota tells whether a refusal is a rate limit in other clothes.
func (r *reader) outOfQuota() bool {
	for _, name := range []string{"X-RateLimit-Remaining", "RateLimit-Remaining", "X-Rate-Limit-Remaining"} {
		if strings.TrimSpace(r.answer.Header(name)) == "0" {
			return true
		}
	}
	return strings.Contains(strings.ToLower(r.vendorMessage()), "rate limit")
}

// waitWords says how long the vendor wants to be left alone, from Retry-After or the reset headers.
func (r *reader) waitWords() string {
	value := strings.TrimSpace(r.answer.Header("Retry-After"))
	if value == "" {
		return r.resetWords()
	}
	if seconds, err := strconv.ParseInt(value, 10, 64); err == nil && seconds >= 0 {
		if seconds > int64(366*24*time.Hour/time.Second) {
			return "It names a waiting time of more than a year (Retry-After: " + clip(value, 30) + "). "
		}
		return "It asks to wait " + span(time.Duration(seconds)*time.Second) + " (Retry-After: " + value + "). "
	}
	if at, err := http.ParseTime(value); err == nil {
		return "It asks to wait until " + at.UTC().Format("2006-01-02 15:04:05") + " UTC" + r.fromNow(at) + ". "
	}
	return "It says Retry-After: " + clip(visible(r.hide(value)), 60) + ". "
}

var rateLimitTime = regexp.MustCompile(`(?:^|[;, ])(?:t|reset)=(\d{1,7})\b`)

func (r *reader) resetWords() string {
	if m := rateLimitTime.FindStringSubmatch(r.answer.Header("RateLimit")); m != nil {
		seconds, _ := strconv.Atoi(m[1])
		return "The limit is lifted in " + span(time.Duration(seconds)*time.Second) + ". "
	}
	for _, name := range []string{"X-RateLimit-Reset", "RateLimit-Reset", "X-Rate-Limit-Reset"} {
		n, err := strconv.ParseInt(strings.TrimSpace(r.answer.Header(name)), 10, 64)
		switch {
		case err != nil || n < 0:
		case n > 1_000_000_000 && n < 100_000_000_000:
			at := time.Unix(n, 0)
			return "The limit is lifted at " + at.UTC().Format("2006-01-02 15:04:05") + " UTC" + r.fromNow(at) + ". "
		case n <= 1_000_000_000:
			return "The limit is lifted in " + span(time.Duration(n)*time.Second) + ". "
		}
	}
	return ""
}

// fromNow is " (3 minutes after this answer)", as far as the time of the answer is known.
func (r *reader) fromNow(at time.Time) string {
	now, err := http.ParseTime(r.answer.Header("Date"))
	if err != nil {
		if now = r.x.StartedAt; now.IsZero() {
			return ""
		}
	}
	if d := at.Sub(now); d > 0 {
		return ", " + span(d) + " after this answer"
	}
	return ", which is over already"
}

// span is a length of time in words.
func span(d time.Duration) string {
	switch {
	case d < 2*time.Minute:
		return plural(int(d.Round(time.Second)/time.Second), "second")
	case d < 2*time.Hour:
		return plural(int(d.Round(time.Minute)/time.Minute), "minute")
	case d < 48*time.Hour:
		return plural(int(d.Round(time.Hour)/time.Hour), "hour")
	}
	return plural(int(d.Round(24*time.Hour)/(24*time.Hour)), "day")
}
