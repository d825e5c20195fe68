package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"tieline/db"
	"tieline/internal/audit"
	"tieline/internal/fault"
	"tieline/views"
)

// trail is the audit trail.
type trail struct{ *site }

func (h trail) list(c echo.Context) error {
	query := c.QueryParams()
	v := views.AuditView{Query: query, Size: pageSize(query, 50)}
	code := http.StatusOK
	f, err := auditFilter(c)
	if fields, ok := problems(err); ok {
		v.Problems, code = fields, http.StatusUnprocessableEntity
	} else if err != nil {
		return err
	}
	if code == http.StatusOK {
		f.Limit, f.Cursor = v.Size, query.Get("cursor")
		if v.Entries, v.Next, err = h.DB.AuditEntries(c.Request().Context(), actor(c).Scope, f); err != nil {
			return err
		}
	}
	if v.Customers, err = h.customerNames(c); err != nil {
		return err
	}
	keepAddress(c, h.root.Audit())
	return render(c, code, views.AuditPage(h.page(c, "Audit trail", "audit"), v), "audit")
}

func auditFilter(c echo.Context) (db.AuditFilter, error) {
	q := c.QueryParams()
	f := db.AuditFilter{Actor: q.Get("actor"), Subject: q.Get("subject"), Action: q.Get("action"), Text: q.Get("q")}
	var bad fault.Fields
	var ok bool
	if f.From, ok = moment(q.Get("from")); !ok {
		bad.Add("from", "A date such as 2026-11-22 or 2026-11-22T10:15.")
	}
	if f.To, ok = moment(q.Get("to")); !ok {
		bad.Add("to", "A date such as 2026-11-22 or 2026-11-22T10:15.")
	}
	for name, value := range map[string]string{"actor": f.Actor, "subject": f.Subject, "action": f.Action, "q": f.Text} {
		if len(value) > 200 {
			bad.Add(name, "At most 200 characters.")
		}
	}
	return f, bad.Err()
}

func (h trail) csv(c echo.Context) error {
	f, err := auditFilter(c)
	if err != nil {
		return err
	}
	names, err := h.customerNames(c)
	if err != nil {
		return err
	}
	s, err := newSheet(c, "audit.csv", "date", "who", "kind", "address", "action", "subject", "name", "customer", "field", "before", "after")
	if err != nil {
		return err
	}
	f.Limit = 1000
	return fill(s, func(cursor string) ([]audit.Entry, string, error) {
		f.Cursor = cursor
		return h.DB.AuditEntries(c.Request().Context(), actor(c).Scope, f)
	}, func(e audit.Entry) error { return auditLines(s, e, names) })
}

// auditLines writes one line for each field that an entry changed, at least one.
func auditLines(s *sheet, e audit.Entry, names map[string]string) error {
	fields := e.Changes
	if len(fields) == 0 {
		fields = []audit.Field{{}}
	}
	for _, f := range fields {
		if err := s.line(stamp(e.At), e.ActorName, e.ActorKind, e.Address, e.Action, e.Subject, e.Name, names[e.CustomerID], f.Path, f.Before, f.After); err != nil {
			return err
		}
	}
	return nil
}
