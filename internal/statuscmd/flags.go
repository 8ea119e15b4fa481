package statuscmd

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cli"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

const (
	outputTable = "table"
	outputJSON  = "json"

	failOnInconsistent = "inconsistent"
	failOnUnhealthy    = "unhealthy"
	failOnNone         = "none"

	defaultTimeout  = time.Minute
	defaultInterval = 10 * time.Second
)

// options are the options of the command line.
type options struct {
	fabrics  fabric.Selectors
	filter   fabric.Filter
	output   string
	failOn   []string // statuses, failOnInconsistent and failOnUnhealthy, or failOnNone alone
	health   bool
	insecure bool // do not verify clusters' certificates
	timeout  time.Duration
	watch    bool
	interval time.Duration // of a watch; 0 means the default
}

func newOptions() *options {
	return &options{output: outputTable, timeout: defaultTimeout}
}

// defaultFailOn returns the default of --fail-on: statuses that need attention, and
// contradictions in the record.
func defaultFailOn() []string {
	return []string{string(fabric.StatusError), string(fabric.StatusOutOfSync), failOnInconsistent}
}

// failOnValues returns the values that --fail-on accepts.
func failOnValues() []string {
	return append(fabric.StatusNames(), failOnInconsistent, failOnUnhealthy, failOnNone)
}

// groups defines all flags, in the order of --help.
func (o *options) groups() []cli.FlagGroup {
	which, result := cli.NewFlagGroup("Which fabrics"), cli.NewFlagGroup("Output and exit code")
	clusters := cli.NewFlagGroup("The fabrics' own health")

	which.Flags.Func("fabric", "show only the fabric `NAME|ID`, like the argument of the same name; can be "+
		"repeated", o.fabrics.Add)
	which.Flags.Func("name-regex",
		"only fabrics whose name matches `REGEX` (RE2), anywhere unless anchored with ^ and $",
		o.setNameRegex)
	anyOf(which.Flags, &o.filter.Lifecycles, "status", "lifecycle status", fabric.Lifecycles())
	anyOf(which.Flags, &o.filter.SyncStatuses, "sync-status", "sync status", fabric.StatusNames())
	anyOf(which.Flags, &o.filter.ConnectionStatuses, "connection-status", "connection status",
		fabric.ConnectionStatuses())
	which.Flags.Func("tag", "only fabrics with the tag `NAME`; if repeated, only fabrics with all of the tags",
		func(name string) error {
			o.filter.Tags = append(o.filter.Tags, name)
			return nil
		})

	cli.OneOf(result.Flags, &o.output, "output",
		"format of the result on stdout (default table). json: one document with what concerns the sync "+
			"status, under the names of the hedgehog_fabrics data source; with --health, also the attributes of "+
			"health in hedgehog_fabric_connection",
		outputTable, outputJSON)
	result.Flags.Func("fail-on",
		fmt.Sprintf("exit with 1 if a fabric matches a value in `LIST` (default %s): a sync status (%s), %s, or %s, "+
			"which asks the clusters like --health. With %s, no fabric makes the command exit with 1",
			strings.Join(defaultFailOn(), ","), strings.Join(fabric.StatusNames(), ", "), failOnInconsistent,
			failOnUnhealthy, failOnNone),
		o.setFailOn)
	cli.SuggestList(result.Flags, "fail-on", failOnValues()...)
	result.Flags.BoolVar(&o.watch, "watch", false,
		"keep the table on the terminal up to date, until you press Ctrl-C")
	result.Flags.Func("interval",
		fmt.Sprintf("with --watch, read NetBox every `DURATION`, at least 1s (default %.0fs)",
			defaultInterval.Seconds()),
		durationTo(&o.interval))
	result.Flags.Func("timeout",
		fmt.Sprintf("stop waiting for NetBox and the clusters after `DURATION`, such as 10s; at least 1s "+
			"(default %.0fm)",
			defaultTimeout.Minutes()),
		durationTo(&o.timeout))
	clusters.Flags.BoolVar(&o.health, "health", false,
		"also ask each fabric's cluster for the health of its switches and control nodes")
	clusters.Flags.BoolVar(&o.insecure, "insecure-skip-tls-verify", false,
		"do not verify the clusters' certificates: anyone who controls the network path can then read the fabrics' "+
			"Kubernetes tokens")
	return []cli.FlagGroup{which, clusters, result}
}

// anyOf defines a filter flag: a list of values. A fabric must have one of them.
func anyOf(set *pflag.FlagSet, to *[]string, name, what string, values []string) {
	set.Func(name, fmt.Sprintf("only fabrics whose %s is in `LIST`: %s", what,
		strings.Join(values, ", ")),
		func(text string) error {
			chosen, err := listOf(text, values...)
			*to = append(*to, chosen...)
			return err
		})
	cli.SuggestList(set, name, values...)
}

// listOf returns the values of a list separated by commas.
func listOf(text string, values ...string) (chosen []string, err error) {
	for one := range strings.SplitSeq(text, ",") {
		if one = strings.TrimSpace(one); !slices.Contains(values, one) {
			err := cli.NotOneOf(one, values...)
			if one != text {
				err = fmt.Errorf("%q is not allowed: %w", one, err)
			}
			return nil, err
		}
		chosen = append(chosen, one)
	}
	return chosen, nil
}

func (o *options) setNameRegex(text string) (err error) {
	o.filter.Name, err = regexp.Compile(text)
	if wrong, ok := errors.AsType[*syntax.Error](err); ok {
		return fmt.Errorf("it is not a valid RE2 regular expression: %s", wrong.Code)
	}
	return err
}

func (o *options) setFailOn(text string) error {
	chosen, err := listOf(text, failOnValues()...)
	if err != nil {
		return err
	}
	o.failOn = append(o.failOn, chosen...)
	if len(o.failOn) > 1 && slices.Contains(o.failOn, failOnNone) {
		return fmt.Errorf("%s cannot be combined with other values", failOnNone)
	}
	return nil
}

func durationTo(to *time.Duration) func(string) error {
	return func(text string) (err error) {
		if *to, err = time.ParseDuration(text); err != nil || *to < time.Second {
			return errors.New("it must be a number with a unit, at least 1s, such as 10s or 1m")
		}
		return nil
	}
}

// check reads the fabrics that the arguments name, and reports options that don't go
// together.
func (o *options) check(arguments []string) error {
	switch {
	case !o.watch && o.interval != 0:
		return cli.Usagef("--interval needs --watch")
	case o.watch && o.output != outputTable:
		return cli.Usagef("--watch only shows a table; for other output, run the command without --watch")
	case o.watch && o.failOn != nil:
		return cli.Usagef("--fail-on has no effect with --watch, which exits with 0 when it is stopped")
	}
	for _, one := range arguments {
		if err := o.fabrics.Add(one); err != nil {
			return cli.Usagef("%s", err)
		}
	}
	o.health = o.health || slices.Contains(o.failOn, failOnUnhealthy)
	if o.insecure && !o.health {
		return cli.Usagef("--insecure-skip-tls-verify needs --health: without it, no cluster is asked")
	}
	if o.failOn == nil {
		o.failOn = defaultFailOn()
	}
	if o.interval == 0 {
		o.interval = defaultInterval
	}
	return nil
}
