// Package web is the portal's face: pages for people. Every route stands in this file with the action it needs;
// one guard asks for it. Handlers read, call once and render; what they change goes through control.
package web

import (
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"tieline/db"
	"tieline/internal/account"
	"tieline/internal/control"
	"tieline/internal/signin"
	"tieline/static"
	"tieline/views/href"
	"tieline/web/api"
)

// Deps are what the portal needs. BaseURL is the address that people use, nil where none was set; its path is
// where the portal is served. Handlers are more handlers by path ("/healthz", "/readyz", "/metrics"). Demo
// tells whether the demo can be filled. Now may be nil.
type Deps struct {
	DB             *db.DB
	Control        *control.Plane
	Signin         *signin.Service
	BaseURL        *url.URL
	TrustedProxies []netip.Prefix
	Handlers       map[string]http.Handler
	Demo           bool
	Version        string
	Logger         *slog.Logger
	Now            func() time.Time
}

// site is what every handler hangs on.
type site struct {
	Deps
	root    href.Root
	files   *static.Files
	cookies cookies
}

// route is one line of the table. An empty action lets everybody in.
type route struct {
	method string
	path   string
	action account.Action
	do     echo.HandlerFunc
}

const (
	get  = http.MethodGet
	post = http.MethodPost
)

// routes is every page and form of the portal with what one must be allowed to do.
func (s *site) routes() []route {
	door, home, runs, theme := door{s}, home{s}, runs{s}, themes{s}
	customers, people, keys := customers{s}, users{s}, apikeys{s}
	own, variables, trail, settings := ownAccount{s}, variables{s}, trail{s}, settings{s}
	return append([]route{
		{get, "/setup", "", door.setupForm},
		{post, "/setup", "", door.setup},
		{get, "/login", "", door.loginForm},
		{post, "/login", "", door.login},
		{post, "/logout", "", door.logout},
		{get, "/link/:token", "", door.linkForm},
		{post, "/link/:token", "", door.link},
		{post, "/theme", "", theme.set},

		{get, "/", account.View, home.show},
		{post, "/demo", account.ManageSettings, home.demo},

		{get, "/customers", account.View, customers.list},
		{get, "/customers/new", account.EditCustomers, customers.fresh},
		{post, "/customers/new", account.EditCustomers, customers.create},
		{get, "/customers/:slug", account.View, customers.show},
		{post, "/customers/:slug", account.EditCustomers, customers.update},
		{post, "/customers/:slug/enable", account.EditCustomers, customers.enable},
		{post, "/customers/:slug/delete", account.EditCustomers, customers.remove},
		{post, "/customers/:slug/outbound", account.ManageOutbound, customers.allow},
		{post, "/customers/:slug/outbound/:id/delete", account.ManageOutbound, customers.disallow},

		{get, "/runs", account.View, runs.list},
		{get, "/runs.csv", account.View, runs.csv},
		{post, "/runs/views", account.OwnAccount, runs.keepView},
		{post, "/runs/views/:id", account.OwnAccount, runs.changeView},
		{post, "/runs/views/:id/delete", account.OwnAccount, runs.dropView},
		{get, "/runs/:id", account.View, runs.show},
		{post, "/runs/:id/retry", account.ActOnRuns, runs.retry},
		{post, "/runs/:id/skip", account.ActOnRuns, runs.skip},
		{post, "/runs/:id/dismiss", account.ActOnRuns, runs.dismiss},
		{post, "/runs/:id/allow", account.ManageOutbound, runs.allow},

		{get, "/variables", account.View, variables.list},
		{get, "/variables/new", account.EditIntegrations, variables.fresh},
		{post, "/variables/new", account.EditIntegrations, variables.create},
		{get, "/variables/:id", account.View, variables.show},
		{post, "/variables/:id", account.EditIntegrations, variables.update},
		{post, "/variables/:id/delete", account.EditIntegrations, variables.remove},

		{get, "/audit", account.ReadAudit, trail.list},
		{get, "/audit.csv", account.ReadAudit, trail.csv},

		{get, "/users", account.ManageUsers, people.list},
		{get, "/users/new", account.ManageUsers, people.fresh},
		{post, "/users/new", account.ManageUsers, people.create},
		{get, "/users/:id", account.ManageUsers, people.show},
		{post, "/users/:id", account.ManageUsers, people.update},
		{post, "/users/:id/link", account.ManageUsers, people.link},
		{post, "/users/:id/delete", account.ManageUsers, people.remove},

		{get, "/apikeys", account.ManageUsers, keys.list},
		{get, "/apikeys/new", account.ManageUsers, keys.fresh},
		{post, "/apikeys/new", account.ManageUsers, keys.create},
		{post, "/apikeys/:id/revoke", account.ManageUsers, keys.revoke},

		{get, "/account", account.OwnAccount, own.show},
		{post, "/account/password", account.OwnAccount, own.password},
		{post, "/account/sessions/:hash/end", account.OwnAccount, own.end},

		{get, "/settings", account.ManageSettings, settings.show},
		{post, "/settings", account.ManageSettings, settings.update},
	}, s.integrationRoutes()...)
}

