package provider

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
)

// cli runs the real CLI with the provider built from this tree, as a user does.
type cli struct {
	t       *testing.T
	program string
	dir     string
	env     []string
}

const requiredProviders = "terraform {\n  required_providers {\n    hedgehog = { source = " +
	"\"hedgehog-fabric/hedgehog\" }\n  }\n}\n"

func newCLI(t *testing.T, config string, env ...string) *cli {
	t.Helper()
	program, dir := acctest.FindCLI(t).Path, t.TempDir()
	overrides := fmt.Sprintf("provider_installation {\n  dev_overrides {\n    \"hedgehog-fabric/hedgehog\" = %q\n  "+
		"}\n}\n", builtProvider(t))
	must(t, os.WriteFile(filepath.Join(dir, "cli.tfrc"), []byte(overrides), 0o600))
	must(t, os.WriteFile(filepath.Join(dir, "main.tf"), []byte(requiredProviders+config), 0o600))
	return &cli{t, program, dir, append(os.Environ(), append(env,
		"TF_CLI_CONFIG_FILE="+filepath.Join(dir, "cli.tfrc"), "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1",
		"TF_LOG=TRACE")...)}
}

// run returns standard output, and standard error with the whole TRACE log.
func (c *cli) run(args ...string) (stdout, log string, err error) {
	c.t.Helper()
	cmd := exec.CommandContext(c.t.Context(), c.program, append([]string{"-chdir=" + c.dir}, args...)...)
	var out, errs bytes.Buffer
	cmd.Env, cmd.Stdout, cmd.Stderr = c.env, &out, &errs
	err = cmd.Run()
	return out.String(), errs.String(), err
}

func (c *cli) file(name string) string {
	c.t.Helper()
	raw, err := os.ReadFile(filepath.Join(c.dir, name))
	must(c.t, err)
	return string(raw)
}

func (c *cli) write(name, text string) {
	c.t.Helper()
	must(c.t, os.WriteFile(filepath.Join(c.dir, name), []byte(text), 0o600))
}

// must runs a command that must succeed, and returns its output.
func (c *cli) must(args ...string) string {
	c.t.Helper()
	out, log, err := c.run(args...)
	if err != nil {
		c.t.Fatalf("%v: got %v\n%s%s", args, err, out, log)
	}
	return out
}
