package web

import (
	"maps"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"tieline/db"
	"tieline/internal/control"
	"tieline/internal/fault"
	"tieline/views"
	"tieline/views/ui"
)

// token puts what is known of a stored integrator's token beside its form.
func (h integrators) token(c echo.Context, v *views.IntegratorView) error {
	of, in, err := h.stored(c)
	if err != nil {
		return err
	}
	if !in.Auth.HasToken() {
		return nil
	}
	kept, current, err := h.Control.Token(c.Request().Context(), actor(c), of, in)
	if err != nil {
		return err
	}
	shown := views.TokenView{Kept: kept, Current: current, NeedsPerson: in.Auth.NeedsPerson(), Now: h.Now()}
	if shown.NeedsPerson {
		shown.Redirect = h.callback(c)
	}
	if v.Token != nil {
		shown.Tried = v.Token.Tried
	}
	v.Token = &shown
	return nil
}

// callback is the address that vendors send people back to: under the base URL where one is set, else where this
// request came to.
func (s *site) callback(c echo.Context) string {
	origin := "http://" + c.Request().Host
	switch {
	case s.BaseURL != nil:
		origin = s.BaseURL.Scheme + "://" + s.BaseURL.Host
	case c.Request().TLS != nil:
		origin = "https://" + c.Request().Host
	}
	return origin + s.root.ConnectCallback()
}

// testToken fetches a new token and shows what was sent and answered.
func (h integrators) testToken(c echo.Context) error {
	of, in, err := h.stored(c)
	if err != nil {
		return err
	}
	tried, err := h.Control.TestToken(c.Request().Context(), actor(c), in.ID)
	if err != nil {
		return err
	}
	v := views.IntegratorView{Form: shownIntegrator(of.Document, in), Token: &views.TokenView{Tried: &tried}}
	return h.form(c, http.StatusOK, v)
}

// connect leads a person to the vendor. The page does it by a header and a link: a redirect after a form would
// have to be allowed by the page that the form stands on.
func (h integrators) connect(c echo.Context) error {
	_, in, err := h.stored(c)
	if err != nil {
		return err
	}
	address, err := h.Control.Connect(c.Request().Context(), actor(c), in.ID, session(c).ID, h.callback(c))
	if err != nil {
		return err
	}
	u, err := url.Parse(address)
	if err != nil {
		return err
	}
	c.Response().Header().Set("Refresh", "0; url="+address)
	return render(c, http.StatusOK, views.ConnectPage(h.page(c, "Connect", "integrations"), in.Title("integrator"), u.Host, address))
}

// connected takes a person who comes back from a vendor.
func (h integrators) connected(c echo.Context) error {
	q := c.Request().URL.Query()
	done, err := h.Control.Reconnect(c.Request().Context(), actor(c), session(c).ID, control.Returned{
		State: q.Get("state"), Code: q.Get("code"), Error: q.Get("error"), ErrorDescription: q.Get("error_description"),
	})
	switch {
	case err != nil && fault.KindOf(err) == fault.NotFound:
		return h.tell(c, ui.Bad, fault.MessageOf(err), h.root.Integrations())
	case err != nil:
		return err
	case done.Failure != nil:
		text := "Not connected: " + strings.TrimSpace(done.Failure.Summary+". "+done.Failure.Hint)
		return h.tell(c, ui.Bad, text, h.root.Integrator(done.Integration, done.Integrator.ID))
	}
	return h.done(c, "Connected.", h.root.Integrator(done.Integration, done.Integrator.ID))
}

func (h integrators) disconnect(c echo.Context) error {
	of, in, err := h.stored(c)
	if err != nil {
		return err
	}
	if err := h.Control.Disconnect(c.Request().Context(), actor(c), in.ID); err != nil {
		return err
	}
	return h.done(c, "Disconnected. The token was forgotten.", h.root.Integrator(of.Document.Name, in.ID))
}

// check tries the credentials as they stand in the form, and saves nothing.
func (h integrators) check(c echo.Context, of db.StoredIntegration, got integratorValues) error {
	v := views.IntegratorView{Form: got.Form}
	in, err := h.input(c, got)
	var found control.Checked
	if err == nil && len(got.Form.Problems) == 0 {
		found, err = h.Control.CheckInput(c.Request().Context(), actor(c), of.Document.Name, in)
	}
	if fields, ok := problems(err); ok {
		maps.Copy(v.Form.Problems, onFields(fields))
	} else if err != nil {
		return err
	}
	if len(v.Form.Problems) > 0 {
		v.Check = &views.CheckView{Tone: ui.Bad, Message: "This cannot be checked yet.", Problems: v.Form.Problems}
		return h.form(c, http.StatusUnprocessableEntity, v)
	}
	v.Check = &views.CheckView{Tone: checkTone(found.Verdict), Message: found.Message}
	if found.Run.ID != "" {
		v.Check.Run = &found.Run
	}
	return h.form(c, http.StatusOK, v)
}

func checkTone(verdict string) ui.Tone {
	switch verdict {
	case control.CheckAccepted:
		return ui.Good
	case control.CheckRefused:
		return ui.Bad
	case control.CheckUnclear:
		return ui.Warn
	}
	return ui.Info
}
