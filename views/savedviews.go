package views

import (
	"net/url"

	"tieline/internal/account"
	"tieline/views/href"
	"tieline/views/ui"
)

// SavedViews are the named filters above the list of runs. Current is the one that the address names, zero for
// none; the list may have been filtered otherwise since.
type SavedViews struct {
	List     []account.SavedView
	Current  account.SavedView
	MayShare bool
	Form     ViewForm
}

// ViewForm is the form of a saved view as typed: a new one where ID is "". It stands open when it came back.
type ViewForm struct {
	ID        string
	Open      bool
	Name      string
	Everybody bool
	Problems  map[string]string
}

// ViewQuery is what a saved view keeps of a list's state: its filters and page size.
func ViewQuery(q url.Values) string {
	kept := url.Values{}
	for _, name := range append(filterNames(), "limit") {
		if value := q.Get(name); value != "" {
			kept.Set(name, value)
		}
	}
	return kept.Encode()
}

// ViewHref is the list as a saved view keeps it.
func ViewHref(root href.Root, v account.SavedView) string {
	q, err := url.ParseQuery(v.Query)
	if err != nil {
		return root.Runs()
	}
	return href.Page(root.Runs(), q, "view", v.ID)
}

func (f ViewForm) action(p Page, v RunsView) string {
	if f.ID == "" {
		return p.To.RunViews(ViewQuery(v.Query))
	}
	return p.To.RunView(f.ID, url.Values{"view": {f.ID}}.Encode()+"&"+ViewQuery(v.Query))
}

// fresh is the form of a new view, edit that of the current one; each is as typed where that is what came back.
func (s SavedViews) fresh() ViewForm {
	if s.Form.Open && s.Form.ID == "" {
		return s.Form
	}
	return ViewForm{}
}

func (s SavedViews) edit() ViewForm {
	if s.Form.Open && s.Form.ID == s.Current.ID {
		return s.Form
	}
	return ViewForm{ID: s.Current.ID, Name: s.Current.Name, Everybody: s.Current.Shared()}
}

// mayEdit tells whether the current view is the viewer's to change.
func (s SavedViews) mayEdit() bool { return s.Current.ID != "" && (!s.Current.Shared() || s.MayShare) }

// changed tells whether the list is filtered otherwise than the current view is.
func (s SavedViews) changed(v RunsView) bool { return ViewQuery(v.Query) != s.Current.Query }

func (s SavedViews) askDelete(p Page) ui.Ask {
	text := "Only you have it. The runs stay."
	if s.Current.Shared() {
		text = "Everybody has it. The runs stay."
	}
	return ui.Ask{
		ID: "ask-delete-view", Label: "Delete view", Icon: ui.IconTrash2(), Kind: ui.Plain, Small: true,
		Title: "Delete the view " + s.Current.Name + "?", Text: text, Href: p.To.DeleteRunView(s.Current.ID), Button: "Delete it",
	}
}
