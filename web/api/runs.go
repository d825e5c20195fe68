package api

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"tieline/db"
	"tieline/internal/control"
	"tieline/internal/fault"
	"tieline/internal/integration"
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
		Page: x.Page, StartedAt: moment(x.StartedAt), Request: showRequest(x.Request), Reused: x.Timings.Reused, Peer: x.Peer, Error: x.Error,
		Timings: map[string]float64{
			"dns": millis(x.Timings.DNS), "connect": millis(x.Timings.Connect), "tls": millis(x.Timings.TLS),
			"first_byte": millis(x.Timings.FirstByte), "total": millis(x.Timings.Total),
		},
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

// runFilter reads a filter from the query.
func (s *server) runFilter(c call, q *query) (db.RunFilter, error) {
	slug, name, endpoint := q.text("customer"), q.text("integration"), q.text("endpoint")
	f := db.RunFilter{
		IntegratorID: q.text("integrator"), From: q.moment("from"), To: q.moment("to"), Text: q.text("q"), Test: q.maybe("test"),
		Limit: q.limit(), Cursor: q.text("cursor"),
	}
	f.Status, f.Cause = statuses(q), causes(q)
	if endpoint != "" && name == "" {
		q.fields.Add("endpoint", "Name the integration too.")
	}
	if err := q.done(); err != nil {
		return f, err
	}
	return s.named(c, f, slug, name, endpoint)
}

// split reads a list from repeated parameters and commas.
func split(q *query, name string) []string {
	var list []string
	q.known[name] = true
	for _, value := range q.c.QueryParams()[name] {
		for part := range strings.SplitSeq(value, ",") {
			if part = strings.TrimSpace(part); part != "" {
				list = append(list, part)
			}
		}
	}
	return list
}

func statuses(q *query) []run.Status {
	var list []run.Status
	for _, text := range split(q, "status") {
		if !run.Status(text).Valid() {
			q.fields.Add("status", "There is no status "+strconv.Quote(text)+".")
		}
		list = append(list, run.Status(text))
	}
	return list
}

func causes(q *query) []run.Cause {
	var list []run.Cause
	for _, text := range split(q, "cause") {
		if !run.Cause(text).Valid() {
			q.fields.Add("cause", "There is no cause "+strconv.Quote(text)+".")
		}
		list = append(list, run.Cause(text))
	}
	return list
}

// named turns the names of a filter into ids. A name that is not there, or not the caller's, is NotFound.
func (s *server) named(c call, f db.RunFilter, slug, name, endpoint string) (db.RunFilter, error) {
	if slug != "" {
		customer, err := s.db.CustomerBySlug(c.ctx(), c.who.Scope, slug)
		if err != nil {
			return f, err
		}
		f.CustomerID = customer.ID
	}
	if name == "" {
		return f, nil
	}
	stored, err := s.db.Integration(c.ctx(), c.who.Scope, name)
	if err != nil {
		return f, err
	}
	f.IntegrationID = stored.ID
	if endpoint != "" {
		f.EndpointID, err = s.db.EndpointID(c.ctx(), c.who.Scope, stored.ID, endpoint)
	}
	return f, err
}

func (s *server) runs(c call) error {
	f, err := s.runFilter(c, c.query())
	if err != nil {
		return err
	}
	rows, next, err := s.db.Runs(c.ctx(), c.who.Scope, f)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, listOf(rows, next, showRunRow))
}

func (s *server) run(c call) error {
	r, err := s.control.Run(c.ctx(), c.who, c.Param("id"))
	if err != nil {
		return err
	}
	c.runHead(r.ID)
	return c.json(http.StatusOK, showRun(r))
}

type retryInput struct {
	Mode       string                `json:"mode"`
	Definition *integration.Endpoint `json:"definition"`
}

func (s *server) retry(c call) error {
	in, err := decodeOptional[retryInput](c)
	if err != nil {
		return err
	}
	r, err := s.control.Retry(c.ctx(), c.who, c.Param("id"), control.RetryRequest{Mode: in.Mode, Definition: in.Definition})
	if err != nil {
		return err
	}
	c.runHead(r.ID)
	return c.json(http.StatusOK, showCall(r))
}

type noteInput struct {
	Note string `json:"note"`
}

func (s *server) skip(c call) error {
	in, err := decodeOptional[noteInput](c)
	if err != nil {
		return err
	}
	r, err := s.control.Skip(c.ctx(), c.who, c.Param("id"), in.Note)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, showRunRow(r))
}

func (s *server) dismiss(c call) error {
	in, err := decodeOptional[noteInput](c)
	if err != nil {
		return err
	}
	r, err := s.control.Dismiss(c.ctx(), c.who, c.Param("id"), in.Note)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, showRunRow(r))
}

// bulkFilter is a filter as in the query of the list.
type bulkFilter struct {
	Customer    string       `json:"customer"`
	Integration string       `json:"integration"`
	Endpoint    string       `json:"endpoint"`
	Integrator  string       `json:"integrator"`
	Status      []run.Status `json:"status"`
	Cause       []run.Cause  `json:"cause"`
	From        time.Time    `json:"from"`
	To          time.Time    `json:"to"`
	Text        string       `json:"q"`
}

type bulkInput struct {
	IDs    []string    `json:"ids"`
	Filter *bulkFilter `json:"filter"`
	Action string      `json:"action"`
	Note   string      `json:"note"`
}

type bulkJSON struct {
	Done   int           `json:"done"`
	Failed []bulkFailure `json:"failed"`
	More   bool          `json:"more"`
}

type bulkFailure struct {
	ID      string `json:"id"`
	Message string `json:"message"`
}

func (s *server) bulk(c call) error {
	in, err := decode[bulkInput](c)
	if err != nil {
		return err
	}
	ask := control.BulkRequest{IDs: in.IDs, Action: in.Action, Note: in.Note}
	if in.Filter != nil {
		f, err := s.bulkFilter(c, *in.Filter)
		if err != nil {
			return err
		}
		ask.Filter = &f
	}
	result, err := s.control.Bulk(c.ctx(), c.who, ask)
	if err != nil {
		return err
	}
	shown := bulkJSON{Done: result.Done, More: result.More, Failed: []bulkFailure{}}
	for _, failure := range result.Failed {
		shown.Failed = append(shown.Failed, bulkFailure(failure))
	}
	return c.json(http.StatusOK, shown)
}

func (s *server) bulkFilter(c call, in bulkFilter) (db.RunFilter, error) {
	var f fault.Fields
	for i, status := range in.Status {
		if !status.Valid() {
			f.Add("filter.status."+strconv.Itoa(i), "There is no such status.")
		}
	}
	for i, cause := range in.Cause {
		if !cause.Valid() {
			f.Add("filter.cause."+strconv.Itoa(i), "There is no such cause.")
		}
	}
	if in.Endpoint != "" && in.Integration == "" {
		f.Add("filter.endpoint", "Name the integration too.")
	}
	if err := f.Err(); err != nil {
		return db.RunFilter{}, err
	}
	filter := db.RunFilter{IntegratorID: in.Integrator, Status: in.Status, Cause: in.Cause, From: in.From, To: in.To, Text: in.Text}
	return s.named(c, filter, in.Customer, in.Integration, in.Endpoint)
}
