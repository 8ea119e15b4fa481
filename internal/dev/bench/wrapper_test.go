//go:build unix

package main

import (
	"os"
	"os/exec"
	"testing"
)

// The shell stands for a provider that ends by itself.
func TestRunProvider_notesPeakMemoryAndPassesTheStatusOn(t *testing.T) {
	peaks := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, "-c", "echo hello; exit 3")
	cmd.Env = append(os.Environ(), envProvider+"=/bin/sh", envPeaks+"="+peaks)
	out, _ := cmd.Output()
	if string(out) != "hello\n" || cmd.ProcessState.ExitCode() != 3 {
		t.Errorf("printed %q and ended with %d", out, cmd.ProcessState.ExitCode())
	}
	peak, err := takePeak(peaks)
	if err != nil || peak < 100<<10 || peak > 1<<30 {
		t.Errorf("peak memory %d bytes, %v", peak, err)
	}
	if peak, err := takePeak(peaks); err == nil {
		t.Errorf("the peak of %d bytes was taken twice", peak)
	}
}

func TestTakePeak_isTheLargest(t *testing.T) {
	peaks := t.TempDir()
	for name, text := range map[string]string{"1": "20", "2": "300", "3": "4"} {
		if err := os.WriteFile(peaks+"/"+name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if peak, err := takePeak(peaks); err != nil || peak != 300 {
		t.Errorf("peak %d, %v; want 300", peak, err)
	}
}
