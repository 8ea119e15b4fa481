//go:build unix && !linux

package process

import "syscall"

// stopWithParent does nothing: only Linux can signal a parent's death to a child.
func stopWithParent(*syscall.SysProcAttr) {}
