//go:build !unix

package main

import (
	"os/exec"
	"syscall"
)

// executable ends the name of a program.
const executable = ".exe"

func ownGroup(*exec.Cmd) {}

func interrupt(cmd *exec.Cmd) error { return cmd.Process.Kill() }

func killGroup(*exec.Cmd) {}

var stopSignals = []syscall.Signal{syscall.SIGINT, syscall.SIGTERM}
