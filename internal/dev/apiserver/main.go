//go:build unix

// Command apiserver starts a real Kubernetes API server, runs a command against it, usually
// the acceptance tests, and removes the server afterwards:
//
//	go build -o build/apiserver ./internal/dev/apiserver
//	build/apiserver -- go test -p 1 ./internal/cluster
//
// The command finds the API server in its environment (see target). The server has the CRDs
// of the twelve kinds and users with different permissions. The command can stop and start
// it (see control). etcd must be installed. tools/run in the current folder builds the API
// server from source once, unless KUBE_APISERVER names one.
//
// TEST_FABRIC_K8S_API_SERVER and TEST_FABRIC_K8S_TOKEN name a running cluster to use
// instead. TEST_FABRIC_K8S_API_SERVER_CA (PEM, or the name of a file) has its authorities
// if the system does not trust them. TEST_FABRIC_K8S_NAMESPACE is the namespace of its
// fabric, by default "default". The program starts nothing then, and writes nothing to that
// cluster: tests that write are skipped.
//
// HEDGEHOG_CRD_DIR names a folder with CRDs to use instead of this program's small ones.
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
	"syscall"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/dev/process"
)

const (
	programName = "apiserver"
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
	command, err := parse(arguments, output)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		return exitUsage
	}

	signals := make(chan os.Signal, 4)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)

	asked := make(chan func())
	report := &process.Progress{Output: output}
	var (
		server *target
		stop   func()
	)
	err = process.Interruptibly(signals, func(ctx context.Context) (err error) {
		server, stop, err = setUp(ctx, asked, report)
		return err
	})
	// On every return, stop stops what was started.
	defer stop()
	if err != nil {
		return process.Explain(output, programName, err)
	}
	status, err := process.RunCommand(command, server.environment(os.Environ()), signals, asked)
	if err != nil {
		return process.Explain(output, programName, err)
	}
	return status
}

func parse(arguments []string, output io.Writer) (command []string, err error) {
	flags := flag.NewFlagSet(programName, flag.ContinueOnError)
	flags.SetOutput(output)
	flags.Usage = func() { _, _ = fmt.Fprintln(output, "usage: "+programName+" -- command [argument ...]") }
	if err := flags.Parse(arguments); err != nil {
		return nil, err
	}
	if flags.NArg() == 0 {
		_, _ = fmt.Fprintln(output, "no command to run")
		flags.Usage()
		return nil, errors.New("no command to run")
	}
	return flags.Args(), nil
}

// setUp returns the API server to test against: the user's, or one that it starts. The
// returned function stops what was started, and is never nil.
func setUp(ctx context.Context, asked chan<- func(), report *process.Progress) (*target, func(), error) {
	named, err := namedTarget(os.Getenv)
	if err != nil {
		if named != nil {
			named.forget()
		}
		return nil, func() {}, err
	}
	if named == nil {
		c := &cluster{report: report, asked: asked}
		server, err := c.setUp(ctx)
		return server, c.cleanUp, err
	}
	report.Note("using the cluster at %s; tests that write to it or stop it are not run", named.server)
	return named, named.forget, nil
}
