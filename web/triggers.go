package web

import (
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"tieline/db"
	"tieline/internal/control"
	"tieline/internal/fault"
	"tieline/internal/integration"
	"tieline/views"
)

// triggers are the forms of an endpoint's triggers, and their trial.
type triggers struct{ *site }

// proposedEvent is what the trial starts from.
const proposedEvent = `{
  "type": "call.ended",
  "customer": "",
  "record": {"type": "lead", "id": "101", "data": {"phone_number": "+15551234567", "status": "SALE"}},
  "call": {"call_type": "INBOUND", "length_in_sec": 73}
}`

// place is the endpoint of the address and the trigger at its place; -1 is a new one.
func (h triggers) place(c echo.Context) (db.StoredIntegration, integration.Endpoint, int, error) {
	of, err := endpoints(h).of(c)
	if err != nil {
		return of, integration.Endpoint{}, 0, err
	}
	e, ok := of.Document.Endpoint(c.Param("endpoint"))
	if !ok {
		return of, e, 0, noEndpoint(c.Param("endpoint"))
	}
	if c.Param("at") == "" {
		return of, e, -1, nil
	}
	at, err := strconv.Atoi(c.Param("at"))
	if err != nil || at < 0 || at >= len(e.Triggers) {
		return of, e, 0, fault.New(fault.NotFound, "There is no such trigger.")
	}
	return of, e, at, nil
}

func (h triggers) newForm(c echo.Context) error {
	of, e, at, err := h.place(c)
	if err != nil {
		return err
	}
	return h.form(c, http.StatusOK, of, e, views.TriggerForm{At: at, Base: of.Revision, Trigger: integration.Trigger{Kind: "event"}})
}

func (h triggers) show(c echo.Context) error {
	of, e, at, err := h.place(c)
	if err != nil {
		return err
	}
	return h.form(c, http.StatusOK, of, e, views.TriggerForm{At: at, Base: of.Revision, Trigger: e.Triggers[at]})
}

func (h triggers) form(c echo.Context, status int, of db.StoredIntegration, e integration.Endpoint, f views.TriggerForm) error {
	f.Integration, f.Endpoint, f.Endpoints = of.Document.Name, e.Name, others(of.Document, e.Name)
	if f.Trigger.Kind == "schedule" {
		f.Due, _ = f.Trigger.Due(h.Now(), 5) // a schedule that cannot be read has its message at the field
	}
	title := "Add trigger"
	if !f.New() {
		title = "Trigger of " + e.Title()
	}
	return render(c, status, views.TriggerPage(h.page(c, title, "integrations"), f), "trigger-form")
}

// save stores the trigger of the form, or shows it again: for another kind, with a row more or less, with its
// problems, or beside what somebody else saved meanwhile.
func (h triggers) save(c echo.Context) error {
	of, e, at, err := h.place(c)
	if err != nil {
		return err
	}
	form, err := values(c)
	if err != nil {
		return err
	}
	f := decodeTrigger(form)
	f.At = at
	if applyTriggerOp(&f, form.Get("op")) {
		f.Problems = nil
		return h.form(c, http.StatusOK, of, e, f)
	}
	if len(f.Problems) > 0 {
		moreProblems(f.Problems, f.Trigger.Validate())
		return h.form(c, http.StatusUnprocessableEntity, of, e, f)
	}
	_, err = h.Control.SaveTrigger(c.Request().Context(), actor(c), of.Document.Name, e.Name, f.Base, at, f.Trigger)
	back := h.root.Endpoint(of.Document.Name, e.Name, "triggers")
	if clash, ok := errors.AsType[*control.ConflictError](err); ok {
		f.Base, f.Conflict = clash.Revision, conflict("This trigger", back, clash)
		return h.form(c, http.StatusConflict, of, e, f)
	}
	if fields, ok := problems(err); ok {
		f.Problems = onFields(fields)
		return h.form(c, http.StatusUnprocessableEntity, of, e, f)
	}
	if err != nil {
		return err
	}
	return h.done(c, "Trigger saved.", back)
}

func (h triggers) remove(c echo.Context) error {
	of, e, at, err := h.place(c)
	if err != nil {
		return err
	}
	form, err := values(c)
	if err != nil {
		return err
	}
	base, err := strconv.ParseInt(form.Get("base"), 10, 64)
	if err != nil {
		return fault.New(fault.Invalid, "The form could not be read.")
	}
	if _, err := h.Control.DeleteTrigger(c.Request().Context(), actor(c), of.Document.Name, e.Name, base, at); err != nil {
		return err
	}
	return h.done(c, "The trigger was deleted.", h.root.Endpoint(of.Document.Name, e.Name, "triggers"))
}

// shown is the tab Triggers of an endpoint.
func (h triggers) shown(of db.StoredIntegration, e integration.Endpoint) views.TriggersView {
	v := views.TriggersView{Integration: of.Document.Name, Endpoint: e.Name, Base: of.Revision, Triggers: e.Triggers, Event: proposedEvent}
	for _, t := range e.Triggers {
		var next time.Time
		if t.Kind == "schedule" && integration.On(t.Enabled) {
			if due, err := t.Due(h.Now(), 1); err == nil && len(due) == 1 {
				next = due[0]
			}
		}
		v.Due = append(v.Due, next)
	}
	return v
}

