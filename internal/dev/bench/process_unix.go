//go:build unix

package main

import (
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"syscall"
)

// ownGroup puts a command and what it starts into a process group of their own:
// Ctrl-C then reaches the bench alone, which passes it on once.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// interrupt asks the command to stop. A CLI stops its providers itself.
func interrupt(cmd *exec.Cmd) error { return cmd.Process.Signal(syscall.SIGINT) }

// killGroup ends what is left of the command's group.
func killGroup(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }

var stopSignals = []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP}

// ignorePipes makes a broken connection or pipe an error of its write, and nothing
// else. The signal is received and dropped, since a child would inherit that it is ignored.
func ignorePipes() { signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE) }

// peakMemory returns the largest resident set of a process that has ended, in bytes.
func peakMemory(state *os.ProcessState) int64 {
	usage, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	peak := int64(usage.Maxrss)   //nolint:unconvert // it has 32 bits on systems of 32 bits
	if runtime.GOOS == "darwin" { // which counts bytes; all others count KiB
		return peak
	}
	return peak * 1024
}
