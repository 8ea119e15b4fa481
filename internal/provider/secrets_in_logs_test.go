package provider

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/go-version"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// cli runs the real CLI with the provider built from this tree, as a user does.
type cli struct {
	t   *testing.T
	dir string
	env []string
}

const requiredProviders = "terraform {\n  required_providers {\n    hedgehog = { source = \"hedgehog-fabric/hedgehog\" }\n  }\n}\n"

func newCLI(t *testing.T, config string, env ...string) *cli {
	t.Helper()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("Acceptance tests skipped unless env 'TF_ACC' set")
	}
	dir := t.TempDir()
	built := filepath.Join(dir, "provider")
	must(t, os.Mkdir(built, 0o700))
	build := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(built, "terraform-provider-hedgehog"), "../..")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the provider: %v\n%s", err, out)
	}
	overrides := fmt.Sprintf("provider_installation {\n  dev_overrides {\n    \"hedgehog-fabric/hedgehog\" = %q\n  }\n}\n", built)
	must(t, os.WriteFile(filepath.Join(dir, "cli.tfrc"), []byte(overrides), 0o600))
	must(t, os.WriteFile(filepath.Join(dir, "main.tf"), []byte(requiredProviders+config), 0o600))
	return &cli{t, dir, append(os.Environ(), append(env,
		"TF_CLI_CONFIG_FILE="+filepath.Join(dir, "cli.tfrc"), "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1", "TF_LOG=TRACE")...)}
}

// run returns standard output, and standard error with the whole TRACE log.
func (c *cli) run(args ...string) (stdout, log string, err error) {
	c.t.Helper()
	program := os.Getenv("TF_ACC_TERRAFORM_PATH")
	if program == "" {
		program = "terraform"
	}
	cmd := exec.CommandContext(c.t.Context(), program, append([]string{"-chdir=" + c.dir}, args...)...)
	var out, errs bytes.Buffer
	cmd.Env, cmd.Stdout, cmd.Stderr = c.env, &out, &errs
	err = cmd.Run()
	return out.String(), errs.String(), err
}

// needs skips the test with CLIs older than a version of Terraform.
func (c *cli) needs(minimum string) {
	c.t.Helper()
	out, log, err := c.run("version", "-json")
	var says struct {
		Version *version.Version `json:"terraform_version"`
	}
	if err != nil || json.Unmarshal([]byte(out), &says) != nil {
		c.t.Fatalf("the CLI's version: %v\n%s\n%s", err, out, log)
	}
	if says.Version.LessThan(version.Must(version.NewVersion(minimum))) {
		c.t.Skipf("needs Terraform %s, this CLI is %s", minimum, says.Version)
	}
}

func (c *cli) file(name string) string {
	c.t.Helper()
	raw, err := os.ReadFile(filepath.Join(c.dir, name))
	must(c.t, err)
	return string(raw)
}

const theSecret = "eyJ-the-token-of-the-cluster"

// The token of the cluster and that of NetBox are searched in everything that a
// whole run leaves behind and says.
func TestFabricResource_secretsStayWhereTheyBelong(t *testing.T) {
	for name, c := range map[string]struct {
		line     string
		inStates bool // in state and plan, where a plain attribute has to be
	}{
		"write-only": {"kubernetes_token_wo = var.token\n  kubernetes_token_wo_version = 1", false},
		"stored":     {"kubernetes_token = var.token", true},
	} {
		t.Run(name, func(t *testing.T) {
			n := acctest.Standin(t, netboxtest.Options{})
			config := fmt.Sprintf(`
variable "token" {
  type      = string
  sensitive = true
  ephemeral = %t
}
provider "hedgehog" {
  server_url = %q
}
resource "hedgehog_fabric" "test" {
  name              = "lab"
  kubernetes_server = "https://k8s.example.com:6443"
  %s
}
`, !c.inStates, n.URL, c.line)
			// A variable in the environment is in the environment only.
			x := newCLI(t, config, "TF_VAR_token="+theSecret, "NETBOX_API_TOKEN="+n.Token)
			said := &strings.Builder{}
			step := func(wantFailure bool, args ...string) string {
				stdout, log, err := x.run(args...)
				if (err != nil) != wantFailure {
					t.Fatalf("%v: %v\n%s", args, err, stdout)
				}
				said.WriteString(log)
				return stdout
			}
			said.WriteString(step(false, "plan", "-out=plan.out"))
			plan := step(false, "show", "-json", "plan.out")
			said.WriteString(step(false, "apply", "plan.out"))
			states := plan + x.file("terraform.tfstate")
			if f, _ := n.Standin.Fabric(1); f["kubernetes_token"] != theSecret {
				t.Fatalf("NetBox has no token: %v", f)
			}
			// A server that repeats what it got, in an error.
			remove := n.Standin.Intercept(func(http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					w.WriteHeader(http.StatusTeapot)
					_, _ = fmt.Fprint(w, r.Header.Get("Authorization"))
				})
			})
			said.WriteString(step(true, "plan"))
			remove()
			said.WriteString(step(false, "destroy", "-auto-approve"))

			if !strings.Contains(said.String(), "NetBox answered") {
				t.Error("the log has nothing of the provider: what is searched is not the log")
			}
			if c.inStates != strings.Contains(states, theSecret) {
				t.Errorf("the cluster's token is in state or plan: %t, want %t", !c.inStates, c.inStates)
			}
			for what, where := range map[string]string{"what was said and logged": said.String(), "state and plan": states} {
				if strings.Contains(where, n.Token) {
					t.Errorf("NetBox's token is in %s", what)
				}
			}
			if i := strings.Index(said.String(), theSecret); i >= 0 {
				t.Errorf("the cluster's token was said or logged: …%.300s", said.String()[max(0, i-200):])
			}
		})
	}
}
