package web

import (
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"tieline/db"
	"tieline/internal/audit"
	"tieline/internal/control"
	"tieline/internal/document"
	"tieline/internal/fault"
	"tieline/internal/integration"
	"tieline/views"
)

// history lists the revisions of an integration, or those in which one endpoint changed, with the difference
// between ?from= and ?to= where both are given.
func (s *site) history(c echo.Context, stored db.StoredIntegration, endpoint string) (views.History, error) {
	if endpoint == "" {
		return s.partHistory(c, stored, "", "")
	}
	return s.partHistory(c, stored, "endpoint", endpoint)
}

// partHistory is the history of a whole integration, or of one "endpoint" or "mapping" of it.
func (s *site) partHistory(c echo.Context, stored db.StoredIntegration, kind, part string) (views.History, error) {
	name := stored.Document.Name
	h := views.History{Tab: "history", CanRestore: mayEdit(c), What: "the " + kind + " " + part}
	filter := kind + " " + part
	switch kind {
	case "endpoint":
		h.Href, h.Restore = s.root.Endpoint(name, part, ""), s.root.EndpointDo(name, part, "restore")
	case "mapping":
		h.Href, h.Restore = s.root.Mapping(name, part), s.root.MappingDo(name, part, "restore")
	default:
		h.Href, h.Restore, h.Tab = s.root.Integration(name, ""), s.root.IntegrationDo(name, "restore"), "settings"
		h.What, filter = "the integration "+name, ""
	}
	list, err := s.DB.Revisions(c.Request().Context(), actor(c).Scope, stored.ID, filter, 200)
	if err != nil {
		return h, err
	}
	for i, r := range list {
		h.Revisions = append(h.Revisions, views.Revision{N: r.N, Author: r.Author, At: r.CreatedAt, Parts: partsOf(r.Parts), Current: i == 0})
	}
	if len(list) > 1 {
		h.From, h.To = list[1].N, list[0].N
	}
	return h, s.compare(c, stored, kind, part, &h)
}

// compare fills the difference that was asked for.
func (s *site) compare(c echo.Context, stored db.StoredIntegration, kind, part string, h *views.History) error {
	from, err := strconv.ParseInt(c.QueryParam("from"), 10, 64)
	to, err2 := strconv.ParseInt(c.QueryParam("to"), 10, 64)
	if err != nil || err2 != nil {
		return nil //nolint:nilerr // no comparison was asked for
	}
	ctx, scope := c.Request().Context(), actor(c).Scope
	before, err := s.DB.Revision(ctx, scope, stored.ID, from)
	if err != nil {
		return err
	}
	after, err := s.DB.Revision(ctx, scope, stored.ID, to)
	if err != nil {
		return err
	}
	h.From, h.To, h.Compared = from, to, true
	h.Diff = document.Diff(partOf(before.Document, kind, part), partOf(after.Document, kind, part))
	return nil
}

// partOf is what a history is about: an endpoint, a mapping, or the whole.
func partOf(in integration.Integration, kind, part string) any {
	switch kind {
	case "endpoint":
		e, _ := in.Endpoint(part)
		return e
	case "mapping":
		m, _ := in.Mapping(part)
		return m
	}
	return in
}

// partsOf says in words what a revision changed.
func partsOf(parts []string) []string {
	words := make([]string, 0, len(parts))
	for _, p := range parts {
		if p == "*" {
			p = "everything"
		}
		words = append(words, p)
	}
	return words
}

// conflict is what a form shows when somebody else saved meanwhile: every field in which the two differ.
func conflict(what, theirs string, clash *control.ConflictError) *views.Conflict {
	c := &views.Conflict{What: what, Theirs: theirs}
	for _, f := range diffOf(clash.Theirs, clash.Mine) {
		c.Fields = append(c.Fields, views.ConflictField{Path: f.Path, Mine: f.After, Theirs: f.Before})
	}
	return c
}

// diffOf compares two values of one type; integrations are compared without their endpoints.
func diffOf(before, after any) []audit.Field {
	if a, ok := before.(integration.Integration); ok {
		if b, ok := after.(integration.Integration); ok {
			a.Endpoints, b.Endpoints = nil, nil
			return document.Diff(a, b)
		}
	}
	return document.Diff(before, after)
}

// chosenRevision is the number of the revision that a form brings back.
func chosenRevision(form url.Values) (int64, error) {
	n, err := strconv.ParseInt(form.Get("revision"), 10, 64)
	if err != nil {
		return 0, fault.New(fault.Invalid, "Choose a revision.")
	}
	return n, nil
}
