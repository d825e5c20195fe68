package db

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"tieline/internal/run"
)

// effects are what follows from writes and is itself written once a commit, however many writes share it: the
// generation of the configuration, the words of runs, the counts of an hour, when an integrator last worked or
// failed, and what calls remember.
type effects struct {
	configured bool
	runs       []countedRun
	state      []StateEntry
	marked     effectsMark
}

// countedRun is what counts of a run that was written.
type countedRun struct {
	seq   int64
	words string // "" where it is not over yet
	hour  hourKey
	sums  hourSums
	mark  mark
}

// effectsMark is a place to go back to.
type effectsMark struct {
	configured bool
	runs       int
	state      int
}

func (e *effects) mark() { e.marked = effectsMark{e.configured, len(e.runs), len(e.state)} }

// back forgets what came after the mark.
func (e *effects) back() {
	e.configured, e.runs, e.state = e.marked.configured, e.runs[:e.marked.runs], e.state[:e.marked.state]
}

type hourKey struct {
	hour       int64
	integrator string
}

type hourSums struct {
	customer, integration           string
	runs, ok, failed, bytes, bodies int64
}

// mark is the latest success and failure of one integrator.
type mark struct {
	succeeded, failed int64
	run, cause        string
}

const hour = int64(time.Hour / time.Microsecond)

// join adds the effects of a write that is part of the commit.
func (e *effects) join(o effects) {
	e.configured = e.configured || o.configured
	e.runs = append(e.runs, o.runs...)
	e.state = append(e.state, o.state...)
}

func (s hourSums) plus(t hourSums) hourSums {
	s.runs, s.ok, s.failed = s.runs+t.runs, s.ok+t.ok, s.failed+t.failed
	s.bytes, s.bodies = s.bytes+t.bytes, s.bodies+t.bodies
	return s
}

func (m mark) later(o mark) mark {
	m.succeeded = max(m.succeeded, o.succeeded)
	if o.failed > m.failed {
		m.failed, m.run, m.cause = o.failed, o.run, o.cause
	}
	return m
}

// stored notes the bytes of a run that was written; ended whether it counts as ended now.
func (e *effects) stored(p PackedRun, ended bool) {
	r := &p.run
	s := countedRun{
		seq: p.seq, hour: hourKey{seqMillis(p.seq) * 1000 / hour * hour, r.IntegratorID},
		sums: hourSums{
			customer: r.CustomerID, integration: r.IntegrationID,
			bytes: int64(len(p.details)) + rowBytes, bodies: int64(len(p.bodies)),
		},
	}
	if ended {
		s.words, s.sums.runs, s.mark = p.words, 1, markOf(r)
		switch r.Status {
		case run.Succeeded:
			s.sums.ok++
		case run.Failed, run.Unknown:
			s.sums.failed++
		case run.Queued, run.Running, run.Retrying, run.Waiting, run.Skipped, run.Rejected, run.Cancelled:
		}
	}
	e.runs = append(e.runs, s)
}

// replaced takes the bytes back that were counted when the run of the last stored was written before. Bodies are
// written at the end of a run, so that all of them are details.
func (e *effects) replaced(bytes int64) { e.runs[len(e.runs)-1].sums.bytes -= bytes }

func markOf(r *run.Run) mark {
	at := micros(r.FinishedAt)
	if at == 0 {
		at = micros(r.CreatedAt)
	}
	switch r.Status {
	case run.Succeeded:
		return mark{succeeded: at}
	case run.Failed, run.Unknown:
		m := mark{failed: at, run: r.ID}
		if r.Failure != nil {
			m.cause = string(r.Failure.Cause)
		}
		return m
	case run.Queued, run.Running, run.Retrying, run.Waiting, run.Skipped, run.Rejected, run.Cancelled:
	}
	return mark{}
}

// write puts the effects into the transaction they belong to, in one order so that two nodes do not wait for
// each other in a circle.
func (e *effects) write(ctx context.Context, tx *Tx) error {
	if e.configured {
		if _, err := tx.exec(ctx, `UPDATE meta SET generation = generation + 1 WHERE one = 1`); err != nil {
			return err
		}
	}
	if err := e.index(ctx, tx); err != nil {
		return err
	}
	hours, marks := map[hourKey]hourSums{}, map[string]mark{}
	for _, r := range e.runs {
		hours[r.hour] = r.sums.plus(hours[r.hour])
		marks[r.hour.integrator] = marks[r.hour.integrator].later(r.mark)
	}
	keys := slices.SortedFunc(maps.Keys(hours), func(a, b hourKey) int {
		if a.hour != b.hour {
			return int(a.hour/hour - b.hour/hour)
		}
		return compare(a.integrator, b.integrator)
	})
	for _, k := range keys {
		s := hours[k]
		_, err := tx.exec(ctx, `INSERT INTO run_hours AS h (hour, integrator_id, customer_id, integration_id, runs, ok, failed, bytes, bodies)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
			ON CONFLICT (hour, integrator_id) DO UPDATE SET runs = h.runs + excluded.runs, ok = h.ok + excluded.ok,
				failed = h.failed + excluded.failed, bytes = h.bytes + excluded.bytes, bodies = h.bodies + excluded.bodies`,
			k.hour, k.integrator, s.customer, s.integration, s.runs, s.ok, s.failed, s.bytes, s.bodies)
		if err != nil {
			return err
		}
	}
	for _, integrator := range slices.Sorted(maps.Keys(marks)) {
		if err := marks[integrator].write(ctx, tx, integrator); err != nil {
			return err
		}
	}
	return e.writeState(ctx, tx)
}

// index makes runs findable by words. It is done here, in the order of the rows, because SQLite's index of words
// writes all it holds whenever a savepoint or a smaller row comes by.
func (e *effects) index(ctx context.Context, tx *Tx) error {
	slices.SortFunc(e.runs, func(a, b countedRun) int { return cmp.Compare(a.seq, b.seq) })
	rows := slices.DeleteFunc(slices.Clone(e.runs), func(r countedRun) bool { return r.words == "" })
	if tx.engine == SQLite {
		for _, r := range rows {
			if _, err := tx.exec(ctx, `INSERT INTO run_search (rowid, words) VALUES ($1, $2)`, r.seq, r.words); err != nil {
				return err
			}
		}
		return nil
	}
	for part := range slices.Chunk(rows, mostGrouped) {
		q := newQuery(`INSERT INTO run_search (seq, words) VALUES `)
		for i, r := range part {
			if i > 0 {
				q.add(`, `)
			}
			q.add(`(` + q.arg(r.seq) + `, CAST(CAST(` + q.arg(vector(r.words)) + ` AS text) AS tsvector))`)
		}
		if _, err := tx.exec(ctx, q.text.String(), q.args...); err != nil {
			return err
		}
	}
	return nil
}

func (m mark) write(ctx context.Context, tx *Tx, integrator string) error {
	if m.succeeded > 0 {
		_, err := tx.exec(ctx, `UPDATE integrators SET last_success_at = $1 WHERE id = $2 AND last_success_at < $1`,
			m.succeeded, integrator)
		if err != nil {
			return err
		}
	}
	if m.failed > 0 {
		_, err := tx.exec(ctx, `UPDATE integrators SET last_failure_at = $1, last_run_id = $2, last_cause = $3
			WHERE id = $4 AND last_failure_at <= $1`, m.failed, m.run, m.cause, integrator)
		return err
	}
	return nil
}

func compare(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
