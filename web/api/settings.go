package api

import (
	"net/http"

	"tieline/db"
	"tieline/internal/audit"
	"tieline/internal/control"
)

// retentionJSON is for how long runs are kept; 0 is without a limit.
type retentionJSON struct {
	RowDays  int   `json:"row_days"`
	BodyDays int   `json:"body_days"`
	MaxRuns  int64 `json:"max_runs"`
	MaxMiB   int64 `json:"max_mib"`
}

func (s *server) retention(c call) error {
	r, err := s.control.Retention(c.ctx())
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, retentionJSON(r))
}

func (s *server) putRetention(c call) error {
	in, err := decode[retentionJSON](c)
	if err != nil {
		return err
	}
	if err := s.control.SetRetention(c.ctx(), c.who, control.Retention(in)); err != nil {
		return err
	}
	return c.json(http.StatusOK, in)
}

type auditJSON struct {
	ID        string        `json:"id"`
	At        string        `json:"at"`
	Actor     auditActor    `json:"actor"`
	Action    string        `json:"action"`
	Subject   string        `json:"subject"`
	SubjectID string        `json:"subject_id"`
	Name      string        `json:"name"`
	Customer  string        `json:"customer,omitempty"`
	Changes   []audit.Field `json:"changes"`
}

type auditActor struct {
	Kind    string `json:"kind"`
	ID      string `json:"id"`
	Name    string `json:"name"`
	Address string `json:"address"`
}

func (s *server) audit(c call) error {
	q := c.query()
	filter := db.AuditFilter{
		Actor: q.text("actor"), Subject: q.text("subject"), SubjectID: q.text("subject_id"), Action: q.text("action"), Text: q.text("q"),
		From: q.moment("from"), To: q.moment("to"), Limit: q.limit(), Cursor: q.text("cursor"),
	}
	if err := q.done(); err != nil {
		return err
	}
	rows, next, err := s.db.AuditEntries(c.ctx(), c.who.Scope, filter)
	if err != nil {
		return err
	}
	n := s.names(c)
	return c.json(http.StatusOK, listOf(rows, next, func(e audit.Entry) auditJSON {
		shown := auditJSON{
			ID: e.ID, At: moment(e.At), Actor: auditActor{Kind: e.ActorKind, ID: e.ActorID, Name: e.ActorName, Address: e.Address},
			Action: e.Action, Subject: e.Subject, SubjectID: e.SubjectID, Name: e.Name, Customer: n.slug(e.CustomerID), Changes: e.Changes,
		}
		if shown.Changes == nil {
			shown.Changes = []audit.Field{}
		}
		return shown
	}))
}
