package rest

import "fmt"

// Explain returns why the branch cannot be used, and what to do next: two sentences, without
// a capital letter and a period.
func (e *BranchError) Explain() (what, advice string) {
	branch := e.to.Name(settingBranch)
	setting := branch
	if e.ByHeader {
		setting = branchHeader + " in " + e.to.Name(settingHeaders)
	}
	main := "unset " + setting + " to work in main"
	switch e.Reason {
	case BranchPluginMissing:
		advice = "install NetBox Branching, check that " + e.to.Name(settingServerURL) + " names the right NetBox, " +
			"or " + main
	case BranchHeaderLost:
		advice = "a proxy or gateway in front of NetBox removes the header; configure it to pass the header on"
	case BranchUnknown:
		advice = "set " + setting + " to the exact name, which is case-sensitive, or to the schema id of 8 " +
			"characters; or " + main
		if e.ByHeader {
			advice = "set " + setting + " to the schema id of a branch, or remove the header and name the branch " +
				"in " + branch + "; or " + main
		}
	case BranchGone:
		advice = "run the command again in a branch that exists; a new branch with the same name counts as " +
			"another branch"
	case BranchForbidden:
		advice = "give the token's user the permission view on NetBox Branching: Branch, or set " + setting + " to " +
			"the branch's schema id, which needs no permission"
	case BranchRefused:
		advice = "check " + setting + " and the branch's status in NetBox, or give the token's user the permission " +
			"view on NetBox Branching: Branch"
	case BranchNotReady:
		advice = "wait until the branch is ready; if it stays new, check that NetBox's background " +
			"worker (netbox rqworker) is running"
	case BranchMerging, BranchEnded:
		advice = main + ", or set another branch"
	case BranchBroken:
		advice = "ask a NetBox administrator to repair the branch (its page in NetBox shows its jobs), or set " +
			setting + " to another branch"
	}
	return e.Error(), advice
}

// Error returns why the branch cannot be used. Its words fit every program.
func (e *BranchError) Error() string {
	branch, at := fmt.Sprintf("the branch %q", e.Branch), "the NetBox at "+e.ServerURL
	switch e.Reason {
	case BranchPluginMissing:
		return branch + " cannot be used: " + at + " does not have the " + branchPlugin + " plugin, and without it " +
			"every request would be made in main"
	case BranchHeaderLost:
		return branch + " cannot be used: requests to " + e.ServerURL + " have the header " + branchHeader + ", but " +
			"NetBox answers them as if they had none, so they would be made in main"
	case BranchUnknown:
		return fmt.Sprintf("%s has no branch %q, or this API token cannot view it", at, e.Branch)
	case BranchGone:
		return branch + " of " + at + " was deleted during this run"
	case BranchForbidden:
		return at + " does not let this API token look up " + branch + " by its name"
	case BranchRefused:
		return at + " refuses " + branch + ": it does not exist, or it is not ready (NetBox gives the same answer " +
			"for both, and this API token cannot view branches)"
	case BranchNotReady:
		return fmt.Sprintf("%s of %s has the status %q, and did not become ready in time", branch, at, e.Status)
	case BranchMerging, BranchEnded:
		return fmt.Sprintf("%s of %s has the status %q, so it can no longer be used", branch, at, e.Status)
	}
	return fmt.Sprintf("%s of %s cannot be used: it has the status %q", branch, at, e.Status)
}
