package control

import (
	"context"
	"net/netip"
	"slices"
	"strings"

	"tieline/db"
	"tieline/internal/account"
	"tieline/internal/audit"
	"tieline/internal/fault"
	"tieline/internal/integration"
)

// Breakers are how the circuit breakers of an integrator stand in this process: one for each of its own hosts, and
// those of other hosts that are in trouble.
func (p *Plane) Breakers(in integration.Integrator) []integration.Breaker {
	list := p.executor.Breakers(in.ID)
	for _, host := range ownHosts(in) {
		known := func(b integration.Breaker) bool { return b.Host == host }
		if !slices.ContainsFunc(list, known) {
			list = append(list, integration.Breaker{Host: host})
		}
	}
	return list
}

// ownHosts are an integrator's hosts with their ports, without repetition.
func ownHosts(in integration.Integrator) []string {
	port := ":443"
	if strings.HasPrefix(in.Base(), "http://") {
		port = ":80"
	}
	var list []string
	for _, host := range in.Hosts() {
		if a, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil && a.Is6() {
			host = "[" + a.String() + "]" + port
		} else if !strings.Contains(host, ":") {
			host += port
		}
		if !slices.Contains(list, host) {
			list = append(list, host)
		}
	}
	return list
}

// SetBreaker lets the calls of an integrator to a host through again ("close"), or keeps them back until that is
// done ("hold"). It holds for this process, until it ends.
func (p *Plane) SetBreaker(ctx context.Context, who account.Actor, integratorID, host, action string) error {
	var hold bool
	err := p.change(ctx, who, account.EditIntegrators, func(tx *db.Tx) (done, error) {
		in, err := tx.Integrator(ctx, who.Scope, integratorID)
		if err != nil {
			return done{}, err
		}
		list := p.Breakers(in)
		at := slices.IndexFunc(list, func(b integration.Breaker) bool { return b.Host == host || b.Host == host+":443" })
		var f fault.Fields
		if at < 0 {
			f.Add("host", "Calls of this integrator do not go to this host.")
		}
		if !slices.Contains(integration.BreakerActions(), action) {
			f.Add("action", integration.Choose(integration.BreakerActions()))
		}
		if err := f.Err(); err != nil {
			return done{}, err
		}
		host, hold = list[at].Host, action == "hold"
		return p.breakerDone(ctx, tx, in, list[at], hold)
	})
	if err == nil {
		p.executor.SetBreaker(integratorID, host, hold)
	}
	return err
}

func (p *Plane) breakerDone(ctx context.Context, tx *db.Tx, in integration.Integrator, was integration.Breaker, hold bool) (done, error) {
	stored, err := tx.IntegrationByID(ctx, p.directory.all, in.IntegrationID)
	if err != nil {
		return done{}, err
	}
	customer, err := tx.Customer(ctx, p.directory.all, in.CustomerID)
	if err != nil {
		return done{}, err
	}
	now := integration.Breaker{}
	if hold {
		now = integration.Breaker{Since: p.now(), Held: true}
	}
	return done{
		action: "update", subject: "integrator", subjectID: in.ID, name: stored.Document.Name + "/" + customer.Slug, customerID: in.CustomerID,
		fields: []audit.Field{{Path: "breaker." + was.Host, Before: was.State(), After: now.State()}},
	}, nil
}
