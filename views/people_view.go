package views

import (
	"strings"
	"time"

	"tieline/internal/account"
	"tieline/views/ui"
)

// UsersView is the list of people, with customers' names by id.
type UsersView struct {
	Users     []account.User
	Customers map[string]string
}

// UserForm is a person as typed. Link is a one-time link that was just made, told once.
type UserForm struct {
	User      account.User
	Customers []ui.Option // id and name
	Chosen    map[string]bool
	Problems  map[string]string
	Message   string
	Conflict  *Conflict
	Link      string
}

// APIKeysView is the list of API keys; Fresh is a key that was just made, told once.
type APIKeysView struct {
	Keys      []account.APIKey
	Customers map[string]string
	Names     map[string]string // people's names by id
	Fresh     string
	FreshName string
	Now       time.Time
}

// APIKeyForm is an API key as typed. Expires is a number of days, "" for never.
type APIKeyForm struct {
	Key       account.APIKey
	Expires   string
	Customers []ui.Option
	Chosen    map[string]bool
	Problems  map[string]string
	Message   string
}

// AccountView is the own account.
type AccountView struct {
	User     account.User
	Sessions []account.Session
	Current  string // hash of the session that looks
	Problems map[string]string
	Message  string
}

var roleWords = map[account.Role]string{
	account.Owner:   "Everything, outgoing addresses and other owners included.",
	account.Admin:   "Everything but what only an owner may.",
	account.Builder: "Defines integrations and integrators, tests and calls.",
	account.Support: "Reads definitions and logs, retries and skips. Never sees a secret.",
	account.Auditor: "Reads definitions, the list of runs and the audit trail, no bodies.",
}

func customerWords(ids []string, names map[string]string) string {
	if len(ids) == 0 {
		return "all customers"
	}
	words := make([]string, 0, len(ids))
	for _, id := range ids {
		words = append(words, orName(names, id))
	}
	return strings.Join(words, ", ")
}

func askDeleteUser(p Page, u account.User) ui.Ask {
	return ui.Ask{
		ID: "ask-delete-user", Label: "Delete", Icon: ui.IconTrash2(), Title: "Delete " + u.Name + "?",
		Text: "They are signed out at once. What they did stays in the audit trail.", Href: p.To.UserDo(u.ID, "delete"), Button: "Delete",
	}
}

func askRevoke(p Page, k account.APIKey) ui.Ask {
	return ui.Ask{
		ID: "ask-revoke-" + k.ID, Label: "Revoke", Icon: ui.IconBan(), Small: true, Title: "Revoke " + k.Name + "?",
		Text: "Programs that use this key are refused from then on. This cannot be undone.", Href: p.To.RevokeAPIKey(k.ID), Button: "Revoke it",
	}
}

// keyState says whether a key may be used.
func keyState(k account.APIKey, now time.Time) (ui.Tone, string) {
	switch {
	case !k.RevokedAt.IsZero():
		return ui.Neutral, "revoked"
	case !k.Live(now):
		return ui.Warn, "expired"
	}
	return ui.Good, "live"
}

// browser names a program by what it calls itself, as far as people can use that.
func browser(agent string) string {
	system := firstOf(agent, "Android", "iPhone", "iPad", "Windows", "Mac OS X", "Linux")
	name := firstOf(agent, "Edg/", "OPR/", "Firefox/", "Chrome/", "Safari/", "curl/")
	words := map[string]string{
		"Edg/": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari", "curl/": "curl", "Mac OS X": "macOS",
	}
	for mark, word := range words {
		if name == mark {
			name = word
		}
		if system == mark {
			system = word
		}
	}
	switch {
	case name == "" && agent == "":
		return "unknown program"
	case name == "":
		return agent
	case system == "":
		return name
	}
	return name + " on " + system
}

func firstOf(text string, marks ...string) string {
	for _, m := range marks {
		if strings.Contains(text, m) {
			return m
		}
	}
	return ""
}

func userTitle(u account.User) string {
	if u.ID == "" {
		return "Add user"
	}
	return u.Name
}

func userAction(p Page, u account.User) string {
	if u.ID == "" {
		return p.To.NewUser()
	}
	return p.To.User(u.ID)
}

// roleID gives the first role the id of the field, so that a problem's link leads there.
func roleID(f ui.Form, r account.Role) string {
	if r == account.Roles()[0] {
		return f.FieldID("role")
	}
	return f.FieldID("role-" + string(r))
}

func expiryOptions() []ui.Option {
	return []ui.Option{{Value: "", Label: "Never"}, {Value: "30", Label: "In 30 days"}, {Value: "90", Label: "In 90 days"}, {Value: "365", Label: "In a year"}}
}
