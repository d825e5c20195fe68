package web

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"tieline/internal/account"
	"tieline/internal/fault"
	"tieline/views"
)

// apikeys let programs in.
type apikeys struct{ *site }

func (h apikeys) list(c echo.Context) error {
	return h.draw(c, views.APIKeysView{})
}

func (h apikeys) draw(c echo.Context, v views.APIKeysView) error {
	var err error
	if v.Keys, err = h.DB.APIKeys(c.Request().Context()); err != nil {
		return err
	}
	v.Keys = slices.DeleteFunc(v.Keys, func(k account.APIKey) bool { return !actor(c).Scope.Covers(k.CustomerIDs) })
	if v.Customers, err = h.customerNames(c); err != nil {
		return err
	}
	if v.Names, err = h.peopleNames(c); err != nil {
		return err
	}
	v.Now = h.Now()
	return render(c, http.StatusOK, views.APIKeysPage(h.page(c, "API keys", "apikeys"), v))
}

func (h apikeys) form(c echo.Context, code int, v views.APIKeyForm) error {
	options, err := h.customerOptions(c)
	if err != nil {
		return err
	}
	v.Customers, v.Chosen = options, setOf(v.Key.CustomerIDs)
	return render(c, code, views.APIKeyPage(h.page(c, "Add API key", "apikeys"), v))
}

func (h apikeys) fresh(c echo.Context) error {
	return h.form(c, http.StatusOK, views.APIKeyForm{Key: account.APIKey{Role: account.Builder}, Expires: "365"})
}

// create makes a key and tells it once, in the answer to this post.
func (h apikeys) create(c echo.Context) error {
	form, err := values(c)
	if err != nil {
		return err
	}
	v := views.APIKeyForm{Expires: form.Get("expires"), Key: account.APIKey{
		Name: text(form, "name"), Role: account.Role(form.Get("role")), CustomerIDs: form["customers"],
	}}
	if v.Expires != "" {
		days, err := strconv.Atoi(v.Expires)
		if err != nil || !slices.Contains([]int{30, 90, 365}, days) {
			v.Problems = map[string]string{"expires": "Choose when the key expires."}
			return h.form(c, http.StatusUnprocessableEntity, v)
		}
		v.Key.ExpiresAt = h.Now().Add(time.Duration(days) * 24 * time.Hour).UTC()
	}
	made, key, err := h.Control.CreateAPIKey(c.Request().Context(), actor(c), v.Key)
	if fields, ok := problems(err); ok {
		v.Problems, v.Message = fields, fault.MessageOf(err)
		return h.form(c, http.StatusUnprocessableEntity, v)
	}
	if err != nil {
		return err
	}
	return h.draw(c, views.APIKeysView{Fresh: key.Reveal(), FreshName: made.Name})
}

func (h apikeys) revoke(c echo.Context) error {
	if err := h.Control.RevokeAPIKey(c.Request().Context(), actor(c), c.Param("id")); err != nil {
		return err
	}
	return h.done(c, "The key was revoked.", h.root.APIKeys())
}
