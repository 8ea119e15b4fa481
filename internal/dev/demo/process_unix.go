//go:build unix

package main

import (
	"os/exec"
	"syscall"
)

// executable is the suffix of a program's file name.
const executable = ""

// ownGroup puts a command and its children into their own process group. Ctrl-C then
// reaches only the demo, which passes it on once.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// interrupt interrupts the command. A CLI stops its providers itself.
func interrupt(cmd *exec.Cmd) error { return cmd.Process.Signal(syscall.SIGINT) }

// killGroup kills what is left of the command's group.
func killGroup(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }

// stopSignals end the demo. They include SIGPIPE, so that the demo cleans up after
// make demo | head too.
var stopSignals = []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE}
