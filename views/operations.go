package views

import (
	"strconv"

	"tieline/internal/integration"
	"tieline/views/ui"
)

// OperationsView is a search in the operations of a third party. Asked tells whether there is a list to show.
type OperationsView struct {
	Page
	Of    integration.Integration
	Text  string
	Asked bool
	Found []FoundOperation
	Total int // how many fit
	All   int // how many there are
}

// FoundOperation is one line of the list. Method and path tell it apart; display names are not unique.
type FoundOperation struct {
	Display, Method, Path string
	Paginated             bool
}

func (v OperationsView) crumbs() []ui.Crumb {
	return []ui.Crumb{
		{Label: "Integration", Href: v.To.Integrations()},
		{Label: v.Of.Title(), Href: v.To.Integration(v.Of.Name, "endpoints")},
	}
}

func (v OperationsView) sub() string {
	return "What " + v.Of.Title() + " can do: " + strconv.Itoa(v.All) + " operations. Words in any order; a method counts as a word."
}

func (v OperationsView) count() string {
	switch {
	case v.Total == 0:
		return "Nothing fits. Try fewer words, or the beginning of one."
	case v.Total > len(v.Found):
		return "The best " + strconv.Itoa(len(v.Found)) + " of " + strconv.Itoa(v.Total) + " operations."
	}
	return ui.Count(v.Total, "operation", "operations") + "."
}