// integrationRoutes are the pages of integrations, integrators and endpoints.
func (s *site) integrationRoutes() []route {
	list, uses, calls, when, maps, picks := integrations{s}, integrators{s}, endpoints{s}, triggers{s}, mappings{s}, imports{s}
	const one = "/integrations/:integration"
	const use, call, shape = one + "/integrators/:id", one + "/endpoints/:endpoint", one + "/mappings/:mapping"
	return []route{
		{get, "/integrations", account.View, list.list},
		{get, "/integrations/new", account.EditIntegrations, list.newForm},
		{post, "/integrations/new", account.EditIntegrations, list.create},
		{get, "/integrations/import", account.EditIntegrations, list.importForm},
		{post, "/integrations/import", account.EditIntegrations, list.importDocument},
		{get, "/integrations/import/:id", account.EditIntegrations, picks.pick},
		{get, "/integrations/import/:id/review", account.EditIntegrations, picks.review},
		{post, "/integrations/import/:id/review", account.EditIntegrations, picks.save},
		{get, one, account.View, list.show},
		{post, one, account.EditIntegrations, list.saveSettings},
		{post, one + "/enable", account.EditIntegrations, list.enable},
		{post, one + "/duplicate", account.EditIntegrations, list.duplicate},
		{post, one + "/delete", account.EditIntegrations, list.remove},
		{post, one + "/restore", account.EditIntegrations, list.restore},
		{get, one + "/export", account.View, list.export},

		{get, one + "/integrators/new", account.EditIntegrators, uses.newForm},
		{post, one + "/integrators/new", account.EditIntegrators, uses.create},
		{get, use, account.View, uses.show},
		{post, use, account.EditIntegrators, uses.update},
		{post, use + "/enable", account.EditIntegrators, uses.enable},
		{post, use + "/breaker", account.EditIntegrators, uses.breaker},
		{post, use + "/delete", account.EditIntegrators, uses.remove},
		{post, use + "/token", account.Test, uses.testToken},
		{post, use + "/connect", account.EditIntegrators, uses.connect},
		{post, use + "/disconnect", account.EditIntegrators, uses.disconnect},
		{get, "/oauth/callback", account.EditIntegrators, uses.connected},

		{get, one + "/mappings/new", account.EditIntegrations, maps.newForm},
		{post, one + "/mappings/new", account.EditIntegrations, maps.save},
		{get, shape, account.View, maps.show},
		{post, shape, account.EditIntegrations, maps.save},
		{post, shape + "/preview", account.Test, maps.preview},
		{post, shape + "/duplicate", account.EditIntegrations, maps.duplicate},
		{post, shape + "/delete", account.EditIntegrations, maps.remove},
		{post, shape + "/restore", account.EditIntegrations, maps.restore},

		{get, one + "/operations", account.EditIntegrations, operations{s}.list},
		{get, one + "/endpoints/new", account.EditIntegrations, calls.newForm},
		{post, one + "/endpoints/new", account.EditIntegrations, calls.save},
		{get, call, account.View, calls.show},
		{post, call, account.EditIntegrations, calls.save},
		{post, call + "/preview", account.Test, calls.preview},
		{post, call + "/test", account.Test, calls.test},
		{post, call + "/enable", account.EditIntegrations, calls.enable},
		{post, call + "/delete", account.EditIntegrations, calls.remove},
		{post, call + "/move", account.EditIntegrations, calls.move},
		{post, call + "/restore", account.EditIntegrations, list.restore},
		{get, call + "/triggers/new", account.EditIntegrations, when.newForm},
		{post, call + "/triggers/new", account.EditIntegrations, when.save},
		{get, call + "/triggers/:at", account.View, when.show},
		{post, call + "/triggers/:at", account.EditIntegrations, when.save},
		{post, call + "/triggers/:at/delete", account.EditIntegrations, when.remove},
		{post, call + "/triggers/try", account.Test, when.try},
	}
}

// New makes the portal's handler.
func New(d Deps) (http.Handler, error) {
	files, err := static.Load()
	if err != nil {
		return nil, err
	}
	if d.Now == nil {
		d.Now = time.Now
	}
	s := &site{Deps: d, files: files}
	secure := false
	if d.BaseURL != nil {
		s.root = href.Root(strings.TrimRight(d.BaseURL.EscapedPath(), "/"))
		secure = d.BaseURL.Scheme == "https"
	}
	s.cookies = newCookies(secure, string(s.root))
	safe, err := s.sameOrigin(d.BaseURL, s.echo())
	if err != nil {
		return nil, err
	}
	return s.headers(under(string(s.root), safe)), nil
}

// base is the address that people use, "" where none was set.
func (s *site) base() string {
	if s.BaseURL == nil {
		return ""
	}
	return s.BaseURL.String()
}

func (s *site) echo() *echo.Echo {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.Logger.SetLevel(99) // what is worth a line is logged by fail
	e.HTTPErrorHandler = s.fail
	e.IPExtractor = address(s.TrustedProxies)
	e.Use(s.logged, middleware.RecoverWithConfig(middleware.RecoverConfig{LogErrorFunc: func(c echo.Context, err error, stack []byte) error {
		s.Logger.ErrorContext(c.Request().Context(), "handler panicked", "route", c.Path(), "stack", string(stack))
		return err
	}}))
	e.GET("/static/:name", func(c echo.Context) error {
		s.files.Serve(c.Response(), c.Request(), c.Param("name"))
		return nil
	})
	for path, h := range s.Handlers {
		e.Any(path, echo.WrapHandler(h))
	}
	api.Mount(e, api.Deps{DB: s.DB, Control: s.Control, Signin: s.Signin, Logger: s.Logger, Version: s.Version, Base: s.base()})
	for _, r := range s.routes() {
		e.Add(r.method, r.path, s.guard(r.action, r.do))
		if r.method == get { // net/http sends no body in answer to HEAD
			e.Add(http.MethodHead, r.path, s.guard(r.action, r.do))
		}
	}
	return e
}
