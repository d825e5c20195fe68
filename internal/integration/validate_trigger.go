package integration

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"tieline/internal/fault"
)

// TriggerKinds are what may set an endpoint off.
func TriggerKinds() []string { return []string{"event", "schedule", "webhook", "endpoint", "button"} }

// EventTypes are the events that may happen; besides them there is custom.* for the installation's own.
func EventTypes() []string {
	return []string{
		"call.started", "call.connected", "call.ended", "call.disposition_set", "call.redispositioned",
		"call.callback_scheduled", "lead.created", "lead.saved", "lead.deleted", "lead.status_changed",
		"lead.hopper_expired", "sms.sent", "email.opened", "ticket.create", "contact.create", "invoice.viewed",
		"portal.login", "record.received", "button.pressed",
	}
}

// eventAliases are older names of events, which mean the same.
func eventAliases() []string {
	return []string{
		"getDataIframe", "savePreLogCRM", "saveLogCRM", "createSMSNote", "handleCreateTicket",
		"handleCreateContact", "GetInvoiceImage", "LoginWithToken",
	}
}

var (
	customEvent = regexp.MustCompile(`^custom\.[A-Za-z0-9_.-]{1,100}$`)
	cronForm    = regexp.MustCompile(`^(@[a-z]+( [0-9a-z]+)?|\S+( +\S+){4})$`)
	zoneForm    = regexp.MustCompile(`^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+){0,2}$`)
)

func (e Endpoint) validateTriggers(f *fault.Fields) {
	if len(e.Triggers) > maxTriggers {
		f.Add("triggers", "At most 50 triggers.")
		return
	}
	for i, t := range e.Triggers {
		f.Under("triggers."+strconv.Itoa(i), t.Validate())
	}
}

// Validate says everything that is wrong with a trigger as it is written; it is kept, not run, by this version.
func (t Trigger) Validate() error {
	var f fault.Fields
	line(&f, "name", t.Name, "The name", maxLabel)
	if !slices.Contains(TriggerKinds(), t.Kind) {
		f.Add("kind", Choose(TriggerKinds()))
	}
	switch {
	case t.Event == "" && t.Kind == "event":
		f.Add("event", "Choose an event, for example call.ended.")
	case t.Event != "" && !slices.Contains(EventTypes(), t.Event) && !slices.Contains(eventAliases(), t.Event) && !customEvent.MatchString(t.Event):
		f.Add("event", "There is no such event; your own begin with custom.")
	}
	line(&f, "source", t.Source, "The source", 200)
	oneOf(&f, "on", t.On, []string{"success", "failure", "record"})
	line(&f, "split", t.Split, "The path", maxPath)
	line(&f, "cron", t.Cron, "The schedule", 120)
	if t.Kind == "schedule" && t.Cron == "" || t.Cron != "" && !cronForm.MatchString(strings.TrimSpace(t.Cron)) {
		f.Add("cron", "Five fields such as */5 * * * *, or @every 5m.")
	}
	if t.TimeZone != "" && (len(t.TimeZone) > 64 || !zoneForm.MatchString(t.TimeZone)) {
		f.Add("time_zone", "A time zone looks like Europe/Amsterdam.")
	}
	if t.Output != "" && !nameForm.MatchString(t.Output) {
		f.Add("output", nameRule)
	}
	if t.Position < 0 || t.Position > 10_000 {
		f.Add("position", "0 to 10000.")
	}
	if scope := bytes.TrimSpace(t.Scope); len(scope) > 0 && (!json.Valid(scope) || scope[0] != '{' || len(scope) > maxValue) {
		f.Add("scope", "Expected an object with customers, campaigns, lists, queues, numbers or templates.")
	}
	t.validateConditions(&f)
	return f.Err()
}

func (t Trigger) validateConditions(f *fault.Fields) {
	if len(t.Conditions) > maxRows {
		f.Add("conditions", "At most 100 conditions.")
		return
	}
	for i, c := range t.Conditions {
		at := "conditions." + strconv.Itoa(i)
		if problem := rowName(Row{Name: c.Field}); problem != "" {
			f.Add(at+".field", "Name the field to compare.")
		}
		if !slices.Contains(Ops(), c.Op) && c.Op != "within" {
			f.Add(at+".op", Choose(append(Ops(), "within")))
		}
		line(f, at+".value", c.Value, "The value", maxPath)
	}
}
