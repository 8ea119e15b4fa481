package acctest

import (
	"runtime"
	"testing"
)

// Executable returns the file name of a program. Windows needs the suffix .exe.
func Executable(name string) string {
	if runtime.GOOS == "windows" {
		return name + ".exe"
	}
	return name
}

// NeedInterrupts skips a test that interrupts a program, on a system where that is impossible.
func NeedInterrupts(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("on Windows a process cannot interrupt another process")
	}
}
