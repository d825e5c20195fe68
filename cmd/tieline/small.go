package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"runtime/debug"
	"time"

	"tieline/internal/config"
)

// versionCommand says which build this is.
type versionCommand struct{}

// Run writes the version, the Go version and the platform.
func (versionCommand) Run(w *world) error {
	build := version
	if info, ok := debug.ReadBuildInfo(); ok && version == "dev" && info.Main.Version != "" && info.Main.Version != "(devel)" {
		build = info.Main.Version
	}
	_, err := fmt.Fprintf(w.stdout, "tieline %s %s %s/%s\n", build, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}

// configCommand shows what is in force.
type configCommand struct {
	config.Common `embed:""`
	config.Serve  `embed:""`
}

// Run writes the settings as lines of a settings file, secrets masked.
func (configCommand) Run(w *world) error { return config.Show(w.stdout, w.kong.Flags()) }

// healthcheckCommand asks a serving process for /readyz.
type healthcheckCommand struct {
	config.Common `embed:""`
	Listen        string `default:"127.0.0.1:8080" help:"Address and port that the process serves on."`
}

// Run is quiet and nil when the process is ready to work.
func (c *healthcheckCommand) Run(w *world) error {
	host, port, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return fmt.Errorf("--listen: %w", err)
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	ctx, cancel := context.WithTimeout(w.ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/readyz", nil)
	if err != nil {
		return err
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return errors.New("no answer from " + c.Listen)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %s", c.Listen, resp.Status)
	}
	return nil
}
