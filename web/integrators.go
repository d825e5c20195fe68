package web

import (
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"tieline/db"
	"tieline/internal/control"
	"tieline/internal/fault"
	"tieline/internal/integration"
	"tieline/internal/preset"
	"tieline/views"
	"tieline/views/ui"
)

// integrators are the forms of customers' uses of one integration.
type integrators struct{ *site }

func (h integrators) newForm(c echo.Context) error {
	of, err := h.of(c)
	if err != nil {
		return err
	}
	f := views.IntegratorForm{Of: of.Document, Integrator: proposed(of.Document), Customer: c.QueryParam("customer")}
	return h.form(c, http.StatusOK, views.IntegratorView{Form: f})
}

func (h integrators) of(c echo.Context) (db.StoredIntegration, error) {
	return h.DB.Integration(c.Request().Context(), actor(c).Scope, c.Param("integration"))
}

// stored is the integrator of the address; one of another integration is not found.
func (h integrators) stored(c echo.Context) (db.StoredIntegration, integration.Integrator, error) {
	of, err := h.of(c)
	if err != nil {
		return of, integration.Integrator{}, err
	}
	in, err := h.DB.Integrator(c.Request().Context(), actor(c).Scope, c.Param("id"))
	if err == nil && in.IntegrationID != of.ID {
		err = fault.New(fault.NotFound, "There is no such integrator.")
	}
	return of, in, err
}

// form shows the form of a new or a stored integrator.
func (h integrators) form(c echo.Context, status int, v views.IntegratorView) error {
	customers, err := h.chooseFrom(c)
	if err != nil {
		return err
	}
	v.Form.Customers = customers
	if from, ok := preset.Of(v.Form.Of.Preset); ok {
		v.Form.Steps = from.About.Steps
	}
	for _, customer := range customers {
		if customer.ID == v.Form.Integrator.CustomerID && !v.Form.New() {
			v.Form.Customer, v.Name = customer.Slug, customer.Name
		}
	}
	v.CertificateWarning = v.Form.Integrator.Auth.CertificateWarning(h.Now())
	title := "Add integrator"
	if !v.Form.New() {
		v.Breakers = h.Control.Breakers(v.Form.Integrator)
		title = v.Form.Integrator.Title(v.Name)
		if err := h.token(c, &v); err != nil {
			return err
		}
	}
	return render(c, status, views.IntegratorPage(h.page(c, title, "integrations"), v), "integrator-form", "integrator-check", "integrator-token")
}

func (h integrators) show(c echo.Context) error {
	of, in, err := h.stored(c)
	if err != nil {
		return err
	}
	return h.form(c, http.StatusOK, views.IntegratorView{Form: shownIntegrator(of.Document, in)})
}

// shownIntegrator fills the form from what is stored.
func shownIntegrator(of integration.Integration, in integration.Integrator) views.IntegratorForm {
	return views.IntegratorForm{Of: of, Integrator: in, Info: string(in.Info), Iframe: string(in.Iframe)}
}

func (h integrators) create(c echo.Context) error {
	of, err := h.of(c)
	if err != nil {
		return err
	}
	form, err := values(c)
	if err != nil {
		return err
	}
	got := decodeIntegrator(form, of.Document, integration.Integrator{})
	return h.save(c, of, got, form.Get("op"))
}

func (h integrators) update(c echo.Context) error {
	of, in, err := h.stored(c)
	if err != nil {
		return err
	}
	form, err := values(c)
	if err != nil {
		return err
	}
	got := decodeIntegrator(form, of.Document, in)
	return h.save(c, of, got, form.Get("op"))
}

