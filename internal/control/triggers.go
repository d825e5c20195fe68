package control

import (
	"context"
	"slices"
	"strconv"

	"tieline/internal/account"
	"tieline/internal/dispatch"
	"tieline/internal/fault"
	"tieline/internal/integration"
	"tieline/internal/run"
)

// SaveTrigger adds a trigger to an endpoint (at is -1) or replaces the one at a place. base is the revision that the
// change was made from: when somebody else changed the same trigger meanwhile, it is a conflict. Problems are keyed
// within the trigger ("cron", "conditions.0.value").
func (p *Plane) SaveTrigger(ctx context.Context, who account.Actor, name, endpoint string, base int64, at int, t integration.Trigger) (Saved, error) {
	prefix := ""
	saved, err := p.edit(ctx, who, name, func(d *draft) error {
		e, where, err := triggered(d, endpoint)
		if err != nil {
			return err
		}
		action := "update"
		if at < 0 {
			action = "create"
			e.Triggers = append(e.Triggers, t)
		} else {
			if err := p.sameTrigger(ctx, who, d, base, endpoint, at, t); err != nil {
				return err
			}
			e.Triggers[at] = t
		}
		place := at
		if place < 0 {
			place = len(e.Triggers) - 1
		}
		prefix = "endpoints." + strconv.Itoa(where) + ".triggers." + strconv.Itoa(place) + "."
		d.what = done{action: action, subject: "trigger", name: name + "/" + endpoint}
		return nil
	})
	saved.Warnings = within(saved.Warnings, prefix)
	return saved, unprefixed(err, prefix)
}

// DeleteTrigger removes the trigger at a place of an endpoint; base as in SaveTrigger.
func (p *Plane) DeleteTrigger(ctx context.Context, who account.Actor, name, endpoint string, base int64, at int) (Saved, error) {
	return p.edit(ctx, who, name, func(d *draft) error {
		e, _, err := triggered(d, endpoint)
		if err != nil {
			return err
		}
		if err := p.sameTrigger(ctx, who, d, base, endpoint, at, integration.Trigger{}); err != nil {
			return err
		}
		e.Triggers = slices.Delete(e.Triggers, at, at+1)
		d.what = done{action: "delete", subject: "trigger", name: name + "/" + endpoint}
		return nil
	})
}

// triggered is the endpoint of a draft whose triggers change, with a list of its own.
func triggered(d *draft, endpoint string) (*integration.Endpoint, int, error) {
	where := position(d.next, endpoint)
	if where < 0 {
		return nil, 0, fault.New(fault.NotFound, "There is no endpoint "+strconv.Quote(endpoint)+".")
	}
	e := &d.next.Endpoints[where]
	e.Triggers = slices.Clone(e.Triggers)
	return e, where, nil
}

// sameTrigger is a conflict when the trigger at a place is not any more what it was at the base revision.
func (p *Plane) sameTrigger(ctx context.Context, who account.Actor, d *draft, base int64, endpoint string, at int, mine integration.Trigger) error {
	theirs, err := triggerAt(d.stored.Document, endpoint, at)
	if err != nil {
		return err
	}
	old, err := p.baseOf(ctx, who, d.stored, base)
	if err != nil {
		return err
	}
	before, err := triggerAt(old, endpoint, at)
	if err != nil || !same(before, theirs) {
		return &ConflictError{What: "this trigger", Base: before, Mine: mine, Theirs: theirs, Revision: d.stored.Revision}
	}
	return nil
}

func triggerAt(in integration.Integration, endpoint string, at int) (integration.Trigger, error) {
	e, ok := in.Endpoint(endpoint)
	if !ok || at < 0 || at >= len(e.Triggers) {
		return integration.Trigger{}, fault.New(fault.NotFound, "There is no such trigger.")
	}
	return e.Triggers[at], nil
}

// TryEvent tells for every trigger of an integration whether it would run at an event, and why not. Nothing runs and
// nothing is kept. What only the past can tell (how often the record ran, what changed) counts as never seen.
func (p *Plane) TryEvent(ctx context.Context, who account.Actor, name string, e run.Event) ([]run.Decision, error) {
	if err := who.May(account.View); err != nil {
		return nil, err
	}
	stored, err := p.db.Integration(ctx, who.Scope, name)
	if err != nil {
		return nil, err
	}
	var decisions []run.Decision
	for _, endpoint := range stored.Document.Endpoints {
		for _, t := range endpoint.Triggers {
			d := dispatch.Decide(t, e, dispatch.Facts{Now: p.now()})
			d.Integration, d.Endpoint = name, endpoint.Name
			switch {
			case !integration.On(stored.Document.Enabled):
				d = refused(d, "the integration is switched off")
			case !integration.On(endpoint.Enabled):
				d = refused(d, "the endpoint is switched off")
			}
			decisions = append(decisions, d)
		}
	}
	return decisions, nil
}

func refused(d run.Decision, why string) run.Decision {
	d.Ran, d.Reason = false, why
	return d
}
