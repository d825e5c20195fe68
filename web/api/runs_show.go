package api

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"

	"tieline/internal/run"
)

// runRow is a run in a list.
type runRow struct {
	ID          string     `json:"id"`
	Status      run.Status `json:"status"`
	Cause       *run.Cause `json:"cause"`
	Summary     string     `json:"summary,omitempty"`
	Result      *string    `json:"result"`
	Integration string     `json:"integration"`
	Endpoint    string     `json:"endpoint"`
	Revision    int64      `json:"revision"`
	Integrator  string     `json:"integrator"`
	Customer    string     `json:"customer"`
	Trigger     string     `json:"trigger"`
	Test        bool       `json:"test"`
	Key         string     `json:"key"`
	RecordType  string     `json:"record_type"`
	RecordID    string     `json:"record_id"`
	HTTPStatus  int        `json:"http_status"`
	DurationMS  float64    `json:"duration_ms"`
	Note        string     `json:"note,omitempty"`
	CreatedBy   string     `json:"created_by"`
	CreatedAt   string     `json:"created_at"`
	FinishedAt  string     `json:"finished_at,omitempty"`
	DismissedAt string     `json:"dismissed_at,omitempty"`
}

func showRunRow(r run.Run) runRow {
	shown := runRow{
		ID: r.ID, Status: r.Status, Result: r.Result, Integration: r.Integration, Endpoint: r.Endpoint, Revision: r.Revision,
		Integrator: r.Integrator, Customer: r.Customer, Trigger: r.Trigger, Test: r.Test, Key: r.Key, RecordType: r.RecordType,
		RecordID: r.RecordID, HTTPStatus: r.HTTPStatus, DurationMS: millis(r.Duration), Note: r.Note, CreatedBy: r.CreatedBy,
		CreatedAt: moment(r.CreatedAt), FinishedAt: moment(r.FinishedAt), DismissedAt: moment(r.DismissedAt),
	}
	if r.Failure != nil {
		shown.Cause, shown.Summary = &r.Failure.Cause, r.Failure.Summary
	}
	return shown
}

// runJSON is a run whole.
type runJSON struct {
	runRow

	Hint          *string         `json:"hint"`
	Evidence      *string         `json:"evidence"`
	ResultNote    string          `json:"result_note,omitempty"`
	Outputs       map[string]any  `json:"outputs"`
	Count         int             `json:"count,omitempty"`
	IntegratorID  string          `json:"integrator_id"`
	EventID       string          `json:"event_id,omitempty"`
	CorrelationID string          `json:"correlation_id,omitempty"`
	ParentID      string          `json:"parent_id,omitempty"`
	ReplayOf      string          `json:"replay_of,omitempty"`
	Input         json.RawMessage `json:"input,omitempty"`
	Attempts      []attemptJSON   `json:"attempts"`
	Tokens        []tokenJSON     `json:"tokens"`
}

type attemptJSON struct {
	Number    int            `json:"number"`
	StartedAt string         `json:"started_at"`
	Cause     *run.Cause     `json:"cause,omitempty"`
	Exchanges []exchangeJSON `json:"exchanges"`
}

type exchangeJSON struct {
	Page      int                `json:"page"`
	Purpose   string             `json:"purpose,omitempty"`
	Paging    *pagingJSON        `json:"paging,omitempty"`
	Waits     []waitJSON         `json:"waits,omitempty"`
	StartedAt string             `json:"started_at"`
	Request   requestJSON        `json:"request"`
	Response  *responseJSON      `json:"response"`
	Timings   map[string]float64 `json:"timings_ms"`
	Reused    bool               `json:"reused"`
	Peer      string             `json:"peer"`
	TLS       *tlsJSON           `json:"tls,omitempty"`
	Hops      []hopJSON          `json:"hops,omitempty"`
	Error     string             `json:"error"`
}

type pagingJSON struct {
	Items int    `json:"items"`
	Then  string `json:"then"`
}

type waitJSON struct {
	MS  float64 `json:"ms"`
	Why string  `json:"why"`
}

type requestJSON struct {
	Method    string      `json:"method"`
	URL       string      `json:"url"`
	Headers   [][2]string `json:"headers"`
	Body      any         `json:"body"`
	Size      int64       `json:"size"`
	Truncated bool        `json:"truncated"`
}

type responseJSON struct {
	Status    int         `json:"status"`
	Headers   [][2]string `json:"headers"`
	Body      any         `json:"body"`
	Size      int64       `json:"size"`
	SHA256    string      `json:"sha256,omitempty"`
	Truncated bool        `json:"truncated"`
	Complete  bool        `json:"complete"`
}

