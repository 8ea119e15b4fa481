//go:build unix

package main

import (
	"os/exec"
	"syscall"
)

// executable ends the name of a program.
const executable = ""

// ownGroup puts a command and what it starts into a process group of their own:
// Ctrl-C then reaches the demo alone, which passes it on once.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// interrupt asks the command to stop. A CLI stops its providers itself.
func interrupt(cmd *exec.Cmd) error { return cmd.Process.Signal(syscall.SIGINT) }

// killGroup ends what is left of the command's group.
func killGroup(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }

// stopSignals end the demo. A closed pipe (make demo | head) is one of them, so
// that it is no exception to cleaning up.
var stopSignals = []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE}
