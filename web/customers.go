package web

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"tieline/db"
	"tieline/internal/account"
	"tieline/internal/control"
	"tieline/internal/fault"
	"tieline/internal/run"
	"tieline/views"
	"tieline/views/ui"
)

// customers are the list of customers and one customer under its tabs.
type customers struct{ *site }

func (h customers) list(c echo.Context) error {
	query := c.QueryParams()
	v := views.CustomersView{Query: query, Text: query.Get("q"), Size: pageSize(query, 50)}
	rows, next, err := h.DB.Customers(c.Request().Context(), actor(c).Scope, db.CustomerFilter{Text: v.Text, Limit: v.Size, Cursor: query.Get("cursor")})
	if err != nil {
		return err
	}
	v.Next = next
	for _, r := range rows {
		v.Lines = append(v.Lines, views.CustomerLine{Customer: r.Customer, Integrators: r.Integrators})
	}
	keepAddress(c, h.root.Customers())
	return render(c, http.StatusOK, views.CustomersPage(h.page(c, "Customers", "customers"), v), "customers")
}

func (h customers) fresh(c echo.Context) error {
	return render(c, http.StatusOK, views.NewCustomerPage(h.page(c, "Add customer", "customers"), views.CustomerForm{}))
}

func (h customers) create(c echo.Context) error {
	form, err := values(c)
	if err != nil {
		return err
	}
	in := typedCustomer(form)
	in.Enabled = true
	made, err := h.Control.CreateCustomer(c.Request().Context(), actor(c), in)
	if fields, ok := problems(err); ok {
		v := views.CustomerForm{Customer: in, Problems: fields, Message: fault.MessageOf(err)}
		return render(c, http.StatusUnprocessableEntity, views.NewCustomerPage(h.page(c, "Add customer", "customers"), v))
	}
	if err != nil {
		return err
	}
	return h.done(c, made.Name+" was added.", h.root.Customer(made.Slug, ""))
}

func typedCustomer(form url.Values) account.Customer {
	version, _ := strconv.ParseInt(form.Get("version"), 10, 64) // a version that is none is checked by nobody
	return account.Customer{
		Name: text(form, "name"), Slug: text(form, "slug"), CallcenterID: text(form, "callcenter_id"), Notes: block(form, "notes"), Version: version,
	}
}

func (h customers) show(c echo.Context) error {
	found, err := h.DB.CustomerBySlug(c.Request().Context(), actor(c).Scope, c.Param("slug"))
	if err != nil {
		return err
	}
	tab := c.QueryParam("tab")
	return h.draw(c, http.StatusOK, views.CustomerView{Customer: found, Tab: tab, Form: views.CustomerForm{Customer: found}})
}

// draw shows a customer with what the tab needs.
func (h customers) draw(c echo.Context, code int, v views.CustomerView) error {
	var err error
	switch v.Tab {
	case "runs":
		v.Runs, err = h.runsView(c, h.root.Customer(v.Customer.Slug, "runs"), db.RunFilter{CustomerID: v.Customer.ID})
		v.Runs.Hide = map[string]bool{"customer": true}
	case "outbound":
		v.Entries, err = h.DB.AllowEntries(c.Request().Context(), actor(c).Scope, v.Customer.ID)
		if err == nil {
			v.Names, err = h.peopleNames(c)
		}
	case "settings":
	default:
		v.Tab = "integrations"
		v.Lines, err = h.health(c, v.Customer.ID)
		if err == nil && actor(c).Role.May(account.EditIntegrators) {
			v.Offers, err = h.offers(c, v)
		}
	}
	if err != nil {
		return err
	}
	return render(c, code, views.CustomerPage(h.page(c, v.Customer.Name, "customers"), v))
}

// offers are the integrations that the customer may use and does not use yet.
func (h customers) offers(c echo.Context, v views.CustomerView) ([]views.Offer, error) {
	used := map[string]bool{}
	for _, l := range v.Lines {
		used[l.Name] = true
	}
	rows, _, err := h.DB.Integrations(c.Request().Context(), actor(c).Scope, db.IntegrationFilter{Limit: 100})
	var offers []views.Offer
	for _, r := range rows {
		if !used[r.Name] && (r.CustomerID == "" || r.CustomerID == v.Customer.ID) {
			offers = append(offers, views.Offer{Name: r.Name, Label: r.Label})
		}
	}
	return offers, err
}

