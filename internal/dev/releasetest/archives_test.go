package releasetest

import (
	"bytes"
	"debug/buildinfo"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// binary returns the file name that Terraform and OpenTofu look for in an archive.
func (d *dist) binary(a archive) string {
	name := project + "_v" + d.version
	if a.system == "windows" {
		name += ".exe"
	}
	return name
}

// Two builds are equal only if names, modes and times depend on nothing but the commit.
func TestArchives_files(t *testing.T) {
	d := openDist(t)
	committed, err := time.Parse(time.RFC3339, git(t, root, "log", "-1", "--format=%cI"))
	must(t, err)
	for _, a := range d.archives {
		t.Run(a.platform(), func(t *testing.T) {
			files := unpack(t, a.file)
			want := map[string]fs.FileMode{"CHANGELOG.md": 0o644, "LICENSE": 0o644, "README.md": 0o644,
				d.binary(a): 0o755}
			got := map[string]fs.FileMode{}
			for name, f := range files {
				got[name] = f.Mode()
				if !f.Modified.Equal(committed) {
					t.Errorf("%s: got the time %s, want the commit's, %s", name, f.Modified, committed)
				}
				if name != d.binary(a) && !bytes.Equal(content(t, f), read(t, filepath.Join(root, name))) {
					t.Errorf("%s differs from the file in this tree", name)
				}
			}
			if !maps.Equal(got, want) {
				t.Errorf("got the files %v, want %v", got, want)
			}
		})
	}
}

func TestBinaries_howTheyAreBuilt(t *testing.T) {
	d := openDist(t)
	here, err := filepath.Abs(root)
	must(t, err)
	modules, err := exec.CommandContext(t.Context(), "go", "env", "GOMODCACHE").Output()
	must(t, err)
	for _, a := range d.archives {
		t.Run(a.platform(), func(t *testing.T) {
			raw := content(t, unpack(t, a.file)[d.binary(a)])
			got := settings(t, raw)
			want := map[string]string{"GOOS": a.system, "GOARCH": a.architecture, "CGO_ENABLED": "0",
				"-trimpath":    "true",
				"vcs.revision": git(t, root, "rev-parse", "HEAD")}
			if a.architecture == "arm" {
				want["GOARM"] = "6"
			}
			for key, value := range want {
				if got[key] != value {
					t.Errorf("got the build setting %s=%q, want %q", key, got[key], value)
				}
			}
			for _, path := range []string{here, strings.TrimSpace(string(modules))} {
				if bytes.Contains(raw, []byte(path)) {
					t.Errorf("the binary contains the path %s", path)
				}
			}
		})
	}
}

// settings returns the build settings that the linker records in the binary.
func settings(t *testing.T, binary []byte) map[string]string {
	t.Helper()
	info, err := buildinfo.Read(bytes.NewReader(binary))
	must(t, err)
	found := map[string]string{}
	for _, s := range info.Settings {
		found[s.Key] = s.Value
	}
	return found
}

func TestBinary_printsItsVersion(t *testing.T) {
	d := openDist(t)
	out, err := exec.CommandContext(t.Context(), d.unpackHost(t), "-version").CombinedOutput()
	if got := strings.TrimSpace(string(out)); err != nil || got != d.version {
		t.Errorf("-version: got %q, %v, want %q", got, err, d.version)
	}
	// The binary records the commit and its date.
	out, err = exec.CommandContext(t.Context(), d.unpackHost(t), "version", "--output", "json").CombinedOutput()
	var build struct {
		Commit, Date string
		Protocol     int `json:"terraform_protocol"`
	}
	if err != nil || json.Unmarshal(out, &build) != nil || len(build.Commit) != 40 || build.Date == "" {
		t.Errorf("version: got %s, %v", out, err)
	}
	manifest, err := os.ReadFile(filepath.Join(root, "terraform-registry-manifest.json"))
	must(t, err)
	if protocol := fmt.Sprintf(`"protocol_versions": ["%d.0"]`, build.Protocol); !strings.Contains(string(manifest),
		protocol) {
		t.Errorf("the manifest does not have protocol %s, which version prints: %s", protocol, out)
	}
}

// unpackHost unpacks this machine's binary into a folder, and returns its path.
func (d *dist) unpackHost(t *testing.T) string {
	t.Helper()
	a := d.host(t)
	path := filepath.Join(t.TempDir(), d.binary(a))
	must(t, os.WriteFile(path, content(t, unpack(t, a.file)[d.binary(a)]), 0o700))
	return path
}

// An SBOM describes exactly the binary in the archive, and lists what is linked into it.
func TestSBOMs_areOfTheBinaries(t *testing.T) {
	d := openDist(t)
	for _, a := range d.archives {
		t.Run(a.platform(), func(t *testing.T) {
			raw := content(t, unpack(t, a.file)[d.binary(a)])
			info, err := buildinfo.Read(bytes.NewReader(raw))
			must(t, err)
			want := []string{"std " + info.GoVersion}
			for _, m := range info.Deps {
				want = append(want, m.Path+" "+m.Version)
			}
			b := readSBOM(t, d.path(a.platform()+".cdx.json"))
			var got []string
			for _, c := range b.Components {
				got = append(got, c.Name+" "+c.Version)
			}
			slices.Sort(want)
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("got the components\n%q\nwant those of the binary\n%q", got, want)
			}
			if main := b.Metadata.Component; main.Version != "v"+d.version || main.Name != info.Main.Path {
				t.Errorf("the SBOM describes %s %s", main.Name, main.Version)
			}
			if got := b.property("cdx:gomod:binary:hash:SHA-256"); got != digest(raw) {
				t.Errorf("got the binary's checksum %s, want %s", got, digest(raw))
			}
			if b.SerialNumber != "" || b.Metadata.Timestamp != "" {
				t.Errorf("the serial number %q and the time %q differ with every build", b.SerialNumber,
					b.Metadata.Timestamp)
			}
		})
	}
}

// sbom has the parts of a software bill of materials that the tests read.
type sbom struct {
	Format       string `json:"bomFormat"`
	SerialNumber string
	Metadata     struct {
		Timestamp  string
		Component  component
		Properties []struct{ Name, Value string }
	}
	Components []component
}

type component struct{ Name, Version string }

func readSBOM(t *testing.T, path string) *sbom {
	t.Helper()
	b := &sbom{}
	must(t, json.Unmarshal(read(t, path), b))
	if b.Format != "CycloneDX" {
		t.Fatalf("%s: got the format %q", path, b.Format)
	}
	return b
}

func (b *sbom) property(name string) string {
	for _, p := range b.Metadata.Properties {
		if p.Name == name {
			return p.Value
		}
	}
	return ""
}

// git runs a git command and returns its output.
func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", args...)
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("git %s: %v", strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(out))
}
