//go:build unix

package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/clustertest"
)

// started returns the folder of a playground whose NetBox runs.
func started(t *testing.T) (*folder, *netBox) {
	t.Helper()
	t.Setenv("HEDGEHOG_ACC_SERVER_URL", "")
	n, err := startNetBox(t.Context())
	must(t, err)
	t.Cleanup(n.stop)
	f, err := openFolder(t.Context(), filepath.Join(t.TempDir(), "playground"))
	must(t, err)
	must(t, f.write(n, map[string]*clustertest.Server{}))
	return f, n
}

func TestFolder_ofARunningPlaygroundIsRefused(t *testing.T) {
	f, n := started(t)
	if _, err := openFolder(t.Context(), f.path); err == nil || !strings.Contains(err.Error(), "another playground") {
		t.Errorf("while its NetBox runs: %v", err)
	}
	n.stop()
	if _, err := openFolder(t.Context(), f.path); err != nil {
		t.Errorf("after its NetBox was stopped: %v", err)
	}
}

// A folder with other files may hold the state of something real.
func TestFolder_ofSomethingElseIsRefused(t *testing.T) {
	path := t.TempDir()
	for _, name := range []string{"terraform.tfstate", environmentFile} {
		must(t, os.WriteFile(filepath.Join(path, name), []byte("{}"), 0o600))
		if _, err := openFolder(t.Context(), path); err == nil || !strings.Contains(err.Error(), "-folder") {
			t.Errorf("with %s: %v", name, err)
		}
	}
}

func TestFolder_keepsTheUsersFilesAndNoState(t *testing.T) {
	f, n := started(t)
	for _, name := range []string{"mine.tf", "terraform.tfstate", "terraform.tfstate.backup"} {
		must(t, os.WriteFile(f.in(name), []byte("# "), 0o600))
	}
	must(t, os.WriteFile(f.in("main.tf"), nil, 0o600))
	n.stop()
	again, err := openFolder(t.Context(), f.path)
	must(t, err)
	must(t, again.write(n, map[string]*clustertest.Server{}))
	names, err := filepath.Glob(f.in("*"))
	must(t, err)
	for i := range names {
		names[i] = filepath.Base(names[i])
	}
	want := []string{"cli.tfrc", "env.sh", "imports.tf", "main.tf", "mine.tf", "status.tf"}
	if !slices.Equal(names, want) {
		t.Errorf("the folder has %q, want %q", names, want)
	}
	if text, err := os.ReadFile(f.in("main.tf")); err != nil || len(text) == 0 {
		t.Errorf("main.tf was not written again: %v", err)
	}
}

// The playground must not add its fabrics to a NetBox that is in use.
func TestNetBox_withFabricsIsRefused(t *testing.T) {
	_, n := started(t)
	must(t, n.fill(t.Context(), map[string]*clustertest.Server{}))
	t.Setenv("HEDGEHOG_ACC_SERVER_URL", n.URL)
	t.Setenv("HEDGEHOG_ACC_API_TOKEN", n.token)
	if _, err := startNetBox(t.Context()); err == nil || !strings.Contains(err.Error(), "has 8 fabrics") {
		t.Errorf("a NetBox with fabrics: %v", err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
