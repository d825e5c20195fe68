// Command bench measures Tieline against a bare Go reverse proxy in one run: the same client, the same vendor
// stub, rounds interleaved, so that the ratio means something on a shared machine. Everything is on loopback.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"time"
)

type options struct {
	tieline  string
	database string
	out      string
	conns    int
	rounds   int
	duration time.Duration
	rate     int
}

func main() {
	if len(os.Args) == 3 && os.Args[1] == "vendor" {
		exit(serveVendor(os.Args[2]))
	}
	if len(os.Args) == 4 && os.Args[1] == "proxy" {
		exit(serveProxy(os.Args[2], os.Args[3]))
	}
	var o options
	flag.StringVar(&o.tieline, "tieline", "bin/tieline", "the binary to measure")
	flag.StringVar(&o.database, "database", "sqlite", "sqlite, postgres (a throw-away server), or a postgres:// address of an empty database")
	flag.StringVar(&o.out, "out", "bench.txt", "also write the figures to this file")
	flag.IntVar(&o.conns, "conns", 64, "connections")
	flag.IntVar(&o.rounds, "rounds", 5, "interleaved rounds")
	flag.DurationVar(&o.duration, "duration", 4*time.Second, "length of a round")
	flag.IntVar(&o.rate, "rate", 200, "calls a second in the fixed-rate part")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	file, err := os.Create(o.out)
	if err != nil {
		exit(err)
	}
	err = measure(ctx, o, io.MultiWriter(os.Stdout, file))
	if closing := file.Close(); err == nil {
		err = closing
	}
	exit(err)
}

func exit(err error) {
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// measure runs every part and prints it.
func measure(ctx context.Context, o options, w io.Writer) error {
	say(w, "%s, %s/%s, %d cores, %s", time.Now().UTC().Format("2006-01-02"), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), engine(o.database))
	p, err := newPlant(ctx, o)
	if err != nil {
		return err
	}
	defer p.close()
	if err := p.startTieline(ctx, w); err != nil {
		return err
	}
	for _, part := range []func(context.Context, options, io.Writer) error{p.relay, p.fixedRate, p.pages, p.documents, p.memory} {
		if err := part(ctx, o, w); err != nil {
			return err
		}
	}
	return nil
}

func engine(database string) string {
	if database == "sqlite" {
		return "SQLite"
	}
	return "PostgreSQL"
}

func say(w io.Writer, format string, args ...any) {
	_, _ = fmt.Fprintf(w, format+"\n", args...)
}
