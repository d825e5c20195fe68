package control

import (
	"context"
	"sync"

	"tieline/db"
	"tieline/internal/run"
)

// Recorder keeps runs in the database, many in one transaction. It is safe for concurrent use.
type Recorder struct {
	db      *db.DB
	started sync.Map // ids of runs whose row is there already
}

// NewRecorder makes a Recorder; it is what an executor is given.
func NewRecorder(d *db.DB) *Recorder { return &Recorder{db: d} }

// Start keeps a run before its first byte is sent.
func (r *Recorder) Start(ctx context.Context, started run.Run) error {
	packed, err := db.PackRun(started)
	if err != nil {
		return err
	}
	err = r.db.Group(ctx, func(tx *db.Tx) error { return tx.InsertRun(ctx, packed) })
	if err == nil {
		r.started.Store(started.ID, nil)
	}
	return err
}

// Finish keeps a run that is over. When it returns without an error, the run is on disk.
func (r *Recorder) Finish(ctx context.Context, ended run.Run) error {
	packed, err := db.PackRun(ended)
	if err != nil {
		return err
	}
	_, started := r.started.LoadAndDelete(ended.ID)
	store := (*db.Tx).InsertRun
	if started {
		store = (*db.Tx).FinishRun
	}
	return r.db.Group(ctx, func(tx *db.Tx) error {
		if err := store(tx, ctx, packed); err != nil {
			return err
		}
		return keepState(tx, ended)
	})
}

// keepState keeps what a run that succeeded has for later runs of its endpoint and integrator.
func keepState(tx *db.Tx, r run.Run) error {
	if r.Status != run.Succeeded || r.EndpointID == "" {
		return nil
	}
	for key, value := range r.Remember {
		err := tx.SetState(db.StateEntry{IntegratorID: r.IntegratorID, EndpointID: r.EndpointID, Key: key, Value: value, Since: r.CreatedAt})
		if err != nil {
			return err
		}
	}
	return nil
}
