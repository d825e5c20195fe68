package web

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"tieline/db"
	"tieline/internal/control"
	"tieline/internal/fault"
	"tieline/internal/integration"
	"tieline/internal/run"
	"tieline/views"
)

// endpoints are the pages of one endpoint of an integration.
type endpoints struct{ *site }

// unsaved is what stands for the name of an endpoint that was never saved in the addresses of its form.
const unsaved = "new"

func (h endpoints) of(c echo.Context) (db.StoredIntegration, error) {
	return h.DB.Integration(c.Request().Context(), actor(c).Scope, c.Param("integration"))
}

func (h endpoints) newForm(c echo.Context) error {
	of, err := h.of(c)
	if err != nil {
		return err
	}
	f := views.EndpointForm{Tab: tabOf(c.QueryParam("tab"), true), Base: of.Revision}
	if path := c.QueryParam("path"); path != "" {
		if f.Endpoint, err = picked(of.Document, c.QueryParam("method"), path); err != nil {
			return err
		}
		f.Focus = "url"
		if len(f.Endpoint.Path) > 0 {
			f.Focus = at("path", 0, "value")
		}
	}
	return h.page200(c, of, f)
}

// show is the page of one endpoint; ?tab= chooses what is on it.
func (h endpoints) show(c echo.Context) error {
	of, err := h.of(c)
	if err != nil {
		return err
	}
	e, ok := of.Document.Endpoint(c.Param("endpoint"))
	if !ok {
		return noEndpoint(c.Param("endpoint"))
	}
	f := views.EndpointForm{
		Was: e.Name, Tab: tabOf(c.QueryParam("tab"), false), Base: of.Revision, Endpoint: e, Stored: e,
	}
	settleEndpoint(&f, e.Body.Kind)
	return h.page200(c, of, f)
}

func (h endpoints) page200(c echo.Context, of db.StoredIntegration, f views.EndpointForm) error {
	v, err := h.view(c, of, f, nil)
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.EndpointPage(v), endpointRegions...)
}

var endpointRegions = []string{"editor", "preview", "test-result", "path-rows", "runs"}

func noEndpoint(name string) error {
	return fault.New(fault.NotFound, "There is no endpoint "+strconv.Quote(name)+".")
}

// tabOf is the tab to show; a new endpoint has no logs and no history.
func tabOf(asked string, fresh bool) string {
	switch asked {
	case "response", "test", "mapping":
		return asked
	case "triggers", "logs", "history":
		if !fresh {
			return asked
		}
	}
	return "request"
}

// posted reads the form of an endpoint of this integration.
func (h endpoints) posted(c echo.Context) (db.StoredIntegration, views.EndpointForm, url.Values, error) {
	of, err := h.of(c)
	if err != nil {
		return of, views.EndpointForm{}, nil, err
	}
	form, err := values(c)
	if err != nil {
		return of, views.EndpointForm{}, nil, err
	}
	stored, known := of.Document.Endpoint(form.Get("was"))
	f := decodeEndpoint(form, stored)
	f.Stored, f.Tab = stored, tabOf(f.Tab, f.New())
	name := c.Param("endpoint")
	switch {
	case f.Was == "" && name != "" && name != unsaved, f.Was != "" && name != f.Was:
		return of, f, form, noEndpoint(name)
	case f.Was != "" && !known: // somebody deleted or renamed it: what was typed goes on as a new one
		f.Gone, f.Was = true, ""
	}
	f.Parameters = of.Document.Parameters
	settleEndpoint(&f, form.Get("body.was"))
	return of, f, form, nil
}

// save takes every button of the form but the test's: rows, tabs, picked values, and Save itself.
func (h endpoints) save(c echo.Context) error {
	of, f, form, err := h.posted(c)
	if err != nil {
		return err
	}
	op := form.Get("op")
	if f.Gone {
		f.Problems[""] = "Somebody else deleted or renamed this endpoint meanwhile. Save once more to add it as a new one."
		return h.again(c, http.StatusConflict, of, f, form, nil)
	}
	if runID, ok := strings.CutPrefix(op, "allow:"); ok {
		if err := h.allow(c, &f, runID); err != nil {
			return err
		}
		return h.again(c, http.StatusOK, of, f, form, nil)
	}
	if applyTexts(&f, op) {
		return h.again(c, http.StatusUnprocessableEntity, of, f, form, nil)
	}
	if f.Conditions != nil || openText(&f, op) {
		return h.again(c, http.StatusOK, of, f, form, nil)
	}
	if op == "curl" {
		f.Problems = nil
		status := http.StatusOK
		if problem := fillFromCURL(c, &f, of.Document); problem != "" {
			f.Problems, status = map[string]string{"url": problem}, http.StatusUnprocessableEntity
		}
		settleEndpoint(&f, f.Endpoint.Body.Kind)
		return h.again(c, status, of, f, form, nil)
	}
	if closesText(op) || applyEndpointOp(&f, op) {
		settleEndpoint(&f, f.Endpoint.Body.Kind)
		f.Problems = nil
		return h.again(c, http.StatusOK, of, f, form, nil)
	}
	return h.store(c, of, f, form)
}

