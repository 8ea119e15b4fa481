package releasetest

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// contained returns a command that runs the image's program. If the tests run as root, the
// program sees nothing but the image and runs as the image's user. Otherwise it gets only the
// image's authorities.
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
