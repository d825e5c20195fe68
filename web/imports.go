package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"tieline/db"
	"tieline/internal/account"
	"tieline/internal/catalogue"
	"tieline/internal/control"
	"tieline/internal/fault"
	"tieline/internal/integration"
	"tieline/views"
	"tieline/views/ui"
)

// imports are the pages between a foreign description and the endpoints made of it: pick, review, save.
type imports struct{ *site }

// picksOnPage is how many operations one page lists.
const picksOnPage = 100

// numbers are the picked operations of a query string or a form.
func numbers(values []string) []int {
	var list []int
	for _, v := range values {
		if n, err := strconv.Atoi(v); err == nil && n >= 0 && n < catalogue.MaxOperations && !slices.Contains(list, n) {
			list = append(list, n)
		}
	}
	return list
}

// pick lists the operations. Everything is in the address, so that it works without scripts.
func (h imports) pick(c echo.Context) error {
	v, err := h.picked(c)
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.PickPage(h.page(c, "Pick operations", "integrations"), v), "operations")
}

func (h imports) picked(c echo.Context) (views.PickView, error) {
	ctx, q := c.Request().Context(), c.QueryParams()
	stored, err := h.Control.Catalogue(ctx, actor(c), c.Param("id"))
	if err != nil {
		return views.PickView{}, err
	}
	from, _ := strconv.Atoi(q.Get("from")) // anything else is the first page
	v := views.PickView{
		ID: stored.ID, Head: stored.Head, Count: stored.Operations, Into: q.Get("into"), Text: q.Get("q"),
		Offset: max(from, 0), Size: picksOnPage, Picked: numbers(q["n"]),
	}
	rows, total, err := h.DB.Operations(ctx, stored.ID, v.Text, v.Offset, v.Size)
	if err == nil && len(rows) == 0 && total > 0 { // a narrower search has fewer pages
		v.Offset = 0
		rows, total, err = h.DB.Operations(ctx, stored.ID, v.Text, 0, v.Size)
	}
	if err != nil {
		return v, err
	}
	v.Total = total
	for _, r := range rows {
		v.Rows = append(v.Rows, views.PickRow(r))
	}
	switch q.Get("op") {
	case "none":
		v.Picked = nil
	case "all":
		err = h.pickAll(c, &v)
	}
	return v, err
}

// pickAll picks everything that was found, as far as one integration can hold it.
func (h imports) pickAll(c echo.Context, v *views.PickView) error {
	if v.Total > integration.MaxEndpoints {
		v.Error = "One integration has at most " + strconv.Itoa(integration.MaxEndpoints) + " endpoints. Search first, then pick what was found."
		return nil
	}
	rows, _, err := h.DB.Operations(c.Request().Context(), v.ID, v.Text, 0, integration.MaxEndpoints)
	for _, r := range rows {
		if !slices.Contains(v.Picked, r.N) {
			v.Picked = append(v.Picked, r.N)
		}
	}
	return err
}

// review shows what was picked as endpoints to be.
func (h imports) review(c echo.Context) error {
	into := c.QueryParam("into")
	stored, picked, err := h.Control.Pick(c.Request().Context(), actor(c), c.Param("id"), numbers(c.QueryParams()["n"]))
	if fields, ok := problems(err); ok {
		v, err := h.picked(c)
		if err != nil {
			return err
		}
		v.Error = fields["n"]
		return render(c, http.StatusUnprocessableEntity, views.PickPage(h.page(c, "Pick operations", "integrations"), v), "operations")
	}
	if err != nil {
		return err
	}
	var of integration.Integration
	if into != "" {
		target, err := h.DB.Integration(c.Request().Context(), actor(c).Scope, into)
		if err != nil {
			return err
		}
		of = target.Document
	}
	fresh := stored.Head.Fresh()
	v := views.ReviewView{ID: stored.ID, Head: stored.Head, Into: into, Name: fresh.Name, Label: fresh.Label, Type: fresh.Type}
	chosen := slices.Sorted(slices.Values(numbers(c.QueryParams()["n"])))
	for i, o := range catalogue.Named(of, picked) {
		v.Rows = append(v.Rows, views.ReviewRow{N: chosen[i], Keep: true, Walk: o.Endpoint.Pagination != nil, Operation: o})
	}
	return h.showReview(c, http.StatusOK, v, true)
}

// save takes what was typed on the review: it checks it, and stores it when that is asked for.
func (h imports) save(c echo.Context) error {
	form, err := values(c)
	if err != nil {
		return err
	}
	stored, picked, err := h.Control.Pick(c.Request().Context(), actor(c), c.Param("id"), numbers(form["n"]))
	if err != nil {
		return err
	}
	v := decodeReview(form, stored, picked)
	if form.Get("op") != "apply" {
		return h.showReview(c, http.StatusOK, v, true)
	}
	saved, err := h.apply(c, v, false)
	if fields, ok := problems(err); ok {
		v.Problems = reviewKeys(v, fields, offset(c, h, v.Into))
		return h.showReview(c, http.StatusUnprocessableEntity, v, false)
	}
	if err != nil {
		return err
	}
	message := ui.Count(len(kept(v)), "endpoint was", "endpoints were") + " imported."
	if into := saved.Integration.Name; v.Into == "" {
		return h.done(c, message+" Next: an integrator, which gives host and credentials.", h.root.Integration(into, "endpoints"))
	}
	return h.done(c, message, h.root.Integration(v.Into, "endpoints"))
}

