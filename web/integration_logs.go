package web

import (
	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"tieline/db"
	"tieline/views"
)

// integrationLogs are the runs of an integration, or of one of its endpoints, as a tab shows them.
func (s *site) integrationLogs(c echo.Context, p views.Page, of db.StoredIntegration, endpoint string) (templ.Component, error) {
	name := of.Document.Name
	at, base := s.root.Integration(name, ""), db.RunFilter{IntegrationID: of.ID}
	hide := map[string]bool{}
	if endpoint != "" {
		id, err := s.DB.EndpointID(c.Request().Context(), actor(c).Scope, of.ID, endpoint)
		if err != nil {
			return nil, err
		}
		at, base.EndpointID = s.root.Endpoint(name, endpoint, ""), id
		hide["endpoint"] = true
	}
	v, err := s.runsView(c, at, base)
	if err != nil {
		return nil, err
	}
	v.Hide, v.KeyLabel = hide, "Primary phone (Key)"
	return views.LogsTab(p, v, "logs", s.root.Runs("integration", name, "endpoint", endpoint)), nil
}
