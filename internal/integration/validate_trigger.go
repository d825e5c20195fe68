package integration

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"tieline/internal/fault"
)

// TriggerKinds are what may set an endpoint off.
func TriggerKinds() []string { return []string{"event", "schedule", "webhook", "endpoint", "button"} }

// Days are the days of a window, as documents write them.
func Days() []string { return []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} }

var (
	customEvent = regexp.MustCompile(`^custom\.[A-Za-z0-9_.-]{1,100}$`)
	zoneForm    = regexp.MustCompile(`^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+){0,2}$`)
	clockForm   = regexp.MustCompile(`^([01][0-9]|2[0-3]):[0-5][0-9]$`)
)

const durationRule = "A time such as 90s, 30m, 2h or 3d, at most 366d."

func (e Endpoint) validateTriggers(f *fault.Fields) {
	if len(e.Triggers) > maxTriggers {
		f.Add("triggers", "At most 50 triggers.")
		return
	}
	for i, t := range e.Triggers {
		f.Under("triggers."+strconv.Itoa(i), t.Validate())
	}
}

// Validate says everything that is wrong with a trigger as it is written. Whether its source exists is for whoever
// knows the other integrations.
func (t Trigger) Validate() error {
	var f fault.Fields
	line(&f, "name", t.Name, "The name", maxLabel)
	if !slices.Contains(TriggerKinds(), t.Kind) {
		f.Add("kind", Choose(TriggerKinds()))
	}
	t.validateEvent(&f)
	t.validateRoute(&f)
	t.validateSchedule(&f)
	t.Scope.validate(&f)
	t.Window.validate(&f)
	t.Delay.validate(&f)
	t.validateNumbers(&f)
	if t.Output != "" && !nameForm.MatchString(t.Output) {
		f.Add("output", nameRule)
	}
	if len(t.Conditions) > maxRows {
		f.Add("conditions", "At most 100 conditions.")
		return f.Err()
	}
	for i, c := range t.Conditions {
		f.Under("conditions."+strconv.Itoa(i), c.Validate())
	}
	if t.StopIf != nil {
		f.Under("stop_if", t.StopIf.Validate())
	}
	return f.Err()
}

func (t Trigger) validateEvent(f *fault.Fields) {
	switch {
	case t.Event == "" && t.Kind == "event":
		f.Add("event", "Choose an event, for example call.ended.")
	case t.Event == "":
	case !KnownEvent(t.Event):
		f.Add("event", "There is no such event; your own begin with custom.")
	}
}

func (t Trigger) validateRoute(f *fault.Fields) {
	line(f, "source", t.Source, "The source", 200)
	if t.Kind == "endpoint" && t.Source == "" {
		f.Add("source", "Name the endpoint whose runs set this one off.")
	}
	oneOf(f, "on", t.On, []string{"success", "failure", "record"})
	line(f, "split", t.Split, "The path", maxPath)
}

func (t Trigger) validateSchedule(f *fault.Fields) {
	oneOf(f, "missed", t.Missed, []string{"once", "skip"})
	if t.TimeZone != "" {
		_, err := time.LoadLocation(t.TimeZone)
		if err != nil || len(t.TimeZone) > 64 || t.TimeZone == "Local" || !zoneForm.MatchString(t.TimeZone) {
			f.Add("time_zone", "A time zone looks like Europe/Amsterdam.")
			return
		}
	}
	if t.Cron == "" && t.Kind != "schedule" {
		return
	}
	switch due, err := t.Due(time.Unix(0, 0), 1); {
	case strings.HasPrefix(t.Cron, "@every") && err != nil:
		f.Add("cron", "Write @every and a time of at least 10s, for example @every 5m.")
	case err != nil || len(t.Cron) > 120:
		f.Add("cron", "Five fields such as */5 * * * *, or @every 5m.")
	case len(due) == 0:
		f.Add("cron", "This never comes.")
	}
}