// showReview shows the review, with what saving would do where that is asked for.
func (h imports) showReview(c echo.Context, status int, v views.ReviewView, check bool) error {
	if check {
		saved, err := h.apply(c, v, true)
		fields, bad := problems(err)
		switch {
		case bad:
			v.Problems = reviewKeys(v, fields, offset(c, h, v.Into))
			status = http.StatusUnprocessableEntity
		case err != nil:
			return err
		default:
			v.Warnings, v.Diff = saved.Warnings, saved.Diff
		}
	}
	rows, _, err := h.DB.Integrations(c.Request().Context(), actor(c).Scope, db.IntegrationFilter{Limit: 1000})
	if err != nil {
		return err
	}
	for _, r := range rows {
		title := r.Name
		if r.Label != "" {
			title = r.Label + " (" + r.Name + ")"
		}
		v.Targets = append(v.Targets, ui.Option{Value: r.Name, Label: title})
	}
	return render(c, status, views.ReviewPage(h.page(c, "Review the import", "integrations"), v))
}

// apply makes the definition of the review and saves it, or says what saving would do.
func (h imports) apply(c echo.Context, v views.ReviewView, dry bool) (control.Saved, error) {
	picked := kept(v)
	if len(picked) == 0 {
		return control.Saved{}, fault.At("n", "Nothing is left to import.")
	}
	build := func(in integration.Integration) integration.Integration {
		if v.Into == "" {
			in = v.Head.Fresh()
			in.Name, in.Label, in.Type = v.Name, v.Label, v.Type
		}
		return v.Head.Into(in, picked)
	}
	return h.Control.Import(c.Request().Context(), actor(c), v.ID, v.Into, build, dry)
}

// kept are the operations that stay ticked.
func kept(v views.ReviewView) []catalogue.Operation {
	var list []catalogue.Operation
	for _, r := range v.Rows {
		if r.Keep {
			o := r.Operation
			if !r.Walk {
				o.Endpoint.Pagination = nil
			}
			list = append(list, o)
		}
	}
	return list
}

// decodeReview reads the form of the review.
func decodeReview(form url.Values, stored db.StoredCatalogue, picked []catalogue.Operation) views.ReviewView {
	v := views.ReviewView{
		ID: stored.ID, Head: stored.Head, Into: text(form, "into"), Name: text(form, "name"), Label: text(form, "label"), Type: text(form, "type"),
	}
	if fresh := stored.Head.Fresh(); v.Into == "" && !form.Has("name") { // the choice was another one until now
		v.Name, v.Label, v.Type = fresh.Name, fresh.Label, fresh.Type
	}
	chosen := slices.Sorted(slices.Values(numbers(form["n"])))
	for i, o := range picked {
		at := "e." + strconv.Itoa(chosen[i]) + "."
		o.Endpoint.Name, o.Endpoint.Label, o.Endpoint.URL = text(form, at+"name"), text(form, at+"label"), text(form, at+"url")
		v.Rows = append(v.Rows, views.ReviewRow{N: chosen[i], Keep: form.Get(at+"keep") != "", Walk: form.Get(at+"walk") != "", Operation: o})
	}
	return v
}

// offset is how many endpoints stand before the imported ones.
func offset(c echo.Context, h imports, into string) int {
	if into == "" {
		return 0
	}
	stored, err := h.DB.Integration(c.Request().Context(), actor(c).Scope, into)
	if err != nil {
		return 0
	}
	return len(stored.Document.Endpoints)
}

// reviewKeys puts the problems of the definition to the fields of the review.
func reviewKeys(v views.ReviewView, fields map[string]string, before int) map[string]string {
	var rows []views.ReviewRow
	for _, r := range v.Rows {
		if r.Keep {
			rows = append(rows, r)
		}
	}
	out := map[string]string{}
	for key, message := range fields {
		index, rest, _ := strings.Cut(strings.TrimPrefix(key, "endpoints."), ".")
		i, err := strconv.Atoi(index)
		if i -= before; err == nil && i >= 0 && i < len(rows) {
			at := "e." + strconv.Itoa(rows[i].N) + "."
			switch rest {
			case "name", "label", "url":
				out[at+rest] = message
			default:
				out[at+"name"] = rest + ": " + message
			}
			continue
		}
		out[key] = message
	}
	return out
}

// catalogues are what an integration was imported from.
func (h integrations) catalogues(c echo.Context, of db.StoredIntegration) ([]views.CatalogueLink, error) {
	if !actor(c).Role.May(account.EditIntegrations) {
		return nil, nil
	}
	list, err := h.DB.Catalogues(c.Request().Context(), actor(c).Scope, of.ID)
	links := make([]views.CatalogueLink, 0, len(list))
	for _, one := range list {
		if one.Operations > 1 {
			links = append(links, views.CatalogueLink{ID: one.ID, Title: one.Head.Title})
		}
	}
	return links, err
}
