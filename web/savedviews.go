package web

import (
	"errors"

	"github.com/labstack/echo/v4"

	"tieline/db"
	"tieline/internal/account"
	"tieline/internal/control"
	"tieline/internal/fault"
	"tieline/views"
)

// savedViews are the viewer's views and everybody's, and the form of the one that is looked at.
func (h runs) savedViews(c echo.Context, form views.ViewForm) (*views.SavedViews, error) {
	who := actor(c)
	list, err := h.DB.SavedViews(c.Request().Context(), who.Scope, who.ID)
	if err != nil {
		return nil, err
	}
	v := &views.SavedViews{List: list, MayShare: control.MayShareViews(who), Form: form}
	named, shown := c.QueryParam("view"), views.ViewQuery(c.QueryParams())
	for _, one := range list {
		if one.ID == named || named == "" && one.Query == shown {
			v.Current = one
		}
	}
	return v, nil
}

// typedView is the view that a form describes: its name, and the state of the list in the address it was sent to.
// A filter that cannot be read, or fits nothing because it names what is not there, is a problem at the filter.
func (h runs) typedView(c echo.Context) (account.SavedView, views.ViewForm, error) {
	form, err := values(c)
	if err != nil {
		return account.SavedView{}, views.ViewForm{}, err
	}
	typed := views.ViewForm{ID: c.Param("id"), Open: true, Name: form.Get("name"), Everybody: form.Get("shared") != ""}
	v := account.SavedView{ID: typed.ID, Name: text(form, "name"), Query: views.ViewQuery(c.QueryParams())}
	f, err := h.runFilter(c, c.QueryParams(), db.RunFilter{})
	if errors.Is(err, errNothing) {
		err = fault.At("query", "This filter names something that does not exist.")
	}
	if err != nil || f.CustomerID != "" || f.IntegrationID == "" {
		v.CustomerID = f.CustomerID
		return v, typed, err
	}
	of, err := h.DB.IntegrationByID(c.Request().Context(), actor(c).Scope, f.IntegrationID)
	v.CustomerID = of.CustomerID // a private integration is its customer's
	return v, typed, err
}

func (h runs) keepView(c echo.Context) error {
	v, typed, err := h.typedView(c)
	if err == nil {
		v, err = h.Control.CreateView(c.Request().Context(), actor(c), v, typed.Everybody)
	}
	return h.kept(c, v, typed, err)
}

func (h runs) changeView(c echo.Context) error {
	v, typed, err := h.typedView(c)
	if err == nil {
		v, err = h.Control.UpdateView(c.Request().Context(), actor(c), v, typed.Everybody)
	}
	return h.kept(c, v, typed, err)
}

// kept leads to a view that was saved, or shows its form again.
func (h runs) kept(c echo.Context, v account.SavedView, typed views.ViewForm, err error) error {
	if fields, ok := problems(err); ok {
		typed.Problems = fields
		return h.listed(c, typed)
	}
	if err != nil {
		return err
	}
	return h.done(c, v.Name+" was saved.", views.ViewHref(h.root, v))
}

func (h runs) dropView(c echo.Context) error {
	if err := h.Control.DeleteView(c.Request().Context(), actor(c), c.Param("id")); err != nil {
		return err
	}
	return h.done(c, "The view was deleted.", h.root.Runs())
}
