package dispatch

import (
	"strconv"
	"testing"
	"time"

	"tieline/internal/integration"
	"tieline/internal/run"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) // a Monday

func sale() run.Event {
	return run.Event{
		ID: "e1", Type: "call.disposition_set", Customer: "acme", RecordID: "101", Payload: run.Payload{
			Record:  map[string]any{"status": "SALE", "first_name": "Front", "list_id": "7"},
			Call:    map[string]any{"call_type": "INBOUND", "length_in_sec": 73, "callback_at": "2026-11-24T09:00:00Z"},
			Options: map[string]any{"auto_create_ticket": true},
		},
	}
}

func on(t integration.Trigger) integration.Trigger {
	t.Kind, t.Event = "event", "call.disposition_set"
	return t
}

func when(field, op, value string) integration.Trigger {
	return on(integration.Trigger{Conditions: []integration.Condition{{Field: field, Op: op, Value: value}}})
}

func TestADecisionSaysWhyWithTheValues(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		trigger integration.Trigger
		facts   Facts
		reason  string
	}{
		{"nothing asked", on(integration.Trigger{}), Facts{}, ""},
		{"an alias of the event", integration.Trigger{Kind: "event", Event: "saveLogCRM"}, Facts{}, "it waits for call.ended, this is call.disposition_set"},
		{"off", on(integration.Trigger{Enabled: new(false)}), Facts{}, "the trigger is switched off"},
		{"another kind", integration.Trigger{Kind: "schedule", Cron: "@daily"}, Facts{}, "it is set off by a schedule, not by events"},
		{"equal", when("status", "=", "SALE"), Facts{}, ""},
		{"not equal", when("status", "=", "DNC"), Facts{}, "status is SALE, the condition wants DNC"},
		{"in", when("status", "in", "SALE, APPT"), Facts{}, ""},
		{"not in the list", when("call.call_type", "in", "OUTBOUND,MANUAL"), Facts{}, "call.call_type is INBOUND, the condition wants one of OUTBOUND,MANUAL"},
		{"missing", when("email", "=", "x"), Facts{}, "the event has no email, the condition wants x"},
		{"number", when("length_in_sec", ">=", "60"), Facts{}, ""},
		{"too short", when("length_in_sec", ">", "90"), Facts{}, "length_in_sec is 73, the condition wants > 90"},
		{"option", when("option.auto_create_ticket", "=", "true"), Facts{}, ""},
		{"event prefix", when("event.status", "is not empty", ""), Facts{}, ""},
		{"context", when("ctx.contact.id", "=", "501"), Facts{Context: map[string]any{"contact": map[string]any{"id": "501"}}}, ""},
		{"no context", when("ctx.contact.id", "=", "501"), Facts{}, "the event has no ctx.contact.id, the condition wants 501"},
		{"changed", when("status", "changed", ""), Facts{Earlier: map[string]any{"status": "NEW"}}, ""},
		{"seen for the first time", when("status", "changed", ""), Facts{}, ""},
		{"unchanged", when("status", "changed", ""), Facts{Earlier: map[string]any{"status": "SALE"}}, "status is SALE as before, the condition wants a change"},
		{"within", when("callback_at", "within", "1d"), Facts{}, ""},
		{"not within", when("callback_at", "within", "1h"), Facts{}, "callback_at is 2026-11-24T09:00:00Z, the condition wants a moment within 1h"},
		{"no moment", when("status", "within", "1h"), Facts{}, "status is SALE, which is no moment; the condition wants one within 1h"},
		{"scope", on(integration.Trigger{Scope: &integration.Scope{Lists: []string{"7"}, Customers: []string{"acme"}}}), Facts{}, ""},
		{"other list", on(integration.Trigger{Scope: &integration.Scope{Lists: []string{"8", "9"}}}), Facts{}, "list_id is 7, the scope wants one of the lists 8, 9"},
		{"no campaign", on(integration.Trigger{Scope: &integration.Scope{Campaigns: []string{"1"}}}), Facts{}, "the event has no campaign_id, the scope wants campaign 1"},
		{"other customer", on(integration.Trigger{Scope: &integration.Scope{Customers: []string{"other"}}}), Facts{}, "the customer is acme, the scope wants customer other"},
		{"none of them", on(integration.Trigger{Percent: new(0)}), Facts{}, "it acts on 0 % of the events, and this one was not picked"},
		{"the ninth", on(integration.Trigger{}), Facts{Runs: 8}, ""},
		{"the tenth", on(integration.Trigger{}), Facts{Runs: 9}, "this record had 9 runs in 3m0s already; more are taken for a loop"},
		{"own limit", on(integration.Trigger{Limit: &integration.Limit{Runs: 1, Seconds: 60}}), Facts{Runs: 1}, "this record had 1 runs in 1m0s already; more are taken for a loop"},
		{"pending", on(integration.Trigger{SkipIfPending: true}), Facts{Pending: true}, "a run for this record is waiting already"},
		{"live call", on(integration.Trigger{SkipIfLiveCall: true}), Facts{LiveCall: true}, "a call with this record is going on"},
		{"bad pattern", when("status", "matches", "("), Facts{}, `the condition on status cannot be applied: the pattern "(" is not a regular expression`},
	} {
		c.facts.Now = noon
		got := Decide(c.trigger, sale(), c.facts)
		if got.Reason != c.reason || got.Ran != (c.reason == "") {
			t.Errorf("%s: %+v, want %q", c.name, got, c.reason)
		}
	}
}

