package db

import (
	"context"
	"time"

	"tieline/internal/account"
)

// StateValue gives the one value that is remembered under a key for an integrator and an endpoint at a moment;
// NotFound where there is none.
func (r *Reader) StateValue(ctx context.Context, scope account.Scope, integratorID, endpointID, key string, now time.Time) (string, error) {
	q := newQuery(`SELECT s.value FROM state s JOIN integrators g ON g.id = s.integrator_id
		WHERE s.integrator_id = $1 AND s.endpoint_id = $2 AND s.state_key = $3 AND (s.expires_at = 0 OR s.expires_at > $4)`,
		integratorID, endpointID, key, micros(now))
	return one(ctx, r, q.scope("g.customer_id", scope), "Nothing is remembered under this key.", value[string])
}
