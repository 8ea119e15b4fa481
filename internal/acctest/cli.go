package acctest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/go-version"
)

// Capability is a feature that not every supported CLI has, with the oldest version that has
// it, or "" if none has.
type Capability struct{ What, Terraform, OpenTofu string }

// Features that only newer CLIs have.
var (
	EphemeralValues   = Capability{"ephemeral values", "1.10.0", "1.11.0"}
	WriteOnly         = Capability{"write-only attributes", "1.11.0", "1.11.0"}
	Identities        = Capability{"resource identities", "1.12.0", "1.12.0"}
	Actions           = Capability{"actions", "1.14.0", ""}
	Queries           = Capability{"list resources and query", "1.14.0", ""}
	RemovedLifecycles = Capability{"removed blocks with a lifecycle", "1.7.0", "1.10.0"}
)

func (c Capability) String() string {
	text := c.What + " (Terraform >= " + c.Terraform
	if c.OpenTofu != "" {
		text += ", OpenTofu >= " + c.OpenTofu
	}
	return text + ")"
}

// CLI is the Terraform or OpenTofu that acceptance tests run.
type CLI struct {
	Path     string
	OpenTofu bool
	Version  *version.Version
}

var findCLI = sync.OnceValues(func() (*CLI, error) {
	path := os.Getenv("TF_ACC_TERRAFORM_PATH")
	if path == "" {
		path = "terraform"
	}
	return identifyCLI(path)
})

// isAcceptance matches the names of tests that start a CLI.
var isAcceptance = regexp.MustCompile(`^TestAcc[A-Z]`)

// StartsCLI fails a test that starts a CLI unless its name starts with TestAcc.
func StartsCLI(t *testing.T) {
	t.Helper()
	if !isAcceptance.MatchString(t.Name()) {
		t.Fatalf("%s starts a CLI: name it TestAcc…", t.Name())
	}
}

// FindCLI returns the CLI that tools/with-cli selects, or the one on PATH. Without TF_ACC it
// skips the test, as terraform-plugin-testing does.
func FindCLI(t *testing.T) *CLI {
	t.Helper()
	StartsCLI(t)
	if os.Getenv("TF_ACC") == "" {
		t.Skip("Acceptance tests skipped unless env 'TF_ACC' set")
	}
	c, err := findCLI()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// identifyCLI runs a CLI to find out which it is. Only the text of its version differs.
func identifyCLI(path string) (*CLI, error) {
	ask := func(arguments ...string) ([]byte, error) {
		cmd := exec.CommandContext(context.Background(), path, arguments...)
		cmd.Env = append(os.Environ(), "CHECKPOINT_DISABLE=1", "TF_CLI_CONFIG_FILE="+os.DevNull, "TF_LOG=")
		cmd.Dir = os.TempDir()
		return cmd.Output()
	}
	words, err := ask("version")
	if err != nil {
		return nil, fmt.Errorf("%s version: %w", path, err)
	}
	raw, err := ask("version", "-json")
	if err != nil {
		return nil, fmt.Errorf("%s version -json: %w", path, err)
	}
	var said struct {
		Version *version.Version `json:"terraform_version"`
	}
	if err := json.Unmarshal(raw, &said); err != nil || said.Version == nil {
		return nil, fmt.Errorf("%s version -json says %q: %w", path, raw, err)
	}
	return &CLI{Path: path, OpenTofu: strings.HasPrefix(string(words), "OpenTofu"), Version: said.Version}, nil
}

func (c *CLI) String() string {
	name := "Terraform"
	if c.OpenTofu {
		name = "OpenTofu"
	}
	return name + " " + c.Version.String()
}

// Can reports whether the CLI has a capability.
func (c *CLI) Can(wanted Capability) bool {
	oldest := wanted.Terraform
	if c.OpenTofu {
		oldest = wanted.OpenTofu
	}
	return oldest != "" && c.Version.Core().GreaterThanOrEqual(version.Must(version.NewVersion(oldest)))
}

// Need skips the test if the CLI lacks a capability.
func (c *CLI) Need(t *testing.T, wanted ...Capability) {
	t.Helper()
	for _, capability := range wanted {
		if !c.Can(capability) {
			t.Skipf("%s cannot do %s", c, capability)
		}
	}
}

// Need skips the test if the CLI under test lacks a capability.
func Need(t *testing.T, wanted ...Capability) {
	t.Helper()
	FindCLI(t).Need(t, wanted...)
}
