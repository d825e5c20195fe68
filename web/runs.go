package web

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"tieline/db"
	"tieline/internal/account"
	"tieline/internal/control"
	"tieline/internal/fault"
	"tieline/internal/run"
	"tieline/views"
	"tieline/views/href"
	"tieline/views/ui"
)

// runs are the list of runs and one run.
type runs struct{ *site }

func (h runs) list(c echo.Context) error { return h.listed(c, views.ViewForm{}) }

// listed is the list with the form of a saved view, as typed where it came back.
func (h runs) listed(c echo.Context, form views.ViewForm) error {
	v, err := h.runsView(c, h.root.Runs(), db.RunFilter{})
	if err != nil {
		return err
	}
	if v.Saved, err = h.savedViews(c, form); err != nil {
		return err
	}
	rows, err := h.customersOf(c)
	if err != nil {
		return err
	}
	for _, r := range rows {
		v.Customers = append(v.Customers, ui.Option{Value: r.Slug, Label: r.Name})
	}
	code := http.StatusOK
	if len(v.Problems) > 0 || len(form.Problems) > 0 {
		code = http.StatusUnprocessableEntity
	}
	keepAddress(c, h.root.Runs())
	return render(c, code, views.RunsPage(h.page(c, "Runs", "runs"), v), "runs")
}

// runsView reads one page of runs: base is what the place itself narrows to, the address's query the rest. at
// is the address of the list without its state.
func (s *site) runsView(c echo.Context, at string, base db.RunFilter) (views.RunsView, error) {
	query := c.QueryParams()
	v := views.RunsView{At: at, Query: query, Size: pageSize(query, 50)}
	f, err := s.runFilter(c, query, base)
	if fields, ok := problems(err); ok {
		v.Problems = fields
		return v, nil
	}
	if errors.Is(err, errNothing) {
		return v, nil
	}
	if err != nil {
		return v, err
	}
	f.Limit, f.Cursor = v.Size, query.Get("cursor")
	v.Runs, v.Next, err = s.DB.Runs(c.Request().Context(), actor(c).Scope, f)
	return v, err
}

// errNothing says that a filter names something that is not there, so that nothing fits.
var errNothing = errors.New("nothing fits")

// runFilter reads the state of a list of runs out of an address.
func (s *site) runFilter(c echo.Context, q url.Values, f db.RunFilter) (db.RunFilter, error) {
	var bad fault.Fields
	var ok bool
	if f.From, ok = moment(q.Get("from")); !ok {
		bad.Add("from", "A date such as 2026-11-22 or 2026-11-22T10:15.")
	}
	if f.To, ok = moment(q.Get("to")); !ok {
		bad.Add("to", "A date such as 2026-11-22 or 2026-11-22T10:15.")
	}
	if st := run.Status(q.Get("status")); st != "" {
		f.Status = []run.Status{st}
		if !st.Valid() {
			bad.Add("status", "There is no such status.")
		}
	}
	if cause := run.Cause(q.Get("cause")); cause != "" {
		f.Cause = []run.Cause{cause}
		if !cause.Valid() {
			bad.Add("cause", "There is no such cause.")
		}
	}
	switch q.Get("test") {
	case "yes", "no":
		test := q.Get("test") == "yes"
		f.Test = &test
	}
	f.Text = q.Get("q")
	if len(f.Text) > 200 {
		bad.Add("q", "At most 200 characters.")
	}
	if err := bad.Err(); err != nil {
		return f, err
	}
	return s.named(c, q, f)
}

// named turns the names in an address into ids; a name that is not there fits nothing.
func (s *site) named(c echo.Context, q url.Values, f db.RunFilter) (db.RunFilter, error) {
	ctx, scope := c.Request().Context(), actor(c).Scope
	if slug := q.Get("customer"); slug != "" {
		found, err := s.DB.CustomerBySlug(ctx, scope, slug)
		if err != nil {
			return f, nothing(err)
		}
		f.CustomerID = found.ID
	}
	if name := q.Get("integration"); name != "" {
		found, err := s.DB.Integration(ctx, scope, name)
		if err != nil {
			return f, nothing(err)
		}
		f.IntegrationID = found.ID
	}
	if name := q.Get("endpoint"); name != "" && f.IntegrationID != "" && f.EndpointID == "" {
		found, err := s.DB.EndpointID(ctx, scope, f.IntegrationID, name)
		if err != nil {
			return f, nothing(err)
		}
		f.EndpointID = found
	}
	return f, nil
}

