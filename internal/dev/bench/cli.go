package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

const (
	providerPackage = "github.com/hedgehog-fabric/terraform-provider-hedgehog"
	// stopTime is how long a command that was asked to stop may take.
	stopTime = 30 * time.Second
)

// cli is the real CLI with a provider built as for a release, which it starts
// through runProvider.
type cli struct {
	path        string
	version     string // as it prints it, such as "Terraform v1.14.3"
	provider    string // path of the real provider
	peaks       string // folder for the providers' peak memory
	environment []string
}

// shownLines is how much of a failed command's output is shown.
const shownLines = 40

// commandError is a command that did not end as it should.
type commandError struct {
	command string
	err     error
	output  string
}

// Error shows the end of the output: that of a thousand fabrics is long.
func (e *commandError) Error() string {
	lines := strings.Split(strings.TrimRight(e.output, "\n"), "\n")
	if more := len(lines) - shownLines; more > 0 {
		lines = append([]string{fmt.Sprintf("(%d lines before)", more)}, lines[more:]...)
	}
	return fmt.Sprintf("%s: %v\n%s", e.command, e.err, strings.Join(lines, "\n"))
}

func (e *commandError) Unwrap() error { return e.err }

// newCLI finds the CLI, builds the provider into folder, and has the CLI start it.
func newCLI(ctx context.Context, folder, serverURL, token string) (*cli, error) {
	path := os.Getenv("TF_ACC_TERRAFORM_PATH")
	if path == "" {
		return nil, errors.New("TF_ACC_TERRAFORM_PATH names no CLI: run this through tools/with-cli, which sets it")
	}
	c := &cli{path: path, provider: filepath.Join(folder, "provider", providerName),
		peaks: filepath.Join(folder, "peaks")}
	plugins, settings := filepath.Join(folder, "plugins"), filepath.Join(folder, "cli.tfrc")
	for _, f := range []string{plugins, c.peaks} {
		if err := os.Mkdir(f, 0o700); err != nil {
			return nil, err
		}
	}
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", c.provider,
		providerPackage)
	if _, err := execute(build); err != nil {
		return nil, fmt.Errorf("building the provider: %w", err)
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	if err := os.Symlink(self, filepath.Join(plugins, providerName)); err != nil {
		return nil, err
	}
	// With dev_overrides no init is needed, and no registry is asked.
	text := fmt.Sprintf("provider_installation {\n  dev_overrides {\n    \"hedgehog-fabric/hedgehog\" = %q\n  }\n}\n",
		plugins)
	if err := os.WriteFile(settings, []byte(text), 0o600); err != nil {
		return nil, err
	}
	c.environment = append(os.Environ(),
		"TF_CLI_CONFIG_FILE="+settings, "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1", "TF_INPUT=0",
		"NETBOX_SERVER_URL="+serverURL, "NETBOX_API_TOKEN="+token, envProvider+"="+c.provider, envPeaks+"="+c.peaks)
	out, err := c.run(ctx, folder, "version")
	c.version, _, _ = strings.Cut(out, "\n")
	return c, err
}

// run runs a command of the CLI in the folder of a configuration and returns what
// it printed.
func (c *cli) run(ctx context.Context, folder string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, c.path, args...)
	cmd.Dir, cmd.Env = folder, c.environment
	return execute(cmd)
}

// execute runs a command and waits for it. When its context ends first, the command is
// asked to stop, and killed when it does not.
func execute(cmd *exec.Cmd) (string, error) {
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	ownGroup(cmd)
	cmd.Cancel, cmd.WaitDelay = func() error { return interrupt(cmd) }, stopTime
	err := cmd.Run()
	if cmd.Process != nil {
		killGroup(cmd)
	}
	if err != nil {
		command := strings.Join(append([]string{filepath.Base(cmd.Path)}, cmd.Args[1:]...), " ")
		err = &commandError{command, err, out.String()}
	}
	return out.String(), err
}
