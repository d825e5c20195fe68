package db

import (
	"context"
	"time"

	"tieline/internal/account"
	"tieline/internal/fault"
)

const (
	noSession = "There is no such session."
	noLink    = "This link does not work: it is unknown, used or too old."
)

const sessionColumns = `s.hash, s.user_id, s.created_at, s.seen_at, s.expires_at, s.address, s.agent`

func scanSession(row scanner) (account.Session, error) {
	var s account.Session
	var created, seen, expires int64
	err := row.Scan(&s.Hash, &s.UserID, &created, &seen, &expires, &s.Address, &s.Agent)
	s.CreatedAt, s.SeenAt, s.ExpiresAt = moment(created), moment(seen), moment(expires)
	return s, err
}

// BySessionHash finds a session with its user; whether it is still good is for the caller to say.
func (r *Reader) BySessionHash(ctx context.Context, hash string) (account.Session, account.User, error) {
	s, err := one(ctx, r, newQuery(`SELECT `+sessionColumns+` FROM sessions s WHERE s.hash = $1`, hash), noSession, scanSession)
	if err != nil {
		return s, account.User{}, err
	}
	u, err := r.User(ctx, s.UserID)
	return s, u, named(err, fault.NotFound, noSession)
}

// Sessions lists a user's sessions, the newest first.
func (r *Reader) Sessions(ctx context.Context, userID string) ([]account.Session, error) {
	q := newQuery(`SELECT `+sessionColumns+` FROM sessions s WHERE s.user_id = $1 ORDER BY s.created_at DESC, s.hash`, userID)
	return all(ctx, r, q, scanSession)
}

// CreateSession stores a new session.
func (tx *Tx) CreateSession(ctx context.Context, s account.Session) error {
	_, err := tx.exec(ctx, `INSERT INTO sessions (hash, user_id, created_at, seen_at, expires_at, address, agent) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		s.Hash, s.UserID, micros(s.CreatedAt), micros(s.SeenAt), micros(s.ExpiresAt), s.Address, s.Agent)
	return err
}

// TouchSession notes when a session was last used.
func (tx *Tx) TouchSession(ctx context.Context, hash string, at time.Time) error {
	n, err := tx.exec(ctx, `UPDATE sessions SET seen_at = $1 WHERE hash = $2`, micros(at), hash)
	return gone(n, err, noSession)
}

// DeleteSession ends a session; one that is over already is no error.
func (tx *Tx) DeleteSession(ctx context.Context, hash string) error {
	tx.configured()
	_, err := tx.exec(ctx, `DELETE FROM sessions WHERE hash = $1`, hash)
	return err
}

// DeleteSessionsOf ends all sessions of a user but the one with the hash except ("" for none).
func (tx *Tx) DeleteSessionsOf(ctx context.Context, userID, except string) error {
	tx.configured()
	_, err := tx.exec(ctx, `DELETE FROM sessions WHERE user_id = $1 AND hash <> $2`, userID, except)
	return err
}

// DeleteExpired removes sessions, links, unfinished connections, remembered state and unused catalogues whose time is
// over.
func (tx *Tx) DeleteExpired(ctx context.Context, now time.Time) error {
	for _, text := range []string{
		`DELETE FROM sessions WHERE expires_at <= $1`, `DELETE FROM links WHERE expires_at <= $1`, `DELETE FROM connections WHERE expires_at <= $1`,
		`DELETE FROM state WHERE expires_at > 0 AND expires_at <= $1`, `DELETE FROM catalogues WHERE expires_at > 0 AND expires_at <= $1`,
	} {
		if _, err := tx.exec(ctx, text, micros(now)); err != nil {
			return err
		}
	}
	return nil
}

const linkColumns = `hash, purpose, user_id, expires_at, used_at`

func scanLink(s scanner) (account.Link, error) {
	var l account.Link
	var expires, used int64
	err := s.Scan(&l.Hash, &l.Purpose, &l.UserID, &expires, &used)
	l.ExpiresAt, l.UsedAt = moment(expires), moment(used)
	return l, err
}

// Link finds a one-time link; whether it is still good is for the caller to say.
func (r *Reader) Link(ctx context.Context, hash string) (account.Link, error) {
	return one(ctx, r, newQuery(`SELECT `+linkColumns+` FROM links WHERE hash = $1`, hash), noLink, scanLink)
}

// CreateLink stores a new one-time link.
func (tx *Tx) CreateLink(ctx context.Context, l account.Link) error {
	_, err := tx.exec(ctx, `INSERT INTO links (hash, purpose, user_id, expires_at, used_at) VALUES ($1, $2, $3, $4, $5)`,
		l.Hash, l.Purpose, l.UserID, micros(l.ExpiresAt), micros(l.UsedAt))
	return err
}

// UseLink spends a one-time link: of any number of callers at once exactly one gets it, the others NotFound, as
// for a link that is unknown, too old or for another purpose.
func (tx *Tx) UseLink(ctx context.Context, hash, purpose string, now time.Time) (account.Link, error) {
	q := newQuery(`UPDATE links SET used_at = $1 WHERE hash = $2 AND purpose = $3 AND used_at = 0 AND expires_at > $1 RETURNING `+linkColumns,
		micros(now), hash, purpose)
	return one(ctx, &tx.Reader, q, noLink, scanLink)
}

// DeleteLinks removes all links for a purpose, used or not.
func (tx *Tx) DeleteLinks(ctx context.Context, purpose string) error {
	_, err := tx.exec(ctx, `DELETE FROM links WHERE purpose = $1`, purpose)
	return err
}

// DeleteLinksOf removes all links of a user, used or not.
func (tx *Tx) DeleteLinksOf(ctx context.Context, userID string) error {
	_, err := tx.exec(ctx, `DELETE FROM links WHERE user_id = $1`, userID)
	return err
}
