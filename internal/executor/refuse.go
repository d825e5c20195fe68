package executor

import (
	"context"

	"tieline/internal/run"
)

// Refuse records a call that is not to be sent, with the failure that says why. What it was asked is kept like
// that of every run, so that it can be made again.
func (e *Executor) Refuse(ctx context.Context, job Job, why run.Failure) (run.Run, error) {
	c := e.begin(job)
	c.failure = &why
	if err := c.start(ctx); err != nil {
		return c.run, err
	}
	c.end()
	return c.run, e.record(ctx, c.run)
}
