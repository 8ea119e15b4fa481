//go:build unix

package main

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// missingError is a program that is not installed, with what to install.
type missingError struct {
	program string
	install string
}

func (e *missingError) Error() string {
	return fmt.Sprintf("%s not found; install %s", e.program, e.install)
}

// postgresPrograms are the programs of one PostgreSQL installation.
type postgresPrograms struct {
	initdb, postgres, createdb, psql, isReady string
	major                                     string
}

// findPostgres looks on PATH, then in Debian's folders of server programs, newest version first.
func findPostgres(ctx context.Context, debian string) (postgresPrograms, error) {
	folders := []string{}
	if path, err := exec.LookPath("initdb"); err == nil {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			folders = append(folders, filepath.Dir(real))
		}
	}
	versioned, _ := filepath.Glob(filepath.Join(debian, "*", "bin"))
	slices.SortFunc(versioned, func(a, b string) int { return folderVersion(b) - folderVersion(a) })
	folders = append(folders, versioned...)

	missing := "initdb"
	for _, folder := range folders {
		found := postgresPrograms{}
		missing = ""
		for name, path := range map[string]*string{
			"initdb": &found.initdb, "postgres": &found.postgres,
			"createdb": &found.createdb, "psql": &found.psql, "pg_isready": &found.isReady,
		} {
			if *path = lookIn(folder, name); *path == "" {
				missing = name
			}
		}
		if missing != "" {
			continue
		}
		var err error
		found.major, err = postgresMajor(ctx, found.postgres)
		return found, err
	}
	return postgresPrograms{}, &missingError{program: "PostgreSQL's " + missing, install: "the Debian package " +
		"postgresql"}
}

// lookIn returns the program in the folder, or else the one on PATH. Client programs may be
// in another folder than the server's.
func lookIn(folder, name string) string {
	for _, candidate := range []string{filepath.Join(folder, name), name} {
		if path, err := exec.LookPath(candidate); err == nil {
			return path
		}
	}
	return ""
}

func folderVersion(bin string) int {
	version, _ := strconv.Atoi(filepath.Base(filepath.Dir(bin)))
	return version
}

var majorVersion = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// postgresMajor returns the major version. Data folders are compatible within a major version.
func postgresMajor(ctx context.Context, postgres string) (string, error) {
	output, err := exec.CommandContext(ctx, postgres, "--version").Output()
	if err != nil {
		return "", fmt.Errorf("%s --version: %w", postgres, err)
	}
	match := majorVersion.FindStringSubmatch(string(output))
	if match == nil {
		return "", fmt.Errorf("%s --version: no version in %q", postgres, strings.TrimSpace(string(output)))
	}
	return match[1], nil
}

func findRedis() (string, error) {
	path, err := exec.LookPath("redis-server")
	if err != nil {
		return "", &missingError{program: "redis-server", install: "the Debian package redis-server"}
	}
	return path, nil
}
