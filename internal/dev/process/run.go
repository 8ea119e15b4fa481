//go:build unix

package process

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"syscall"
)

// RunStep runs a program to its end, with its output at the end of the file
// log. It returns an Error when the program fails. When ctx ends, the program
// is stopped and ctx's cause returned.
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

// RunCommand runs the user's command and passes every signal on to its whole
// group, as a terminal would. Meanwhile it calls the functions that come
// through asked, for who has something to do on this thread; asked may be nil.
// It returns the command's exit status: as a shell does, 128 and the signal's
// number for a death by signal.
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

// signalStatus is the exit status that a shell gives to a death by signal.
func signalStatus(number syscall.Signal) int { return 128 + int(number) }
