package db

import (
	"cmp"
	"context"
	"strings"
	"time"

	"tieline/internal/account"
	"tieline/internal/fault"
	"tieline/internal/id"
)

const noUser = "There is no such user."

const userColumns = `u.id, u.email, u.name, u.role, u.password_hash, u.enabled, u.version, u.created_at, u.updated_at, u.last_login_at`

func scanUser(s scanner) (account.User, error) {
	var u account.User
	var created, updated, login int64
	err := s.Scan(&u.ID, &u.Email, &u.Name, &u.Role, &u.PasswordHash, &u.Enabled, &u.Version, &created, &updated, &login)
	u.CreatedAt, u.UpdatedAt, u.LastLoginAt = moment(created), moment(updated), moment(login)
	return u, err
}

// bindings gives the customers that users or API keys are bound to, by user or key.
func (r *Reader) bindings(ctx context.Context, table, owner string) (map[string][]string, error) {
	bound := map[string][]string{}
	_, err := all(ctx, r, newQuery(`SELECT `+owner+`, customer_id FROM `+table+` ORDER BY customer_id`), func(s scanner) (none struct{}, err error) {
		var ownerID, customerID string
		err = s.Scan(&ownerID, &customerID)
		bound[ownerID] = append(bound[ownerID], customerID)
		return none, err
	})
	return bound, err
}

func (r *Reader) boundUser(ctx context.Context, u account.User, err error) (account.User, error) {
	if err != nil {
		return u, err
	}
	u.CustomerIDs, err = all(ctx, r, newQuery(`SELECT customer_id FROM user_customers WHERE user_id = $1 ORDER BY customer_id`, u.ID), value[string])
	return u, err
}

// Users lists all users by e-mail address.
func (r *Reader) Users(ctx context.Context) ([]account.User, error) {
	list, err := all(ctx, r, newQuery(`SELECT `+userColumns+` FROM users u ORDER BY u.email_key`), scanUser)
	if err != nil {
		return nil, err
	}
	bound, err := r.bindings(ctx, "user_customers", "user_id")
	for i := range list {
		list[i].CustomerIDs = bound[list[i].ID]
	}
	return list, err
}

// User finds a user by id.
func (r *Reader) User(ctx context.Context, userID string) (account.User, error) {
	u, err := one(ctx, r, newQuery(`SELECT `+userColumns+` FROM users u WHERE u.id = $1`, userID), noUser, scanUser)
	return r.boundUser(ctx, u, err)
}

// UserByEmail finds a user by e-mail address in any letter case.
func (r *Reader) UserByEmail(ctx context.Context, email string) (account.User, error) {
	q := newQuery(`SELECT `+userColumns+` FROM users u WHERE u.email_key = $1`, strings.ToLower(email))
	u, err := one(ctx, r, q, noUser, scanUser)
	return r.boundUser(ctx, u, err)
}

// CountOwners tells how many enabled owners there are.
func (r *Reader) CountOwners(ctx context.Context) (int, error) {
	q := newQuery(`SELECT count(*) FROM users WHERE role = $1 AND enabled = $2`, string(account.Owner), true)
	return one(ctx, r, q, "", value[int])
}

// CreateUser stores a new user; an e-mail address that is taken in any letter case is a Conflict.
func (tx *Tx) CreateUser(ctx context.Context, u account.User) (account.User, error) {
	u.ID = cmp.Or(u.ID, id.New())
	u.Version, u.UpdatedAt = 1, stamp()
	if u.CreatedAt.IsZero() {
		u.CreatedAt = u.UpdatedAt
	}
	tx.configured()
	_, err := tx.exec(ctx, `INSERT INTO users (id, email, email_key, name, role, password_hash, enabled, version, created_at, updated_at, last_login_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		u.ID, u.Email, strings.ToLower(u.Email), u.Name, string(u.Role), u.PasswordHash, u.Enabled, u.Version,
		micros(u.CreatedAt), micros(u.UpdatedAt), micros(u.LastLoginAt))
	if err != nil {
		return u, named(err, fault.Conflict, "Another user has this e-mail address.")
	}
	return u, tx.bind(ctx, "user_customers", "user_id", u.ID, u.CustomerIDs)
}

// bind makes the customers of a user or an API key exactly those given.
func (tx *Tx) bind(ctx context.Context, table, owner, ownerID string, customerIDs []string) error {
	if _, err := tx.exec(ctx, `DELETE FROM `+table+` WHERE `+owner+` = $1`, ownerID); err != nil {
		return err
	}
	for _, c := range customerIDs {
		_, err := tx.exec(ctx, `INSERT INTO `+table+` (`+owner+`, customer_id) VALUES ($1, $2) ON CONFLICT DO NOTHING`, ownerID, c)
		if err != nil {
			return err
		}
	}
	return nil
}

// UpdateUser stores a changed user, all but the password and the last sign-in; Conflict when its Version is not
// the stored one.
func (tx *Tx) UpdateUser(ctx context.Context, u account.User) (account.User, error) {
	before, err := tx.User(ctx, u.ID)
	if err != nil {
		return u, err
	}
	tx.configured()
	u.CreatedAt, u.PasswordHash, u.LastLoginAt, u.UpdatedAt = before.CreatedAt, before.PasswordHash, before.LastLoginAt, stamp()
	n, err := tx.exec(ctx, `UPDATE users SET email = $1, email_key = $2, name = $3, role = $4, enabled = $5, version = version + 1, updated_at = $6
		WHERE id = $7 AND version = $8`, u.Email, strings.ToLower(u.Email), u.Name, string(u.Role), u.Enabled, micros(u.UpdatedAt), u.ID, u.Version)
	if err != nil {
		return u, named(err, fault.Conflict, "Another user has this e-mail address.")
	}
	if n == 0 {
		return u, changed("user")
	}
	u.Version++
	return u, tx.bind(ctx, "user_customers", "user_id", u.ID, u.CustomerIDs)
}

// SetPassword stores the hash of a user's new password.
func (tx *Tx) SetPassword(ctx context.Context, userID, hash string) error {
	tx.configured()
	n, err := tx.exec(ctx, `UPDATE users SET password_hash = $1, version = version + 1, updated_at = $2 WHERE id = $3`, hash, micros(stamp()), userID)
	return gone(n, err, noUser)
}

// TouchLogin notes when a user last signed in.
func (tx *Tx) TouchLogin(ctx context.Context, userID string, at time.Time) error {
	n, err := tx.exec(ctx, `UPDATE users SET last_login_at = $1 WHERE id = $2`, micros(at), userID)
	return gone(n, err, noUser)
}

// DeleteUser removes a user with their sessions, links and own views.
func (tx *Tx) DeleteUser(ctx context.Context, userID string) error {
	tx.configured()
	for _, text := range []string{`DELETE FROM links WHERE user_id = $1`, `DELETE FROM saved_views WHERE user_id = $1 AND user_id <> ''`} {
		if _, err := tx.exec(ctx, text, userID); err != nil {
			return err
		}
	}
	n, err := tx.exec(ctx, `DELETE FROM users WHERE id = $1`, userID)
	return gone(n, err, noUser)
}

// gone is NotFound where a statement met no row.
func gone(n int64, err error, missing string) error {
	if err == nil && n == 0 {
		return fault.New(fault.NotFound, missing)
	}
	return err
}
