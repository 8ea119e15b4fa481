// Package releasetest tests what a release is made of: the files that GoReleaser has
// made, an installation from them, and the workflows that make and check a release.
package releasetest

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
)

const (
	root    = "../../.."
	project = "terraform-provider-hedgehog"
	// distVariable names the folder with the files of a release or a snapshot. make
	// test-release sets it; without it, what needs such files is skipped.
	distVariable = "HEDGEHOG_RELEASE_DIST"
)

// dist are the files of a release.
type dist struct {
	folder, version string
	archives        []archive
}

// archive is the zip for one platform.
type archive struct{ file, system, architecture string }

func (a archive) platform() string { return a.system + "_" + a.architecture }

func openDist(t *testing.T) *dist {
	t.Helper()
	d := &dist{folder: os.Getenv(distVariable)}
	if d.folder == "" {
		t.Skip("without " + distVariable + " there are no files of a release; make test-release names them")
	}
	sums, err := filepath.Glob(filepath.Join(d.folder, "*_SHA256SUMS"))
	must(t, err)
	if len(sums) != 1 {
		t.Fatalf("%s has the SHA256SUMS files %q; one was expected", d.folder, sums)
	}
	d.version = strings.TrimSuffix(strings.TrimPrefix(filepath.Base(sums[0]), project+"_"), "_SHA256SUMS")
	zips, err := filepath.Glob(filepath.Join(d.folder, "*.zip"))
	must(t, err)
	// What registries require: NAME_VERSION_OS_ARCH.zip, the version without a v.
	name := regexp.MustCompile(`^` + project + `_` + regexp.QuoteMeta(d.version) + `_([a-z]+)_([a-z0-9]+)\.zip$`)
	for _, file := range zips {
		parts := name.FindStringSubmatch(filepath.Base(file))
		if parts == nil {
			t.Fatalf("no registry knows what %s is", file)
		}
		d.archives = append(d.archives, archive{file, parts[1], parts[2]})
	}
	return d
}

// path returns the path of a file of the release. File names start with project and version.
func (d *dist) path(rest string) string {
	return filepath.Join(d.folder, project+"_"+d.version+"_"+rest)
}

func (d *dist) snapshot() bool { return strings.Contains(d.version, "-snapshot-") }

// host is the archive for the machine that the tests run on.
func (d *dist) host(t *testing.T) archive {
	t.Helper()
	i := slices.IndexFunc(d.archives, func(a archive) bool {
		return a.system == runtime.GOOS &&
			a.architecture == runtime.GOARCH
	})
	if i < 0 {
		t.Fatalf("%s has no archive for %s/%s", d.folder, runtime.GOOS, runtime.GOARCH)
	}
	return d.archives[i]
}

func TestDist_platforms(t *testing.T) {
	d := openDist(t)
	every := []string{
		"darwin_amd64", "darwin_arm64",
		"freebsd_386", "freebsd_amd64", "freebsd_arm", "freebsd_arm64",
		"linux_386", "linux_amd64", "linux_arm", "linux_arm64",
		"windows_386", "windows_amd64", "windows_arm64",
	}
	var got []string
	for _, a := range d.archives {
		got = append(got, a.platform())
	}
	slices.Sort(got)
	if !d.snapshot() {
		if !slices.Equal(got, every) {
			t.Errorf("the release is for %q; %q were expected", got, every)
		}
		return
	}
	d.host(t)
	if len(got) < 2 || slices.ContainsFunc(got, func(p string) bool { return !slices.Contains(every, p) }) {
		t.Errorf("the snapshot is for %q: two of %q were expected at least", got, every)
	}
}

// A registry takes a release only if SHA256SUMS has every zip and the manifest.
func TestDist_checksums(t *testing.T) {
	d := openDist(t)
	files := map[string]string{project + "_" + d.version + "_manifest.json": filepath.Join(root,
		"terraform-registry-manifest.json")}
	for _, a := range d.archives {
		files[filepath.Base(a.file)] = a.file
		sbom := d.path(a.platform() + ".cdx.json")
		files[filepath.Base(sbom)] = sbom
	}
	said := map[string]bool{}
	for line := range strings.Lines(string(read(t, d.path("SHA256SUMS")))) {
		sum, name, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		file, known := files[name]
		if !known || said[name] {
			t.Errorf("SHA256SUMS has %q, which is no file of the release or named twice", name)
			continue
		}
		said[name] = true
		if got := digest(read(t, file)); got != sum {
			t.Errorf("%s has the checksum %s; SHA256SUMS says %s", file, got, sum)
		}
	}
	for name := range files {
		if !said[name] {
			t.Errorf("SHA256SUMS does not have %s", name)
		}
	}
}

// A release is signed, a snapshot is not.
func TestDist_signature(t *testing.T) {
	d := openDist(t)
	signature := d.path("SHA256SUMS.sig")
	if _, err := os.Stat(signature); d.snapshot() && os.IsNotExist(err) {
		t.Skip("a snapshot has no signature")
	}
	if out, err := exec.CommandContext(t.Context(), "gpg", "--batch", "--verify", signature,
		d.path("SHA256SUMS")).CombinedOutput(); err != nil {
		t.Errorf("the signature: %v\n%s", err, out)
	}
	if bytes.HasPrefix(read(t, signature), []byte("-----BEGIN")) {
		t.Error("the signature is armored; registries take a binary one")
	}
}

func TestManifest_protocol(t *testing.T) {
	var m struct {
		Version  int
		Metadata struct {
			Protocols []string `json:"protocol_versions"`
		}
	}
	must(t, json.Unmarshal(read(t, filepath.Join(root, "terraform-registry-manifest.json")), &m))
	if m.Version != 1 || !slices.Equal(m.Metadata.Protocols, []string{"6.0"}) {
		t.Errorf("the manifest says %+v; the provider speaks protocol 6.0", m)
	}
}

// unpack returns the files of a zip by name.
func unpack(t *testing.T, file string) map[string]*zip.File {
	t.Helper()
	r, err := zip.OpenReader(file)
	must(t, err)
	t.Cleanup(func() { _ = r.Close() })
	files := map[string]*zip.File{}
	for _, f := range r.File {
		files[f.Name] = f
	}
	return files
}

func content(t *testing.T, f *zip.File) []byte {
	t.Helper()
	r, err := f.Open()
	must(t, err)
	raw, err := io.ReadAll(r)
	must(t, err)
	must(t, r.Close())
	return raw
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	raw, err := os.ReadFile(path)
	must(t, err)
	return raw
}

// digest is the SHA-256 of raw in hexadecimal digits.
func digest(raw []byte) string {
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
