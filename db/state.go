package db

import (
	"cmp"
	"context"
	"slices"
	"time"

	"tieline/internal/account"
)

// StateEntry is one value that calls of an endpoint for an integrator remember. Value is JSON. Since is when the
// run began that remembered it, Expires when it is forgotten (zero: never).
type StateEntry struct {
	IntegratorID string
	EndpointID   string
	Key          string
	Value        string
	Since        time.Time
	Expires      time.Time
}

const stateColumns = `s.integrator_id, s.endpoint_id, s.state_key, s.value, s.updated_at, s.expires_at`

func scanState(s scanner) (StateEntry, error) {
	var e StateEntry
	var since, expires int64
	err := s.Scan(&e.IntegratorID, &e.EndpointID, &e.Key, &e.Value, &since, &expires)
	e.Since, e.Expires = moment(since), moment(expires)
	return e, err
}

// State gives what is remembered for an integrator and an endpoint at a moment, by key. A foreign integrator has
// nothing.
func (r *Reader) State(ctx context.Context, scope account.Scope, integratorID, endpointID string, now time.Time) ([]StateEntry, error) {
	q := newQuery(`SELECT `+stateColumns+` FROM state s JOIN integrators g ON g.id = s.integrator_id
		WHERE s.integrator_id = $1 AND s.endpoint_id = $2 AND (s.expires_at = 0 OR s.expires_at > $3)`,
		integratorID, endpointID, micros(now))
	return all(ctx, r, q.scope("g.customer_id", scope).add(` ORDER BY s.state_key`), scanState)
}

// SetState remembers a value with the commit. It takes the place of one whose run began before or with it; one
// of a later run stays. Nothing is kept for an integrator that is gone.
func (tx *Tx) SetState(e StateEntry) error {
	if err := clean([]any{e.IntegratorID, e.EndpointID, e.Key, e.Value}); err != nil {
		return err
	}
	tx.effects.state = append(tx.effects.state, e)
	return nil
}

// writeState stores what was remembered, in one order so that two nodes do not wait for each other in a circle.
func (e *effects) writeState(ctx context.Context, tx *Tx) error {
	list := slices.Clone(e.state)
	slices.SortStableFunc(list, func(a, b StateEntry) int {
		return cmp.Or(cmp.Compare(a.IntegratorID, b.IntegratorID), cmp.Compare(a.EndpointID, b.EndpointID), cmp.Compare(a.Key, b.Key))
	})
	for _, s := range list {
		_, err := tx.exec(ctx, `INSERT INTO state AS s (integrator_id, endpoint_id, state_key, value, updated_at, expires_at)
			SELECT g.id, CAST($2 AS TEXT), CAST($3 AS TEXT), CAST($4 AS TEXT), CAST($5 AS BIGINT), CAST($6 AS BIGINT)
			FROM integrators g WHERE g.id = $1
			ON CONFLICT (integrator_id, endpoint_id, state_key) DO UPDATE SET value = excluded.value,
				updated_at = excluded.updated_at, expires_at = excluded.expires_at WHERE s.updated_at <= excluded.updated_at`,
			s.IntegratorID, s.EndpointID, s.Key, s.Value, micros(s.Since), micros(s.Expires))
		if err != nil {
			return err
		}
	}
	return nil
}

// forgetEndpoints removes what is remembered for endpoints that an integration has no more.
func (tx *Tx) forgetEndpoints(ctx context.Context, integrationID string) error {
	_, err := tx.exec(ctx, `DELETE FROM state WHERE integrator_id IN (SELECT id FROM integrators WHERE integration_id = $1)
		AND endpoint_id NOT IN (SELECT id FROM endpoints WHERE integration_id = $1)`, integrationID)
	return err
}
