//go:build unix

package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/dev/process"
)

func dumpNamesOf(t *testing.T, plugin fstest.MapFS, major string) (bare, whole string) {
	t.Helper()
	n := &netBox{plugin: plugin, postgres: &postgres{programs: postgresPrograms{major: major}}}
	bare, whole, err := n.dumpNames()
	if err != nil {
		t.Fatal(err)
	}
	return bare, whole
}

func TestDumpNames_followTheirContent(t *testing.T) {
	plugin := func(name, text string) fstest.MapFS {
		return fstest.MapFS{"__init__.py": {Data: []byte("x")}, name: {Data: []byte(text)}}
	}
	bare, whole := dumpNamesOf(t, plugin("models.py", "a"), "15")
	names := []string{whole}
	for _, changed := range []fstest.MapFS{plugin("models.py", "b"), plugin("model.py", "a"), plugin("models.py", "")} {
		changedBare, changedWhole := dumpNamesOf(t, changed, "15")
		if changedBare != bare {
			t.Error("NetBox's own dump depends on the plugin")
		}
		names = append(names, changedWhole)
	}
	slices.Sort(names)
	if distinct := len(slices.Compact(names)); distinct != 4 {
		t.Errorf("got %d dumps for 4 plugins, want one for each", distinct)
	}
	if otherBare, otherWhole := dumpNamesOf(t, plugin("models.py", "a"), "16"); otherBare == bare ||
		otherWhole == whole {
		t.Error("PostgreSQL 15 and 16 use the same dump")
	}
}

func TestDumpNames_ignoreCompiledFiles(t *testing.T) {
	_, plain := dumpNamesOf(t, fstest.MapFS{"__init__.py": {Data: []byte("x")}}, "15")
	_, compiled := dumpNamesOf(t, fstest.MapFS{
		"__init__.py":                     {Data: []byte("x")},
		"__pycache__/__init__.cpython.py": {Data: []byte("y")},
		"api/old.pyc":                     {Data: []byte("z")},
	}, "15")
	if plain != compiled {
		t.Error("the name of the dump depends on compiled files")
	}
}

func TestContentKey_keepsPartsApart(t *testing.T) {
	if contentKey([]byte("ab"), []byte("c")) == contentKey([]byte("a"), []byte("bc")) {
		t.Error("different parts have the same key")
	}
}

func TestFixture_isEmbeddedWhole(t *testing.T) {
	plugin, err := openPlugin("")
	if err != nil {
		t.Fatal(err)
	}
	names := []string{}
	if err := walkSources(plugin, func(name string, _ []byte) error {
		names = append(names,
			name)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"__init__.py", "api/__init__.py", "migrations/0001_initial.py",
		"migrations/__init__.py"} {
		if !slices.Contains(names, want) {
			t.Errorf("got the files %q, want %s among them", names, want)
		}
	}
}

func TestLock_oneAtATime(t *testing.T) {
	store := cache{folder: t.TempDir()}
	quiet := &process.Progress{Output: io.Discard}
	unlock, err := store.lock(t.Context(), "thing", quiet)
	if err != nil {
		t.Fatal(err)
	}
	waiting, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := store.lock(waiting, "thing", quiet); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a second lock: got the error %v", err)
	}
	unlock()
	unlock, err = store.lock(t.Context(), "thing", quiet)
	if err != nil {
		t.Fatalf("a lock after the unlock: got the error %v", err)
	}
	unlock()
}

func TestPrune_removesWhatWasNotUsed(t *testing.T) {
	store := cache{folder: t.TempDir()}
	now := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	for name, age := range map[string]time.Duration{"old": keepUnused + time.Hour, "new": keepUnused - time.Hour} {
		path := store.path(name + dumpSuffix)
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, now.Add(-age), now.Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.prune(now); err != nil {
		t.Fatal(err)
	}
	left, _ := filepath.Glob(store.path("*"))
	if len(left) != 1 || filepath.Base(left[0]) != "new"+dumpSuffix {
		t.Errorf("got the files %q after prune", left)
	}
}

func TestDump_roundTrip(t *testing.T) {
	source := t.TempDir()
	for name, mode := range map[string]os.FileMode{"PG_VERSION": 0o600, "base/1/112": 0o640} {
		path := filepath.Join(source, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(name), mode); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(source, "pg_twophase"), 0o700); err != nil {
		t.Fatal(err)
	}
	dump := filepath.Join(t.TempDir(), "x"+dumpSuffix)
	if err := saveFolder(source, dump); err != nil {
		t.Fatal(err)
	}
	restored := filepath.Join(t.TempDir(), "data")
	if err := restoreFolder(dump, restored, nil); err != nil {
		t.Fatal(err)
	}
	for name, mode := range map[string]os.FileMode{
		".": os.ModeDir | 0o700, "PG_VERSION": 0o600, "base/1/112": 0o640, "pg_twophase": os.ModeDir | 0o700,
	} {
		info, err := os.Stat(filepath.Join(restored, name))
		if err != nil || info.Mode() != mode {
			t.Errorf("%s: got %v, %v, want the mode %v", name, info, err, mode)
		}
	}
	if text, _ := os.ReadFile(filepath.Join(restored, "base/1/112")); string(text) != "base/1/112" {
		t.Errorf("got the content %q", text)
	}
}
