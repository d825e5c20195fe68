package views

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"tieline/internal/account"
	"tieline/internal/integration"
	"tieline/internal/run"
	"tieline/views/ui"
)

// TriggersView is the tab Triggers of an endpoint: its triggers, and a trial with an event.
type TriggersView struct {
	Integration string
	Endpoint    string
	Base        int64
	Triggers    []integration.Trigger
	Due         []time.Time // the next time of each, zero where it has none
	Event       string      // JSON, as typed or proposed
	Decisions   []run.Decision
	Tried       bool
	Problems    map[string]string
}

func (t TriggersView) fields() ui.Form { return ui.Form{Problems: t.Problems} }

// title is a trigger's name, or what sets it off.
func triggerTitle(t integration.Trigger) string {
	if t.Name != "" {
		return t.Name
	}
	return triggerCause(t)
}

// triggerCause says in a few words what sets a trigger off.
func triggerCause(t integration.Trigger) string {
	switch t.Kind {
	case "event":
		return t.Event
	case "schedule":
		return strings.TrimSpace(t.Cron + " " + t.TimeZone)
	case "endpoint":
		return "after " + t.Source + ", on " + orDefault(t.On, "success")
	}
	return t.Kind
}

// conditionText is a trigger's conditions in one line.
func conditionText(list []integration.Condition) string {
	parts := make([]string, 0, len(list))
	for _, c := range list {
		parts = append(parts, strings.TrimSpace(c.Field+" "+c.Op+" "+c.Value))
	}
	return strings.Join(parts, " and ")
}

// TriggerForm is one trigger as it stands in its form. At is -1 for a new one.
type TriggerForm struct {
	Integration string
	Endpoint    string
	At          int
	Base        int64
	Trigger     integration.Trigger
	Endpoints   []string // what a route may start from
	Typed       map[string]string
	Problems    map[string]string
	Due         []time.Time // the next times of a schedule
	Focus       string
	Conflict    *Conflict
}

// New tells whether the trigger was never saved.
func (f TriggerForm) New() bool { return f.At < 0 }

func (f TriggerForm) fields(p Page) ui.Form {
	return ui.Form{Problems: f.Problems, ReadOnly: !p.May(account.EditIntegrations)}
}

func (f TriggerForm) action(p Page) string {
	if f.New() {
		return p.To.NewTrigger(f.Integration, f.Endpoint)
	}
	return p.To.Trigger(f.Integration, f.Endpoint, f.At)
}

func (f TriggerForm) title() string {
	if f.New() {
		return "Add trigger"
	}
	return triggerTitle(f.Trigger)
}

func (f TriggerForm) crumbs(p Page) []ui.Crumb {
	return []ui.Crumb{
		{Label: "Integration", Href: p.To.Integrations()},
		{Label: f.Integration, Href: p.To.Integration(f.Integration, "endpoints")},
		{Label: f.Endpoint, Href: p.To.Endpoint(f.Integration, f.Endpoint, "triggers")},
	}
}

func (f TriggerForm) focus(key string) templ.Attributes {
	if key == f.Focus {
		return templ.Attributes{"autofocus": true}
	}
	return nil
}

func (f TriggerForm) onChange(p Page) templ.Attributes {
	return templ.Attributes{
		"hx-post": f.action(p), "hx-trigger": "change", "hx-vals": `{"op":"change"}`, "hx-target": "#trigger-form", "hx-swap": "outerMorph",
	}
}

func (f TriggerForm) askDelete(p Page) ui.Ask {
	return ui.Ask{
		ID: "ask-delete-trigger", Label: "Delete", Icon: ui.IconTrash2(), Kind: ui.Plain, Title: "Delete this trigger?",
		Text: f.Endpoint + " is not set off by it any more.", Href: p.To.Trigger(f.Integration, f.Endpoint, f.At) + "/delete",
		Fields: f.base(), Button: "Delete it",
	}
}

// number is a number field as typed, else as it stands; "" for zero.
func (f TriggerForm) number(key string, value int) string {
	if typed, ok := f.Typed[key]; ok {
		return typed
	}
	if value == 0 {
		return ""
	}
	return strconv.Itoa(value)
}

func (f TriggerForm) percent() string {
	if typed, ok := f.Typed["percent"]; ok {
		return typed
	}
	if f.Trigger.Percent == nil {
		return ""
	}
	return strconv.Itoa(*f.Trigger.Percent)
}

func (f TriggerForm) scope() integration.Scope   { return orZero(f.Trigger.Scope) }
func (f TriggerForm) window() integration.Window { return orZero(f.Trigger.Window) }
func (f TriggerForm) delay() integration.Delay   { return orZero(f.Trigger.Delay) }
func (f TriggerForm) limit() integration.Limit   { return orZero(f.Trigger.Limit) }
func (f TriggerForm) retry() integration.Retry   { return orZero(f.Trigger.Retry) }
func (f TriggerForm) stopIf() integration.Condition {
	return orZero(f.Trigger.StopIf)
}

func orZero[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

func (f TriggerForm) onDay(day string) bool { return slices.Contains(f.window().Days, day) }

// scoped, timed and careful tell whether a fold holds something, so that it stands open.
func (f TriggerForm) scoped() bool { return f.Trigger.Scope != nil || f.problemIn("scope.") }

func (f TriggerForm) timed() bool {
	return f.Trigger.Window != nil || f.Trigger.Delay != nil || f.problemIn("window.") || f.problemIn("delay")
}

func (f TriggerForm) careful() bool {
	t := f.Trigger
	return t.Percent != nil || t.Limit != nil || t.Retry != nil || t.StopIf != nil || t.SkipIfPending || t.SkipIfLiveCall || t.Waiting ||
		f.problemIn("percent") || f.problemIn("limit.") || f.problemIn("retry.") || f.problemIn("stop_if.") || f.problemIn("batch") || f.problemIn("position")
}

func (f TriggerForm) problemIn(prefix string) bool {
	for key := range f.Problems {
		if strings.HasPrefix(key, prefix) {
			return true
		}
	}
	return false
}

var triggerKinds = []ui.Option{
	{Value: "event", Label: "Event – something happened"},
	{Value: "schedule", Label: "Schedule – at set times"},
	{Value: "endpoint", Label: "Route – after another endpoint"},
	{Value: "webhook", Label: "Webhook – another system posts"},
	{Value: "button", Label: "Button – an agent presses it"},
}

var routeWhens = []ui.Option{
	{Value: "success", Label: "It succeeded"}, {Value: "failure", Label: "It failed"}, {Value: "record", Label: "For each record it gave"},
}

var missedOptions = []ui.Option{{Value: "once", Label: "Run once when it can"}, {Value: "skip", Label: "Skip it"}}

// operators are the operators of a condition in the words of the form.
func operators(chosen string) []ui.Option {
	var options []ui.Option
	for _, op := range append(integration.Ops(), "within") {
		options = append(options, ui.Option{Value: op, Label: op})
	}
	return with(options, orDefault(chosen, "="))
}

func dayLabel(day string) string { return strings.ToUpper(day[:1]) + day[1:] }
