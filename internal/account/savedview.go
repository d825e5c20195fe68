package account

import (
	"net/url"
	"time"

	"tieline/internal/fault"
)

// SavedView is a filter of the list of runs that somebody gave a name. Query is the list's state as in its
// address, without the page. UserID is whose it is, "" when everybody has it. CustomerID is the customer that the
// filter narrows to, "" for none: who may not see that customer does not see the view either.
type SavedView struct {
	ID         string
	Name       string
	Query      string
	UserID     string
	CustomerID string
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

// Shared tells whether everybody has the view.
func (v SavedView) Shared() bool { return v.UserID == "" }

// Validate says everything that is wrong with a saved view.
func (v SavedView) Validate() error {
	var f fault.Fields
	text(&f, "name", v.Name, "The name", true, 60)
	switch values, err := url.ParseQuery(v.Query); {
	case err != nil || len(v.Query) > 4000:
		f.Add("query", "This filter cannot be kept.")
	case len(values) == 0:
		f.Add("query", "Filter the list first; a view of everything needs no name.")
	}
	return f.Err()
}
