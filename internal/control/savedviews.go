package control

import (
	"context"
	"strings"

	"tieline/db"
	"tieline/internal/account"
	"tieline/internal/document"
	"tieline/internal/fault"
	"tieline/internal/id"
)

// mostViews is how many views one person may have, and everybody together.
const mostViews = 50

const viewTaken = "There is a view of this name already."

type viewFields struct {
	Name   string `json:"name,omitempty"`
	Query  string `json:"query,omitempty"`
	Shared bool   `json:"shared,omitempty"`
}

func viewDone(action string, before, after account.SavedView) done {
	shown := func(v account.SavedView) viewFields {
		return viewFields{Name: v.Name, Query: v.Query, Shared: v.ID != "" && v.Shared()}
	}
	one := after
	if one.ID == "" {
		one = before
	}
	return done{
		action: action, subject: "view", subjectID: one.ID, name: one.Name, customerID: one.CustomerID,
		fields: document.Diff(shown(before), shown(after)),
	}
}

// owned makes a view everybody's, or the actor's own.
func owned(who account.Actor, v account.SavedView, everybody bool) account.SavedView {
	v.Name = strings.TrimSpace(v.Name)
	if v.UserID = who.ID; everybody {
		v.UserID = ""
	}
	return v
}

// mayKeep is nil when the actor may have such a view: what everybody sees is for who manages the installation.
func mayKeep(who account.Actor, v account.SavedView) error {
	switch {
	case v.CustomerID != "" && !who.Scope.Holds(v.CustomerID):
		return fault.At("query", "This filter names a customer that does not exist.")
	case v.Shared() && !MayShareViews(who):
		return fault.New(fault.Forbidden, "Only an owner or admin of every customer shares a view with everybody.")
	}
	return v.Validate()
}

// MayShareViews tells whether somebody may make and change views that everybody sees.
func MayShareViews(who account.Actor) bool {
	return who.Role.May(account.ManageSettings) && who.Scope.All()
}

// CreateView names a filter of the list of runs, for the actor alone or for everybody.
func (p *Plane) CreateView(ctx context.Context, who account.Actor, v account.SavedView, everybody bool) (account.SavedView, error) {
	v = owned(who, v, everybody)
	v.ID = id.New()
	err := p.change(ctx, who, account.OwnAccount, func(tx *db.Tx) (done, error) {
		if err := mayKeep(who, v); err != nil {
			return done{}, err
		}
		have, err := tx.SavedViews(ctx, account.System("views").Scope, v.UserID)
		if err != nil {
			return done{}, err
		}
		count := 0
		for _, other := range have {
			if other.UserID == v.UserID {
				count++
			}
		}
		if count >= mostViews {
			return done{}, fault.At("name", "There are 50 views already. Delete one first.")
		}
		if v, err = tx.CreateSavedView(ctx, v); err != nil {
			return done{}, taken(err, "name", viewTaken)
		}
		return viewDone("create", account.SavedView{}, v), nil
	})
	return v, err
}

// view finds a view that the actor may change.
func (p *Plane) view(ctx context.Context, tx *db.Tx, who account.Actor, viewID string) (account.SavedView, error) {
	v, err := tx.SavedView(ctx, who.Scope, who.ID, viewID)
	if err == nil && v.Shared() && !MayShareViews(who) {
		err = fault.New(fault.Forbidden, "Everybody has this view. An owner or admin can change it.")
	}
	return v, err
}

// UpdateView replaces a view's name and filter, and says whether everybody has it.
func (p *Plane) UpdateView(ctx context.Context, who account.Actor, v account.SavedView, everybody bool) (account.SavedView, error) {
	v = owned(who, v, everybody)
	err := p.change(ctx, who, account.OwnAccount, func(tx *db.Tx) (done, error) {
		before, err := p.view(ctx, tx, who, v.ID)
		if err != nil {
			return done{}, err
		}
		if err := mayKeep(who, v); err != nil {
			return done{}, err
		}
		v.CreatedAt = before.CreatedAt
		what := viewDone("update", before, v)
		if len(what.fields) == 0 {
			return done{}, nil
		}
		v, err = tx.UpdateSavedView(ctx, v)
		return what, taken(err, "name", viewTaken)
	})
	return v, err
}

// DeleteView removes a view.
func (p *Plane) DeleteView(ctx context.Context, who account.Actor, viewID string) error {
	return p.change(ctx, who, account.OwnAccount, func(tx *db.Tx) (done, error) {
		before, err := p.view(ctx, tx, who, viewID)
		if err != nil {
			return done{}, err
		}
		return viewDone("delete", before, account.SavedView{}), tx.DeleteSavedView(ctx, viewID)
	})
}
