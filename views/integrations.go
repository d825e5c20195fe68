package views

import (
	"strconv"
	"time"

	"github.com/a-h/templ"

	"tieline/internal/account"
	"tieline/internal/audit"
	"tieline/internal/integration"
	"tieline/internal/run"
	"tieline/views/ui"
)

// IntegrationsView is the list of integrations.
type IntegrationsView struct {
	Rows []IntegrationRow
	Text string // what was searched for
	Next string // the address of the next page, "" for none
}

// IntegrationRow is one integration in the list. Mask is the masked key of its only integrator, "" for none.
type IntegrationRow struct {
	Name, Label, Type, Visibility, Customer string
	Integrators                             int
	Enabled                                 bool
	LastSuccessAt, LastFailureAt            time.Time
	LastCause, LastRunID                    string
	Mask                                    string
}

// Title is the label, or the name where there is none.
func (r IntegrationRow) Title() string {
	if r.Label != "" {
		return r.Label
	}
	return r.Name
}

func (r IntegrationRow) ask(p Page) ui.Ask {
	return ui.Ask{
		ID: "ask-delete-" + ui.ElementID(r.Name), Label: "Delete", Icon: ui.IconTrash2(), InMenu: true,
		Title:  "Delete " + r.Title() + "?",
		Text:   "Its endpoints and " + ui.Count(r.Integrators, "integrator", "integrators") + " with their credentials are deleted. Its runs stay in Logs.",
		Href:   p.To.IntegrationDo(r.Name, "delete"),
		Button: "Delete it",
	}
}

// IntegrationView is one integration with its tabs. Only the part of the current tab is filled.
type IntegrationView struct {
	Page
	Tab         string // integrators, endpoints, logs, settings
	Of          integration.Integration
	Revision    int64
	Integrators []IntegratorRow
	Unused      bool           // no integrator yet: told on the tab of endpoints
	Warned      map[string]int // endpoints with something worth a look, and how much
	Logs        templ.Component
	Settings    IntegrationForm
	History     History
	Conflict    *Conflict
	Catalogues  []CatalogueLink // what it was imported from
}

// CatalogueLink leads to operations that more can be picked from.
type CatalogueLink struct{ ID, Title string }

// IntegratorRow is one integrator in the list.
type IntegratorRow struct {
	integration.Integrator
	CustomerSlug, CustomerName string
	Mask                       string
}

// ImportView is a document to import, and what it would change.
type ImportView struct {
	Document string
	Format   string // as chosen
	Into     string // the integration that is added to, "" for a new one
	Problems map[string]string
	Plans    []ImportPlan
}

// ImportPlan is what one document would do: make an integration, change it, or nothing.
type ImportPlan struct {
	Name     string
	Created  bool
	Changed  bool
	Diff     []audit.Field
	Warnings []run.Problem
}

func (v IntegrationView) canEdit() bool { return v.May(account.EditIntegrations) }

// Region is the id of the integration's row, which is swapped alone when its switch is pressed.
func (r IntegrationRow) Region() string { return "integration-" + ui.ElementID(r.Name) }

// Region is the id of the integrator's row.
func (r IntegratorRow) Region() string { return "integrator-" + ui.ElementID(r.ID) }

// EndpointRegion is the id of an endpoint's row.
func EndpointRegion(name string) string { return "endpoint-" + ui.ElementID(name) }

func flipValue(on bool) string {
	if on {
		return ""
	}
	return "1"
}

func onWord(on bool) string {
	if on {
		return "On"
	}
	return "Off"
}

func typeLabel(kind string) string {
	for _, o := range integrationTypes {
		if o.Value == kind {
			return o.Label
		}
	}
	return "Other"
}

func (v IntegrationView) tabs() []ui.Tab {
	tab := func(key, label, count string) ui.Tab {
		return ui.Tab{Label: label, Href: v.To.Integration(v.Of.Name, key), Current: v.Tab == key, Count: count}
	}
	return []ui.Tab{
		tab("integrators", "Integrators", ""),
		tab("endpoints", "Endpoints", strconv.Itoa(len(v.Of.Endpoints))),
		tab("mappings", "Mappings", strconv.Itoa(len(v.Of.Mappings))),
		tab("logs", "Logs", ""),
		tab("settings", "Settings", ""),
	}
}

func (v IntegrationView) tabLabel() string {
	for _, t := range v.tabs() {
		if t.Current {
			return t.Label
		}
	}
	return ""
}

func (v IntegrationView) askDeleteIntegrator(r IntegratorRow) ui.Ask {
	return ui.Ask{
		ID: "ask-delete-" + r.Region(), Label: "Delete", Icon: ui.IconTrash2(), InMenu: true,
		Title: "Delete " + r.Title(r.CustomerName) + "?",
		Text:  "Its host, fields and stored credentials are deleted. Its runs stay in Logs.",
		Href:  v.To.IntegratorDo(v.Of.Name, r.ID, "delete"), Button: "Delete it",
	}
}

func (v IntegrationView) askDeleteEndpoint(e integration.Endpoint) ui.Ask {
	return ui.Ask{
		ID: "ask-delete-" + EndpointRegion(e.Name), Label: "Delete", Icon: ui.IconTrash2(), InMenu: true,
		Title: "Delete " + e.Title() + "?",
		Text:  "Calls by this name stop working. Its runs stay in Logs, and an earlier revision can bring it back.",
		Href:  v.To.EndpointDo(v.Of.Name, e.Name, "delete"), Button: "Delete it",
	}
}

func (v IntegrationView) askDelete() ui.Ask {
	row := IntegrationRow{Name: v.Of.Name, Label: v.Of.Label, Integrators: len(v.Integrators)}
	ask := row.ask(v.Page)
	ask.InMenu, ask.Label = false, "Delete integration"
	return ask
}

func (v ImportView) sub() string {
	if v.Into != "" {
		return "What is picked becomes endpoints of " + v.Into + "."
	}
	return "A document, a description of an API, commands or a recording. What would change is shown before anything is stored."
}

func (v ImportView) fields() ui.Form { return ui.Form{Problems: v.Problems} }

func (v ImportView) changes() bool {
	for _, p := range v.Plans {
		if p.Created || p.Changed {
			return true
		}
	}
	return false
}

func (v ImportView) showKind() ui.Kind {
	if v.changes() {
		return ui.Plain
	}
	return ui.Primary
}

func (p ImportPlan) title() string {
	switch {
	case p.Created:
		return p.Name + " is new"
	case p.Changed:
		return p.Name + " changes"
	}
	return p.Name + " stays as it is"
}
