package db

import (
	"context"
	"encoding/json"
	"time"

	"tieline/internal/account"
	"tieline/internal/fault"
	"tieline/internal/run"
	"tieline/internal/secret"
)

// grantSecrets owns the sealed tokens of integrators.
const grantSecrets = "auth_tokens" //nolint:gosec // the name of a table

// The names of the two parts of a grant among the secrets.
const (
	accessSecret  = "access"
	refreshSecret = "refresh"
)

func scanGrant(s scanner) (run.Grant, error) {
	var g run.Grant
	var obtained, expires, refreshed, failed int64
	var failure string
	err := s.Scan(&g.IntegratorID, &g.Settings, &g.Serial, &obtained, &expires, &refreshed, &failed, &failure)
	if err != nil {
		return g, err
	}
	g.ObtainedAt, g.ExpiresAt, g.RefreshedAt, g.FailedAt = moment(obtained), moment(expires), moment(refreshed), moment(failed)
	if failure != "" {
		err = decode(failure, &g.Failure)
	}
	return g, err
}

// Grant finds an integrator's token with its sealed values; the zero Grant where there never was one.
func (r *Reader) Grant(ctx context.Context, scope account.Scope, integratorID string) (run.Grant, error) {
	q := newQuery(`SELECT t.integrator_id, t.settings, t.serial, t.obtained_at, t.expires_at, t.refreshed_at, t.failed_at, t.failure
		FROM auth_tokens t WHERE t.integrator_id = $1`, integratorID).scope("t.customer_id", scope)
	found, err := all(ctx, r, q, scanGrant)
	if err != nil || len(found) == 0 {
		return run.Grant{}, err
	}
	g := found[0]
	secrets, err := r.secretsOf(ctx, grantSecrets, []string{integratorID})
	g.Access, g.Refresh = secrets[integratorID][accessSecret], secrets[integratorID][refreshSecret]
	return g, err
}

// LeaseGrant takes the right to renew an integrator's token until a moment, or holds on to it; false while it is
// somebody else's.
func (tx *Tx) LeaseGrant(ctx context.Context, integratorID, customerID, owner string, now, until time.Time) (bool, error) {
	n, err := tx.exec(ctx, `INSERT INTO auth_tokens (integrator_id, customer_id, lease_owner, lease_until) VALUES ($1, $2, $3, $4)
		ON CONFLICT (integrator_id) DO UPDATE SET lease_owner = $3, lease_until = $4
		WHERE auth_tokens.lease_until <= $5 OR auth_tokens.lease_owner = $3`,
		integratorID, customerID, owner, micros(until), micros(now))
	return n > 0, named(err, fault.Conflict, noIntegrator)
}

// ReleaseGrant gives the right to renew back; one that is not held any more is no error.
func (tx *Tx) ReleaseGrant(ctx context.Context, integratorID, owner string) error {
	_, err := tx.exec(ctx, `UPDATE auth_tokens SET lease_owner = '', lease_until = 0 WHERE integrator_id = $1 AND lease_owner = $2`,
		integratorID, owner)
	return err
}

// KeepGrant stores a token, or what became of one, for whoever holds the lease; Conflict for everybody else. The
// Serial it gets is one more than before.
func (tx *Tx) KeepGrant(ctx context.Context, g run.Grant, customerID, owner string) (run.Grant, error) {
	failure := ""
	if g.Failure != nil {
		text, err := json.Marshal(g.Failure)
		if err != nil {
			return g, err
		}
		failure = string(text)
	}
	q := newQuery(`UPDATE auth_tokens SET settings = $1, serial = serial + 1, obtained_at = $2, expires_at = $3, refreshed_at = $4,
		failed_at = $5, failure = $6 WHERE integrator_id = $7 AND lease_owner = $8 RETURNING serial`,
		g.Settings, micros(g.ObtainedAt), micros(g.ExpiresAt), micros(g.RefreshedAt), micros(g.FailedAt), failure, g.IntegratorID, owner)
	serial, err := one(ctx, &tx.Reader, q, "", value[int64])
	if fault.KindOf(err) == fault.NotFound && err != nil {
		return g, fault.New(fault.Conflict, "The token was renewed or removed meanwhile.")
	}
	if err != nil {
		return g, err
	}
	g.Serial = serial
	return g, tx.putSecrets(ctx, grantSecrets, g.IntegratorID, customerID, map[string]secret.Sealed{accessSecret: g.Access, refreshSecret: g.Refresh})
}

// DeleteGrant removes an integrator's token; where there is none, that is no error. Whoever was renewing it
// cannot keep what comes.
func (tx *Tx) DeleteGrant(ctx context.Context, integratorID string) error {
	if err := tx.putSecrets(ctx, grantSecrets, integratorID, "", nil); err != nil {
		return err
	}
	_, err := tx.exec(ctx, `DELETE FROM auth_tokens WHERE integrator_id = $1`, integratorID)
	return err
}

// Connection is a person on the way to a vendor to agree. Hash is that of the state that comes back with them,
// Session that of their session; Verifier is sealed.
type Connection struct {
	Hash         string
	Session      string
	IntegratorID string
	Settings     string
	Redirect     string
	Verifier     []byte
	ExpiresAt    time.Time
}

func scanConnection(s scanner) (Connection, error) {
	var c Connection
	var expires int64
	err := s.Scan(&c.Hash, &c.Session, &c.IntegratorID, &c.Settings, &c.Redirect, &c.Verifier, &expires)
	c.ExpiresAt = moment(expires)
	return c, err
}

// CreateConnection stores that somebody is on the way.
func (tx *Tx) CreateConnection(ctx context.Context, c Connection) error {
	_, err := tx.exec(ctx, `INSERT INTO connections (hash, session, integrator_id, settings, redirect, verifier, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`, c.Hash, c.Session, c.IntegratorID, c.Settings, c.Redirect, c.Verifier, micros(c.ExpiresAt))
	return err
}

// UseConnection takes what was stored for a state: of any number of callers at once exactly one gets it, the
// others NotFound, as for one that is unknown, too old or of another session.
func (tx *Tx) UseConnection(ctx context.Context, hash, session string, now time.Time) (Connection, error) {
	q := newQuery(`DELETE FROM connections WHERE hash = $1 AND session = $2 AND expires_at > $3
		RETURNING hash, session, integrator_id, settings, redirect, verifier, expires_at`, hash, session, micros(now))
	return one(ctx, &tx.Reader, q, "This way back from the vendor does not work: it was used already, is too old, or was begun by somebody else. Press Connect again.", scanConnection)
}
