package releasetest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestReleaseNotes(t *testing.T) {
	const changelog = `# Changelog

Words before.

## [Unreleased]

### Added

- something to come

## [1.2.0] - 2026-11-30

### Added

- a thing

### Fixed

- another

## [1.1.10] - 2026-11-01

- old

## [1.1.1] - 2026-10-01

[Unreleased]: https://example.com/compare
[1.2.0]: https://example.com/1.2.0
`
	for version, want := range map[string]string{
		"1.2.0":      "### Added\n\n- a thing\n\n### Fixed\n\n- another\n",
		"1.1.10":     "- old\n",
		"1.3.0-rc.1": "### Added\n\n- something to come\n",
		"1.1.1":      "", // says nothing
		"1.1":        "", // begins as others do
		"1.3.0":      "", // not there
	} {
		t.Run(version, func(t *testing.T) {
			dir := t.TempDir()
			must(t, os.Mkdir(filepath.Join(dir, "tools"), 0o700))
			script := filepath.Join(dir, "tools", "release-notes")
			must(t, os.WriteFile(script, read(t, filepath.Join(root, "tools", "release-notes")), 0o600))
			must(t, os.WriteFile(filepath.Join(dir, "CHANGELOG.md"), []byte(changelog), 0o600))
			cmd := exec.CommandContext(t.Context(), "bash", script, version)
			var said strings.Builder
			cmd.Stderr = &said
			out, err := cmd.Output()
			if string(out) != want || (err != nil) != (want == "") {
				t.Errorf("got the notes %q, %v, want %q", out, err, want)
			}
			if want == "" && !strings.Contains(said.String(), "CHANGELOG.md has no section for "+version) {
				t.Errorf("got %q on stderr", said.String())
			}
		})
	}
}
