//go:build unix

// Benchsync measures what syncs cost: requests to NetBox by what they ask for, bytes,
// change-log rows, and the program's CPU time and memory. NetBox and the clusters are
// stand-ins in one process, the program runs in another.
//
//	go build -o build/benchsync ./internal/dev/benchsync
//	build/benchsync -base v1.2.0 -fabrics 100 -objects 50000
//
// With -base, the program of that commit is measured too, in turn with that of the
// working tree: their times are comparable with each other, and with no other run's.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

func main() {
	if text := os.Getenv(envLoad); text != "" {
		if err := serve(text, os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, "benchsync:", err)
			os.Exit(1)
		}
		return
	}
	o, err := parseOptions(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "benchsync:", err)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err = run(ctx, o)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "benchsync:", err)
		os.Exit(1)
	}
}

// options are what the command line says.
type options struct {
	base    string // commit of the other program; "" for none
	fabrics int    // that a round syncs
	objects int    // of all fabrics of a round
	among   int    // objects of all fabrics; one fabric with few objects is synced
	created int    // objects that are new in one fabric
	memory  int    // fabrics of a large watch; 0 for none
	only    string // a scenario's name; "" for all
	results string // file for the table; "" for none
	check   bool   // fail when there are more requests than the targets allow
}

func parseOptions(arguments []string) (o options, err error) {
	flags := flag.NewFlagSet("benchsync", flag.ContinueOnError)
	flags.StringVar(&o.base, "base", "", "also measure the program of this commit or tag")
	flags.IntVar(&o.fabrics, "fabrics", 20, "fabrics of a round in which nothing has changed")
	flags.IntVar(&o.objects, "objects", 2000, "objects of all fabrics of such a round")
	flags.IntVar(&o.among, "among", 10_000, "objects in NetBox, of which a fabric of 500 is synced, where the plugin "+
		"filters")
	flags.IntVar(&o.created, "created", 500, "objects that one fabric has new")
	flags.IntVar(&o.memory, "memory", 0, "fabrics of 50 objects in a watch whose memory is measured, such as 10000; "+
		"0 for none")
	flags.StringVar(&o.only, "only", "", "measure one scenario: "+strings.Join(scenarioNames(), ", "))
	flags.StringVar(&o.results, "results", "", "write the table to this file, in Markdown")
	flags.BoolVar(&o.check, "check", false, "fail when a sync needs more requests than it may; seconds are never "+
		"checked")
	if err := flags.Parse(arguments); err != nil {
		return o, err
	}
	switch {
	case flags.NArg() > 0:
		return o, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case o.fabrics < 1 || o.objects < o.fabrics || o.created < 1 || o.memory < 0:
		return o, errors.New("each fabric needs at least one object")
	case o.among < sizeOfOne:
		return o, fmt.Errorf("-among is %d; it must be at least %d", o.among, sizeOfOne)
	}
	return o, nil
}

// run measures everything. It leaves nothing behind but the results.
func run(ctx context.Context, o options) (err error) {
	folder, err := os.MkdirTemp("", "hedgehog-bench-sync-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	programs, err := build(ctx, folder, o.base)
	if err != nil {
		return err
	}
	r := &results{options: o}
	for _, s := range scenarios(o) {
		for _, p := range programs {
			if s.newOnly && p.name != nowName {
				continue
			}
			measured, err := s.measure(ctx, p)
			if err != nil {
				return fmt.Errorf("%s, %s: %w", s.title, p.name, err)
			}
			r.add(measured)
		}
	}
	return r.end()
}
