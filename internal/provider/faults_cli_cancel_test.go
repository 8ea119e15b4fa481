//go:build unix

package provider

import (
	"os"
	"syscall"
	"testing"
)

// A terminal sends Ctrl-C to the whole process group: to the CLI and to its provider.
func TestAccFaults_interruptedProcessGroup(t *testing.T) {
	t.Parallel()
	interruptedApply(t, &syscall.SysProcAttr{Setpgid: true}, func(p *os.Process) error {
		return syscall.Kill(-p.Pid, syscall.SIGINT)
	})
}
