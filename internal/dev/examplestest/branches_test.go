package examplestest

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/testserver"
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

// The README is followed from top to bottom, with a backend, and its second block twice, for
// two pushes. What is applied in the branch does not write main's state.
func TestAccBranches_readmeLeadsToAnEmptyPlan(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	needPrograms(t)
	w := newWorkspace(t, c, "branches")
	w.netbox = acctest.Standin(t, netboxtest.Options{Branching: true}).Standin
	w.environment = nil
	backend := startBackend(t)
	w.write("backend.tf", fmt.Sprintf("terraform {\n  backend \"http\" {\n    address = %q\n  }\n}\n", backend.url))
	commands := readmeCommands(t)
	s := newShell(t, w)

	s.run(commands[0])
	w.wantNames(w.netbox, "berlin", "lisbon")
	main := backend.stored()
	for _, push := range []string{firstPush, secondPush} {
		w.write("fabrics.yaml", push)
		if said := s.run(commands[1]); !strings.Contains(said, "1 added, 1 changed, 1 destroyed") {
			t.Errorf("in the branch:\n%s", said)
		}
		w.wantNames(w.netbox, "berlin", "lisbon")
		w.wantFields(w.netbox, "berlin", map[string]any{"description": "Production, hall 2"})
	}
	if now := backend.stored(); main == "" || now != main {
		t.Errorf("main's state has changed from\n%s\nto\n%s", main, now)
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

// On the published plugin, a pull request cannot delete a fabric. Two can retire it.
func TestAccBranches_fabricIsRetiredOnThePublishedPlugin(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	needPrograms(t)
	w := newWorkspace(t, c, "branches")
	w.netbox = acctest.Standin(t, netboxtest.Options{Branching: true, PublishedDisplayURL: true}).Standin
	w.environment = nil
	s := newShell(t, w)
	commands := readmeCommands(t)
	s.run(commands[0])
	const lisbon = "lisbon:\n  status: planned\n  sync_interval: 900\n"
	for _, push := range []string{lisbon + "berlin:\n  deletion_policy: decommission\n", lisbon} {
		w.write("fabrics.yaml", push)
		s.run(commands[1])
		s.run(commands[2])
		s.run("terraform plan -detailed-exitcode\n./branch.sh delete pr-7")
	}
	w.wantFields(w.netbox, "berlin", map[string]any{"status": "decommissioned"})
	if state := s.run("terraform state list"); strings.Contains(state, "berlin") {
		t.Errorf("it is still in the state:\n%s", state)
	}
}

// readmeCommands returns the commands of the README, which are in three blocks.
func readmeCommands(t *testing.T) (blocks []string) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(examplesFolder, "branches", "README.md"))
	must(t, err)
	for _, b := range blocksOf(string(raw)) {
		if b.language == "sh" {
			blocks = append(blocks, b.text)
		}
	}
	if len(blocks) != 3 {
		t.Fatalf("the README has %d blocks of commands", len(blocks))
	}
	return blocks
}

// The script passes on why NetBox refuses a request, and sends no further one.
func TestBranches_scriptSaysWhyNetBoxRefuses(t *testing.T) {
	t.Parallel()
	needPrograms(t)
	s := netboxtest.Start(t, netboxtest.Options{Branching: true})
	id := s.AddFabric(map[string]any{"name": "berlin"})
	server := s.URL()
	branch := func(t *testing.T, token string, code int, said ...string) {
		t.Helper()
		arguments := append([]string{"branch.sh"}, strings.Fields(said[0]+" "+said[1])...)
		cmd := exec.CommandContext(t.Context(), "sh", arguments...)
		cmd.Dir = filepath.Join(examplesFolder, "branches")
		cmd.Env = append(ownEnvironment(), "NETBOX_SERVER_URL="+server, "NETBOX_API_TOKEN="+token)
		out, err := cmd.CombinedOutput()
		if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited {
			t.Fatal(err)
		}
		if got := cmd.ProcessState.ExitCode(); got != code || strings.Count(string(out), "curl: ") > 1 {
			t.Errorf("%q: exit code %d\n%s", said[:2], got, out)
		}
		if strings.HasPrefix(string(out), "\n") {
			t.Errorf("%q: the first line is empty", said[:2])
		}
		for _, want := range said[2:] {
			if !strings.Contains(string(out), want) {
				t.Errorf("%q does not say %q:\n%s", said[:2], want, out)
			}
		}
	}
	const good = netboxtest.AdminToken
	for _, arguments := range []string{"", "create", "rename pr-7", "merge pr-7 pr-8"} {
		branch(t, good, 2, arguments, "", "usage: branch.sh create|merge|delete NAME\n")
	}
	branch(t, "wrong", 22, "create", "pr-7", "Invalid v1 token")
	branch(t, good, 22, "create", strings.Repeat("x", 200), "no more than 100 characters")
	branch(t, good, 1, "merge", "pr-7", "NetBox has no branch pr-7.")

	branch(t, good, 0, "create", "pr-7", "Created branch pr-7: "+s.URL()+"/plugins/branching/branches/")
	inBranch := func(method, object, body string) {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), method, s.URL()+"/api/plugins/hedgehog/fabrics/"+object+
			"?omit=display_url", strings.NewReader(body))
		must(t, err)
		request.Header = http.Header{"Authorization": {"Token " + good}, "Content-Type": {"application/json"},
			"X-Netbox-Branch": {s.Branches()[0].SchemaID}}
		answer, err := http.DefaultClient.Do(request)
		must(t, err)
		must(t, answer.Body.Close())
		if answer.StatusCode >= http.StatusBadRequest {
			t.Fatal(answer.Status)
		}
	}
	inBranch(http.MethodPost, "", `{"name": "oslo"}`)
	s.AddFabric(map[string]any{"name": "oslo"})
	branch(t, good, 1, "merge", "pr-7",
		"The merge failed: {'name': ['Hedgehog Fabric with this Name already exists.']}", s.URL()+"/core/jobs/")
	branch(t, good, 0, "create", "pr-7", "Created branch pr-7: ")

	inBranch(http.MethodPatch, fmt.Sprintf("%d/", id), `{"description": "in the branch"}`)
	s.UpdateFabric(id, map[string]any{"description": "in main"})
	branch(t, good, 1, "merge", "pr-7", "All conflicts must be acknowledged", "in the branch",
		"merge it on its page: "+s.URL()+"/plugins/branching/branches/2/")
	s.SetBranchStatus("pr-7", netboxtest.BranchMerged)
	branch(t, good, 0, "merge", "pr-7", "Branch pr-7 is already merged.")

	server = netboxtest.Start(t, netboxtest.Options{}).URL() // which answers with a page
	branch(t, good, 22, "create", "pr-7", "check the URL, and that NetBox has NetBox Branching")
}

