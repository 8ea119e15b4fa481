//go:build unix

package main

import (
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/dev/process"
)

func TestExplainMissingModule_namesTheModule(t *testing.T) {
	command := exec.Command("sh", "-c", "echo \"No module named 'kubernetes'\"; exit 1")
	err := process.RunStep(t.Context(), command, filepath.Join(t.TempDir(), "log"))
	if err == nil || !strings.Contains(explainMissingModule(err).Error(), "the Python module kubernetes") {
		t.Errorf("got the error %v", err)
	}
	other := errors.New("no room on the disk")
	if got := explainMissingModule(other); !errors.Is(got, other) || got.Error() != other.Error() {
		t.Errorf("got %v, want the error %v unchanged", got, other)
	}
}
