package signin

import (
	"context"

	"tieline/db"
	"tieline/internal/account"
	"tieline/internal/fault"
	"tieline/internal/secret"
)

// liveLink finds a link that may still be used for one of the purposes; NotFound for every other token.
func (s *Service) liveLink(ctx context.Context, token string, purposes ...string) (account.Link, error) {
	link, err := s.db.Link(ctx, hashOf(token))
	if fault.KindOf(err) == fault.NotFound {
		return account.Link{}, void()
	}
	if err != nil {
		return account.Link{}, err
	}
	for _, purpose := range purposes {
		if link.Purpose == purpose && link.UsedAt.IsZero() && s.now().Before(link.ExpiresAt) {
			return link, nil
		}
	}
	return account.Link{}, void()
}

// NewLink makes a one-time link for a person: PurposeLogin (15 minutes) or PurposePassword (72 hours). Links
// made for them before are void. The caller has checked that the actor may.
func (s *Service) NewLink(ctx context.Context, who account.Actor, userID, purpose string) (secret.Text, error) {
	u, err := s.db.User(ctx, userID)
	if err != nil {
		return secret.Text{}, err
	}
	var fresh secret.Text
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		if err := tx.DeleteLinksOf(ctx, userID); err != nil {
			return err
		}
		if fresh, err = s.AddLink(ctx, tx, userID, purpose); err != nil {
			return err
		}
		return tx.AddAudit(ctx, s.entry(who, "make "+purpose+" link", u.ID, u.Email))
	})
	return fresh, err
}

// AddLink stores a new one-time link within a transaction and gives its token.
func (s *Service) AddLink(ctx context.Context, tx *db.Tx, userID, purpose string) (secret.Text, error) {
	lasts := passwordLife
	if purpose == PurposeLogin {
		lasts = loginLife
	}
	fresh := token()
	return fresh, tx.CreateLink(ctx, account.Link{
		Hash: hashOf(fresh.Reveal()), Purpose: purpose, UserID: userID, ExpiresAt: s.now().UTC().Add(lasts),
	})
}

// LinkValid finds the person and the purpose of a link that may still be used.
func (s *Service) LinkValid(ctx context.Context, token string) (u account.User, purpose string, err error) {
	link, err := s.liveLink(ctx, token, PurposeLogin, PurposePassword)
	if err != nil {
		return account.User{}, "", err
	}
	u, err = s.db.User(ctx, link.UserID)
	if err != nil || !u.Enabled {
		return account.User{}, "", void()
	}
	return u, link.Purpose, nil
}

// UseLink signs a person in by a one-time link; with PurposePassword it sets the password first. The link is
// used up only when that works.
func (s *Service) UseLink(ctx context.Context, token string, password secret.Text, from Client) (Session, error) {
	u, purpose, err := s.LinkValid(ctx, token)
	if err != nil {
		return Session{}, err
	}
	use := func(tx *db.Tx) error {
		if _, err := tx.UseLink(ctx, hashOf(token), purpose, s.now().UTC()); err != nil {
			return void()
		}
		return nil
	}
	if purpose == PurposePassword {
		return s.setPassword(ctx, u, password, from, "set password", use)
	}
	return s.open(ctx, u, from, "sign in by link", use)
}

// HashPassword checks a new password and gives its hash; it is for whoever makes a person with a password.
func (s *Service) HashPassword(ctx context.Context, password secret.Text, email string) (string, error) {
	if err := CheckNewPassword(password, email); err != nil {
		return "", err
	}
	return s.hasher.hash(ctx, password)
}
