package statuscmd

import (
	"fmt"
	"maps"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cli"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/testserver"
)

// A private key in a variable, in place of its path, is never printed.
func TestStatus_repeatsNoKey(t *testing.T) {
	testserver.WantNoKeyShown(t, func(variables map[string]string) string {
		s := newStandin(t, netboxtest.Options{})
		maps.Copy(s.environment, variables)
		s.want(cli.ExitUsage)
		return s.stdout.String() + s.stderr.String()
	})
}

// Messages name settings by the variables of a command.
func TestStatus_speaksToUsersOfACommand(t *testing.T) {
	testserver.WantCommandWords(t, func(variables testserver.Variables) string {
		s := newStandin(t, netboxtest.Options{})
		maps.Copy(s.environment, variables)
		if code := s.run(); code == cli.ExitSuccess {
			t.Errorf("%v: exit code %d", variables, code)
		}
		return s.stdout.String() + s.stderr.String()
	})
}

// The error about an unusable branch has the variable that names it and what to do next.
func TestStatus_branchThatCannotBeUsed(t *testing.T) {
	merged := func(s *standin) { s.netbox.SetBranchStatus("pr-1", netboxtest.BranchMerged) }
	for name, c := range map[string]struct {
		plugin   bool
		variable string
		value    string
		change   func(*standin)
		code     int
		want     string
	}{
		"no plugin, by header": {variable: "NETBOX_HEADERS", value: inHeader("abcd1234"), code: cli.ExitUnknown,
			want: "every request would be made in main; install NetBox Branching, check that NETBOX_SERVER_URL names " +
				"the right NetBox, or unset X-NetBox-Branch in NETBOX_HEADERS to work in main\n"},
		"no plugin": {variable: "NETBOX_BRANCH", value: "pr-1", code: cli.ExitUnknown,
			want: "or unset NETBOX_BRANCH to work in main\n"},
		"name in the header": {plugin: true, variable: "NETBOX_HEADERS", value: inHeader("pr-1"), code: cli.ExitUsage,
			want: "X-NetBox-Branch in NETBOX_HEADERS takes the schema id of a branch"},
		"no such schema id in the header": {plugin: true, variable: "NETBOX_HEADERS", value: inHeader("zzzzzzzz"),
			code: cli.ExitUnknown, want: `has no branch "zzzzzzzz", or this API token cannot view it; set ` +
				"X-NetBox-Branch in NETBOX_HEADERS to the schema id of a branch, or remove the header and name " +
				"the branch in NETBOX_BRANCH; or unset"},
		"merged": {plugin: true, variable: "NETBOX_BRANCH", value: "pr-1", change: merged, code: cli.ExitUnknown,
			want: `has the status "merged", so it can no longer be used; unset NETBOX_BRANCH to work in main, ` +
				"or set another branch\n"},
		"no permission": {plugin: true, variable: "NETBOX_BRANCH", value: "pr-1", change: func(s *standin) {
			s.environment["NETBOX_API_TOKEN"] = netboxtest.LimitedToken
		}, code: cli.ExitUnknown, want: "the permission view on NetBox Branching: Branch, or set NETBOX_BRANCH to " +
			"the branch's schema id, which needs no permission\n"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStandin(t, netboxtest.Options{Branching: c.plugin})
			if c.plugin {
				s.netbox.AddBranch("pr-1")
			}
			s.environment[c.variable] = c.value
			if c.change != nil {
				c.change(s)
			}
			s.want(c.code)
			wantText(t, s.stderr.String(), c.want)
		})
	}
}

// inHeader returns a value of NETBOX_HEADERS that names a branch.
func inHeader(branch string) string { return fmt.Sprintf(`{"X-NetBox-Branch": %q}`, branch) }
