// Package command is the sync command: it syncs fabrics that are due, once or for
// as long as it runs.
package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cluster"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/environment"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabricsync"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
)

// Exit codes.
const (
	exitWell    = 0
	exitFailed  = 1
	exitUsage   = 2
	exitStopped = 130
)

// Main runs the command with the arguments that follow its name, and returns the
// exit code. The first SIGTERM or interrupt ends it in an orderly way, the
// second at once.
func Main(version string, args []string) int {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	// Not NotifyContext: a second signal close behind the first would be lost.
	go func() {
		cancel(fmt.Errorf("the command was stopped by a signal (%v)", <-signals))
		<-signals
		os.Exit(exitStopped)
	}()
	p := &program{
		version: version, stdout: os.Stdout, stderr: os.Stderr, terminal: terminalOf(os.Stderr, os.Getenv), getenv: os.Getenv,
		clock: systemClock{}, random: rand.Float64,
	}
	return p.run(ctx, args)
}

// program is what the command has of the machine. Tests have something else.
type program struct {
	version        string
	stdout, stderr io.Writer
	terminal       *terminal // that stderr is; nil for none
	getenv         func(string) string
	clock          fabricsync.Clock
	random         func() float64                                      // in [0, 1)
	retryWait      time.Duration                                       // first pause before a request to NetBox is repeated; 0 is the client's own
	connect        func(cluster.Config) (fabricsync.Cluster, error)    // nil means to a real one
	settled        func(listing bool, running int, wait time.Duration) // is called when a watch waits; nil for nobody
}

type systemClock struct{}

func (systemClock) Now() time.Time                         { return time.Now() }
func (systemClock) After(d time.Duration) <-chan time.Time { return time.After(d) }

func (p *program) run(ctx context.Context, args []string) int {
	o, err := parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		_, _ = fmt.Fprint(p.stdout, manual)
		return exitWell
	case err != nil:
		p.complain(err)
		_, _ = fmt.Fprint(p.stderr, "\n"+summary)
		return exitUsage
	}
	screen := &display{out: p.stderr, terminal: p.terminal, lasting: o.once}
	masked := &maskedWriter{out: screen}
	log := newLogger(o, masked, p.terminal != nil)
	client, err := p.client(log)
	if err != nil {
		p.complain(err)
		return exitUsage
	}
	mask := client.Mask
	masked.mask.Store(&mask)
	e := &engine{options: o, netbox: client, clock: p.clock, log: log, display: screen, template: p.template(ctx, o, client, log)}
	out := newOutput(o, p.stdout)
	if o.once {
		return once(ctx, e, out)
	}
	var listener net.Listener
	if o.listen != "" {
		if listener, err = (&net.ListenConfig{}).Listen(ctx, "tcp", o.listen); err != nil {
			p.complain(fmt.Errorf("--listen: %w", err))
			return exitUsage
		}
	}
	w := newWatch(e, out, p.version, p.random)
	if w.settled = p.settled; w.settled == nil {
		w.settled = func(bool, int, time.Duration) {}
	}
	return w.run(ctx, listener)
}

func (p *program) complain(err error) {
	for problem := range strings.SplitSeq(err.Error(), "\n") {
		_, _ = fmt.Fprintf(p.stderr, "terraform-provider-hedgehog sync: %s\n", problem) // there is nobody else to tell
	}
}

func (p *program) template(ctx context.Context, o *options, client *netbox.Client, log *slog.Logger) fabricsync.Options {
	t := fabricsync.Options{
		NetBox: client, Connect: p.connect, Insecure: o.insecure, UserAgent: userAgent(p.version),
		Prune: o.prune, DryRun: o.dryRun, Clock: p.clock,
	}
	if log.Enabled(ctx, slog.LevelDebug) {
		t.Logger = log // its details are for that level; how syncs end is logged here
	}
	return t
}

// client makes the client of NetBox from the environment.
func (p *program) client(log *slog.Logger) (*netbox.Client, error) {
	config, problems := environment.NetBox(environment.Given{}, p.getenv)
	if problems != nil {
		all := make([]error, len(problems))
		for i, problem := range problems {
			all[i] = problem
		}
		return nil, errors.Join(all...)
	}
	config.UserAgent, config.RetryWait = userAgent(p.version), p.retryWait
	config.ObserveExchange = logExchange(log)
	client, err := netbox.New(config)
	var wrong *netbox.ConfigError
	if errors.As(err, &wrong) {
		return nil, errors.New(wrong.Detail) // which names the variable
	}
	return client, err
}
