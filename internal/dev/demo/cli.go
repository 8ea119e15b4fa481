package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

const providerPackage = "github.com/hedgehog-fabric/terraform-provider-hedgehog"

// stopTime is how long a command that was asked to stop may take.
const stopTime = 15 * time.Second

// cli is Terraform or OpenTofu with settings of its own: the provider from a
// folder, no plugin installation, no network but the loopback interface.
type cli struct {
	path        string
	version     string // as it prints it, such as "Terraform v1.14.3"
	folder      string // holds a folder for each configuration
	environment []string
}

// commandError is a command that did not end as it should.
type commandError struct {
	command string
	err     error
	output  string
}

func (e *commandError) Error() string {
	return fmt.Sprintf("%s: %v\n%s", e.command, e.err, strings.TrimRight(e.output, "\n"))
}

func (e *commandError) Unwrap() error { return e.err }

// newCLI finds the CLI, builds the provider into folder, and has the CLI take it
// from there: with dev_overrides no init is needed, and no registry is asked.
func newCLI(ctx context.Context, folder string) (*cli, error) {
	path, err := findCLI()
	if err != nil {
		return nil, err
	}
	plugins, config := filepath.Join(folder, "plugins"), filepath.Join(folder, "cli.tfrc")
	build := exec.CommandContext(ctx, "go", "build", "-o", filepath.Join(plugins, "terraform-provider-hedgehog"+
		executable), providerPackage)
	if _, _, err := run(build); err != nil {
		return nil, fmt.Errorf("building the provider: %w", err)
	}
	text := fmt.Sprintf("provider_installation {\n  dev_overrides {\n    \"hedgehog-fabric/hedgehog\" = %q\n  }\n}\n",
		plugins)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return nil, err
	}
	c := &cli{path: path, folder: folder, environment: append(foreignRemoved(os.Environ()),
		"TF_CLI_CONFIG_FILE="+config, "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1", "TF_INPUT=0")}
	version := exec.CommandContext(ctx, path, "version")
	version.Env = c.environment
	out, _, err := run(version)
	c.version, _, _ = strings.Cut(out, "\n")
	return c, err
}

// findCLI returns the CLI that HEDGEHOG_DEMO_CLI names (make demo sets it), or
// the one on PATH.
func findCLI() (string, error) {
	if path := os.Getenv("HEDGEHOG_DEMO_CLI"); path != "" {
		return path, nil
	}
	for _, name := range []string{"terraform", "tofu"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("neither terraform nor tofu is on PATH; make demo finds or builds one")
}

// foreignRemoved leaves out the caller's own NetBox and Terraform settings.
func foreignRemoved(environment []string) []string {
	var kept []string
	for _, entry := range environment {
		if !strings.HasPrefix(entry, "NETBOX_") && !strings.HasPrefix(entry, "TF_") {
			kept = append(kept, entry)
		}
	}
	return kept
}

// use names the NetBox for every command that follows.
func (c *cli) use(url, token string) {
	c.environment = append(c.environment, "NETBOX_SERVER_URL="+url, "NETBOX_API_TOKEN="+token)
}

// run runs a command of the CLI in the folder of a configuration. Its output,
// warnings of the CLI about dev_overrides included, is shown only on failure.
func (c *cli) run(ctx context.Context, configuration string, args ...string) (stdout, stderr string, err error) {
	cmd := exec.CommandContext(ctx, c.path, args...)
	cmd.Dir = filepath.Join(c.folder, configuration)
	cmd.Env = c.environment
	return run(cmd)
}

// apply applies a configuration.
func (c *cli) apply(ctx context.Context, configuration string) error {
	_, _, err := c.run(ctx, configuration, "apply", "-auto-approve", "-no-color")
	return err
}

// destroy destroys what a configuration has made.
func (c *cli) destroy(ctx context.Context, configuration string) error {
	_, _, err := c.run(ctx, configuration, "destroy", "-auto-approve", "-no-color")
	return err
}

// output reads the output values of a configuration into v.
func (c *cli) output(ctx context.Context, configuration, name string, v any) error {
	out, _, err := c.run(ctx, configuration, "output", "-json", name)
	if err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(out), v); err != nil {
		return fmt.Errorf("output %s: %w", name, err)
	}
	return nil
}

// run runs a command to its end. When its context ends first, the command is
// asked to stop, and killed when it does not.
func run(cmd *exec.Cmd) (stdout, stderr string, err error) {
	var out, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problems
	ownGroup(cmd)
	cmd.Cancel, cmd.WaitDelay = func() error { return interrupt(cmd) }, stopTime
	err = cmd.Run()
	if cmd.Process != nil {
		killGroup(cmd)
	}
	if err != nil {
		command := strings.Join(append([]string{filepath.Base(cmd.Path)}, cmd.Args[1:]...), " ")
		err = &commandError{command, err, out.String() + problems.String()}
	}
	return out.String(), problems.String(), err
}

// exitCode returns the exit status of a command that ran to its end, and -1 otherwise.
func exitCode(err error) int {
	if err == nil {
		return 0
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.ExitCode()
	}
	return -1
}
