//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// cli is Terraform or OpenTofu.
type cli struct{ path, name string }

// findCLI returns the CLI in HEDGEHOG_DEMO_CLI, which tools/with-cli sets, or the one on PATH.
func findCLI(ctx context.Context) (*cli, error) {
	path := os.Getenv("HEDGEHOG_DEMO_CLI")
	for _, name := range []string{"terraform", "tofu"} {
		if path == "" {
			path, _ = exec.LookPath(name) // "" if there is none
		}
	}
	if path == "" {
		return nil, errors.New("terraform and tofu are not on PATH; make playground finds or builds one")
	}
	said, err := exec.CommandContext(ctx, path, "version").Output()
	if err != nil {
		return nil, fmt.Errorf("%s version: %w", path, err)
	}
	if strings.HasPrefix(string(said), "OpenTofu") {
		return &cli{path, "tofu"}, nil
	}
	return &cli{path, "terraform"}, nil
}
