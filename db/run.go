package db

import (
	"context"
	"fmt"

	"tieline/internal/account"
	"tieline/internal/fault"
	"tieline/internal/run"
)

const noRun = "There is no such run."

const runColumns = `r.seq, r.id, r.status, r.integration_id, r.endpoint_id, r.integrator_id, r.customer_id, r.test, r.created_at,
	r.dismissed_at, r.note, r.shown`

// storedRun is a run with the number of its row.
type storedRun struct {
	run.Run
	seq int64
}

func scanRun(s scanner) (storedRun, error) {
	var r storedRun
	var created, dismissed int64
	var shown []byte
	err := s.Scan(&r.seq, &r.ID, &r.Status, &r.IntegrationID, &r.EndpointID, &r.IntegratorID, &r.CustomerID, &r.Test, &created,
		&dismissed, &r.Note, &shown)
	if err != nil {
		return r, err
	}
	r.CreatedAt, r.DismissedAt = moment(created), moment(dismissed)
	if err := read((*codec).shown, shown, &r.Run); err != nil {
		return r, fmt.Errorf("stored run %s: %w", r.ID, err)
	}
	return r, nil
}

// values are the values of a row in the order of insertRun.
func (p PackedRun) values() []any {
	r := p.run
	cause := ""
	if r.Failure != nil {
		cause = string(r.Failure.Cause)
	}
	return append(make([]any, 0, runArgs),
		string(r.Status), cause, r.IntegrationID, r.EndpointID, r.IntegratorID, r.CustomerID, r.Test, micros(r.CreatedAt),
		micros(r.DismissedAt), fit(r.Note, mostText), p.shown, p.bytes(), p.seq, r.ID)
}

// runArgs is room for the values of a row and its details.
const runArgs = 16

const insertRun = `INSERT INTO runs (status, cause, integration_id, endpoint_id, integrator_id, customer_id, test, created_at,
	dismissed_at, note, shown, bytes, seq, id)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT (seq) DO NOTHING`

const updateRun = `UPDATE runs SET status = $1, cause = $2, integration_id = $3, endpoint_id = $4, integrator_id = $5,
	customer_id = $6, test = $7, created_at = $8, dismissed_at = $9, note = $10, shown = $11, bytes = $12
	WHERE seq = $13 AND id = $14`

// InsertRun stores a run, under way or over. The same id twice is a Conflict. A run under way is not found by
// text until it is over.
func (tx *Tx) InsertRun(ctx context.Context, p PackedRun) error {
	if tx.gather {
		tx.effects.fresh = append(tx.effects.fresh, p)
		tx.effects.stored(p, p.run.Status.Ended())
		return nil
	}
	values := p.values()
	insert := func() (int64, error) {
		if tx.engine == PostgreSQL {
			return tx.whole(ctx, insertWhole, []PackedRun{p})
		}
		return tx.exec(ctx, insertRun, values...)
	}
	n, err := insert()
	for hop := 1; err == nil && n == 0; hop++ {
		// The number is taken: by this very run, or by another of the same moment.
		if _, err := tx.seq(ctx, p.run.ID); err == nil || hop > seqReach {
			return fault.New(fault.Conflict, "This run is stored already.")
		}
		p.seq++
		values = p.values()
		n, err = insert()
	}
	if err == nil && tx.engine == SQLite {
		_, err = tx.exec(ctx, `INSERT INTO run_details (seq, details, bodies) VALUES ($1, $2, $3)`, p.seq, p.details, blob(p.bodies))
	}
	if err == nil {
		tx.effects.stored(p, p.run.Status.Ended())
	}
	return err
}

// whole writes rows and details of runs by one message to PostgreSQL, which costs more than what is in it. It gives
// how many runs were written: insertWhole passes over those whose number is taken, finishWhole over those that are
// over.
func (tx *Tx) whole(ctx context.Context, text string, runs []PackedRun) (int64, error) {
	if len(runs) == 0 {
		return 0, nil
	}
	rows := make([][]any, len(runs))
	for i, p := range runs {
		rows[i] = append(p.values(), p.details, p.bodies)
		if err := clean(rows[i]); err != nil {
			return 0, err
		}
	}
	return tx.exec(ctx, text, columns(rows)...)
}

// given are the arrays of columns as rows again.
const given = `WITH given AS (SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
		$7::boolean[], $8::bigint[], $9::bigint[], $10::text[], $11::bytea[], $12::bigint[], $13::bigint[], $14::text[],
		$15::bytea[], $16::bytea[])
	AS g (status, cause, integration_id, endpoint_id, integrator_id, customer_id, test, created_at, dismissed_at, note, shown,
		bytes, seq, id, details, bodies))`

