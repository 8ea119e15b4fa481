//go:build unix

package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// script writes an executable shell script and returns its path.
func script(t *testing.T, folder, name, body string) string {
	t.Helper()
	path := filepath.Join(folder, name)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+body+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestFindPython_passesOverWhatDoesNotServe(t *testing.T) {
	folder := t.TempDir()
	shim := script(t, folder, "shim", `echo "pyenv: python3.12: command not found" >&2; exit 127`)
	old := script(t, folder, "old", "echo 3.11.7")
	good := script(t, folder, "good", "echo 3.13.0")
	later := script(t, folder, "later", "echo 3.12.1")

	found, err := findPython(t.Context(), []string{filepath.Join(folder, "absent"), shim, old, good, later})
	if err != nil || found != (python{path: good, version: "3.13.0"}) {
		t.Errorf("got %+v, %v", found, err)
	}
}

func TestFindPython_saysWhatToInstall(t *testing.T) {
	_, err := findPython(t.Context(), []string{script(t, t.TempDir(), "old", "echo 3.11.7")})
	missing, ok := errors.AsType[*missingError](err)
	if !ok || !strings.Contains(missing.install, "python3.12-venv") || !strings.Contains(missing.install, "pyenv") {
		t.Errorf("got the error %v", err)
	}
}

func TestPythonCandidates_pyenvVersions(t *testing.T) {
	root := t.TempDir()
	for _, version := range []string{"2.7.18", "3.11.7", "3.12.1"} {
		script(t, filepath.Join(root, "versions", version, "bin"), "python3", "")
	}
	bin := t.TempDir()
	script(t, bin, "pyenv", "echo "+root)
	t.Setenv("PATH", bin)
	t.Setenv("PYTHON", "")
	candidates := pythonCandidates(context.Background())
	want := filepath.Join(root, "versions", "3.12.1", "bin", "python3")
	if last := candidates[len(candidates)-1]; last != want || len(candidates) != 6 {
		t.Errorf("got the candidates %q", candidates)
	}

	t.Setenv("PYTHON", "/opt/python")
	if only := pythonCandidates(context.Background()); len(only) != 1 || only[0] != "/opt/python" {
		t.Errorf("with PYTHON set: got the candidates %q", only)
	}
}

func TestNewEnough(t *testing.T) {
	for version, want := range map[string]bool{
		"3.12.1": true, "3.14.0rc1": true, "3.11.9": false, "2.7.18": false, "4.0.0": false, "": false, "3": false,
	} {
		if got := newEnough(version); got != want {
			t.Errorf("newEnough(%q): got %t", version, got)
		}
	}
}
