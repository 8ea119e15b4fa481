package releasetest

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

const address = "hedgehog-fabric/hedgehog" // in every registry

// registries are the hosts that the CLIs assume for an address without one.
var registries = map[bool]string{false: "registry.terraform.io", true: "registry.opentofu.org"}

// A user who has the files of a release, but no registry, can install the provider.
func TestAccMirror_installsAndQuickStartWorks(t *testing.T) {
	d := openDist(t)
	mirror := d.mirror(t)
	for name, c := range clis(t) {
		t.Run(name, func(t *testing.T) {
			n := netbox(t)
			w := newWorkspace(t, c, mirror, n)
			w.write("main.tf", quickStart(t))
			// The CLIs install a pre-release only if the configuration names it.
			w.write("version_override.tf", fmt.Sprintf("terraform {\n  required_providers {\n    hedgehog = {\n      "+
				"source  = %q\n      version = \"= %s\"\n    }\n  }\n}\n", address, d.version))

			w.must("init")
			installed := w.lock()
			want := lock{registries[c.opentofu] + "/" + address, d.version, []string{"h1:" +
				contentHash(t, d.host(t).file)}}
			if !installed.is(want) {
				t.Errorf("got the lock %+v, want %+v", installed, want)
			}

			w.must("apply", "-auto-approve")
			if _, found := n.FabricByName("vienna"); !found {
				t.Errorf("got the fabrics %v, want vienna among them", n.Fabrics())
			}
			if code, out := w.run("plan", "-detailed-exitcode"); code != 0 {
				t.Errorf("the plan after the apply: got exit code %d, want 0 (no changes)\n%s", code, out)
			}
			wantAgent(t, n, project+"/"+d.version+" ")
			w.must("destroy", "-auto-approve")
			if record, _ := n.FabricByName("vienna"); record["status"] != "decommissioned" {
				t.Errorf("NetBox still has the fabric after the destroy: %v", record)
			}
		})
	}
}

// A team can share one lock file: it can have the checksums of every platform of a mirror.
func TestAccMirror_locksEveryPlatform(t *testing.T) {
	d := openDist(t)
	mirror := d.mirror(t)
	for name, c := range clis(t) {
		t.Run(name, func(t *testing.T) {
			w := newWorkspace(t, c, mirror, netbox(t))
			w.require(d.version)
			args := []string{"providers", "lock", "-fs-mirror=" + mirror}
			want := lock{provider: registries[c.opentofu] + "/" + address, version: d.version}
			for _, a := range d.archives {
				args = append(args, "-platform="+a.platform())
				want.hashes = append(want.hashes, "h1:"+contentHash(t, a.file))
			}
			w.must(args...)
			if locked := w.lock(); !locked.is(want) {
				t.Errorf("got the lock %+v, want %+v", locked, want)
			}
			w.must("init", "-lockfile=readonly")
		})
	}
}

// With a lock file, init refuses any other archive.
func TestAccMirror_refusesAnotherArchive(t *testing.T) {
	d := openDist(t)
	mirror, other := d.mirror(t), d.mirror(t)
	for name, c := range clis(t) {
		t.Run(name, func(t *testing.T) {
			w := newWorkspace(t, c, mirror, netbox(t))
			w.require(d.version)
			w.must("init")
			tamper(t, filepath.Join(other, registries[c.opentofu], address, filepath.Base(d.host(t).file)))
			again := newWorkspace(t, c, other, w.netbox)
			again.require(d.version)
			again.write(lockFile, string(read(t, filepath.Join(w.dir, lockFile))))
			if code, out := again.run("init"); code == 0 || !strings.Contains(out, "checksums") {
				t.Errorf("init with another archive: exit code %d\n%s", code, out)
			}
		})
	}
}

// mirror copies the archives into a filesystem_mirror, for both registries.
func (d *dist) mirror(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, host := range registries {
		folder := filepath.Join(dir, host, filepath.FromSlash(address))
		must(t, os.MkdirAll(folder, 0o700))
		for _, a := range d.archives {
			must(t, os.WriteFile(filepath.Join(folder, filepath.Base(a.file)), read(t, a.file), 0o600))
		}
	}
	return dir
}

// tamper adds a file to a zip file.
func tamper(t *testing.T, path string) {
	t.Helper()
	var changed bytes.Buffer
	w := zip.NewWriter(&changed)
	for _, f := range unpack(t, path) {
		must(t, w.Copy(f))
	}
	_, err := w.Create("added")
	must(t, err)
	must(t, w.Close())
	must(t, os.WriteFile(path, changed.Bytes(), 0o600))
}

// contentHash returns the h1 checksum of a lock file. It covers the files in the zip file, not
// the zip file itself. See golang.org/x/mod/sumdb/dirhash.
func contentHash(t *testing.T, file string) string {
	t.Helper()
	files := unpack(t, file)
	sum := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(sum, "%s  %s\n", digest(content(t, files[name])), name)
	}
	return base64.StdEncoding.EncodeToString(sum.Sum(nil))
}

// netbox starts a NetBox with the fabrics that the quick start reads.
func netbox(t *testing.T) *netboxtest.Server {
	t.Helper()
	n, err := netboxtest.New(netboxtest.Options{})
	must(t, err)
	t.Cleanup(n.Close)
	for _, read := range regexp.MustCompile(`data "hedgehog_fabric" "\w+" {\s+name\s+= `+
		`"([^"]+)"`).FindAllStringSubmatch(quickStart(t), -1) {
		n.AddFabric(map[string]any{"name": read[1]})
	}
	return n
}

