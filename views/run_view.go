package views

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"tieline/internal/account"
	"tieline/internal/run"
	"tieline/views/href"
	"tieline/views/ui"
)

// RunView is one run whole. Bodies tells whether the viewer may read what was sent and answered. Next is the
// local address to come back to after acting on it; InForm is for a place inside another form (the Test
// panel), where the buttons post themselves.
type RunView struct {
	Run    run.Run
	Bodies bool
	Next   string
	InForm bool
}

type look struct {
	tone ui.Tone
	icon templ.Component
}

func lookOf(s run.Status) look {
	switch s {
	case run.Succeeded:
		return look{ui.Good, ui.IconCircleCheck()}
	case run.Failed:
		return look{ui.Bad, ui.IconCircleX()}
	case run.Rejected:
		return look{ui.Bad, ui.IconBan()}
	case run.Unknown:
		return look{ui.Warn, ui.IconCircleQuestionMark()}
	case run.Retrying:
		return look{ui.Warn, ui.IconRefreshCw()}
	case run.Running:
		return look{ui.Info, ui.IconLoader()}
	case run.Waiting:
		return look{ui.Info, ui.IconHourglass()}
	case run.Queued:
		return look{ui.Neutral, ui.IconClock()}
	case run.Skipped:
		return look{ui.Neutral, ui.IconSkipForward()}
	case run.Cancelled:
		return look{ui.Neutral, ui.IconCirclePause()}
	}
	return look{ui.Neutral, ui.IconClock()}
}

// causeWords says a cause as people do.
func causeWords(c run.Cause) string {
	if words := causeTitles[c]; words != "" {
		return words
	}
	return strings.ReplaceAll(string(c), "_", " ")
}

var causeTitles = map[run.Cause]string{
	run.DNS:             "The host name was not found",
	run.ConnectRefused:  "Connection refused",
	run.ConnectTimeout:  "No connection in time",
	run.TLSFailure:      "The encrypted connection failed",
	run.ReadTimeout:     "No answer in time",
	run.OutcomeUnknown:  "Sent, outcome unknown",
	run.BlockedAddress:  "The address is blocked",
	run.RedirectBlocked: "The redirect is blocked",
	run.TooLarge:        "The answer is too large",
	run.Unauthorized:    "Credentials refused",
	run.Forbidden:       "Not permitted by the vendor",
	run.RateLimited:     "Too many requests",
	run.HTTPStatus:      "The vendor answered with an error",
	run.LoginPage:       "A login page came back",
	run.EmptyBody:       "The answer is empty",
	run.BadType:         "The answer is of another type",
	run.Parse:           "The answer cannot be read",
	run.KeyMissing:      "The response key is not there",
	run.ValueNull:       "The value is null",
	run.ErrorIn200:      "An error inside a good answer",
	run.Rule:            "The success rule is not met",
	run.NotDocument:     "This is not a document",
	run.NoIdentity:      "No identity in the answer",
	run.AuthFailed:      "No token could be fetched",
	run.Reconnect:       "Somebody has to connect it again",
	run.SecretHost:      "A secret on its way to a foreign host",
	run.HeaderValue:     "A header value cannot be sent",
	run.UnknownToken:    "Unknown token",
	run.TokenPosition:   "A token in the wrong place",
	run.PathParam:       "A path value is missing",
	run.PageLoop:        "The pages go round in a circle",
	run.NextLinkBlocked: "The next page is on another host",
	run.BreakerOpen:     "Calls to this host are stopped",
	run.Disabled:        "Switched off",
	run.InternalFailure: "Something broke on our side",
}

// exchanges are all exchanges of a run with the number of their attempt.
type numbered struct {
	Attempt int
	run.Exchange
}

func (v RunView) exchanges() []numbered {
	var all []numbered
	for _, a := range v.Run.Attempts {
		for _, x := range a.Exchanges {
			all = append(all, numbered{a.Number, x})
		}
	}
	return all
}

// called is the first request of the call itself, token calls and the like left out; ok is false where it was never sent.
func (v RunView) called() (r run.Request, ok bool) {
	for _, n := range v.exchanges() {
		if n.Purpose == "" {
			return n.Request, true
		}
	}
	return run.Request{}, false
}

func (v RunView) heading(n numbered, count int) string {
	if count == 1 && n.Purpose == "" {
		return ""
	}
	text := "Attempt " + strconv.Itoa(n.Attempt)
	if n.Page > 1 || n.Paging != nil {
		text += ", page " + strconv.Itoa(n.Page)
	}
	if n.Purpose != "" {
		text += ", " + purposeWord(n.Purpose)
	}
	return text
}

// purposeWord says what an exchange was for that is not the call itself.
func purposeWord(purpose string) string {
	switch purpose {
	case run.ForToken:
		return "token call"
	case run.ForLookup:
		return "look-up of the company"
	case run.ForChallenge:
		return "challenge of the server"
	}
	return purpose
}

// parameterString is what stands behind the question mark, or in the body of a form.
func parameterString(r run.Request) string {
	if _, query, ok := strings.Cut(r.URL, "?"); ok {
		return query
	}
	return ""
}

func baseURL(r run.Request) string {
	base, _, _ := strings.Cut(r.URL, "?")
	return base
}

func requestLine(r run.Request) string { return r.Method + " " + r.URL }

func statusLine(r *run.Response) string {
	return strings.TrimSpace("HTTP " + strconv.Itoa(r.Status) + " " + http.StatusText(r.Status))
}

func sizeNote(size int64, kept int, truncated bool) string {
	if truncated {
		return ui.Bytes(size) + ", the first " + ui.Bytes(int64(kept)) + " kept"
	}
	return ui.Bytes(size)
}