func TestARunWaitsForItsDelayAndThenForItsWindow(t *testing.T) {
	t.Parallel()
	office := &integration.Window{Days: []string{"mon", "tue", "wed", "thu", "fri"}, From: "09:00", To: "17:00"}
	night := &integration.Window{From: "22:00", To: "06:00"}
	for _, c := range []struct {
		name    string
		trigger integration.Trigger
		now     time.Time
		want    string // "" is at once
	}{
		{"at once", integration.Trigger{}, noon, ""},
		{"fixed", integration.Trigger{Delay: &integration.Delay{Fixed: "30m"}}, noon, "2026-11-23T12:30:00Z"},
		{"before a field", integration.Trigger{Delay: &integration.Delay{BeforeField: "callback_at 15m"}}, noon, "2026-11-24T08:45:00Z"},
		{"after a field", integration.Trigger{Delay: &integration.Delay{AfterField: "callback_at 1d"}}, noon, "2026-11-25T09:00:00Z"},
		{"inside the window", integration.Trigger{Window: office}, noon, ""},
		{"in the evening", integration.Trigger{Window: office}, noon.Add(6 * time.Hour), "2026-11-24T09:00:00Z"},
		{"on Friday evening", integration.Trigger{Window: office}, noon.AddDate(0, 0, 4).Add(6 * time.Hour), "2026-11-30T09:00:00Z"},
		{"its own zone", integration.Trigger{Window: office, TimeZone: "America/New_York"}, noon, "2026-11-23T09:00:00-05:00"},
		{"over midnight, after it", integration.Trigger{Window: night}, noon.Add(15 * time.Hour), ""},
		{"over midnight, by day", integration.Trigger{Window: night}, noon, "2026-11-23T22:00:00Z"},
		{"a delay that ends outside", integration.Trigger{Window: office, Delay: &integration.Delay{Fixed: "6h"}}, noon, "2026-11-24T09:00:00Z"},
	} {
		got := Decide(on(c.trigger), sale(), Facts{Now: c.now})
		due := ""
		if !got.DueAt.IsZero() {
			due = got.DueAt.Format(time.RFC3339)
		}
		if !got.Ran || due != c.want {
			t.Errorf("%s: %q (%+v), want %q", c.name, due, got, c.want)
		}
	}
}

func TestADelayThatCountsFromNothingIsARefusalWithItsReason(t *testing.T) {
	t.Parallel()
	got := Decide(on(integration.Trigger{Delay: &integration.Delay{AfterField: "due_date 1d"}}), sale(), Facts{Now: noon})
	if got.Ran || got.Reason != "the event has no due_date, which the delay counts from" {
		t.Errorf("%+v", got)
	}
}

func TestAShareOfTheEventsIsPickedAlwaysAlike(t *testing.T) {
	t.Parallel()
	picked := 0
	for n := range 1000 {
		e := sale()
		e.ID = "event-" + strconv.Itoa(n)
		first := Decide(on(integration.Trigger{Percent: new(30)}), e, Facts{Now: noon})
		if again := Decide(on(integration.Trigger{Percent: new(30)}), e, Facts{Now: noon}); again.Ran != first.Ran {
			t.Fatal("the same event was decided differently")
		}
		if first.Ran {
			picked++
		}
	}
	if picked < 250 || picked > 350 {
		t.Errorf("%d of 1000 for 30 %%", picked)
	}
}
