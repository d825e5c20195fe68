// Package config holds every setting: each is a flag, a TIELINE_… variable and a line of a file, in this order
// of weight. It is the only reader of the environment.
package config

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/alecthomas/kong"
)

// Common are the settings of every command that touches the data.
type Common struct {
	DataDir   string `default:"data" help:"Folder of the database and its backups." placeholder:"DIR"`
	Database  string `default:"sqlite" help:"sqlite (a file in the data folder) or postgres://user:password@host/name." placeholder:"URL" secret:"url"`
	Key       string `help:"Key that seals secrets; better given as TIELINE_KEY_FILE or --key-file." hidden:"" secret:"all"`
	KeyFile   string `help:"File that holds the key; by default the data folder's name with .key." placeholder:"FILE"`
	LogLevel  string `default:"info" enum:"debug,info,warn,error" help:"debug, info, warn or error."`
	LogFormat string `default:"json" enum:"json,text" help:"json or text."`
}

// Serve are the settings of the serving process.
type Serve struct {
	Listen         string         `default:"127.0.0.1:8080" help:"Address and port to serve on."`
	BaseURL        string         `help:"Address that people use, with a path where there is one (https://portal.example/tieline)." placeholder:"URL"`
	TrustedProxies []netip.Prefix `help:"Networks of proxies whose X-Forwarded-For is believed." placeholder:"CIDR,…"`
	AllowOutbound  []netip.Prefix `help:"Networks that calls may reach besides public addresses, for every customer." placeholder:"CIDR,…"`
	Demo           bool           `help:"Offer the demo: start the sandbox vendor at once."`
	MetricsListen  string         `help:"Address and port for /metrics without a key." placeholder:"ADDR"`
	MetricsToken   string         `help:"Bearer token for /metrics on the main address." secret:"all"`
	AdminEmail     string         `help:"Make this first owner at start instead of printing a set-up link."`
	AdminPassword  string         `help:"Password of that owner; better given as TIELINE_ADMIN_PASSWORD_FILE." secret:"all"`
	ShutdownAfter  time.Duration  `default:"30s" help:"How long calls under way may go on after SIGTERM."`
	MemoryLimit    int            `default:"112" help:"Memory in MiB that the collector aims to stay under."`
}

// Validate says what is wrong with the settings of the serving process.
func (s Serve) Validate() error {
	if s.BaseURL != "" {
		u, err := url.Parse(s.BaseURL)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
			return fmt.Errorf("--base-url: %q is not an address like https://portal.example or https://portal.example/tieline", s.BaseURL)
		}
	}
	if (s.AdminEmail == "") != (s.AdminPassword == "") {
		return errors.New("--admin-email and --admin-password go together")
	}
	return nil
}

// DatabaseURL is what db.Open takes: the SQLite file in the data folder, or the PostgreSQL address as given.
func (c Common) DatabaseURL() (string, error) {
	switch {
	case c.Database == "" || c.Database == "sqlite":
		return "sqlite:" + filepath.Join(c.DataDir, "tieline.db"), nil
	case strings.HasPrefix(c.Database, "postgres://"), strings.HasPrefix(c.Database, "postgresql://"):
		return c.Database, nil
	}
	return "", errors.New("--database: give sqlite or postgres://user:password@host/name")
}

// Environment looks variables up in the process's environment.
func Environment(name string) (string, bool) { return os.LookupEnv(name) }

// variable is the name of a flag's environment variable: data-dir is TIELINE_DATA_DIR.
func variable(flag string) string {
	return "TIELINE_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// Resolver gives flags their values from the environment and the settings file. A flag whose struct tag is
// secret also takes the content of the file that its …_FILE variable names. file may be "".
func Resolver(lookup func(string) (string, bool), file string) (kong.Resolver, error) {
	lines, err := readFile(file)
	if err != nil {
		return nil, err
	}
	return &resolver{lookup: lookup, lines: lines, file: file}, nil
}

type resolver struct {
	lookup func(string) (string, bool)
	lines  map[string]string
	file   string
}

// Validate refuses lines of the settings file that are no setting of any command.
func (r *resolver) Validate(app *kong.Application) error {
	known := map[string]bool{}
	collect(app.Node, known)
	for name := range r.lines {
		if !known[name] {
			return fmt.Errorf("%s: %q is not a setting", r.file, name)
		}
	}
	return nil
}

func collect(node *kong.Node, known map[string]bool) {
	for _, flag := range node.Flags {
		known[flag.Name] = true
	}
	for _, child := range node.Children {
		collect(child, known)
	}
}

// Resolve finds a flag's value outside of the command line; nil leaves the default.
func (r *resolver) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	if flag.Name == "help" || flag.Name == "config" {
		return nil, nil
	}
	name := variable(flag.Name)
	if value, ok := r.lookup(name); ok && value != "" {
		return value, nil
	}
	if flag.Tag.Has("secret") {
		if path, ok := r.lookup(name + "_FILE"); ok && path != "" {
			return readSecret(name+"_FILE", path)
		}
	}
	if value, ok := r.lines[flag.Name]; ok {
		return value, nil
	}
	return nil, nil
}

func readSecret(name, path string) (any, error) {
	content, err := os.ReadFile(path) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return strings.TrimSpace(string(content)), nil
}

// readFile reads "name = value" lines; # starts a comment line.
func readFile(path string) (map[string]string, error) {
	lines := map[string]string{}
	if path == "" {
		return lines, nil
	}
	content, err := os.ReadFile(path) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, fmt.Errorf("settings file: %w", err)
	}
	scanner := bufio.NewScanner(bytes.NewReader(content))
	for n := 1; scanner.Scan(); n++ {
		line := strings.TrimSpace(scanner.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		if !ok {
			return nil, fmt.Errorf("%s, line %d: write name = value", path, n)
		}
		lines[strings.TrimSpace(name)] = strings.Trim(strings.TrimSpace(value), `"`)
	}
	return lines, scanner.Err()
}
