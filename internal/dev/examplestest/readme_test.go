package examplestest

import (
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// The placeholders of the README, which a reader replaces with their own values.
const (
	readmeServer = "https://netbox.example.com"
	readmeToken  = "…"
)

// Where a command must be run, in the words of the paragraph before it.
const (
	inFolder   = "in the folder of `main.tf`"
	inClone    = "in a clone of this repository"
	inTerminal = "in a new terminal" // as well: nothing that other blocks export is set
)

// The test runs the README from top to bottom, on the published plugin. It leaves out the make
// targets in the text, which are separate steps of .ci/run.
func TestAccReadme_commands(t *testing.T) {
	t.Parallel()
	r := newReader(t)
	for _, b := range blocksOf(readme(t)) {
		switch b.language {
		case "terraform":
			must(t, os.WriteFile(filepath.Join(r.folder, "main.tf"), []byte(b.text), 0o600))
		case "sh":
			r.run(b)
			if strings.Contains(b.text, "terraform destroy") {
				r.wantFabric(map[string]any{"status": "decommissioned", "sync_enabled": false})
			}
		case "text":
			if !strings.Contains(r.said.String(), b.text) {
				t.Errorf("README.md:%d: this was not printed:\n%s\nbut\n%s", b.line, b.text, r.said.String())
			}
		default:
			t.Errorf("README.md:%d: a block of %q, which nothing here tries", b.line, b.language)
		}
	}
	r.wantFabric(map[string]any{"sync_status": "in_sync"})
}

func TestReadme_targetsExist(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(repository, "Makefile"))
	must(t, err)
	for _, file := range []string{"README.md", "CONTRIBUTING.md"} {
		text, err := os.ReadFile(filepath.Join(repository, file))
		must(t, err)
		for _, m := range regexp.MustCompile("`make ([a-z-]+)").FindAllStringSubmatch(string(text), -1) {
			if !strings.Contains(string(raw), "\n"+m[1]+":") {
				t.Errorf("%s names make %s, which is no target", file, m[1])
			}
		}
	}
}

func TestReadme_isShort(t *testing.T) {
	if n := strings.Count(readme(t), "\n"); n > 200 {
		t.Errorf("the README has %d lines: what is more than 200 belongs into a guide", n)
	}
}

func readme(t *testing.T) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(repository, "README.md"))
	must(t, err)
	return string(raw)
}

// reader is a user who follows the README, on a machine with the CLI and Go, with a
// NetBox and a cluster, and a registry that has the provider.
type reader struct {
	t             *testing.T
	netbox        *netboxtest.Server
	folder, clone string
	state         string // holds what the blocks so far have exported
	environment   []string
	said          strings.Builder
}

func newReader(t *testing.T) *reader {
	t.Helper()
	c := acctest.FindCLI(t)
	if _, err := exec.LookPath("bash"); err != nil || runtime.GOOS == "windows" {
		t.Skip("the README's commands are for a POSIX shell")
	}
	work := t.TempDir()
	netbox := acctest.Standin(t, netboxtest.Options{PublishedDisplayURL: true}).Standin
	netbox.SetNow(observed)
	r := &reader{
		t: t, netbox: netbox, folder: filepath.Join(work, "fabrics"), clone: filepath.Join(work, "clone"),
		state: filepath.Join(work, "exported"),
	}
	for _, dir := range []string{r.folder, r.clone, filepath.Join(work, "bin"), filepath.Join(work, "home")} {
		must(t, os.Mkdir(dir, 0o700))
	}
	must(t, os.WriteFile(r.state, nil, 0o600))
	must(t, os.Symlink(c.Path, filepath.Join(work, "bin", "terraform")))
	r.environment = append(ownEnvironment(), "CHECKPOINT_DISABLE=1", "TF_CLI_CONFIG_FILE="+mirror(t, work), "HOME="+
		filepath.Join(work, "home"),
		"PATH="+filepath.Join(work, "bin")+string(os.PathListSeparator)+os.Getenv("PATH"))
	for _, name := range []string{"GOCACHE", "GOMODCACHE", "GOFLAGS", "GOPROXY"} { // what a new home would lack
		value, err := exec.CommandContext(t.Context(), "go", "env", name).Output()
		must(t, err)
		r.environment = append(r.environment, name+"="+strings.TrimSpace(string(value)))
	}
	cloneTo(t, r.clone)
	return r
}

