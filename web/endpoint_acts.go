package web

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"tieline/internal/fault"
	"tieline/internal/integration"
	"tieline/views"
)

// enable switches an endpoint on or off: as the form of a list's switch says, else the other way round. In the
// list only its row changes.
func (h endpoints) enable(c echo.Context) error {
	of, err := h.of(c)
	if err != nil {
		return err
	}
	form, err := values(c)
	if err != nil {
		return err
	}
	name := c.Param("endpoint")
	e, ok := of.Document.Endpoint(name)
	if !ok {
		return noEndpoint(name)
	}
	on := !integration.On(e.Enabled)
	if form.Has("on") {
		on = form.Get("on") != ""
	}
	saved, err := h.Control.EnableEndpoint(c.Request().Context(), actor(c), of.Document.Name, name, on)
	if err != nil {
		return err
	}
	if !partial(c) {
		back := h.root.Endpoint(of.Document.Name, name, "")
		if form.Has("on") {
			back = h.root.Integration(of.Document.Name, "endpoints")
		}
		return h.done(c, "Saved.", back)
	}
	of.Document, of.Revision = saved.Integration, saved.Revision
	v, err := integrations(h).view(c, of, "endpoints")
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.IntegrationPage(v), region(c))
}

func (h endpoints) remove(c echo.Context) error {
	name, endpoint := c.Param("integration"), c.Param("endpoint")
	if _, err := h.Control.DeleteEndpoint(c.Request().Context(), actor(c), name, endpoint); err != nil {
		return err
	}
	return h.done(c, endpoint+" was deleted.", h.root.Integration(name, "endpoints"))
}

func (h endpoints) move(c echo.Context) error {
	to, err := strconv.Atoi(c.QueryParam("to"))
	if err != nil {
		return fault.New(fault.Invalid, "Say where it shall go.")
	}
	name := c.Param("integration")
	if _, err := h.Control.MoveEndpoint(c.Request().Context(), actor(c), name, c.Param("endpoint"), to); err != nil {
		return err
	}
	return h.done(c, "The order was saved.", h.root.Integration(name, "endpoints"))
}
