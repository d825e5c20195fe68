package program

import (
	"bytes"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strconv"
	"syscall"
)

// aside is the address space that the runtime may still take for anything but its heap: less than the 64 MiB that
// the heap grows by at a time.
const aside = 48 << 20

// confine has the kernel refuse memory beyond the budget of programs: the runtime then ends the process. The heap
// takes its address space for the budget now and gets none later; where in its last 64 MiB it stands is left to chance
// by the runtime, so that a program may hold up to 128 MiB before it is ended. A limit on data alone would not do: the
// kernel lets pages that were reserved before turn into data without asking.
func confine() {
	budget := make([]byte, Memory) // never touched, so that it costs no memory
	runtime.KeepAlive(budget)
	debug.FreeOSMemory()
	debug.SetMemoryLimit(Memory * 3 / 4)
	for resource, limit := range map[int]uint64{
		syscall.RLIMIT_DATA: size("VmData:") + Memory,
		syscall.RLIMIT_AS:   size("VmSize:") + aside,
	} {
		if err := syscall.Setrlimit(resource, &syscall.Rlimit{Cur: limit, Max: limit}); err != nil {
			os.Exit(3)
		}
	}
	_ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{})
	// No file can be written and none opened: the pipes are open already.
	_ = syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{})
	_ = syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{})
}

// size is what the process has of one kind of memory, in bytes.
func size(kind string) uint64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		os.Exit(3)
	}
	for line := range bytes.Lines(status) {
		fields := bytes.Fields(line)
		if len(fields) == 3 && string(fields[0]) == kind {
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
