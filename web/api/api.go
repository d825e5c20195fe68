// Package api is the face for programs: /api/v1 with bearer API keys, JSON (and YAML for definitions),
// problem+json errors and an OpenAPI document. It takes no cookies. It reads through db, changes and calls
// through control, and decides nothing itself.
package api

import (
	"context"
	"log/slog"
	"strings"

	"github.com/labstack/echo/v4"

	"tieline/db"
	"tieline/internal/account"
	"tieline/internal/control"
	"tieline/internal/fault"
	"tieline/internal/signin"
)

// Deps are what the API needs. Version is the build that the OpenAPI document names; Base is the address that
// people use, with a path where there is one, and may be empty.
type Deps struct {
	DB      *db.DB
	Control *control.Plane
	Signin  *signin.Service
	Logger  *slog.Logger
	Version string
	Base    string
}

// Prefix is where the API stands.
const Prefix = "/api/v1"

type server struct {
	db      *db.DB
	control *control.Plane
	signin  *signin.Service
	log     *slog.Logger
	version string
	base    string
	routes  []route
}

// Mount adds the API to a router. The caller brings the address of clients (IPExtractor), time limits and
// panics under control; the API brings its own authentication, limits on bodies and errors.
func Mount(e *echo.Echo, d Deps) {
	s := &server{
		db: d.DB, control: d.Control, signin: d.Signin, log: d.Logger, version: d.Version,
		base: strings.TrimRight(d.Base, "/"),
	}
	s.routes = s.table()
	for _, r := range s.routes {
		e.Add(r.method, Prefix+pattern.Replace(r.path), s.guarded(r))
	}
	missing := func(c echo.Context) error {
		answerHead(c)
		return s.refuse(c, fault.New(fault.NotFound, "There is nothing at this address."))
	}
	e.Any(Prefix, missing)
	e.Any(Prefix+"/*", missing)
}

// call is one request under way: who asks, and the echo context.
type call struct {
	echo.Context
	who account.Actor
	at  string // the address that people use, "" where none is known
}

func (c call) ctx() context.Context { return c.Request().Context() }

// guarded is a route's handler behind its key and its action.
func (s *server) guarded(r route) echo.HandlerFunc {
	return func(c echo.Context) error {
		answerHead(c)
		who := account.Actor{}
		if !r.open {
			var err error
			if who, err = s.actor(c); err != nil {
				return s.refuse(c, err)
			}
			if err := who.May(r.action); err != nil {
				return s.refuse(c, err)
			}
		}
		if err := r.handle(call{Context: c, who: who, at: s.base}); err != nil {
			return s.refuse(c, err)
		}
		return nil
	}
}

// answerHead is what every answer carries.
func answerHead(c echo.Context) {
	head := c.Response().Header()
	head["X-Content-Type-Options"] = nosniff
	head["Cache-Control"] = noStore
}

var (
	nosniff  = []string{"nosniff"}
	noStore  = []string{"no-store"}
	jsonType = []string{"application/json"}
)

// actor finds who a request comes from by its bearer key.
func (s *server) actor(c echo.Context) (account.Actor, error) {
	r := c.Request()
	scheme, key, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return account.Actor{}, fault.New(fault.Unauthenticated, "Send an API key as Authorization: Bearer tl_….")
	}
	return s.signin.Key(r.Context(), strings.TrimSpace(key), signin.Client{Address: c.RealIP(), Agent: r.UserAgent()})
}

// pattern turns the document's {name} into the router's :name.
var pattern = strings.NewReplacer("{", ":", "}", "")
