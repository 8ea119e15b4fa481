//go:build unix

package main

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
)

func installPostgres(t *testing.T, debian, version string, programs ...string) {
	t.Helper()
	for _, program := range programs {
		script(t, filepath.Join(debian, version, "bin"), program, "echo 'postgres (PostgreSQL) "+version+".3'")
	}
}

var allPrograms = []string{"initdb", "postgres", "createdb", "psql", "pg_isready"}

func TestFindPostgres_newestWholeInstallation(t *testing.T) {
	debian := t.TempDir()
	t.Setenv("PATH", "")
	installPostgres(t, debian, "9", allPrograms...)
	installPostgres(t, debian, "15", allPrograms...)
	installPostgres(t, debian, "16", "initdb", "createdb")

	found, err := findPostgres(t.Context(), debian)
	if err != nil {
		t.Fatal(err)
	}
	if found.major != "15" || found.postgres != filepath.Join(debian, "15", "bin", "postgres") {
		t.Errorf("got %+v", found)
	}
}

func TestFindPostgres_saysWhatToInstall(t *testing.T) {
	t.Setenv("PATH", "")
	_, err := findPostgres(t.Context(), t.TempDir())
	if missing, ok := errors.AsType[*missingError](err); !ok || !strings.HasSuffix(missing.install,
		"package postgresql") {
		t.Errorf("got the error %v", err)
	}
}

func TestFindRedis_saysWhatToInstall(t *testing.T) {
	t.Setenv("PATH", "")
	_, err := findRedis()
	if missing, ok := errors.AsType[*missingError](err); !ok || !strings.HasSuffix(missing.install,
		"package redis-server") {
		t.Errorf("got the error %v", err)
	}
}
