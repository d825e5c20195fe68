package control

import (
	"context"
	"encoding/json"
	"time"

	"tieline/db"
	"tieline/internal/account"
	"tieline/internal/document"
	"tieline/internal/fault"
)

// Retention is for how long runs are kept; 0 is without a limit.
type Retention struct {
	RowDays  int   `json:"row_days"`
	BodyDays int   `json:"body_days"`
	MaxRuns  int64 `json:"max_runs"`
	MaxMiB   int64 `json:"max_mib"`
}

const retentionKey = "retention"

// Policy is what the database is asked to keep to.
func (r Retention) Policy() db.Policy {
	const day = 24 * time.Hour
	return db.Policy{
		Rows: time.Duration(r.RowDays) * day, Bodies: time.Duration(r.BodyDays) * day, MaxRuns: r.MaxRuns, MaxBytes: r.MaxMiB << 20,
	}
}

// Validate says everything that is wrong with a retention.
func (r Retention) Validate() error {
	var f fault.Fields
	within := func(field string, n, limit int64) {
		if n < 0 || n > limit {
			f.Add(field, "Give a number from 0 (no limit) up.")
		}
	}
	within("row_days", int64(r.RowDays), 36_500)
	within("body_days", int64(r.BodyDays), 36_500)
	within("max_runs", r.MaxRuns, 1_000_000_000_000)
	within("max_mib", r.MaxMiB, 1<<30)
	if r.RowDays > 0 && r.BodyDays > r.RowDays {
		f.Add("body_days", "Bodies cannot stay longer than the runs they belong to.")
	}
	return f.Err()
}

// settingReader is a database or a transaction.
type settingReader interface {
	Setting(ctx context.Context, key string) (string, bool, error)
}

// LoadRetention reads what is in force: 90 days for runs and 30 for bodies unless somebody chose otherwise.
func LoadRetention(ctx context.Context, from settingReader) (Retention, error) {
	r := Retention{RowDays: 90, BodyDays: 30}
	text, ok, err := from.Setting(ctx, retentionKey)
	if err != nil || !ok {
		return r, err
	}
	return r, json.Unmarshal([]byte(text), &r)
}

// Retention reads what is in force.
func (p *Plane) Retention(ctx context.Context) (Retention, error) { return LoadRetention(ctx, p.db) }

// SetRetention says for how long runs are kept from now on.
func (p *Plane) SetRetention(ctx context.Context, who account.Actor, next Retention) error {
	return p.change(ctx, who, account.ManageSettings, func(tx *db.Tx) (done, error) {
		if err := shared(who); err != nil {
			return done{}, err
		}
		if err := next.Validate(); err != nil {
			return done{}, err
		}
		before, err := LoadRetention(ctx, tx)
		if err != nil || before == next {
			return done{}, err
		}
		text, err := json.Marshal(next)
		if err != nil {
			return done{}, err
		}
		what := done{action: "update", subject: "settings", name: "retention", fields: document.Diff(before, next)}
		return what, tx.SetSetting(ctx, retentionKey, string(text))
	})
}

// RetentionPreview tells what a retention would remove now.
func (p *Plane) RetentionPreview(ctx context.Context, who account.Actor, r Retention) (db.Purged, error) {
	if err := who.May(account.ManageSettings); err != nil {
		return db.Purged{}, err
	}
	if err := r.Validate(); err != nil {
		return db.Purged{}, err
	}
	return p.db.PurgePreview(ctx, r.Policy(), p.now())
}
