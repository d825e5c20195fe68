package program

import (
	"context"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"time"

	"tieline/internal/mapping"
)

// IsHelper tells whether a command line is that of a helper. A main must ask before anything else, and then
// call Serve and nothing more.
func IsHelper(args []string) bool { return len(args) == 2 && args[1] == Command }

// Serve runs the programs that come in, one at a time, until there are no more. It ends the process.
func Serve(in io.Reader, out io.Writer) {
	runtime.GOMAXPROCS(2)
	debug.SetGCPercent(50)
	confine()
	if send(out, []byte{gaveValue}) != nil { // it is ready: from now on time counts
		os.Exit(0)
	}
	known := map[string]*mapping.Program{}
	for {
		source, err := receive(in, maxSend)
		if err != nil {
			os.Exit(0)
		}
		input, err := receive(in, maxSend)
		if err != nil {
			os.Exit(0)
		}
		// The server kills a helper that is late. Should the server be gone, the helper ends by itself.
		late := time.AfterFunc(2*Timeout, func() { os.Exit(1) })
		if send(out, encode(one(known, string(source), input))) != nil {
			os.Exit(0)
		}
		late.Stop()
	}
}

// knownPrograms is how many compiled programs a helper keeps.
const knownPrograms = 16

func one(known map[string]*mapping.Program, source string, input []byte) ([]byte, error) {
	p, ok := known[source]
	if !ok {
		var err error
		if p, err = mapping.CompileProgram(source); err != nil {
			return nil, err
		}
		if len(known) >= knownPrograms {
			clear(known)
		}
		known[source] = p
	}
	return p.Run(context.Background(), input)
}
