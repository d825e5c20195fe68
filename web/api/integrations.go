package api

import (
	"net/http"
	"strings"

	"tieline/db"
	"tieline/internal/audit"
	"tieline/internal/control"
	"tieline/internal/document"
	"tieline/internal/fault"
	"tieline/internal/integration"
	"tieline/internal/run"
)

// integrationJSON is a definition as a document, with what a change of it has to tell.
type integrationJSON struct {
	Tieline     int                     `json:"tieline"`
	Revision    int64                   `json:"revision,omitempty"`
	Integration integration.Integration `json:"integration"`
	Warnings    []warning               `json:"warnings,omitzero"`
	DryRun      bool                    `json:"dry_run,omitempty"`
	Created     bool                    `json:"created,omitempty"`
	Changed     *bool                   `json:"changed,omitempty"`
	Diff        []audit.Field           `json:"diff,omitempty"`
}

type warning struct {
	Field   string `json:"field"`
	Cause   string `json:"cause,omitempty"`
	Message string `json:"message"`
	Subject string `json:"subject,omitempty"`
}

func showWarnings(problems []run.Problem) []warning {
	shown := make([]warning, 0, len(problems))
	for _, p := range problems {
		shown = append(shown, warning{Field: p.Field, Cause: string(p.Cause), Message: p.Message})
	}
	return shown
}

type integrationRow struct {
	Name          string `json:"name"`
	Label         string `json:"label"`
	Type          string `json:"type"`
	Visibility    string `json:"visibility"`
	Customer      string `json:"customer,omitempty"`
	Enabled       bool   `json:"enabled"`
	Revision      int64  `json:"revision"`
	Endpoints     int    `json:"endpoints"`
	Integrators   int    `json:"integrators"`
	LastSuccessAt string `json:"last_success_at,omitempty"`
	LastFailureAt string `json:"last_failure_at,omitempty"`
	LastCause     string `json:"last_cause,omitempty"`
	UpdatedAt     string `json:"updated_at"`
}

func (s *server) integrations(c call) error {
	q := c.query()
	filter := db.IntegrationFilter{Text: q.text("q"), Type: q.text("type"), Limit: q.limit(), Cursor: q.text("cursor")}
	slug := q.text("customer")
	if err := q.done(); err != nil {
		return err
	}
	if slug != "" {
		customer, err := s.db.CustomerBySlug(c.ctx(), c.who.Scope, slug)
		if err != nil {
			return err
		}
		filter.CustomerID = customer.ID
	}
	rows, next, err := s.db.Integrations(c.ctx(), c.who.Scope, filter)
	if err != nil {
		return err
	}
	names := s.names(c)
	return c.json(http.StatusOK, listOf(rows, next, func(row db.IntegrationRow) integrationRow {
		return integrationRow{
			Name: row.Name, Label: row.Label, Type: row.Type, Visibility: row.Visibility(), Customer: names.slug(row.CustomerID),
			Enabled: row.Enabled, Revision: row.Revision, Endpoints: row.Endpoints, Integrators: row.Integrators,
			LastSuccessAt: moment(row.LastSuccessAt), LastFailureAt: moment(row.LastFailureAt), LastCause: row.LastCause,
			UpdatedAt: moment(row.UpdatedAt),
		}
	}))
}

// wantsYAML tells whether the answer shall be YAML, by ?format= or the Accept header.
func wantsYAML(c call, format string) bool {
	accept := c.Request().Header.Get("Accept")
	return format == "yaml" || format == "" && strings.Contains(accept, "yaml") && !strings.Contains(accept, "json")
}

func (s *server) integration(c call) error {
	q := c.query()
	format, revision := q.text("format"), q.number("revision", 0, 1<<40)
	if format != "" && format != "yaml" && format != "json" {
		q.fields.Add("format", "Give json or yaml.")
	}
	if err := q.done(); err != nil {
		return err
	}
	stored, err := s.db.Integration(c.ctx(), c.who.Scope, c.Param("name"))
	if err != nil {
		return err
	}
	shown, at := stored.Document, stored.Revision
	if revision != 0 {
		old, err := s.db.Revision(c.ctx(), c.who.Scope, stored.ID, revision)
		if err != nil {
			return err
		}
		shown, at = old.Document, old.N
	}
	c.etag(at)
	if !wantsYAML(c, format) {
		return c.json(http.StatusOK, integrationJSON{Tieline: document.Format, Revision: at, Integration: shown})
	}
	text, err := document.EncodeYAML(shown)
	if err != nil {
		return err
	}
	return c.Blob(http.StatusOK, "application/yaml; charset=utf-8", text)
}

