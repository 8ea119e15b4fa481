package synccmd

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cli"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabricsync"
)

const (
	defaultTimeout     = 15 * time.Minute // of the sync of one fabric
	defaultParallelism = 4
	maxParallelism     = 100

	outputTable = "table"
	outputJSON  = "json"
	formatText  = "text"
	formatJSON  = "json"
)

// options are the options of the command line.
type options struct {
	once, watch   bool
	fabrics       fabric.Selectors
	shard         shard
	force, dryRun bool
	prune         fabricsync.Prune
	pruneLimit    fabricsync.PruneLimit // zero means the default
	insecure      bool                  // do not verify clusters' certificates
	parallelism   int
	timeout       time.Duration
	output        string // "" for none, in a watch
	listen        string // "" means no server
	logFormat     string
	logLevel      *slog.Level // nil if not given
}

func newOptions() *options {
	return &options{
		prune: fabricsync.Keep, parallelism: defaultParallelism, timeout: defaultTimeout, logFormat: formatText,
	}
}

// groups defines all flags, in the order of --help.
func (o *options) groups() []cli.FlagGroup {
	return []cli.FlagGroup{o.modes(), o.selection(), o.execution(), o.outputs()}
}

func (o *options) modes() cli.FlagGroup {
	g := cli.NewFlagGroup("Exactly one of")
	g.Flags.BoolVar(&o.once, "once", false, "sync all fabrics that are due, then exit")
	g.Flags.BoolVar(&o.watch, "watch", false,
		"keep running, and sync each fabric on its own interval: never early, and up to 10 % of the interval late "+
			"(30 s at most), to spread the syncs out. If a sync fails, it is retried after the fabric's interval or "+
			"one minute, whichever is shorter. The pause then doubles each time, up to 15 minutes. If the fabric's "+
			"record changes, the sync is retried sooner. Failed fabrics take at most half of --parallelism. To stop, "+
			"send SIGTERM or press Ctrl-C")
	return g
}

func (o *options) selection() cli.FlagGroup {
	g := cli.NewFlagGroup("What to sync")
	g.Flags.Func("fabric",
		"sync only the fabric `NAME|ID`; can be repeated. If a name has only digits, write name:NAME",
		o.fabrics.Add)
	g.Flags.Func("shards",
		fmt.Sprintf("share the fabrics among `N` commands, 1 to %d. Give all of them the same --shards, and each its "+
			"own --shard. A fabric's id decides its shard", maxShards),
		o.shard.setOf)
	g.Flags.Func("shard",
		"with --shards, sync only the fabrics of shard `I`: a number from 0 to one less than --shards, or the name "+
			"of a StatefulSet's pod, which ends in that number, such as hedgehog-sync-2",
		o.shard.setNumber)
	g.Flags.BoolVar(&o.force, "force", false,
		"with --once, also sync fabrics that are not due, including those with the interval 0. A fabric without a "+
			"server, or with sync_enabled = false, is skipped even with --force or --fabric")
	g.Flags.BoolVar(&o.dryRun, "dry-run", false,
		"with --once, read everything, write nothing, and show what a sync would do")
	cli.OneOf(g.Flags, (*string)(&o.prune), "prune",
		"what to do with objects in NetBox that are no longer in the cluster (default keep, as the NetBox plugin "+
			"does)",
		string(fabricsync.Keep), string(fabricsync.Delete))
	g.Flags.Func("prune-limit",
		fmt.Sprintf("with --prune delete, the most that a sync may delete, as `SHARE%%[,NUMBER]` (default %s). If "+
			"NetBox has at least NUMBER objects of a fabric, and more than SHARE percent of them would be deleted, "+
			"the sync fails and deletes nothing. 100%% turns the limit off: an empty cluster then deletes all of a "+
			"fabric's objects", fabricsync.DefaultPruneLimit()),
		o.setPruneLimit)
	return g
}

