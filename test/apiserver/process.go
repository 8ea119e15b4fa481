//go:build unix

package main

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
	// stopGrace is how long a process may take to end after SIGINT before its group is killed.
	stopGrace = 20 * time.Second
	pollEvery = 50 * time.Millisecond
	tailLines = 30
)

// processError is the failure of a program, with the end of what it printed.
type processError struct {
	program string
	tail    string
	err     error
}

func (e *processError) Error() string {
	return fmt.Sprintf("%s: %v\n%s", e.program, e.err, e.tail)
}

func (e *processError) Unwrap() error { return e.err }

// process is a running child in a process group of its own: a terminal's
// Ctrl-C reaches this program only, which then stops its children in order.
type process struct {
	command *exec.Cmd
	log     string        // file with what it prints
	grace   time.Duration // between SIGINT and the killing of the group
	done    chan struct{} // closed when the process has ended
}

// startProcess starts a program whose output goes to the end of the file log.
func startProcess(command *exec.Cmd, log string) (*process, error) {
	output, err := os.OpenFile(log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	defer output.Close()
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	stopWithParent(command.SysProcAttr)
	command.Stdout, command.Stderr = output, output
	if err := command.Start(); err != nil {
		return nil, err
	}
	started := &process{command: command, log: log, grace: stopGrace, done: make(chan struct{})}
	go func() {
		_ = command.Wait() // how it ended does not matter; that it did is told with its log
		close(started.done)
	}()
	return started, nil
}

func (p *process) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// stop ends the process, and kills what is left of its group if it does not end in time.
func (p *process) stop() {
	if p.ended() {
		return
	}
	_ = p.command.Process.Signal(syscall.SIGINT)
	select {
	case <-p.done:
	case <-time.After(p.grace):
		_ = syscall.Kill(-p.command.Process.Pid, syscall.SIGKILL)
		<-p.done
	}
}

// failure is an error about the process, with the end of its log.
func (p *process) failure(what string) error {
	return &processError{program: p.command.Path, tail: tail(p.log), err: errors.New(what)}
}

// waitUntil asks ready again and again until it says nil, the process ends, or the limit passes.
func (p *process) waitUntil(ctx context.Context, limit time.Duration, ready func(context.Context) error) error {
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
			return p.failure("ended before it was ready")
		case <-ctx.Done():
			return p.failure(fmt.Sprintf("not ready: %v (last answer: %v)", context.Cause(ctx), err))
		case <-ticker.C:
		}
	}
}

// runCommand runs the user's command and passes every signal on to its whole
// group, as a terminal would. Meanwhile it does what is asked of this thread
// (see main). It returns the command's exit status.
func runCommand(arguments, environment []string, signals <-chan os.Signal, asked <-chan func()) (int, error) {
	command := exec.Command(arguments[0], arguments[1:]...)
	command.Env = environment
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	stopWithParent(command.SysProcAttr)
	if err := command.Start(); err != nil {
		return 0, err
	}
	done := make(chan error, 1)
	go func() { done <- command.Wait() }()
	for {
		select {
		case received := <-signals:
			if number, ok := received.(syscall.Signal); ok {
				_ = syscall.Kill(-command.Process.Pid, number)
			}
		case do := <-asked:
			do()
		case err := <-done:
			return exitStatus(command.ProcessState, err)
		}
	}
}

func exitStatus(state *os.ProcessState, err error) (int, error) {
	if _, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok {
		return 0, err
	}
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return signalStatus(status.Signal()), nil
	}
	return state.ExitCode(), nil
}

// signalStatus is the exit status that a shell gives to a death by signal.
func signalStatus(number syscall.Signal) int { return 128 + int(number) }

// tail returns the last lines of a log.
func tail(log string) string {
	text, err := os.ReadFile(log)
	if err != nil {
		return ""
	}
	lines := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-tailLines):], "\n")
}
