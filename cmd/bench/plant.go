package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tieline/db/pgserver"
)

// The owner of the measured portal.
const (
	ownerEmail    = "owner@bench.test"
	ownerPassword = "a long enough password"
)

// plant is every process of the measurement: vendor, bare proxy, Tieline.
type plant struct {
	dir      string
	postgres *pgserver.Server // nil where none was started
	children []*exec.Cmd
	vendor   string
	proxyPID int
	proxy    string
	tieline  string
	pid      int
	key      string
	options  options
}

func newPlant(ctx context.Context, o options) (*plant, error) {
	dir, err := os.MkdirTemp("", "tieline-bench-")
	if err != nil {
		return nil, err
	}
	p := &plant{dir: dir, options: o}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p.vendor = freeAddress()
	if _, err := p.start(ctx, p.vendor, self, "vendor", p.vendor); err != nil {
		return nil, err
	}
	p.proxy = freeAddress()
	child, err := p.start(ctx, p.proxy, self, "proxy", p.proxy, "http://"+p.vendor)
	if err != nil {
		return nil, err
	}
	p.proxyPID = child.Process.Pid
	return p, nil
}

// close stops every process and removes the data.
func (p *plant) close() {
	for _, child := range slices.Backward(p.children) { // Tieline before its database
		_ = child.Process.Signal(os.Interrupt)
		_ = child.Wait()
	}
	if p.postgres != nil {
		p.postgres.Stop()
	}
	_ = os.RemoveAll(p.dir)
}

// start runs a process and waits until it takes connections.
func (p *plant) start(ctx context.Context, address, name string, args ...string) (*exec.Cmd, error) {
	child := exec.CommandContext(ctx, name, args...) //nolint:gosec // our own binaries
	child.Stdout, child.Stderr = io.Discard, os.Stderr
	if err := child.Start(); err != nil {
		return nil, err
	}
	p.children = append(p.children, child)
	return child, waitFor(ctx, address)
}

func waitFor(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	var dialer net.Dialer
	for {
		conn, err := dialer.DialContext(ctx, "tcp", address)
		if err == nil {
			return conn.Close()
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("nothing listens on %s", address)
		case <-time.After(2 * time.Millisecond):
		}
	}
}

func freeAddress() string {
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // a moment's use
	if err != nil {
		return "127.0.0.1:0"
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// startTieline serves an empty data folder, defines what the load needs, and says how long the start took.
func (p *plant) startTieline(ctx context.Context, w io.Writer) error {
	if p.options.database == "postgres" {
		var err error
		if p.postgres, err = pgserver.Start(ctx, true); err != nil {
			return err
		}
		p.options.database = p.postgres.Address
	}
	p.tieline = freeAddress()
	data := filepath.Join(p.dir, "data")
	common := []string{"--data-dir", data, "--database", p.options.database, "--log-level", "error"}
	serve := append([]string{"serve", "--listen", p.tieline, "--allow-outbound", "127.0.0.0/8", "--admin-email", ownerEmail, "--admin-password", ownerPassword}, common...)
	begin := time.Now()
	child, err := p.start(ctx, p.tieline, p.options.tieline, serve...)
	if err != nil {
		return err
	}
	p.pid = child.Process.Pid
	if err := p.ask(ctx, http.MethodGet, "/healthz", nil); err != nil {
		return err
	}
	say(w, "start to first answer, empty   %6.0f ms", float64(time.Since(begin).Microseconds())/1000)
	if info, err := os.Stat(p.options.tieline); err == nil {
		say(w, "binary                         %6.1f MB", float64(info.Size())/1e6)
	}
	say(w, "memory idle                    %6.1f MiB", memoryOf(p.pid, "VmRSS"))
	key, err := exec.CommandContext(ctx, p.options.tieline, append([]string{"apikey", "create", "--name", "bench", "--role", "owner"}, common...)...).Output() //nolint:gosec // our own binary
	if err != nil {
		return fmt.Errorf("apikey create: %w", err)
	}
	p.key = strings.TrimSpace(string(key))
	return p.define(ctx)
}

// define makes one customer, one integration with a JSON and a document endpoint, and one integrator.
func (p *plant) define(ctx context.Context) error {
	type object = map[string]any
	definition := object{"tieline": 1, "integration": object{
		"name": "bench", "label": "Bench", "type": "crm",
		"parameters": []object{{"name": "ApiKey", "label": "API key", "in": "header", "required": true, "secret": true}},
		"endpoints": []object{
			relayEndpoint("relay", "safe"), relayEndpoint("write", "never"),
			{"name": "invoice", "type": "Document", "method": "GET", "url": "/doc/{{InvoiceNumber}}.pdf", "params": []string{"ApiKey"}},
		},
	}}
	steps := []struct {
		method, path string
		body         any
	}{
		{http.MethodPost, "/api/v1/customers", object{"slug": "acme", "name": "Acme"}},
		{http.MethodPut, "/api/v1/integrations/bench", definition},
		{http.MethodPost, "/api/v1/integrations/bench/integrators", object{
			"customer": "acme", "host": p.vendor, "base_url": "http://" + p.vendor, "allow_http": true,
			"auth":   object{"kind": "bearer", "token": "a-bearer-token-of-the-bench"}, //nolint:gosec // for our own stub
			"fields": object{"ApiKey": "an-api-key-of-the-bench-0001"},                 //nolint:gosec // for our own stub
		}},
	}
	for _, s := range steps {
		if err := p.ask(ctx, s.method, s.path, s.body); err != nil {
			return err
		}
	}
	return nil
}

func relayEndpoint(name, repeat string) map[string]any {
	type object = map[string]any
	return object{
		"name": name, "type": "PostData", "method": "POST", "url": "/contacts/{{record_id}}", "repeat": repeat,
		"query":    []object{{"name": "phone", "value": "{{phone_number}}"}},
		"headers":  []object{{"name": "Accept", "value": "application/json"}, {"name": "X-Request", "value": "{{run.id}}"}},
		"params":   []string{"ApiKey"},
		"body":     object{"kind": "json", "content": `{"phone":"{{phone_number}}","name":"{{input.name}}","seconds":{{input.seconds}}}`},
		"response": object{"type": "json", "key": "id"},
	}
}

func (p *plant) ask(ctx context.Context, method, path string, body any) error {
	var payload []byte
	if body != nil {
		var err error
		if payload, err = json.Marshal(body); err != nil {
			return err
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://"+p.tieline+path, bytes.NewReader(payload))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	if p.key != "" {
		req.Header.Set("Authorization", "Bearer "+p.key)
	}
	client := &http.Client{Timeout: 30 * time.Second}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode >= 300 {
		return errors.New(method + " " + path + ": " + resp.Status + ": " + string(text))
	}
	return nil
}
