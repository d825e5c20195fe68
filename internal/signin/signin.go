// Package signin finds out who somebody is and what they may see: the first owner's set-up link, passwords,
// sessions, one-time links and API keys. It alone (with cmd, for the program itself) makes scopes. What it
// remembers of a token, a key or a session id is its SHA-256; none of them can be read back.
package signin

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"log/slog"
	"sync"
	"time"

	"tieline/db"
	"tieline/internal/account"
	"tieline/internal/audit"
	"tieline/internal/fault"
	"tieline/internal/id"
	"tieline/internal/secret"
)

// Deps are what a Service needs. Now may be nil.
type Deps struct {
	DB     *db.DB
	Logger *slog.Logger
	Now    func() time.Time
}

// Service recognises people and programs. It is safe for concurrent use.
type Service struct {
	db     *db.DB
	log    *slog.Logger
	now    func() time.Time
	hasher *hasher
	limits *limiter
	keys   *keyCache
	setup  sync.Mutex
}

// New makes a Service.
func New(d Deps) *Service {
	if d.Now == nil {
		d.Now = time.Now
	}
	return &Service{db: d.DB, log: d.Logger, now: d.Now, hasher: newHasher(), limits: newLimiter(), keys: newKeyCache()}
}

// Client is where somebody comes from: the address without a port, and what their program calls itself.
type Client struct {
	Address string
	Agent   string
}

// token is a fresh secret of 256 bits as 43 characters that may stand in an address.
func token() secret.Text { return secret.NewText(base64.RawURLEncoding.EncodeToString(random(32))) }

// hashOf is what is stored of a token.
func hashOf(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// scopeOf is what a person or a key sees: everything, or the customers they are bound to.
func scopeOf(customerIDs []string) account.Scope {
	if len(customerIDs) == 0 {
		return account.Everything()
	}
	return account.Only(customerIDs...)
}

// actorOf is a person at work.
func actorOf(u account.User, address string) account.Actor {
	return account.Actor{
		Kind: account.Person, ID: u.ID, Name: u.Email, Role: u.Role, Scope: scopeOf(u.CustomerIDs), Address: address,
	}
}

// entry is an audit entry about a person's door.
func (s *Service) entry(who account.Actor, action, userID, name string) audit.Entry {
	return audit.Entry{
		ID: id.New(), At: s.now().UTC(), ActorKind: string(who.Kind), ActorID: who.ID, ActorName: who.Name,
		Address: who.Address, Action: action, Subject: "user", SubjectID: userID, Name: name,
	}
}

// refused is the one answer to a wrong e-mail address, a wrong password and a disabled person.
func refused() error {
	return fault.New(fault.Unauthenticated, "The e-mail address or the password is not right.")
}

// SignIn checks an e-mail address and a password. A refusal reads and takes the same whatever was wrong; too
// many tries are Limited (see RetryAfter).
func (s *Service) SignIn(ctx context.Context, email string, password secret.Text, from Client) (Session, error) {
	right, pause, err := s.limits.attempt(normal(email), from.Address, s.now())
	if err != nil {
		return Session{}, err
	}
	u, err := s.db.UserByEmail(ctx, normal(email))
	known := err == nil
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return Session{}, err
	}
	fits, err := s.hasher.matches(ctx, u.PasswordHash, password)
	if err != nil {
		return Session{}, err
	}
	if !fits || !u.Enabled {
		s.noteRefusal(ctx, u, known, from)
		hold(ctx, pause)
		return Session{}, refused()
	}
	right()
	return s.open(ctx, u, from, "sign in", nil)
}

// nobody is how the audit trail calls whoever gave an e-mail address that is not known. What they typed is not
// kept: it may be a password in the wrong field.
const nobody = "unknown e-mail address"

// noteRefusal keeps a refused sign-in in the audit trail and in the log. That of an unknown person is written
// too: else the time that the write takes would tell which addresses are known.
func (s *Service) noteRefusal(ctx context.Context, u account.User, known bool, from Client) {
	s.log.WarnContext(ctx, "sign-in refused", slog.String("address", from.Address), slog.Bool("known", known))
	if !known {
		u.Email = nobody
	}
	err := s.db.Tx(ctx, func(tx *db.Tx) error {
		return tx.AddAudit(ctx, s.entry(actorOf(u, from.Address), "sign in refused", u.ID, u.Email))
	})
	if err != nil {
		s.log.ErrorContext(ctx, "refused sign-in not kept", slog.Any("error", err))
	}
}

// hold waits, or less where the caller goes away.
func hold(ctx context.Context, pause time.Duration) {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
