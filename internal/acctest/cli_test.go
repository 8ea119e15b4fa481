//go:build unix

package acctest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fakeCLI is a program that says what a version of a CLI does.
func fakeCLI(t *testing.T, name, version string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "cli")
	script := "#!/bin/sh\ncase \"$*\" in\n'version -json') echo '{\"terraform_version\":\"" + version +
		"\"}' ;;\n*) echo '" + name + " v" + version + "' ;;\nesac\n"
	if err := os.WriteFile(path, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestCapability_floorsDependOnTheProduct(t *testing.T) {
	for _, c := range []struct {
		name, version string
		can, cannot   []Capability
	}{
		{"Terraform", "1.8.0", []Capability{RemovedLifecycles}, []Capability{EphemeralValues, WriteOnly, Identities,
			Queries, Actions}},
		{"Terraform", "1.10.5", []Capability{EphemeralValues}, []Capability{WriteOnly}},
		{"Terraform", "1.11.0-rc1", []Capability{EphemeralValues, WriteOnly}, []Capability{Identities}},
		{"Terraform", "1.14.3", []Capability{Identities, Queries, Actions}, nil},
		{"OpenTofu", "1.9.0", nil, []Capability{RemovedLifecycles}},
		{"OpenTofu", "1.10.5", []Capability{RemovedLifecycles}, []Capability{EphemeralValues, WriteOnly}},
		{"OpenTofu", "1.11.0", []Capability{EphemeralValues, WriteOnly}, []Capability{Identities}},
		{"OpenTofu", "1.14.0", []Capability{Identities}, []Capability{Queries, Actions}},
	} {
		cli, err := identifyCLI(fakeCLI(t, c.name, c.version))
		if err != nil {
			t.Fatal(err)
		}
		if cli.String() != c.name+" "+c.version {
			t.Errorf("%s %s is taken for %s", c.name, c.version, cli)
		}
		for _, capability := range c.can {
			if !cli.Can(capability) {
				t.Errorf("%s cannot do %s", cli, capability)
			}
		}
		for _, capability := range c.cannot {
			if cli.Can(capability) {
				t.Errorf("%s can do %s", cli, capability)
			}
		}
	}
}

func TestCapability_isSkippedWithItsFloors(t *testing.T) {
	if got := WriteOnly.String(); got != "write-only attributes (Terraform >= 1.11.0, OpenTofu >= 1.11.0)" {
		t.Errorf("says %q", got)
	}
	if got := Queries.String(); got != "list resources and query (Terraform >= 1.14.0)" {
		t.Errorf("says %q", got)
	}
	cli, err := identifyCLI(fakeCLI(t, "Terraform", "1.9.8"))
	if err != nil {
		t.Fatal(err)
	}
	t.Run("too old", func(t *testing.T) {
		t.Cleanup(func() {
			if !t.Skipped() {
				t.Error("the test was not skipped")
			}
		})
		cli.Need(t, RemovedLifecycles, EphemeralValues)
		t.Error("the test went on")
	})
}

func TestCLI_whatIsNoneIsAnError(t *testing.T) {
	for name, path := range map[string]string{
		"no program": filepath.Join(t.TempDir(), "none"), "no version": fakeCLI(t, "Terraform", ""),
	} {
		if cli, err := identifyCLI(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v, %v", name, cli, err)
		}
	}
}
