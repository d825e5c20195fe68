package web

import (
	"log/slog"
	"strings"

	"github.com/labstack/echo/v4"

	"tieline/web/api"
)

// logged writes one line a request. It names the route and not the address, which may hold a one-time token.
// What probes and browsers fetch by themselves is left out; calls of the API have their run as a record, so
// that their line is for debugging alone.
func (s *site) logged(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		began := s.Now()
		if err := next(c); err != nil {
			c.Error(err)
		}
		route, ctx := c.Path(), c.Request().Context()
		level := slog.LevelInfo
		if _, own := s.Handlers[route]; own || strings.HasPrefix(route, "/static/") || strings.HasPrefix(route, api.Prefix) {
			level = slog.LevelDebug
		}
		if !s.Logger.Enabled(ctx, level) {
			return nil
		}
		s.Logger.LogAttrs(ctx, level, "request",
			slog.String("method", c.Request().Method), slog.String("route", route), slog.Int("status", c.Response().Status),
			slog.Int64("duration_ms", s.Now().Sub(began).Milliseconds()), slog.String("address", c.RealIP()), slog.String("user_id", actor(c).ID))
		return nil
	}
}