// quickStart returns the first configuration of the README.
func quickStart(t *testing.T) string {
	t.Helper()
	found := regexp.MustCompile("(?s)```terraform\n(.*?)```").FindSubmatch(read(t, filepath.Join(root, "README.md")))
	if found == nil {
		t.Fatal("the README has no configuration")
	}
	return string(found[1])
}

// wantAgent checks that every request has this user agent.
func wantAgent(t *testing.T, n *netboxtest.Server, agent string) {
	t.Helper()
	requests, others := n.Requests(), map[string]int{}
	for _, r := range requests {
		if got := r.Header.Get("User-Agent"); !strings.HasPrefix(got, agent) {
			others[got]++
		}
	}
	if len(requests) == 0 || len(others) > 0 {
		t.Errorf("of %d requests, these are not from %q: %v", len(requests), agent, others)
	}
}

// cli is a Terraform or an OpenTofu.
type cli struct {
	program  string
	opentofu bool
}

// clis returns the CLI that TF names, as in every test, and an OpenTofu.
func clis(t *testing.T) map[string]cli {
	t.Helper()
	acctest.StartsCLI(t)
	run, err := filepath.Abs(filepath.Join(root, "tools", "run"))
	must(t, err)
	ask := func(name string, args ...string) string {
		cmd := exec.CommandContext(t.Context(), name, args...)
		cmd.Env = append(os.Environ(), "CHECKPOINT_DISABLE=1", "TF_CLI_CONFIG_FILE="+os.DevNull)
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%s %q: %v", name, args, err)
		}
		return strings.TrimSpace(string(out))
	}
	found := map[string]cli{}
	for _, program := range []string{ask("bash", run, "cli"), ask("bash", run, "path", "opentofu")} {
		version, _, _ := strings.Cut(ask(program, "version"), "\n")
		found[version] = cli{program, strings.HasPrefix(version, "OpenTofu")}
	}
	return found
}

// workspace is a folder with a configuration, and a CLI that installs only from the mirror.
type workspace struct {
	t      *testing.T
	cli    cli
	dir    string
	netbox *netboxtest.Server
	env    []string
}

func newWorkspace(t *testing.T, c cli, mirror string, n *netboxtest.Server) *workspace {
	t.Helper()
	w := &workspace{t: t, cli: c, dir: t.TempDir(), netbox: n}
	config := filepath.Join(t.TempDir(), "cli.tfrc")
	text := fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", mirror)
	must(t, os.WriteFile(config, []byte(text), 0o600))
	for _, entry := range os.Environ() {
		if !strings.HasPrefix(entry, "NETBOX_") && !strings.HasPrefix(entry, "TF_") {
			w.env = append(w.env, entry)
		}
	}
	w.env = append(w.env, "TF_CLI_CONFIG_FILE="+config, "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1", "TF_INPUT=0",
		"TF_CLI_ARGS=-no-color",
		"NETBOX_SERVER_URL="+n.URL(), "NETBOX_API_TOKEN="+netboxtest.AdminToken)
	return w
}

func (w *workspace) write(name, text string) {
	w.t.Helper()
	must(w.t, os.WriteFile(filepath.Join(w.dir, name), []byte(text), 0o600))
}

// require writes a configuration that only requires the provider.
func (w *workspace) require(version string) {
	w.t.Helper()
	w.write("main.tf", fmt.Sprintf("terraform {\n  required_providers {\n    hedgehog = {\n      source  = %q\n      "+
		"version = \"= %s\"\n    }\n  }\n}\n",
		address, version))
}

func (w *workspace) run(args ...string) (code int, output string) {
	w.t.Helper()
	cmd := exec.CommandContext(w.t.Context(), w.cli.program, args...)
	cmd.Dir, cmd.Env = w.dir, w.env
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		w.t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

func (w *workspace) must(args ...string) {
	w.t.Helper()
	if code, out := w.run(args...); code != 0 {
		w.t.Fatalf("%q: exit code %d\n%s", args, code, out)
	}
}

const lockFile = ".terraform.lock.hcl"

// lock is the only entry of a lock file.
type lock struct {
	provider, version string
	hashes            []string
}

func (l lock) is(want lock) bool {
	slices.Sort(l.hashes)
	slices.Sort(want.hashes)
	return l.provider == want.provider && l.version == want.version && slices.Equal(l.hashes, want.hashes)
}

func (w *workspace) lock() lock {
	w.t.Helper()
	text := string(read(w.t, filepath.Join(w.dir, lockFile)))
	first := func(pattern string) string {
		found := regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1)
		if len(found) != 1 {
			w.t.Fatalf("got %d matches of %s in the lock file, want one:\n%s", len(found), pattern, text)
		}
		return found[0][1]
	}
	l := lock{provider: first(`provider "([^"]+)"`), version: first(`\n  version\s+= "([^"]+)"`)}
	for _, hash := range regexp.MustCompile(`"((?:h1|zh):[^"]+)"`).FindAllStringSubmatch(text, -1) {
		l.hashes = append(l.hashes, hash[1])
	}
	return l
}
