//go:build !linux

package releasetest

import (
	"os/exec"
	"testing"
)

// contained is never called: images are for Linux only.
func contained(t *testing.T, _ string, _ image, _ ...string) *exec.Cmd {
	t.Helper()
	t.Fatal("images are for Linux only")
	return nil
}
