package web

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"tieline/internal/account"
	"tieline/internal/control"
	"tieline/internal/fault"
	"tieline/internal/secret"
	"tieline/views"
	"tieline/views/ui"
)

// variables are the values that templates name as ${NAME}.
type variables struct{ *site }

func (h variables) list(c echo.Context) error {
	all, err := h.DB.AllVariables(c.Request().Context(), actor(c).Scope)
	if err != nil {
		return err
	}
	names, err := h.customerNames(c)
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.VariablesPage(h.page(c, "Variables", "variables"), views.VariablesView{Variables: all, Customers: names}))
}

func (h variables) form(c echo.Context, code int, v views.VariableForm) error {
	options, err := h.customerOptions(c)
	if err != nil {
		return err
	}
	v.Customers = options
	title := "Add variable"
	if v.Variable.ID != "" {
		title = v.Variable.Name
	}
	return render(c, code, views.VariablePage(h.page(c, title, "variables"), v))
}

func (h variables) fresh(c echo.Context) error {
	return h.form(c, http.StatusOK, views.VariableForm{})
}

// typedVariable reads the form. What is to be encrypted never stands in Value, so that it is not shown again.
func typedVariable(form url.Values) control.VariableInput {
	version, _ := strconv.ParseInt(form.Get("version"), 10, 64) // a version that is none is checked by nobody
	in := control.VariableInput{Variable: account.Variable{
		Name: text(form, "name"), CustomerID: form.Get("customer"), Encrypted: form.Get("encrypted") == "on", Version: version,
	}}
	if !in.Encrypted {
		in.Value = block(form, "value")
		return in
	}
	if in.Secret = secret.NewText(form.Get("secret")); in.Secret.Empty() {
		in.Secret = secret.NewText(form.Get("value"))
	}
	return in
}

func (h variables) create(c echo.Context) error {
	form, err := values(c)
	if err != nil {
		return err
	}
	in := typedVariable(form)
	made, err := h.Control.CreateVariable(c.Request().Context(), actor(c), in)
	if fields, ok := problems(err); ok {
		return h.form(c, http.StatusUnprocessableEntity, views.VariableForm{Variable: in.Variable, Problems: fields, Message: fault.MessageOf(err)})
	}
	if err != nil {
		return err
	}
	return h.done(c, made.Name+" was added.", h.root.Variables())
}

func (h variables) show(c echo.Context) error {
	v, err := h.DB.Variable(c.Request().Context(), actor(c).Scope, c.Param("id"))
	if err != nil {
		return err
	}
	return h.form(c, http.StatusOK, views.VariableForm{Variable: v})
}

func (h variables) update(c echo.Context) error {
	form, err := values(c)
	if err != nil {
		return err
	}
	ctx, who := c.Request().Context(), actor(c)
	before, err := h.DB.Variable(ctx, who.Scope, c.Param("id"))
	if err != nil {
		return err
	}
	in := typedVariable(form)
	in.ID, in.CustomerID = before.ID, before.CustomerID
	saved, err := h.Control.UpdateVariable(ctx, who, in)
	if clash, ok := errors.AsType[*control.ConflictError](err); ok {
		in.Version, in.Variable.Secret = clash.Revision, before.Secret
		both := conflict("This variable", h.root.Variable(in.ID), clash)
		both.Secret = !in.Secret.Empty()
		return h.form(c, http.StatusConflict, views.VariableForm{Variable: in.Variable, Conflict: both})
	}
	if fields, ok := problems(err); ok {
		in.Variable.Secret = before.Secret
		return h.form(c, http.StatusUnprocessableEntity, views.VariableForm{Variable: in.Variable, Problems: fields, Message: fault.MessageOf(err)})
	}
	if err != nil {
		return err
	}
	return h.done(c, saved.Name+" was saved.", h.root.Variables())
}

func (h variables) remove(c echo.Context) error {
	err := h.Control.DeleteVariable(c.Request().Context(), actor(c), c.Param("id"))
	if k := fault.KindOf(err); err != nil && (k == fault.Conflict || k == fault.Invalid) {
		return h.tell(c, ui.Bad, sentence(err), h.root.Variable(c.Param("id")))
	}
	if err != nil {
		return err
	}
	return h.done(c, "The variable was deleted.", h.root.Variables())
}
