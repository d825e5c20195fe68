package run

import (
	"time"

	"tieline/internal/secret"
)

// Grant is the token that a vendor gave an integrator, sealed, and what became of it. Settings is what the
// integrator's GrantSettings were when it was fetched; Serial counts everything that happened to it, tokens and
// failures alike. A grant without Access has no token.
type Grant struct {
	IntegratorID string
	Settings     string
	Serial       int64
	Access       secret.Sealed
	Refresh      secret.Sealed
	ObtainedAt   time.Time
	ExpiresAt    time.Time // zero: the vendor does not say
	RefreshedAt  time.Time // of the last token that came without a person; zero: never
	FailedAt     time.Time // of the last token call that failed; zero: never
	Failure      *Failure  // why the last token call failed; nil where it did not
}

// Good tells whether the token is worth sending at a moment: it is there, it was fetched with these settings,
// and it does not end within a margin.
func (g Grant) Good(settings string, at time.Time, margin time.Duration) bool {
	return g.Access.Set() && g.Settings == settings && (g.ExpiresAt.IsZero() || at.Add(margin).Before(g.ExpiresAt))
}
