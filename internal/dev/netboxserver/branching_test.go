//go:build unix

package main

import (
	"slices"
	"strings"
	"testing"
)

func TestBranching_needsNetBox47(t *testing.T) {
	checkedOut := checkout(t, "4.5.10", "a")
	for _, test := range []struct{ version, source, want string }{
		{"4.6.8", "", "selects 4.6.8: leave out -branching"}, {"", checkedOut, "selects 4.5.10: leave out -branching"},
		{"4.7.3", "", ""}, {"4.8.0", "", ""}, {"", "", ""},
	} {
		_, err := settings{branching: true}.release(test.version, test.source)
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%+v: got the error %v", test, err)
		}
	}
	if _, err := (settings{}).release("", checkedOut); err != nil {
		t.Errorf("without branching: got the error %v", err)
	}
}

// TestBranching_isThePluginsLast checks the order of plugins: NetBox Branching supports only the
// models of plugins before it.
func TestBranching_isThePluginsLast(t *testing.T) {
	n := &netBox{settings: settings{branching: true}}
	if got := n.plugins(); got != "netbox_hedgehog netbox_branching" {
		t.Errorf("got the plugins %q", got)
	}
	if got := n.requirements([]string{"other"}); !slices.Equal(got, []string{"other", branchingRequirement}) {
		t.Errorf("got the requirements %q", got)
	}
	n.settings.branching = false
	if n.plugins() != pluginPackage || n.requirements(nil) != nil {
		t.Errorf("without branching: got %q and %q", n.plugins(), n.requirements(nil))
	}
}
