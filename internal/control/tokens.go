package control

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"tieline/db"
	"tieline/internal/account"
	"tieline/internal/executor"
	"tieline/internal/id"
	"tieline/internal/integration"
	"tieline/internal/run"
	"tieline/internal/secret"
)

// A lease is held on to while its holder lives, and is over soon after it died.
const (
	leaseTime = 10 * time.Second
	leaseBeat = 3 * time.Second
	leaseLook = 150 * time.Millisecond // how often it is asked for while somebody else has it
)

// Tokens keeps the tokens of integrators in the database, sealed. It is what an executor is given, and safe for
// concurrent use. Within a process calls wait for one another; between processes a lease in the database does
// it, which ends by itself when its holder dies.
type Tokens struct {
	db   *db.DB
	seal secret.Sealer
	log  *slog.Logger
	all  account.Scope

	mu   sync.Mutex
	busy map[string]chan struct{} // closed when the integrator's token is settled
}

// NewTokens makes a Tokens.
func NewTokens(d *db.DB, sealer secret.Sealer, logger *slog.Logger) *Tokens {
	return &Tokens{db: d, seal: sealer, log: logger, all: account.System("tokens").Scope, busy: map[string]chan struct{}{}}
}

// Grant is what is kept of an integrator's token.
func (t *Tokens) Grant(ctx context.Context, in integration.Integrator) (run.Grant, error) {
	return t.db.Grant(ctx, t.all, in.ID)
}

// Lease waits until the token is settled, or until the caller alone may renew it.
func (t *Tokens) Lease(ctx context.Context, in integration.Integrator, settled func(run.Grant) bool) (run.Grant, executor.Lease, error) {
	leave, err := t.enter(ctx, in.ID)
	if err != nil {
		return run.Grant{}, nil, err
	}
	l := &lease{tokens: t, in: in, owner: id.New(), leave: leave, over: make(chan struct{}), still: make(chan struct{})}
	for {
		got, err := l.hold(ctx)
		if err != nil {
			leave()
			return run.Grant{}, nil, err
		}
		kept, err := t.Grant(ctx, in)
		if err == nil && got && !settled(kept) {
			go l.beat(context.WithoutCancel(ctx))
			return kept, l, nil
		}
		if err != nil || settled(kept) {
			if got {
				l.give(ctx)
			}
			leave()
			return kept, nil, err
		}
		select {
		case <-time.After(leaseLook):
		case <-ctx.Done():
			leave()
			return run.Grant{}, nil, ctx.Err()
		}
	}
}

// enter waits for the other calls of this process that are at the same token.
func (t *Tokens) enter(ctx context.Context, integratorID string) (leave func(), err error) {
	for {
		t.mu.Lock()
		before, busy := t.busy[integratorID]
		if !busy {
			mine := make(chan struct{})
			t.busy[integratorID] = mine
			t.mu.Unlock()
			return func() {
				t.mu.Lock()
				delete(t.busy, integratorID)
				t.mu.Unlock()
				close(mine)
			}, nil
		}
		t.mu.Unlock()
		select {
		case <-before:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// lease is the right of this process to renew one token.
type lease struct {
	tokens *Tokens
	in     integration.Integrator
	owner  string
	leave  func()
	over   chan struct{} // closed to end the beat
	still  chan struct{} // closed when it has ended
}

// hold takes the lease, or holds on to it.
func (l *lease) hold(ctx context.Context) (got bool, err error) {
	now := time.Now().UTC()
	err = l.tokens.db.Tx(ctx, func(tx *db.Tx) error {
		got, err = tx.LeaseGrant(ctx, l.in.ID, l.in.CustomerID, l.owner, now, now.Add(leaseTime))
		return err
	})
	return got, err
}

// beat holds on to the lease until it is released.
func (l *lease) beat(ctx context.Context) {
	defer close(l.still)
	tick := time.NewTicker(leaseBeat)
	defer tick.Stop()
	for {
		select {
		case <-l.over:
			return
		case <-tick.C:
			held, cancel := context.WithTimeout(ctx, leaseBeat)
			if _, err := l.hold(held); err != nil {
				l.tokens.log.LogAttrs(ctx, slog.LevelWarn, "a token's lease was not renewed", slog.String("integrator", l.in.ID), slog.Any("error", err))
			}
			cancel()
		}
	}
}

// give ends the lease in the database. Where that fails it ends by itself.
func (l *lease) give(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaseBeat)
	defer cancel()
	if err := l.tokens.db.Tx(ctx, func(tx *db.Tx) error { return tx.ReleaseGrant(ctx, l.in.ID, l.owner) }); err != nil {
		l.tokens.log.LogAttrs(ctx, slog.LevelWarn, "a token's lease was not given back", slog.String("integrator", l.in.ID), slog.Any("error", err))
	}
}

// Release lets others renew.
func (l *lease) Release(ctx context.Context) {
	close(l.over)
	<-l.still // a beat after the end would take the lease anew
	l.give(ctx)
	l.leave()
}

// Keep seals and stores a new token.
func (l *lease) Keep(ctx context.Context, fresh executor.Fresh) (run.Grant, error) {
	access, err := l.tokens.seal.Seal(l.in.GrantPlace("access"), fresh.Access)
	if err != nil {
		return run.Grant{}, err
	}
	refresh, err := l.tokens.seal.Seal(l.in.GrantPlace("refresh"), fresh.Refresh)
	if err != nil {
		return run.Grant{}, err
	}
	return l.put(ctx, func(g *run.Grant) {
		g.Settings, g.Access, g.Refresh = fresh.Settings, access, refresh
		g.ObtainedAt, g.ExpiresAt, g.Failure = fresh.ObtainedAt, fresh.ExpiresAt, nil
		if fresh.Renewed {
			g.RefreshedAt = fresh.ObtainedAt
		}
	})
}

// Fail notes why there is no new token.
func (l *lease) Fail(ctx context.Context, settings string, why run.Failure, lost bool) error {
	_, err := l.put(ctx, func(g *run.Grant) {
		if lost || g.Settings != settings {
			g.Access, g.Refresh = secret.Sealed{}, secret.Sealed{}
		}
		g.Settings, g.FailedAt, g.Failure = settings, time.Now().UTC(), &why
	})
	return err
}

// put changes what is kept, as long as the lease holds.
func (l *lease) put(ctx context.Context, change func(*run.Grant)) (kept run.Grant, err error) {
	err = l.tokens.db.Tx(ctx, func(tx *db.Tx) error {
		g, err := tx.Grant(ctx, l.tokens.all, l.in.ID)
		if err != nil {
			return err
		}
		g.IntegratorID = l.in.ID
		change(&g)
		kept, err = tx.KeepGrant(ctx, g, l.in.CustomerID, l.owner)
		return err
	})
	return kept, err
}
