package control

import (
	"context"
	"net/netip"
	"strconv"

	"tieline/db"
	"tieline/internal/account"
	"tieline/internal/fault"
	"tieline/internal/integration"
	"tieline/internal/preset"
)

// Sandbox starts the fake vendor that the demo uses, and says where it listens. Starting it again gives the
// same address.
type Sandbox interface {
	Start(ctx context.Context) (netip.AddrPort, error)
}

// Filled counts what FillDemo made; all zero when everything was there.
type Filled struct {
	Customers    int
	Integrations int
	Integrators  int
	Runs         int
}

// FillDemo starts the sandbox and makes the demo: customers, integrations, integrators, the right to call
// exactly the sandbox's address, and runs good and bad by really calling it. What is there already stays;
// integrators follow the sandbox when its address changed.
func (p *Plane) FillDemo(ctx context.Context, who account.Actor) (Filled, error) {
	if err := who.May(account.ManageSettings); err != nil {
		return Filled{}, err
	}
	if err := shared(who); err != nil {
		return Filled{}, err
	}
	if p.sandbox == nil {
		return Filled{}, fault.New(fault.Unavailable, "This installation has no sandbox.")
	}
	at, err := p.sandbox.Start(ctx)
	if err != nil {
		return Filled{}, fault.Wrap(fault.Unavailable, "The sandbox does not start.", err)
	}
	p.out.SetSandbox(at)
	f := filler{Plane: p, who: who, at: at, customers: map[string]account.Customer{}}
	f.who.Role = account.Owner // the sandbox's address is allowed by whoever may press the button
	for _, step := range []func(context.Context) error{f.fillCustomers, f.fillIntegrations, f.fillIntegrators, f.fillRuns} {
		if err := step(ctx); err != nil {
			return f.filled, err
		}
	}
	return f.filled, nil
}

// filler is one filling of the demo under way.
type filler struct {
	*Plane

	who       account.Actor
	at        netip.AddrPort
	customers map[string]account.Customer
	filled    Filled
}

func (f *filler) fillCustomers(ctx context.Context) error {
	for _, wanted := range preset.DemoCustomers() {
		found, err := f.db.CustomerBySlug(ctx, f.who.Scope, wanted.Slug)
		if fault.KindOf(err) == fault.NotFound {
			found, err = f.CreateCustomer(ctx, f.who, wanted)
			f.filled.Customers++
		}
		if err != nil {
			return err
		}
		f.customers[found.Slug] = found
		if err := f.fillAddress(ctx, found); err != nil {
			return err
		}
	}
	return nil
}

// fillAddress allows one customer exactly the sandbox's address and port.
func (f *filler) fillAddress(ctx context.Context, customer account.Customer) error {
	entries, err := f.db.AllowEntries(ctx, f.who.Scope, customer.ID)
	if err != nil {
		return err
	}
	target, port := f.at.Addr().String(), strconv.Itoa(int(f.at.Port()))
	for _, e := range entries {
		if e.CustomerID == customer.ID && e.Target == target && e.Ports == port {
			return nil
		}
	}
	_, err = f.AllowAddress(ctx, f.who, account.AllowEntry{CustomerID: customer.ID, Target: target, Ports: port, Reason: "The demo's sandbox."})
	return err
}

func (f *filler) fillIntegrations(ctx context.Context) error {
	for _, wanted := range preset.Demo() {
		_, err := f.db.Integration(ctx, f.who.Scope, wanted.Name)
		if fault.KindOf(err) == fault.NotFound {
			_, err = f.CreateIntegration(ctx, f.who, wanted)
			f.filled.Integrations++
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (f *filler) fillIntegrators(ctx context.Context) error {
	for _, wanted := range preset.DemoIntegrators(f.at.String()) {
		customer := f.customers[wanted.Customer]
		stored, err := f.db.Integration(ctx, f.who.Scope, wanted.Integration)
		if err != nil {
			return err
		}
		there, err := f.db.Integrators(ctx, f.who.Scope, db.IntegratorFilter{IntegrationID: stored.ID, CustomerID: customer.ID})
		if err != nil {
			return err
		}
		in := IntegratorInput{Integrator: wanted.Value, Secrets: wanted.Secrets}
		switch {
		case len(there) == 0:
			in.CustomerID = customer.ID
			_, err = f.CreateIntegrator(ctx, f.who, wanted.Integration, in)
			f.filled.Integrators++
		case moved(there[0], wanted.Value):
			in.Integrator = there[0]
			in.Host, in.BaseURL = wanted.Value.Host, wanted.Value.BaseURL
			_, err = f.UpdateIntegrator(ctx, f.who, in)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// moved tells whether an integrator still names a former address of the sandbox.
func moved(there, wanted integration.Integrator) bool {
	former, err := netip.ParseAddrPort(there.Host)
	return err == nil && former.Addr().IsLoopback() && there.Host != wanted.Host
}

// fillRuns makes the demo's calls, unless its customers have runs already.
func (f *filler) fillRuns(ctx context.Context) error {
	for _, customer := range f.customers {
		runs, _, err := f.db.Runs(ctx, f.who.Scope, db.RunFilter{CustomerID: customer.ID, Limit: 1})
		if err != nil || len(runs) > 0 {
			return err
		}
	}
	for _, c := range preset.DemoCalls() {
		ask := CallRequest{
			Integration: c.Integration, Endpoint: c.Endpoint, Customer: c.Customer, Tokens: c.Tokens, CorrelationID: c.CorrelationID,
			Record: Record{Type: c.RecordType, ID: c.RecordID, Data: c.Record},
		}
		if c.Input != nil {
			ask.Input, ask.HasInput = c.Input, true
		}
		if err := f.demoRun(ctx, ask, c.Test); err != nil {
			return err
		}
		f.filled.Runs++
	}
	return nil
}

func (f *filler) demoRun(ctx context.Context, ask CallRequest, test bool) error {
	if test {
		_, err := f.Test(ctx, f.who, TestRequest{CallRequest: ask})
		return err
	}
	_, err := f.named(ctx, f.who, ask, origin{trigger: "demo"})
	return err
}
