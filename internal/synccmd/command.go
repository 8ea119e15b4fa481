// Package synccmd is the sync command. It syncs fabrics that are due, once or continuously.
package synccmd

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/utils/clock"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cli"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cluster"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabricsync"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/memlimit"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/terminal"
)

// stopsAtOnce is how long after the first signal further signals count as the same request.
// The command timeout, as used in crontabs, sends two.
const stopsAtOnce = time.Second

// New returns the sync command. The first SIGTERM, SIGHUP or interrupt stops it in an
// orderly way; a later SIGTERM or interrupt ends it immediately. When the reader of the
// output has gone, writes fail, but no sync ends because of that.
func New(version string) *cobra.Command {
	p := &program{
		version: version, stdout: os.Stdout, stderr: os.Stderr,
		stderrTerminal: terminal.WithCursor(os.Stderr, os.Getenv),
		stdoutTerminal: terminal.Of(os.Stdout, os.Getenv), getenv: os.Getenv,
		clock: clock.RealClock{}, random: rand.Float64,
	}
	c := p.command()
	c.PreRun = func(c *cobra.Command, _ []string) {
		// Without a limit, there would be as much garbage as a watch's inventory of all
		// objects.
		memlimit.Follow(debug.SetMemoryLimit)
		c.SetContext(untilSignal(c.Context()))
	}
	return c
}

func untilSignal(ctx context.Context) context.Context {
	ctx, cancel := context.WithCancelCause(ctx)
	signal.Ignore(syscall.SIGPIPE) // it would end the process with fabrics locked
	signals := make(chan os.Signal, 3)
	stops := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // as under nohup
		stops = append(stops, syscall.SIGHUP)
	}
	signal.Notify(signals, stops...)
	// Not NotifyContext: a second signal would be lost.
	go func() {
		first := <-signals
		at := time.Now()
		cancel(fmt.Errorf("the command was stopped by a signal (%v)", first))
		for again := range signals { // the kernel and the shell both report the end of a terminal
			if again != syscall.SIGHUP && time.Since(at) > stopsAtOnce {
				os.Exit(cli.ExitStopped)
			}
		}
	}()
	return ctx
}

// program is what the command uses of the machine. Tests replace it.
type program struct {
	version        string
	stdout, stderr io.Writer
	stderrTerminal *terminal.Terminal // that stderr is; nil for none
	stdoutTerminal *terminal.Terminal // that stdout is; nil for none
	getenv         func(string) string
	clock          clock.WithTicker
	random         func() float64 // in [0, 1)
	// first pause before a request to NetBox is retried; 0 means the client's default
	retryWait  time.Duration
	connect    func(cluster.Config) (fabricsync.Cluster, error) // nil means cluster.New
	onActivity func(activity)                                   // of a watch; nil in production
}

// command returns the command for this machine.
func (p *program) command() *cobra.Command {
	o := newOptions()
	c := o.command(func(ctx context.Context) error {
		code, err := p.sync(ctx, o)
		if err == nil && code != cli.ExitSuccess {
			err = &cli.ExitError{Code: code}
		}
		return err
	})
	c.SetOut(p.stdout)
	c.SetErr(p.stderr)
	_ = c.RegisterFlagCompletionFunc("fabric", cli.FabricNames(p.getenv, func(config *rest.Config) {
		config.UserAgent = userAgent(p.version)
	})) // the flag exists, and has no function yet
	return c
}

// command returns a command that parses the options and then calls run.
func (o *options) command(run func(context.Context) error) *cobra.Command {
	c := &cobra.Command{
		Use: useLine, Short: short, Args: cobra.ArbitraryArgs, ValidArgsFunction: cobra.NoFileCompletions,
	}
	c.RunE = func(c *cobra.Command, args []string) error {
		if err := o.check(args); err != nil {
			return err
		}
		return run(c.Context())
	}
	cli.AddFlags(c, description, o.groups(), outcomeHelp()+"\n"+helpFooter)
	return c
}

// sync runs the command and returns the exit code. An error means that the environment is
// wrong.
func (p *program) sync(ctx context.Context, o *options) (int, error) {
	screen := &display{out: p.stderr, terminal: p.stderrTerminal, lasting: o.once}
	masked := &maskedWriter{out: screen}
	log := newLogger(o, masked, p.stderrTerminal != nil)
	board := newStatusBoard(p.clock)
	metrics := newMetrics(p.version, board)
	client, err := p.client(log, metrics.netbox.wrap)
	if err != nil {
		return 0, err
	}
	if branch, in := client.InBranch(); in {
		return 0, fmt.Errorf("NETBOX_BRANCH, or X-NetBox-Branch in NETBOX_HEADERS, names the branch %q of NetBox. "+
			"A sync there would put every object of the clusters into the branch's review, and the merge would "+
			"conflict with the syncs of main. To sync in main, unset the one that is set", branch)
	}
	mask := client.Mask
	masked.mask.Store(&mask)
	s := &syncer{options: o, netbox: client, clock: p.clock, log: log, display: screen, template: p.template(ctx,
		o, client, log)}
	s.template.Connect = p.connecting(metrics.cluster.wrap)
	out := newOutput(o, p.stdout, p.stdoutTerminal)
	if o.once {
		return once(ctx, s, out), nil
	}
	var listener net.Listener
	if o.listen != "" {
		if listener, err = (&net.ListenConfig{}).Listen(ctx, "tcp", o.listen); err != nil {
			return 0, fmt.Errorf("--listen: %w", err)
		}
	}
	w := newWatch(s, out, metrics, board, p.random)
	w.onActivity = p.onActivity
	return w.run(ctx, listener), nil
}

func (p *program) template(ctx context.Context, o *options, client *netbox.Client,
	log *slog.Logger) fabricsync.Options {
	t := fabricsync.Options{
		NetBox: client, Insecure: o.insecure, UserAgent: userAgent(p.version),
		Prune: o.prune, PruneLimit: o.pruneLimit, DryRun: o.dryRun, Clock: p.clock,
	}
	if log.Enabled(ctx, slog.LevelDebug) {
		t.Logger = log // its details are for the debug level; results are logged here
	}
	return t
}

// connecting returns a function that connects to a cluster and counts its requests.
func (p *program) connecting(wrap func(http.RoundTripper) http.RoundTripper) func(cluster.Config) (fabricsync.Cluster,
	error) {
	return func(config cluster.Config) (fabricsync.Cluster, error) {
		config.WrapTransport = wrap
		if p.connect != nil {
			return p.connect(config)
		}
		c, err := cluster.New(config)
		if err != nil {
			return nil, err // not c: a nil *cluster.Cluster would be a non-nil Cluster
		}
		return c, nil
	}
}

// client returns the NetBox client that the environment describes.
func (p *program) client(log *slog.Logger, wrap func(http.RoundTripper) http.RoundTripper) (*netbox.Client, error) {
	return cli.NetBox(p.getenv, func(config *rest.Config) {
		config.UserAgent, config.RetryWait = userAgent(p.version), p.retryWait
		config.ObserveExchange, config.WrapTransport = logExchange(log), wrap
	})
}

func userAgent(version string) string {
	return fmt.Sprintf("terraform-provider-hedgehog/%s sync", version)
}