const insertWhole = given + `, fresh AS (INSERT INTO runs (status, cause, integration_id, endpoint_id, integrator_id, customer_id,
		test, created_at, dismissed_at, note, shown, bytes, seq, id)
	SELECT status, cause, integration_id, endpoint_id, integrator_id, customer_id, test, created_at, dismissed_at, note, shown,
		bytes, seq, id FROM given ON CONFLICT (seq) DO NOTHING RETURNING seq)
	INSERT INTO run_details (seq, details, bodies) SELECT g.seq, g.details, g.bodies FROM given g JOIN fresh ON fresh.seq = g.seq`

const finishWhole = given + `, over AS (UPDATE runs r SET status = g.status, cause = g.cause, integration_id = g.integration_id,
		endpoint_id = g.endpoint_id, integrator_id = g.integrator_id, customer_id = g.customer_id, test = g.test,
		created_at = g.created_at, dismissed_at = g.dismissed_at, note = g.note, shown = g.shown, bytes = g.bytes
	FROM given g WHERE r.seq = g.seq AND r.id = g.id AND r.` + underWay + ` RETURNING r.seq)
	UPDATE run_details d SET details = g.details, bodies = g.bodies FROM given g JOIN over ON over.seq = g.seq WHERE d.seq = g.seq`

// underWay holds for the status of a run that is not over.
const underWay = `status IN ('queued', 'running', 'retrying', 'waiting')`

// blob is NULL for no bytes.
func blob(b []byte) any {
	if len(b) == 0 {
		return nil
	}
	return b
}

// seq is the number of a run's row.
func (r *Reader) seq(ctx context.Context, runID string) (int64, error) {
	start, ok := seqOf(runID)
	if !ok {
		return 0, fault.New(fault.NotFound, noRun)
	}
	q := newQuery(`SELECT seq FROM runs WHERE seq >= $1 AND seq <= $2 AND id = $3`, start, start+seqReach, runID)
	return one(ctx, r, q, noRun, value[int64])
}

// FinishRun stores how a run ended that was stored under way. One that is over already stays as it is, and is a
// Conflict.
func (tx *Tx) FinishRun(ctx context.Context, p PackedRun) error {
	if p.was.seq != 0 {
		p.seq = p.was.seq
		if tx.gather {
			tx.effects.ended = append(tx.effects.ended, p)
			tx.effects.finished(p)
			return nil
		}
		if n, err := tx.finish(ctx, p); err != nil || n > 0 {
			tx.effects.finished(p)
			return err
		}
	}
	var err error
	if p.was, err = tx.weight(ctx, p.run.ID); err != nil {
		return err
	}
	p.seq = p.was.seq
	n, err := tx.finish(ctx, p)
	if err == nil && n == 0 {
		return fault.New(fault.Conflict, "This run is over already.")
	}
	tx.effects.finished(p)
	return err
}

func (tx *Tx) finish(ctx context.Context, p PackedRun) (int64, error) {
	if tx.engine == PostgreSQL {
		return tx.whole(ctx, finishWhole, []PackedRun{p})
	}
	n, err := tx.exec(ctx, updateRun+` AND `+underWay, p.values()...)
	if err != nil || n == 0 {
		return n, err
	}
	return tx.exec(ctx, `UPDATE run_details SET details = $1, bodies = $2 WHERE seq = $3`, p.details, blob(p.bodies), p.seq)
}

// weight is the number of a run's row and the bytes that were counted when it was stored.
type weight struct{ seq, bytes int64 }

func (r *Reader) weight(ctx context.Context, runID string) (weight, error) {
	start, ok := seqOf(runID)
	if !ok {
		return weight{}, fault.New(fault.NotFound, noRun)
	}
	q := newQuery(`SELECT seq, bytes FROM runs WHERE seq >= $1 AND seq <= $2 AND id = $3`, start, start+seqReach, runID)
	return one(ctx, r, q, noRun, func(s scanner) (w weight, err error) {
		err = s.Scan(&w.seq, &w.bytes)
		return w, err
	})
}

// Run gives a run whole: with attempts, bodies, tokens and input as far as they are still kept.
func (r *Reader) Run(ctx context.Context, scope account.Scope, runID string) (run.Run, error) {
	start, ok := seqOf(runID)
	if !ok {
		return run.Run{}, fault.New(fault.NotFound, noRun)
	}
	q := newQuery(`SELECT `+runColumns+`, d.details, d.bodies FROM runs r LEFT JOIN run_details d ON d.seq = r.seq
		WHERE r.seq >= $1 AND r.seq <= $2 AND r.id = $3`, start, start+seqReach, runID).scope("r.customer_id", scope)
	return one(ctx, r, q, noRun, scanWhole)
}

func scanWhole(s scanner) (run.Run, error) {
	var packed, bodies []byte
	row, err := scanRun(with{s, []any{&packed, &bodies}})
	if err != nil {
		return row.Run, err
	}
	err = unpack(packed, bodies, &row.Run)
	return row.Run, err
}
