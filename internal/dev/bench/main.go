// Bench measures what fabrics cost: the seconds, the requests to NetBox and the
// provider's memory for creating, planning, changing and destroying 1, 100 and
// 1,000 of them with the real CLI. It writes a table and a plot.
//
//	build/netboxserver --display-url patched -- tools/with-cli --on-servers build/bench
//	BENCH_SERVER=standin BENCH_LATENCY=50ms tools/with-cli build/bench
//
// The environment chooses:
//
//	BENCH_SERVER       standin; without it, the NetBox that internal/dev/netboxserver names
//	BENCH_LATENCY      what the stand-in waits before each answer, such as 50ms
//	BENCH_SIZES        numbers of fabrics, such as 1,100; 10000 works on the stand-in alone
//	BENCH_CERTIFICATE  bytes of CA certificates that each fabric has, such as 12000
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
)

func main() {
	if provider := os.Getenv(envProvider); provider != "" {
		os.Exit(runProvider(provider, os.Getenv(envPeaks)))
	}
	o, err := parseOptions(os.Args[1:], os.Getenv)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(2)
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	stopped := make(chan os.Signal, 1)
	for _, s := range stopSignals {
		signal.Notify(stopped, s)
	}
	ignorePipes()
	go func() {
		s := <-stopped
		cancel(fmt.Errorf("it was stopped by a signal (%v)", s))
	}()
	if err := run(ctx, o, &console{os.Stdout, cancel}); err != nil {
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		}
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run measures everything and writes the results. It leaves nothing else behind.
func run(ctx context.Context, o options, out *console) (err error) {
	folder, err := os.MkdirTemp("", "hedgehog-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	b, err := newBench(ctx, o, folder, out)
	if err != nil {
		return err
	}
	defer b.close()
	r, err := b.measureAll(ctx)
	if err != nil {
		return err
	}
	out.say("\n%s", r.summary())
	if err := r.write(o.results); err != nil {
		return err
	}
	out.say("\nTable and plots: %s/%s.md, .svg and -narrow.svg\n", o.results, r.name)
	if o.check {
		return r.check()
	}
	return nil
}

// console is where the results are printed. A reader that went away ends the bench.
type console struct {
	to   io.Writer
	stop context.CancelCauseFunc
}

func (c *console) say(format string, a ...any) {
	if _, err := fmt.Fprintf(c.to, format, a...); err != nil {
		c.stop(fmt.Errorf("nobody reads what it prints: %w", err))
	}
}
