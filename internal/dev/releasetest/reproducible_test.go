package releasetest

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// With the commit and the same Go version, go build makes the same binary in any folder. The
// other files of an archive come from the commit too (TestArchives_files).
func TestBinary_sameBytesByGoBuildElsewhere(t *testing.T) {
	d := openDist(t)
	a := d.host(t)
	released := content(t, unpack(t, a.file)[d.binary(a)])
	build := buildOf(t)
	elsewhere := copyTree(t)
	built := filepath.Join(t.TempDir(), "provider")
	args := append([]string{"build", "-o", built}, build.Flags...)
	args = append(args, "-ldflags", strings.ReplaceAll(strings.Join(build.Ldflags, " "), "{{ .Version }}", d.version),
		".")
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = elsewhere
	cmd.Env = append(os.Environ(), build.Env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go %q: %v\n%s", args, err, out)
	}
	if got, want := digest(read(t, built)), digest(released); got != want {
		t.Errorf("go %q gives a binary with the checksum %s; the release's has %s.\n"+
			"Built are the settings %v, released %v. Was this tree changed since?", args, got, want,
			settings(t, read(t, built)), settings(t, released))
	}
}

// build has the parts of a build in .goreleaser.yml that the test reads.
type build struct{ Env, Flags, Ldflags []string }

func buildOf(t *testing.T) build {
	t.Helper()
	var c struct{ Builds []build }
	must(t, yaml.Unmarshal(read(t, filepath.Join(root, ".goreleaser.yml")), &c))
	if len(c.Builds) != 1 {
		t.Fatalf(".goreleaser.yml has %d builds, want one", len(c.Builds))
	}
	return c.Builds[0]
}

// copyTree clones the repository into a folder, with uncommitted changes.
func copyTree(t *testing.T) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("this system does not keep git's file modes")
	}
	from, err := filepath.Abs(root)
	must(t, err)
	to := filepath.Join(t.TempDir(), "elsewhere")
	git(t, root, "clone", "--quiet", "--shared", from, to)
	changed := git(t, from, "diff", "--name-only", "-z", "HEAD") + git(t, from, "ls-files", "-z", "--others",
		"--exclude-standard")
	for name := range strings.SplitSeq(changed, "\x00") {
		if name == "" {
			continue // after the last
		}
		source, target := filepath.Join(from, name), filepath.Join(to, name)
		info, err := os.Stat(source)
		if os.IsNotExist(err) {
			must(t, os.Remove(target))
			continue
		}
		must(t, err)
		must(t, os.MkdirAll(filepath.Dir(target), 0o700))
		must(t, os.WriteFile(target, read(t, source), info.Mode()))
	}
	return to
}
