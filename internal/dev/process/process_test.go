//go:build unix

package process

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

// readiness returns a named pipe that a child writes to when it is ready, and a function
// that waits for that in any goroutine.
func readiness(t *testing.T) (path string, wait func()) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "ready")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	pipe, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pipe.Close() })
	if err := pipe.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return path, func() {
		if _, err := pipe.Read(make([]byte, 1)); err != nil {
			t.Errorf("the child does not become ready: %v", err)
		}
	}
}

func TestProcessStop_killsTheGroupOfAProcessThatDoesNotEnd(t *testing.T) {
	folder := t.TempDir()
	// Process and child hold the pipe open, so it ends when both have ended. A byte in it
	// means that the process ignores the signal and has started its child.
	alive, held, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer alive.Close()
	command := exec.Command("sh", "-c", `trap '' INT; sleep 60 & printf r >&3; wait`)
	command.ExtraFiles = []*os.File{held}
	started, err := Start(command, filepath.Join(folder, "log"))
	if err != nil {
		t.Fatal(err)
	}
	held.Close()
	if err := alive.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := alive.Read(make([]byte, 1)); err != nil {
		t.Fatalf("the process does not run: %v", err)
	}
	started.Grace = 10 * time.Millisecond
	started.Stop()
	if !started.Ended() {
		t.Fatal("Stop returned before the end")
	}
	if err := alive.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := alive.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("the process's child is still there: %v", err)
	}
}

func TestWaitUntil_saysWhyAProcessEnded(t *testing.T) {
	started, err := Start(exec.Command("sh", "-c", "echo no room on the disk; exit 1"),
		filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	err = started.WaitUntil(t.Context(), time.Minute, func(context.Context) error { return errors.New("no answer") })
	if err == nil || !strings.Contains(err.Error(), "no room on the disk") {
		t.Errorf("error %v", err)
	}
}