func nothing(err error) error {
	if fault.KindOf(err) == fault.NotFound {
		return errNothing
	}
	return err
}

func (h runs) show(c echo.Context) error {
	r, err := h.Control.Run(c.Request().Context(), actor(c), c.Param("id"))
	if err != nil {
		return err
	}
	v := views.RunView{Run: r, Bodies: actor(c).Role.May(account.ReadBodies), Next: h.root.Run(r.ID)}
	return render(c, http.StatusOK, views.RunPage(h.page(c, r.Endpoint, "runs"), v), "dialog")
}

func (h runs) retry(c echo.Context) error {
	r, err := h.Control.Retry(c.Request().Context(), actor(c), c.Param("id"), control.RetryRequest{Mode: control.RetrySaved})
	if err != nil {
		return h.refused(c, err)
	}
	if r.Status == run.Succeeded {
		return h.done(c, "Sent again: it worked.", h.root.Run(r.ID))
	}
	return h.tell(c, ui.Warn, "Sent again: it ended as "+string(r.Status)+".", h.root.Run(r.ID))
}

func (h runs) skip(c echo.Context) error {
	form, err := values(c)
	if err != nil {
		return err
	}
	if _, err := h.Control.Skip(c.Request().Context(), actor(c), c.Param("id"), text(form, "note")); err != nil {
		return h.refused(c, err)
	}
	return h.done(c, "Run skipped.", h.next(form, h.root.Run(c.Param("id"))))
}

func (h runs) dismiss(c echo.Context) error {
	form, err := values(c)
	if err != nil {
		return err
	}
	if _, err := h.Control.Dismiss(c.Request().Context(), actor(c), c.Param("id"), text(form, "note")); err != nil {
		return h.refused(c, err)
	}
	return h.done(c, "Run dismissed.", h.next(form, h.root.Run(c.Param("id"))))
}

// refused shows why an act on a run was not done, on the run's own page.
func (h runs) refused(c echo.Context, err error) error {
	switch fault.KindOf(err) {
	case fault.Invalid, fault.Conflict:
		return h.tell(c, ui.Bad, sentence(err), h.root.Run(c.Param("id")))
	case fault.Internal, fault.NotFound, fault.Forbidden, fault.Unauthenticated, fault.Limited, fault.Unavailable:
		return err
	}
	return err
}

// allow lets a customer's calls reach the address that a run was blocked at.
func (h runs) allow(c echo.Context) error {
	ctx, who := c.Request().Context(), actor(c)
	r, err := h.Control.Run(ctx, who, c.Param("id"))
	if err != nil {
		return err
	}
	if r.Failure == nil || r.Failure.Cause != run.BlockedAddress || r.Failure.Subject == "" || r.CustomerID == "" {
		return fault.New(fault.Invalid, "This run was not blocked at an address that can be allowed.")
	}
	next := h.root.Run(r.ID)
	if n := c.QueryParam("next"); href.Local(n) {
		next = n
	}
	if _, err := h.Control.AllowSubject(ctx, who, r.CustomerID, r.Failure.Subject, "Allowed from run "+r.ID); err != nil {
		if k := fault.KindOf(err); k == fault.Invalid || k == fault.Conflict {
			return h.tell(c, ui.Bad, sentence(err), next)
		}
		return err
	}
	return h.done(c, "Allowed "+r.Failure.Subject+" for "+r.Customer+". Send it again.", next)
}

// next is where a form wants to go afterwards, where that is a page of ours.
func (s *site) next(form url.Values, otherwise string) string {
	if n := form.Get("next"); href.Local(n) {
		return n
	}
	return otherwise
}

// sentence says what is wrong in one line, with the problems of fields where there are some.
func sentence(err error) string {
	fields, ok := fault.FieldsOf(err)
	if !ok || len(fields) == 0 {
		return fault.MessageOf(err)
	}
	words := ""
	for _, name := range fault.Names(fields) {
		if words != "" {
			words += " "
		}
		words += fields[name]
	}
	return words
}
