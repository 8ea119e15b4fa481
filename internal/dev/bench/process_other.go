//go:build !unix

package main

import (
	"os"
	"os/exec"
	"syscall"
)

func ownGroup(*exec.Cmd) {}

func interrupt(cmd *exec.Cmd) error { return cmd.Process.Kill() }

func killGroup(*exec.Cmd) {}

var stopSignals = []syscall.Signal{syscall.SIGINT, syscall.SIGTERM}

func ignorePipes() {}

// peakMemory is not known on this system.
func peakMemory(*os.ProcessState) int64 { return 0 }
