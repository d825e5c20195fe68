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

// users are the people who may sign in.
type users struct{ *site }

func (h users) list(c echo.Context) error {
	people, err := h.people(c)
	if err != nil {
		return err
	}
	names, err := h.customerNames(c)
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.UsersPage(h.page(c, "Users", "users"), views.UsersView{Users: people, Customers: names}))
}

// form shows a person's form with the customers to choose from.
func (h users) form(c echo.Context, code int, v views.UserForm) error {
	options, err := h.customerOptions(c)
	if err != nil {
		return err
	}
	v.Customers, v.Chosen = options, setOf(v.User.CustomerIDs)
	title := "Add user"
	if v.User.ID != "" {
		title = v.User.Name
	}
	return render(c, code, views.UserPage(h.page(c, title, "users"), v))
}

func setOf(ids []string) map[string]bool {
	set := make(map[string]bool, len(ids))
	for _, id := range ids {
		set[id] = true
	}
	return set
}

func (h users) fresh(c echo.Context) error {
	return h.form(c, http.StatusOK, views.UserForm{User: account.User{Role: account.Support}})
}

func typedUser(form url.Values) account.User {
	version, _ := strconv.ParseInt(form.Get("version"), 10, 64) // a version that is none is checked by nobody
	return account.User{
		Name: text(form, "name"), Email: text(form, "email"), Role: account.Role(form.Get("role")), Enabled: form.Get("enabled") == "on",
		CustomerIDs: form["customers"], Version: version,
	}
}

func (h users) create(c echo.Context) error {
	form, err := values(c)
	if err != nil {
		return err
	}
	in := typedUser(form)
	in.Enabled = true
	made, link, err := h.Control.CreateUser(c.Request().Context(), actor(c), control.UserInput{User: in, Password: secret.NewText(form.Get("password"))})
	if fields, ok := problems(err); ok {
		return h.form(c, http.StatusUnprocessableEntity, views.UserForm{User: in, Problems: fields, Message: fault.MessageOf(err)})
	}
	if err != nil {
		return err
	}
	if link.Empty() {
		return h.done(c, made.Name+" was added.", h.root.Users())
	}
	return h.form(c, http.StatusOK, views.UserForm{User: made, Link: h.absolute(c, h.root.Link(link.Reveal()))})
}

// person finds the person of an address; whom the viewer may not see is not there.
func (h users) person(c echo.Context) (account.User, error) {
	u, err := h.DB.User(c.Request().Context(), c.Param("id"))
	if err == nil && !actor(c).Scope.Covers(u.CustomerIDs) {
		err = fault.New(fault.NotFound, "There is no such person.")
	}
	return u, err
}

func (h users) show(c echo.Context) error {
	u, err := h.person(c)
	if err != nil {
		return err
	}
	return h.form(c, http.StatusOK, views.UserForm{User: u})
}

func (h users) update(c echo.Context) error {
	form, err := values(c)
	if err != nil {
		return err
	}
	in := typedUser(form)
	in.ID = c.Param("id")
	saved, err := h.Control.UpdateUser(c.Request().Context(), actor(c), in)
	if clash, ok := errors.AsType[*control.ConflictError](err); ok {
		in.Version = clash.Revision
		return h.form(c, http.StatusConflict, views.UserForm{User: in, Conflict: conflict("This user", h.root.User(in.ID), clash)})
	}
	if fields, ok := problems(err); ok {
		return h.form(c, http.StatusUnprocessableEntity, views.UserForm{User: in, Problems: fields, Message: fault.MessageOf(err)})
	}
	if err != nil {
		return err
	}
	return h.done(c, saved.Name+" was saved.", h.root.Users())
}

// link makes a one-time link and tells it once, in the answer to this post.
func (h users) link(c echo.Context) error {
	u, err := h.person(c)
	if err != nil {
		return err
	}
	link, err := h.Control.UserLink(c.Request().Context(), actor(c), u.ID)
	if err != nil {
		return err
	}
	return h.form(c, http.StatusOK, views.UserForm{User: u, Link: h.absolute(c, h.root.Link(link.Reveal()))})
}

func (h users) remove(c echo.Context) error {
	err := h.Control.DeleteUser(c.Request().Context(), actor(c), c.Param("id"))
	if k := fault.KindOf(err); err != nil && (k == fault.Conflict || k == fault.Invalid) {
		return h.tell(c, ui.Bad, sentence(err), h.root.User(c.Param("id")))
	}
	if err != nil {
		return err
	}
	return h.done(c, "The user was deleted.", h.root.Users())
}

// absolute is an address that can be sent to somebody: under the base URL, else under the host that was asked.
func (s *site) absolute(c echo.Context, path string) string {
	if s.BaseURL != nil {
		return s.BaseURL.Scheme + "://" + s.BaseURL.Host + path
	}
	return "http://" + c.Request().Host + path
}