func (t Trigger) validateNumbers(f *fault.Fields) {
	if t.Percent != nil && (*t.Percent < 0 || *t.Percent > 100) {
		f.Add("percent", "0 to 100.")
	}
	if t.Limit != nil {
		if t.Limit.Runs < 1 || t.Limit.Runs > 10_000 {
			f.Add("limit.runs", "1 to 10000.")
		}
		if t.Limit.Seconds < 1 || t.Limit.Seconds > 86_400 {
			f.Add("limit.seconds", "1 to 86400 seconds (a day).")
		}
	}
	if t.Retry != nil {
		if t.Retry.Attempts < 0 || t.Retry.Attempts > 10 {
			f.Add("retry.attempts", "0 to 10 repeats.")
		}
		if t.Retry.IntervalS < 1 || t.Retry.IntervalS > 21_600 {
			f.Add("retry.interval_s", "1 to 21600 seconds (360 minutes).")
		}
	}
	if t.Batch < 0 || t.Batch > 10_000 {
		f.Add("batch", "0 to 10000 records.")
	}
	if t.Position < 0 || t.Position > 10_000 {
		f.Add("position", "0 to 10000.")
	}
}

func (s *Scope) validate(f *fault.Fields) {
	if s == nil {
		return
	}
	for name, list := range map[string][]string{
		"customers": s.Customers, "campaigns": s.Campaigns, "lists": s.Lists, "queues": s.Queues, "numbers": s.Numbers, "templates": s.Templates,
	} {
		if len(list) > 1000 {
			f.Add("scope."+name, "At most 1000 of them.")
			continue
		}
		for i, one := range list {
			at := "scope." + name + "." + strconv.Itoa(i)
			if strings.TrimSpace(one) == "" {
				f.Add(at, "Fill this in, or delete it.")
			}
			line(f, at, one, "The value", 200)
		}
	}
}

func (w *Window) validate(f *fault.Fields) {
	if w == nil {
		return
	}
	for i, day := range w.Days {
		if !slices.Contains(Days(), day) {
			f.Add("window.days."+strconv.Itoa(i), Choose(Days()))
		}
	}
	for name, clock := range map[string]string{"from": w.From, "to": w.To} {
		if clock != "" && !clockForm.MatchString(clock) {
			f.Add("window."+name, "A time of day such as 09:00.")
		}
	}
	if w.From != "" && w.From == w.To {
		f.Add("window.to", "A window that ends when it begins is never open.")
	}
}

func (d *Delay) validate(f *fault.Fields) {
	if d == nil {
		return
	}
	set := 0
	check := func(name, text string, named bool) {
		if text == "" {
			return
		}
		set++
		switch field, length, ok := strings.Cut(text, " "); {
		case named && (!ok || field == ""):
			f.Add("delay."+name, "A field and a time, for example callback_at 15m.")
		case named:
			text = length
		}
		if _, ok := Duration(text); !ok {
			f.Add("delay."+name, durationRule)
		}
	}
	check("fixed", d.Fixed, false)
	check("after_last_call", d.AfterLastCall, false)
	check("before_field", d.BeforeField, true)
	check("after_field", d.AfterField, true)
	if set > 1 {
		f.Add("delay", "Choose one kind of delay.")
	}
}

// Validate says everything that is wrong with a condition.
func (c Condition) Validate() error {
	var f fault.Fields
	if rowName(Row{Name: c.Field}) != "" {
		f.Add("field", "Name the field to compare.")
	}
	line(&f, "value", c.Value, "The value", maxPath)
	switch {
	case c.Op == "within":
		if _, ok := Duration(c.Value); !ok {
			f.Add("value", durationRule)
		}
	case c.Op == "changed":
		if c.Value != "" {
			f.Add("value", "This operator compares with nothing; leave the value empty.")
		}
	case !slices.Contains(Ops(), c.Op):
		f.Add("op", Choose(append(Ops(), "within")))
	default:
		rule := Success{Path: "x", Op: c.Op, Value: c.Value}
		if err := rule.Validate(); err != nil {
			f.Under("", err)
		}
	}
	return f.Err()
}
