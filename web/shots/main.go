// Shots writes a picture of every page of the portal, filled with the demo, at two widths, light and dark. It
// starts the program it is given with a data folder of its own, and stops it at the end.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "shots:", err)
		os.Exit(1)
	}
}

// look is one way of looking at a page.
type look struct {
	name  string
	width int64
	dark  bool
}

var looks = []look{
	{"1280-light", 1280, false}, {"1280-dark", 1280, true}, {"375-light", 375, false}, {"375-dark", 375, true},
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("shots", flag.ContinueOnError)
	program := flags.String("tieline", "bin/tieline", "the program")
	folder := flags.String("out", "screenshots", "where the pictures go")
	only := flags.String("only", "", "only pages whose name holds this")
	if err := flags.Parse(args); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 15*time.Minute)
	defer cancel()
	if err := os.MkdirAll(*folder, 0o750); err != nil {
		return err
	}
	portal, err := start(ctx, *program)
	if err != nil {
		return err
	}
	err = pictures(ctx, portal, *folder, *only, out)
	return errors.Join(err, portal.stop())
}

// pictures takes every page in every look.
func pictures(ctx context.Context, portal *portal, folder, only string, out io.Writer) error {
	tab, b, err := newBrowser(ctx, portal.base)
	if err != nil {
		return err
	}
	defer b.close()
	if err := b.door(tab, folder); err != nil {
		return err
	}
	count, err := b.album(tab, empties(), folder, only)
	if err != nil {
		return err
	}
	if err := b.fill(tab); err != nil {
		return err
	}
	pages, err := b.pages(tab)
	if err != nil {
		return err
	}
	more, err := b.album(tab, pages, folder, only)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%d pictures are in %s\n", count+more, folder)
	return err
}

// album takes pages in every look, and says how many pictures it took.
func (b *browser) album(tab context.Context, pages []shot, folder, only string) (int, error) {
	count := 0
	for _, p := range pages {
		if !strings.Contains(p.name, only) {
			continue
		}
		for _, l := range looks {
			if err := b.take(tab, p, l, filepath.Join(folder, p.name+"-"+l.name+".png")); err != nil {
				return count, fmt.Errorf("%s %s: %w", p.name, l.name, err)
			}
			count++
		}
	}
	return count, nil
}
