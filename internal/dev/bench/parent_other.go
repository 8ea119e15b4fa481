//go:build !linux

package main

import "os/exec"

// runWithParent runs a command and waits for it: only Linux signals its parent's death to a child.
func runWithParent(cmd *exec.Cmd) error { return cmd.Run() }
