//go:build !unix

package main

import (
	"os/exec"
	"syscall"
)

// executable is the suffix of a program's file name.
const executable = ".exe"

func ownGroup(*exec.Cmd) {}

func interrupt(cmd *exec.Cmd) error { return cmd.Process.Kill() }

func killGroup(*exec.Cmd) {}

var stopSignals = []syscall.Signal{syscall.SIGINT, syscall.SIGTERM}