// store saves the endpoint.
func (h endpoints) store(c echo.Context, of db.StoredIntegration, f views.EndpointForm, form url.Values) error {
	draft := finished(f)
	if len(f.Problems) > 0 {
		moreProblems(f.Problems, draft.Validate(of.Document))
		return h.again(c, http.StatusUnprocessableEntity, of, f, form, nil)
	}
	saved, err := h.Control.SaveEndpoint(c.Request().Context(), actor(c), of.Document.Name, f.Base, f.Was, draft)
	if clash, ok := errors.AsType[*control.ConflictError](err); ok {
		f.Base = clash.Revision
		theirs := h.root.Endpoint(of.Document.Name, f.Was, f.Tab)
		return h.again(c, http.StatusConflict, of, f, form, conflict("This endpoint", theirs, clash))
	}
	if fields, ok := problems(err); ok {
		f.Problems = onFields(fields)
		return h.again(c, http.StatusUnprocessableEntity, of, f, form, nil)
	}
	if err != nil {
		return err
	}
	return h.done(c, savedMessage(saved), h.root.Endpoint(saved.Integration.Name, draft.Name, f.Tab))
}

// savedMessage says what was saved, and what is worth a look about it.
func savedMessage(saved control.Saved) string {
	if !saved.Changed && !saved.Created {
		return "Nothing had changed."
	}
	parts := []string{"Saved as revision " + strconv.FormatInt(saved.Revision, 10) + "."}
	for i, w := range saved.Warnings {
		if i == 2 {
			parts = append(parts, "There is more to look at on the page.")
			break
		}
		parts = append(parts, w.Message)
	}
	return strings.Join(parts, " ")
}

// finished is the definition of a form without what belongs to choices not taken.
func finished(f views.EndpointForm) integration.Endpoint {
	e := f.Endpoint
	e.Body = finishBody(e.Body)
	if e.Type == "Auth" {
		e.Auth = ""
	}
	if e.EffectiveContract() != "token" {
		e.Token = nil
	}
	return e
}

// moreProblems adds what validation says to what could not even be read.
func moreProblems(into map[string]string, err error) {
	fields, _ := fault.FieldsOf(err)
	for key, message := range fields {
		if into[key] == "" {
			into[key] = message
		}
	}
}

// again shows the form as it was typed.
func (h endpoints) again(c echo.Context, status int, of db.StoredIntegration, f views.EndpointForm, form url.Values, clash *views.Conflict) error {
	noticeCURL(c, &f)
	v, err := h.view(c, of, f, form)
	if err != nil {
		return err
	}
	v.Conflict = clash
	if f.Moved && partial(c) {
		name := f.Was
		if f.New() {
			name = unsaved
		}
		c.Response().Header().Set(hxPushURL, h.root.Endpoint(of.Document.Name, name, f.Tab))
	}
	return render(c, status, views.EndpointPage(v), endpointRegions...)
}

// allow lets a customer's calls reach the address that blocked a test.
func (h endpoints) allow(c echo.Context, f *views.EndpointForm, runID string) error {
	ctx, who := c.Request().Context(), actor(c)
	blocked, err := h.Control.Run(ctx, who, runID)
	if err != nil {
		return err
	}
	if blocked.Failure == nil || blocked.Failure.Cause != run.BlockedAddress || blocked.Failure.Subject == "" {
		return fault.New(fault.Invalid, "This run was not blocked by an address that can be allowed.")
	}
	subject := blocked.Failure.Subject
	if _, err := h.Control.AllowSubject(ctx, who, blocked.CustomerID, subject, "From a blocked test of "+blocked.Integration+"/"+blocked.Endpoint); err != nil {
		return err
	}
	f.RunID = ""
	toast(c, "good", subject+" is allowed for "+blocked.Customer+". Send the test again.")
	return nil
}
