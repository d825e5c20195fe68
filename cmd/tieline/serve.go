package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/netutil"

	"tieline/db"
	"tieline/internal/config"
	"tieline/internal/secret"
	"tieline/internal/signin"
	"tieline/internal/worker"
	"tieline/web"
)

// serveCommand is the portal, the API and the work in the background.
type serveCommand struct {
	config.Common `embed:""`
	config.Serve  `embed:""`
}

const maxConnections = 4096

// Run serves until the context ends, then lets calls under way finish.
func (s *serveCommand) Run(w *world) (err error) {
	if err := s.Validate(); err != nil {
		return err
	}
	debug.SetGCPercent(400) // the collector is the largest cost of a call; the limit holds the memory
	debug.SetMemoryLimit(int64(s.MemoryLimit) << 20)
	release, err := s.lock()
	if err != nil {
		return err
	}
	defer release()
	listener, err := (&net.ListenConfig{}).Listen(w.ctx, "tcp", s.Listen)
	if err != nil {
		return fmt.Errorf("--listen: %w", err)
	}
	defer func() { _ = listener.Close() }()
	sandbox := &vendor{}
	c, err := openCore(w, s.Common, s.Serve, func() []netip.AddrPort {
		return append(ownAddresses(listener), metricsAddress(s.MetricsListen)...)
	}, sandbox)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	defer sandbox.stop()
	if err := s.prepare(w.ctx, c, sandbox); err != nil {
		return err
	}
	return s.serve(w, c, listener)
}

// lock keeps a second process from serving the same SQLite file.
func (s *serveCommand) lock() (release func(), err error) {
	if strings.HasPrefix(s.Database, "postgres") {
		return func() {}, nil
	}
	release, err = db.Lock(s.DataDir)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.DataDir, err)
	}
	return release, nil
}

// prepare brings the data in order before the first request: the runs that a crash cut off, the first owner,
// the sandbox where the demo uses it.
func (s *serveCommand) prepare(ctx context.Context, c *core, sandbox *vendor) error {
	if err := s.sweep(ctx, c); err != nil {
		return err
	}
	if s.AdminEmail != "" {
		if err := s.firstOwner(ctx, c); err != nil {
			return err
		}
	}
	used, err := sandbox.used(ctx)
	if err != nil || !used && !s.Demo {
		return err
	}
	_, err = sandbox.Start(ctx)
	return err
}

// longestCall is more than any call may take; on PostgreSQL another node may still be at work on younger runs.
const longestCall = 3 * time.Minute

// sweep ends the runs that the last stop cut off.
func (s *serveCommand) sweep(ctx context.Context, c *core) error {
	before := time.Now()
	if c.db.Engine() == db.PostgreSQL {
		before = before.Add(-longestCall)
	}
	for total := 0; ; {
		var swept int
		err := c.db.Tx(ctx, func(tx *db.Tx) (err error) {
			swept, err = tx.SweepRunning(ctx, before)
			return err
		})
		total += swept
		if err != nil || swept == 0 {
			if total > 0 {
				c.logger.LogAttrs(ctx, slog.LevelWarn, "runs were cut off by the last stop", slog.Int("runs", total))
			}
			return err
		}
	}
}

func (s *serveCommand) firstOwner(ctx context.Context, c *core) error {
	needed, err := c.signin.NeedsSetup(ctx)
	if err != nil || !needed {
		return err
	}
	_, err = c.signin.CreateOwner(ctx, signin.NewOwner{
		Email: s.AdminEmail, Name: s.AdminEmail, Password: secret.NewText(s.AdminPassword),
	})
	return err
}

// serve answers requests until the context ends.
func (s *serveCommand) serve(w *world, c *core, listener net.Listener) error {
	handler, err := s.handler(c)
	if err != nil {
		return err
	}
	background := worker.New(worker.Options{DB: c.db, Logger: c.logger})
	background.Start(context.WithoutCancel(w.ctx))
	defer background.Stop()
	server := newServer(handler, c.logger)
	failed := make(chan error, 2)
	go func() { failed <- server.Serve(netutil.LimitListener(listener, maxConnections)) }()
	stopMetrics, err := s.metrics(w.ctx, c, failed)
	if err != nil {
		return err
	}
	defer stopMetrics()
	if err := s.greet(w, c, listener); err != nil {
		return err
	}
	select {
	case err := <-failed:
		return err
	case <-w.ctx.Done():
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(w.ctx), s.ShutdownAfter)
	defer cancel()
	c.logger.LogAttrs(ctx, slog.LevelInfo, "stopping")
	if err := server.Shutdown(ctx); err != nil {
		return errors.Join(errors.New("some calls were still under way and were cut off"), server.Close())
	}
	return nil
}

