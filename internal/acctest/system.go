package acctest

import (
	"runtime"
	"testing"
)

// Executable is the file name of a program, which has to end with .exe for Windows
// to start it.
func Executable(name string) string {
	if runtime.GOOS == "windows" {
		return name + ".exe"
	}
	return name
}

// NeedInterrupts skips a test that interrupts a program where no process can
// interrupt another.
func NeedInterrupts(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no interrupt that one process can send to another")
	}
}
