package releasetest

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// contained is the image's program with these arguments. Where the tests run as root, it has
// nothing but the image, and runs as the image's user; elsewhere it has its authorities.
func contained(t *testing.T, folder string, i image, args ...string) *exec.Cmd {
	t.Helper()
	program := i.config.Config.Entrypoint[0]
	if os.Getuid() != 0 {
		cmd := exec.CommandContext(t.Context(), filepath.Join(folder, program), args...)
		cmd.Env = []string{"SSL_CERT_FILE=" + filepath.Join(folder, authorities)}
		return cmd
	}
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Dir, cmd.Env = i.config.Config.WorkingDir, i.config.Config.Env
	cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: folder, Credential: &syscall.Credential{Uid: 65532, Gid: 65532}}
	return cmd
}
