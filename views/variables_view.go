package views

import (
	"tieline/internal/account"
	"tieline/views/ui"
)

// VariablesView is the list of variables; Hints are the masked forms of encrypted ones by id.
type VariablesView struct {
	Variables []account.Variable
	Customers map[string]string // names by id
}

// VariableForm is a variable as typed.
type VariableForm struct {
	Variable  account.Variable
	Customers []ui.Option // id and name
	Problems  map[string]string
	Message   string
	Conflict  *Conflict
}

func (v VariableForm) owners() []ui.Option {
	return append([]ui.Option{{Value: "", Label: "Every customer"}}, v.Customers...)
}

func (v VariableForm) title() string {
	if v.Variable.ID == "" {
		return "Add variable"
	}
	return v.Variable.Name
}

func (v VariableForm) action(p Page) string {
	if v.Variable.ID == "" {
		return p.To.NewVariable()
	}
	return p.To.Variable(v.Variable.ID)
}

func askDeleteVariable(p Page, v account.Variable) ui.Ask {
	return ui.Ask{
		ID: "ask-delete-variable", Label: "Delete", Icon: ui.IconTrash2(), Title: "Delete " + v.Name + "?",
		Text: "It is refused while an endpoint uses it.", Href: p.To.DeleteVariable(v.ID), Button: "Delete it",
	}
}

func ownerWord(v account.Variable, names map[string]string) string {
	if v.CustomerID == "" {
		return "every customer"
	}
	return orName(names, v.CustomerID)
}
