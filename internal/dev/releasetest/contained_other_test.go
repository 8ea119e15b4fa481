//go:build !linux

package releasetest

import (
	"os/exec"
	"testing"
)

// contained is not called: an image is for Linux alone.
func contained(t *testing.T, _ string, _ image, _ ...string) *exec.Cmd {
	t.Helper()
	t.Fatal("an image is for Linux alone")
	return nil
}
