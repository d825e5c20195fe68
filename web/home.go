package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"tieline/db"
	"tieline/internal/run"
	"tieline/views"
	"tieline/views/ui"
)

// home is the dashboard.
type home struct{ *site }

// inboxSize is how many failures the dashboard shows.
const inboxSize = 6

func (h home) show(c echo.Context) error {
	v, err := h.view(c)
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.HomePage(h.page(c, "Dashboard", "home"), v))
}

func (h home) view(c echo.Context) (views.HomeView, error) {
	ctx, scope, now := c.Request().Context(), actor(c).Scope, h.Now()
	v := views.HomeView{Demo: h.Demo}
	health, err := h.DB.Health(ctx, scope, now)
	if err != nil {
		return v, err
	}
	for _, r := range health {
		v.Integrators += r.Integrators
		v.Health = append(v.Health, views.HealthLine{Customer: r.Customer, CustomerName: r.CustomerName, IntegrationLine: lineOf(r)})
	}
	hours, err := h.DB.RunCounts(ctx, scope, now)
	if err != nil {
		return v, err
	}
	for _, x := range hours {
		v.Hours = append(v.Hours, views.Hour{At: x.Hour, OK: x.OK, Failed: x.Failed})
	}
	newest, _, err := h.DB.Runs(ctx, scope, db.RunFilter{Limit: 1})
	if err != nil {
		return v, err
	}
	v.Runs = len(newest) > 0
	return h.rest(c, v)
}

// rest adds the failures, and counts what the first steps ask for.
func (h home) rest(c echo.Context, v views.HomeView) (views.HomeView, error) {
	ctx, scope := c.Request().Context(), actor(c).Scope
	open, more, err := h.DB.Runs(ctx, scope, db.RunFilter{Open: true, Limit: inboxSize, Status: []run.Status{run.Failed, run.Unknown}})
	if err != nil {
		return v, err
	}
	v.Failures, v.MoreFailures = open, more != ""
	customers, _, err := h.DB.Customers(ctx, scope, db.CustomerFilter{Limit: 1})
	if err != nil {
		return v, err
	}
	integrations, _, err := h.DB.Integrations(ctx, scope, db.IntegrationFilter{Limit: 1})
	v.Customers, v.Integrations = len(customers), len(integrations)
	if err != nil || v.Runs || len(integrations) == 0 {
		return v, err
	}
	first, err := h.DB.IntegrationByID(ctx, scope, integrations[0].ID)
	v.First, v.Endpoints = first.Document.Name, len(first.Document.Endpoints)
	if v.Endpoints > 0 {
		v.Endpoint = first.Document.Endpoints[0].Name
	}
	return v, err
}

func (h home) demo(c echo.Context) error {
	filled, err := h.Control.FillDemo(c.Request().Context(), actor(c))
	if err != nil {
		return err
	}
	return h.done(c, "The demo is ready: "+ui.Count(filled.Customers, "customer", "customers")+", "+
		ui.Count(filled.Integrations, "integration", "integrations")+", "+ui.Count(filled.Runs, "run", "runs")+".", h.root.Home())
}
