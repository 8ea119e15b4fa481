//go:build unix

package main

import (
	"slices"
	"strings"
	"testing"
)

func TestBranching_needsNetBox47(t *testing.T) {
	for version, want := range map[string]string{"4.6.8": "names 4.6.8", "4.7.3": "", "4.8.0": "", "": ""} {
		err := settings{branching: true}.checkBranching(release{version: version})
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", version, err)
		}
		if err := (settings{}).checkBranching(release{version: version}); err != nil {
			t.Errorf("%s without branching: %v", version, err)
		}
	}
}

// TestBranching_isThePluginsLast holds its place: NetBox Branching takes the models of
// plugins before it only.
func TestBranching_isThePluginsLast(t *testing.T) {
	n := &netBox{settings: settings{branching: true}}
	if got := n.plugins(); got != "netbox_hedgehog netbox_branching" {
		t.Errorf("plugins %q", got)
	}
	if got := n.requirements([]string{"other"}); !slices.Equal(got, []string{"other", branchingRequirement}) {
		t.Errorf("requirements %q", got)
	}
	n.settings.branching = false
	if n.plugins() != pluginPackage || n.requirements(nil) != nil {
		t.Errorf("without it: %q, %q", n.plugins(), n.requirements(nil))
	}
}
