package control

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"tieline/internal/account"
	"tieline/internal/fault"
	"tieline/internal/integration"
	"tieline/internal/run"
)

// SaveEndpoint adds an endpoint (was is empty) or replaces the one that was called so. base is the revision
// the change was made from: it is a conflict only when somebody else changed the same endpoint meanwhile.
// Problems are keyed within the endpoint ("url", "headers.1.value").
func (p *Plane) SaveEndpoint(ctx context.Context, who account.Actor, name string, base int64, was string, e integration.Endpoint) (Saved, error) {
	var at int
	saved, err := p.edit(ctx, who, name, func(d *draft) error {
		if _, exists := d.next.Endpoint(e.Name); exists && e.Name != was {
			at = 0
			return fault.At("endpoints.0.name", "Another endpoint has this name.")
		}
		if was == "" {
			at = len(d.next.Endpoints)
			d.next.Endpoints = append(d.next.Endpoints, e)
			d.what = done{action: "create", subject: "endpoint", name: name + "/" + e.Name}
			return nil
		}
		change := part[integration.Endpoint]{"endpoint", base, was, e, integration.Integration.Endpoint}
		if err := change.unmoved(ctx, p, who, d); err != nil {
			return err
		}
		at = position(d.next, was)
		d.next.Endpoints[at] = e
		renamed(d, was, e.Name)
		d.what = done{action: "update", subject: "endpoint", name: name + "/" + e.Name}
		return nil
	})
	prefix := "endpoints." + strconv.Itoa(at) + "."
	saved.Warnings = within(saved.Warnings, prefix)
	return saved, unprefixed(err, prefix)
}

func position(in integration.Integration, name string) int {
	return slices.IndexFunc(in.Endpoints, func(e integration.Endpoint) bool { return e.Name == name })
}

// part is a change to one named part of an integration, made from its base revision: what the part was called,
// what it becomes, and how to find it.
type part[T any] struct {
	noun string
	base int64
	was  string
	mine T
	find func(integration.Integration, string) (T, bool)
}

// unmoved is a conflict when the part is not any more what it was at the base revision.
func (c part[T]) unmoved(ctx context.Context, p *Plane, who account.Actor, d *draft) error {
	theirs, exists := c.find(d.stored.Document, c.was)
	old, err := p.baseOf(ctx, who, d.stored, c.base)
	if err != nil {
		return err
	}
	before, known := c.find(old, c.was)
	switch {
	case !exists && known && c.base != 0 && c.base != d.stored.Revision:
		return fault.New(fault.Conflict, "Somebody else deleted or renamed the "+c.noun+" "+c.was+" meanwhile.")
	case !exists:
		return fault.New(fault.NotFound, "There is no "+c.noun+" "+strconv.Quote(c.was)+".")
	case same(c.mine, theirs), known && same(before, theirs):
		return nil
	}
	clash := &ConflictError{What: "this " + c.noun, Mine: c.mine, Theirs: theirs, Revision: d.stored.Revision}
	if known {
		clash.Base = before
	}
	return clash
}

// renamed carries a new name to where other endpoints name this one.
func renamed(d *draft, was, now string) {
	if was == now {
		return
	}
	d.renames = map[string]string{was: now}
	for i := range d.next.Endpoints {
		e := &d.next.Endpoints[i]
		if e.Lookup == was {
			e.Lookup = now
		}
		for j := range e.Triggers {
			if e.Triggers[j].Source == was {
				e.Triggers[j].Source = now
			}
		}
	}
}

// within are the warnings of one endpoint, keyed within it.
func within(warnings []run.Problem, prefix string) []run.Problem {
	var mine []run.Problem
	for _, w := range warnings {
		if rest, ok := strings.CutPrefix(w.Field, prefix); ok {
			w.Field = rest
			mine = append(mine, w)
		}
	}
	return mine
}

// unprefixed keys the problems of one endpoint within it.
func unprefixed(err error, prefix string) error {
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || len(f.Problems) == 0 {
		return err
	}
	cut := *f
	cut.Problems = slices.Clone(f.Problems)
	for i := range cut.Problems {
		cut.Problems[i].Field = strings.TrimPrefix(cut.Problems[i].Field, prefix)
	}
	return &cut
}

// endpoint edits one endpoint that must be there.
func (p *Plane) endpoint(ctx context.Context, who account.Actor, name, endpoint, action string, work func(d *draft, at int)) (Saved, error) {
	return p.edit(ctx, who, name, func(d *draft) error {
		at := position(d.next, endpoint)
		if at < 0 {
			return fault.New(fault.NotFound, "There is no endpoint "+strconv.Quote(endpoint)+".")
		}
		d.what = done{action: action, subject: "endpoint", name: name + "/" + endpoint}
		work(d, at)
		return nil
	})
}

// DeleteEndpoint removes an endpoint; its runs stay. One that another endpoint names as its look-up is kept.
func (p *Plane) DeleteEndpoint(ctx context.Context, who account.Actor, name, endpoint string) (Saved, error) {
	return p.endpoint(ctx, who, name, endpoint, "delete", func(d *draft, at int) {
		d.next.Endpoints = slices.Delete(d.next.Endpoints, at, at+1)
	})
}

// MoveEndpoint puts an endpoint at a place of the list, counted from 0; places outside are the ends.
func (p *Plane) MoveEndpoint(ctx context.Context, who account.Actor, name, endpoint string, to int) (Saved, error) {
	return p.endpoint(ctx, who, name, endpoint, "move", func(d *draft, at int) {
		e := d.next.Endpoints[at]
		rest := slices.Delete(d.next.Endpoints, at, at+1)
		d.next.Endpoints = slices.Insert(rest, min(max(to, 0), len(rest)), e)
	})
}

// EnableEndpoint switches an endpoint on or off.
func (p *Plane) EnableEndpoint(ctx context.Context, who account.Actor, name, endpoint string, on bool) (Saved, error) {
	return p.endpoint(ctx, who, name, endpoint, switched(on), func(d *draft, at int) {
		if integration.On(d.next.Endpoints[at].Enabled) != on {
			d.next.Endpoints[at].Enabled = integration.Switch(on)
		}
	})
}

// RestoreRevision makes an older revision the newest again: the whole of it, or one endpoint as it was then.
func (p *Plane) RestoreRevision(ctx context.Context, who account.Actor, name string, revision int64, endpoint string) (Saved, error) {
	return p.edit(ctx, who, name, func(d *draft) error {
		old, err := p.db.Revision(ctx, who.Scope, d.stored.ID, revision)
		if err != nil {
			return err
		}
		if endpoint == "" {
			d.next = clone(old.Document)
			d.what = done{action: "restore", subject: "integration", name: name}
			return p.sealNew(ctx, d)
		}
		e, ok := old.Document.Endpoint(endpoint)
		if !ok {
			return fault.New(fault.NotFound, "That revision has no endpoint "+strconv.Quote(endpoint)+".")
		}
		if at := position(d.next, endpoint); at >= 0 {
			d.next.Endpoints[at] = e
		} else {
			d.next.Endpoints = append(d.next.Endpoints, e)
		}
		d.what = done{action: "restore", subject: "endpoint", name: name + "/" + endpoint}
		return nil
	})
}
