//go:build unix

package process

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"syscall"
)

// RunStep runs a program, waits for it, and appends its output to the file log. It returns an
// Error if the program fails. If ctx ends first, it stops the program and returns ctx's cause.
func RunStep(ctx context.Context, command *exec.Cmd, log string) error {
	started, err := Start(command, log)
	if err != nil {
		return err
	}
	select {
	case <-started.done:
	case <-ctx.Done():
		started.Stop()
		return context.Cause(ctx)
	}
	if started.err != nil {
		return started.failure(started.err)
	}
	return nil
}

// RunCommand runs the user's command, and passes every signal on to the command's group, as
// a terminal would. Meanwhile it calls the functions that arrive in asked on this thread;
// asked may be nil. It returns the command's exit status. If a signal killed the command,
// that is 128 and the signal's number, as in a shell.
func RunCommand(arguments, environment []string, signals <-chan os.Signal, asked <-chan func()) (int, error) {
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

// signalStatus returns the exit status that a shell reports for a death by signal.
func signalStatus(number syscall.Signal) int { return 128 + int(number) }
