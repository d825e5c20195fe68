package db

import (
	"context"
	"strconv"
	"strings"
	"time"

	"tieline/internal/fault"
)

// Policy says how long runs are kept; a zero value sets no bound. Rows is the age of whole runs, Bodies the age
// of what was sent and answered; MaxRuns and MaxBytes bound how many runs and how much of them is kept, the
// newest first. Runs that are not over are never removed, and bodies of failed and unknown runs stay until
// somebody dismissed them or the run itself goes.
type Policy struct {
	Rows     time.Duration
	Bodies   time.Duration
	MaxRuns  int64
	MaxBytes int64
}

// Purged is what a purge removed, or would remove; More when there is more to do.
type Purged struct {
	Rows   int64
	Bodies int64
	More   bool
}

// bodiesGone is the setting that holds up to where bodies were removed.
const bodiesGone = "retention.bodies_until"

const (
	over      = `r.status NOT IN ('queued', 'running', 'retrying', 'waiting')`
	handled   = `(r.status NOT IN ('failed', 'unknown') OR r.dismissed_at > 0)`
	keepHours = 32 * 24 * time.Hour
)

// PurgePreview tells what a policy would remove now, and removes nothing.
func (r *Reader) PurgePreview(ctx context.Context, p Policy, now time.Time) (Purged, error) {
	var found Purged
	cut, err := r.rowCut(ctx, p, now)
	if err != nil {
		return found, err
	}
	q := newQuery(`SELECT count(*) FROM runs r WHERE r.seq < $1 AND `+over, cut)
	if found.Rows, err = one(ctx, r, q, "", value[int64]); err != nil {
		return found, err
	}
	until := r.bodyCut(p, now)
	from, err := r.bodiesFrom(ctx)
	if err != nil {
		return found, err
	}
	q = newQuery(`SELECT count(*) FROM runs r JOIN run_details d ON d.seq = r.seq WHERE r.seq >= $1 AND r.seq < $2
		AND d.bodies IS NOT NULL AND `+over+` AND `+handled, max(from, cut), until)
	found.Bodies, err = one(ctx, r, q, "", value[int64])
	return found, err
}

// Purge removes one batch of what a policy lets go: the oldest runs first, then the oldest bodies. Call it again
// while More; others write in between.
func (d *DB) Purge(ctx context.Context, p Policy, now time.Time, batch int) (Purged, error) {
	var done Purged
	cut, err := d.rowCut(ctx, p, now)
	if err != nil {
		return done, err
	}
	until := d.bodyCut(p, now)
	err = d.Tx(ctx, func(tx *Tx) error {
		done = Purged{}
		var err error
		if done.Rows, err = tx.purgeRows(ctx, cut, batch); err != nil {
			return err
		}
		left := batch - int(done.Rows)
		if left > 0 {
			var seen int64
			if done.Bodies, seen, err = tx.purgeBodies(ctx, max(cut, 0), until, left); err != nil {
				return err
			}
			left -= int(seen)
		}
		done.More = left <= 0
		_, err = tx.exec(ctx, `DELETE FROM run_hours WHERE hour < $1 AND hour < $2`, micros(now.Add(-keepHours)), seqMillis(cut)*1000-hour)
		return err
	})
	return done, err
}

// purgeRows removes the oldest runs below a number with all that belongs to them.
func (tx *Tx) purgeRows(ctx context.Context, cut int64, batch int) (int64, error) {
	q := newQuery(`SELECT r.seq FROM runs r WHERE r.seq < $1 AND `+over+` ORDER BY r.seq LIMIT $2`, cut, batch)
	list, err := all(ctx, &tx.Reader, q, value[int64])
	if err != nil || len(list) == 0 {
		return 0, err
	}
	in := numbers(list)
	key := "rowid"
	if tx.engine == PostgreSQL {
		key = "seq"
	}
	for _, text := range []string{
		`DELETE FROM run_search WHERE ` + key + ` IN (` + in + `)`,
		`DELETE FROM run_details WHERE seq IN (` + in + `)`,
		`DELETE FROM runs WHERE seq IN (` + in + `)`,
	} {
		if _, err := tx.exec(ctx, text); err != nil {
			return 0, err
		}
	}
	return int64(len(list)), nil
}

