package web

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"tieline/internal/control"
	"tieline/internal/fault"
	"tieline/views"
	"tieline/views/ui"
)

// settings are those of the installation.
type settings struct{ *site }

func (h settings) show(c echo.Context) error {
	r, err := h.Control.Retention(c.Request().Context())
	if err != nil {
		return err
	}
	return h.draw(c, http.StatusOK, views.SettingsView{Retention: views.RetentionForm{
		RowDays: limit(int64(r.RowDays)), BodyDays: limit(int64(r.BodyDays)), MaxRuns: limit(r.MaxRuns), MaxMiB: limit(r.MaxMiB),
	}})
}

func limit(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

func (h settings) draw(c echo.Context, code int, v views.SettingsView) error {
	ctx, scope := c.Request().Context(), actor(c).Scope
	v.Demo = h.Demo
	entries, err := h.DB.AllowEntries(ctx, scope, "")
	if err != nil {
		return err
	}
	customers, err := h.customersOf(c)
	if err != nil {
		return err
	}
	for _, e := range entries {
		line := views.AddressLine{Target: e.Target, Ports: e.Ports, Reason: e.Reason}
		for _, k := range customers {
			if k.ID == e.CustomerID {
				line.Customer, line.CustomerName = k.Slug, k.Name
			}
		}
		v.Addresses = append(v.Addresses, line)
	}
	if v.Facts, err = h.facts(c); err != nil {
		return err
	}
	return render(c, code, views.SettingsPage(h.page(c, "Settings", "settings"), v))
}

func (h settings) facts(c echo.Context) ([]ui.Fact, error) {
	size, err := h.DB.Size(c.Request().Context())
	if err != nil {
		return nil, err
	}
	base := "not set"
	if h.BaseURL != nil {
		base = h.BaseURL.String()
	}
	return []ui.Fact{
		{Label: "Version", Value: h.Version},
		{Label: "Database", Value: h.DB.Engine()},
		{Label: "Size", Value: ui.Bytes(size.Bytes) + ", of which " + ui.Bytes(size.Free) + " are free for what comes"},
		{Label: "Address that people use", Value: base, Mono: true},
		{Label: "Trusted proxies", Value: prefixes(h.TrustedProxies), Mono: true},
	}, nil
}

func (h settings) update(c echo.Context) error {
	form, err := values(c)
	if err != nil {
		return err
	}
	typed := views.RetentionForm{RowDays: text(form, "row_days"), BodyDays: text(form, "body_days"), MaxRuns: text(form, "max_runs"), MaxMiB: text(form, "max_mib")}
	next, err := typedRetention(form)
	if err == nil && form.Get("op") == "preview" {
		return h.preview(c, typed, next)
	}
	if err == nil {
		err = h.Control.SetRetention(c.Request().Context(), actor(c), next)
	}
	if fields, ok := problems(err); ok {
		typed.Problems, typed.Message = fields, fault.MessageOf(err)
		return h.draw(c, http.StatusUnprocessableEntity, views.SettingsView{Retention: typed})
	}
	if err != nil {
		return err
	}
	return h.done(c, "Saved.", h.root.Settings())
}

// preview says what a retention would remove now, and stores nothing.
func (h settings) preview(c echo.Context, typed views.RetentionForm, next control.Retention) error {
	gone, err := h.Control.RetentionPreview(c.Request().Context(), actor(c), next)
	if fields, ok := problems(err); ok {
		typed.Problems, typed.Message = fields, fault.MessageOf(err)
		return h.draw(c, http.StatusUnprocessableEntity, views.SettingsView{Retention: typed})
	}
	if err != nil {
		return err
	}
	words := "This would remove " + ui.Count(int(gone.Rows), "run", "runs") + " and the bodies of " + ui.Count(int(gone.Bodies), "run", "runs") + " now. Nothing was saved."
	return h.draw(c, http.StatusOK, views.SettingsView{Retention: typed, Preview: words})
}

func typedRetention(form url.Values) (control.Retention, error) {
	var bad fault.Fields
	number := func(name string, most int64) int64 {
		typed := text(form, name)
		if typed == "" {
			return 0
		}
		n, err := strconv.ParseInt(typed, 10, 64)
		if err != nil || n < 1 || n > most {
			bad.Add(name, "A whole number from 1 to "+strconv.FormatInt(most, 10)+", or nothing.")
		}
		return n
	}
	r := control.Retention{
		RowDays: int(number("row_days", 36_500)), BodyDays: int(number("body_days", 36_500)), MaxRuns: number("max_runs", 1e12), MaxMiB: number("max_mib", 1e9),
	}
	return r, bad.Err()
}
