// Package control is the one door for what people and programs change, and for calls that are made by hand or
// by name. Each method asks whether the actor may, whether the input is valid, writes, and remembers who did
// it, the last two in one transaction. Reading lists is left to db; reading one run whole goes through here,
// because bodies are a right of their own.
package control

import (
	"context"
	"log/slog"
	"time"

	"tieline/db"
	"tieline/internal/account"
	"tieline/internal/audit"
	"tieline/internal/executor"
	"tieline/internal/fault"
	"tieline/internal/id"
	"tieline/internal/outbound"
	"tieline/internal/secret"
	"tieline/internal/signin"
)

// Deps are what a Plane needs. Sandbox may be nil: then there is no demo. Now may be nil.
type Deps struct {
	DB       *db.DB
	Executor *executor.Executor
	Outbound *outbound.Client
	Sealer   secret.Sealer
	Signin   *signin.Service
	Sandbox  Sandbox
	Logger   *slog.Logger
	Now      func() time.Time
}

// Plane is the door. It is safe for concurrent use.
type Plane struct {
	db        *db.DB
	executor  *executor.Executor
	out       *outbound.Client
	seal      secret.Sealer
	signin    *signin.Service
	sandbox   Sandbox
	log       *slog.Logger
	now       func() time.Time
	directory *directory
	readings  *readings
	reading   chan struct{} // holds one who reads a foreign document
}

// New makes a Plane.
func New(d Deps) *Plane {
	if d.Now == nil {
		d.Now = time.Now
	}
	return &Plane{
		db: d.DB, executor: d.Executor, out: d.Outbound, seal: d.Sealer, signin: d.Signin,
		sandbox: d.Sandbox, log: d.Logger, now: d.Now, directory: newDirectory(d.DB, d.Now), readings: newReadings(),
		reading: make(chan struct{}, 1),
	}
}

// done is what a change says of itself for the audit trail. One without an action changed nothing and leaves
// no entry.
type done struct {
	action     string
	subject    string
	subjectID  string
	name       string
	customerID string
	fields     []audit.Field
}

// change is the door itself: may they, then the change and its audit entry in one transaction.
func (p *Plane) change(ctx context.Context, who account.Actor, action account.Action, do func(tx *db.Tx) (done, error)) error {
	if err := who.May(action); err != nil {
		return err
	}
	err := p.db.Tx(ctx, func(tx *db.Tx) error {
		what, err := do(tx)
		if err != nil || what.action == "" {
			return err
		}
		return tx.AddAudit(ctx, entryOf(who, what, p.now()))
	})
	if err == nil {
		p.directory.expire()
	}
	return err
}

func entryOf(who account.Actor, what done, at time.Time) audit.Entry {
	return audit.Entry{
		ID: id.New(), At: at.UTC(), ActorKind: string(who.Kind), ActorID: who.ID, ActorName: who.Name,
		Address: who.Address, Action: what.action, Subject: what.subject, SubjectID: what.subjectID, Name: what.name,
		CustomerID: what.customerID, Changes: what.fields,
	}
}

// shared is nil for who is not bound to customers; only they may change what every customer shares.
func shared(who account.Actor) error {
	if who.Scope.All() {
		return nil
	}
	return fault.New(fault.Forbidden, "This belongs to every customer, and you are bound to some of them.")
}

// ConflictError says that somebody else saved the same thing meanwhile. Base, Mine and Theirs are values of
// one type: what Mine was made from, what was about to be saved, and what is stored. Revision is the number
// to save Mine over Theirs with. Its kind is fault.Conflict.
type ConflictError struct {
	What     string
	Base     any
	Mine     any
	Theirs   any
	Revision int64
}

// Error gives the sentence for people.
func (e *ConflictError) Error() string { return e.Unwrap().Error() }

// Unwrap makes it a fault of kind Conflict.
func (e *ConflictError) Unwrap() error {
	return fault.New(fault.Conflict, "Somebody else saved "+e.What+" meanwhile.")
}

// taken turns a Conflict into a problem at the field whose value exists already.
func taken(err error, field, message string) error {
	if fault.KindOf(err) != fault.Conflict {
		return err
	}
	return fault.At(field, message)
}
