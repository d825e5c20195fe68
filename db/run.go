package db

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"tieline/internal/account"
	"tieline/internal/fault"
	"tieline/internal/run"
)

const noRun = "There is no such run."

const runColumns = `r.seq, r.id, r.status, r.cause, r.summary, r.result, r.result_note, r.integration_id, r.integration, r.revision,
	r.endpoint_id, r.endpoint, r.method, r.integrator_id, r.integrator_version, r.integrator, r.customer_id, r.customer,
	r.source, r.test, r.run_key, r.record_type, r.record_id, r.http_status, r.records, r.duration, r.created_by,
	r.created_at, r.finished_at, r.dismissed_at, r.note`

// storedRun is a run with the number of its row.
type storedRun struct {
	run.Run
	seq int64
}

func scanRun(s scanner) (storedRun, error) {
	var r storedRun
	var cause, summary string
	var duration, created, finished, dismissed int64
	err := s.Scan(&r.seq, &r.ID, &r.Status, &cause, &summary, &r.Result, &r.ResultNote, &r.IntegrationID, &r.Integration, &r.Revision,
		&r.EndpointID, &r.Endpoint, &r.Method, &r.IntegratorID, &r.IntegratorVersion, &r.Integrator, &r.CustomerID, &r.Customer,
		&r.Trigger, &r.Test, &r.Key, &r.RecordType, &r.RecordID, &r.HTTPStatus, &r.Count, &duration, &r.CreatedBy,
		&created, &finished, &dismissed, &r.Note)
	r.Duration = time.Duration(duration) * time.Microsecond
	r.CreatedAt, r.FinishedAt, r.DismissedAt = moment(created), moment(finished), moment(dismissed)
	if cause != "" {
		r.Failure = &run.Failure{Cause: run.Cause(cause), Summary: summary}
	}
	return r, err
}

// runValues are the values of a row in the order of insertRun.
func (p PackedRun) values() []any {
	r := p.run
	cause, summary := "", ""
	if r.Failure != nil {
		cause, summary = string(r.Failure.Cause), fit(r.Failure.Summary, mostText)
	}
	var result any
	if r.Result != nil {
		result = fit(*r.Result, mostResult)
	}
	return append(make([]any, 0, runArgs),
		string(r.Status), cause, summary, result, fit(r.ResultNote, mostText), r.IntegrationID, fit(r.Integration, mostText), r.Revision,
		r.EndpointID, fit(r.Endpoint, mostText), fit(r.Method, mostText), r.IntegratorID, r.IntegratorVersion, fit(r.Integrator, mostText),
		r.CustomerID, fit(r.Customer, mostText), fit(r.Trigger, mostText), r.Test, fit(r.Key, mostText), fit(r.RecordType, mostText),
		fit(r.RecordID, mostText), r.HTTPStatus, r.Count, r.Duration.Microseconds(), fit(r.CreatedBy, mostText),
		micros(r.CreatedAt), micros(r.FinishedAt), micros(r.DismissedAt), fit(r.Note, mostText),
		int64(len(p.details)+len(p.bodies)+rowBytes))
}

// runArgs is room for the values of a row, its keys, and the bytes of its details.
const runArgs = 34

const insertRun = `INSERT INTO runs (status, cause, summary, result, result_note, integration_id, integration, revision,
	endpoint_id, endpoint, method, integrator_id, integrator_version, integrator, customer_id, customer,
	source, test, run_key, record_type, record_id, http_status, records, duration, created_by,
	created_at, finished_at, dismissed_at, note, bytes, seq, id)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25,
		$26, $27, $28, $29, $30, $31, $32) ON CONFLICT (seq) DO NOTHING`

const updateRun = `UPDATE runs SET status = $1, cause = $2, summary = $3, result = $4, result_note = $5, integration_id = $6,
	integration = $7, revision = $8, endpoint_id = $9, endpoint = $10, method = $11, integrator_id = $12,
	integrator_version = $13, integrator = $14, customer_id = $15, customer = $16, source = $17, test = $18, run_key = $19,
	record_type = $20, record_id = $21, http_status = $22, records = $23, duration = $24, created_by = $25,
	created_at = $26, finished_at = $27, dismissed_at = $28, note = $29, bytes = $30 WHERE seq = $31 AND id = $32`

// InsertRun stores a run, under way or over. The same id twice is a Conflict. A run under way is not found by
// text until it is over.
func (tx *Tx) InsertRun(ctx context.Context, p PackedRun) error {
	values := append(p.values(), p.seq, p.run.ID)
	insert := func() (int64, error) {
		if tx.engine == PostgreSQL {
			return tx.exec(ctx, insertWhole, append(values, p.details, blob(p.bodies))...)
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
		values[len(values)-2] = p.seq
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

// insertWhole stores row and details by one message to the server.
const insertWhole = `WITH fresh AS (` + insertRun + ` RETURNING seq) INSERT INTO run_details (seq, details, bodies) SELECT seq, $33, $34 FROM fresh`

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
	was, err := tx.weight(ctx, p.run.ID)
	if err != nil {
		return err
	}
	p.seq = was.seq
	values := append(p.values(), p.seq, p.run.ID)
	n, err := tx.exec(ctx, updateRun+` AND status IN ('queued', 'running', 'retrying', 'waiting')`, values...)
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.New(fault.Conflict, "This run is over already.")
	}
	_, err = tx.exec(ctx, `UPDATE run_details SET details = $1, bodies = $2 WHERE seq = $3`, p.details, blob(p.bodies), p.seq)
	if err != nil {
		return err
	}
	tx.effects.stored(p, p.run.Status.Ended())
	tx.effects.replaced(was.bytes)
	return nil
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

// unpack fills in what PackRun put aside.
func unpack(packed, bodies []byte, r *run.Run) error {
	text, err := unsqueeze(packed)
	if err != nil {
		return fmt.Errorf("stored run %s: %w", r.ID, err)
	}
	var d details
	if len(text) > 0 {
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.UseNumber() // numbers of outputs keep their text
		if err := decoder.Decode(&d); err != nil {
			return fmt.Errorf("stored run %s: %w", r.ID, err)
		}
	}
	if d.Failure != nil {
		r.Failure = d.Failure
	}
	if d.Result != nil {
		r.Result = d.Result
	}
	r.Outputs, r.EventID, r.CorrelationID, r.ParentID, r.ReplayOf = d.Outputs, d.EventID, d.CorrelationID, d.ParentID, d.ReplayOf
	r.Attempts, r.Tokens = d.Attempts, d.Tokens
	data, err := unsqueeze(bodies)
	if err != nil {
		return fmt.Errorf("stored run %s: %w", r.ID, err)
	}
	if len(data) == 0 {
		return nil
	}
	return unframe(data, r)
}
