package web

import (
	"github.com/labstack/echo/v4"

	"tieline/internal/account"
	"tieline/internal/fault"
	"tieline/internal/signin"
)

const sessionKey = "session"

// session is who is signed in; empty on pages for everybody.
func session(c echo.Context) signin.Session {
	in, _ := c.Get(sessionKey).(signin.Session)
	return in
}

// actor is who acts.
func actor(c echo.Context) account.Actor { return session(c).Actor }

func (s *site) client(c echo.Context) signin.Client {
	return signin.Client{Address: c.RealIP(), Agent: c.Request().UserAgent()}
}

// guard stands before every handler: it finds out who asks, and whether they may do what the route is for.
// An empty action is for everybody.
func (s *site) guard(action account.Action, next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		err := s.resume(c)
		if action == "" {
			if fault.KindOf(err) == fault.Unauthenticated {
				err = nil
			}
		} else if err == nil {
			err = actor(c).May(action)
		}
		if err != nil {
			return err
		}
		return next(c)
	}
}

func (s *site) resume(c echo.Context) error {
	presented := s.cookies.sessionID(c.Request())
	if presented.Empty() {
		return fault.New(fault.Unauthenticated, "Please sign in.")
	}
	in, err := s.Signin.Resume(c.Request().Context(), presented.Reveal(), s.client(c))
	if err != nil {
		return err
	}
	c.Set(sessionKey, in)
	return nil
}
