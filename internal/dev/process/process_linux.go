package process

import "syscall"

// stopWithParent makes the kernel interrupt the child if this program dies before it can stop
// the child.
func stopWithParent(attributes *syscall.SysProcAttr) { attributes.Pdeathsig = syscall.SIGINT }