// try holds the triggers of the integration against a pasted event.
func (h triggers) try(c echo.Context) error {
	of, e, _, err := h.place(c)
	if err != nil {
		return err
	}
	form, err := values(c)
	if err != nil {
		return err
	}
	v, err := endpoints(h).view(c, of, views.EndpointForm{Was: e.Name, Tab: "triggers", Base: of.Revision, Endpoint: e, Stored: e}, nil)
	if err != nil {
		return err
	}
	status := http.StatusOK
	v.Triggers.Event = block(form, "event")
	event, err := control.ReadEvent([]byte(v.Triggers.Event))
	if err == nil {
		v.Triggers.Tried = true
		v.Triggers.Decisions, err = h.Control.TryEvent(c.Request().Context(), actor(c), of.Document.Name, event)
	}
	if trouble, ok := eventTrouble(err); ok {
		status, v.Triggers.Tried = http.StatusUnprocessableEntity, false
		v.Triggers.Problems = map[string]string{"event": trouble}
	} else if err != nil {
		return err
	}
	return render(c, status, views.EndpointPage(v), "triggers")
}

// eventTrouble is what is wrong with a pasted event, in one text.
func eventTrouble(err error) (string, bool) {
	if err == nil || fault.KindOf(err) != fault.Invalid {
		return "", false
	}
	fields, _ := fault.FieldsOf(err)
	if len(fields) == 0 {
		return fault.MessageOf(err), true
	}
	var parts []string
	for _, key := range fault.Names(fields) {
		parts = append(parts, key+": "+fields[key])
	}
	return strings.Join(parts, " "), true
}

// decodeTrigger reads the form of a trigger.
func decodeTrigger(form url.Values) views.TriggerForm {
	v := newFields(form)
	t := integration.Trigger{
		Name: v.text("name"), Kind: v.text("kind"), Event: v.text("event"), Source: v.text("source"), On: keep(v.text("on"), "", "success"),
		Split: v.text("split"), Cron: v.text("cron"), TimeZone: v.text("time_zone"), Missed: keep(v.text("missed"), "", "once"),
		SkipIfPending: v.is("skip_if_pending"), SkipIfLiveCall: v.is("skip_if_live_call"), Waiting: v.is("waiting"),
		Output: v.text("output"), Batch: v.small("batch"), Position: v.small("position"), Enabled: integration.Switch(v.is("enabled")),
	}
	for i := 0; i < maxRows && form.Has(at("conditions", i, "field")); i++ {
		t.Conditions = append(t.Conditions, integration.Condition{
			Field: v.text(at("conditions", i, "field")), Op: v.text(at("conditions", i, "op")), Value: v.text(at("conditions", i, "value")),
		})
	}
	t.Scope = unlessZero(integration.Scope{
		Customers: v.list("scope.customers"), Campaigns: v.list("scope.campaigns"), Lists: v.list("scope.lists"),
		Queues: v.list("scope.queues"), Numbers: v.list("scope.numbers"), Templates: v.list("scope.templates"),
	})
	t.Window = unlessZero(integration.Window{Days: chosen(form["window.days"]), From: v.text("window.from"), To: v.text("window.to")})
	t.Delay = unlessZero(integration.Delay{
		Fixed: v.text("delay.fixed"), AfterLastCall: v.text("delay.after_last_call"),
		BeforeField: v.text("delay.before_field"), AfterField: v.text("delay.after_field"),
	})
	t.Limit = unlessZero(integration.Limit{Runs: v.small("limit.runs"), Seconds: v.small("limit.seconds")})
	t.Retry = unlessZero(integration.Retry{Attempts: v.small("retry.attempts"), IntervalS: v.small("retry.interval_s")})
	if v.text("percent") != "" {
		percent := v.small("percent")
		t.Percent = &percent
	}
	if stop := (integration.Condition{Field: v.text("stop_if.field"), Op: v.text("stop_if.op"), Value: v.text("stop_if.value")}); stop.Field+stop.Value != "" {
		t.StopIf = &stop
	}
	f := views.TriggerForm{Base: v.number("base"), Trigger: t, Typed: v.typed}
	f.Problems = v.problems()
	return f
}

// unlessZero is nil for a group of fields of which none was filled in.
func unlessZero[T any](v T) *T {
	if reflect.ValueOf(v).IsZero() {
		return nil
	}
	return &v
}

// applyTriggerOp does what a button inside the form asks for without saving; it is false for others.
func applyTriggerOp(f *views.TriggerForm, op string) bool {
	if op == "change" {
		return true
	}
	row, ok := parseRowOp(op)
	if !ok || row.List != "condition" {
		return false
	}
	f.Focus = at("conditions", row.focus(len(f.Trigger.Conditions)), "field")
	f.Trigger.Conditions = applyRows(f.Trigger.Conditions, row, integration.Condition{Op: "="})
	return true
}
