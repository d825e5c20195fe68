package views

import (
	"net/url"

	"tieline/internal/audit"
	"tieline/views/href"
	"tieline/views/ui"
)

// AuditView is one page of the audit trail.
type AuditView struct {
	Entries   []audit.Entry
	Next      string
	Query     url.Values
	Size      int
	Problems  map[string]string
	Customers map[string]string // names by id
}

func (v AuditView) get(name string) string { return v.Query.Get(name) }

func (v AuditView) filtered() bool {
	for _, name := range []string{"from", "to", "actor", "subject", "action", "q"} {
		if v.Query.Get(name) != "" {
			return true
		}
	}
	return false
}

func (v AuditView) pages(p Page) ui.Pages {
	at := p.To.Audit()
	pages := ui.Pages{
		Size: v.Size, Sizes: PageSizes(), Shown: len(v.Entries), Noun: "entries",
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

func (v AuditView) subjects() []ui.Option {
	return choices("Everything", "customer", "integration", "endpoint", "integrator", "variable", "outgoing address", "user", "api key", "settings", "run")
}

func choices(first string, values ...string) []ui.Option {
	options := []ui.Option{{Value: "", Label: first}}
	for _, v := range values {
		options = append(options, ui.Option{Value: v, Label: v})
	}
	return options
}

func (v AuditView) csvQuery() string {
	q := url.Values{}
	for name, values := range v.Query {
		if name != "cursor" && name != "limit" && len(values) > 0 && values[0] != "" {
			q[name] = values
		}
	}
	return q.Encode()
}

func actorWord(e audit.Entry) string {
	if e.ActorName != "" {
		return e.ActorName
	}
	return orDash(e.ActorID)
}
