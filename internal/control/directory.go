package control

import (
	"context"
	"strconv"
	"sync"
	"time"

	"tieline/db"
	"tieline/internal/account"
	"tieline/internal/integration"
	"tieline/internal/request"
)

// directory remembers what calls look up: definitions with their compiled plans, customers, integrators,
// variables and allow entries. Whether the configuration has moved is looked at five times a second at most,
// so that a call costs no more than one read; a change through this Plane is seen at once.
type directory struct {
	db    *db.DB
	now   func() time.Time
	all   account.Scope
	plans *plans

	mu         sync.RWMutex
	looked     time.Time
	changes    int // made through this Plane
	generation int64
	known      map[string]any
}

// looksHold is for how long a look at the generation holds.
const looksHold = 200 * time.Millisecond

// remembered is how many things a directory holds at most before it starts afresh.
const remembered = 50_000

func newDirectory(d *db.DB, now func() time.Time) *directory {
	return &directory{db: d, now: now, all: account.System("directory").Scope, plans: newPlans(), known: map[string]any{}}
}

// expire makes the next look-up see what was just changed.
func (d *directory) expire() {
	d.mu.Lock()
	d.looked = time.Time{}
	d.changes++
	d.mu.Unlock()
}

// refresh forgets everything when the configuration has moved.
func (d *directory) refresh(ctx context.Context) error {
	now := d.now()
	d.mu.RLock()
	due := now.Sub(d.looked) >= looksHold || now.Before(d.looked)
	changes := d.changes
	d.mu.RUnlock()
	if !due {
		return nil
	}
	generation, err := d.db.Generation(ctx)
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if changes == d.changes {
		d.looked = now
	}
	if generation != d.generation {
		d.generation, d.known = generation, map[string]any{}
	}
	return nil
}

// remember gives what is known under a key, or reads it. What was read while the configuration moved is given
// but not kept.
func remember[T any](d *directory, key string, read func() (T, error)) (T, error) {
	d.mu.RLock()
	found, ok := d.known[key]
	generation := d.generation
	d.mu.RUnlock()
	if value, fits := found.(T); ok && fits {
		return value, nil
	}
	value, err := read()
	if err != nil {
		return value, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if generation == d.generation {
		if len(d.known) >= remembered {
			d.known = map[string]any{}
		}
		d.known[key] = value
	}
	return value, nil
}

func (d *directory) integration(ctx context.Context, name string) (db.StoredIntegration, error) {
	return remember(d, "integration "+name, func() (db.StoredIntegration, error) {
		return d.db.Integration(ctx, d.all, name)
	})
}

func (d *directory) customer(ctx context.Context, id string) (account.Customer, error) {
	return remember(d, "customer "+id, func() (account.Customer, error) { return d.db.Customer(ctx, d.all, id) })
}

func (d *directory) customerBySlug(ctx context.Context, slug string) (account.Customer, error) {
	return remember(d, "slug "+slug, func() (account.Customer, error) { return d.db.CustomerBySlug(ctx, d.all, slug) })
}

// integrators are all integrators of an integration for a customer, in the order they were made.
func (d *directory) integrators(ctx context.Context, integrationID, customerID string) ([]integration.Integrator, error) {
	return remember(d, "integrators "+integrationID+" "+customerID, func() ([]integration.Integrator, error) {
		return d.db.Integrators(ctx, d.all, db.IntegratorFilter{IntegrationID: integrationID, CustomerID: customerID})
	})
}

func (d *directory) integrator(ctx context.Context, id string) (integration.Integrator, error) {
	return remember(d, "integrator "+id, func() (integration.Integrator, error) { return d.db.Integrator(ctx, d.all, id) })
}

func (d *directory) endpointID(ctx context.Context, integrationID, name string) (string, error) {
	return remember(d, "endpoint "+integrationID+" "+name, func() (string, error) {
		return d.db.EndpointID(ctx, d.all, integrationID, name)
	})
}

func (d *directory) variables(ctx context.Context, customerID string) ([]account.Variable, error) {
	return remember(d, "variables "+customerID, func() ([]account.Variable, error) {
		return d.db.Variables(ctx, d.all, customerID)
	})
}

func (d *directory) allowed(ctx context.Context, customerID string) ([]account.AllowEntry, error) {
	return remember(d, "allow "+customerID, func() ([]account.AllowEntry, error) {
		return d.db.AllowEntries(ctx, d.all, customerID)
	})
}

// plans are compiled requests by integration, revision and endpoint. They outlive changes of other things.
type plans struct {
	mu    sync.RWMutex
	known map[string]*request.Plan
}

const plansKept = 2000

func newPlans() *plans { return &plans{known: map[string]*request.Plan{}} }

// of compiles the plan of a stored endpoint once per revision.
func (p *plans) of(stored db.StoredIntegration, endpoint string) (*request.Plan, error) {
	key := stored.ID + " " + strconv.FormatInt(stored.Revision, 10) + " " + endpoint
	p.mu.RLock()
	plan, ok := p.known[key]
	p.mu.RUnlock()
	if ok {
		return plan, nil
	}
	plan, err := request.Compile(stored.Document, endpoint)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.known) >= plansKept {
		p.known = map[string]*request.Plan{}
	}
	p.known[key] = plan
	return plan, nil
}
