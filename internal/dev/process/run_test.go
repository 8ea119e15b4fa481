//go:build unix

package process

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

func TestRunCommand_passesTheSignalOnAndWaits(t *testing.T) {
	cleaned := filepath.Join(t.TempDir(), "cleaned")
	ready, waitUntilReady := readiness(t)
	program := `trap 'sleep 0.2; touch "` + cleaned + `"; exit 7' INT; printf r >"` + ready +
		`"; while :; do sleep 0.02; done`
	signals := make(chan os.Signal, 1)
	go func() {
		waitUntilReady()
		signals <- os.Interrupt
	}()
	status, err := RunCommand([]string{"sh", "-c", program}, os.Environ(), signals, nil)
	if err != nil || status != 7 {
		t.Errorf("status %d, %v; want the command's own 7", status, err)
	}
	if _, err := os.Stat(cleaned); err != nil {
		t.Errorf("did not wait for the command to clean up: %v", err)
	}
}

func TestRunCommand_doesWhatIsAskedMeanwhile(t *testing.T) {
	ready, waitUntilReady := readiness(t)
	program := `trap 'exit 7' INT; printf r >"` + ready + `"; while :; do sleep 0.02; done`
	signals, asked, done := make(chan os.Signal, 1), make(chan func()), false
	go func() {
		waitUntilReady()
		select {
		case asked <- func() { done = true }:
		case <-time.After(10 * time.Second):
		}
		signals <- os.Interrupt
	}()
	status, err := RunCommand([]string{"sh", "-c", program}, os.Environ(), signals, asked)
	if err != nil || status != 7 {
		t.Errorf("status %d, %v; want the command's own 7", status, err)
	}
	if !done {
		t.Error("did not do what was asked")
	}
}

func TestRunCommand_status(t *testing.T) {
	for program, want := range map[string]int{"exit 0": 0, "exit 3": 3, "kill -TERM $$": 128 + 15} {
		status, err := RunCommand([]string{"sh", "-c", program}, nil, nil, nil)
		if err != nil || status != want {
			t.Errorf("%s: status %d, %v; want %d", program, status, err, want)
		}
	}
	if _, err := RunCommand([]string{filepath.Join(t.TempDir(), "absent")}, nil, nil, nil); !errors.Is(err,
		os.ErrNotExist) {
		t.Errorf("a command that does not exist: %v", err)
	}
}

func TestRunStep_isInterruptedWithItsContext(t *testing.T) {
	ready, waitUntilReady := readiness(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	go func() {
		waitUntilReady()
		cancel(&InterruptedError{syscall.SIGTERM})
	}()
	err := RunStep(ctx, exec.Command("sh", "-c", `printf r >"`+ready+`"; exec sleep 60`),
		filepath.Join(t.TempDir(), "log"))
	if _, ok := errors.AsType[*InterruptedError](err); !ok {
		t.Errorf("error %v", err)
	}
}

func TestRunStep_failureCarriesTheOutput(t *testing.T) {
	command := exec.Command("sh", "-c", "echo no room on the disk; echo for the log; exit 3")
	err := RunStep(t.Context(), command, filepath.Join(t.TempDir(), "log"))
	failed, ok := errors.AsType[*Error](err)
	if !ok || failed.Program != command.Path || failed.Tail != "no room on the disk\nfor the log" {
		t.Fatalf("error %+v", err)
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != 3 {
		t.Errorf("cause %v, want the exit status 3", failed.Err)
	}
}
