//go:build unix

// Package process starts and stops programs. The commands that set up real servers for a
// test run use it to start the servers, wait for them, run the user's command, and stop
// everything, on an interrupt too.
//
// On Linux a child is interrupted when the thread that started it ends. A program that uses
// this package therefore locks its main goroutine to its thread, and starts every child there.
package process

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

const (
	stopGrace = 20 * time.Second
	pollEvery = 50 * time.Millisecond
	tailLines = 30
)

// Error is the failure of a program, with the end of what it printed.
type Error struct {
	Program string // its path
	Tail    string // the last lines of its log; may be ""
	Err     error
}

// Error returns the cause, then the end of the log.
func (e *Error) Error() string {
	return fmt.Sprintf("%s: %v\n%s", e.Program, e.Err, e.Tail)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Process is a running child in its own process group. Ctrl-C in a terminal reaches only
// this program, which then stops its children in order.
type Process struct {
	// Grace is how long the process may take to end after SIGINT. After that, Stop kills its
	// group. Start sets Grace to 20 seconds.
	Grace time.Duration

	command *exec.Cmd
	log     string        // the file with its output
	done    chan struct{} // closed when the process has ended
	err     error         // how it ended; read it after done
}

// Start starts a program, and appends its output to the file log, which only its owner may
// read. The caller stops the program.
func Start(command *exec.Cmd, log string) (*Process, error) {
	output, err := os.OpenFile(log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	defer output.Close()
	if command.SysProcAttr == nil {
		command.SysProcAttr = &syscall.SysProcAttr{}
	}
	command.SysProcAttr.Setpgid = true
	stopWithParent(command.SysProcAttr)
	command.Stdout, command.Stderr = output, output
	if err := command.Start(); err != nil {
		return nil, err
	}
	started := &Process{Grace: stopGrace, command: command, log: log, done: make(chan struct{})}
	go func() {
		started.err = command.Wait()
		close(started.done)
	}()
	return started, nil
}

// Ended reports whether the process has ended.
func (p *Process) Ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// Stop interrupts the process, kills its group if it does not end within Grace, and returns
// when the process has ended.
func (p *Process) Stop() {
	if p.Ended() {
		return
	}
	// SIGINT ends all of these programs quickly and cleanly: PostgreSQL, Redis, gunicorn,
	// Python, etcd and the API server.
	_ = p.command.Process.Signal(syscall.SIGINT)
	select {
	case <-p.done:
	case <-time.After(p.Grace):
		_ = syscall.Kill(-p.command.Process.Pid, syscall.SIGKILL)
		<-p.done
	}
}

// Failure returns an Error about the process, with the end of its log.
func (p *Process) Failure(what string) error { return p.failure(errors.New(what)) }

func (p *Process) failure(err error) error {
	return &Error{Program: p.command.Path, Tail: tail(p.log), Err: err}
}

// WaitUntil calls ready repeatedly until it returns nil. It returns an Error if the process
// ends, the limit passes, or ctx ends before that.
func (p *Process) WaitUntil(ctx context.Context, limit time.Duration, ready func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	for {
		err := ready(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-p.done:
			return p.Failure("ended before it was ready")
		case <-ctx.Done():
			return p.Failure(fmt.Sprintf("not ready: %v (last answer: %v)", context.Cause(ctx), err))
		case <-ticker.C:
		}
	}
}

// tail returns the last lines of a log.
func tail(log string) string {
	text, err := os.ReadFile(log)
	if err != nil {
		return ""
	}
	lines := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-tailLines):], "\n")
}