// bars are the parts of an exchange's time, in thousandths of the whole.
func bars(t run.Timings) []ui.Bar {
	rest := t.Total - t.DNS - t.Connect - t.TLS - t.FirstByte
	parts := []ui.Bar{
		{Label: "DNS", Took: t.DNS, Tone: "a"},
		{Label: "Connect", Took: t.Connect, Tone: "b"},
		{Label: "TLS", Took: t.TLS, Tone: "c"},
		{Label: "Waiting for the first byte", Took: t.FirstByte, Tone: "d"},
		{Label: "Reading", Took: max(rest, 0), Tone: "e"},
	}
	whole := t.Total
	if sum := t.DNS + t.Connect + t.TLS + t.FirstByte; sum > whole {
		whole = sum
	}
	var shownBars []ui.Bar
	at := 0
	for _, b := range parts {
		if b.Took <= 0 {
			continue
		}
		b.From = at
		b.Width = max(int(int64(b.Took)*1000/int64(whole)), 2)
		at += b.Width
		shownBars = append(shownBars, b)
	}
	return shownBars
}

func (v RunView) facts(p Page) []ui.Fact {
	r := v.Run
	facts := []ui.Fact{
		{Label: "Result", Part: runResult(r)},
		{Label: "HTTP", Value: httpWord(r)},
		{Label: "Duration", Value: ui.Milliseconds(r.Duration)},
		{Label: "Customer", Part: linkOr(p.To.Customer(r.Customer, ""), r.Customer)},
		{Label: "Integration", Part: linkOr(p.To.Integration(r.Integration, ""), r.Integration+revisionWord(r.Revision))},
		{Label: "Endpoint", Part: linkOr(p.To.Endpoint(r.Integration, r.Endpoint, ""), r.Endpoint)},
		{Label: "Integrator", Value: orDash(r.Integrator)},
		{Label: "Trigger", Value: orDash(r.Trigger)},
		{Label: "Started", Part: ui.Time(r.CreatedAt)},
		{Label: "By", Value: orDash(r.CreatedBy)},
	}
	optional := []ui.Fact{
		{Label: "Key", Value: r.Key},
		{Label: "Record", Value: strings.TrimSpace(r.RecordType + " " + r.RecordID)},
		{Label: "Correlation id", Value: r.CorrelationID, Mono: true},
		{Label: "Records", Value: countWord(r.Count)},
		{Label: "Note", Value: r.Note},
	}
	for _, f := range optional {
		if f.Value != "" {
			facts = append(facts, f)
		}
	}
	if r.ReplayOf != "" {
		facts = append(facts, ui.Fact{Label: "Replay of", Part: linkOr(p.To.Run(r.ReplayOf), r.ReplayOf)})
	}
	if !r.DismissedAt.IsZero() {
		facts = append(facts, ui.Fact{Label: "Dismissed", Part: ui.Time(r.DismissedAt)})
	}
	return append(facts, ui.Fact{Label: "Id", Value: r.ID, Mono: true})
}

func countWord(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func revisionWord(n int64) string {
	if n == 0 {
		return ""
	}
	return " · revision " + strconv.FormatInt(n, 10)
}

func httpWord(r run.Run) string {
	if r.HTTPStatus == 0 {
		return "no answer"
	}
	return strings.TrimSpace(strconv.Itoa(r.HTTPStatus) + " " + http.StatusText(r.HTTPStatus))
}

func httpCode(r run.Run) string {
	if r.HTTPStatus == 0 {
		return "–"
	}
	return strconv.Itoa(r.HTTPStatus)
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

// outputs are a run's outputs in the order of their names.
func outputs(m map[string]any) []ui.Fact {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	facts := make([]ui.Fact, 0, len(m))
	for _, name := range names {
		facts = append(facts, ui.Fact{Label: name, Value: valueText(m[name]), Mono: true})
	}
	return facts
}

func (v RunView) allowHref(p Page) string {
	return href.With(p.To.RunDo(v.Run.ID, "allow"), "next", v.Next)
}

func (v RunView) mayAllow(p Page) bool {
	f := v.Run.Failure
	return f != nil && f.Cause == run.BlockedAddress && f.Subject != "" && v.Run.CustomerID != "" && p.May(account.ManageOutbound)
}

// replayable tells whether a run is one that people send again.
func (v RunView) replayable(p Page) bool {
	return p.May(account.ActOnRuns) && v.Run.Status.Ended() && v.Run.EndpointID != ""
}

func (v RunView) dismissable(p Page) bool {
	return p.May(account.ActOnRuns) && (v.Run.Status == run.Failed || v.Run.Status == run.Unknown) && v.Run.DismissedAt.IsZero()
}

func (v RunView) skippable(p Page) bool {
	switch v.Run.Status {
	case run.Queued, run.Retrying, run.Waiting:
		return p.May(account.ActOnRuns)
	case run.Running, run.Succeeded, run.Failed, run.Unknown, run.Skipped, run.Rejected, run.Cancelled:
		return false
	}
	return false
}

func (v RunView) title() string {
	return v.Run.Endpoint + " for " + orDash(v.Run.Customer)
}

// valueText is a value of an answer as text: strings as they are, everything else as JSON.
func valueText(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	text, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(text)
}

// inputText is the call as it was asked, laid out anew.
func (v RunView) inputText() string {
	if laid := layOut(v.Run.Input); laid.Pretty != "" {
		return laid.Pretty
	}
	return string(v.Run.Input)
}

// tlsWords are the facts of an encrypted connection in one line.
func tlsWords(t run.TLS) string {
	text := t.Version
	if t.Subject != "" {
		text += ", certificate of " + t.Subject
		if !t.Expires.IsZero() {
			text += " until " + t.Expires.UTC().Format("2006-01-02")
		}
	}
	return text
}
