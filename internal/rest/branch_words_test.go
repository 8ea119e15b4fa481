package rest

import (
	"strings"
	"testing"
)

// Every reason has its own next step. It names the setting with the branch in the words of
// its readers.
func TestBranchError_saysWhatToDoNext(t *testing.T) {
	names := map[Audience]map[bool]string{
		TerraformUsers: {false: "branch (or NETBOX_BRANCH)", true: "X-NetBox-Branch in headers (or NETBOX_HEADERS)"},
		CommandUsers:   {false: "NETBOX_BRANCH", true: "X-NetBox-Branch in NETBOX_HEADERS"},
	}
	for reason, want := range map[BranchReason]string{
		BranchPluginMissing: "names the right NetBox, or unset %s to work in main",
		BranchHeaderLost:    "configure it to pass the header on",
		BranchUnknown:       "set %s to the ",
		BranchGone:          "in a branch that exists",
		BranchForbidden:     "the permission view on NetBox Branching: Branch, or set %s to the branch's schema id",
		BranchRefused:       "check %s and the branch's status in NetBox",
		BranchNotReady:      "check that NetBox's background worker (netbox rqworker) is running",
		BranchMerging:       "unset %s to work in main, or set another branch",
		BranchEnded:         "unset %s to work in main, or set another branch",
		BranchBroken:        "ask a NetBox administrator to repair the branch",
	} {
		for _, test := range []struct {
			to       Audience
			byHeader bool
		}{{TerraformUsers, false}, {TerraformUsers, true}, {CommandUsers, false}, {CommandUsers, true}} {
			e := &BranchError{ServerURL: "https://netbox.example.com", Branch: "pr-1", ByHeader: test.byHeader,
				Reason: reason, Status: "syncing", to: test.to}
			what, advice := e.Explain()
			if what != e.Error() || !strings.Contains(what, `the branch "pr-1"`) && !strings.Contains(what,
				`no branch "pr-1"`) || !strings.Contains(what, e.ServerURL) {
				t.Errorf("%d: got %s", reason, what)
			}
			setting := names[test.to][test.byHeader]
			if want := strings.ReplaceAll(want, "%s", setting); !strings.Contains(advice, want) {
				t.Errorf("%d, %+v: got %s, want %s", reason, test, advice, want)
			}
			if name := strings.Contains(advice, "exact name"); name != (reason == BranchUnknown && !test.byHeader) {
				t.Errorf("%d, %+v: got %s", reason, test, advice)
			}
			branch := names[test.to][false]
			if test.byHeader && strings.Contains(strings.ReplaceAll(advice, "name the branch in "+branch, ""), branch) {
				t.Errorf("%d: %s names a setting that is not set", reason, advice)
			}
			if test.to == CommandUsers && strings.Contains(advice, "(or ") {
				t.Errorf("%d, %+v: got %s", reason, test, advice)
			}
		}
	}
}
