package main

import (
	"bufio"
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"time"
)

const (
	email    = "owner@msp.test"
	password = "a-passphrase-for-pictures"
)

// portal is the program at work on a data folder of its own.
type portal struct {
	base   string
	folder string
	cmd    *exec.Cmd
}

// start runs the program and waits until it says where it listens.
func start(ctx context.Context, program string) (*portal, error) {
	folder, err := os.MkdirTemp("", "tieline-shots-")
	if err != nil {
		return nil, err
	}
	p := &portal{folder: folder}
	p.cmd = exec.CommandContext(ctx, program, "serve", "--data-dir", folder+"/data", "--listen", "127.0.0.1:0", "--demo") //nolint:gosec // whoever runs this names the program
	p.cmd.Env = append(p.cmd.Environ(), "TIELINE_ADMIN_EMAIL="+email, "TIELINE_ADMIN_PASSWORD="+password)
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		if _, at, ok := strings.Cut(lines.Text(), "http://"); ok {
			p.base = "http://" + strings.TrimRight(strings.Fields(at)[0], "/")
			return p, nil
		}
	}
	return nil, errors.Join(errors.New("the program did not say where it listens"), p.stop())
}

// stop ends the program and removes its data.
func (p *portal) stop() error {
	err := p.cmd.Process.Signal(os.Interrupt)
	ended := make(chan struct{})
	go func() {
		_ = p.cmd.Wait() // interrupted on purpose: how it ended does not matter
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(20 * time.Second):
		err = errors.Join(err, p.cmd.Process.Kill())
	}
	return errors.Join(err, os.RemoveAll(p.folder))
}
