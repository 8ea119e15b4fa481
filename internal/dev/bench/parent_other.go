//go:build !linux

package main

import "os/exec"

// runWithParent runs a command to its end: only Linux signals its parent's death to a child.
func runWithParent(cmd *exec.Cmd) error { return cmd.Run() }
