package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"

	"tieline/db"
	"tieline/internal/account"
	"tieline/internal/config"
	"tieline/internal/control"
	"tieline/internal/executor"
	"tieline/internal/logging"
	"tieline/internal/outbound"
	"tieline/internal/program"
	"tieline/internal/secret"
	"tieline/internal/signin"
	"tieline/web"
)

// core is what serving and the other commands share: the database, the keys and the doors to them.
type core struct {
	logger   *slog.Logger
	db       *db.DB
	keyring  *secret.Keyring
	outbound *outbound.Client
	executor *executor.Executor
	signin   *signin.Service
	metrics  *web.Metrics
	programs *program.Pool
	control  *control.Plane
}

// openCore opens the database and everything that stands on it. own is the serving process's listen addresses,
// which calls never reach; sandbox may be nil.
func openCore(w *world, common config.Common, serve config.Serve, own func() []netip.AddrPort, sandbox *vendor) (*core, error) {
	c := &core{logger: logging.New(w.stderr, common.LogLevel, common.LogFormat)}
	if err := c.openDatabase(w.ctx, common); err != nil {
		return nil, err
	}
	if err := c.openKeys(w.ctx, common); err != nil {
		return nil, errors.Join(err, c.close())
	}
	c.outbound = outbound.New(outbound.Options{AllowOutbound: serve.AllowOutbound, Own: own})
	c.metrics = web.NewMetrics(c.db, version)
	c.programs = program.New(os.Args[0])
	c.executor = executor.New(executor.Options{
		Outbound: c.outbound, Opener: c.keyring, Recorder: c.metrics.Recording(control.NewRecorder(c.db)), Program: c.programs.Run,
		Bases: control.NewBases(c.db), Tokens: control.NewTokens(c.db, c.keyring, c.logger), Logger: c.logger,
	})
	c.signin = signin.New(signin.Deps{DB: c.db, Logger: c.logger})
	deps := control.Deps{
		DB: c.db, Executor: c.executor, Outbound: c.outbound, Sealer: c.keyring, Signin: c.signin, Logger: c.logger,
	}
	if sandbox != nil {
		sandbox.bind(c)
		deps.Sandbox = sandbox
	}
	c.control = control.New(deps)
	return c, nil
}

// openDatabase opens the database and brings its schema up to date; beside a serving process of the same
// version there is nothing to bring.
func (c *core) openDatabase(ctx context.Context, common config.Common) error {
	url, err := common.DatabaseURL()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(common.DataDir, 0o700); err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	if c.db, err = db.Open(ctx, db.Options{URL: url, Logger: c.logger}); err != nil {
		return err
	}
	if err := c.db.Migrate(ctx); err != nil {
		return errors.Join(err, c.close())
	}
	return nil
}

// openKeys reads the key, or makes the first one, and checks that it fits what the database holds.
func (c *core) openKeys(ctx context.Context, common config.Common) error {
	used, err := c.db.SecretKeyIDs(ctx)
	if err != nil {
		return err
	}
	if c.keyring, err = common.Keyring(len(used) > 0); err != nil {
		return err
	}
	for _, key := range used {
		if !c.keyring.Has(key) {
			return errors.New("the key does not fit the database: secrets were sealed with key " + key + ", which is not among the keys given")
		}
	}
	return nil
}

func (c *core) close() error {
	if c.programs != nil {
		c.programs.Close()
	}
	if c.db == nil {
		return nil
	}
	return c.db.Close()
}

// operator is the actor of the command line: it acts as an owner on everything.
func operator() account.Actor { return account.System("command line") }

// command opens the core for a command that works beside a serving process, and closes it after.
func command(w *world, common config.Common, do func(*core) error) error {
	if common.LogLevel == "info" {
		common.LogLevel = "warn" // a command speaks for itself
	}
	if _, err := os.Stat(filepath.Join(common.DataDir, "tieline.db")); errors.Is(err, fs.ErrNotExist) && common.Database == "sqlite" {
		_, _ = fmt.Fprintln(w.stderr, "tieline: there was no database in "+common.DataDir+"; a new one is made")
	}
	c, err := openCore(w, common, config.Serve{}, nil, nil)
	if err != nil {
		return err
	}
	return errors.Join(do(c), c.close())
}