func (h customers) health(c echo.Context, customerID string) ([]views.IntegrationLine, error) {
	rows, err := h.DB.Health(c.Request().Context(), actor(c).Scope, h.Now())
	var lines []views.IntegrationLine
	for _, r := range rows {
		if r.CustomerID == customerID {
			lines = append(lines, lineOf(r))
		}
	}
	return lines, err
}

func lineOf(r db.HealthRow) views.IntegrationLine {
	return views.IntegrationLine{
		Name: r.Integration, Label: r.IntegrationLabel, Integrators: r.Integrators, Enabled: r.Enabled, LastSuccessAt: r.LastSuccessAt,
		LastFailureAt: r.LastFailureAt, LastCause: run.Cause(r.LastCause), LastRunID: r.LastRunID, OK: r.OK, Failed: r.Failed,
	}
}

func (h customers) update(c echo.Context) error {
	form, err := values(c)
	if err != nil {
		return err
	}
	ctx, who := c.Request().Context(), actor(c)
	before, err := h.DB.CustomerBySlug(ctx, who.Scope, c.Param("slug"))
	if err != nil {
		return err
	}
	in := typedCustomer(form)
	in.Enabled = before.Enabled
	saved, err := h.Control.UpdateCustomer(ctx, who, before.Slug, in)
	v := views.CustomerView{Customer: before, Tab: "settings", Form: views.CustomerForm{Customer: in}}
	if clash, ok := errors.AsType[*control.ConflictError](err); ok {
		v.Form.Customer.Version = clash.Revision
		v.Form.Conflict = conflict("This customer", h.root.Customer(before.Slug, "settings"), clash)
		return h.draw(c, http.StatusConflict, v)
	}
	if fields, ok := problems(err); ok {
		v.Form.Problems, v.Form.Message = fields, fault.MessageOf(err)
		return h.draw(c, http.StatusUnprocessableEntity, v)
	}
	if err != nil {
		return err
	}
	return h.done(c, "Saved.", h.root.Customer(saved.Slug, "settings"))
}

func (h customers) enable(c echo.Context) error {
	form, err := values(c)
	if err != nil {
		return err
	}
	slug, on := c.Param("slug"), form.Get("on") == "on"
	if err := h.Control.EnableCustomer(c.Request().Context(), actor(c), slug, on); err != nil {
		return err
	}
	word := "Switched off: calls are refused from now on."
	if on {
		word = "Switched on."
	}
	return h.done(c, word, h.root.Customer(slug, "settings"))
}

func (h customers) remove(c echo.Context) error {
	slug := c.Param("slug")
	err := h.Control.DeleteCustomer(c.Request().Context(), actor(c), slug)
	if k := fault.KindOf(err); err != nil && (k == fault.Conflict || k == fault.Invalid) {
		return h.tell(c, ui.Bad, sentence(err), h.root.Customer(slug, "settings"))
	}
	if err != nil {
		return err
	}
	return h.done(c, "The customer was deleted.", h.root.Customers())
}

func (h customers) allow(c echo.Context) error {
	form, err := values(c)
	if err != nil {
		return err
	}
	ctx, who := c.Request().Context(), actor(c)
	found, err := h.DB.CustomerBySlug(ctx, who.Scope, c.Param("slug"))
	if err != nil {
		return err
	}
	entry := account.AllowEntry{CustomerID: found.ID, Target: text(form, "target"), Ports: text(form, "ports"), Reason: text(form, "reason")}
	_, err = h.Control.AllowAddress(ctx, who, entry)
	if fields, ok := problems(err); ok {
		v := views.CustomerView{Customer: found, Tab: "outbound", Address: views.AddressForm{Entry: entry, Problems: fields, Message: fault.MessageOf(err)}}
		return h.draw(c, http.StatusUnprocessableEntity, v)
	}
	if err != nil {
		return err
	}
	return h.done(c, "Allowed "+entry.Target+" for "+found.Name+".", h.root.Customer(found.Slug, "outbound"))
}

func (h customers) disallow(c echo.Context) error {
	if err := h.Control.RemoveAddress(c.Request().Context(), actor(c), c.Param("id")); err != nil {
		return err
	}
	return h.done(c, "The address was removed.", h.root.Customer(c.Param("slug"), "outbound"))
}
