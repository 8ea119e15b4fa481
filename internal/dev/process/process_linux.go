package process

import "syscall"

// stopWithParent has the kernel interrupt the child when this program dies without a chance to stop it.
func stopWithParent(attributes *syscall.SysProcAttr) { attributes.Pdeathsig = syscall.SIGINT }
