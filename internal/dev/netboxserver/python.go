//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/dev/process"
)

// oldestPython is the oldest minor version of Python 3 that NetBox 4.7 runs on.
const oldestPython = 12

// python is an interpreter that can create a virtual environment.
type python struct {
	path    string
	version string // such as 3.12.1
}

// findPython returns the first candidate that works. It skips a pyenv shim whose version is
// not selected, and a Python without venv.
func findPython(ctx context.Context, candidates []string) (python, error) {
	for _, candidate := range candidates {
		version, err := askPython(ctx, candidate)
		if err != nil {
			continue
		}
		if newEnough(version) {
			return python{path: candidate, version: version}, nil
		}
	}
	return python{}, &missingError{
		program: fmt.Sprintf("a Python >= 3.%d with venv, among %s,", oldestPython, strings.Join(candidates, ", ")),
		install: fmt.Sprintf("the Debian packages python3.%d and python3.%[1]d-venv, or one with pyenv, or set PYTHON",
			oldestPython),
	}
}

// pythonCandidates returns PYTHON if the user set it, else the Pythons on PATH and then
// pyenv's versions.
func pythonCandidates(ctx context.Context) []string {
	if chosen := os.Getenv("PYTHON"); chosen != "" {
		return []string{chosen}
	}
	candidates := []string{"python3.12", "python3.13", "python3.14", "python3"}
	root, err := exec.CommandContext(ctx, "pyenv", "root").Output()
	if err != nil {
		return candidates
	}
	installed, _ := filepath.Glob(filepath.Join(strings.TrimSpace(string(root)), "versions", "3.*", "bin", "python3"))
	slices.Sort(installed)
	return append(candidates, installed...)
}

func askPython(ctx context.Context, path string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	question := "import ensurepip, venv, platform; print(platform.python_version())"
	output, err := exec.CommandContext(ctx, path, "-c", question).Output()
	return strings.TrimSpace(string(output)), err
}

func newEnough(version string) bool {
	major, rest, _ := strings.Cut(version, ".")
	minor, _, _ := strings.Cut(rest, ".")
	number, err := strconv.Atoi(minor)
	return err == nil && major == "3" && number >= oldestPython
}

// environment is a Python virtual environment with NetBox in it.
type environment struct {
	folder string
}

func (e environment) program(name string) string { return filepath.Join(e.folder, "bin", name) }

// source returns the folder of a NetBox that is not a Python package.
func (e environment) source() string { return filepath.Join(e.folder, "netbox") }

// prepareEnvironment returns the environment for this Python, NetBox and other packages, from
// the cache or newly created. Environments cannot be moved, so it is created in place. A
// marker, written last, shows that it is complete.
func prepareEnvironment(ctx context.Context, store cache, from python, netbox release, extra []string,
	report *process.Progress) (environment, error) {
	parts := append([][]byte{[]byte(from.version), []byte(from.path)}, netbox.parts()...)
	key := contentKey(append(parts, []byte(strings.Join(extra, " ")))...)
	result := environment{folder: store.path("python-" + from.version + "-" + key)}
	unlock, err := store.lock(ctx, filepath.Base(result.folder), report)
	if err != nil {
		return environment{}, err
	}
	defer unlock()

	marker := filepath.Join(result.folder, "complete")
	if _, err := os.Stat(marker); err == nil {
		return result, store.touch(marker)
	}
	if err := os.RemoveAll(result.folder); err != nil {
		return environment{}, err
	}
	err = report.Step("install NetBox "+netbox.version+" for Python "+from.version, func() error {
		return installNetBox(ctx, result, from, netbox, extra)
	})
	if err != nil {
		return environment{}, err
	}
	return result, os.WriteFile(marker, nil, 0o600)
}

func installNetBox(ctx context.Context, into environment, from python, netbox release, extra []string) error {
	log := into.folder + ".log"
	if err := os.Remove(log); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := process.RunStep(ctx, exec.Command(from.path, "-m", "venv", into.folder), log); err != nil {
		return err
	}
	pinned := filepath.Join(into.folder, "requirements.txt")
	if err := os.WriteFile(pinned, netbox.requirements, 0o600); err != nil {
		return err
	}
	if netbox.source != nil {
		if err := os.CopyFS(into.source(), netbox.source); err != nil {
			return fmt.Errorf("copy NetBox's sources: %w", err)
		}
	}
	arguments := append([]string{"-m", "pip", "install", "--disable-pip-version-check", "--no-input", "-r", pinned},
		extra...)
	err := process.RunStep(ctx, exec.Command(into.program("python"), arguments...), log)
	if failed, ok := errors.AsType[*process.Error](err); ok && strings.Contains(failed.Tail, "psycopg") {
		return fmt.Errorf("%w\nNetBox compiles psycopg: it needs the Debian packages gcc and libpq-dev, and Python's "+
			"headers", err)
	}
	return err
}
