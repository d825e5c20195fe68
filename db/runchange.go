package db

import (
	"context"
	"net/http"
	"time"

	"tieline/internal/account"
	"tieline/internal/fault"
	"tieline/internal/run"
)

// DismissRun takes a failed or unknown run out of the list of what needs somebody, with a note.
func (tx *Tx) DismissRun(ctx context.Context, runID, note string, at time.Time) error {
	seq, err := tx.seq(ctx, runID)
	if err != nil {
		return err
	}
	n, err := tx.exec(ctx, `UPDATE runs SET dismissed_at = $1, note = $2 WHERE seq = $3 AND id = $4`, micros(at), fit(note, mostText), seq, runID)
	return gone(n, err, noRun)
}

// SetRunStatus changes where a run stands by hand (skip, cancel, finish), with a note. What it was is kept in
// the rest of the run.
func (tx *Tx) SetRunStatus(ctx context.Context, runID string, status run.Status, note string, at time.Time) error {
	r, err := tx.Run(ctx, account.Everything(), runID)
	if err != nil {
		return err
	}
	if !r.Status.Ended() {
		r.Status, r.Note, r.FinishedAt = status, note, at
		p, err := PackRun(r)
		if err != nil {
			return err
		}
		return tx.FinishRun(ctx, p)
	}
	seq, err := tx.seq(ctx, runID)
	if err != nil {
		return err
	}
	n, err := tx.exec(ctx, `UPDATE runs SET status = $1, note = $2 WHERE seq = $3 AND id = $4`, string(status), fit(note, mostText), seq, runID)
	return gone(n, err, noRun)
}

// SweepRunning ends the runs that were under way before a moment and that nobody carries on: after a start of
// the one process that serves a file, all of them; where several nodes serve one database, those older than
// the longest call. A write whose answer never came is unknown, anything else failed. One call ends at most 1000 and gives their number.
func (tx *Tx) SweepRunning(ctx context.Context, before time.Time) (int, error) {
	// By status and not by age alone: the partial index holds few of these.
	q := newQuery(`SELECT `+runColumns+`, d.details, d.bodies FROM runs r LEFT JOIN run_details d ON d.seq = r.seq
		WHERE r.status <> 'succeeded' AND r.status = 'running' AND r.created_at < $1 ORDER BY r.seq LIMIT 1000`, micros(before))
	list, err := all(ctx, &tx.Reader, q, scanWhole)
	if err != nil {
		return 0, err
	}
	for _, r := range list {
		p, err := PackRun(interrupted(r, stamp()))
		if err != nil {
			return 0, err
		}
		if err := tx.FinishRun(ctx, p); err != nil && fault.KindOf(err) != fault.Conflict {
			return 0, err
		}
	}
	return len(list), nil
}

// interrupted is a run as it ends when Tieline stopped in the middle of it.
func interrupted(r run.Run, now time.Time) run.Run {
	r.FinishedAt = now
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		r.Status = run.Failed
		r.Failure = &run.Failure{
			Cause: run.InternalFailure, Summary: "Tieline stopped during the call",
			Evidence: "The run was under way when Tieline stopped; no answer was recorded.",
			Hint:     "Press Retry: repeating this call changes nothing at the third party.",
		}
		return r
	}
	r.Status = run.Unknown
	r.Failure = &run.Failure{
		Cause: run.OutcomeUnknown, Summary: "sent, outcome unknown: Tieline stopped during the call",
		Evidence: "The request was about to be sent or was sent when Tieline stopped; no answer was recorded.",
		Hint:     "Look at the third party whether the change arrived; press Retry only if it did not.",
	}
	return r
}
