package web

import (
	"context"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"tieline/db"
	"tieline/internal/account"
	"tieline/internal/fault"
	"tieline/internal/integration"
	"tieline/internal/preset"
	"tieline/views"
	"tieline/views/href"
)

// integrations are the list of integrations and the acts on one of them.
type integrations struct{ *site }

func (h integrations) list(c echo.Context) error {
	v, err := h.listed(c)
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.IntegrationsPage(h.page(c, "Integration", "integrations"), v))
}

func (h integrations) listed(c echo.Context) (views.IntegrationsView, error) {
	ctx, who := c.Request().Context(), actor(c)
	v := views.IntegrationsView{Text: c.QueryParam("q")}
	rows, next, err := h.DB.Integrations(ctx, who.Scope, db.IntegrationFilter{Text: v.Text, Limit: 100, Cursor: c.QueryParam("cursor")})
	if err != nil {
		return v, err
	}
	customers, err := h.chooseFrom(c)
	if err != nil {
		return v, err
	}
	for _, r := range rows {
		row, err := h.row(ctx, who, r, customers)
		if err != nil {
			return v, err
		}
		v.Rows = append(v.Rows, row)
	}
	if next != "" {
		v.Next = href.With(h.root.Integrations(), "q", v.Text, "cursor", next)
	}
	return v, nil
}

// row is an integration as the list shows it; the key of its only integrator is masked.
func (h integrations) row(ctx context.Context, who account.Actor, r db.IntegrationRow, customers []account.Customer) (views.IntegrationRow, error) {
	row := views.IntegrationRow{
		Name: r.Name, Label: r.Label, Type: r.Type, Visibility: r.Visibility(), Customer: nameOf(customers, r.CustomerID),
		Integrators: r.Integrators, Enabled: r.Enabled, LastSuccessAt: r.LastSuccessAt, LastFailureAt: r.LastFailureAt,
		LastCause: r.LastCause, LastRunID: r.LastRunID,
	}
	if r.Integrators != 1 {
		return row, nil
	}
	stored, err := h.DB.IntegrationByID(ctx, who.Scope, r.ID)
	if err != nil {
		return row, err
	}
	only, err := h.DB.Integrators(ctx, who.Scope, db.IntegratorFilter{IntegrationID: r.ID})
	if err != nil || len(only) != 1 {
		return row, err
	}
	row.Mask = keyMask(stored.Document, only[0])
	return row, nil
}

// chooseFrom are all customers that the viewer may see, for select boxes and names.
func (s *site) chooseFrom(c echo.Context) ([]account.Customer, error) {
	rows, err := s.customersOf(c)
	all := make([]account.Customer, 0, len(rows))
	for _, r := range rows {
		all = append(all, r.Customer)
	}
	return all, err
}

func nameOf(customers []account.Customer, id string) string {
	for _, c := range customers {
		if c.ID == id {
			return c.Name
		}
	}
	return ""
}

// newForm is the form for another integration, filled from a preset where one was chosen.
func (h integrations) newForm(c echo.Context) error {
	key := c.QueryParam("preset")
	if key == "" {
		return h.form(c, http.StatusOK, views.IntegrationForm{Presets: presetCards()})
	}
	chosen, ok := preset.Of(key)
	if !ok {
		return fault.New(fault.NotFound, "There is no preset "+strconv.Quote(key)+".")
	}
	return h.form(c, http.StatusOK, views.IntegrationForm{Integration: chosen.Integration})
}

func (h integrations) form(c echo.Context, status int, f views.IntegrationForm) error {
	var err error
	if f.Customers, err = h.chooseFrom(c); err != nil {
		return err
	}
	if from, ok := preset.Of(f.Integration.Preset); ok {
		card := presetCard(from)
		f.From = &card
	}
	return render(c, status, views.NewIntegrationPage(h.page(c, "Add integration", "integrations"), f), "settings-form")
}

func (h integrations) create(c echo.Context) error {
	form, err := values(c)
	if err != nil {
		return err
	}
	f := decodeIntegration(form, integration.Integration{})
	if applyIntegrationOp(&f, form.Get("op")) {
		return h.form(c, http.StatusOK, f)
	}
	_, err = h.Control.CreateIntegration(c.Request().Context(), actor(c), fromPreset(f.Integration))
	if fields, ok := problems(err); ok {
		f.Problems = fields
		return h.form(c, http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	return h.done(c, f.Integration.Title()+" was added.", h.root.Integrations())
}

// enable switches an integration on or off; only its row of the list changes.
func (h integrations) enable(c echo.Context) error {
	form, err := values(c)
	if err != nil {
		return err
	}
	ctx, who, name := c.Request().Context(), actor(c), c.Param("integration")
	if _, err := h.Control.EnableIntegration(ctx, who, name, form.Get("on") != ""); err != nil {
		return err
	}
	if !partial(c) {
		return h.done(c, "Saved.", h.root.Integrations())
	}
	v, err := h.listed(c)
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.IntegrationsPage(h.page(c, "Integration", "integrations"), v), region(c))
}

func (h integrations) duplicate(c echo.Context) error {
	ctx, who, name := c.Request().Context(), actor(c), c.Param("integration")
	as := name + "-copy"
	for n := 2; n < 100; n++ {
		saved, err := h.Control.DuplicateIntegration(ctx, who, name, as)
		if _, taken := problems(err); taken || fault.KindOf(err) == fault.Conflict && err != nil {
			as = name + "-copy-" + strconv.Itoa(n)
			continue
		}
		if err != nil {
			return err
		}
		return h.done(c, name+" was copied. Integrators and their credentials were not.", h.root.Integration(saved.Integration.Name, "settings"))
	}
	return fault.New(fault.Conflict, "There are too many copies of "+name+" already.")
}

func (h integrations) remove(c echo.Context) error {
	name := c.Param("integration")
	if err := h.Control.DeleteIntegration(c.Request().Context(), actor(c), name); err != nil {
		return err
	}
	return h.done(c, name+" was deleted.", h.root.Integrations())
}