// save stores what the form says, or shows it again: for another kind of authentication, with its problems, or
// beside what somebody else saved meanwhile.
func (h integrators) save(c echo.Context, of db.StoredIntegration, got integratorValues, op string) error {
	v := views.IntegratorView{Form: got.Form}
	if op == "change" {
		v.Form.Retype = nil
		return h.form(c, http.StatusOK, v)
	}
	if len(got.Form.Problems) > 0 && op != "check" {
		return h.form(c, http.StatusUnprocessableEntity, v)
	}
	if op == "check" {
		return h.check(c, of, got)
	}
	saved, err := h.store(c, of, got)
	if clash, ok := errors.AsType[*control.ConflictError](err); ok {
		v.Form.Integrator.Version = clash.Revision
		v.Conflict = conflict("This integrator", h.root.Integrator(of.Document.Name, got.Form.Integrator.ID), clash)
		v.Conflict.Secret = len(got.Secrets) > 0
		return h.form(c, http.StatusConflict, v)
	}
	if fields, ok := problems(err); ok {
		v.Form.Problems = onFields(fields)
		return h.form(c, http.StatusUnprocessableEntity, v)
	}
	if err != nil {
		return err
	}
	return h.saved(c, of, saved)
}

func (h integrators) store(c echo.Context, of db.StoredIntegration, got integratorValues) (control.SavedIntegrator, error) {
	ctx, who := c.Request().Context(), actor(c)
	in, err := h.input(c, got)
	switch {
	case err != nil:
		return control.SavedIntegrator{}, err
	case in.ID != "":
		return h.Control.UpdateIntegrator(ctx, who, in)
	}
	return h.Control.CreateIntegrator(ctx, who, of.Document.Name, in)
}

// input is the integrator that the form says; a new one has the customer that was chosen.
func (h integrators) input(c echo.Context, got integratorValues) (control.IntegratorInput, error) {
	in := control.IntegratorInput{Integrator: got.Form.Integrator, Secrets: got.Secrets, Clear: got.Form.Clear}
	if in.ID != "" {
		return in, nil
	}
	if got.Form.Customer == "" {
		return in, fault.At("customer", "Choose the customer.")
	}
	customer, err := h.DB.CustomerBySlug(c.Request().Context(), actor(c).Scope, got.Form.Customer)
	if fault.KindOf(err) == fault.NotFound && err != nil {
		return in, fault.At("customer", "There is no such customer.")
	}
	in.CustomerID = customer.ID
	return in, err
}

// saved leads back to the list, and says what was done beside saving.
func (h integrators) saved(c echo.Context, of db.StoredIntegration, saved control.SavedIntegrator) error {
	back := h.root.Integration(of.Document.Name, "integrators")
	parts, tone := []string{"Integrator saved."}, ui.Good
	for _, n := range saved.Notices {
		parts, tone = append(parts, n.Message), ui.Info
	}
	if len(saved.Blanked) > 0 {
		parts, tone = append(parts, "The host changed, so these were removed: "+strings.Join(saved.Blanked, ", ")+"."), ui.Warn
	}
	return h.tell(c, tone, strings.Join(parts, " "), back)
}

// enable switches an integrator on or off; only its row changes.
func (h integrators) enable(c echo.Context) error {
	of, in, err := h.stored(c)
	if err != nil {
		return err
	}
	form, err := values(c)
	if err != nil {
		return err
	}
	if _, err := h.Control.EnableIntegrator(c.Request().Context(), actor(c), in.ID, form.Get("on") != ""); err != nil {
		return err
	}
	if !partial(c) {
		return h.done(c, "Saved.", h.root.Integration(of.Document.Name, "integrators"))
	}
	v, err := integrations(h).view(c, of, "integrators")
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.IntegrationPage(v), region(c))
}

// breaker lets calls to a host through again, or holds them back.
func (h integrators) breaker(c echo.Context) error {
	of, in, err := h.stored(c)
	if err != nil {
		return err
	}
	form, err := values(c)
	if err != nil {
		return err
	}
	host, op := form.Get("host"), form.Get("op")
	if err := h.Control.SetBreaker(c.Request().Context(), actor(c), in.ID, host, op); err != nil {
		return err
	}
	said := "Calls to " + host + " go out again."
	if op == "hold" {
		said = "Calls to " + host + " are held back."
	}
	return h.done(c, said, h.root.Integrator(of.Document.Name, in.ID))
}

func (h integrators) remove(c echo.Context) error {
	of, in, err := h.stored(c)
	if err != nil {
		return err
	}
	if err := h.Control.DeleteIntegrator(c.Request().Context(), actor(c), in.ID); err != nil {
		return err
	}
	return h.done(c, "The integrator was deleted.", h.root.Integration(of.Document.Name, "integrators"))
}
