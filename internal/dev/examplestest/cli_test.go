package examplestest

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

const (
	examplesFolder = "../../../examples"
	pluginPrefix   = "terraform-provider-"
)

// cli is Terraform or OpenTofu with the provider built from this tree. With dev_overrides it
// installs nothing and uses no registry.
type cli struct {
	*acctest.CLI
	config string // path of its configuration file
}

func newCLI(t *testing.T) *cli {
	t.Helper()
	found := acctest.FindCLI(t)
	built.once.Do(func() { built.config, built.err = configure(&built.folder) })
	must(t, built.err)
	return &cli{CLI: found, config: built.config}
}

// built is the provider as a program, for all tests; TestMain removes it.
var built struct {
	once           sync.Once
	folder, config string
	err            error
}

// configure builds the provider into a new folder, and returns the configuration file
// that names it.
func configure(folder *string) (config string, err error) {
	if *folder, err = os.MkdirTemp("", "hedgehog-examples-"); err != nil {
		return "", err
	}
	overrides := fmt.Sprintf("    \"hedgehog-fabric/hedgehog\" = %q\n", *folder)
	build := exec.Command("go", "build", "-o", filepath.Join(*folder, acctest.Executable(pluginPrefix+"hedgehog")),
		repository)
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the provider: %w\n%s", err, out)
	}
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	for _, name := range foreignProviders {
		plugin := filepath.Join(*folder, name)
		if err := os.Mkdir(plugin, 0o700); err != nil {
			return "", err
		}
		if err := os.Symlink(self, filepath.Join(plugin, acctest.Executable(pluginPrefix+name))); err != nil {
			return "", err
		}
		overrides += fmt.Sprintf("    \"hashicorp/%s\" = %q\n", name, plugin)
	}
	config = filepath.Join(*folder, "cli.tfrc")
	text := "provider_installation {\n  dev_overrides {\n" + overrides + "  }\n}\n"
	return config, os.WriteFile(config, []byte(text), 0o600)
}

// need skips a test if the CLI is too old for the configuration.
func (c *cli) need(t *testing.T, found *configuration) {
	t.Helper()
	c.Need(t, slices.Collect(maps.Keys(found.needs))...)
}

// workspace is a copy of examples/. One of its folders is the configuration.
type workspace struct {
	t           *testing.T
	cli         *cli
	dir         string
	environment []string
	netbox, lab *netboxtest.Server // one example needs lab
}

// newWorkspace copies the examples, so that a configuration finds its modules and leaves no files
// in the tree. It sets the variables of NetBox as in the READMEs.
func newWorkspace(t *testing.T, c *cli, folder string) *workspace {
	t.Helper()
	root := t.TempDir()
	copyExamples(t, root)
	n := standin(t)
	return &workspace{t: t, cli: c, dir: filepath.Join(root, filepath.FromSlash(folder)), netbox: n,
		environment: []string{"NETBOX_SERVER_URL=" + n.URL(), "NETBOX_API_TOKEN=" + netboxtest.AdminToken}}
}

// copyExamples copies the examples, without files that a contributor's own runs have left.
func copyExamples(t *testing.T, root string) {
	t.Helper()
	source := os.DirFS(examplesFolder)
	must(t, fs.WalkDir(source, ".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.Name() == ".terraform":
			return fs.SkipDir
		case entry.IsDir():
			return os.MkdirAll(filepath.Join(root, path), 0o700)
		case strings.Contains(entry.Name(), ".tfstate"):
			return nil
		}
		raw, err := fs.ReadFile(source, path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(root, path), raw, 0o600)
	}))
}

func (w *workspace) set(name, value string) { w.environment = append(w.environment, name+"="+value) }

// outcome is what a command of the CLI printed, and how it ended.
type outcome struct {
	command        string
	stdout, stderr string
	code           int
}

func (w *workspace) run(args ...string) outcome {
	w.t.Helper()
	cmd := exec.CommandContext(w.t.Context(), w.cli.Path, args...)
	cmd.Dir = w.dir
	cmd.Env = append(ownEnvironment(), w.environment...)
	cmd.Env = append(cmd.Env, "TF_CLI_CONFIG_FILE="+w.cli.config, "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1",
		"TF_INPUT=0", "NO_COLOR=1",
		"TF_CLI_ARGS=-no-color")
	cmd.Env = append(cmd.Env, acctest.CLILog(w.t)...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited {
		w.t.Fatal(err)
	}
	return outcome{strings.Join(args, " "), stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

// ownEnvironment returns the environment without the caller's NetBox and Terraform settings.
func ownEnvironment() []string {
	return slices.DeleteFunc(os.Environ(), func(entry string) bool {
		return strings.HasPrefix(entry, "NETBOX_") || strings.HasPrefix(entry, "TF_")
	})
}

// must fails the test unless the command succeeded, and returns its output.
func (o outcome) must(t *testing.T) string {
	t.Helper()
	if o.code != 0 {
		t.Fatalf("%s ended with %d:\n%s%s", o.command, o.code, o.stdout, o.stderr)
	}
	return o.stdout
}

var warning = regexp.MustCompile(`(?m)^[│\s]*Warning: (.+)$`)

// warnings returns the summaries of the warnings, without the one about dev_overrides.
func (o outcome) warnings() []string {
	var found []string
	for _, match := range warning.FindAllStringSubmatch(o.stdout+o.stderr, -1) {
		if !strings.HasPrefix(match[1], "Provider development overrides are in effect") {
			found = append(found, match[1])
		}
	}
	return found
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
