package control

import (
	"context"
	"encoding/json"
	"reflect"
	"slices"
	"strings"

	"tieline/db"
	"tieline/internal/account"
	"tieline/internal/fault"
	"tieline/internal/integration"
	"tieline/internal/request"
	"tieline/internal/run"
)

// Problems are the warnings about a definition, and what is wrong with its templates. integrationID is "" for
// one that was never stored; the scope bounds the variables and customers that are looked at.
func (p *Plane) Problems(ctx context.Context, scope account.Scope, integrationID string, in integration.Integration) ([]run.Problem, error) {
	problems := request.Check(in)
	for _, w := range in.Warnings() {
		problems = append(problems, run.Problem{Field: w.Field, Message: w.Message})
	}
	known, err := p.knownVariables(ctx, scope, integrationID, in)
	if err != nil {
		return nil, err
	}
	return append(problems, request.CheckVariables(in, known)...), nil
}

// judge checks a definition: what must be mended first is an Invalid error, the rest are warnings.
func (p *Plane) judge(ctx context.Context, who account.Actor, integrationID string, in integration.Integration) ([]run.Problem, error) {
	var f fault.Fields
	f.Under("", in.Validate())
	problems, err := p.Problems(ctx, who.Scope, integrationID, in)
	if err != nil {
		return nil, err
	}
	var warnings []run.Problem
	for _, problem := range problems {
		if request.Refuse(problem) {
			f.Add(problem.Field, problem.Message)
		} else {
			warnings = append(warnings, problem)
		}
	}
	return warnings, f.Err()
}

// reader is a database or a transaction, as far as placed reads.
type reader interface {
	Integration(ctx context.Context, scope account.Scope, name string) (db.StoredIntegration, error)
	CustomerBySlug(ctx context.Context, scope account.Scope, slug string) (account.Customer, error)
	Integrators(ctx context.Context, scope account.Scope, f db.IntegratorFilter) ([]integration.Integrator, error)
}

// placed checks what a definition says of customers against the database: a private one needs its customer,
// and leaves nobody else with integrators of it.
func placed(ctx context.Context, tx reader, who account.Actor, d *draft) error {
	everything := account.System("uniqueness").Scope
	if d.next.Name != d.stored.Document.Name {
		if other, err := tx.Integration(ctx, everything, d.next.Name); err == nil && other.ID != d.stored.ID {
			return fault.At("name", "Another integration has this name.")
		}
	}
	if d.next.Visibility != "private" {
		if d.stored.ID == "" || d.stored.CustomerID != "" {
			return atField(shared(who), "visibility")
		}
		return nil
	}
	customer, err := tx.CustomerBySlug(ctx, who.Scope, d.next.Customer)
	if fault.KindOf(err) == fault.NotFound {
		return fault.At("customer", "There is no customer with this slug.")
	}
	if err != nil || d.stored.ID == "" {
		return err
	}
	users, err := tx.Integrators(ctx, everything, db.IntegratorFilter{IntegrationID: d.stored.ID})
	for _, user := range users {
		if user.CustomerID != customer.ID {
			return fault.At("customer", "Other customers have integrators of it. Remove those first.")
		}
	}
	return err
}

// atField moves a refusal to a field, keeping its sentence.
func atField(err error, field string) error {
	if err == nil {
		return nil
	}
	return fault.At(field, fault.MessageOf(err))
}

// same compares two values by their text form, in which what is empty is left out.
func same(a, b any) bool {
	if reflect.DeepEqual(a, b) {
		return true
	}
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && string(x) == string(y)
}

// clone copies a definition so deeply that changing the copy leaves the original.
func clone(in integration.Integration) integration.Integration {
	text, err := json.Marshal(in)
	if err != nil {
		return in
	}
	var out integration.Integration
	if json.Unmarshal(text, &out) != nil {
		return in
	}
	return out
}

// parts name what a revision changed, for the list of revisions: "endpoint <name>", "mapping <name>" or
// "settings". Everything of a new definition is "*".
func parts(d *draft) []string {
	if d.stored.ID == "" {
		return []string{"*"}
	}
	var list []string
	add := func(part string) {
		if !slices.Contains(list, part) {
			list = append(list, part)
		}
	}
	for was, now := range d.renames {
		add("endpoint " + was)
		add("endpoint " + now)
	}
	for _, m := range slices.Concat(d.stored.Document.Mappings, d.next.Mappings) {
		was, before := d.stored.Document.Mapping(m.Name)
		is, after := d.next.Mapping(m.Name)
		if before != after || !same(was, is) {
			add("mapping " + m.Name)
		}
	}
	for _, f := range d.what.fields {
		if strings.HasPrefix(f.Path, "mappings.") {
			continue
		}
		rest, ok := strings.CutPrefix(f.Path, "endpoints.")
		if !ok {
			add("settings")
			continue
		}
		name, _, _ := strings.Cut(rest, ".")
		add("endpoint " + name)
	}
	return list
}
