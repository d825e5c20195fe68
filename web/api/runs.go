package api

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"tieline/db"
	"tieline/internal/control"
	"tieline/internal/fault"
	"tieline/internal/integration"
	"tieline/internal/run"
)

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
	Rate   int         `json:"rate_per_min"`
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
	ask := control.BulkRequest{IDs: in.IDs, Action: in.Action, Note: in.Note, RatePerMin: in.Rate}
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
