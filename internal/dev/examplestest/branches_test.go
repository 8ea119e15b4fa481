package examplestest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// What the declared fabrics become in two pushes of a pull request.
const (
	firstPush = `
berlin:
  status: maintenance
  kubernetes_server: https://berlin.k8s.example.com:6443
rome: {}
`
	secondPush = `
berlin:
  status: maintenance
  kubernetes_server: https://berlin.k8s.example.com:6443
oslo:
  sync_interval: 600
`
)

// The README is followed from top to bottom, and its second block twice, for two pushes.
func TestAccBranches_readmeLeadsToAnEmptyPlan(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	for _, program := range []string{"sh", "curl", "jq"} {
		if _, err := exec.LookPath(program); err != nil || runtime.GOOS == "windows" {
			t.Skip("the script is for a POSIX shell with curl and jq")
		}
	}
	w := newWorkspace(t, c, "branches")
	w.netbox = acctest.Standin(t, netboxtest.Options{Branching: true}).Standin
	w.environment = nil
	raw, err := os.ReadFile(filepath.Join(examplesFolder, "branches", "README.md"))
	must(t, err)
	var commands []string
	for _, b := range blocksOf(string(raw)) {
		if b.language == "sh" {
			commands = append(commands, b.text)
		}
	}
	if len(commands) != 3 {
		t.Fatalf("the README has %d blocks of commands", len(commands))
	}
	s := newShell(t, w)

	s.run(commands[0])
	w.wantNames(w.netbox, "berlin", "lisbon")
	for _, push := range []string{firstPush, secondPush} {
		w.write("fabrics.yaml", push)
		if said := s.run(commands[1]); !strings.Contains(said, "1 added, 1 changed, 1 destroyed") {
			t.Errorf("in the branch:\n%s", said)
		}
		w.wantNames(w.netbox, "berlin", "lisbon")
		w.wantFields(w.netbox, "berlin", map[string]any{"description": "Production, hall 2"})
	}
	if n := len(w.netbox.Branches()); n != 1 {
		t.Errorf("%d branches are left", n)
	}
	const imported = "1 imported, 0 added, 0 changed, 0 destroyed"
	if said := s.run(commands[2]); !strings.Contains(said, imported) {
		t.Errorf("after the merge:\n%s\nwant %s", said, imported)
	}
	w.wantNames(w.netbox, "berlin", "oslo")
	w.wantFields(w.netbox, "berlin", map[string]any{"description": ""})
	s.run("terraform plan -detailed-exitcode\n./branch.sh delete pr-7")
	if n := len(w.netbox.Branches()); n != 0 {
		t.Errorf("%d branches are left", n)
	}
}

// shell runs commands of a README in a workspace. What they export is kept.
type shell struct {
	w           *workspace
	exported    string // a file
	environment []string
}

// newShell returns a shell whose terraform is the test's CLI, which has nothing to install
// and is not asked before an apply.
func newShell(t *testing.T, w *workspace) *shell {
	t.Helper()
	bin := t.TempDir()
	script := fmt.Sprintf("#!/bin/sh\n[ \"$1\" = init ] || exec %s \"$@\"\n", w.cli.Path)
	must(t, os.WriteFile(filepath.Join(bin, "terraform"), []byte(script), 0o700))
	must(t, os.Chmod(filepath.Join(w.dir, "branch.sh"), 0o700))
	s := &shell{w: w, exported: filepath.Join(bin, "exported")}
	must(t, os.WriteFile(s.exported, nil, 0o600))
	s.environment = append(ownEnvironment(), "TF_CLI_CONFIG_FILE="+w.cli.config, "CHECKPOINT_DISABLE=1",
		"TF_IN_AUTOMATION=1", "TF_INPUT=0", "TF_CLI_ARGS=-no-color", "TF_CLI_ARGS_apply=-no-color -auto-approve",
		"PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	s.environment = append(s.environment, acctest.CLILog(t)...)
	return s
}

// run runs commands, which must all succeed, and returns what they printed.
func (s *shell) run(commands string) string {
	s.w.t.Helper()
	commands = strings.NewReplacer(readmeServer, s.w.netbox.URL(), readmeToken, netboxtest.AdminToken).Replace(commands)
	script := fmt.Sprintf(". %s\n%s\nexport -p > %[1]s\n", s.exported, commands)
	cmd := exec.CommandContext(s.w.t.Context(), "sh", "-euc", script)
	cmd.Dir, cmd.Env = s.w.dir, s.environment
	said, err := cmd.CombinedOutput()
	if err != nil {
		s.w.t.Fatalf("%s\n%v\n%s", commands, err, said)
	}
	return string(said)
}
