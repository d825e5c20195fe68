package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"

	"tieline/db"
	"tieline/internal/sandbox"
)

// sandboxCommand serves the fake vendor by itself.
type sandboxCommand struct {
	Listen string `default:"127.0.0.1:8099" help:"Address and port to serve on."`
}

// Run serves until the context ends.
func (s *sandboxCommand) Run(w *world) error {
	listener, err := (&net.ListenConfig{}).Listen(w.ctx, "tcp", s.Listen)
	if err != nil {
		return fmt.Errorf("--listen: %w", err)
	}
	_, _ = fmt.Fprintf(w.stdout, "The sandbox vendor is ready: http://%s/\n", listener.Addr())
	return sandbox.Serve(w.ctx, listener)
}

// settingSandbox remembers the address of the demo's sandbox, so that it is the same after a restart.
const settingSandbox = "sandbox.address"

// vendor is the sandbox inside the serving process: started once, on loopback, and the one loopback address
// that the demo's customers may reach.
type vendor struct {
	core   *core
	mu     sync.Mutex
	addr   netip.AddrPort
	cancel context.CancelFunc
	done   chan struct{}
}

func (v *vendor) bind(c *core) { v.core = c }

// used tells whether the sandbox was started here before.
func (v *vendor) used(ctx context.Context) (bool, error) {
	_, ok, err := v.core.db.Setting(ctx, settingSandbox)
	return ok, err
}

// Start serves the sandbox and gives its address; a second call gives the same address.
func (v *vendor) Start(ctx context.Context) (netip.AddrPort, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.addr.IsValid() {
		return v.addr, nil
	}
	before, _, err := v.core.db.Setting(ctx, settingSandbox)
	if err != nil {
		return netip.AddrPort{}, err
	}
	listener, err := listenAgain(ctx, before)
	if err != nil {
		return netip.AddrPort{}, err
	}
	v.addr = netip.MustParseAddrPort(listener.Addr().String())
	err = v.core.db.Tx(ctx, func(tx *db.Tx) error { return tx.SetSetting(ctx, settingSandbox, v.addr.String()) })
	if err != nil {
		return netip.AddrPort{}, errors.Join(err, listener.Close())
	}
	v.core.outbound.SetSandbox(v.addr)
	serving, cancel := context.WithCancel(context.WithoutCancel(ctx))
	v.cancel, v.done = cancel, make(chan struct{})
	go func() {
		defer close(v.done)
		_ = sandbox.Serve(serving, listener)
	}()
	return v.addr, nil
}

// listenAgain takes the address of the last time, or a free one where that is taken or there was none.
func listenAgain(ctx context.Context, before string) (net.Listener, error) {
	var config net.ListenConfig
	if before != "" {
		if l, err := config.Listen(ctx, "tcp", before); err == nil {
			return l, nil
		}
	}
	return config.Listen(ctx, "tcp", "127.0.0.1:0")
}

func (v *vendor) stop() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.cancel != nil {
		v.cancel()
		<-v.done
	}
}
