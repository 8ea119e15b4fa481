//go:build unix

// Command apiserver runs a command, usually the acceptance tests, against a real
// Kubernetes API server that it starts for that run and takes away afterwards:
//
//	go build -o build/test-apiserver ./test/apiserver
//	build/test-apiserver -- go test -p 1 ./internal/cluster
//
// The command finds the API server in its environment (see target). It has the
// twelve kinds' CRDs and users with different permissions, and the command may
// have it stopped and started (see control). It needs etcd; the API server is
// built from source once, by tools/run in the current folder, unless
// KUBE_APISERVER names one.
//
// TEST_FABRIC_K8S_API_SERVER, TEST_FABRIC_K8S_TOKEN and
// TEST_FABRIC_K8S_API_SERVER_CA (PEM, or the name of a file) together name a
// cluster that already runs; then nothing is started, nothing is written there,
// and tests that have to are skipped. HEDGEHOG_CRD_DIR names a folder with CRDs
// to use instead of the small ones of this program.
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
)

const (
	exitFailure = 1
	exitUsage   = 2
)

func main() {
	// A child's parent-death signal is tied to the thread that started it, so
	// every child is started from this one, which lives as long as the process.
	runtime.LockOSThread()
	os.Exit(run(os.Args[1:], os.Stderr))
}

// run returns the exit status: the command's own where it ran.
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
	server, stop, err := setUpInterruptibly(signals, asked, &progress{output: output})
	// Whatever was started is stopped, on every way out of this function.
	defer stop()
	if err != nil {
		return explain(output, err)
	}
	status, err := runCommand(command, server.environment(os.Environ()), signals, asked)
	if err != nil {
		return explain(output, err)
	}
	return status
}

func parse(arguments []string, output io.Writer) (command []string, err error) {
	flags := flag.NewFlagSet("test-apiserver", flag.ContinueOnError)
	flags.SetOutput(output)
	flags.Usage = func() { _, _ = fmt.Fprintln(output, "usage: test-apiserver -- command [argument ...]") }
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

// interruptedError says which signal ended the set-up.
type interruptedError struct{ signal os.Signal }

func (e *interruptedError) Error() string { return "stopped by signal: " + e.signal.String() }

// setUpInterruptibly cancels the set-up at the first signal. The returned
// function stops what was started; it is never nil.
func setUpInterruptibly(signals <-chan os.Signal, asked chan<- func(), report *progress) (*target, func(), error) {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	finished := make(chan struct{})
	defer close(finished)
	go func() {
		select {
		case received := <-signals:
			cancel(&interruptedError{received})
		case <-finished:
		}
	}()

	server, stop, err := setUp(ctx, asked, report)
	if interrupted, ok := errors.AsType[*interruptedError](context.Cause(ctx)); ok {
		err = interrupted
	}
	return server, stop, err
}

// setUp returns the API server to test against: the one the user names, or one of our own.
func setUp(ctx context.Context, asked chan<- func(), report *progress) (*target, func(), error) {
	named, err := namedTarget(os.Getenv)
	if err != nil {
		return nil, func() {}, err
	}
	if named == nil {
		c := &cluster{report: report, asked: asked}
		server, err := c.setUp(ctx)
		return server, c.takeAway, err
	}
	report.note("using the cluster at %s; tests that write to it or stop it are not run", named.server)
	return named, named.forget, nil
}

// explain prints an error and returns the exit status that goes with it.
func explain(output io.Writer, err error) int {
	_, _ = fmt.Fprintln(output, "test-apiserver:", err)
	if interrupted, ok := errors.AsType[*interruptedError](err); ok {
		if number, ok := interrupted.signal.(syscall.Signal); ok {
			return signalStatus(number)
		}
	}
	return exitFailure
}
