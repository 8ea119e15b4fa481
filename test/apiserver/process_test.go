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

func TestRunCommand_passesSignalsOnAndDoesWhatIsAsked(t *testing.T) {
	folder := t.TempDir()
	ready := filepath.Join(folder, "ready")
	program := `trap 'exit 7' INT; touch "` + ready + `"; while :; do sleep 0.02; done`
	signals, asked, done := make(chan os.Signal, 1), make(chan func()), false
	go func() {
		waitForFile(t, ready)
		asked <- func() { done = true }
		signals <- os.Interrupt
	}()
	status, err := runCommand([]string{"sh", "-c", program}, os.Environ(), signals, asked)
	if err != nil || status != 7 {
		t.Errorf("status %d, %v; want the command's own 7", status, err)
	}
	if !done {
		t.Error("did not do what was asked")
	}
}

func TestRunCommand_status(t *testing.T) {
	for program, want := range map[string]int{"exit 0": 0, "exit 3": 3, "kill -TERM $$": 128 + 15} {
		status, err := runCommand([]string{"sh", "-c", program}, nil, nil, nil)
		if err != nil || status != want {
			t.Errorf("%s: status %d, %v; want %d", program, status, err, want)
		}
	}
	if _, err := runCommand([]string{filepath.Join(t.TempDir(), "absent")}, nil, nil, nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a command that does not exist: %v", err)
	}
}

func TestProcessStop_killsTheGroupOfOneThatDoesNotEnd(t *testing.T) {
	folder := t.TempDir()
	ready := filepath.Join(folder, "ready")
	// Process and child hold the pipe open: it ends when both have.
	alive, held, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer alive.Close()
	command := exec.Command("sh", "-c", `trap '' INT; sleep 60 & : >"`+ready+`"; wait`)
	command.ExtraFiles = []*os.File{held}
	started, err := startProcess(command, filepath.Join(folder, "log"))
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
		t.Errorf("the process's child is still there: %v", err)
	}
}

func TestWaitUntil_tellsWhyAProcessEnded(t *testing.T) {
	started, err := startProcess(exec.Command("sh", "-c", "echo no room on the disk; exit 1"), filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	err = started.waitUntil(t.Context(), time.Minute, func(context.Context) error { return errors.New("no answer") })
	if err == nil || !strings.Contains(err.Error(), "no room on the disk") {
		t.Errorf("error %v", err)
	}
}
