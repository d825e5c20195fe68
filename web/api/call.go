package api

import (
	"io"
	"net/http"
	"path"
	"strconv"
	"strings"

	"tieline/internal/control"
	"tieline/internal/id"
	"tieline/internal/integration"
	"tieline/internal/response"
	"tieline/internal/run"
)

// recordInput is what a call is about.
type recordInput struct {
	Type string         `json:"type"`
	ID   string         `json:"id"`
	Data map[string]any `json:"data"`
}

// callInput is a call by name: tokens are bare names, input is input.
type callInput struct {
	Customer      string         `json:"customer"`
	CallcenterID  string         `json:"callcenter_id"`
	Integrator    string         `json:"integrator"`
	Tokens        map[string]any `json:"tokens"`
	Input         any            `json:"input"`
	Record        *recordInput   `json:"record"`
	CorrelationID string         `json:"correlation_id"`
}

// testInput is a call with, where it is given, an unsaved definition of the endpoint.
type testInput struct {
	Customer      string                `json:"customer"`
	CallcenterID  string                `json:"callcenter_id"`
	Integrator    string                `json:"integrator"`
	Tokens        map[string]any        `json:"tokens"`
	Input         any                   `json:"input"`
	Record        *recordInput          `json:"record"`
	CorrelationID string                `json:"correlation_id"`
	Definition    *integration.Endpoint `json:"definition"`
}

func (in callInput) request(c call) control.CallRequest {
	r := control.CallRequest{
		RunID: id.New(), Integration: c.Param("name"), Endpoint: c.Param("endpoint"), Customer: in.Customer, CallcenterID: in.CallcenterID,
		Integrator: in.Integrator, Tokens: in.Tokens, Input: in.Input, HasInput: in.Input != nil, CorrelationID: in.CorrelationID,
	}
	if in.Record != nil {
		r.Record = control.Record{Type: in.Record.Type, ID: in.Record.ID, Data: in.Record.Data}
	}
	return r
}

func (in testInput) request(c call) control.TestRequest {
	r := callInput{
		Customer: in.Customer, CallcenterID: in.CallcenterID, Integrator: in.Integrator, Tokens: in.Tokens, Input: in.Input,
		Record: in.Record, CorrelationID: in.CorrelationID,
	}.request(c)
	return control.TestRequest{CallRequest: r, Definition: in.Definition}
}

// callJSON is what a caller is told of a run: a text or null, and why.
type callJSON struct {
	RunID      string         `json:"run_id"`
	Status     run.Status     `json:"status"`
	Cause      *run.Cause     `json:"cause"`
	Summary    string         `json:"summary,omitempty"`
	Evidence   string         `json:"evidence,omitempty"`
	Hint       *string        `json:"hint"`
	Result     *string        `json:"result"`
	Outputs    map[string]any `json:"outputs"`
	HTTPStatus int            `json:"http_status"`
	DurationMS float64        `json:"duration_ms"`
	Count      *int           `json:"count,omitempty"`
	Items      []any          `json:"items,omitempty"`
	ReplayOf   string         `json:"replay_of,omitempty"`
}

func showCall(r run.Run) callJSON {
	shown := callJSON{
		RunID: r.ID, Status: r.Status, Result: r.Result, Outputs: r.Outputs, HTTPStatus: r.HTTPStatus,
		DurationMS: millis(r.Duration), ReplayOf: r.ReplayOf,
	}
	if shown.Outputs == nil {
		shown.Outputs = map[string]any{}
	}
	if r.Failure != nil {
		shown.Cause, shown.Hint = &r.Failure.Cause, &r.Failure.Hint
		shown.Summary, shown.Evidence = r.Failure.Summary, r.Failure.Evidence
	}
	if r.Items != nil {
		shown.Count, shown.Items = &r.Count, r.Items
	}
	return shown
}

// runHead names the run that an answer is about.
func (c call) runHead(runID string) { c.Response().Header()["Tieline-Run-Id"] = []string{runID} }

