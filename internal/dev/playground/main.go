//go:build unix

// Command playground starts a NetBox and clusters that run until it is stopped. It writes a
// folder with HCL that is ready for a plan, and prints what to try there.
//
// The NetBox is a stand-in in memory, or the one in HEDGEHOG_ACC_SERVER_URL and
// HEDGEHOG_ACC_API_TOKEN. internal/dev/netboxserver sets these for the real NetBox that it
// starts. The playground refuses a NetBox that has fabrics.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

const (
	programName = "playground"
	exitFailure = 1
	exitUsage   = 2
)

func main() { os.Exit(run(os.Args[1:])) }

func run(arguments []string) int {
	flags := flag.NewFlagSet(programName, flag.ContinueOnError)
	path := flags.String("folder", "build/playground", "the `folder` for the HCL, the environment and the programs")
	if err := flags.Parse(arguments); err != nil {
		return exitUsage
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	err := play(ctx, *path, os.Stdout)
	if err != nil && ctx.Err() == nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", programName, err)
		return exitFailure
	}
	return 0
}

// play sets everything up, prints the first page, and waits until it is stopped.
func play(ctx context.Context, path string, out io.Writer) (err error) {
	f, err := openFolder(ctx, path)
	if err != nil {
		return err
	}
	cli, err := findCLI(ctx)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprint(out, "Building the provider. The first build takes a minute or two.\n\n")
	if err := f.installPrograms(ctx, cli); err != nil {
		return err
	}
	netbox, err := startNetBox(ctx)
	if err != nil {
		return err
	}
	defer netbox.stop()
	clusters, stopClusters, err := startClusters()
	defer stopClusters()
	if err != nil {
		return err
	}
	go beat(ctx, clusters)
	if err := netbox.fill(ctx, clusters); err != nil {
		return err
	}
	if err := f.write(netbox, clusters); err != nil {
		return err
	}
	if err := (page{f.path, cli.name, netbox}).print(out); err != nil {
		return err
	}
	<-ctx.Done()
	_, err = fmt.Fprintf(out, "\nThe servers are stopped. All files are still in\n%s.\nThe next "+
		"playground there overwrites main.tf and its other files, and starts with\n"+
		"an empty state. It keeps your own files.\n", f.path)
	return err
}
