package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"tieline/internal/fault"
	"tieline/internal/secret"
	"tieline/internal/signin"
	"tieline/views"
	"tieline/views/href"
	"tieline/web/api"
)

// door is how people come in and go out.
type door struct{ *site }

func (h door) setupForm(c echo.Context) error {
	token := c.QueryParam("token")
	if err := h.Signin.SetupValid(c.Request().Context(), token); err != nil {
		return h.closed(c, err)
	}
	return render(c, http.StatusOK, views.SetupPage(h.page(c, "Welcome", ""), views.SetupView{Token: token}))
}

// closed explains a set-up link that holds no more: where there is an owner, the way in is the sign-in.
func (h door) closed(c echo.Context, err error) error {
	needed, asked := h.Signin.NeedsSetup(c.Request().Context())
	if asked == nil && !needed {
		return goTo(c, h.root.Login(""))
	}
	return err
}

func (h door) setup(c echo.Context) error {
	form, err := values(c)
	if err != nil {
		return err
	}
	v := views.SetupView{Token: form.Get("token"), Name: text(form, "name"), Email: text(form, "email")}
	in, err := h.Signin.Setup(c.Request().Context(), v.Token,
		signin.NewOwner{Email: v.Email, Name: v.Name, Password: secret.NewText(form.Get("password"))}, h.client(c))
	if fields, ok := problems(err); ok {
		v.Problems, v.Message = fields, fault.MessageOf(err)
		return render(c, http.StatusUnprocessableEntity, views.SetupPage(h.page(c, "Welcome", ""), v))
	}
	if err != nil {
		return err
	}
	return h.enter(c, in, h.root.Home())
}

func (h door) loginForm(c echo.Context) error {
	if session(c).User.ID != "" {
		return goTo(c, h.root.Home())
	}
	return render(c, http.StatusOK, views.LoginPage(h.page(c, "Sign in", ""), views.LoginView{Next: c.QueryParam("next")}))
}

func (h door) login(c echo.Context) error {
	form, err := values(c)
	if err != nil {
		return err
	}
	v := views.LoginView{Email: text(form, "email"), Next: form.Get("next")}
	in, err := h.Signin.SignIn(c.Request().Context(), v.Email, secret.NewText(form.Get("password")), h.client(c))
	switch fault.KindOf(err) {
	case fault.Unauthenticated, fault.Limited, fault.Invalid:
		v.Message = fault.MessageOf(err)
		code := api.Status(fault.KindOf(err))
		retryAfter(c, err)
		return render(c, code, views.LoginPage(h.page(c, "Sign in", ""), v))
	case fault.Internal, fault.NotFound, fault.Conflict, fault.Forbidden, fault.Unavailable:
	}
	if err != nil {
		return err
	}
	next := h.root.Home()
	if href.Local(v.Next) {
		next = v.Next
	}
	return h.enter(c, in, next)
}

// enter gives the browser its new session and leads on.
func (h door) enter(c echo.Context, in signin.Session, next string) error {
	if err := h.cookies.keep(c.Response(), c.Request(), in); err != nil {
		return err
	}
	return goTo(c, next)
}

func (h door) logout(c echo.Context) error {
	if id := session(c).ID; !id.Empty() {
		if err := h.Signin.SignOut(c.Request().Context(), id.Reveal(), h.client(c)); err != nil {
			return err
		}
	}
	if err := h.cookies.drop(c.Response(), c.Request()); err != nil {
		return err
	}
	return goTo(c, h.root.Login(""))
}

func (h door) linkForm(c echo.Context) error {
	u, purpose, err := h.Signin.LinkValid(c.Request().Context(), c.Param("token"))
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.LinkPage(h.page(c, "Sign in by link", ""),
		views.LinkView{Token: c.Param("token"), Email: u.Email, AskPassword: purpose == signin.PurposePassword}))
}

func (h door) link(c echo.Context) error {
	form, err := values(c)
	if err != nil {
		return err
	}
	ctx, token := c.Request().Context(), c.Param("token")
	u, purpose, err := h.Signin.LinkValid(ctx, token)
	if err != nil {
		return err
	}
	in, err := h.Signin.UseLink(ctx, token, secret.NewText(form.Get("password")), h.client(c))
	if fields, ok := problems(err); ok {
		v := views.LinkView{Token: token, Email: u.Email, AskPassword: purpose == signin.PurposePassword, Problems: fields, Message: fault.MessageOf(err)}
		return render(c, http.StatusUnprocessableEntity, views.LinkPage(h.page(c, "Sign in by link", ""), v))
	}
	if err != nil {
		return err
	}
	return h.enter(c, in, h.root.Home())
}

// themes keeps the wanted colours.
type themes struct{ *site }

func (h themes) set(c echo.Context) error {
	form, err := values(c)
	if err != nil {
		return err
	}
	k := &http.Cookie{ //nolint:gosec // scripts read and write it too: it holds nothing worth hiding
		Name: "tieline_theme", Value: form.Get("theme"), Path: string(h.root) + "/", MaxAge: 365 * 24 * 3600, Secure: h.cookies.secure, SameSite: http.SameSiteLaxMode,
	}
	if k.Value != "day" && k.Value != "night" {
		k.Value, k.MaxAge = "", -1
	}
	c.SetCookie(k)
	next := h.root.Home()
	if n := form.Get("next"); href.Local(n) {
		next = n
	}
	return goTo(c, next)
}
