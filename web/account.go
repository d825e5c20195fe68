package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"tieline/internal/fault"
	"tieline/internal/secret"
	"tieline/internal/signin"
	"tieline/views"
	"tieline/views/ui"
)

// ownAccount is the viewer's own password and sessions.
type ownAccount struct{ *site }

func (h ownAccount) show(c echo.Context) error {
	return h.draw(c, http.StatusOK, views.AccountView{})
}

func (h ownAccount) draw(c echo.Context, code int, v views.AccountView) error {
	in := session(c)
	sessions, err := h.Signin.Sessions(c.Request().Context(), in.Actor)
	if err != nil {
		return err
	}
	v.User, v.Sessions, v.Current = in.User, sessions, signin.Current(in.ID.Reveal())
	return render(c, code, views.AccountPage(h.page(c, "Account", "account"), v))
}

func (h ownAccount) password(c echo.Context) error {
	form, err := values(c)
	if err != nil {
		return err
	}
	in, err := h.Signin.ChangePassword(c.Request().Context(), actor(c), secret.NewText(form.Get("old_password")), secret.NewText(form.Get("password")), h.client(c))
	if fields, ok := problems(err); ok {
		return h.draw(c, http.StatusUnprocessableEntity, views.AccountView{Problems: fields, Message: fault.MessageOf(err)})
	}
	if err != nil {
		return err
	}
	if err := h.cookies.keep(c.Response(), c.Request(), in); err != nil {
		return err
	}
	c.Set(sessionKey, in)
	return h.done(c, "The password was changed. Your other sessions have ended.", h.root.Account())
}

func (h ownAccount) end(c echo.Context) error {
	if err := h.Signin.EndSession(c.Request().Context(), actor(c), c.Param("hash")); err != nil {
		return err
	}
	return h.tell(c, ui.Good, "The session has ended.", h.root.Account())
}
