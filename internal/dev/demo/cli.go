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

// stopTime is how long a command may take to stop before it is killed.
const stopTime = 15 * time.Second

// cli is Terraform or OpenTofu with its own settings: the provider from a folder, no
// plugin installation, and no network except the loopback interface.
type cli struct {
	path        string
	version     string // as it prints it, such as "Terraform v1.14.3"
	folder      string // holds a folder for each configuration
	environment []string
}

// commandError is the failure of a command, with its output.
type commandError struct {
	command string
	err     error
	output  string
}

func (e *commandError) Error() string {
	return fmt.Sprintf("%s: %v\n%s", e.command, e.err, strings.TrimRight(e.output, "\n"))
}

func (e *commandError) Unwrap() error { return e.err }

// newCLI finds the CLI, builds the provider into folder, and points the CLI at it with
// dev_overrides, so that it needs no init and no registry.
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

// findCLI returns the CLI in HEDGEHOG_DEMO_CLI, which make demo sets, or the one on PATH.
func findCLI() (string, error) {
	if path := os.Getenv("HEDGEHOG_DEMO_CLI"); path != "" {
		return path, nil
	}
	for _, name := range []string{"terraform", "tofu"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("terraform and tofu are not on PATH; make demo finds or builds one")
}

// foreignRemoved returns the environment without the caller's NetBox and Terraform settings.
func foreignRemoved(environment []string) []string {
	var kept []string
	for _, entry := range environment {
		if !strings.HasPrefix(entry, "NETBOX_") && !strings.HasPrefix(entry, "TF_") {
			kept = append(kept, entry)
		}
	}
	return kept
}

// use sets the NetBox for all later commands.
func (c *cli) use(url, token string) {
	c.environment = append(c.environment, "NETBOX_SERVER_URL="+url, "NETBOX_API_TOKEN="+token)
}

// run runs a command of the CLI in the folder of a configuration. The demo shows its
// output, with the CLI's warning about dev_overrides, only on failure.
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

// destroy destroys the resources of a configuration.
func (c *cli) destroy(ctx context.Context, configuration string) error {
	_, _, err := c.run(ctx, configuration, "destroy", "-auto-approve", "-no-color")
	return err
}

// output decodes an output value of a configuration into v.
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

// run runs a command and waits for it. If its context ends first, run interrupts the command,
// and kills it after stopTime.
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

// exitCode returns the exit status of a command that ended by itself, or -1 otherwise.
func exitCode(err error) int {
	if err == nil {
		return 0
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.ExitCode()
	}
	return -1
}
