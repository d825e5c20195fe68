// Package views draws nouns: every page, and the parts of pages that are swapped on their own. A page is one
// component; what can be asked for alone stands in a fragment with the id of its element. Views read values
// and never the database.
package views

import (
	"github.com/a-h/templ"

	"tieline/internal/account"
	"tieline/views/href"
	"tieline/views/ui"
)

// Page is what every page knows: its title, where the portal is served, who looks, and what to say once.
type Page struct {
	Title   string
	Section string // the lit entry of the menu: "home", "customers", "integrations", "runs", …
	To      href.Root
	Here    string // the address of this page with its query, for coming back
	Actor   account.Actor
	Theme   string // "", "day" or "night"
	Notes   []ui.Note
	CSS     string // hashed names of the built files
	JS      string
	HTMX    string
	Icon    string
}

// May tells whether the viewer's role may do an action; it decides what is drawn, never what is allowed.
func (p Page) May(a account.Action) bool { return p.Actor.Role.May(a) }

type entry struct {
	section string
	label   string
	href    string
	icon    templ.Component
	show    bool
}

type group struct {
	title   string
	entries []entry
}

// menu is the way through the portal, as far as the viewer may go.
func (p Page) menu() []group {
	all := []group{
		{"", []entry{{"home", "Dashboard", p.To.Home(), ui.IconLayoutDashboard(), true}}},
		{"Customer", []entry{
			{"customers", "Customers", p.To.Customers(), ui.IconBuilding2(), true},
			{"integrations", "Integration", p.To.Integrations(), ui.IconPlug(), true},
			{"variables", "Variables", p.To.Variables(), ui.IconVariable(), true},
		}},
		{"Logs", []entry{
			{"runs", "Runs", p.To.Runs(), ui.IconScrollText(), true},
			{"audit", "Audit trail", p.To.Audit(), ui.IconHistory(), p.May(account.ReadAudit)},
		}},
		{"Settings", []entry{
			{"users", "Users", p.To.Users(), ui.IconUsers(), p.May(account.ManageUsers)},
			{"apikeys", "API keys", p.To.APIKeys(), ui.IconKeyRound(), p.May(account.ManageUsers)},
			{"settings", "Settings", p.To.Settings(), ui.IconSettings(), p.May(account.ManageSettings)},
		}},
	}
	var shown []group
	for _, g := range all {
		var entries []entry
		for _, e := range g.entries {
			if e.show {
				entries = append(entries, e)
			}
		}
		if len(entries) > 0 {
			shown = append(shown, group{g.title, entries})
		}
	}
	return shown
}

func (p Page) title() string {
	if p.Title == "" {
		return "Tieline"
	}
	return p.Title + " – Tieline"
}

// htmxConfig is htmx's settings as its meta tag wants them: no styles written by scripts, whole elements are
// swapped, and a page that was left is asked for anew.
const htmxConfig = `{"includeIndicatorCSS":false,"defaultSwap":"outerHTML","defaultTimeout":130000,"history":true}`
