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
		if err := p.unmoved(ctx, who, d, base, was, e); err != nil {
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

// unmoved is a conflict when an endpoint is not any more what it was at the base revision.
func (p *Plane) unmoved(ctx context.Context, who account.Actor, d *draft, base int64, was string, mine integration.Endpoint) error {
	theirs, exists := d.stored.Document.Endpoint(was)
	old, err := p.baseOf(ctx, who, d.stored, base)
	if err != nil {
		return err
	}
	before, known := old.Endpoint(was)
	switch {
	case !exists && known && base != 0 && base != d.stored.Revision:
		return fault.New(fault.Conflict, "Somebody else deleted or renamed the endpoint "+was+" meanwhile.")
	case !exists:
		return fault.New(fault.NotFound, "There is no endpoint "+strconv.Quote(was)+".")
	case known && !same(before, theirs) && !same(mine, theirs):
		return &ConflictError{What: "this endpoint", Base: before, Mine: mine, Theirs: theirs, Revision: d.stored.Revision}
	case !known && !same(mine, theirs):
		return &ConflictError{What: "this endpoint", Mine: mine, Theirs: theirs, Revision: d.stored.Revision}
	}
	return nil
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
