package web

import (
	"strconv"

	"github.com/labstack/echo/v4"

	"tieline/db"
	"tieline/internal/audit"
	"tieline/internal/control"
	"tieline/internal/document"
	"tieline/internal/integration"
	"tieline/views"
)

// history lists the revisions of an integration, or those in which one endpoint changed, with the difference
// between ?from= and ?to= where both are given.
func (s *site) history(c echo.Context, stored db.StoredIntegration, endpoint string) (views.History, error) {
	ctx, scope, name := c.Request().Context(), actor(c).Scope, stored.Document.Name
	h := views.History{
		Href: s.root.Integration(name, ""), Tab: "settings", Restore: s.root.IntegrationDo(name, "restore"),
		What: "the integration " + name, CanRestore: mayEdit(c),
	}
	if endpoint != "" {
		h.Href, h.Tab = s.root.Endpoint(name, endpoint, ""), "history"
		h.Restore, h.What = s.root.EndpointDo(name, endpoint, "restore"), "the endpoint "+endpoint
	}
	part := ""
	if endpoint != "" {
		part = "endpoint " + endpoint
	}
	list, err := s.DB.Revisions(ctx, scope, stored.ID, part, 200)
	if err != nil {
		return h, err
	}
	for i, r := range list {
		h.Revisions = append(h.Revisions, views.Revision{N: r.N, Author: r.Author, At: r.CreatedAt, Parts: partsOf(r.Parts), Current: i == 0})
	}
	if len(list) > 1 {
		h.From, h.To = list[1].N, list[0].N
	}
	return h, s.compare(c, stored, endpoint, &h)
}

// compare fills the difference that was asked for.
func (s *site) compare(c echo.Context, stored db.StoredIntegration, endpoint string, h *views.History) error {
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
	if endpoint == "" {
		h.Diff = document.Diff(before.Document, after.Document)
		return nil
	}
	old, _ := before.Document.Endpoint(endpoint)
	now, _ := after.Document.Endpoint(endpoint)
	h.Diff = document.Diff(old, now)
	return nil
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
