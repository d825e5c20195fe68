// Command tieline is the whole product in one binary: the portal, the sandbox vendor and the tools for whoever
// operates them. Output meant for machines goes to stdout alone, logs and messages to stderr.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"tieline/internal/config"
	"tieline/internal/fault"
	"tieline/internal/program"
)

// version is set by the linker.
var version = "dev"

func main() {
	if program.IsHelper(os.Args) {
		program.Serve(os.Stdin, os.Stdout)
	}
	// net/http prints the first bytes of an unasked-for answer with the standard logger. They may echo a secret.
	slog.SetDefault(slog.New(slog.DiscardHandler))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	go func() { // a second signal ends the process at once
		<-ctx.Done()
		stop()
	}()
	err := run(ctx, os.Args[1:], config.Environment, os.Stdout, os.Stderr)
	stop()
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "tieline: "+sentence(err))
		os.Exit(1)
	}
}

// cli is every command with its settings.
type cli struct {
	Config string `help:"Settings file with name = value lines; also TIELINE_CONFIG." placeholder:"FILE"`

	Serve       serveCommand       `cmd:"" help:"Serve the portal and the API."`
	Sandbox     sandboxCommand     `cmd:"" help:"Serve the fake vendor by itself."`
	APIKey      apiKeyCommands     `cmd:"" name:"apikey" help:"API keys."`
	User        userCommands       `cmd:"" help:"People, for whoever is locked out."`
	Export      exportCommand      `cmd:"" help:"Write integrations as documents."`
	Import      importCommand      `cmd:"" help:"Take in integration documents; the difference is shown first."`
	Backup      backupCommands     `cmd:"" help:"Backups of the database."`
	ShowConfig  configCommand      `cmd:"" name:"config" help:"Show the settings in force, secrets masked."`
	Healthcheck healthcheckCommand `cmd:"" help:"Ask a serving process whether it is alive."`
	Version     versionCommand     `cmd:"" help:"Say which build this is."`
}

// world is what a command may use of the process around it.
type world struct {
	ctx    context.Context //nolint:containedctx // kong hands one value to a command's Run
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
	kong   *kong.Context
}

// run is the program without the process around it.
func run(ctx context.Context, args []string, lookup func(string) (string, bool), stdout, stderr io.Writer) error {
	resolver, err := config.Resolver(lookup, settingsFile(args, lookup))
	if err != nil {
		return err
	}
	var commands cli
	parser, err := kong.New(&commands, kong.Name("tieline"), kong.Resolvers(resolver), kong.Writers(stdout, stderr),
		kong.Description("Connect your customers to third-party HTTP APIs, and see why each call did what it did."),
		kong.UsageOnError(), kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	if err != nil {
		return err
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		return fmt.Errorf("%w (tieline --help lists the commands and their flags)", err)
	}
	return parsed.Run(&world{ctx: ctx, stdin: os.Stdin, stdout: stdout, stderr: stderr, kong: parsed})
}

// settingsFile finds the settings file before the flags are parsed, for its lines are their values.
func settingsFile(args []string, lookup func(string) (string, bool)) string {
	for n, arg := range args {
		if arg == "--config" && n+1 < len(args) {
			return args[n+1]
		}
		if value, ok := cutFlag(arg, "--config="); ok {
			return value
		}
	}
	value, _ := lookup("TIELINE_CONFIG")
	return value
}

func cutFlag(arg, prefix string) (string, bool) {
	if len(arg) > len(prefix) && arg[:len(prefix)] == prefix {
		return arg[len(prefix):], true
	}
	return "", false
}

// sentence is what a person at the terminal is told: what it was about, and field problems one a line, else the
// error's text.
func sentence(err error) string {
	var f *fault.Error
	if !errors.As(err, &f) {
		return err.Error()
	}
	var text strings.Builder
	if about, ok := strings.CutSuffix(err.Error(), f.Error()); ok {
		text.WriteString(about)
	}
	text.WriteString(f.Message)
	for _, p := range f.Problems {
		text.WriteString("\n  ")
		if p.Field != "" {
			text.WriteString(p.Field + ": ")
		}
		text.WriteString(p.Message)
	}
	if f.Cause != nil && len(f.Problems) == 0 {
		text.WriteString(" (" + f.Cause.Error() + ")")
	}
	return text.String()
}
