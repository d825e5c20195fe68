package web

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"tieline/db"
	"tieline/internal/account"
	"tieline/internal/control"
	"tieline/internal/integration"
	"tieline/internal/secret"
	"tieline/views"
)

// show is the page of one integration; ?tab= chooses what is on it.
func (h integrations) show(c echo.Context) error {
	stored, err := h.DB.Integration(c.Request().Context(), actor(c).Scope, c.Param("integration"))
	if err != nil {
		return err
	}
	v, err := h.view(c, stored, c.QueryParam("tab"))
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.IntegrationPage(v), "settings-form", "runs")
}

// view fills what the tab needs and nothing else.
func (h integrations) view(c echo.Context, stored db.StoredIntegration, tab string) (views.IntegrationView, error) {
	v := views.IntegrationView{
		Page: h.page(c, stored.Document.Title(), "integrations"),
		Tab:  tab, Of: stored.Document, Revision: stored.Revision,
	}
	var err error
	switch tab {
	case "endpoints":
		if v.Warned, _, err = h.warned(c, stored); err != nil {
			return v, err
		}
		var uses []integration.Integrator
		uses, err = h.DB.Integrators(c.Request().Context(), actor(c).Scope, db.IntegratorFilter{IntegrationID: stored.ID})
		v.Unused = len(uses) == 0
		if err == nil && mayEdit(c) {
			v.Catalogues, err = h.catalogues(c, stored)
		}
	case "mappings":
	case "logs":
		v.Logs, err = h.integrationLogs(c, v.Page, stored, "")
	case "settings":
		v.Settings, err = h.settings(c, stored)
		if err == nil {
			v.History, err = h.history(c, stored, "")
		}
	default:
		v.Tab = "integrators"
		v.Integrators, err = h.integratorRows(c, stored)
	}
	return v, err
}

func (h integrations) integratorRows(c echo.Context, stored db.StoredIntegration) ([]views.IntegratorRow, error) {
	ctx, who := c.Request().Context(), actor(c)
	list, err := h.DB.Integrators(ctx, who.Scope, db.IntegratorFilter{IntegrationID: stored.ID})
	if err != nil {
		return nil, err
	}
	customers, err := h.chooseFrom(c)
	if err != nil {
		return nil, err
	}
	rows := make([]views.IntegratorRow, 0, len(list))
	for _, in := range list {
		row := views.IntegratorRow{Integrator: in, Mask: keyMask(stored.Document, in)}
		for _, customer := range customers {
			if customer.ID == in.CustomerID {
				row.CustomerSlug, row.CustomerName = customer.Slug, customer.Name
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// keyMask is the one value that tells an integrator's key: the first secret that is set, masked, else the
// first header parameter's value, masked.
func keyMask(of integration.Integration, in integration.Integrator) string {
	for _, p := range of.Parameters {
		if s := in.Secrets["field."+p.Name]; p.Secret && s.Set() {
			return s.Hint
		}
	}
	kind, _ := integration.AuthKindOf(in.Auth.Kind)
	for _, setting := range kind.Settings {
		if s := in.Secrets["auth."+setting.Name]; setting.Secret && s.Set() {
			return s.Hint
		}
	}
	for _, p := range of.Parameters {
		if value := in.Fields[p.Name]; !p.Secret && value != "" && (p.In == "" || p.In == "header") {
			return secret.Mask(value)
		}
	}
	return ""
}

func (h integrations) settings(c echo.Context, stored db.StoredIntegration) (views.IntegrationForm, error) {
	customers, err := h.chooseFrom(c)
	if err != nil {
		return views.IntegrationForm{}, err
	}
	_, whole, err := h.warned(c, stored)
	return views.IntegrationForm{
		Was: stored.Document.Name, Base: stored.Revision, Integration: stored.Document, Customers: customers, Warnings: whole,
	}, err
}

// warned counts what is worth a look in each endpoint, and gives what is about the integration itself.
func (h integrations) warned(c echo.Context, stored db.StoredIntegration) (endpoints map[string]int, whole map[string]string, err error) {
	in := stored.Document
	problems, err := h.Control.Problems(c.Request().Context(), actor(c).Scope, stored.ID, in)
	endpoints, whole = map[string]int{}, map[string]string{}
	for _, p := range problems {
		rest, inEndpoint := strings.CutPrefix(p.Field, "endpoints.")
		if !inEndpoint {
			whole[p.Field] = strings.TrimSpace(whole[p.Field] + " " + p.Message)
			continue
		}
		index, _, _ := strings.Cut(rest, ".")
		if i, err := strconv.Atoi(index); err == nil && i >= 0 && i < len(in.Endpoints) {
			endpoints[in.Endpoints[i].Name]++
		}
	}
	return endpoints, whole, err
}

// saveSettings stores the settings and parameters of an integration.
func (h integrations) saveSettings(c echo.Context) error {
	form, err := values(c)
	if err != nil {
		return err
	}
	ctx, who, name := c.Request().Context(), actor(c), c.Param("integration")
	stored, err := h.DB.Integration(ctx, who.Scope, name)
	if err != nil {
		return err
	}
	f := decodeIntegration(form, stored.Document)
	if applyIntegrationOp(&f, form.Get("op")) {
		return h.again(c, http.StatusOK, stored, f, nil)
	}
	saved, err := h.Control.SaveSettings(ctx, who, name, f.Base, f.Integration)
	if clash, ok := errors.AsType[*control.ConflictError](err); ok {
		f.Base = clash.Revision
		return h.again(c, http.StatusConflict, stored, f, conflict("The integration", h.root.Integration(name, "settings"), clash))
	}
	if fields, ok := problems(err); ok {
		f.Problems = fields
		return h.again(c, http.StatusUnprocessableEntity, stored, f, nil)
	}
	if err != nil {
		return err
	}
	return h.done(c, "Saved as revision "+strconv.FormatInt(saved.Revision, 10)+".", h.root.Integration(saved.Integration.Name, "settings"))
}

// again shows the settings form as it was typed.
func (h integrations) again(c echo.Context, status int, stored db.StoredIntegration, f views.IntegrationForm, clash *views.Conflict) error {
	v, err := h.view(c, stored, "settings")
	if err != nil {
		return err
	}
	f.Customers = v.Settings.Customers
	v.Settings, v.Conflict = f, clash
	return render(c, status, views.IntegrationPage(v), "settings-form")
}

// restore brings back an earlier revision of the whole integration, or of one endpoint.
func (h integrations) restore(c echo.Context) error {
	form, err := values(c)
	if err != nil {
		return err
	}
	n, err := chosenRevision(form)
	if err != nil {
		return err
	}
	name, endpoint := c.Param("integration"), c.Param("endpoint")
	saved, err := h.Control.RestoreRevision(c.Request().Context(), actor(c), name, n, endpoint)
	if err != nil {
		return err
	}
	back := h.root.Integration(saved.Integration.Name, "settings")
	if endpoint != "" {
		back = h.root.Endpoint(saved.Integration.Name, endpoint, "history")
	}
	return h.done(c, "Revision "+strconv.FormatInt(n, 10)+" was restored as revision "+strconv.FormatInt(saved.Revision, 10)+".", back)
}

func mayEdit(c echo.Context) bool { return actor(c).Role.May(account.EditIntegrations) }
