// Package dispatch decides what an event sets off. Every trigger that is considered gets a decision: that it runs, and
// when, or the reason why not, with the values that decided it.
package dispatch

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"tieline/internal/integration"
	"tieline/internal/run"
)

// Facts are what a decision needs besides the event. Earlier has the values of the last event of the same record;
// Context what earlier runs of the same call left; Runs counts the record's runs by this trigger within its limit.
type Facts struct {
	Now      time.Time
	Earlier  map[string]any
	Context  map[string]any
	Runs     int
	Pending  bool      // a run of the endpoint waits for the same record
	LiveCall bool      // a call with the record is going on
	LastCall time.Time // when the last call with the record ended; zero: there was none
}

// defaultLimit is the guard of a trigger that names none: more than 9 runs of one record in 3 minutes are a loop.
var defaultLimit = integration.Limit{Runs: 9, Seconds: 180}

// LimitOf is the guard in force.
func LimitOf(t integration.Trigger) integration.Limit {
	if t.Limit != nil {
		return *t.Limit
	}
	return defaultLimit
}

// Decide tells whether a trigger of kind event runs at an event. What does not run has a reason that names the field
// and its value. A run that has to wait says until when.
func Decide(t integration.Trigger, e run.Event, facts Facts) run.Decision {
	d := run.Decision{Trigger: title(t)}
	v := view{event: values(e), facts: facts, payload: e.Payload}
	for _, why := range []func() string{
		func() string { return off(t, e) },
		func() string { return outOfScope(t.Scope, e, v) },
		func() string { return v.unmet(t.Conditions) },
		func() string { return unlucky(t, e) },
		func() string { return guarded(t, facts) },
	} {
		if d.Reason = why(); d.Reason != "" {
			return d
		}
	}
	due, problem := v.due(t)
	if problem != "" {
		d.Reason = problem
		return d
	}
	d.Ran = true
	if due.After(facts.Now) {
		d.DueAt = due
	}
	return d
}

func title(t integration.Trigger) string {
	if t.Name != "" {
		return t.Name
	}
	return t.Event
}

func off(t integration.Trigger, e run.Event) string {
	switch {
	case !integration.On(t.Enabled):
		return "the trigger is switched off"
	case t.Kind != "event":
		return "it is set off by a " + t.Kind + ", not by events"
	case integration.EventType(t.Event) != e.Type:
		return "it waits for " + integration.EventType(t.Event) + ", this is " + e.Type
	}
	return ""
}

func outOfScope(s *integration.Scope, e run.Event, v view) string {
	if s == nil {
		return ""
	}
	for _, one := range []struct {
		what, field string
		allowed     []string
	}{
		{"campaign", "campaign_id", s.Campaigns},
		{"list", "list_id", s.Lists},
		{"queue", "queue_id", s.Queues},
		{"inbound number", "inbound_number", s.Numbers},
		{"e-mail template", "email_template_id", s.Templates},
	} {
		if len(one.allowed) == 0 {
			continue
		}
		got, there := v.text(one.field)
		if !there {
			return "the event has no " + one.field + ", the scope wants " + oneOf(one.what, one.allowed)
		}
		if !slices.Contains(one.allowed, got) {
			return one.field + " is " + shown(got) + ", the scope wants " + oneOf(one.what, one.allowed)
		}
	}
	if len(s.Customers) > 0 && !slices.Contains(s.Customers, e.Customer) {
		return "the customer is " + e.Customer + ", the scope wants " + oneOf("customer", s.Customers)
	}
	return ""
}

func oneOf(what string, allowed []string) string {
	if len(allowed) == 1 {
		return what + " " + allowed[0]
	}
	return "one of the " + what + "s " + strings.Join(allowed, ", ")
}

// unlucky picks a share of the events. The same event and trigger are always picked alike.
func unlucky(t integration.Trigger, e run.Event) string {
	if t.Percent == nil || *t.Percent == 100 {
		return ""
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(e.ID + "\x00" + t.Name + "\x00" + t.Event))
	if int(h.Sum32()%100) < *t.Percent {
		return ""
	}
	return fmt.Sprintf("it acts on %d %% of the events, and this one was not picked", *t.Percent)
}

func guarded(t integration.Trigger, facts Facts) string {
	limit := LimitOf(t)
	switch {
	case facts.Runs >= limit.Runs:
		return fmt.Sprintf("this record had %d runs in %s already; more are taken for a loop", facts.Runs, time.Duration(limit.Seconds)*time.Second)
	case t.SkipIfPending && facts.Pending:
		return "a run for this record is waiting already"
	case t.SkipIfLiveCall && facts.LiveCall:
		return "a call with this record is going on"
	}
	return ""
}