// definition reads a definition from the body.
func (c call) definition() (integration.Integration, error) {
	data, err := c.read()
	if err != nil {
		return integration.Integration{}, err
	}
	return document.DecodeIntegration(data)
}

func (s *server) createIntegration(c call) error {
	in, err := c.definition()
	if err != nil {
		return err
	}
	saved, err := s.control.CreateIntegration(c.ctx(), c.who, in)
	if err != nil {
		return err
	}
	return answerSaved(c, saved)
}

func answerSaved(c call, saved control.Saved) error {
	status := http.StatusOK
	if saved.Created {
		status = http.StatusCreated
		c.created("/integrations/" + saved.Integration.Name)
	}
	c.etag(saved.Revision)
	return c.json(status, integrationJSON{
		Tieline: document.Format, Revision: saved.Revision, Integration: saved.Integration,
		Warnings: showWarnings(saved.Warnings), Changed: &saved.Changed,
	})
}

func (s *server) putIntegration(c call) error {
	q := c.query()
	dry := q.flag("dry_run")
	if err := q.done(); err != nil {
		return err
	}
	base, err := c.base()
	if err != nil {
		return err
	}
	in, err := c.definition()
	if err != nil {
		return err
	}
	saved, err := s.control.ReplaceIntegration(c.ctx(), c.who, c.Param("name"), in, control.Replace{Base: base, DryRun: dry})
	if err != nil {
		return matched(err, base != 0)
	}
	if !dry {
		return answerSaved(c, saved)
	}
	return c.json(http.StatusOK, integrationJSON{
		Tieline: document.Format, Revision: saved.Revision, Integration: saved.Integration, Warnings: showWarnings(saved.Warnings),
		DryRun: true, Created: saved.Created, Changed: &saved.Changed, Diff: saved.Diff,
	})
}

func (s *server) deleteIntegration(c call) error {
	if err := s.control.DeleteIntegration(c.ctx(), c.who, c.Param("name")); err != nil {
		return err
	}
	return c.none()
}

type revisionJSON struct {
	Revision  int64    `json:"revision"`
	Author    string   `json:"author"`
	Parts     []string `json:"parts"`
	CreatedAt string   `json:"created_at"`
}

func (s *server) revisions(c call) error {
	q := c.query()
	part, limit := q.text("endpoint"), q.limit()
	if part != "" {
		part = "endpoint " + part
	}
	if name := q.text("mapping"); name != "" {
		part = "mapping " + name
	}
	if err := q.done(); err != nil {
		return err
	}
	stored, err := s.db.Integration(c.ctx(), c.who.Scope, c.Param("name"))
	if err != nil {
		return err
	}
	rows, err := s.db.Revisions(c.ctx(), c.who.Scope, stored.ID, part, limit)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, listOf(rows, "", func(r db.Revision) revisionJSON {
		return revisionJSON{Revision: r.N, Author: r.Author, Parts: r.Parts, CreatedAt: moment(r.CreatedAt)}
	}))
}

type restoreInput struct {
	Revision int64  `json:"revision"`
	Endpoint string `json:"endpoint"`
	Mapping  string `json:"mapping"`
}

func (s *server) restore(c call) error {
	in, err := decode[restoreInput](c)
	if err != nil {
		return err
	}
	if in.Revision < 1 {
		return fault.At("revision", "Name the revision.")
	}
	var saved control.Saved
	switch {
	case in.Mapping == "":
		saved, err = s.control.RestoreRevision(c.ctx(), c.who, c.Param("name"), in.Revision, in.Endpoint)
	case in.Endpoint == "":
		saved, err = s.control.RestoreMapping(c.ctx(), c.who, c.Param("name"), in.Revision, in.Mapping)
	default:
		return fault.At("mapping", "Name an endpoint or a mapping.")
	}
	if err != nil {
		return err
	}
	return answerSaved(c, saved)
}

type duplicateInput struct {
	Name string `json:"name"`
}

func (s *server) duplicate(c call) error {
	in, err := decodeOptional[duplicateInput](c)
	if err != nil {
		return err
	}
	saved, err := s.control.DuplicateIntegration(c.ctx(), c.who, c.Param("name"), in.Name)
	if err != nil {
		return err
	}
	return answerSaved(c, saved)
}