// call runs an endpoint by name. Whatever became of the call, the answer is 200, but for a document endpoint:
// it answers the document's bytes, or 502 with the same JSON.
func (s *server) call(c call) error {
	in, err := decode[callInput](c)
	if err != nil {
		return err
	}
	ask := in.request(c)
	sink := &sink{c: c, runID: ask.RunID, tokens: in.Tokens}
	ask.Document = sink.open
	r, err := s.control.Call(c.ctx(), c.who, ask)
	if sink.opened {
		if err != nil || r.Status != run.Succeeded {
			panic(http.ErrAbortHandler) // the document was cut short: the connection must not end well
		}
		return nil
	}
	if err != nil {
		return err
	}
	c.runHead(r.ID)
	status := http.StatusOK
	if r.Status != run.Succeeded && wanted(s, c, r) {
		status = http.StatusBadGateway
	}
	return c.json(status, showCall(r))
}

// sink passes the bytes of a verified document on to the caller as they come.
type sink struct {
	c      call
	runID  string
	tokens map[string]any
	opened bool
}

// open is called once, when the first bytes have shown that it is a document.
func (s *sink) open(d response.Document, answer *run.Response) (io.Writer, error) {
	head := s.c.Response().Header()
	s.c.runHead(s.runID)
	head.Set("Content-Type", d.Type)
	head.Set("Cache-Control", "private, no-store")
	head.Set("Content-Security-Policy", "frame-ancestors 'none'") // a stricter one breaks browsers' own viewers
	head.Set("Content-Disposition", `inline; filename="`+s.fileName(d)+`"`)
	if length, err := strconv.ParseInt(answer.Header("Content-Length"), 10, 64); err == nil && length > 0 && answer.Encoding == "" {
		head.Set("Content-Length", strconv.FormatInt(length, 10))
	}
	s.opened = true
	s.c.Response().WriteHeader(http.StatusOK)
	return s.c.Response(), nil
}

// fileName names a document by the invoice it is, else as the vendor called it, else by its endpoint. It always
// ends as its bytes are: whoever saves a PDF never gets a file that opens as something else.
func (s *sink) fileName(d response.Document) string {
	number, _ := s.tokens["InvoiceNumber"].(string)
	ending := extension(d.Type)
	for _, name := range []string{number, d.Name, s.c.Param("endpoint")} {
		if name = clean(name); name == "" {
			continue
		}
		if last := strings.ToLower(path.Ext(name)); last == ending || last == ".jpeg" && ending == ".jpg" {
			return name
		}
		return name + ending
	}
	return "document" + ending
}

func extension(kind string) string {
	switch kind {
	case "application/pdf":
		return ".pdf"
	case "image/png":
		return ".png"
	case "image/jpeg":
		return ".jpg"
	}
	return ""
}

// clean leaves of a name what may stand in quotes in a header and is a harmless file name.
func clean(name string) string {
	name = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_', r == '.':
			return r
		}
		return '-'
	}, name)
	return strings.Trim(name[:min(len(name), 100)], "-.")
}

// wanted tells whether a run that failed should have had a document.
func wanted(s *server, c call, r run.Run) bool {
	stored, err := s.db.IntegrationByID(c.ctx(), c.who.Scope, r.IntegrationID)
	if err != nil {
		return false
	}
	endpoint, ok := stored.Document.Endpoint(r.Endpoint)
	return ok && endpoint.EffectiveContract() == "document"
}

// previewJSON is a request as it would be sent, with secrets masked.
type previewJSON struct {
	Request  requestJSON    `json:"request"`
	Tokens   []run.TokenUse `json:"tokens"`
	Problems []warning      `json:"problems"`
}

// test sends a test, or, as a preview, says what it would send.
func (s *server) test(c call) error {
	q := c.query()
	preview := q.flag("preview")
	if err := q.done(); err != nil {
		return err
	}
	in, err := decode[testInput](c)
	if err != nil {
		return err
	}
	ask := in.request(c)
	if preview {
		shown, err := s.control.Preview(c.ctx(), c.who, ask)
		if err != nil {
			return err
		}
		answer := previewJSON{Request: showRequest(shown.Request), Tokens: shown.Tokens, Problems: showWarnings(shown.Problems)}
		if answer.Tokens == nil {
			answer.Tokens = []run.TokenUse{}
		}
		return c.json(http.StatusOK, answer)
	}
	r, err := s.control.Test(c.ctx(), c.who, ask)
	if err != nil {
		return err
	}
	c.runHead(r.ID)
	return c.json(http.StatusOK, showCall(r))
}
