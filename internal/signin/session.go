package signin

import (
	"context"
	"log/slog"
	"strings"
	"time"
	"unicode/utf8"

	"tieline/db"
	"tieline/internal/account"
	"tieline/internal/fault"
	"tieline/internal/secret"
)

// Session is somebody who is signed in. ID is the opaque id for the cookie.
type Session struct {
	ID        secret.Text
	User      account.User
	Actor     account.Actor
	ExpiresAt time.Time
}

// How long sessions live: without use, and at most.
const (
	idleStrict = 8 * time.Hour // owner and admin
	idleOther  = 12 * time.Hour
	atMost     = 24 * time.Hour // owner and admin
	atMostElse = 7 * 24 * time.Hour
	touchEvery = time.Minute
)

func strict(r account.Role) bool { return r == account.Owner || r == account.Admin }

func idle(r account.Role) time.Duration {
	if strict(r) {
		return idleStrict
	}
	return idleOther
}

func life(r account.Role) time.Duration {
	if strict(r) {
		return atMost
	}
	return atMostElse
}

// open makes a session with a new id. also runs in the same transaction; action is what the audit trail says.
func (s *Service) open(ctx context.Context, u account.User, from Client, action string, also func(*db.Tx) error) (Session, error) {
	now, fresh := s.now().UTC(), token()
	stored := account.Session{
		Hash: hashOf(fresh.Reveal()), UserID: u.ID, CreatedAt: now, SeenAt: now, ExpiresAt: now.Add(life(u.Role)),
		Address: from.Address, Agent: cut(from.Agent, 200),
	}
	who := actorOf(u, from.Address)
	err := s.db.Tx(ctx, func(tx *db.Tx) error {
		if also != nil {
			if err := also(tx); err != nil {
				return err
			}
		}
		if err := tx.CreateSession(ctx, stored); err != nil {
			return err
		}
		if err := tx.TouchLogin(ctx, u.ID, now); err != nil {
			return err
		}
		return tx.AddAudit(ctx, s.entry(who, action, u.ID, u.Email))
	})
	if err != nil {
		return Session{}, err
	}
	u.LastLoginAt = now
	return Session{ID: fresh, User: u, Actor: who, ExpiresAt: stored.ExpiresAt}, nil
}

// Resume finds who a session id belongs to; Unauthenticated where the session is over, was ended, or its
// person is disabled.
func (s *Service) Resume(ctx context.Context, sessionID string, from Client) (Session, error) {
	over := fault.New(fault.Unauthenticated, "Please sign in.")
	if sessionID == "" {
		return Session{}, over
	}
	stored, u, err := s.db.BySessionHash(ctx, hashOf(sessionID))
	if fault.KindOf(err) == fault.NotFound {
		return Session{}, over
	}
	if err != nil {
		return Session{}, err
	}
	now := s.now().UTC()
	if !u.Enabled || !now.Before(stored.ExpiresAt) || now.Sub(stored.SeenAt) >= idle(u.Role) || now.Sub(stored.CreatedAt) >= life(u.Role) {
		return Session{}, over
	}
	if now.Sub(stored.SeenAt) >= touchEvery {
		s.touch(ctx, stored.Hash, now)
	}
	return Session{ID: secret.NewText(sessionID), User: u, Actor: actorOf(u, from.Address), ExpiresAt: stored.ExpiresAt}, nil
}

// touch keeps when a session was last used. Reading goes on where that cannot be written.
func (s *Service) touch(ctx context.Context, hash string, now time.Time) {
	if err := s.db.Tx(ctx, func(tx *db.Tx) error { return tx.TouchSession(ctx, hash, now) }); err != nil {
		s.log.ErrorContext(ctx, "session not touched", slog.Any("error", err))
	}
}

// SignOut ends a session. A session that is over already is no error.
func (s *Service) SignOut(ctx context.Context, sessionID string, from Client) error {
	hash := hashOf(sessionID)
	_, u, err := s.db.BySessionHash(ctx, hash)
	if fault.KindOf(err) == fault.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	return s.db.Tx(ctx, func(tx *db.Tx) error {
		if err := tx.DeleteSession(ctx, hash); err != nil {
			return err
		}
		return tx.AddAudit(ctx, s.entry(actorOf(u, from.Address), "sign out", u.ID, u.Email))
	})
}

// Sessions are the actor's own sessions that are not over, newest first.
func (s *Service) Sessions(ctx context.Context, who account.Actor) ([]account.Session, error) {
	all, err := s.db.Sessions(ctx, who.ID)
	if err != nil {
		return nil, err
	}
	now, live := s.now(), all[:0]
	for _, stored := range all {
		if now.Before(stored.ExpiresAt) && now.Sub(stored.SeenAt) < idle(who.Role) {
			live = append(live, stored)
		}
	}
	return live, nil
}

// Current is the hash under which Sessions lists a session id.
func Current(sessionID string) string { return hashOf(sessionID) }

// EndSession ends one of the actor's own sessions by its hash.
func (s *Service) EndSession(ctx context.Context, who account.Actor, hash string) error {
	mine, err := s.db.Sessions(ctx, who.ID)
	if err != nil {
		return err
	}
	for _, stored := range mine {
		if stored.Hash != hash {
			continue
		}
		return s.db.Tx(ctx, func(tx *db.Tx) error {
			if err := tx.DeleteSession(ctx, hash); err != nil {
				return err
			}
			return tx.AddAudit(ctx, s.entry(who, "end session", who.ID, who.Name))
		})
	}
	return fault.New(fault.NotFound, "This session is over already.")
}

// ChangePassword sets the actor's own password after checking the old one. Every session of theirs ends; the
// one that is returned is new.
func (s *Service) ChangePassword(ctx context.Context, who account.Actor, old, fresh secret.Text, from Client) (Session, error) {
	if who.Kind != account.Person {
		return Session{}, fault.New(fault.Forbidden, "Only a person has a password.")
	}
	right, pause, err := s.limits.attempt(normal(who.Name), from.Address, s.now())
	if err != nil {
		return Session{}, err
	}
	u, err := s.db.User(ctx, who.ID)
	if err != nil {
		return Session{}, err
	}
	fits, err := s.hasher.matches(ctx, u.PasswordHash, old)
	if err != nil {
		return Session{}, err
	}
	if !fits {
		hold(ctx, pause)
		return Session{}, fault.At("old_password", "This is not your password.")
	}
	right()
	return s.setPassword(ctx, u, fresh, from, "change password", nil)
}

// setPassword sets a password, ends the person's sessions and links and opens a new session, all or nothing.
func (s *Service) setPassword(ctx context.Context, u account.User, fresh secret.Text, from Client, action string, also func(*db.Tx) error) (Session, error) {
	if err := CheckNewPassword(fresh, u.Email); err != nil {
		return Session{}, err
	}
	hash, err := s.hasher.hash(ctx, fresh)
	if err != nil {
		return Session{}, err
	}
	return s.open(ctx, u, from, action, func(tx *db.Tx) error {
		if also != nil {
			if err := also(tx); err != nil {
				return err
			}
		}
		if err := tx.SetPassword(ctx, u.ID, hash); err != nil {
			return err
		}
		if err := tx.DeleteLinksOf(ctx, u.ID); err != nil {
			return err
		}
		return tx.DeleteSessionsOf(ctx, u.ID, "")
	})
}

func cut(text string, limit int) string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == utf8.RuneError || r == 0x7f {
			return -1
		}
		return r
	}, text)
	if r := []rune(text); len(r) > limit {
		return string(r[:limit])
	}
	return text
}
