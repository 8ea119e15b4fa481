//go:build unix

package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// waitForFile returns when the file is there: how a child says that it has come so far.
func waitForFile(t *testing.T, path string) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for time.Now().Before(deadline) {
		if _, err := os.Stat(path); err == nil {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatalf("%s did not appear", path)
}

func TestRunCommand_passesTheSignalOnAndWaits(t *testing.T) {
	folder := t.TempDir()
	ready, cleaned := filepath.Join(folder, "ready"), filepath.Join(folder, "cleaned")
	program := `trap 'sleep 0.2; touch "` + cleaned + `"; exit 7' INT; touch "` + ready + `"; while :; do sleep 0.02; done`
	signals := make(chan os.Signal, 1)
	go func() {
		waitForFile(t, ready)
		signals <- os.Interrupt
	}()
	status, err := runCommand([]string{"sh", "-c", program}, os.Environ(), signals)
	if err != nil || status != 7 {
		t.Errorf("status %d, %v; want the command's own 7", status, err)
	}
	if _, err := os.Stat(cleaned); err != nil {
		t.Errorf("did not wait for the command to clean up: %v", err)
	}
}

func TestRunCommand_status(t *testing.T) {
	for program, want := range map[string]int{"exit 0": 0, "exit 3": 3, "kill -TERM $$": 128 + 15} {
		status, err := runCommand([]string{"sh", "-c", program}, nil, nil)
		if err != nil || status != want {
			t.Errorf("%s: status %d, %v; want %d", program, status, err, want)
		}
	}
	if _, err := runCommand([]string{filepath.Join(t.TempDir(), "absent")}, nil, nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a command that does not exist: %v", err)
	}
}

func TestServerStop_killsTheGroupOfOneThatDoesNotEnd(t *testing.T) {
	folder := t.TempDir()
	ready := filepath.Join(folder, "ready")
	// Server and child hold the pipe open: it ends when both have.
	alive, held, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer alive.Close()
	command := exec.Command("sh", "-c", `trap '' INT; sleep 60 & : >"`+ready+`"; wait`)
	command.ExtraFiles = []*os.File{held}
	started, err := startServer(command, filepath.Join(folder, "log"))
	if err != nil {
		t.Fatal(err)
	}
	held.Close()
	waitForFile(t, ready)
	started.grace = 10 * time.Millisecond
	started.stop()
	if !started.ended() {
		t.Fatal("stop returned before the end")
	}
	if err := alive.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := alive.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("the server's child is still there: %v", err)
	}
}

func TestWaitUntil_tellsWhyAServerEnded(t *testing.T) {
	log := filepath.Join(t.TempDir(), "log")
	started, err := startServer(exec.Command("sh", "-c", "echo no room on the disk; exit 1"), log)
	if err != nil {
		t.Fatal(err)
	}
	err = started.waitUntil(t.Context(), time.Minute, func(context.Context) error { return errors.New("no answer") })
	if err == nil || !strings.Contains(err.Error(), "no room on the disk") {
		t.Errorf("error %v", err)
	}
}

func TestRunStep_isInterruptedWithItsContext(t *testing.T) {
	folder := t.TempDir()
	ready := filepath.Join(folder, "ready")
	ctx, cancel := context.WithCancelCause(t.Context())
	go func() {
		waitForFile(t, ready)
		cancel(&interruptedError{syscall.SIGTERM})
	}()
	err := runStep(ctx, exec.Command("sh", "-c", `touch "`+ready+`"; exec sleep 60`), filepath.Join(folder, "log"))
	if _, ok := errors.AsType[*interruptedError](err); !ok {
		t.Errorf("error %v", err)
	}
}

func TestRunStep_failureCarriesTheOutput(t *testing.T) {
	err := runStep(t.Context(), exec.Command("sh", "-c", "echo \"No module named 'kubernetes'\"; exit 1"), filepath.Join(t.TempDir(), "log"))
	if err == nil || !strings.Contains(explainMissingModule(err).Error(), "the Python module kubernetes") {
		t.Errorf("error %v", err)
	}
}

func TestExplain_interruptedStatus(t *testing.T) {
	var output strings.Builder
	if status := explain(&output, &interruptedError{syscall.SIGINT}); status != 130 {
		t.Errorf("status %d", status)
	}
}
