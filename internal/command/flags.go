package command

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

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

// options are what the command line asks for.
type options struct {
	once, watch   bool
	fabrics       selection
	force, dryRun bool
	prune         fabricsync.Prune
	insecure      bool // do not verify clusters' certificates
	parallelism   int
	timeout       time.Duration
	output        string // "" is none, in a watch
	listen        string // "" is nowhere
	logFormat     string
	logLevel      *slog.Level // nil: not said
}

// usageError is a command line that cannot be meant.
type usageError struct{ problem string }

func (e *usageError) Error() string { return e.problem }

func misused(format string, a ...any) error { return &usageError{fmt.Sprintf(format, a...)} }

func (o *options) flags() *flag.FlagSet {
	set := flag.NewFlagSet("sync", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	set.BoolVar(&o.once, "once", false, "")
	set.BoolVar(&o.watch, "watch", false, "")
	set.Func("fabric", "", o.fabrics.add)
	set.BoolVar(&o.force, "force", false, "")
	set.BoolVar(&o.dryRun, "dry-run", false, "")
	oneOf(set, (*string)(&o.prune), "prune", string(fabricsync.Keep), string(fabricsync.Delete))
	set.BoolVar(&o.insecure, "insecure-skip-tls-verify", false, "")
	o.parallelism, o.timeout = defaultParallelism, defaultTimeout
	set.Func("parallelism", "", func(text string) (err error) {
		if o.parallelism, err = strconv.Atoi(text); err != nil || o.parallelism < 1 || o.parallelism > maxParallelism {
			return fmt.Errorf("it must be a whole number from 1 to %d", maxParallelism)
		}
		return nil
	})
	set.Func("timeout", "", func(text string) (err error) {
		if o.timeout, err = time.ParseDuration(text); err != nil || o.timeout < time.Second {
			return errors.New("it must be a number with its unit, at least 1s, such as 90s or 15m")
		}
		return nil
	})
	oneOf(set, &o.output, "output", outputTable, outputJSON)
	set.StringVar(&o.listen, "listen", "", "")
	oneOf(set, &o.logFormat, "log-format", formatText, formatJSON)
	set.Func("log-level", "", func(text string) error {
		level, known := map[string]slog.Level{
			"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError,
		}[text]
		o.logLevel = &level
		return wrongUnless(known, "debug", "info", "warn", "error")
	})
	return set
}

// oneOf defines a flag with a few values.
func oneOf(set *flag.FlagSet, to *string, name string, values ...string) {
	set.Func(name, "", func(text string) error {
		*to = text
		return wrongUnless(slices.Contains(values, text), values...)
	})
}

func wrongUnless(known bool, values ...string) error {
	if known {
		return nil
	}
	last := len(values) - 1
	return errors.New("it must be " + strings.Join(values[:last], ", ") + " or " + values[last])
}

// oneDash is how package flag names a flag in its errors.
var oneDash = regexp.MustCompile(`(flag |for |: )-(\w)`)

// parse reads a command line. The error is [flag.ErrHelp] or a [*usageError].
func parse(args []string) (*options, error) {
	o := &options{prune: fabricsync.Keep, logFormat: formatText}
	set := o.flags()
	if err := set.Parse(args); errors.Is(err, flag.ErrHelp) {
		return nil, err
	} else if err != nil {
		return nil, &usageError{oneDash.ReplaceAllString(err.Error(), "$1--$2")}
	}
	if rest := set.Args(); len(rest) > 0 {
		return nil, misused("unexpected argument %q; every argument is a flag, and a fabric is named by --fabric", rest[0])
	}
	return o, o.check()
}

func (o *options) check() error {
	switch {
	case o.once == o.watch:
		return misused("give either --once or --watch")
	case o.watch && o.force:
		return misused("--force needs --once: a watch syncs each fabric when it is due")
	case o.watch && o.dryRun:
		return misused("--dry-run needs --once: what is never written stays due for ever")
	case o.watch && o.output == outputTable:
		return misused("--output table needs --once: a watch has no end at which to print one")
	case o.once && o.listen != "":
		return misused("--listen needs --watch")
	}
	if o.listen != "" {
		if _, port, err := net.SplitHostPort(o.listen); err != nil || port == "" {
			return misused("--listen is %q; it must be [HOST]:PORT, such as 127.0.0.1:9641 or :9641", o.listen)
		}
	}
	if o.once && o.output == "" {
		o.output = outputTable
	}
	return nil
}

// selection are the fabrics that are named; none means all.
type selection []selector

// selector names a fabric by its id, or else by its name.
type selector struct {
	id   int64
	name string
}

func (s *selection) add(text string) error {
	id, name, problem := fabric.ParseImportID(text)
	if problem != nil {
		return errors.New(problem.Detail)
	}
	if one := (selector{id, name}); !slices.Contains(*s, one) {
		*s = append(*s, one)
	}
	return nil
}

func (s selector) String() string {
	if s.name != "" {
		return s.name
	}
	return strconv.FormatInt(s.id, 10)
}

func (s selector) matches(f *fabric.Fabric) bool {
	return f.ID == s.id || (s.name != "" && f.Name == s.name)
}

func (s selection) has(f *fabric.Fabric) bool {
	return len(s) == 0 || slices.ContainsFunc(s, func(one selector) bool { return one.matches(f) })
}

// missing returns what is named and not there.
func (s selection) missing(fabrics []*fabric.Fabric) []string {
	var names []string
	for _, one := range s {
		if !slices.ContainsFunc(fabrics, one.matches) {
			names = append(names, one.String())
		}
	}
	return names
}
