//go:build unix && !linux

package process

import "syscall"

// stopWithParent does nothing: only Linux tells a child of its parent's death.
func stopWithParent(*syscall.SysProcAttr) {}
