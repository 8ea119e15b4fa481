// Package releasetest tests releases: the files that GoReleaser builds, an installation from
// them, and the workflows that build and check a release.
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
	// test-release sets it. Without it, tests that need such files are skipped.
	distVariable = "HEDGEHOG_RELEASE_DIST"
)

// dist is a folder with the files of a release.
type dist struct {
	folder, version string
	archives        []archive
}

// archive is the zip file for one platform.
type archive struct{ file, system, architecture string }

func (a archive) platform() string { return a.system + "_" + a.architecture }

func openDist(t *testing.T) *dist {
	t.Helper()
	d := &dist{folder: os.Getenv(distVariable)}
	if d.folder == "" {
		t.Skip(distVariable + " is not set; make test-release sets it to the folder of a release")
	}
	sums, err := filepath.Glob(filepath.Join(d.folder, "*_SHA256SUMS"))
	must(t, err)
	if len(sums) != 1 {
		t.Fatalf("%s: got the SHA256SUMS files %q, want one", d.folder, sums)
	}
	d.version = strings.TrimSuffix(strings.TrimPrefix(filepath.Base(sums[0]), project+"_"), "_SHA256SUMS")
	zips, err := filepath.Glob(filepath.Join(d.folder, "*.zip"))
	must(t, err)
	// Registries require NAME_VERSION_OS_ARCH.zip, with the version without a v.
	name := regexp.MustCompile(`^` + project + `_` + regexp.QuoteMeta(d.version) + `_([a-z]+)_([a-z0-9]+)\.zip$`)
	for _, file := range zips {
		parts := name.FindStringSubmatch(filepath.Base(file))
		if parts == nil {
			t.Fatalf("no registry accepts the file name %s", file)
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

// host returns the archive for the machine that the tests run on.
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
			t.Errorf("got the platforms %q, want %q", got, every)
		}
		return
	}
	d.host(t)
	if len(got) < 2 || slices.ContainsFunc(got, func(p string) bool { return !slices.Contains(every, p) }) {
		t.Errorf("got the platforms %q, want at least two of %q", got, every)
	}
}

// A registry accepts a release only if SHA256SUMS lists every zip file and the manifest.
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
			t.Errorf("SHA256SUMS has %q twice, or the release has no such file", name)
			continue
		}
		said[name] = true
		if got := digest(read(t, file)); got != sum {
			t.Errorf("%s: got the checksum %s, want %s from SHA256SUMS", file, got, sum)
		}
	}
	for name := range files {
		if !said[name] {
			t.Errorf("SHA256SUMS does not list %s", name)
		}
	}
}

// Releases are signed; snapshots are not.
func TestDist_signature(t *testing.T) {
	d := openDist(t)
	signature := d.path("SHA256SUMS.sig")
	if _, err := os.Stat(signature); d.snapshot() && os.IsNotExist(err) {
		t.Skip("a snapshot has no signature")
	}
	if out, err := exec.CommandContext(t.Context(), "gpg", "--batch", "--verify", signature,
		d.path("SHA256SUMS")).CombinedOutput(); err != nil {
		t.Errorf("the signature cannot be verified: %v\n%s", err, out)
	}
	if bytes.HasPrefix(read(t, signature), []byte("-----BEGIN")) {
		t.Error("the signature is armored; registries accept only a binary one")
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
		t.Errorf("got the manifest %+v, want protocol 6.0", m)
	}
}

// unpack returns the files of a zip file by name.
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

// digest returns the SHA-256 of raw in hexadecimal digits.
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
