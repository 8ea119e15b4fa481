//go:build unix

package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// checkout creates a folder that looks like a checkout of NetBox's repository.
func checkout(t *testing.T, version, model string) string {
	t.Helper()
	folder := t.TempDir()
	for name, text := range map[string]string{
		"requirements.txt":      "Django==5.2.9\n",
		"netbox/release.yaml":   "version: \"" + version + "\"\nedition: \"Community\"\n",
		"netbox/dcim/models.py": model,
	} {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// The provider warns if NetBox is newer than this version.
func TestDefaultVersion_isTheNewestRecorded(t *testing.T) {
	if defaultVersion != string(netboxtest.V47) {
		t.Errorf("got the default version %s, want that of the stand-in, %s", defaultVersion, netboxtest.V47)
	}
}

func TestChooseRelease_package(t *testing.T) {
	for given, want := range map[string]string{"": defaultVersion, "4.7.0": "4.7.0", "4.8.1": "4.8.1"} {
		chosen, err := chooseRelease(given, "")
		if err != nil || chosen.version != want || chosen.source != nil ||
			string(chosen.requirements) != "netbox=="+want+"\n" {
			t.Errorf("%q: got %+v, %v", given, chosen, err)
		}
	}
}

func TestChooseRelease_checkout(t *testing.T) {
	folder := checkout(t, "4.4.10", "a")
	for _, version := range []string{"", "4.4.10"} {
		chosen, err := chooseRelease(version, folder)
		if err != nil || chosen.version != "4.4.10" || chosen.source == nil ||
			string(chosen.requirements) != "Django==5.2.9\n" {
			t.Errorf("%q: got %+v, %v", version, chosen, err)
		}
	}
}

func TestChooseRelease_saysWhatToDo(t *testing.T) {
	other := checkout(t, "4.5.10", "a")
	for name, test := range map[string]struct{ version, source, want string }{
		"no package":    {"4.4.10", "", "git clone --depth 1 --branch v4.4.10 https://github.com/netbox-community/"},
		"another":       {"4.4.10", other, "which has NetBox 4.5.10, not 4.4.10"},
		"no checkout":   {"4.4.10", t.TempDir(), "git clone --depth 1 --branch v4.4.10 https://github.com/"},
		"its subfolder": {"", filepath.Join(other, "netbox"), "not a checkout of NetBox's repository"},
		"minor version": {"4.4", "", `NETBOX_VERSION is "4.4", not a version such as`},
		"tag":           {"v4.4.10", other, `NETBOX_VERSION is "v4.4.10"`},
	} {
		if _, err := chooseRelease(test.version, test.source); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got the error %v, want %q in it", name, err, test.want)
		}
	}
	_, err := chooseRelease("4.6.8", "")
	if missing, ok := errors.AsType[*missingSourceError](err); !ok || missing.version != "4.6.8" {
		t.Errorf("got the error %v", err)
	}
}

// Different NetBoxes must not share entries of the cache.
func TestRelease_partsDiffer(t *testing.T) {
	seen := map[string]string{}
	for name, given := range map[string][2]string{
		"newest": {"", ""}, "package": {"4.7.0", ""},
		"4.4": {"", checkout(t, "4.4.10", "a")}, "4.4, changed": {"", checkout(t, "4.4.10", "b")},
		"4.5": {"", checkout(t, "4.5.10", "a")},
	} {
		chosen, err := chooseRelease(given[0], given[1])
		if err != nil {
			t.Fatal(err)
		}
		key := string(bytes.Join(chosen.parts(), []byte("|")))
		if other, twice := seen[key]; twice {
			t.Errorf("%s and %s have the same key", name, other)
		}
		seen[key] = name
	}
	same, err := chooseRelease("4.5.10", checkout(t, "4.5.10", "a"))
	if err != nil || seen[string(bytes.Join(same.parts(), []byte("|")))] != "4.5" {
		t.Errorf("an equal checkout in another folder has another key, or the error %v", err)
	}
}

func TestSince(t *testing.T) {
	for version, want := range map[string]bool{
		"4.5.0": true, "4.5.10": true, "4.10.0": true, "5.0.0": true, "4.4.10": false, "3.9.9": false,
	} {
		if since(version, "4.5.0") != want {
			t.Errorf("since(%q, \"4.5.0\"): got %t", version, !want)
		}
	}
}
