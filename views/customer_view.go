package views

import (
	"net/url"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"tieline/internal/account"
	"tieline/internal/run"
	"tieline/views/href"
	"tieline/views/ui"
)

// CustomerLine is one line of the list of customers.
type CustomerLine struct {
	account.Customer
	Integrators int
}

// CustomersView is one page of the customers.
type CustomersView struct {
	Lines []CustomerLine
	Text  string
	Next  string
	Query url.Values
	Size  int
}

func (v CustomersView) pages(p Page) ui.Pages {
	at := p.To.Customers()
	pages := ui.Pages{
		Size: v.Size, Sizes: PageSizes(), Shown: len(v.Lines), Noun: "customers",
		SizeAt: func(size int) string { return href.Limit(at, v.Query, size) },
	}
	if v.Next != "" {
		pages.Next = href.Page(at, v.Query, "cursor", v.Next)
	}
	if v.Query.Get("cursor") != "" {
		pages.First = href.Page(at, v.Query, "cursor", "")
	}
	return pages
}

// CustomerForm is a customer as typed.
type CustomerForm struct {
	Customer account.Customer
	Problems map[string]string
	Message  string
	Conflict *Conflict
}

// IntegrationLine is one integration in a customer's life: the last success and the last failure of the
// customer's integrators there.
type IntegrationLine struct {
	Name          string
	Label         string
	Integrators   int
	Enabled       bool
	LastSuccessAt time.Time
	LastFailureAt time.Time
	LastCause     run.Cause
	LastRunID     string
	OK            int64
	Failed        int64
}

// AddressForm is an outgoing address as typed.
type AddressForm struct {
	Entry    account.AllowEntry
	Problems map[string]string
	Message  string
}

// CustomerView is one customer with what the current tab shows.
type CustomerView struct {
	Customer account.Customer
	Tab      string // "integrations", "runs", "outbound", "settings"
	Lines    []IntegrationLine
	Offers   []Offer // integrations that the customer may use and does not yet
	Runs     RunsView
	Entries  []account.AllowEntry
	Names    map[string]string // people's names by id, for "added by"
	Address  AddressForm
	Form     CustomerForm
}

// Offer is an integration that a customer could use.
type Offer struct{ Name, Label string }

func (o Offer) title() string {
	if o.Label != "" {
		return o.Label
	}
	return o.Name
}

func (v CustomerView) tabs(p Page) []ui.Tab {
	slug := v.Customer.Slug
	return []ui.Tab{
		{Label: "Integrations", Href: p.To.Customer(slug, ""), Current: v.Tab == "integrations"},
		{Label: "Runs", Href: p.To.Customer(slug, "runs"), Current: v.Tab == "runs"},
		{Label: "Outgoing addresses", Href: p.To.Customer(slug, "outbound"), Current: v.Tab == "outbound"},
		{Label: "Settings", Href: p.To.Customer(slug, "settings"), Current: v.Tab == "settings"},
	}
}

func (v CustomerView) current(p Page) string {
	for _, t := range v.tabs(p) {
		if t.Current {
			return t.Label
		}
	}
	return ""
}

func (v CustomerView) askDelete(p Page) ui.Ask {
	return ui.Ask{
		ID: "ask-delete-customer", Label: "Delete customer", Icon: ui.IconTrash2(), Title: "Delete " + v.Customer.Name + "?",
		Text: "Its integrators, their credentials and its outgoing addresses go with it. Its runs stay in the log. This cannot be undone.",
		Href: p.To.CustomerDo(v.Customer.Slug, "delete"), Button: "Delete it",
	}
}

func askRemoveAddress(p Page, slug string, e account.AllowEntry) ui.Ask {
	return ui.Ask{
		ID: "ask-address-" + e.ID, Label: "Remove", Icon: ui.IconTrash2(), Small: true, Title: "Remove " + e.Target + "?",
		Text: "Calls of this customer to this address are blocked from then on.", Href: p.To.RemoveAddress(slug, e.ID), Button: "Remove it",
	}
}

func (l IntegrationLine) title() string {
	if l.Label != "" {
		return l.Label
	}
	return l.Name
}

// state says how a customer's use of an integration fares: failing when the last run failed, ok when there
// were good runs in the last day, quiet without any.
func (l IntegrationLine) state() (ui.Tone, string) {
	switch {
	case !l.Enabled:
		return ui.Neutral, "off"
	case l.LastFailureAt.After(l.LastSuccessAt):
		return ui.Bad, "failing"
	case l.LastSuccessAt.IsZero():
		return ui.Neutral, "idle"
	case l.OK == 0:
		return ui.Info, "quiet"
	}
	return ui.Good, "ok"
}

func whole(n int64) string { return strconv.FormatInt(n, 10) }

func orName(names map[string]string, id string) string {
	if name := names[id]; name != "" {
		return name
	}
	return orDash(id)
}

func slugHelp(fresh bool) string {
	if fresh {
		return "Stands in addresses and calls. Made from the name when left empty."
	}
	return "Stands in addresses and calls: whoever uses the old one must be told."
}

func portsWord(ports string) string {
	if ports == "" {
		return "all"
	}
	return ports
}

func healthIcon(word string) templ.Component {
	switch word {
	case "failing":
		return ui.IconCircleX()
	case "ok":
		return ui.IconCircleCheck()
	case "off":
		return ui.IconBan()
	}
	return ui.IconClock()
}
