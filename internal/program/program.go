// Package program runs the programs of mappings in helper processes of the same binary. It promises that a
// program has no environment, no files and no network, that its time and memory are bounded by the operating
// system and not by its good will, and that a hostile program ends its helper and never the server. Helpers are
// started when they are first needed and kept warm, so that a run does not pay for the start of a process.
//
// It is the only place of the server that starts processes.
package program

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"time"

	"tieline/internal/mapping"
)

// Command is the hidden command line of a helper: the whole of its arguments.
const Command = "run-programs"

// The bounds of one run: time, the memory that every program can have (none gets more than twice as much), and
// bytes of program and input.
const (
	Timeout = 2 * time.Second
	Memory  = 64 << 20
	maxSend = 4 << 20
)

// waiting is how long a run waits for a free helper, and startup how long a helper may take to be ready.
const (
	waiting = 5 * time.Second
	startup = 10 * time.Second
)

// The ways in which a run can end without a result, besides *mapping.ProgramError and mapping.ErrOutput.
var (
	ErrTimeout = errors.New("the program took more than 2 seconds")
	ErrMemory  = errors.New("the program took more than 64 MiB of memory, or broke")
	ErrBusy    = errors.New("other programs are taking all the time there is")
	ErrInput   = errors.New("the program's input is larger than 4 MiB")
)

// Pool are the helpers. It is safe for concurrent use; the zero value is not, use New.
type Pool struct {
	arguments []string
	slots     chan *helper // a nil helper is a free place without a process
	logf      func(peak int64)
	once      sync.Once
}

// New makes a pool that starts nothing yet. arg0 is what the helper is called by: the binary may go by the name
// that it was started with.
func New(arg0 string) *Pool {
	n := min(max(runtime.GOMAXPROCS(0), 2), 4)
	p := &Pool{arguments: []string{arg0, Command}, slots: make(chan *helper, n)}
	for range n {
		p.slots <- nil
	}
	return p
}

// Run gives the JSON text that a program makes of an input, as mapping.Program.Run does; nil for nothing.
func (p *Pool) Run(source string, input []byte) ([]byte, error) {
	if len(source)+len(input) > maxSend {
		return nil, ErrInput
	}
	timer := time.NewTimer(waiting)
	defer timer.Stop()
	var h *helper
	select {
	case h = <-p.slots:
	case <-timer.C:
		return nil, ErrBusy
	}
	if h == nil {
		var err error
		if h, err = p.start(); err != nil {
			p.slots <- nil
			return nil, fmt.Errorf("start a helper: %w", err)
		}
	}
	out, err := h.run(source, input)
	if h.dead {
		h.end()
		if p.logf != nil {
			p.logf(h.peak())
		}
		h = nil
	}
	p.slots <- h
	return out, err
}

// Close ends every helper. No run may follow.
func (p *Pool) Close() {
	p.once.Do(func() {
		for range cap(p.slots) {
			if h := <-p.slots; h != nil {
				h.end()
			}
		}
	})
}

// helper is one process.
type helper struct {
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  io.ReadCloser
	dead bool
}

// start begins a process of this very binary, with nothing of ours but two pipes.
func (p *Pool) start() (*helper, error) {
	path, err := self()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(context.Background(), path) //nolint:gosec // it is this very binary
	cmd.Args, cmd.Env, cmd.Dir = p.arguments, []string{"GOTRACEBACK=none"}, os.TempDir()
	apart(cmd)
	h := &helper{cmd: cmd}
	if h.in, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if h.out, err = cmd.StdoutPipe(); err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	late := time.AfterFunc(startup, func() { _ = cmd.Process.Kill() })
	defer late.Stop()
	if _, err := receive(h.out, 1); err != nil {
		h.end()
		return nil, err
	}
	return h, nil
}

// run sends one request and waits for its answer. When time is up the process is killed, whatever it does.
func (h *helper) run(source string, input []byte) ([]byte, error) {
	late := time.AfterFunc(Timeout, func() { _ = h.cmd.Process.Kill() })
	defer late.Stop()
	began := time.Now()
	err := errors.Join(send(h.in, []byte(source)), send(h.in, input))
	var answer []byte
	if err == nil {
		answer, err = receive(h.out, mapping.MaxBytes+1024)
	}
	switch {
	case err == nil && len(answer) > 0:
		return decode(answer)
	case time.Since(began) >= Timeout:
		err = ErrTimeout
	default:
		err = ErrMemory
	}
	h.dead = true
	return nil, err
}

// end kills the process and forgets it.
func (h *helper) end() {
	_ = h.cmd.Process.Kill()
	_ = h.cmd.Wait()
}
