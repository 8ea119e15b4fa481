package rest

import (
	"strings"
	"testing"
)

// Every reason has its own next step. It names the setting with the branch in the program's
// words.
func TestBranchError_saysWhatToDoNext(t *testing.T) {
	by := BranchSettings{Branch: "--branch", Header: "--header", ServerURL: "--server"}
	for reason, want := range map[BranchReason]string{
		BranchPluginMissing: "check that --server names the right NetBox, or unset %s to work in main",
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
		for byHeader, setting := range map[bool]string{false: by.Branch, true: by.Header} {
			e := &BranchError{ServerURL: "https://netbox.example.com", Branch: "pr-1", ByHeader: byHeader,
				Reason: reason, Status: "syncing"}
			what, advice := e.Explain(by)
			if what != e.Error() || !strings.Contains(what, `the branch "pr-1"`) && !strings.Contains(what,
				`no branch "pr-1"`) || !strings.Contains(what, e.ServerURL) {
				t.Errorf("%d: %s", reason, what)
			}
			if want := strings.ReplaceAll(want, "%s", setting); !strings.Contains(advice, want) {
				t.Errorf("%d, by header %t: %s, want %s", reason, byHeader, advice, want)
			}
			if name := strings.Contains(advice, "exact name"); name != (reason == BranchUnknown && !byHeader) {
				t.Errorf("%d, by header %t: %s", reason, byHeader, advice)
			}
			if byHeader && strings.Contains(strings.ReplaceAll(advice, "name the branch in --branch", ""), by.Branch) {
				t.Errorf("%d: %s names a setting that is not set", reason, advice)
			}
		}
	}
}
