package program

import (
	"bytes"
	"os"
	"os/exec"
	"runtime/debug"
	"strconv"
	"syscall"
)

// confine has the kernel refuse memory beyond what the process has now and the budget of programs: the runtime
// then ends the process. It asks for a leaner heap a little before, so that garbage does not count.
func confine() {
	debug.FreeOSMemory()
	limit := dataSize() + Memory
	debug.SetMemoryLimit(Memory * 3 / 4)
	if err := syscall.Setrlimit(syscall.RLIMIT_DATA, &syscall.Rlimit{Cur: limit, Max: limit}); err != nil {
		os.Exit(3)
	}
	_ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{})
	// No file can be written and none opened: the pipes are open already.
	_ = syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{})
	_ = syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{})
}

// dataSize is what the process has of memory that the limit counts.
func dataSize() uint64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		os.Exit(3)
	}
	for line := range bytes.Lines(status) {
		fields := bytes.Fields(line)
		if len(fields) == 3 && string(fields[0]) == "VmData:" {
			kilobytes, _ := strconv.ParseUint(string(fields[1]), 10, 64)
			return kilobytes << 10
		}
	}
	os.Exit(3)
	return 0
}

// self is this very binary, also when its file was replaced by an upgrade.
func self() (string, error) { return "/proc/self/exe", nil }

// apart keeps a signal to the server's process group from its helpers, and ends them with the server.
func apart(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// peak is the most memory that the process held, in bytes, once it ended.
func (h *helper) peak() int64 {
	if usage, ok := h.cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		return usage.Maxrss << 10
	}
	return 0
}
