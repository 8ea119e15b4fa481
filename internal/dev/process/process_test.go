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
	"testing"
	"time"
)

// waitForFile returns when the file is there: how a child says that it has come
// so far. It may be called from any goroutine.
func waitForFile(t *testing.T, path string) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for time.Now().Before(deadline) {
		if _, err := os.Stat(path); err == nil {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Errorf("%s did not appear", path)
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
	started, err := Start(command, filepath.Join(folder, "log"))
	if err != nil {
		t.Fatal(err)
	}
	held.Close()
	waitForFile(t, ready)
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

func TestWaitUntil_tellsWhyAProcessEnded(t *testing.T) {
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
