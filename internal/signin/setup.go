package signin

import (
	"context"
	"strings"
	"time"

	"tieline/db"
	"tieline/internal/account"
	"tieline/internal/fault"
	"tieline/internal/id"
	"tieline/internal/secret"
)

// What one-time links are for.
const (
	PurposeSetup    = "setup"    // make the first owner
	PurposeLogin    = "login"    // sign in once, without a password
	PurposePassword = "password" // set a password and sign in
)

// How long links live. A set-up link is made anew at each start.
const (
	setupLife    = 7 * 24 * time.Hour
	loginLife    = 15 * time.Minute
	passwordLife = 72 * time.Hour
)

// NewOwner is the first owner as typed.
type NewOwner struct {
	Email    string
	Name     string
	Password secret.Text
}

// NeedsSetup tells whether there is no owner yet.
func (s *Service) NeedsSetup(ctx context.Context) (bool, error) {
	n, err := s.db.CountOwners(ctx)
	return n == 0, err
}

// SetupLink makes the one-time set-up token while there is no owner; the one before is void. needed is false
// when there is an owner.
func (s *Service) SetupLink(ctx context.Context) (fresh secret.Text, needed bool, err error) {
	needed, err = s.NeedsSetup(ctx)
	if err != nil || !needed {
		return secret.Text{}, false, err
	}
	fresh = token()
	link := account.Link{Hash: hashOf(fresh.Reveal()), Purpose: PurposeSetup, ExpiresAt: s.now().UTC().Add(setupLife)}
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		if err := tx.DeleteLinks(ctx, PurposeSetup); err != nil {
			return err
		}
		return tx.CreateLink(ctx, link)
	})
	return fresh, true, err
}

func void() error {
	return fault.New(fault.NotFound, "This link does not hold any more. Links are used once and run out.")
}

// SetupValid is nil while a set-up token holds.
func (s *Service) SetupValid(ctx context.Context, token string) error {
	_, err := s.liveLink(ctx, token, PurposeSetup)
	return err
}

// Setup uses the set-up token, makes the first owner and signs them in.
func (s *Service) Setup(ctx context.Context, token string, in NewOwner, from Client) (Session, error) {
	if err := s.SetupValid(ctx, token); err != nil {
		return Session{}, err
	}
	u, err := s.owner(ctx, in)
	if err != nil {
		return Session{}, err
	}
	s.setup.Lock()
	defer s.setup.Unlock()
	return s.open(ctx, u, from, "set up", func(tx *db.Tx) error {
		if err := s.firstOwner(ctx, tx, u); err != nil {
			return err
		}
		if _, err := tx.UseLink(ctx, hashOf(token), PurposeSetup, s.now().UTC()); err != nil {
			return void()
		}
		return nil
	})
}

// CreateOwner makes the first owner without a link; it is for the command line and start settings. Conflict
// when there is an owner.
func (s *Service) CreateOwner(ctx context.Context, in NewOwner) (account.User, error) {
	u, err := s.owner(ctx, in)
	if err != nil {
		return account.User{}, err
	}
	return u, s.db.Tx(ctx, func(tx *db.Tx) error {
		if err := s.firstOwner(ctx, tx, u); err != nil {
			return err
		}
		return tx.AddAudit(ctx, s.entry(account.System("start"), "create", u.ID, u.Email))
	})
}

func (s *Service) owner(ctx context.Context, in NewOwner) (account.User, error) {
	now := s.now().UTC()
	u := account.User{
		ID: id.New(), Email: strings.TrimSpace(in.Email), Name: strings.TrimSpace(in.Name), Role: account.Owner,
		Enabled: true, Version: 1, CreatedAt: now, UpdatedAt: now,
	}
	if u.Name == "" {
		u.Name, _, _ = strings.Cut(u.Email, "@")
	}
	var f fault.Fields
	f.Under("", u.Validate())
	f.Under("", CheckNewPassword(in.Password, u.Email))
	if err := f.Err(); err != nil {
		return account.User{}, err
	}
	hash, err := s.hasher.hash(ctx, in.Password)
	u.PasswordHash = hash
	return u, err
}

func (s *Service) firstOwner(ctx context.Context, tx *db.Tx, u account.User) error {
	n, err := tx.CountOwners(ctx)
	if err != nil {
		return err
	}
	if n > 0 {
		return fault.New(fault.Conflict, "There is an owner already. Sign in instead.")
	}
	_, err = tx.CreateUser(ctx, u)
	return err
}
