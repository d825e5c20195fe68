package control

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"tieline/internal/account"
	"tieline/internal/fault"
	"tieline/internal/integration"
)

// SaveMapping adds a mapping (was is empty) or replaces the one that was called so; the endpoints that use it
// follow a new name. base is the revision the change was made from: it is a conflict only when somebody else
// changed the same mapping meanwhile. Problems are keyed within the mapping ("rows.1.to").
func (p *Plane) SaveMapping(ctx context.Context, who account.Actor, name string, base int64, was string, m integration.Mapping) (Saved, error) {
	var at int
	saved, err := p.edit(ctx, who, name, func(d *draft) error {
		if _, exists := d.next.Mapping(m.Name); exists && m.Name != was {
			at = 0
			return fault.At("mappings.0.name", "Another mapping has this name.")
		}
		if was == "" {
			at = len(d.next.Mappings)
			d.next.Mappings = append(d.next.Mappings, m)
			d.what = done{action: "create", subject: "mapping", name: name + "/" + m.Name}
			return nil
		}
		change := part[integration.Mapping]{"mapping", base, was, m, integration.Integration.Mapping}
		if err := change.unmoved(ctx, p, who, d); err != nil {
			return err
		}
		at = mappingAt(d.next, was)
		d.next.Mappings[at] = m
		for i := range d.next.Endpoints {
			if d.next.Endpoints[i].Mapping == was {
				d.next.Endpoints[i].Mapping = m.Name
			}
		}
		d.what = done{action: "update", subject: "mapping", name: name + "/" + m.Name}
		return nil
	})
	prefix := "mappings." + strconv.Itoa(at) + "."
	saved.Warnings = within(saved.Warnings, prefix)
	return saved, unprefixed(err, prefix)
}

func mappingAt(in integration.Integration, name string) int {
	return slices.IndexFunc(in.Mappings, func(m integration.Mapping) bool { return m.Name == name })
}

func noMapping(name string) error {
	return fault.New(fault.NotFound, "There is no mapping "+strconv.Quote(name)+".")
}

// DeleteMapping removes a mapping that no endpoint uses; else the error names the uses.
func (p *Plane) DeleteMapping(ctx context.Context, who account.Actor, name, mapping string) (Saved, error) {
	return p.edit(ctx, who, name, func(d *draft) error {
		at := mappingAt(d.next, mapping)
		if at < 0 {
			return noMapping(mapping)
		}
		if uses := d.next.MappingUses(mapping); len(uses) > 0 {
			return fault.New(fault.Conflict, "The mapping "+mapping+" is used by "+strings.Join(uses, ", ")+". Choose another mapping there first.")
		}
		d.next.Mappings = slices.Delete(d.next.Mappings, at, at+1)
		d.what = done{action: "delete", subject: "mapping", name: name + "/" + mapping}
		return nil
	})
}

// DuplicateMapping adds a copy of a mapping under a name of its own, and gives that name.
func (p *Plane) DuplicateMapping(ctx context.Context, who account.Actor, name, mapping string) (string, error) {
	var as string
	_, err := p.edit(ctx, who, name, func(d *draft) error {
		at := mappingAt(d.next, mapping)
		if at < 0 {
			return noMapping(mapping)
		}
		m := d.next.Mappings[at]
		for n := 1; ; n++ {
			as = m.Name[:min(len(m.Name), 50)] + "-copy"
			if n > 1 {
				as += strconv.Itoa(n)
			}
			if _, taken := d.next.Mapping(as); !taken {
				break
			}
		}
		m.Name = as
		d.next.Mappings = slices.Insert(d.next.Mappings, at+1, m)
		d.what = done{action: "create", subject: "mapping", name: name + "/" + as}
		return nil
	})
	return as, err
}

// RestoreMapping makes a mapping what it was at an older revision.
func (p *Plane) RestoreMapping(ctx context.Context, who account.Actor, name string, revision int64, mapping string) (Saved, error) {
	return p.edit(ctx, who, name, func(d *draft) error {
		old, err := p.db.Revision(ctx, who.Scope, d.stored.ID, revision)
		if err != nil {
			return err
		}
		m, ok := old.Document.Mapping(mapping)
		if !ok {
			return fault.New(fault.NotFound, "That revision has no mapping "+strconv.Quote(mapping)+".")
		}
		if at := mappingAt(d.next, mapping); at >= 0 {
			d.next.Mappings[at] = m
		} else {
			d.next.Mappings = append(d.next.Mappings, m)
		}
		d.what = done{action: "restore", subject: "mapping", name: name + "/" + mapping}
		return nil
	})
}
