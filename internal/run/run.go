// Package run says what happened: a Run is one execution of one endpoint for one integrator, with attempts,
// each with one or more exchanges, a token trace and, where it did not succeed, one cause with evidence and a
// hint. What is stored or shown of a run is redacted before it gets into these values.
package run

import (
	"slices"
	"time"
)

// Status is where a run stands.
type Status string

// The statuses, a closed list.
const (
	Queued    Status = "queued"
	Running   Status = "running"
	Succeeded Status = "succeeded"
	Failed    Status = "failed"
	Unknown   Status = "unknown" // sent, outcome unknown: a write whose answer never came
	Retrying  Status = "retrying"
	Waiting   Status = "waiting"
	Skipped   Status = "skipped"
	Rejected  Status = "rejected"
	Cancelled Status = "cancelled"
)

// Statuses are all statuses in the order of lists and filters.
func Statuses() []Status {
	return []Status{Queued, Running, Succeeded, Failed, Unknown, Retrying, Waiting, Skipped, Rejected, Cancelled}
}

// Valid tells whether s is one of the statuses.
func (s Status) Valid() bool {
	return slices.Contains(Statuses(), s)
}

// Ended tells whether a run of this status is over.
func (s Status) Ended() bool {
	switch s {
	case Succeeded, Failed, Unknown, Skipped, Rejected, Cancelled:
		return true
	case Queued, Running, Retrying, Waiting:
		return false
	}
	return false
}

// Run is one execution of one endpoint for one integrator. Names stand beside ids so that a run can be read
// after its definition is gone.
type Run struct {
	ID                string
	Status            Status
	Failure           *Failure // nil when it succeeded or is not over
	Result            *string  // nil: null
	ResultNote        string   // why a succeeded run's result is null, or what it was cut to
	Outputs           map[string]any
	IntegrationID     string
	Integration       string
	Revision          int64
	EndpointID        string
	Endpoint          string
	Method            string
	IntegratorID      string
	IntegratorVersion int64
	Integrator        string
	CustomerID        string
	Customer          string // slug
	Trigger           string // "test", "call", "retry", "demo", …
	EventID           string
	CorrelationID     string
	ParentID          string
	ReplayOf          string
	Test              bool
	Key               string // what the list shows: a phone number, an invoice number
	RecordType        string
	RecordID          string
	HTTPStatus        int   // of the last answer; 0: none came
	Count             int   // of records, for a records contract
	Items             []any // the records themselves, for who called; they are not stored beside the answer
	Duration          time.Duration
	CreatedBy         string
	CreatedAt         time.Time
	FinishedAt        time.Time // zero: not over
	DismissedAt       time.Time
	Note              string
	Attempts          []Attempt
	Tokens            []TokenUse
	Input             []byte            // the call as asked (tokens, input, record) as JSON, redacted
	Remember          map[string]string `json:"-"` // what later runs of the endpoint for the integrator find under {{state.<key>}}, as JSON; kept when the run succeeded
}

// Attempt is one try of a run.
type Attempt struct {
	Number    int // from 1
	StartedAt time.Time
	Failure   *Failure
	Exchanges []Exchange
}

// What an exchange may be for besides the call itself: to get a token, to look the vendor's release up, or to be asked
// for credentials (RFC 7616).
const (
	ForToken     = "token"
	ForLookup    = "lookup"
	ForChallenge = "challenge"
)

// Exchange is one HTTP request and its answer. Page counts from 1. Purpose is empty for the call itself. Paging is nil
// where the answer was no page of a list, or not one that could be read; Waits are what kept the request back before
// it was sent.
type Exchange struct {
	Page      int
	Purpose   string  `json:",omitempty"`
	Paging    *Paging `json:",omitempty"`
	Waits     []Wait  `json:",omitempty"`
	StartedAt time.Time
	Request   Request
	Response  *Response // nil: no answer came
	Timings   Timings
	Peer      string // address and port of the other side, "" where no connection was made
	TLS       *TLS
	Hops      []Hop // redirects: those refused, or followed before this answer
	Error     string
}

// Paging is what one page of a list held and led to. Items are counted before any filter; Then says which page
// follows, or why none does.
type Paging struct {
	Items int
	Then  string
}

// Wait is a pause before a request, and what asked for it.
type Wait struct {
	For time.Duration
	Why string
}

// Header is one header line in its order.
type Header struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Request is a request as sent. Size is the true length of the body; Body may be cut when stored (Truncated).
type Request struct {
	Method    string
	URL       string
	Headers   []Header
	Body      []byte
	Size      int64
	Truncated bool
}

// Response is an answer as it came. Size is the true length of the decoded body, Body what was kept of it,
// Complete whether the whole body arrived.
type Response struct {
	Status    int
	Headers   []Header
	Body      []byte
	Size      int64
	SHA256    string
	Truncated bool // Body holds less than came
	Complete  bool
	Encoding  string // the content encoding that was undone, "" for none
}

// Header gives the first value of a header in any letter case, or "".
func (r *Response) Header(name string) string {
	if r == nil {
		return ""
	}
	for _, h := range r.Headers {
		if equalFold(h.Name, name) {
			return h.Value
		}
	}
	return ""
}

// Timings are how long each part of an exchange took; zero where it did not happen (a reused connection).
type Timings struct {
	DNS, Connect, TLS, FirstByte, Total time.Duration
	Reused                              bool
}

// TLS are the facts of an encrypted connection.
type TLS struct {
	Version string
	Cipher  string
	Subject string
	Issuer  string
	Expires time.Time
}

// Hop is one redirect: where it came from, the status and where it pointed.
type Hop struct {
	From   string
	Status int
	To     string
}

// TokenUse is one token of a run's templates: its value (masked where it is a secret), where the value came
// from, and what it shadowed.
type TokenUse struct {
	Name     string `json:"name"`
	Value    string `json:"value"`
	Source   string `json:"source"`
	Shadowed string `json:"shadowed,omitempty"`
	Masked   bool   `json:"masked,omitempty"`
	Where    string `json:"where,omitempty"` // "url", "header Authorization", "body"
}

// Problem is something to mend in a definition or its values before it can be sent: Field as in the document.
type Problem struct {
	Field   string `json:"field"`
	Cause   Cause  `json:"cause"`
	Message string `json:"message"`
}

// Summary is the Result column: the result, else "null – " and the reason.
func (r Run) Summary() string {
	switch {
	case r.Failure != nil && r.Result != nil:
		return *r.Result
	case r.Failure != nil:
		return "null – " + r.Failure.Summary
	case r.Result != nil:
		return *r.Result
	case r.ResultNote != "":
		return r.ResultNote
	}
	return ""
}