type tlsJSON struct {
	Version string `json:"version"`
	Cipher  string `json:"cipher"`
	Subject string `json:"subject"`
	Issuer  string `json:"issuer"`
	Expires string `json:"expires"`
}

type hopJSON struct {
	From   string `json:"from"`
	Status int    `json:"status"`
	To     string `json:"to"`
}

type tokenJSON struct {
	Name     string `json:"name"`
	Value    string `json:"value"`
	Source   string `json:"source"`
	Shadowed string `json:"shadowed"`
	Masked   bool   `json:"masked"`
	Where    string `json:"where"`
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func showHeaders(headers []run.Header) [][2]string {
	shown := make([][2]string, 0, len(headers))
	for _, h := range headers {
		shown = append(shown, [2]string{h.Name, h.Value})
	}
	return shown
}

// showBody is a body as text, or as {"base64": …} when it is no text; null when there is none.
func showBody(body []byte) any {
	switch {
	case len(body) == 0:
		return nil
	case utf8.Valid(body) && !strings.ContainsRune(string(body), 0):
		return string(body)
	}
	return map[string]string{"base64": base64.StdEncoding.EncodeToString(body)}
}

func showRequest(r run.Request) requestJSON {
	return requestJSON{
		Method: r.Method, URL: r.URL, Headers: showHeaders(r.Headers), Body: showBody(r.Body), Size: r.Size, Truncated: r.Truncated,
	}
}

func showExchange(x run.Exchange) exchangeJSON {
	shown := exchangeJSON{
		Page: x.Page, Purpose: x.Purpose, StartedAt: moment(x.StartedAt), Request: showRequest(x.Request), Reused: x.Timings.Reused, Peer: x.Peer, Error: x.Error,
		Timings: map[string]float64{
			"dns": millis(x.Timings.DNS), "connect": millis(x.Timings.Connect), "tls": millis(x.Timings.TLS),
			"first_byte": millis(x.Timings.FirstByte), "total": millis(x.Timings.Total),
		},
	}
	if p := x.Paging; p != nil {
		shown.Paging = &pagingJSON{Items: p.Items, Then: p.Then}
	}
	for _, w := range x.Waits {
		shown.Waits = append(shown.Waits, waitJSON{MS: millis(w.For), Why: w.Why})
	}
	if r := x.Response; r != nil {
		shown.Response = &responseJSON{
			Status: r.Status, Headers: showHeaders(r.Headers), Body: showBody(r.Body), Size: r.Size, SHA256: r.SHA256,
			Truncated: r.Truncated, Complete: r.Complete,
		}
	}
	if t := x.TLS; t != nil {
		shown.TLS = &tlsJSON{Version: t.Version, Cipher: t.Cipher, Subject: t.Subject, Issuer: t.Issuer, Expires: moment(t.Expires)}
	}
	for _, hop := range x.Hops {
		shown.Hops = append(shown.Hops, hopJSON(hop))
	}
	return shown
}

func showRun(r run.Run) runJSON {
	shown := runJSON{
		runRow: showRunRow(r), ResultNote: r.ResultNote, Outputs: r.Outputs, Count: r.Count, IntegratorID: r.IntegratorID,
		EventID: r.EventID, CorrelationID: r.CorrelationID, ParentID: r.ParentID, ReplayOf: r.ReplayOf,
		Attempts: make([]attemptJSON, 0, len(r.Attempts)), Tokens: make([]tokenJSON, 0, len(r.Tokens)),
	}
	if shown.Outputs == nil {
		shown.Outputs = map[string]any{}
	}
	if json.Valid(r.Input) {
		shown.Input = r.Input
	}
	if r.Failure != nil {
		shown.Hint, shown.Evidence = &r.Failure.Hint, &r.Failure.Evidence
	}
	for _, a := range r.Attempts {
		attempt := attemptJSON{Number: a.Number, StartedAt: moment(a.StartedAt), Exchanges: make([]exchangeJSON, 0, len(a.Exchanges))}
		if a.Failure != nil {
			attempt.Cause = &a.Failure.Cause
		}
		for _, x := range a.Exchanges {
			attempt.Exchanges = append(attempt.Exchanges, showExchange(x))
		}
		shown.Attempts = append(shown.Attempts, attempt)
	}
	for _, t := range r.Tokens {
		shown.Tokens = append(shown.Tokens, tokenJSON(t))
	}
	return shown
}
