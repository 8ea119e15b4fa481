//go:build unix

// Command netboxserver sets up a real NetBox, runs a command against it, usually the
// acceptance tests, and removes the NetBox afterwards:
//
//	go build -o build/netboxserver ./internal/dev/netboxserver
//	build/netboxserver -- go test ./...
//
// The command finds the server in its environment (see target). The Python packages and a
// migrated database stay in the user's cache folder, so only the first run is slow. With
// -branching the NetBox has NetBox Branching and a worker for it.
//
// NETBOX_VERSION selects the version of NetBox. Since 4.7 NetBox is a Python package. For an
// older version, NETBOX_SOURCE must name a folder with a checkout of its repository. -check
// only checks these two variables, and runs nothing.
//
// NETBOX_SERVER_URL and NETBOX_API_TOKEN name a running NetBox to use instead. The program
// then sets up nothing. NETBOX_PLUGIN_DIR names a folder with another netbox_hedgehog package
// than the fixture, and NETBOX_PLUGIN_REQUIREMENTS the Python packages that it needs. PYTHON
// names the Python to use.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"syscall"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/dev/process"
)

const (
	programName = "netboxserver"
	exitUsage   = 2
)

func main() {
	// A child's parent-death signal depends on the thread that started it. So every child is
	// started from this thread, which lives as long as the process.
	runtime.LockOSThread()
	os.Exit(run(os.Args[1:], os.Stderr))
}

// run returns the exit status. If the command ran, it is the command's.
func run(arguments []string, output io.Writer) int {
	options, err := parseOptions(arguments, output)
	if err != nil {
		return exitUsage
	}
	if options.check {
		return check(options.settings, output)
	}

	signals := make(chan os.Signal, 4)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)

	report := &process.Progress{Output: output}
	var (
		server *target
		stop   func()
	)
	err = process.Interruptibly(signals, func(ctx context.Context) (err error) {
		server, stop, err = setUp(ctx, options, report)
		return err
	})
	// On every return, stop stops what was started.
	defer stop()
	if err != nil {
		return process.Explain(output, programName, err)
	}

	report.Note("NetBox %s at %s, display_url %s", server.version, server.url, server.displayURL)
	status, err := process.RunCommand(options.command, server.environment(os.Environ()), signals, nil)
	if err != nil {
		return process.Explain(output, programName, err)
	}
	if !server.own {
		reportLeftovers(context.Background(), server, report)
	}
	return status
}

// options are the options of the command line.
type options struct {
	settings
	check   bool
	command []string
}

func parseOptions(arguments []string, output io.Writer) (options, error) {
	var parsed options
	flags := flag.NewFlagSet(programName, flag.ContinueOnError)
	flags.SetOutput(output)
	flags.StringVar(&parsed.displayURL, "display-url", displayURLPatched,
		"the fixture plugin's form: published (display_url breaks, DELETE fails) or patched")
	flags.StringVar(&parsed.objectFilter, "object-filter", objectFilterNone,
		"how the fixture plugin filters objects by fabric: none (as published), fields (filterset_fields) or filterset")
	flags.StringVar(&parsed.timeZone, "time-zone", "UTC", "NetBox's TIME_ZONE")
	flags.IntVar(&parsed.maxPageSize, "max-page-size", 1000, "NetBox's MAX_PAGE_SIZE: the most objects on a page, at "+
		"least 1")
	flags.BoolVar(&parsed.branching, "branching", false, "install NetBox Branching, which needs NetBox 4.7")
	flags.BoolVar(&parsed.check, "check", false, "only check NETBOX_VERSION and NETBOX_SOURCE")
	flags.Usage = func() {
		_, _ = fmt.Fprintln(output, "usage: "+programName+" [flags] -- command [argument ...]")
		flags.PrintDefaults()
	}
	if err := flags.Parse(arguments); err != nil {
		return options{}, err
	}
	parsed.command = flags.Args()
	var wrong string
	switch {
	case parsed.displayURL != displayURLPublished && parsed.displayURL != displayURLPatched:
		wrong = fmt.Sprintf("-display-url is %q, not published or patched", parsed.displayURL)
	case !slices.Contains([]string{objectFilterNone, objectFilterFields, objectFilterSet}, parsed.objectFilter):
		wrong = fmt.Sprintf("-object-filter is %q, not none, fields or filterset", parsed.objectFilter)
	case parsed.maxPageSize < 1:
		wrong = fmt.Sprintf("-max-page-size is %d, below 1", parsed.maxPageSize)
	case len(parsed.command) == 0 && !parsed.check:
		wrong = "no command to run"
	default:
		return parsed, nil
	}
	_, _ = fmt.Fprintln(output, wrong)
	flags.Usage()
	return options{}, errors.New(wrong)
}

// check prints what is wrong with the chosen NetBox, and returns the exit status.
func check(chosen settings, output io.Writer) int {
	server, err := namedTarget(os.Getenv("NETBOX_SERVER_URL"), os.Getenv("NETBOX_API_TOKEN"))
	if server == nil && err == nil {
		_, err = chosen.release(os.Getenv("NETBOX_VERSION"), os.Getenv("NETBOX_SOURCE"))
	}
	if err != nil {
		return process.Explain(output, programName, err)
	}
	return 0
}

// setUp returns the NetBox to test against: the user's, or one that it sets up. The returned
// function stops what was started, and is never nil.
func setUp(ctx context.Context, options options, report *process.Progress) (*target, func(), error) {
	server, err := namedTarget(os.Getenv("NETBOX_SERVER_URL"), os.Getenv("NETBOX_API_TOKEN"))
	if err != nil {
		return nil, func() {}, err
	}
	if server == nil {
		return startNetBox(ctx, options.settings, report)
	}
	report.Note("using the NetBox at %s", server.url)
	return server, func() {}, server.inspect(ctx)
}