// mirror replaces the registries. It returns the CLI's configuration file.
func mirror(t *testing.T, work string) string {
	t.Helper()
	dir, platform := filepath.Join(work, "mirror"), runtime.GOOS+"_"+runtime.GOARCH
	first := ""
	for _, host := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		file := filepath.Join(dir, host, "hedgehog-fabric", "hedgehog", "0.1.0", platform, pluginPrefix+
			"hedgehog_v0.1.0")
		must(t, os.MkdirAll(filepath.Dir(file), 0o700))
		if first != "" {
			must(t, os.Link(first, file))
			continue
		}
		first = file
		build := exec.CommandContext(t.Context(), "go", "build", "-o", file, repository)
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("building the provider: %v\n%s", err, out)
		}
	}
	config := filepath.Join(work, "mirror.tfrc")
	text := fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", dir)
	must(t, os.WriteFile(config, []byte(text), 0o600))
	return config
}

// cloneTo copies what a clone of the repository would have.
func cloneTo(t *testing.T, dir string) {
	t.Helper()
	list := exec.CommandContext(t.Context(), "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	list.Dir = repository
	out, err := list.Output()
	if err != nil {
		t.Skipf("this is no clone of the repository: %v", err)
	}
	for name := range strings.SplitSeq(strings.TrimRight(string(out), "\x00"), "\x00") {
		if err := copyFile(filepath.Join(repository, name), filepath.Join(dir, name)); err != nil &&
			!os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
}

func copyFile(from, to string) error {
	info, err := os.Stat(from)
	if err != nil || info.IsDir() {
		return err
	}
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	target, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, info.Mode().Perm())
	if err != nil {
		return err
	}
	if _, err := io.Copy(target, source); err != nil {
		return err
	}
	return target.Close()
}

// watching is a command that runs until it is stopped.
var watching = regexp.MustCompile(`(?m)^(\S+ sync --watch\b[^#\n]*).*$`)

// stopped starts the command, waits until it has read the fabrics, and stops it.
const stopped = `$1 2> watch.log & watch=$$!
until grep -q 'the fabrics are read' watch.log; do kill -0 $$watch; sleep 0.1; done
kill -TERM $$watch
wait $$watch`

// run runs a block in the shell, where the paragraph before it says, with what the
// blocks before it have exported. A question is answered with yes.
func (r *reader) run(b block) {
	r.t.Helper()
	dir, before := "", strings.ToLower(b.before)
	switch {
	case strings.Contains(before, inFolder):
		dir = r.folder
	case strings.Contains(before, inClone):
		dir = r.clone
	default:
		r.t.Fatalf("README.md:%d: the paragraph before does not say where to run this: %q or %q", b.line,
			inFolder, inClone)
	}
	if strings.Contains(b.text, " sync --") {
		r.startCluster()
	}
	state := r.state
	if strings.Contains(before, inTerminal) {
		state = filepath.Join(r.t.TempDir(), "exported")
		must(r.t, os.WriteFile(state, nil, 0o600))
	}
	text := strings.NewReplacer(readmeServer, r.netbox.URL(), readmeToken, netboxtest.AdminToken).Replace(b.text)
	text = watching.ReplaceAllString(text, stopped)
	cmd := exec.CommandContext(r.t.Context(), "bash", "-euo", "pipefail", "-c", ". \"$1\"\n"+text+
		"export -p > \"$1\"\n", "README", state)
	cmd.Dir, cmd.Env, cmd.Stdin = dir, r.environment, strings.NewReader("yes\n")
	out, err := cmd.CombinedOutput()
	r.said.Write(out)
	if err != nil {
		r.t.Fatalf("README.md:%d: %v\n%s%s", b.line, err, text, out)
	}
}

// startCluster puts the README's fabric back in service and gives it a cluster, like a reader's
// fabric.
func (r *reader) startCluster() {
	r.t.Helper()
	fields := startCluster(r.t)
	maps.Copy(fields, map[string]any{"status": "active", "sync_enabled": true})
	id, _ := r.fabric()["id"].(float64)
	r.netbox.UpdateFabric(int64(id), fields)
}

// wantFabric checks some fields of the README's fabric in NetBox.
func (r *reader) wantFabric(fields map[string]any) {
	r.t.Helper()
	record := r.fabric()
	for name, want := range fields {
		if got := record[name]; got != want {
			r.t.Errorf("NetBox has the fabric with %s %v, want %v", name, got, want)
		}
	}
}

func (r *reader) fabric() map[string]any {
	r.t.Helper()
	record, there := r.netbox.FabricByName("vienna")
	if !there {
		r.t.Fatalf("NetBox has no fabric vienna: %v", r.netbox.Fabrics())
	}
	return record
}