// A NetBox with a certificate from a private CA asks for a client certificate. The script uses the
// variables that name the files for the provider.
func TestBranches_scriptReadsTheVariablesForTLS(t *testing.T) {
	t.Parallel()
	needPrograms(t)
	authority, err := testserver.NewAuthority("lab")
	must(t, err)
	server, err := authority.Issue(nil)
	must(t, err)
	certificate, key, err := authority.IssueClient("branch.sh", nil)
	must(t, err)
	s := netboxtest.Start(t, netboxtest.Options{Branching: true, TLS: &tls.Config{MinVersion: tls.VersionTLS12,
		Certificates: []tls.Certificate{server}, ClientAuth: tls.RequireAndVerifyClientCert,
		ClientCAs: authority.Pool()}})
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), "sh", "branch.sh", "create", "pr-7")
	cmd.Dir = filepath.Join(examplesFolder, "branches")
	cmd.Env = append(ownEnvironment(), "NETBOX_SERVER_URL="+s.URL(), "NETBOX_API_TOKEN="+netboxtest.AdminToken)
	for variable, content := range map[string]string{"NETBOX_CA_CERT_FILE": authority.PEM(),
		"NETBOX_CLIENT_CERT_FILE": certificate, "NETBOX_CLIENT_KEY_FILE": key} {
		file := filepath.Join(dir, variable)
		must(t, os.WriteFile(file, []byte(content), 0o600))
		cmd.Env = append(cmd.Env, variable+"="+file)
	}
	if said, err := cmd.CombinedOutput(); err != nil || len(s.Branches()) != 1 {
		t.Errorf("got %v\n%s", err, said)
	}
}

// needPrograms skips a test that runs branch.sh where it cannot run.
func needPrograms(t *testing.T) {
	t.Helper()
	for _, program := range []string{"sh", "curl", "jq"} {
		if _, err := exec.LookPath(program); err != nil || runtime.GOOS == "windows" {
			t.Skip("the script is for a POSIX shell with curl and jq")
		}
	}
}

// backend keeps a state, as the backend "http" of the CLI expects it.
type backend struct {
	url   string
	mu    sync.Mutex
	state string
}

func startBackend(t *testing.T) *backend {
	t.Helper()
	b := &backend{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.mu.Lock()
		defer b.mu.Unlock()
		switch {
		case r.Method == http.MethodPost:
			raw, err := io.ReadAll(r.Body)
			if err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			b.state = string(raw)
		case b.state == "":
			w.WriteHeader(http.StatusNoContent)
		default:
			_, _ = io.WriteString(w, b.state)
		}
	}))
	t.Cleanup(server.Close)
	b.url = server.URL
	return b
}

func (b *backend) stored() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.state
}

// shell runs commands of a README in a workspace. What they export is kept.
type shell struct {
	w           *workspace
	exported    string // a file
	environment []string
}

// newShell returns a shell whose terraform is the test's CLI. It installs the provider from a
// folder, and does not ask before an apply.
func newShell(t *testing.T, w *workspace) *shell {
	t.Helper()
	bin, plugins := t.TempDir(), t.TempDir()
	for _, registry := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		folder := filepath.Join(plugins, registry, "hedgehog-fabric", "hedgehog", "9.9.9",
			runtime.GOOS+"_"+runtime.GOARCH)
		must(t, os.MkdirAll(folder, 0o700))
		program := pluginPrefix + "hedgehog"
		must(t, os.Symlink(filepath.Join(built.folder, program), filepath.Join(folder, program)))
	}
	script := fmt.Sprintf(`#!/bin/sh
folder=.
case $1 in -chdir=*) folder=${1#*=}; shift ;; esac
case $1 in init) shift; set -- init -plugin-dir=%s "$@" ;; esac
exec %s "-chdir=$folder" "$@"
`, plugins, w.cli.Path)
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
		s.w.t.Fatalf("got %s\n%v\n%s", commands, err, said)
	}
	return string(said)
}
