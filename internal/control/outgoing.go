package control

import (
	"context"
	"strings"

	"tieline/db"
	"tieline/internal/account"
	"tieline/internal/audit"
	"tieline/internal/fault"
	"tieline/internal/id"
	"tieline/internal/outbound"
)

func entryDone(action string, e account.AllowEntry) done {
	what := done{action: action, subject: "outgoing address", subjectID: e.ID, name: e.Target, customerID: e.CustomerID}
	if action == "create" {
		what.fields = []audit.Field{{Path: "target", After: e.Target}, {Path: "ports", After: e.Ports}, {Path: "reason", After: e.Reason}}
	} else {
		what.fields = []audit.Field{{Path: "target", Before: e.Target}, {Path: "ports", Before: e.Ports}, {Path: "reason", Before: e.Reason}}
	}
	return what
}

// AllowAddress lets one customer's calls reach an address that is refused by default. Only owners may. What
// must never be reached is refused at the field "target".
func (p *Plane) AllowAddress(ctx context.Context, who account.Actor, in account.AllowEntry) (account.AllowEntry, error) {
	if err := who.May(account.ManageOutbound); err != nil {
		return account.AllowEntry{}, err
	}
	in.Target, in.Ports, in.Reason = strings.TrimSpace(in.Target), strings.ReplaceAll(in.Ports, " ", ""), strings.TrimSpace(in.Reason)
	in.ID, in.AddedBy, in.CreatedAt = id.New(), who.Name, p.now().UTC()
	var f fault.Fields
	f.Under("", p.out.CheckEntry(in))
	if len(in.Reason) > 500 {
		f.Add("reason", "At most 500 characters.")
	}
	if err := f.Err(); err != nil {
		return account.AllowEntry{}, err
	}
	err := p.change(ctx, who, account.ManageOutbound, func(tx *db.Tx) (done, error) {
		if _, err := tx.Customer(ctx, who.Scope, in.CustomerID); fault.KindOf(err) == fault.NotFound {
			return done{}, fault.At("customer", "Choose a customer.")
		} else if err != nil {
			return done{}, err
		}
		stored, err := tx.CreateAllowEntry(ctx, in)
		if err != nil {
			return done{}, taken(err, "target", "This address is allowed already.")
		}
		in = stored
		return entryDone("create", in), nil
	})
	return in, err
}

// AllowSubject allows what a blocked result named: its Subject, "host:port".
func (p *Plane) AllowSubject(ctx context.Context, who account.Actor, customerID, subject, reason string) (account.AllowEntry, error) {
	if err := who.May(account.ManageOutbound); err != nil {
		return account.AllowEntry{}, err
	}
	target, ports, ok := outbound.EntryFor(subject)
	if !ok {
		return account.AllowEntry{}, fault.At("target", "This address cannot be allowed.")
	}
	if reason == "" {
		reason = "Allowed from a blocked call."
	}
	return p.AllowAddress(ctx, who, account.AllowEntry{CustomerID: customerID, Target: target, Ports: ports, Reason: reason})
}

// RemoveAddress takes an allow entry back; calls under way end, later ones are refused.
func (p *Plane) RemoveAddress(ctx context.Context, who account.Actor, entryID string) error {
	return p.change(ctx, who, account.ManageOutbound, func(tx *db.Tx) (done, error) {
		before, err := tx.AllowEntry(ctx, who.Scope, entryID)
		if err != nil {
			return done{}, err
		}
		return entryDone("delete", before), tx.DeleteAllowEntry(ctx, entryID)
	})
}
