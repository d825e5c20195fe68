package web

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"tieline/db"
	"tieline/internal/account"
	"tieline/internal/control"
	"tieline/internal/fault"
	"tieline/internal/integration"
	"tieline/views"
)

// mappings are the pages of one mapping of an integration.
type mappings struct{ *site }

var mappingRegions = []string{"editor", "try"}

func noMapping(name string) error {
	return fault.New(fault.NotFound, "There is no mapping "+strconv.Quote(name)+".")
}

func (h mappings) of(c echo.Context) (db.StoredIntegration, error) {
	return h.DB.Integration(c.Request().Context(), actor(c).Scope, c.Param("integration"))
}

func (h mappings) newForm(c echo.Context) error {
	of, err := h.of(c)
	if err != nil {
		return err
	}
	f := mappingForm(integration.Mapping{})
	f.Base = of.Revision
	return h.fresh(c, of, f)
}

// show is the editor of one mapping, or with ?tab=history its revisions.
func (h mappings) show(c echo.Context) error {
	of, err := h.of(c)
	if err != nil {
		return err
	}
	m, ok := of.Document.Mapping(c.Param("mapping"))
	if !ok {
		return noMapping(c.Param("mapping"))
	}
	f := mappingForm(m)
	f.Base = of.Revision
	if uses := of.Document.MappingUses(m.Name); len(uses) > 0 {
		f.Endpoint = uses[0]
	}
	return h.fresh(c, of, f)
}

// fresh is a form that nobody has typed into: it is tried on the newest record there is.
func (h mappings) fresh(c echo.Context, of db.StoredIntegration, f views.MappingForm) error {
	if c.QueryParam("tab") == "history" && f.Was != "" {
		v := h.page0(c, of, f)
		v.Tab = "history"
		var err error
		if v.History, err = h.partHistory(c, of, "mapping", f.Was); err != nil {
			return err
		}
		return render(c, http.StatusOK, views.MappingPage(v), mappingRegions...)
	}
	if actor(c).Role.May(account.Test) {
		input, err := h.recent(c, of, f.Was)
		if err != nil {
			return err
		}
		f.Input = input
	}
	return h.draw(c, http.StatusOK, of, f, nil)
}

func (h mappings) page0(c echo.Context, of db.StoredIntegration, f views.MappingForm) views.MappingView {
	title := "Add mapping"
	if f.Was != "" {
		title = f.Was + " – " + of.Document.Title()
	}
	f.ReadOnly = !mayEdit(c)
	if f.Problems == nil {
		f.Problems = map[string]string{}
	}
	return views.MappingView{Page: h.page(c, title, "integrations"), Of: of.Document, Form: f}
}

// draw shows the form with what the mapping, as typed, makes of the input.
func (h mappings) draw(c echo.Context, status int, of db.StoredIntegration, f views.MappingForm, clash *views.Conflict) error {
	stored, _ := of.Document.Mapping(f.Was)
	m, _ := formMapping(&f, stored)
	v := h.page0(c, of, f)
	v.Conflict = clash
	if actor(c).Role.May(account.Test) {
		tried := h.try(c, of, f, m)
		v.Try = &tried
	}
	return render(c, status, views.MappingPage(v), mappingRegions...)
}

// posted reads the form of a mapping of this integration.
func (h mappings) posted(c echo.Context) (db.StoredIntegration, views.MappingForm, url.Values, error) {
	of, err := h.of(c)
	if err != nil {
		return of, views.MappingForm{}, nil, err
	}
	form, err := values(c)
	if err != nil {
		return of, views.MappingForm{}, nil, err
	}
	f := decodeMapping(form)
	name := c.Param("mapping")
	if _, known := of.Document.Mapping(f.Was); f.Was != "" && !known || f.Was == "" && name != "" && name != unsaved || f.Was != "" && f.Was != name {
		return of, f, form, noMapping(name)
	}
	return of, f, form, nil
}

// save takes every button of the form: rows, the choice of an operation, and Save itself.
func (h mappings) save(c echo.Context) error {
	of, f, form, err := h.posted(c)
	if err != nil {
		return err
	}
	if applyMappingOp(&f, form.Get("op")) {
		f.Problems = nil
		return h.draw(c, http.StatusOK, of, f, nil)
	}
	stored, _ := of.Document.Mapping(f.Was)
	m, places := formMapping(&f, stored)
	if len(f.Problems) > 0 {
		moreProblems(f.Problems, keyedError(m.Validate(), places))
		return h.draw(c, http.StatusUnprocessableEntity, of, f, nil)
	}
	saved, err := h.Control.SaveMapping(c.Request().Context(), actor(c), of.Document.Name, f.Base, f.Was, m)
	if clash, ok := errors.AsType[*control.ConflictError](err); ok {
		f.Base = clash.Revision
		return h.draw(c, http.StatusConflict, of, f, conflict("This mapping", h.root.Mapping(of.Document.Name, f.Was), clash))
	}
	if fields, ok := problems(err); ok {
		f.Problems = placedProblems(fields, places)
		return h.draw(c, http.StatusUnprocessableEntity, of, f, nil)
	}
	if err != nil {
		return err
	}
	return h.done(c, savedMessage(saved), h.root.Mapping(saved.Integration.Name, m.Name))
}

// keyedError keys the problems of a mapping as its form has them.
func keyedError(err error, places []string) error {
	fields, ok := fault.FieldsOf(err)
	if !ok {
		return err
	}
	var f fault.Fields
	for key, message := range placedProblems(fields, places) {
		f.Add(key, message)
	}
	return f.Err()
}

// preview shows what the mapping, as typed, makes of the input. It is asked while somebody types, so it never
// complains.
func (h mappings) preview(c echo.Context) error {
	of, f, _, err := h.posted(c)
	if err != nil {
		return err
	}
	return h.draw(c, http.StatusOK, of, f, nil)
}

func (h mappings) duplicate(c echo.Context) error {
	name := c.Param("integration")
	as, err := h.Control.DuplicateMapping(c.Request().Context(), actor(c), name, c.Param("mapping"))
	if err != nil {
		return err
	}
	return h.done(c, "The copy is called "+as+".", h.root.Mapping(name, as))
}

func (h mappings) remove(c echo.Context) error {
	name := c.Param("integration")
	_, err := h.Control.DeleteMapping(c.Request().Context(), actor(c), name, c.Param("mapping"))
	back := h.root.Integration(name, "mappings")
	if fault.KindOf(err) == fault.Conflict {
		return h.tell(c, "bad", fault.MessageOf(err), back)
	}
	if err != nil {
		return err
	}
	return h.done(c, "Mapping "+c.Param("mapping")+" deleted.", back)
}

func (h mappings) restore(c echo.Context) error {
	form, err := values(c)
	if err != nil {
		return err
	}
	n, err := chosenRevision(form)
	if err != nil {
		return err
	}
	saved, err := h.Control.RestoreMapping(c.Request().Context(), actor(c), c.Param("integration"), n, c.Param("mapping"))
	if err != nil {
		return err
	}
	return h.done(c, "The mapping of revision "+strconv.FormatInt(n, 10)+" was restored as revision "+strconv.FormatInt(saved.Revision, 10)+".",
		h.root.Mapping(saved.Integration.Name, c.Param("mapping")))
}
