package signin_test

import (
	"log/slog"
	"sync"
	"testing"
	"time"

	"tieline/db"
	"tieline/db/dbtest"
	"tieline/internal/account"
	"tieline/internal/fault"
	"tieline/internal/id"
	"tieline/internal/secret"
	"tieline/internal/signin"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// clock is a time that a test moves.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func service(d *db.DB) (*signin.Service, *clock) {
	c := &clock{at: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)}
	return signin.New(signin.Deps{DB: d, Logger: slog.New(slog.DiscardHandler), Now: c.now}), c
}

const goodPassword = "green-lamp-42-river"

var (
	good = secret.NewText(goodPassword)
	home = signin.Client{Address: "192.0.2.7", Agent: "test"}
)

// person stores somebody with a password.
func person(t *testing.T, d *db.DB, s *signin.Service, email string, role account.Role, customers ...string) account.User {
	t.Helper()
	hash, err := s.HashPassword(t.Context(), good, email)
	if err != nil {
		t.Fatal(err)
	}
	u := account.User{ID: id.New(), Email: email, Name: "Somebody", Role: role, PasswordHash: hash, Enabled: true, CustomerIDs: customers}
	err = d.Tx(t.Context(), func(tx *db.Tx) error {
		u, err = tx.CreateUser(t.Context(), u)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func wantKind(t *testing.T, err error, want fault.Kind) {
	t.Helper()
	if err == nil || fault.KindOf(err) != want {
		t.Fatalf("error = %v, want kind %v", err, want)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
