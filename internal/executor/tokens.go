package executor

import (
	"context"
	"time"

	"tieline/internal/integration"
	"tieline/internal/run"
	"tieline/internal/secret"
)

// Tokens keeps the tokens of integrators for every process that shares a database, and lets one at a time renew
// one.
type Tokens interface {
	// Grant is what is kept of an integrator's token; the zero Grant where nothing is.
	Grant(ctx context.Context, in integration.Integrator) (run.Grant, error)
	// Lease waits until what is kept is settled, by whoever was renewing it (then the lease is nil), or until
	// the caller alone may renew it. It ends with the context.
	Lease(ctx context.Context, in integration.Integrator, settled func(run.Grant) bool) (run.Grant, Lease, error)
}

// Lease is the right to renew one integrator's token.
type Lease interface {
	// Keep stores a new token at once, in the place of the one that was kept. It is Conflict when the
	// integrator's token was removed meanwhile.
	Keep(ctx context.Context, fresh Fresh) (run.Grant, error)
	// Fail notes why there is no new token; lost also removes what was kept.
	Fail(ctx context.Context, settings string, why run.Failure, lost bool) error
	// Release lets others renew. It must be called once.
	Release(ctx context.Context)
}

// Fresh is a token as it came. Renewed says that no person was needed for it.
type Fresh struct {
	Settings   string
	Access     secret.Text
	Refresh    secret.Text
	ObtainedAt time.Time
	ExpiresAt  time.Time
	Renewed    bool
}

// forgetful keeps nothing: every call fetches a token for itself.
type forgetful struct{}

func (forgetful) Grant(context.Context, integration.Integrator) (run.Grant, error) {
	return run.Grant{}, nil
}

func (forgetful) Lease(context.Context, integration.Integrator, func(run.Grant) bool) (run.Grant, Lease, error) {
	return run.Grant{}, forgetful{}, nil
}

func (forgetful) Keep(_ context.Context, fresh Fresh) (run.Grant, error) {
	return run.Grant{Settings: fresh.Settings, ObtainedAt: fresh.ObtainedAt, ExpiresAt: fresh.ExpiresAt}, nil
}

func (forgetful) Fail(context.Context, string, run.Failure, bool) error { return nil }

func (forgetful) Release(context.Context) {}