// handler is the portal, the API and the pages for operators.
func (s *serveCommand) handler(c *core) (http.Handler, error) {
	var base *url.URL
	if s.BaseURL != "" {
		var err error
		if base, err = url.Parse(s.BaseURL); err != nil {
			return nil, fmt.Errorf("--base-url: %w", err)
		}
	}
	return web.New(web.Deps{
		DB: c.db, Control: c.control, Signin: c.signin, BaseURL: base, TrustedProxies: s.TrustedProxies,
		Handlers: map[string]http.Handler{
			"/healthz": web.Alive(), "/readyz": web.Ready(c.db), "/metrics": c.metrics.Guarded(secret.NewText(s.MetricsToken)),
		},
		Demo: true, Version: version, Logger: c.logger,
	})
}

func newServer(handler http.Handler, logger *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       60 * time.Second,
		WriteTimeout:      180 * time.Second, // a call may take 120
		IdleTimeout:       120 * time.Second,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelDebug),
	}
}

// metrics serves /metrics on an address of its own, where one is set.
func (s *serveCommand) metrics(ctx context.Context, c *core, failed chan<- error) (stop func(), err error) {
	if s.MetricsListen == "" {
		return func() {}, nil
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.MetricsListen)
	if err != nil {
		return nil, fmt.Errorf("--metrics-listen: %w", err)
	}
	server := newServer(c.metrics.Handler(), c.logger)
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			failed <- err
		}
	}()
	return func() { _ = server.Close() }, nil
}

// greet tells the person at the terminal where the portal is and, while there is no owner, how to become one.
func (s *serveCommand) greet(w *world, c *core, listener net.Listener) error {
	address := s.address(listener)
	text := "Tieline is ready: " + address + "/\n"
	link, needed, err := c.signin.SetupLink(w.ctx)
	if err != nil {
		return err
	}
	if needed {
		text += "Set up the first owner (this link works once): " + address + "/setup?token=" + url.QueryEscape(link.Reveal()) + "\n"
	}
	if s.Demo {
		text += "Demo data can be filled in with one button on the dashboard.\n"
	}
	_, err = fmt.Fprint(w.stdout, text+"Press Ctrl-C to stop.\n")
	return err
}

// address is where people reach the portal: the base URL, else the listen address.
func (s *serveCommand) address(listener net.Listener) string {
	if s.BaseURL != "" {
		return strings.TrimRight(s.BaseURL, "/")
	}
	host, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		return "http://" + listener.Addr().String()
	}
	if ip, err := netip.ParseAddr(host); err == nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// ownAddresses are the addresses that the portal itself listens on: no call may reach them.
func ownAddresses(listener net.Listener) []netip.AddrPort {
	bound, err := netip.ParseAddrPort(listener.Addr().String())
	if err != nil {
		return nil
	}
	if !bound.Addr().IsUnspecified() {
		return []netip.AddrPort{bound}
	}
	interfaces, err := net.InterfaceAddrs()
	if err != nil {
		return []netip.AddrPort{bound}
	}
	own := []netip.AddrPort{bound}
	for _, a := range interfaces {
		if prefix, err := netip.ParsePrefix(a.String()); err == nil {
			own = append(own, netip.AddrPortFrom(prefix.Addr(), bound.Port()))
		}
	}
	return own
}

// metricsAddress is where the figures are served by themselves, where they are: no call may reach that either.
func metricsAddress(listen string) []netip.AddrPort {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return nil
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil || number == 0 {
		return nil
	}
	address, err := netip.ParseAddr(host)
	if err != nil {
		address = netip.IPv6Unspecified() // a name, or every address
	}
	return []netip.AddrPort{netip.AddrPortFrom(address, uint16(number))}
}
