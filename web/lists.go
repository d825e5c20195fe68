package web

import (
	"net/url"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"tieline/db"
	"tieline/internal/account"
	"tieline/views"
	"tieline/views/ui"
)

// pageSize is how many lines a list shows: one of the sizes that are offered, else the standard.
func pageSize(query url.Values, standard int) int {
	n, err := strconv.Atoi(query.Get("limit"))
	if err != nil || !slices.Contains(views.PageSizes(), n) {
		return standard
	}
	return n
}

// keepAddress gives the browser the address of a list whose region was asked for, without empty filters.
func keepAddress(c echo.Context, at string) {
	if !partial(c) {
		return
	}
	q := url.Values{}
	for name, values := range c.QueryParams() {
		if len(values) > 0 && values[0] != "" {
			q[name] = values
		}
	}
	if len(q) > 0 {
		at += "?" + q.Encode()
	}
	c.Response().Header().Set(hxPushURL, at)
}

// customersOf are all customers that the viewer may see, by name.
func (s *site) customersOf(c echo.Context) ([]db.CustomerRow, error) {
	var all []db.CustomerRow
	cursor := ""
	for {
		rows, next, err := s.DB.Customers(c.Request().Context(), actor(c).Scope, db.CustomerFilter{Limit: 1000, Cursor: cursor})
		if err != nil {
			return nil, err
		}
		all = append(all, rows...)
		if cursor = next; cursor == "" {
			return all, nil
		}
	}
}

// customerNames are the names of all customers that the viewer may see, by id.
func (s *site) customerNames(c echo.Context) (map[string]string, error) {
	rows, err := s.customersOf(c)
	names := make(map[string]string, len(rows))
	for _, r := range rows {
		names[r.ID] = r.Name
	}
	return names, err
}

// customerOptions are the customers to choose from, by id.
func (s *site) customerOptions(c echo.Context) ([]ui.Option, error) {
	rows, err := s.customersOf(c)
	options := make([]ui.Option, 0, len(rows))
	for _, r := range rows {
		options = append(options, ui.Option{Value: r.ID, Label: r.Name})
	}
	return options, err
}

// people are the people whom the viewer may see: who is bound to customers sees those bound to no others.
func (s *site) people(c echo.Context) ([]account.User, error) {
	all, err := s.DB.Users(c.Request().Context())
	return slices.DeleteFunc(all, func(u account.User) bool { return !actor(c).Scope.Covers(u.CustomerIDs) }), err
}

// peopleNames are the names of all people by id, for "added by".
func (s *site) peopleNames(c echo.Context) (map[string]string, error) {
	names := map[string]string{}
	if !actor(c).Role.May(account.ManageUsers) {
		return names, nil
	}
	people, err := s.people(c)
	for _, u := range people {
		names[u.ID] = u.Name
	}
	return names, err
}
