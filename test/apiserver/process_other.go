//go:build unix && !linux

package main

import "syscall"

// stopWithParent does nothing: only Linux tells a child of its parent's death.
func stopWithParent(*syscall.SysProcAttr) {}
