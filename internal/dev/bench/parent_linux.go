package main

import (
	"os/exec"
	"runtime"
	"syscall"
)

// runWithParent runs a command and waits for it; the kernel ends it when this program is
// killed, as a CLI does with a plugin that does not end in time.
func runWithParent(cmd *exec.Cmd) error {
	// The signal is tied to the thread that starts the child.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return cmd.Run()
}
