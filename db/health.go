package db

import (
	"cmp"
	"context"
	"slices"
	"time"

	"tieline/internal/account"
)

// HourCount is how many runs ended well and badly in one hour.
type HourCount struct {
	Hour   time.Time
	OK     int64
	Failed int64
}

// RunCounts gives the last 24 hours, the current one last, hours without runs too.
func (r *Reader) RunCounts(ctx context.Context, scope account.Scope, now time.Time) ([]HourCount, error) {
	const hours = 24
	first := now.UTC().Truncate(time.Hour).Add(-(hours - 1) * time.Hour)
	list := make([]HourCount, hours)
	for i := range list {
		list[i].Hour = first.Add(time.Duration(i) * time.Hour)
	}
	q := newQuery(`SELECT hour, CAST(sum(ok) AS BIGINT), CAST(sum(failed) AS BIGINT) FROM run_hours WHERE hour >= $1`, micros(first))
	_, err := all(ctx, r, q.scope("customer_id", scope).add(` GROUP BY hour`), func(s scanner) (none struct{}, err error) {
		var at, ok, failed int64
		if err = s.Scan(&at, &ok, &failed); err != nil {
			return none, err
		}
		if i := int((at - micros(first)) / hour); i >= 0 && i < hours {
			list[i].OK, list[i].Failed = ok, failed
		}
		return none, nil
	})
	return list, err
}

// HealthRow is how one customer's use of one integration fares: over all of its integrators, the last success
// and failure ever, and the runs of the last 24 hours. Enabled is false where every integrator is off.
type HealthRow struct {
	CustomerID       string
	Customer         string
	CustomerName     string
	IntegrationID    string
	Integration      string
	IntegrationLabel string
	Integrators      int
	Enabled          bool
	LastSuccessAt    time.Time
	LastFailureAt    time.Time
	LastCause        string
	LastRunID        string // of the last failure
	OK               int64
	Failed           int64
}

type healthPart struct {
	HealthRow
	integrator string
}

func scanHealth(s scanner) (healthPart, error) {
	var h healthPart
	var success, failure int64
	err := s.Scan(&h.integrator, &h.CustomerID, &h.Customer, &h.CustomerName, &h.IntegrationID, &h.Integration, &h.IntegrationLabel,
		&h.Enabled, &success, &failure, &h.LastCause, &h.LastRunID)
	h.LastSuccessAt, h.LastFailureAt = moment(success), moment(failure)
	return h, err
}

// Health gives one row for each customer and integration that has an integrator, by customer name. It reads what
// is kept up to date beside the runs, not the runs.
func (r *Reader) Health(ctx context.Context, scope account.Scope, now time.Time) ([]HealthRow, error) {
	q := newQuery(`SELECT g.id, g.customer_id, c.slug, c.name, g.integration_id, i.name, i.label, g.enabled, g.last_success_at, g.last_failure_at,
		g.last_cause, g.last_run_id FROM integrators g JOIN customers c ON c.id = g.customer_id JOIN integrations i ON i.id = g.integration_id WHERE 1 = 1`)
	parts, err := all(ctx, r, q.scope("g.customer_id", scope), scanHealth)
	if err != nil {
		return nil, err
	}
	counts, err := r.dayCounts(ctx, scope, now)
	if err != nil {
		return nil, err
	}
	rows := map[[2]string]*HealthRow{}
	for _, p := range parts {
		row := rows[[2]string{p.CustomerID, p.IntegrationID}]
		if row == nil {
			fresh := p.HealthRow
			fresh.Enabled, fresh.LastSuccessAt, fresh.LastFailureAt, fresh.LastCause, fresh.LastRunID = false, time.Time{}, time.Time{}, "", ""
			row = &fresh
			rows[[2]string{p.CustomerID, p.IntegrationID}] = row
		}
		row.take(p, counts[p.integrator])
	}
	list := make([]HealthRow, 0, len(rows))
	for _, row := range rows {
		list = append(list, *row)
	}
	slices.SortFunc(list, func(a, b HealthRow) int {
		return cmp.Or(cmp.Compare(a.CustomerName, b.CustomerName), cmp.Compare(a.Customer, b.Customer), cmp.Compare(a.Integration, b.Integration))
	})
	return list, nil
}

func (row *HealthRow) take(p healthPart, c HourCount) {
	row.Integrators++
	row.Enabled = row.Enabled || p.Enabled
	row.OK, row.Failed = row.OK+c.OK, row.Failed+c.Failed
	if p.LastSuccessAt.After(row.LastSuccessAt) {
		row.LastSuccessAt = p.LastSuccessAt
	}
	if p.LastFailureAt.After(row.LastFailureAt) {
		row.LastFailureAt, row.LastCause, row.LastRunID = p.LastFailureAt, p.LastCause, p.LastRunID
	}
}

// dayCounts are the counts of the last 24 hours by integrator.
func (r *Reader) dayCounts(ctx context.Context, scope account.Scope, now time.Time) (map[string]HourCount, error) {
	first := now.UTC().Truncate(time.Hour).Add(-23 * time.Hour)
	q := newQuery(`SELECT integrator_id, CAST(sum(ok) AS BIGINT), CAST(sum(failed) AS BIGINT) FROM run_hours WHERE hour >= $1`, micros(first))
	counts := map[string]HourCount{}
	_, err := all(ctx, r, q.scope("customer_id", scope).add(` GROUP BY integrator_id`), func(s scanner) (none struct{}, err error) {
		var integrator string
		var c HourCount
		err = s.Scan(&integrator, &c.OK, &c.Failed)
		counts[integrator] = c
		return none, err
	})
	return counts, err
}