func (o *options) execution() cli.FlagGroup {
	g := cli.NewFlagGroup("How to sync")
	g.Flags.Func("parallelism",
		fmt.Sprintf("sync up to `N` fabrics at the same time, 1 to %d (default %d)", maxParallelism,
			defaultParallelism),
		o.setParallelism)
	g.Flags.Func("timeout",
		fmt.Sprintf("stop the sync of a fabric after `DURATION`, such as 90s or 1h; at least 1s (default %.0fm). The "+
			"sync then fails, and the fabric's record says so", defaultTimeout.Minutes()),
		o.setTimeout)
	g.Flags.BoolVar(&o.insecure, "insecure-skip-tls-verify", false,
		"do not verify the clusters' certificates: anyone who controls the network path can then read the fabrics' "+
			"Kubernetes tokens")
	return g
}

func (o *options) outputs() cli.FlagGroup {
	g := cli.NewFlagGroup("Output")
	cli.OneOf(g.Flags, &o.output, "output",
		"format of the result on stdout. table (the default with --once): all fabrics, at the end. json: one line "+
			"with a JSON object for each fabric, as soon as it is done",
		outputTable, outputJSON)
	cli.OneOf(g.Flags, &o.logFormat, "log-format",
		"format of the log on stderr (default text)", formatText, formatJSON)
	g.Flags.Func("log-level",
		"log this `LEVEL` and above: debug, info, warn or error (default info; warn with --once on a terminal, which "+
			"shows the progress instead)",
		o.setLogLevel)
	cli.Suggest(g.Flags, "log-level", logLevels()...)
	g.Flags.StringVar(&o.listen, "listen", "",
		"with --watch, serve HTTP on `[HOST]:PORT`: / (a page with all fabrics), /metrics (for Prometheus), /livez "+
			"(503 when the process must be restarted) and /readyz (503 and the reason when the fabrics cannot be read "+
			"from NetBox). Anyone who can reach the port can read these pages. They contain no secrets")
	return g
}

func (o *options) setParallelism(text string) (err error) {
	if o.parallelism, err = strconv.Atoi(text); err != nil || o.parallelism < 1 || o.parallelism > maxParallelism {
		return fmt.Errorf("it must be a whole number from 1 to %d", maxParallelism)
	}
	return nil
}

func (o *options) setPruneLimit(text string) (err error) {
	o.pruneLimit, err = fabricsync.ParsePruneLimit(text)
	return err
}

func (o *options) setTimeout(text string) (err error) {
	if o.timeout, err = time.ParseDuration(text); err != nil || o.timeout < time.Second {
		return errors.New("it must be a number with a unit, at least 1s, such as 90s or 15m")
	}
	return nil
}

func logLevels() []string { return []string{"debug", "info", "warn", "error"} }

func (o *options) setLogLevel(text string) error {
	level, known := map[string]slog.Level{
		"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError,
	}[text]
	o.logLevel = &level
	if !known {
		return cli.NotOneOf(text, logLevels()...)
	}
	return nil
}

// check reports options that don't go together, and arguments, which the command does not
// take.
func (o *options) check(arguments []string) error {
	switch {
	case len(arguments) > 0:
		return cli.Usagef("unexpected argument %q; to sync one fabric, use --fabric", arguments[0])
	case o.once == o.watch:
		return cli.Usagef("give exactly one of --once and --watch")
	case o.pruneLimit != (fabricsync.PruneLimit{}) && o.prune != fabricsync.Delete:
		return cli.Usagef("--prune-limit needs --prune delete")
	case o.watch && o.force:
		return cli.Usagef("--force needs --once: a watch syncs each fabric when it is due")
	case o.watch && o.dryRun:
		return cli.Usagef("--dry-run needs --once: in a watch that writes nothing, a fabric would stay due forever")
	case o.watch && o.output == outputTable:
		return cli.Usagef("--output table needs --once: the table is printed at the end, and a watch has no end")
	case o.once && o.listen != "":
		return cli.Usagef("--listen needs --watch")
	}
	if err := o.shard.check(); err != nil {
		return err
	}
	if o.listen != "" {
		if _, port, err := net.SplitHostPort(o.listen); err != nil || port == "" {
			return cli.Usagef("--listen is %q; it must be [HOST]:PORT, such as 127.0.0.1:9641 or :9641", o.listen)
		}
	}
	if o.once && o.output == "" {
		o.output = outputTable
	}
	return nil
}