// purgeBodies removes the oldest bodies below a number; seen is how many runs it looked at. Where it stopped is
// remembered, so that runs whose bodies are gone are not looked at again.
func (tx *Tx) purgeBodies(ctx context.Context, cut, until int64, batch int) (removed, seen int64, err error) {
	from, err := tx.bodiesFrom(ctx)
	if err != nil {
		return 0, 0, err
	}
	from = max(from, cut)
	if from >= until {
		return 0, 0, nil
	}
	type candidate struct {
		seq  int64
		goes bool
	}
	q := newQuery(`SELECT r.seq, `+over+` AND `+handled+` FROM runs r WHERE r.seq >= $1 AND r.seq < $2 ORDER BY r.seq LIMIT $3`, from, until, batch)
	list, err := all(ctx, &tx.Reader, q, func(s scanner) (c candidate, err error) {
		err = s.Scan(&c.seq, &c.goes)
		return c, err
	})
	if err != nil {
		return 0, 0, err
	}
	next := until
	var going []int64
	for _, c := range list {
		if c.goes {
			going = append(going, c.seq)
		}
	}
	if len(list) == batch {
		next = list[len(list)-1].seq + 1
	}
	if len(going) > 0 {
		removed, err = tx.exec(ctx, `UPDATE run_details SET bodies = NULL WHERE bodies IS NOT NULL AND seq IN (`+numbers(going)+`)`)
		if err != nil {
			return 0, 0, err
		}
	}
	_, err = tx.exec(ctx, `INSERT INTO settings (name, value, updated_at) VALUES ($1, $2, $3)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at`, bodiesGone, strconv.FormatInt(next, 10), micros(stamp()))
	return removed, int64(len(list)), err
}

func numbers(list []int64) string {
	texts := make([]string, len(list))
	for i, n := range list {
		texts[i] = strconv.FormatInt(n, 10)
	}
	return strings.Join(texts, ", ")
}

func (r *Reader) bodiesFrom(ctx context.Context) (int64, error) {
	text, ok, err := r.Setting(ctx, bodiesGone)
	if err != nil || !ok {
		return 0, err
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, fault.Wrap(fault.Internal, "", err)
}

func (r *Reader) bodyCut(p Policy, now time.Time) int64 {
	if p.Bodies <= 0 {
		return 0
	}
	return seqFloor(now.Add(-p.Bodies))
}

// rowCut is the number below which runs go: the highest of what age, count and bytes ask for.
func (r *Reader) rowCut(ctx context.Context, p Policy, now time.Time) (int64, error) {
	var cut int64
	if p.Rows > 0 {
		cut = seqFloor(now.Add(-p.Rows))
	}
	if p.MaxRuns > 0 {
		q := newQuery(`SELECT r.seq FROM runs r ORDER BY r.seq DESC LIMIT 1 OFFSET $1`, p.MaxRuns-1)
		list, err := all(ctx, r, q, value[int64])
		if err != nil {
			return 0, err
		}
		if len(list) > 0 {
			cut = max(cut, list[0])
		}
	}
	if p.MaxBytes > 0 {
		byBytes, err := r.byteCut(ctx, p.MaxBytes)
		if err != nil {
			return 0, err
		}
		cut = max(cut, byBytes)
	}
	return cut, nil
}

// byteCut is the number above which the newest runs fill the bytes. Whole hours are summed from the counts kept
// beside the runs; only the hour of the cut is read run by run.
func (r *Reader) byteCut(ctx context.Context, most int64) (int64, error) {
	gone, err := r.bodiesFrom(ctx)
	if err != nil {
		return 0, err
	}
	type sum struct{ hour, bytes int64 }
	q := newQuery(`SELECT hour, CAST(sum(CASE WHEN hour < $1 THEN bytes ELSE bytes + bodies END) AS BIGINT) FROM run_hours
		GROUP BY hour ORDER BY hour DESC`, seqMillis(gone)*1000)
	hours, err := all(ctx, r, q, func(s scanner) (h sum, err error) {
		err = s.Scan(&h.hour, &h.bytes)
		return h, err
	})
	if err != nil {
		return 0, err
	}
	for _, h := range hours {
		if h.bytes <= most {
			most -= h.bytes
			continue
		}
		return r.byteCutIn(ctx, h.hour, most)
	}
	return 0, nil
}

func (r *Reader) byteCutIn(ctx context.Context, at, most int64) (int64, error) {
	low, high := seqFloor(moment(at)), seqFloor(moment(at+hour))
	q := newQuery(`SELECT t.seq FROM (SELECT r.seq AS seq, sum(r.bytes) OVER (ORDER BY r.seq DESC) AS filled FROM runs r
		WHERE r.seq >= $1 AND r.seq < $2) AS t WHERE t.filled > $3 ORDER BY t.seq DESC LIMIT 1`, low, high, most)
	list, err := all(ctx, r, q, value[int64])
	if err != nil || len(list) == 0 {
		return low, err
	}
	return list[0] + 1, nil
}
